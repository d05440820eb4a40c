//! Table `runs`: results, with what is needed to repeat them.

use api::http::projects::{NewRun, Run, RunSummary};
use uuid::Uuid;

use super::{Db, Tx, blobs, sql};

fn decode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

pub async fn count(tx: &mut Tx, project: Uuid) -> sqlx::Result<i64> {
    sql("SELECT count(*) AS n FROM runs WHERE project_id = $1")
        .bind(project)
        .one(tx)
        .await?
        .get("n")
}

/// Keeps a run; its result counts for the project's bytes.
pub async fn create(
    tx: &mut Tx,
    project: Uuid,
    mut run: NewRun,
    repeatable: bool,
    now_us: i64,
) -> sqlx::Result<Run> {
    let id = Uuid::now_v7();
    let result = std::mem::take(&mut run.result);
    let bytes = serde_json::to_vec(&result).map_err(decode)?;
    let result_hash = blobs::put(tx, &bytes, now_us).await?;
    let record = serde_json::to_string(&run).map_err(decode)?;
    let size = i64::try_from(bytes.len() + record.len()).unwrap_or(i64::MAX);
    sql("INSERT INTO runs (id, project_id, created_at_us, circuit_id, version, seed, shots, backend,
                           repeatable, result_hash, record)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(id)
    .bind(project)
    .bind(now_us)
    .bind(&run.circuit_id)
    .bind(run.version)
    .bind(run.seed.cast_signed())
    .bind(run.shots.cast_signed())
    .bind(&run.backend)
    .bind(repeatable)
    .bind(&result_hash)
    .bind(record)
    .run(tx)
    .await?;
    sql("UPDATE projects SET stored_bytes = stored_bytes + $2 WHERE id = $1")
        .bind(project)
        .bind(size)
        .run(tx)
        .await?;
    run.result = result;
    Ok(Run { id: id.to_string(), run, repeatable, result_hash, created_at_us: now_us })
}

pub async fn find(db: &Db, project: Uuid, id: Uuid) -> sqlx::Result<Option<Run>> {
    let row = sql("SELECT id, created_at_us, repeatable, result_hash, record FROM runs
         WHERE id = $1 AND project_id = $2")
    .bind(id)
    .bind(project)
    .optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let result_hash: String = row.get("result_hash")?;
    let mut run: NewRun = serde_json::from_str(&row.get::<String>("record")?).map_err(decode)?;
    run.result = serde_json::from_slice(&blobs::one(db, &result_hash).await?).map_err(decode)?;
    Ok(Some(Run {
        id: row.get("id")?,
        run,
        repeatable: row.truth("repeatable")?,
        result_hash,
        created_at_us: row.get("created_at_us")?,
    }))
}

/// Newest first, with an id below `before`.
pub async fn list(
    db: &Db,
    project: Uuid,
    before: &str,
    limit: i64,
) -> sqlx::Result<Vec<RunSummary>> {
    let rows = sql(
        "SELECT id, circuit_id, version, seed, shots, backend, repeatable, result_hash, created_at_us
         FROM runs WHERE project_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(project)
    .bind(before)
    .bind(limit)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(RunSummary {
                id: row.get("id")?,
                circuit_id: row.get("circuit_id")?,
                version: row.get("version")?,
                seed: row.get::<i64>("seed")?.cast_unsigned(),
                shots: row.get::<i64>("shots")?.cast_unsigned(),
                backend: row.get("backend")?,
                repeatable: row.truth("repeatable")?,
                result_hash: row.get("result_hash")?,
                created_at_us: row.get("created_at_us")?,
            })
        })
        .collect()
}

/// Deletes a run and gives its bytes back; `false` if there is none.
pub async fn delete(tx: &mut Tx, project: Uuid, id: Uuid) -> sqlx::Result<bool> {
    let row = sql("DELETE FROM runs WHERE id = $1 AND project_id = $2
         RETURNING CAST(octet_length(record) AS BIGINT) + (
             SELECT b.size_bytes FROM blobs b WHERE b.hash = runs.result_hash) AS size")
    .bind(id)
    .bind(project)
    .optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(false) };
    sql("UPDATE projects SET stored_bytes = stored_bytes - $2 WHERE id = $1")
        .bind(project)
        .bind(row.get::<i64>("size")?)
        .run(tx)
        .await?;
    Ok(true)
}
