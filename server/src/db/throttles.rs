//! Table `throttles`: failed attempts to prove who one is.

use super::{Db, sql};

/// Failures so far and when the last one was.
pub async fn find(db: &Db, key: &str) -> sqlx::Result<(i64, i64)> {
    let row = sql("SELECT failures, last_at_us FROM throttles WHERE key = $1")
        .bind(key)
        .optional(db)
        .await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.get("failures")?, row.get("last_at_us")?)))
}

/// One more failure; those before `forget_us` are forgotten.
pub async fn fail(db: &Db, key: &str, now_us: i64, forget_us: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    sql("INSERT INTO throttles (key, failures, last_at_us) VALUES ($1, 1, $2)
         ON CONFLICT (key) DO UPDATE SET
             failures = CASE WHEN throttles.last_at_us < $3 THEN 1 ELSE throttles.failures + 1 END,
             last_at_us = $2")
    .bind(key)
    .bind(now_us)
    .bind(forget_us)
    .run(&mut tx)
    .await?;
    tx.commit().await
}

pub async fn clear(db: &Db, key: &str) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    sql("DELETE FROM throttles WHERE key = $1").bind(key).run(&mut tx).await?;
    tx.commit().await
}

pub async fn delete_before(db: &Db, forget_us: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done =
        sql("DELETE FROM throttles WHERE last_at_us < $1").bind(forget_us).run(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
