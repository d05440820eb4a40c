//! Tables `projects` and `grants`: what there is, whose, and who may see it.

use api::http::projects::{Access, Grant, Grantee, Origin, ProjectSummary, Visibility};
use uuid::Uuid;

use super::sql::{Row, foreign, pattern};
use super::{Db, Tx, sql};

/// A project without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: Uuid,
    pub owner: Uuid,
    pub name: String,
    pub tags: Vec<String>,
    pub version: i64,
    pub visibility: Visibility,
    /// For those who come by the link, or to a public project.
    pub open_access: Access,
    pub link: Option<String>,
    pub origin: Option<Origin>,
    pub stored_bytes: i64,
    pub created_at_us: i64,
    pub updated_at_us: i64,
    pub trashed_at_us: Option<i64>,
    /// What the asker may do; `None`: not even know of it.
    pub access: Option<Access>,
}

pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Copy => "copy",
        Access::Edit => "edit",
        Access::Own => "own",
    }
}

fn access_from(name: &str) -> sqlx::Result<Access> {
    [Access::Read, Access::Copy, Access::Edit]
        .into_iter()
        .find(|access| access_name(*access) == name)
        .ok_or_else(|| foreign("access", name))
}

fn visibility_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Private => "private",
        Visibility::Link => "link",
        Visibility::Public => "public",
    }
}

fn visibility_from(name: &str) -> sqlx::Result<Visibility> {
    [Visibility::Private, Visibility::Link, Visibility::Public]
        .into_iter()
        .find(|visibility| visibility_name(*visibility) == name)
        .ok_or_else(|| foreign("visibility", name))
}

fn tags_from(text: &str) -> Vec<String> {
    text.split('\n').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Grants of the user `$1` on the project `p`, as a number: 0 for none, then read, copy, edit; 4 is
/// the owner's.
macro_rules! granted {
    () => {
        "CAST(CASE WHEN p.owner_id = $1 THEN 4 ELSE coalesce((
             SELECT max(CASE g.access WHEN 'edit' THEN 3 WHEN 'copy' THEN 2 ELSE 1 END)
             FROM grants g LEFT JOIN members m ON m.group_id = g.group_id AND m.user_id = $1
             WHERE g.project_id = p.id AND (g.user_id = $1 OR m.user_id = $1)), 0)
         END AS BIGINT) AS granted"
    };
}

fn granted_from(number: i64) -> Option<Access> {
    match number {
        1 => Some(Access::Read),
        2 => Some(Access::Copy),
        3 => Some(Access::Edit),
        4 => Some(Access::Own),
        _ => None,
    }
}

/// Who asks for a project.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    pub user: Option<Uuid>,
    /// The secret of a shared link.
    pub link: Option<&'a str>,
}

impl Asker<'_> {
    /// As a parameter: what is no id is nobody's.
    fn user(&self) -> String {
        self.user.map(|id| id.to_string()).unwrap_or_default()
    }
}

fn head_from(row: &Row, asker: Asker<'_>) -> sqlx::Result<Head> {
    let visibility = visibility_from(&row.get::<String>("visibility")?)?;
    let open_access = access_from(&row.get::<String>("access")?)?;
    let link: Option<String> = row.get("link")?;
    let trashed_at_us: Option<i64> = row.get("trashed_at_us")?;
    let open = match visibility {
        Visibility::Private => false,
        // The secret has 256 bits and was looked up by its project's id: nothing is learned from how
        // long a comparison takes.
        Visibility::Link => asker.link.is_some() && link.as_deref() == asker.link,
        Visibility::Public => true,
    };
    let granted = granted_from(row.get("granted")?);
    let access = granted.max(open.then_some(open_access));
    let origin_id: Option<String> = row.get("origin_id")?;
    let origin_version: Option<i64> = row.get("origin_version")?;
    Ok(Head {
        id: row.id("id")?,
        owner: row.id("owner_id")?,
        name: row.get("name")?,
        tags: tags_from(&row.get::<String>("tags")?),
        version: row.get("version")?,
        visibility,
        open_access,
        link,
        origin: origin_id
            .zip(origin_version)
            .map(|(project_id, version)| Origin { project_id, version }),
        stored_bytes: row.get("stored_bytes")?,
        created_at_us: row.get("created_at_us")?,
        updated_at_us: row.get("updated_at_us")?,
        trashed_at_us,
        // What is in the trash is its owner's alone.
        access: access.filter(|access| trashed_at_us.is_none() || *access == Access::Own),
    })
}

const FIND: &str = concat!(
    "SELECT p.id, p.owner_id, p.name, p.tags, p.version, p.visibility, p.access, p.link, p.origin_id,
            p.origin_version, p.stored_bytes, p.created_at_us, p.updated_at_us, p.trashed_at_us, ",
    granted!(),
    " FROM projects p WHERE p.id = $2"
);

pub async fn find(db: &Db, asker: Asker<'_>, id: Uuid) -> sqlx::Result<Option<Head>> {
    let row = sql(FIND).bind(asker.user()).bind(id).optional(db).await?;
    row.map(|row| head_from(&row, asker)).transpose()
}

/// The same, and nobody else changes it before the transaction ends.
pub async fn lock(tx: &mut Tx, asker: Asker<'_>, id: Uuid) -> sqlx::Result<Option<Head>> {
    let row = sql(FIND).bind(asker.user()).bind(id).for_update().optional(tx).await?;
    row.map(|row| head_from(&row, asker)).transpose()
}

/// The project that a link's secret leads to.
pub async fn by_link(db: &Db, link: &str) -> sqlx::Result<Option<Uuid>> {
    let row = sql("SELECT id FROM projects WHERE link = $1 AND visibility = 'link'")
        .bind(link)
        .optional(db)
        .await?;
    row.map(|row| row.id("id")).transpose()
}

/// Projects of an owner, and their bytes; those in the trash count.
pub async fn usage(tx: &mut Tx, owner: Uuid) -> sqlx::Result<(i64, i64)> {
    let row =
        sql("SELECT count(*) AS projects, CAST(coalesce(sum(stored_bytes), 0) AS BIGINT) AS bytes
         FROM projects WHERE owner_id = $1")
        .bind(owner)
        .one(tx)
        .await?;
    Ok((row.get("projects")?, row.get("bytes")?))
}

/// Name, tags and origin of a project to be.
#[derive(Debug, Clone)]
pub struct New<'a> {
    pub name: &'a str,
    pub tags: &'a [String],
    pub origin: Option<(Uuid, i64)>,
}

fn search_text(name: &str, tags: &[String]) -> String {
    format!("{name}\n{}", tags.join("\n")).to_lowercase()
}

/// Makes an empty project at version 0; [`super::versions::save`] writes the first.
pub async fn create(tx: &mut Tx, owner: Uuid, new: &New<'_>, now_us: i64) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sql("INSERT INTO projects (id, owner_id, created_at_us, updated_at_us, version, visibility, access,
                               origin_id, origin_version, circuits, stored_bytes, name, tags, search)
         VALUES ($1, $2, $3, $3, 0, 'private', 'read', $4, $5, 0, 0, $6, $7, $8)")
    .bind(id)
    .bind(owner)
    .bind(now_us)
    .bind(new.origin.map(|(id, _)| id))
    .bind(new.origin.map(|(_, version)| version))
    .bind(new.name)
    .bind(new.tags.join("\n"))
    .bind(search_text(new.name, new.tags))
    .run(tx)
    .await?;
    Ok(id)
}

/// Notes a saved version.
#[derive(Debug, Clone, Copy)]
pub struct Saved<'a> {
    pub name: &'a str,
    pub tags: &'a [String],
    pub version: i64,
    pub circuits: usize,
    /// That were not kept for this project before.
    pub new_bytes: i64,
}

pub async fn saved(tx: &mut Tx, id: Uuid, saved: Saved<'_>, now_us: i64) -> sqlx::Result<()> {
    sql("UPDATE projects SET updated_at_us = $2, version = $3, circuits = $4,
             stored_bytes = stored_bytes + $5, name = $6, tags = $7, search = $8
         WHERE id = $1")
    .bind(id)
    .bind(now_us)
    .bind(saved.version)
    .bind(i64::try_from(saved.circuits).unwrap_or(i64::MAX))
    .bind(saved.new_bytes)
    .bind(saved.name)
    .bind(saved.tags.join("\n"))
    .bind(search_text(saved.name, saved.tags))
    .run(tx)
    .await?;
    Ok(())
}

/// Puts a project into the trash, or (`None`) takes it out.
pub async fn trash(tx: &mut Tx, id: Uuid, at_us: Option<i64>) -> sqlx::Result<()> {
    sql("UPDATE projects SET trashed_at_us = $2 WHERE id = $1")
        .bind(id)
        .bind(at_us)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> sqlx::Result<()> {
    sql("DELETE FROM projects WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// Deletes at most `limit` projects that were put into the trash before `before_us`.
pub async fn delete_trash(db: &Db, before_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done = sql("DELETE FROM projects WHERE id IN (
             SELECT id FROM projects WHERE trashed_at_us < $1 LIMIT $2)")
    .bind(before_us)
    .bind(limit)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(done)
}

/// Which projects are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Own,
    Trash,
    /// Of others, by a grant to the user or a group.
    Shared,
    Public,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    pub shelf: Shelf,
    pub user: Option<Uuid>,
    /// In name or tags, in lower case; empty for all.
    pub text: &'a str,
    /// A whole tag; empty for all.
    pub tag: &'a str,
    /// Time and id of the last line of the page before.
    pub after: (i64, String),
    pub limit: i64,
}

macro_rules! list {
    ($shelf:literal) => {
        concat!(
            "SELECT p.id, p.name, p.tags, p.version, p.visibility, p.access, p.circuits,
                    p.updated_at_us, p.trashed_at_us, ",
            granted!(),
            " FROM projects p WHERE ",
            $shelf,
            " AND (p.updated_at_us < $2 OR (p.updated_at_us = $2 AND p.id < $3))
              AND p.search LIKE $4 ESCAPE '\\' AND ($5 = '' OR p.tags LIKE $5 ESCAPE '\\'
                OR p.tags LIKE $6 ESCAPE '\\' OR p.tags LIKE $7 ESCAPE '\\' OR p.tags = $8)
              ORDER BY p.updated_at_us DESC, p.id DESC LIMIT $9"
        )
    };
}

/// Newest first.
pub async fn list(db: &Db, search: &Search<'_>) -> sqlx::Result<Vec<ProjectSummary>> {
    let statement = match search.shelf {
        Shelf::Own => list!("p.owner_id = $1 AND p.trashed_at_us IS NULL"),
        Shelf::Trash => list!("p.owner_id = $1 AND p.trashed_at_us IS NOT NULL"),
        Shelf::Shared => list!(
            "p.trashed_at_us IS NULL AND p.owner_id <> $1 AND p.id IN (
                 SELECT g.project_id FROM grants g WHERE g.user_id = $1
                 UNION SELECT g.project_id FROM grants g JOIN members m ON m.group_id = g.group_id
                 WHERE m.user_id = $1)"
        ),
        Shelf::Public => list!("p.visibility = 'public' AND p.trashed_at_us IS NULL"),
    };
    let asker = Asker { user: search.user, link: None };
    // A tag is a whole line of the column: first, last, in the middle, or all of it.
    let tag = pattern(search.tag);
    let tag = &tag[1..tag.len() - 1];
    let lines = if search.tag.is_empty() {
        [String::new(), String::new(), String::new(), String::new()]
    } else {
        [format!("{tag}\n%"), format!("%\n{tag}"), format!("%\n{tag}\n%"), search.tag.to_owned()]
    };
    let [first, last, middle, all] = lines;
    let rows = sql(statement)
        .bind(asker.user())
        .bind(search.after.0)
        .bind(&search.after.1)
        .bind(pattern(search.text))
        .bind(first)
        .bind(last)
        .bind(middle)
        .bind(all)
        .bind(search.limit)
        .all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let visibility = visibility_from(&row.get::<String>("visibility")?)?;
            let open = (visibility == Visibility::Public)
                .then(|| access_from(&row.get::<String>("access")?))
                .transpose()?;
            Ok(ProjectSummary {
                id: row.get("id")?,
                name: row.get("name")?,
                tags: tags_from(&row.get::<String>("tags")?),
                version: row.get("version")?,
                visibility,
                access: granted_from(row.get("granted")?).max(open).unwrap_or(Access::Read),
                circuits: row.get("circuits")?,
                updated_at_us: row.get("updated_at_us")?,
                trashed_at_us: row.get("trashed_at_us")?,
            })
        })
        .collect()
}

/// Those whom a project is shared with by name.
pub async fn grants(db: &Db, id: Uuid) -> sqlx::Result<Vec<Grant>> {
    let rows = sql("SELECT user_id, group_id, access FROM grants WHERE project_id = $1
         ORDER BY user_id, group_id")
    .bind(id)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let to = match row.get::<Option<String>>("user_id")? {
                Some(user) => Grantee::User(user),
                None => Grantee::Group(row.get("group_id")?),
            };
            Ok(Grant { to, access: access_from(&row.get::<String>("access")?)? })
        })
        .collect()
}

/// Sets how a project is shared. `false` if a user or group is not there, or a group that the owner
/// is not in; the transaction can only be rolled back then.
pub async fn share(
    tx: &mut Tx,
    owner: Uuid,
    id: Uuid,
    visibility: Visibility,
    access: Access,
    link: Option<&str>,
    grants: &[Grant],
) -> sqlx::Result<bool> {
    sql("UPDATE projects SET visibility = $2, access = $3, link = $4 WHERE id = $1")
        .bind(id)
        .bind(visibility_name(visibility))
        .bind(access_name(access))
        .bind(link)
        .run(tx)
        .await?;
    sql("DELETE FROM grants WHERE project_id = $1").bind(id).run(tx).await?;
    for grant in grants {
        let query = match &grant.to {
            Grantee::User(user) => sql("INSERT INTO grants (project_id, user_id, access)
                 SELECT $1, u.id, $3 FROM users u WHERE u.id = $2 AND u.id <> $4
                 ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(user),
            Grantee::Group(group) => sql("INSERT INTO grants (project_id, group_id, access)
                 SELECT $1, m.group_id, $3 FROM members m WHERE m.group_id = $2 AND m.user_id = $4
                 ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(group),
        };
        if query.bind(access_name(grant.access)).bind(owner).run(tx).await? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Moves all projects of one user to another.
pub async fn give(tx: &mut Tx, from: Uuid, to: Uuid) -> sqlx::Result<()> {
    sql("UPDATE projects SET owner_id = $2 WHERE owner_id = $1")
        .bind(from)
        .bind(to)
        .run(tx)
        .await?;
    Ok(())
}
