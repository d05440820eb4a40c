//! Table `audit`: who did what to whom, in a chain of hashes. What a row said cannot be changed
//! later, nor a row taken out, without breaking the chain behind it ([`verify`]).

use uuid::Uuid;

use super::sql::Row;
use super::{Db, Tx, sql};
use crate::auth::secret;

/// What happened, before it has a place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// `None` for one who is not signed in, and for the operator's command line.
    pub actor: Option<Uuid>,
    /// Such as `session.begin`; from a closed list in the code.
    pub action: &'static str,
    /// Whom or what it concerns: an id, a kind before it where it is no user.
    pub object: &'a str,
    pub request_id: &'a str,
    /// Plain words; no secret, no content of a circuit.
    pub detail: &'a str,
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub at_us: i64,
    pub actor: Option<Uuid>,
    pub action: String,
    pub object: String,
    pub request_id: String,
    pub detail: String,
    pub hash: String,
}

fn link(before: &str, entry: &Entry) -> String {
    // JSON keeps the fields apart, whatever is in them.
    let content = serde_json::json!([
        before,
        entry.seq,
        entry.at_us,
        entry.actor.map(|id| id.to_string()),
        entry.action,
        entry.object,
        entry.request_id,
        entry.detail
    ]);
    secret::sha256(content.to_string().as_bytes())
}

/// Adds a link, within the transaction that does what it tells.
pub async fn record(tx: &mut Tx, event: &Event<'_>, now_us: i64) -> sqlx::Result<()> {
    let head =
        sql("SELECT seq, hash FROM audit_head WHERE one = 1").for_update().one(&mut *tx).await?;
    let before: String = head.get("hash")?;
    let mut entry = Entry {
        seq: head.get::<i64>("seq")? + 1,
        at_us: now_us,
        actor: event.actor,
        action: event.action.to_owned(),
        object: event.object.to_owned(),
        request_id: event.request_id.to_owned(),
        detail: event.detail.to_owned(),
        hash: String::new(),
    };
    entry.hash = link(&before, &entry);
    sql("INSERT INTO audit (seq, at_us, actor_id, action, object, request_id, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(entry.seq)
    .bind(entry.at_us)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.object)
    .bind(entry.request_id)
    .bind(entry.detail)
    .bind(&entry.hash)
    .run(&mut *tx)
    .await?;
    sql("UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1")
        .bind(entry.seq)
        .bind(&entry.hash)
        .run(tx)
        .await?;
    Ok(())
}

fn entry_from(row: &Row) -> sqlx::Result<Entry> {
    Ok(Entry {
        seq: row.get("seq")?,
        at_us: row.get("at_us")?,
        actor: row.optional_id("actor_id")?,
        action: row.get("action")?,
        object: row.get("object")?,
        request_id: row.get("request_id")?,
        detail: row.get("detail")?,
        hash: row.get("hash")?,
    })
}

/// Newest first, older than `before`; of one actor or about one object where `about` is given.
pub async fn list(
    db: &Db,
    about: Option<&str>,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<Entry>> {
    let rows =
        sql("SELECT seq, at_us, actor_id, action, object, request_id, detail, hash FROM audit
         WHERE seq < $1 AND ($2 = '' OR actor_id = $2 OR object = $2)
         ORDER BY seq DESC LIMIT $3")
        .bind(before)
        .bind(about.unwrap_or_default())
        .bind(limit)
        .all(db)
        .await?;
    rows.iter().map(entry_from).collect()
}

/// Follows the whole chain. The number of its links, or that of the first that does not fit.
pub async fn verify(db: &Db) -> sqlx::Result<Result<i64, i64>> {
    const BATCH: i64 = 1000;
    let mut before = String::new();
    let mut seq = 0;
    loop {
        let rows =
            sql("SELECT seq, at_us, actor_id, action, object, request_id, detail, hash FROM audit
             WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(BATCH)
            .all(db)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let entry = entry_from(row)?;
            seq += 1;
            if entry.seq != seq || entry.hash != link(&before, &entry) {
                return Ok(Err(seq));
            }
            before = entry.hash;
        }
    }
    let head = sql("SELECT seq, hash FROM audit_head WHERE one = 1").one(db).await?;
    // Links cut off at the end show here.
    let whole = head.get::<i64>("seq")? == seq && head.get::<String>("hash")? == before;
    Ok(if whole { Ok(seq) } else { Err(seq + 1) })
}
