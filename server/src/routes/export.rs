//! `/api/v1/account/export`: everything that one owns, as a ZIP archive of open formats: programs as
//! OpenQASM, notes as Markdown, the rest as JSON.

use std::io::{Cursor, Write as _};

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::sync::Semaphore;
use uuid::Uuid;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::account;
use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Resource};
use crate::db::projects::{Asker, Search, Shelf};
use crate::db::{Db, circuits, groups, projects, runs, tokens, users, versions};
use crate::error::{ApiError, ApiResult, Kind};

/// Archives in the making: each is in memory as a whole.
static TURNS: Semaphore = Semaphore::const_new(2);
/// Bytes of files of one archive, before they are compressed.
const MAX_BYTES: usize = 512 << 20;
/// Lines read at a time.
const BATCH: i64 = 100;

/// `GET /api/v1/account/export`
pub async fn download(State(state): State<AppState>, actor: Actor) -> ApiResult<Response> {
    // A guest owns things too.
    let guest = actor.user().is_some_and(|user| user.guest);
    actor.may(if guest { Action::ChangeSelf } else { Action::ManageAccount }, Resource::None)?;
    let user = actor.signed_in()?.id;
    let _turn = TURNS.try_acquire().map_err(|_| {
        ApiError::new(
            Kind::Overloaded,
            "Others are downloading theirs. Please try again in a moment.",
        )
    })?;
    let now_us = state.clock().now_us();
    let mut archive = Archive::new();
    archive.text("README.txt", README)?;
    archive.json("account.json", &account::view(&state, &actor).await?)?;
    let db = state.db();
    if let Some((text, _)) = users::preferences(db, user).await? {
        archive.text("preferences.json", &text)?;
    }
    archive.json("tokens.json", &tokens::of_user(db, user).await?)?;
    archive.json("groups.json", &groups::of_user(db, user).await?)?;
    for summary in circuits::list(db, user).await? {
        let id = summary.id.parse().map_err(ApiError::internal)?;
        if let Some(circuit) = circuits::find(db, user, id).await? {
            let name = format!("circuits/{}", file_name(&circuit.name, &circuit.id));
            archive.text(&format!("{name}.qasm"), &circuit.program.text)?;
        }
    }
    for shelf in [Shelf::Own, Shelf::Trash] {
        add_projects(db, user, shelf, &mut archive).await?;
    }
    let mut tx = db.write().await?;
    actor.record(&mut tx, "account.export", &user.to_string(), "", now_us).await?;
    tx.commit().await?;

    let bytes = archive.finish()?;
    let headers = [
        (CONTENT_TYPE, "application/zip"),
        (CONTENT_DISPOSITION, "attachment; filename=\"ketlab.zip\""),
    ];
    Ok((headers, bytes).into_response())
}

const README: &str = "Everything that this account owns on a Ketlab server.\n\n\
    account.json      who you are here, and your limits\n\
    preferences.json  settings of the page\n\
    tokens.json       your tokens, without themselves\n\
    groups.json       groups that you are in\n\
    circuits/         single circuits, OpenQASM\n\
    projects/         a folder each: project.json (name, tags, sharing), versions.json (all versions),\n\
    \x20                 version-N/ with notes.md and the circuits as OpenQASM, runs/ as JSON\n\
    trash/            the same, of projects in the trash\n";

async fn add_projects(db: &Db, user: Uuid, shelf: Shelf, archive: &mut Archive) -> ApiResult<()> {
    let folder = if shelf == Shelf::Trash { "trash" } else { "projects" };
    let mut after = (i64::MAX, String::new());
    loop {
        let search = Search { shelf, user: Some(user), text: "", tag: "", after, limit: BATCH };
        let page = projects::list(db, &search).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.updated_at_us, last.id.clone());
        for summary in &page {
            let id: Uuid = summary.id.parse().map_err(ApiError::internal)?;
            let asker = Asker { user: Some(user), link: None };
            // One that was deleted meanwhile is not there any more.
            let Some(head) = projects::find(db, asker, id).await? else { continue };
            let folder = format!("{folder}/{}", file_name(&summary.name, &summary.id));
            archive.json(&format!("{folder}/project.json"), summary)?;
            add_versions(db, head.id, &folder, archive).await?;
            add_runs(db, head.id, &folder, archive).await?;
        }
    }
}

async fn add_versions(db: &Db, id: Uuid, folder: &str, archive: &mut Archive) -> ApiResult<()> {
    let mut all = Vec::new();
    let mut before = i64::MAX;
    loop {
        let page = versions::list(db, id, false, before, BATCH).await?;
        let Some(last) = page.last() else { break };
        before = last.version;
        all.extend(page);
    }
    archive.json(&format!("{folder}/versions.json"), &all)?;
    for version in all {
        let Some((_, content)) = versions::content(db, id, version.version).await? else {
            continue;
        };
        let folder = format!("{folder}/version-{}", version.version);
        archive.text(&format!("{folder}/notes.md"), &content.notes)?;
        for circuit in content.circuits {
            let name = format!("{folder}/{}", file_name(&circuit.name, &circuit.id));
            archive.text(&format!("{name}.qasm"), &circuit.program.text)?;
            archive.json(&format!("{name}.json"), &(circuit.settings, circuit.inputs))?;
        }
    }
    Ok(())
}

async fn add_runs(db: &Db, id: Uuid, folder: &str, archive: &mut Archive) -> ApiResult<()> {
    let mut before = "g".to_owned();
    loop {
        let page = runs::list(db, id, &before, BATCH).await?;
        let Some(last) = page.last() else { return Ok(()) };
        before.clone_from(&last.id);
        for summary in &page {
            let run = summary.id.parse().map_err(ApiError::internal)?;
            if let Some(run) = runs::find(db, id, run).await? {
                archive.json(&format!("{folder}/runs/{}.json", run.id), &run)?;
            }
        }
    }
}

/// A name for a file on any system, and the id, so that no two are the same.
fn file_name(name: &str, id: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' })
        .take(60)
        .collect();
    format!("{plain}-{id}")
}

/// An archive that is being written.
struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    bytes: usize,
}

impl Archive {
    fn new() -> Self {
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())), bytes: 0 }
    }

    fn text(&mut self, name: &str, text: &str) -> ApiResult<()> {
        self.bytes += text.len();
        if self.bytes > MAX_BYTES {
            return Err(ApiError::new(
                Kind::TooLarge,
                "Everything together is too large for one archive. Delete what you do not need, or ask \
                 the operator.",
            ));
        }
        self.zip.start_file(name, SimpleFileOptions::default()).map_err(ApiError::internal)?;
        self.zip.write_all(text.as_bytes()).map_err(ApiError::internal)
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> ApiResult<()> {
        let text = serde_json::to_string_pretty(value).map_err(ApiError::internal)?;
        self.text(name, &text)
    }

    fn finish(self) -> ApiResult<Vec<u8>> {
        Ok(self.zip.finish().map_err(ApiError::internal)?.into_inner())
    }
}
