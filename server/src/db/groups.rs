//! Tables `groups` and `members`.

use api::http::groups::{Group, GroupKind, GroupRole, Member, SaveGroup};
use uuid::Uuid;

use super::sql::{Row, foreign};
use super::{Db, Tx, sql};
use crate::auth::secret;

fn kind_name(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Organization => "organization",
        GroupKind::Course => "course",
        GroupKind::Team => "team",
    }
}

fn kind_from(name: &str) -> sqlx::Result<GroupKind> {
    [GroupKind::Organization, GroupKind::Course, GroupKind::Team]
        .into_iter()
        .find(|kind| kind_name(*kind) == name)
        .ok_or_else(|| foreign("kind", name))
}

fn role_name(role: GroupRole) -> &'static str {
    match role {
        GroupRole::Member => "member",
        GroupRole::Instructor => "instructor",
        GroupRole::Owner => "owner",
    }
}

fn role_from(name: &str) -> sqlx::Result<GroupRole> {
    [GroupRole::Member, GroupRole::Instructor, GroupRole::Owner]
        .into_iter()
        .find(|role| role_name(*role) == name)
        .ok_or_else(|| foreign("role", name))
}

/// A made-up name: a particle or a property, and a number.
fn pseudonym() -> String {
    const NAMES: [&str; 16] = [
        "Anyon", "Boson", "Charm", "Exciton", "Fermion", "Gluon", "Kaon", "Lepton", "Magnon",
        "Muon", "Phonon", "Photon", "Pion", "Plasmon", "Quark", "Soliton",
    ];
    let number = rand::random::<u32>();
    format!("{} {:04}", NAMES[(number % 16) as usize], (number >> 4) % 10_000)
}

fn group_from(row: &Row) -> sqlx::Result<Group> {
    let role = role_from(&row.get::<String>("role")?)?;
    let pseudonyms = row.truth("pseudonyms")?;
    Ok(Group {
        id: row.get("id")?,
        kind: kind_from(&row.get::<String>("kind")?)?,
        name: row.get("name")?,
        pseudonyms,
        role,
        own_name: shown(row, pseudonyms)?,
        members: row.get("members")?,
        join_code: row
            .get::<Option<String>>("join_code")?
            .filter(|_| role >= GroupRole::Instructor),
        plan: row.get("plan")?,
        version: row.get("version")?,
        created_at_us: row.get("created_at_us")?,
    })
}

/// How a member is seen by the others. Those who teach are seen as themselves.
fn shown(row: &Row, pseudonyms: bool) -> sqlx::Result<String> {
    let role = role_from(&row.get::<String>("role")?)?;
    if pseudonyms && role == GroupRole::Member {
        return row.get("pseudonym");
    }
    for column in ["label", "display_name"] {
        let name: String = row.get(column)?;
        if !name.is_empty() {
            return Ok(name);
        }
    }
    row.get("pseudonym")
}

macro_rules! group {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.kind, g.name, g.pseudonyms, g.join_code, g.plan, g.version,
                    g.created_at_us, m.role, m.label, m.pseudonym, u.display_name,
                    (SELECT count(*) FROM members c WHERE c.group_id = g.id) AS members
             FROM groups g JOIN members m ON m.group_id = g.id JOIN users u ON u.id = m.user_id
             WHERE m.user_id = $1 ",
            $rest
        )
    };
}

/// Those that a user is in, newest first.
pub async fn of_user(db: &Db, user: Uuid) -> sqlx::Result<Vec<Group>> {
    let rows = sql(group!("ORDER BY g.created_at_us DESC, g.id DESC")).bind(user).all(db).await?;
    rows.iter().map(group_from).collect()
}

/// A group as a user sees it who is in it.
pub async fn find(db: &Db, user: Uuid, id: Uuid) -> sqlx::Result<Option<Group>> {
    let row = sql(group!("AND g.id = $2")).bind(user).bind(id).optional(db).await?;
    row.as_ref().map(group_from).transpose()
}

/// The user's role in the group, which nobody else changes before the transaction ends; version.
pub async fn lock(tx: &mut Tx, user: Uuid, id: Uuid) -> sqlx::Result<Option<(GroupRole, i64)>> {
    let Some(group) = sql("SELECT version FROM groups WHERE id = $1")
        .bind(id)
        .for_update()
        .optional(&mut *tx)
        .await?
    else {
        return Ok(None);
    };
    Ok(role(tx, id, user).await?.zip(Some(group.get("version")?)))
}

/// The role of one who is in the group.
pub async fn role(tx: &mut Tx, id: Uuid, user: Uuid) -> sqlx::Result<Option<GroupRole>> {
    let row = sql("SELECT role FROM members WHERE group_id = $1 AND user_id = $2")
        .bind(id)
        .bind(user)
        .optional(tx)
        .await?;
    row.map(|row| role_from(&row.get::<String>("role")?)).transpose()
}

/// Groups that a user is in.
pub async fn count(tx: &mut Tx, user: Uuid) -> sqlx::Result<i64> {
    sql("SELECT count(*) AS n FROM members WHERE user_id = $1").bind(user).one(tx).await?.get("n")
}

/// Members of a group.
pub async fn size(tx: &mut Tx, id: Uuid) -> sqlx::Result<i64> {
    sql("SELECT count(*) AS n FROM members WHERE group_id = $1").bind(id).one(tx).await?.get("n")
}

pub async fn create(tx: &mut Tx, owner: Uuid, new: &SaveGroup, now_us: i64) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sql("INSERT INTO groups (id, kind, name, pseudonyms, version, created_at_us)
         VALUES ($1, $2, $3, $4, 1, $5)")
    .bind(id)
    .bind(kind_name(new.kind))
    .bind(&new.name)
    .bind(new.pseudonyms)
    .bind(now_us)
    .run(tx)
    .await?;
    join(tx, id, owner, GroupRole::Owner, "", now_us).await?;
    Ok(id)
}

pub async fn replace(tx: &mut Tx, id: Uuid, new: &SaveGroup) -> sqlx::Result<()> {
    sql("UPDATE groups SET kind = $2, name = $3, pseudonyms = $4, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(kind_name(new.kind))
        .bind(&new.name)
        .bind(new.pseudonyms)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> sqlx::Result<()> {
    sql("DELETE FROM groups WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// A new code, or none. Ten signs of 31: nobody guesses one of them in the time that the limits on
/// requests leave.
pub async fn set_code(tx: &mut Tx, id: Uuid, open: bool) -> sqlx::Result<Option<String>> {
    let code = open.then(|| secret::code(10));
    sql("UPDATE groups SET join_code = $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(code.as_deref())
        .run(tx)
        .await?;
    Ok(code)
}

/// The group that a code leads into, locked.
pub async fn by_code(tx: &mut Tx, code: &str) -> sqlx::Result<Option<Uuid>> {
    let row = sql("SELECT id FROM groups WHERE join_code = $1")
        .bind(code)
        .for_update()
        .optional(tx)
        .await?;
    row.map(|row| row.id("id")).transpose()
}

/// Takes a user in; one who is in already stays as they are.
pub async fn join(
    tx: &mut Tx,
    id: Uuid,
    user: Uuid,
    role: GroupRole,
    label: &str,
    now_us: i64,
) -> sqlx::Result<()> {
    sql("INSERT INTO members (group_id, user_id, role, label, pseudonym, joined_at_us)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (group_id, user_id) DO NOTHING")
    .bind(id)
    .bind(user)
    .bind(role_name(role))
    .bind(label)
    .bind(pseudonym())
    .bind(now_us)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn change_member(
    tx: &mut Tx,
    id: Uuid,
    user: Uuid,
    role: GroupRole,
    label: &str,
) -> sqlx::Result<()> {
    sql("UPDATE members SET role = $3, label = $4 WHERE group_id = $1 AND user_id = $2")
        .bind(id)
        .bind(user)
        .bind(role_name(role))
        .bind(label)
        .run(tx)
        .await?;
    Ok(())
}

/// Takes a user out, and back what was shared with the group of theirs.
pub async fn leave(tx: &mut Tx, id: Uuid, user: Uuid) -> sqlx::Result<()> {
    sql("DELETE FROM members WHERE group_id = $1 AND user_id = $2")
        .bind(id)
        .bind(user)
        .run(tx)
        .await?;
    sql("DELETE FROM grants WHERE group_id = $1
         AND project_id IN (SELECT id FROM projects WHERE owner_id = $2)")
    .bind(id)
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// Owners of a group.
pub async fn owners(tx: &mut Tx, id: Uuid) -> sqlx::Result<i64> {
    sql("SELECT count(*) AS n FROM members WHERE group_id = $1 AND role = 'owner'")
        .bind(id)
        .one(tx)
        .await?
        .get("n")
}

/// The name of a group with others in it that would be without an owner if this user went; those in
/// which nobody else is are deleted.
pub async fn owned_alone(tx: &mut Tx, user: Uuid) -> sqlx::Result<Option<String>> {
    sql("DELETE FROM groups WHERE id IN (SELECT group_id FROM members WHERE user_id = $1)
         AND NOT EXISTS (
             SELECT 1 FROM members m WHERE m.group_id = groups.id AND m.user_id <> $1)")
    .bind(user)
    .run(&mut *tx)
    .await?;
    let row = sql("SELECT g.name FROM groups g JOIN members m ON m.group_id = g.id
         WHERE m.user_id = $1 AND m.role = 'owner' AND NOT EXISTS (
             SELECT 1 FROM members o
             WHERE o.group_id = g.id AND o.role = 'owner' AND o.user_id <> $1)
         ORDER BY g.created_at_us LIMIT 1")
    .bind(user)
    .optional(tx)
    .await?;
    row.map(|row| row.get("name")).transpose()
}

/// In the order they joined, after that time and id. Names and labels as one who teaches sees them, if
/// `teaches`.
pub async fn members(
    db: &Db,
    id: Uuid,
    pseudonyms: bool,
    teaches: bool,
    after: (i64, &str),
    limit: i64,
) -> sqlx::Result<Vec<Member>> {
    let rows = sql(
        "SELECT m.user_id, m.role, m.label, m.pseudonym, m.joined_at_us, u.display_name, u.kind
         FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.group_id = $1 AND (m.joined_at_us > $2 OR (m.joined_at_us = $2 AND m.user_id > $3))
         ORDER BY m.joined_at_us, m.user_id LIMIT $4",
    )
    .bind(id)
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let called = || -> sqlx::Result<String> {
                let label: String = row.get("label")?;
                if label.is_empty() { row.get("display_name") } else { Ok(label) }
            };
            Ok(Member {
                user_id: row.get("user_id")?,
                role: role_from(&row.get::<String>("role")?)?,
                name: shown(row, pseudonyms)?,
                label: teaches.then(called).transpose()?,
                guest: teaches
                    .then(|| row.get::<String>("kind").map(|kind| kind == "guest"))
                    .transpose()?,
                joined_at_us: row.get("joined_at_us")?,
            })
        })
        .collect()
}

/// Gives a group's members a plan, or takes it; `false` if there is no such group.
pub async fn set_plan(tx: &mut Tx, id: Uuid, plan: Option<&str>) -> sqlx::Result<bool> {
    let done = sql("UPDATE groups SET plan = $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(plan)
        .run(tx)
        .await?;
    Ok(done == 1)
}
