//! Table `blobs`: contents by their SHA-256, each kept once, checked when read.

use std::collections::BTreeMap;

use super::{Db, Tx, sql};
use crate::auth::secret::sha256;

/// Keeps a content. One that is there already is marked as used now, so that no sweep takes it
/// before what needs it is written.
pub async fn put(tx: &mut Tx, bytes: &[u8], now_us: i64) -> sqlx::Result<String> {
    let hash = sha256(bytes);
    sql("INSERT INTO blobs (hash, size_bytes, created_at_us, bytes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash) DO UPDATE SET created_at_us = $3")
    .bind(&hash)
    .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
    .bind(now_us)
    .bind(bytes)
    .run(tx)
    .await?;
    Ok(hash)
}

/// Contents asked for in one statement.
const AT_ONCE: usize = 16;

/// The contents of those hashes. One that is missing or damaged is an error.
pub async fn get(db: &Db, hashes: &[&str]) -> sqlx::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for chunk in hashes.chunks(AT_ONCE) {
        let mut query = sql("SELECT hash, bytes FROM blobs WHERE hash IN
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
        for i in 0..AT_ONCE {
            query = query.bind(*chunk.get(i).unwrap_or(&""));
        }
        for row in query.all(db).await? {
            let (hash, bytes) = (row.get::<String>("hash")?, row.get::<Vec<u8>>("bytes")?);
            if sha256(&bytes) != hash {
                return Err(sqlx::Error::Decode(format!("content {hash} is damaged").into()));
            }
            found.insert(hash, bytes);
        }
    }
    match hashes.iter().find(|hash| !found.contains_key(**hash)) {
        Some(hash) => Err(sqlx::Error::Decode(format!("content {hash} is missing").into())),
        None => Ok(found),
    }
}

/// The content of one hash.
pub async fn one(db: &Db, hash: &str) -> sqlx::Result<Vec<u8>> {
    Ok(get(db, &[hash]).await?.remove(hash).unwrap_or_default())
}

/// Deletes at most `limit` contents that nothing needs and that were put before `before_us`.
pub async fn delete_unused(db: &Db, before_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done = sql("DELETE FROM blobs WHERE hash IN (
             SELECT hash FROM blobs b WHERE b.created_at_us < $1
               AND NOT EXISTS (SELECT 1 FROM project_blobs WHERE hash = b.hash)
               AND NOT EXISTS (SELECT 1 FROM project_versions WHERE manifest_hash = b.hash)
               AND NOT EXISTS (SELECT 1 FROM runs WHERE result_hash = b.hash)
             LIMIT $2)")
    .bind(before_us)
    .bind(limit)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(done)
}
