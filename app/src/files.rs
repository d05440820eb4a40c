//! Circuits in and out: picker, drop, paste, download, clipboard, link.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, HtmlElement, HtmlInputElement, Url};

use crate::link;
use crate::messages::{fill, t};
use crate::program;
use crate::saving;
use crate::state::Lab;
use crate::state::lab::MAX_FILE_BYTES;
use crate::state::stim::is_stim;
use crate::state::toast::Toasts;

/// Lets the person choose a file.
pub fn pick(lab: Lab) {
    let Some(input) =
        document().create_element("input").ok().and_then(|e| e.dyn_into::<HtmlInputElement>().ok())
    else {
        return;
    };
    input.set_type("file");
    input.set_accept(".qasm,.inc,.stim,.txt,text/plain");
    let chosen = input.clone();
    let on_change = Closure::once_into_js(move || {
        if let Some(file) = chosen.files().and_then(|files| files.get(0)) {
            read_file(lab, file);
        }
    });
    input.set_onchange(Some(on_change.unchecked_ref()));
    input.click();
}

/// Opens a file under its name.
fn read_file(lab: Lab, file: File) {
    let toasts = lab.toasts();
    if file.size() > MAX_FILE_BYTES as f64 {
        return toasts.say(t().file_too_large);
    }
    spawn_local(async move {
        let text =
            JsFuture::from(file.text()).await.ok().and_then(|t| t.as_string()).unwrap_or_default();
        if text.contains(['\0', '\u{fffd}']) {
            return toasts.say(t().file_not_text);
        }
        let name = file.name();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        open_text(lab, &name, stem, &text);
    });
}

/// Opens a text under `stem`; `name` is what it is called when it is said.
fn open_text(lab: Lab, name: &str, stem: &str, text: &str) {
    let is_file = name.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case("stim"));
    if is_file || is_stim(text) {
        return lab.open_stim(name, stem, text, move |name| say_opened(lab, name));
    }
    lab.open(stem, text);
    say_opened(lab, name);
}

/// What was opened, and a way back.
fn say_opened(lab: Lab, name: &str) {
    let name = name.to_owned();
    lab.after_reading(move || {
        let what = lab.describe();
        let text = fill(t().opened, &[("name", &name), ("what", &what)]);
        lab.toasts().offer(text, t().undo, move || lab.undo());
    });
}

/// Files dropped anywhere, and programs pasted outside a text field.
pub fn accept_drops_and_pastes(lab: Lab) {
    let has_files = |event: &web_sys::DragEvent| {
        event
            .data_transfer()
            .is_some_and(|data| data.types().includes(&JsValue::from_str("Files"), 0))
    };
    let over = window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            mark_drop(true);
        }
    });
    let out = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            mark_drop(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        mark_drop(false);
        let file =
            event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            read_file(lab, file);
        }
    });
    let paste = window_event_listener_untyped("paste", move |event| {
        let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>() else { return };
        let in_field =
            event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()).is_some_and(|e| {
                matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA")
                    || e.is_content_editable()
                    // Its field lies in a shadow tree.
                    || e.class_list().contains("code-host")
            });
        if in_field || event.default_prevented() {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        if let Some(file) = data.files().and_then(|files| files.get(0)) {
            event.prevent_default();
            return read_file(lab, file);
        }
        let text = data.get_data("text").unwrap_or_default();
        if is_program(&text) || is_stim(&text) {
            event.prevent_default();
            open_text(lab, t().pasted, &lab.name.get_untracked(), &text);
        }
    });
    on_cleanup(move || {
        over.remove();
        out.remove();
        drop.remove();
        paste.remove();
    });
}

/// A whole program begins with its version, or declares qubits; a fragment belongs to the canvas.
fn is_program(text: &str) -> bool {
    let code = text
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with("//"))
        .unwrap_or_default();
    ["OPENQASM", "include ", "qreg ", "qubit ", "qubit["]
        .iter()
        .any(|start| code.starts_with(start))
}

fn mark_drop(on: bool) {
    if let Some(body) = document().body() {
        let _ = body.class_list().toggle_with_force("dropping", on);
    }
}

/// The text as a file of the circuit's name.
pub fn download(lab: Lab) {
    let parts = js_sys::Array::of1(&JsValue::from_str(&lab.text.get_untracked()));
    let options = BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    let anchor =
        document().create_element("a").ok().and_then(|e| e.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(anchor) = anchor {
        anchor.set_href(&url);
        anchor.set_download(&format!("{}.qasm", file_name(&lab.name.get_untracked())));
        anchor.click();
    }
    let _ = Url::revoke_object_url(&url);
}

/// A name that every file system takes.
pub fn file_name(name: &str) -> String {
    let safe: String = name
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() || "-_ ()".contains(c) { c } else { '-' })
        .collect();
    if safe.is_empty() { "circuit".into() } else { safe }
}

/// The text in a version of OpenQASM, into the clipboard.
pub fn copy_text(lab: Lab, toasts: Toasts, version_2: bool) {
    match program::in_version(&lab.text.get_untracked(), version_2) {
        Ok(text) => copy(&text, if version_2 { t().copied_2 } else { t().copied_3 }, toasts),
        Err(reason) => {
            let version = if version_2 { "OpenQASM 2" } else { "OpenQASM 3" };
            toasts.say(fill(t().cannot_convert, &[("version", version), ("reason", &reason)]));
        }
    }
}

/// A link to this page that holds the circuit.
pub fn copy_link(lab: Lab, toasts: Toasts) {
    let location = window().location();
    let (Ok(origin), Ok(path)) = (location.origin(), location.pathname()) else { return };
    match link::encode(&lab.project()) {
        Some(fragment) => copy(&format!("{origin}{path}#{fragment}"), t().link_copied, toasts),
        None => toasts.say(t().link_too_long),
    }
}

/// Opens the circuit that the address holds, and takes it out of the address.
pub fn open_link(lab: Lab, toasts: Toasts) {
    let open = move || {
        let fragment = window().location().hash().unwrap_or_default();
        let fragment = fragment.trim_start_matches('#');
        let in_project = fragment.starts_with("project=");
        if !in_project && !link::is_link(fragment) {
            return;
        }
        if in_project {
            saving::open(lab, fragment);
        }
        match link::decode(fragment) {
            _ if in_project => {}
            Some(project) => {
                lab.settings.set(project.settings);
                lab.open_with(&project.name, &project.program.text, project.inputs, project.hidden);
            }
            None => toasts.say(t().link_broken),
        }
        if let (Ok(history), Ok(path)) = (window().history(), window().location().pathname()) {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
    };
    open();
    let change = window_event_listener(ev::hashchange, move |_| open());
    on_cleanup(move || change.remove());
}

fn copy(text: &str, done: &'static str, toasts: Toasts) {
    let promise = window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        toasts.say(if JsFuture::from(promise).await.is_ok() {
            done
        } else {
            t().clipboard_blocked
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_programs_are_told_from_fragments() {
        for text in
            ["OPENQASM 2.0;\nqreg q[1];", "// a\n\n  qubit[2] q;", "include \"qelib1.inc\";"]
        {
            assert!(is_program(text), "{text}");
        }
        for text in ["h q[0];", "", "see OPENQASM"] {
            assert!(!is_program(text), "{text}");
        }
    }

    #[test]
    fn file_names_are_safe() {
        assert_eq!(file_name(" a/b:c "), "a-b-c");
        assert_eq!(file_name("Größe 1"), "Größe 1");
        assert_eq!(file_name("  "), "circuit");
    }
}
