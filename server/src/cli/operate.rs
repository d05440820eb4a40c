//! What an operator does beside serving: `ketlab migrate`, `backup`, `restore` and `admin`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use api::http::account::Role;
use api::http::admin::ChangeUser;
use clap::{Subcommand, ValueEnum};

use super::store::Store;
use crate::auth::{email, secret};
use crate::clock::Clock;
use crate::data_folder;
use crate::db::audit::Event;
use crate::db::tokens::Purpose;
use crate::db::users::User;
use crate::db::verify::{Report, verify};
use crate::db::{Db, FILE, Place, Tx, admin, audit, tokens, users};

/// How long a link to set a password is good for.
const LINK_US: i64 = 3600 * 1_000_000;

#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The file to write. It must not exist yet.
    file: PathBuf,

    #[command(flatten)]
    store: Store,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// A file that `ketlab backup` wrote.
    file: PathBuf,

    /// Put the database that is there aside, with a name that ends in `.before-restore`.
    #[arg(long)]
    replace: bool,

    #[command(flatten)]
    store: Store,
}

#[derive(Debug, clap::Args)]
pub struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,

    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Give a user another role. The first administrator signs up and is named here.
    Role { email: String, role: RoleName },
    /// Print a link's token with which a user sets a new password, once, within an hour.
    Reset { email: String },
    /// End all sessions of a user and let nobody sign in as that one.
    Suspend { email: String },
    /// Take a suspension back.
    Unsuspend { email: String },
    /// Read everything and say whether it is whole.
    Verify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    Learner,
    Author,
    Operator,
    Admin,
}

/// Runs to the end; prints what came of it.
fn run(work: impl Future<Output = Result<String>>) -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
        .and_then(|runtime| runtime.block_on(work));
    match outcome {
        Ok(text) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "ketlab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `ketlab migrate`
pub fn migrate(args: &MigrateArgs) -> ExitCode {
    run(async {
        let db = args.store.open().await?;
        db.close().await;
        Ok("the tables are up to date".to_owned())
    })
}

/// `ketlab backup`: while the server runs.
pub fn backup(args: &BackupArgs) -> ExitCode {
    run(async {
        let file = &args.file;
        ensure!(!file.exists(), "{} exists; a backup overwrites nothing", file.display());
        let Place::File(source) = args.store.place()? else {
            bail!(
                "the backup of a PostgreSQL database is the database's own: pg_dump, or its archive of logs"
            );
        };
        ensure!(source.exists(), "there is no database at {}", source.display());
        let db = args.store.open().await?;
        // Under another name until it is whole.
        let part = with_suffix(file, ".part");
        let _ = std::fs::remove_file(&part);
        data_folder::create_private_file(&part)?;
        db.copy_to(&part).await.context("not SQLite")?.context("cannot write the copy")?;
        db.close().await;
        let report = check(&part).await?;
        sync(&part)?;
        std::fs::rename(&part, file)?;
        sync_folder(file)?;
        Ok(format!("{}: {report}", file.display()))
    })
}

/// `ketlab restore`: while no server runs.
pub fn restore(args: &RestoreArgs) -> ExitCode {
    run(async {
        let Place::File(target) = args.store.place()? else {
            bail!("a PostgreSQL database is restored with its own tools");
        };
        let folder = target.parent().context("the database has no folder")?;
        let _alone = data_folder::lock(folder)
            .context("a server is using the data folder; stop it first")?;
        ensure!(
            args.replace || !target.exists(),
            "there is a database at {}; --replace puts it aside",
            target.display()
        );
        let part = with_suffix(&target, ".part");
        let _ = std::fs::remove_file(&part);
        data_folder::create_private_file(&part)?;
        std::fs::copy(&args.file, &part)
            .with_context(|| format!("cannot copy {}", args.file.display()))?;
        let report = check(&part).await.context("the backup cannot be used")?;
        sync(&part)?;
        if target.exists() {
            // Its log belongs to it: it is folded in first.
            Db::open(&Place::File(target.clone())).await?.close().await;
            std::fs::rename(&target, with_suffix(&target, ".before-restore"))?;
        }
        for companion in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(with_suffix(&target, companion));
        }
        std::fs::rename(&part, &target)?;
        sync_folder(&target)?;
        Ok(format!("{}: {report}", target.display()))
    })
}

/// Opens a copy, reads all of it and leaves it as one file.
async fn check(file: &Path) -> Result<Report> {
    let db = Db::open(&Place::File(file.to_owned())).await?;
    let report = verify(&db).await;
    db.close().await;
    for companion in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(with_suffix(file, companion));
    }
    Ok(report?)
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn sync(file: &Path) -> Result<()> {
    std::fs::File::open(file)?.sync_all().context("cannot write to the disk")
}

/// The name is on the disk, too. Folders cannot be opened on every system.
fn sync_folder(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) {
        sync(folder.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

/// `ketlab admin`: while the server runs, or not.
pub fn administer(args: &AdminArgs) -> ExitCode {
    run(async {
        if let Place::File(file) = args.store.place()? {
            ensure!(file.exists(), "there is no database {FILE} in {}", file.display());
        }
        let db = args.store.open().await?;
        let said = command(&db, &args.command).await;
        db.close().await;
        said
    })
}

async fn command(db: &Db, command: &AdminCommand) -> Result<String> {
    match command {
        AdminCommand::Role { email, role } => {
            let role = match role {
                RoleName::Learner => Role::Learner,
                RoleName::Author => Role::Author,
                RoleName::Operator => Role::Operator,
                RoleName::Admin => Role::Admin,
            };
            apply(db, email, &ChangeUser { role: Some(role), ..ChangeUser::default() }).await
        }
        AdminCommand::Suspend { email } => {
            apply(db, email, &ChangeUser { suspended: Some(true), ..ChangeUser::default() }).await
        }
        AdminCommand::Unsuspend { email } => {
            apply(db, email, &ChangeUser { suspended: Some(false), ..ChangeUser::default() }).await
        }
        AdminCommand::Reset { email } => reset(db, email).await,
        AdminCommand::Verify => Ok(format!("whole: {}", verify(db).await?)),
    }
}

async fn find(db: &Db, tx: &mut Tx, address: &str) -> Result<User> {
    let address =
        email::normalize(address).map_err(|_| anyhow::anyhow!("{address:?} is no address"))?;
    let id = admin::id_by_email(db, &address).await?;
    let id = id.with_context(|| format!("nobody has the address {address}"))?;
    users::lock(tx, id).await?.context("the user is gone")
}

async fn record(tx: &mut Tx, user: &User, detail: &str) -> sqlx::Result<()> {
    let object = user.id.to_string();
    let event =
        Event { actor: None, action: "admin.command", object: &object, request_id: "", detail };
    audit::record(tx, &event, Clock::system().now_us()).await
}

async fn apply(db: &Db, address: &str, change: &ChangeUser) -> Result<String> {
    let mut tx = db.write().await?;
    let user = find(db, &mut tx, address).await?;
    admin::change(&mut tx, &user, change, Clock::system().now_us()).await?;
    record(&mut tx, &user, &serde_json::to_string(change)?).await?;
    tx.commit().await?;
    Ok(format!("done: {address}"))
}

async fn reset(db: &Db, address: &str) -> Result<String> {
    let mut tx = db.write().await?;
    let user = find(db, &mut tx, address).await?;
    let email = user.email.as_deref().context("the user has no address")?;
    let token = secret::random();
    let now_us = Clock::system().now_us();
    let hash = secret::sha256(token.as_bytes());
    let until_us = now_us + LINK_US;
    tokens::create_mail(&mut tx, user.id, Purpose::Reset, &hash, email, now_us, until_us).await?;
    record(&mut tx, &user, "link to set a password").await?;
    tx.commit().await?;
    Ok(format!("within an hour, once: /account/reset#{token}"))
}
