//! Table `project_versions`: every version of a project, none ever changed.
//!
//! A version is a manifest, which names the notes and the circuits by their hashes; each of them is a
//! content of its own ([`super::blobs`]). A save writes what is new and nothing else.

use std::collections::BTreeSet;

use api::http::projects::{Content, ProjectCircuit, Version};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sql::Row;
use super::{Db, Tx, blobs, sql};

/// What a version consists of. The hash of its JSON is the version's content hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    notes: String,
    circuits: Vec<String>,
}

impl Manifest {
    fn hashes(&self) -> BTreeSet<&str> {
        self.circuits.iter().map(String::as_str).chain([self.notes.as_str()]).collect()
    }
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// Whether a content is new to the project; its bytes then.
async fn claim(tx: &mut Tx, project: Uuid, hash: &str, bytes: usize) -> sqlx::Result<i64> {
    let done =
        sql("INSERT INTO project_blobs (project_id, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(project)
            .bind(hash)
            .run(tx)
            .await?;
    Ok(if done == 1 { i64::try_from(bytes).unwrap_or(i64::MAX) } else { 0 })
}

/// Writes a version. Returns its content hash and the bytes that were new to the project.
pub async fn save(
    tx: &mut Tx,
    project: Uuid,
    version: i64,
    content: &Content,
    author: Uuid,
    now_us: i64,
) -> sqlx::Result<(String, i64)> {
    let mut new_bytes = 0;
    let mut manifest = Manifest { notes: String::new(), circuits: Vec::new() };
    manifest.notes = blobs::put(tx, content.notes.as_bytes(), now_us).await?;
    new_bytes += claim(tx, project, &manifest.notes, content.notes.len()).await?;
    for circuit in &content.circuits {
        let bytes = serde_json::to_vec(circuit).map_err(decode)?;
        let hash = blobs::put(tx, &bytes, now_us).await?;
        new_bytes += claim(tx, project, &hash, bytes.len()).await?;
        manifest.circuits.push(hash);
    }
    let bytes = serde_json::to_vec(&manifest).map_err(decode)?;
    let hash = blobs::put(tx, &bytes, now_us).await?;
    new_bytes += claim(tx, project, &hash, bytes.len()).await?;
    sql("INSERT INTO project_versions (project_id, version, manifest_hash, label, author_id,
                                       created_at_us)
         VALUES ($1, $2, $3, '', $4, $5)")
    .bind(project)
    .bind(version)
    .bind(&hash)
    .bind(author)
    .bind(now_us)
    .run(tx)
    .await?;
    Ok((hash, new_bytes))
}

/// Hash and content of a version.
pub async fn content(
    db: &Db,
    project: Uuid,
    version: i64,
) -> sqlx::Result<Option<(String, Content)>> {
    let row =
        sql("SELECT manifest_hash FROM project_versions WHERE project_id = $1 AND version = $2")
            .bind(project)
            .bind(version)
            .optional(db)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let hash: String = row.get("manifest_hash")?;
    let manifest: Manifest =
        serde_json::from_slice(&blobs::one(db, &hash).await?).map_err(decode)?;
    let wanted: Vec<&str> = manifest.hashes().into_iter().collect();
    let found = blobs::get(db, &wanted).await?;
    let circuits: Result<Vec<ProjectCircuit>, _> =
        manifest.circuits.iter().map(|hash| serde_json::from_slice(&found[hash])).collect();
    let notes = String::from_utf8(found[&manifest.notes].clone()).map_err(decode)?;
    Ok(Some((hash, Content { notes, circuits: circuits.map_err(decode)? })))
}

fn version_from(row: &Row) -> sqlx::Result<Version> {
    Ok(Version {
        version: row.get("version")?,
        label: row.get("label")?,
        content_hash: row.get("manifest_hash")?,
        author_id: row.get("author_id")?,
        created_at_us: row.get("created_at_us")?,
    })
}

/// Newest first, older than `before`; only those with a name if `named`.
pub async fn list(
    db: &Db,
    project: Uuid,
    named: bool,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<Version>> {
    let rows =
        sql("SELECT version, label, manifest_hash, author_id, created_at_us FROM project_versions
         WHERE project_id = $1 AND version < $2 AND ($3 = 0 OR label <> '')
         ORDER BY version DESC LIMIT $4")
        .bind(project)
        .bind(before)
        .bind(named)
        .bind(limit)
        .all(db)
        .await?;
    rows.iter().map(version_from).collect()
}

/// Names a version; `false` if there is none.
pub async fn label(tx: &mut Tx, project: Uuid, version: i64, label: &str) -> sqlx::Result<bool> {
    let done = sql("UPDATE project_versions SET label = $3 WHERE project_id = $1 AND version = $2")
        .bind(project)
        .bind(version)
        .bind(label)
        .run(tx)
        .await?;
    Ok(done == 1)
}
