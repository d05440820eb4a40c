//! Saving a project that others may save too. A save that comes second loses nothing: what both changed is
//! kept twice, side by side, and every version is there besides.

use api::http::projects::{Content, ProjectCircuit, SaveProject, Stored};

use crate::api_client::{Answer, project, update_project};

/// A project as it was read: what a save states that it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub id: String,
    /// The secret of the link that one came by.
    pub link: Option<String>,
    pub version: i64,
    pub base: SaveProject,
}

impl Kept {
    pub fn new(stored: Stored, link: Option<String>) -> Self {
        Self { id: stored.id.clone(), link, version: stored.version, base: writable(stored) }
    }
}

/// What of a project a save may change.
fn writable(stored: Stored) -> SaveProject {
    SaveProject { name: stored.name, tags: stored.tags, content: stored.content }
}

/// A save that was overtaken is merged with what came before it and sent again, this often.
const TRIES: usize = 3;

/// Writes the next version; also says whether somebody else had changed the same, so that both are kept.
pub async fn save(kept: &Kept, mut ours: SaveProject) -> Answer<(Stored, bool)> {
    let link = kept.link.as_deref();
    let (mut base, mut version) = (kept.base.clone(), kept.version);
    let mut both = false;
    for _ in 1..TRIES {
        match update_project(&kept.id, link, version, &ours).await {
            Err(error) if error.is("version_conflict") => {
                let present: Stored = project(&kept.id, link).await?;
                version = present.version;
                let theirs = writable(present);
                let (merged, twice) = merge(&base, &ours, &theirs);
                both |= twice;
                (ours, base) = (merged, theirs);
            }
            answer => return answer.map(|saved| (saved, both)),
        }
    }
    update_project(&kept.id, link, version, &ours).await.map(|saved| (saved, both))
}

/// What `ours` and `theirs` made of `base`, together; and whether something was changed by both, and differently.
pub fn merge(base: &SaveProject, ours: &SaveProject, theirs: &SaveProject) -> (SaveProject, bool) {
    let mut both = false;
    let name = pick(&base.name, &ours.name, &theirs.name, &mut both);
    let mut twice = false;
    // Tags of both sides cost nothing.
    let mut tags = pick(&base.tags, &ours.tags, &theirs.tags, &mut twice);
    if twice {
        tags.extend(theirs.tags.iter().filter(|tag| !ours.tags.contains(tag)).cloned());
        tags.truncate(api::http::projects::MAX_TAGS);
    }
    let (was, mine, now) = (&base.content, &ours.content, &theirs.content);
    let mut notes_twice = false;
    let mut notes = pick(&was.notes, &mine.notes, &now.notes, &mut notes_twice);
    if notes_twice {
        notes = format!("{}\n\n---\n\n{}", now.notes, mine.notes);
        both = true;
    }
    let circuits = merge_circuits(&was.circuits, &mine.circuits, &now.circuits, &mut both);
    (SaveProject { name, tags, content: Content { notes, circuits } }, both)
}

/// What changed; ours where both did.
fn pick<T: PartialEq + Clone>(base: &T, ours: &T, theirs: &T, both: &mut bool) -> T {
    if ours == base {
        return theirs.clone();
    }
    *both |= theirs != base && theirs != ours;
    ours.clone()
}

fn merge_circuits(
    base: &[ProjectCircuit],
    ours: &[ProjectCircuit],
    theirs: &[ProjectCircuit],
    both: &mut bool,
) -> Vec<ProjectCircuit> {
    let find = |all: &[ProjectCircuit], id: &str| all.iter().find(|c| c.id == id).cloned();
    let mut out = Vec::new();
    let mut beside = Vec::new();
    for now in theirs {
        match (find(base, &now.id), find(ours, &now.id)) {
            // Taken out here, and not touched there.
            (Some(was), None) if was == *now => {}
            (_, None) => out.push(now.clone()),
            (was, Some(mine)) => {
                if mine == *now || was.as_ref() == Some(&mine) {
                    out.push(now.clone());
                } else if was.as_ref() == Some(now) {
                    out.push(mine);
                } else {
                    out.push(now.clone());
                    beside.push(mine);
                    *both = true;
                }
            }
        }
    }
    for mine in ours.iter().filter(|mine| find(theirs, &mine.id).is_none()) {
        // New here, or changed here and taken out there.
        if find(base, &mine.id).is_none_or(|was| was != *mine) {
            out.push(mine.clone());
        }
    }
    for mut mine in beside {
        mine.id = free_id(&out);
        mine.name = format!("{} (2)", mine.name);
        out.push(mine);
    }
    out
}

/// An id that no circuit of a project has.
pub fn free_id(circuits: &[ProjectCircuit]) -> String {
    let taken = |id: &String| circuits.iter().any(|circuit| circuit.id == *id);
    let mut ids = (1..).map(|n| format!("c{n}"));
    ids.find(|id| !taken(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use api::project::RunSettings;
    use api::run::Program;

    use super::*;

    fn circuit(id: &str, text: &str) -> ProjectCircuit {
        ProjectCircuit {
            id: id.into(),
            name: id.to_uppercase(),
            program: Program::openqasm(text),
            settings: RunSettings::default(),
            inputs: std::collections::BTreeMap::new(),
        }
    }

    fn made(name: &str, notes: &str, circuits: &[(&str, &str)]) -> SaveProject {
        let circuits = circuits.iter().map(|(id, text)| circuit(id, text)).collect();
        SaveProject {
            name: name.into(),
            tags: vec![],
            content: Content { notes: notes.into(), circuits },
        }
    }

    /// Ids and texts of the merged circuits.
    fn texts(project: &SaveProject) -> Vec<(&str, &str)> {
        let circuits = project.content.circuits.iter();
        circuits.map(|c| (c.id.as_str(), c.program.text.as_str())).collect()
    }

    #[test]
    fn changes_in_different_places_are_joined() {
        let base = made("P", "n", &[("c1", "a"), ("c2", "b")]);
        let ours = made("P", "n", &[("c1", "a2"), ("c2", "b"), ("c3", "new")]);
        let theirs = made("Q", "m", &[("c1", "a"), ("c2", "b2")]);
        let (merged, both) = merge(&base, &ours, &theirs);
        assert!(!both);
        assert_eq!((merged.name.as_str(), merged.content.notes.as_str()), ("Q", "m"));
        assert_eq!(texts(&merged), [("c1", "a2"), ("c2", "b2"), ("c3", "new")]);
    }

    #[test]
    fn what_both_changed_is_kept_twice() {
        let base = made("P", "n", &[("c1", "a")]);
        let ours = made("P", "ours", &[("c1", "a2")]);
        let theirs = made("P", "theirs", &[("c1", "a3")]);
        let (merged, both) = merge(&base, &ours, &theirs);
        assert!(both);
        assert_eq!(texts(&merged), [("c1", "a3"), ("c2", "a2")]);
        assert_eq!(merged.content.circuits[1].name, "C1 (2)");
        assert!(merged.content.notes.contains("ours") && merged.content.notes.contains("theirs"));
    }

    #[test]
    fn what_one_deleted_goes_unless_the_other_changed_it() {
        let base = made("P", "", &[("c1", "a"), ("c2", "b")]);
        let theirs = made("P", "", &[("c1", "a2"), ("c2", "b")]);
        let (merged, _) = merge(&base, &made("P", "", &[]), &theirs);
        assert_eq!(texts(&merged), [("c1", "a2")]);
        let ours = made("P", "", &[("c1", "a"), ("c2", "b2")]);
        let (merged, _) = merge(&base, &ours, &made("P", "", &[]));
        assert_eq!(texts(&merged), [("c2", "b2")]);
    }

    #[test]
    fn the_same_change_on_both_sides_is_one() {
        let base = made("P", "n", &[("c1", "a")]);
        let change = made("Q", "m", &[("c1", "b"), ("c2", "c")]);
        assert_eq!(merge(&base, &change, &change), (change.clone(), false));
    }
}
