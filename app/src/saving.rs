//! The circuit as part of a project on the server: saved there, opened from there. Everything else about
//! projects is the portal's.

use ::app::api_client::{Answer, ApiError, create_project, project, project_version};
use ::app::keeping::{Kept, save as save_project};
use api::http::projects::{Access, Content, ProjectCircuit, SaveProject, Stored};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use crate::messages::{fill, t};
use crate::state::Lab;

/// Where on the server a circuit is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remote {
    project: String,
    circuit: String,
    /// Version of the project that was read or written last.
    version: i64,
    /// The secret of the link that one came by.
    link: Option<String>,
}

/// Saves the circuit to its project, or makes one of it.
pub fn save(lab: Lab) {
    spawn_local(async move {
        match keep(lab).await {
            Ok(said) => {
                let path = lab.remote().map(|remote| format!("/projects/{}", remote.project));
                let path = path.unwrap_or_default();
                lab.toasts().offer(said, t().open_saved, move || go(&path));
            }
            Err(error) => fail(lab, &error),
        }
    });
}

/// Loads another page of the site. The circuit is kept in the browser.
pub fn go(path: &str) {
    let _ = window().location().set_href(path);
}

fn fail(lab: Lab, error: &ApiError) {
    lab.toasts().say(match error {
        ApiError::Unreachable => t().server_unreachable.to_owned(),
        ApiError::Refused(problem) => fill(t().server_refused, &[("reason", &problem.detail)]),
    });
}

async fn keep(lab: Lab) -> Answer<String> {
    let now = lab.project();
    let name = if now.name.trim().is_empty() { t().untitled.to_owned() } else { now.name };
    let mut circuit = ProjectCircuit {
        id: "c1".to_owned(),
        name: name.clone(),
        program: now.program,
        settings: now.settings,
        inputs: now.inputs,
    };
    if let Some(mut remote) = lab.remote() {
        // What the project held when this circuit was read: a save states what it changes.
        match project_version(&remote.project, remote.link.as_deref(), remote.version).await {
            Ok(before) => {
                let kept = Kept::new(before, remote.link.clone());
                let mut ours = kept.base.clone();
                circuit.id.clone_from(&remote.circuit);
                let circuits = &mut ours.content.circuits;
                match circuits.iter_mut().find(|one| one.id == circuit.id) {
                    Some(one) => one.clone_from(&circuit),
                    None => circuits.push(circuit.clone()),
                }
                let (saved, both) = save_project(&kept, ours).await?;
                let version = saved.version.to_string();
                let mut said = fill(t().saved_on_server, &[("n", &version)]);
                // Ours may stand beside the other one now.
                let mine =
                    saved.content.circuits.iter().rev().find(|c| c.program == circuit.program);
                if let Some(mine) = mine.filter(|_| both) {
                    remote.circuit.clone_from(&mine.id);
                    said = fill(t().kept_both, &[("name", &mine.name)]);
                }
                remote.version = saved.version;
                lab.set_remote(Some(remote));
                return Ok(said);
            }
            // It was deleted there meanwhile: it is kept anew.
            Err(error) if error.is("not_found") => {}
            Err(error) => return Err(error),
        }
    }
    let content = Content { notes: String::new(), circuits: vec![circuit] };
    let made: Stored = create_project(&SaveProject { name, tags: Vec::new(), content }).await?;
    lab.set_remote(Some(Remote {
        project: made.id,
        circuit: "c1".to_owned(),
        version: made.version,
        link: None,
    }));
    Ok(fill(t().saved_on_server, &[("n", "1")]))
}

/// Opens the circuit that the fragment of an address names: `project=ID&circuit=ID&link=SECRET`, the last
/// where one came by a link.
pub fn open(lab: Lab, fragment: &str) {
    let part = |name: &str| {
        let value = fragment.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    };
    let Some(id) = part("project") else { return };
    let (circuit, link) = (part("circuit").unwrap_or_default(), part("link"));
    spawn_local(async move {
        match project(&id, link.as_deref()).await {
            Ok(project) => show(lab, project, circuit, link),
            Err(error) => fail(lab, &error),
        }
    });
}

fn show(lab: Lab, project: Stored, circuit: String, link: Option<String>) {
    let Some(found) = project.content.circuits.into_iter().find(|one| one.id == circuit) else {
        return lab.toasts().say(t().link_broken);
    };
    lab.settings.set(found.settings);
    lab.open_with(&found.name, &found.program.text, found.inputs, Vec::new());
    // What one may not write is saved as one's own.
    if project.access >= Access::Edit {
        lab.set_remote(Some(Remote {
            project: project.id,
            circuit,
            version: project.version,
            link,
        }));
    }
}
