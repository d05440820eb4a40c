//! Table `idempotency`: requests that named themselves (`Idempotency-Key`) and what they made.

use uuid::Uuid;

use super::{Db, Tx, sql};

/// What a request of that name made: the hash of that request, and the object's id.
pub async fn find(tx: &mut Tx, user: Uuid, key: &str) -> sqlx::Result<Option<(String, Uuid)>> {
    let row =
        sql("SELECT request_hash, object_id FROM idempotency WHERE user_id = $1 AND key = $2")
            .bind(user)
            .bind(key)
            .optional(tx)
            .await?;
    row.map(|row| Ok((row.get("request_hash")?, row.id("object_id")?))).transpose()
}

/// Notes what a request made, in the transaction that makes it. The user's row is locked, so no other
/// request of that name is under way.
pub async fn record(
    tx: &mut Tx,
    user: Uuid,
    key: &str,
    request_hash: &str,
    object: Uuid,
    now_us: i64,
) -> sqlx::Result<()> {
    sql("INSERT INTO idempotency (user_id, key, request_hash, object_id, created_at_us)
         VALUES ($1, $2, $3, $4, $5)")
    .bind(user)
    .bind(key)
    .bind(request_hash)
    .bind(object)
    .bind(now_us)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn delete_before(db: &Db, before_us: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done = sql("DELETE FROM idempotency WHERE created_at_us < $1")
        .bind(before_us)
        .run(&mut tx)
        .await?;
    tx.commit().await?;
    Ok(done)
}
