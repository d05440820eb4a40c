//! Table `circuits`. Each query names the owner: what is another's does not exist.

use api::http::circuits::{Circuit, CircuitSummary, SaveCircuit};
use api::run::{Language, Program};
use uuid::Uuid;

use super::sql::{Row, foreign};
use super::{Db, Tx, sql};

/// What an owner keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub circuits: i64,
    /// Names and texts.
    pub bytes: i64,
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::Openqasm => "openqasm",
        Language::Stim => "stim",
    }
}

fn language_from(name: &str) -> sqlx::Result<Language> {
    match name {
        "openqasm" => Ok(Language::Openqasm),
        "stim" => Ok(Language::Stim),
        _ => Err(foreign("language", name)),
    }
}

/// Bytes that a circuit counts for in [`Usage`].
pub fn size_bytes(circuit: &SaveCircuit) -> i64 {
    i64::try_from(circuit.name.len() + circuit.program.text.len()).unwrap_or(i64::MAX)
}

fn circuit_from(row: &Row) -> sqlx::Result<Circuit> {
    Ok(Circuit {
        id: row.get("id")?,
        name: row.get("name")?,
        program: Program {
            language: language_from(&row.get::<String>("language")?)?,
            text: row.get("text")?,
        },
        created_at_us: row.get("created_at_us")?,
        updated_at_us: row.get("updated_at_us")?,
        version: row.get("version")?,
    })
}

/// All of an owner's, newest first.
pub async fn list(db: &Db, owner: Uuid) -> sqlx::Result<Vec<CircuitSummary>> {
    let rows = sql("SELECT id, name, updated_at_us, version FROM circuits
         WHERE owner_id = $1 ORDER BY updated_at_us DESC, id DESC")
    .bind(owner)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(CircuitSummary {
                id: row.get("id")?,
                name: row.get("name")?,
                updated_at_us: row.get("updated_at_us")?,
                version: row.get("version")?,
            })
        })
        .collect()
}

pub async fn find(db: &Db, owner: Uuid, id: Uuid) -> sqlx::Result<Option<Circuit>> {
    let row =
        sql("SELECT id, name, language, text, created_at_us, updated_at_us, version FROM circuits
         WHERE id = $1 AND owner_id = $2")
        .bind(id)
        .bind(owner)
        .optional(db)
        .await?;
    row.as_ref().map(circuit_from).transpose()
}

/// What an owner keeps, leaving out `except`.
pub async fn usage(tx: &mut Tx, owner: Uuid, except: Option<Uuid>) -> sqlx::Result<Usage> {
    let row =
        sql("SELECT count(*) AS circuits, CAST(coalesce(sum(size_bytes), 0) AS BIGINT) AS bytes
         FROM circuits WHERE owner_id = $1 AND id <> $2")
        .bind(owner)
        .bind(except.map(|id| id.to_string()).unwrap_or_default())
        .one(tx)
        .await?;
    Ok(Usage { circuits: row.get("circuits")?, bytes: row.get("bytes")? })
}

pub async fn create(
    tx: &mut Tx,
    owner: Uuid,
    circuit: SaveCircuit,
    now_us: i64,
) -> sqlx::Result<Circuit> {
    let id = Uuid::now_v7().to_string();
    sql("INSERT INTO circuits
         (id, owner_id, created_at_us, updated_at_us, version, size_bytes, language, name, text)
         VALUES ($1, $2, $3, $3, 1, $4, $5, $6, $7)")
    .bind(&id)
    .bind(owner)
    .bind(now_us)
    .bind(size_bytes(&circuit))
    .bind(language_name(circuit.program.language))
    .bind(&circuit.name)
    .bind(&circuit.program.text)
    .run(tx)
    .await?;
    Ok(Circuit {
        id,
        name: circuit.name,
        program: circuit.program,
        created_at_us: now_us,
        updated_at_us: now_us,
        version: 1,
    })
}

/// Version and time of creation.
pub async fn version(tx: &mut Tx, owner: Uuid, id: Uuid) -> sqlx::Result<Option<(i64, i64)>> {
    let row = sql("SELECT version, created_at_us FROM circuits WHERE id = $1 AND owner_id = $2")
        .bind(id)
        .bind(owner)
        .for_update()
        .optional(tx)
        .await?;
    row.map(|row| Ok((row.get("version")?, row.get("created_at_us")?))).transpose()
}

/// Writes the next version.
pub async fn replace(
    tx: &mut Tx,
    id: Uuid,
    circuit: &SaveCircuit,
    version: i64,
    now_us: i64,
) -> sqlx::Result<()> {
    sql("UPDATE circuits SET updated_at_us = $2, version = $3, size_bytes = $4, language = $5,
         name = $6, text = $7 WHERE id = $1")
    .bind(id)
    .bind(now_us)
    .bind(version)
    .bind(size_bytes(circuit))
    .bind(language_name(circuit.program.language))
    .bind(&circuit.name)
    .bind(&circuit.program.text)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> sqlx::Result<()> {
    sql("DELETE FROM circuits WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// Moves all circuits of one user to another.
pub async fn give(tx: &mut Tx, from: Uuid, to: Uuid) -> sqlx::Result<()> {
    sql("UPDATE circuits SET owner_id = $2 WHERE owner_id = $1")
        .bind(from)
        .bind(to)
        .run(tx)
        .await?;
    Ok(())
}
