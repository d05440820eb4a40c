//! `ketlab serve`: opens the data folder, serves until a signal, then drains.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::store::Store;
use crate::auth::address::{Network, Proxies};
use crate::auth::mail::{Mailer, Smtp};
use crate::db::Place;
use crate::page::Page;
use crate::{AppState, Parts, data_folder, listen, metrics, router, sweep};

/// How long requests in flight may go on after a signal to stop.
const DRAIN: Duration = Duration::from_secs(25);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port. Port 0 takes a free one.
    #[arg(long, env = "KETLAB_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: String,

    #[command(flatten)]
    pub store: Store,

    /// A proxy whose `X-Forwarded-For` is believed: an address or a range such as 10.0.0.0/8.
    /// May be given several times, or with commas in the variable.
    #[arg(long = "proxy", env = "KETLAB_PROXIES", value_name = "ADDRESS", value_delimiter = ',')]
    pub proxies: Vec<Network>,

    /// Mail server: `smtps://USER:PASSWORD@HOST`, `smtp://USER:PASSWORD@HOST?tls=required`, or
    /// `smtp://HOST:PORT` for one on this machine. Without it no mail is sent.
    #[arg(long, env = "KETLAB_MAIL", value_name = "URL", hide_env_values = true)]
    pub mail: Option<String>,

    /// Who mail is from, such as `Ketlab <lab@example.org>`.
    #[arg(long, env = "KETLAB_MAIL_FROM", value_name = "ADDRESS", requires = "mail")]
    pub mail_from: Option<String>,

    /// Where browsers find the page, for links in mails: `https://lab.example.org`
    #[arg(long, env = "KETLAB_URL", value_name = "URL")]
    pub url: Option<String>,

    /// Address and port for `/metrics` (Prometheus). Only the operator is to reach it.
    #[arg(long, env = "KETLAB_METRICS", value_name = "ADDRESS")]
    pub metrics: Option<String>,

    /// Serve the page from this folder instead of the one built in: for work on the page.
    #[arg(long, env = "KETLAB_PAGE_DIR", value_name = "DIR", hide = true)]
    pub page_dir: Option<PathBuf>,

    /// What to log: a level, or levels by module such as `info,server=debug`.
    #[arg(long, env = "KETLAB_LOG", default_value = "info", value_name = "FILTER")]
    pub log: Targets,
}

/// Exit code 0 after an orderly stop, 1 where the server could not start or run.
pub fn main(args: &Args) -> ExitCode {
    start_logging(&args.log);
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
        .and_then(|runtime| runtime.block_on(run(args)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    // Before anything else, so that a signal during the start is not lost.
    let stop = listen::stop_signal().context("cannot listen for signals")?;

    let page = match &args.page_dir {
        Some(folder) => Page::folder(folder.clone()),
        None => Page::embedded(),
    };
    let folder = args.store.folder()?;
    // Several servers share a PostgreSQL database, and none an SQLite file.
    let _alone = match args.store.place()? {
        Place::File(_) => {
            Some(data_folder::lock(&folder).context("another server is using the data folder")?)
        }
        Place::Postgres(_) => None,
    };
    let db = args.store.open().await?;

    let listener = TcpListener::bind(&args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("the listener has no address")?;

    let mut parts = Parts::new(db.clone(), page);
    parts.proxies = Proxies::new(args.proxies.clone());
    if let Some(server) = &args.mail {
        let from = args.mail_from.as_deref().context("--mail needs --mail-from")?;
        let url = args.url.as_deref().context("--mail needs --url, for the links in mails")?;
        let smtp = Smtp::new(server, from, url).context("cannot send mail")?;
        let (mailer, queue) = Mailer::queue();
        tokio::spawn(smtp.run(queue));
        parts.mailer = Some(mailer);
    }
    let state = AppState::new(parts);
    if let Some(address) = &args.metrics {
        let handle = metrics::start().context("cannot count")?;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr().context("the listener has no address")?;
        let routes = metrics::router(state.clone(), handle);
        tokio::spawn(listen::serve(listener, routes, Duration::ZERO, std::future::pending()));
        let _ = writeln!(std::io::stdout(), "Metrics are at http://{address}/metrics");
    }
    let sweeper = tokio::spawn(sweep::run(state.clone()));
    tracing::info!(%address, data = %folder.display(), database = db.kind(), "serving");
    // For people and for programs that asked for port 0; the log goes to standard error. Nobody
    // may be reading it, which is no reason to stop.
    let _ = writeln!(std::io::stdout(), "Ketlab is at http://{address}");

    let app = router(state.clone());
    listen::serve(listener, app, DRAIN, async move {
        stop.await;
        tracing::info!("stopping: no new connections, requests in flight may finish");
        state.start_draining();
    })
    .await;

    sweeper.abort();
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Text on a terminal, one JSON object per line elsewhere; both on standard error.
fn start_logging(filter: &Targets) {
    // Whatever the filter says: these log addresses, and a complaint for each foreign cookie.
    let filter = filter
        .clone()
        .with_target("tower_sessions", tracing::Level::ERROR)
        .with_target("tower_http", tracing::Level::ERROR);
    let registry = tracing_subscriber::registry().with(filter);
    if std::io::stderr().is_terminal() {
        registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).init();
    } else {
        let json = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(std::io::stderr);
        registry.with(json).init();
    }
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic: {message}");
    }));
}
