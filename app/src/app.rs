//! The frame around every page: stores, keys that work everywhere, dialogs and messages.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::canvas::Board;
use crate::dialogs::{Dialog, Dialogs};
use crate::files;
use crate::frame::TopBar;
use crate::pages::LabPage;
use crate::saving;
use crate::sim_client::SimClient;
use crate::state::toast::{ToastStack, Toasts};
use crate::state::{Inspector, Lab, Prefs};

#[component]
pub fn App() -> impl IntoView {
    let prefs = Prefs::load();
    let toasts = Toasts::new();
    let sim = SimClient::start();
    let lab = Lab::load(sim, toasts, prefs.shots.get_untracked());
    let dialog = RwSignal::new(None::<Dialog>);
    provide_context(prefs);
    provide_context(toasts);
    provide_context(lab);
    provide_context(Inspector::new(lab));
    provide_context(dialog);
    provide_context(RwSignal::new(None::<Board>));

    files::accept_drops_and_pastes(lab);
    files::open_link(lab, toasts);
    let keys =
        window_event_listener(ev::keydown, move |event| shortcut(&event, lab, prefs, dialog));
    on_cleanup(move || keys.remove());
    Effect::new(move |_| document().set_title(&format!("{} · Ketlab", lab.name.get())));

    // Texts are looked up while the page is built, so another language builds it anew.
    move || {
        prefs.language.track();
        view! {
            <div class="app" on:contextmenu=|_| ()>
                <TopBar />
                <LabPage />
                <Dialogs />
                <ToastStack />
            </div>
        }
    }
}

/// Whether a key goes into a field or a text, not to the page.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.composed_path().get(0).dyn_into::<HtmlElement>().ok();
    target.is_some_and(|e| {
        let range = e.get_attribute("type").as_deref() == Some("range");
        let field = matches!(e.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA");
        (field && !range) || e.is_content_editable()
    })
}

/// Keys that work wherever the focus is. Single letters belong to the canvas.
fn shortcut(event: &KeyboardEvent, lab: Lab, prefs: Prefs, dialog: RwSignal<Option<Dialog>>) {
    if event.default_prevented() || event.is_composing() {
        return;
    }
    let command = event.ctrl_key() || event.meta_key();
    let key = event.key();
    let typing = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()).is_some_and(|e| {
        matches!(e.tag_name().as_str(), "INPUT" | "SELECT") || e.is_content_editable()
    });
    let in_text =
        event.target().is_some_and(|t| t.dyn_ref::<web_sys::HtmlTextAreaElement>().is_some());
    let flip = |panel: RwSignal<bool>| panel.update(|open| *open = !*open);
    match (command, event.shift_key(), key.to_ascii_lowercase().as_str()) {
        (true, false, "z") if !typing => lab.undo(),
        (true, true, "z") | (true, false, "y") if !typing => lab.redo(),
        (true, _, "enter") => lab.reroll(),
        (true, false, "o") => files::pick(lab),
        (true, false, "s") => saving::save(lab),
        (true, false, "k") => dialog.set(Some(Dialog::Commands)),
        (true, false, "1") => flip(prefs.gates),
        (true, false, "2") => flip(prefs.code),
        (true, false, "3") => flip(prefs.results),
        (false, _, "?") if !typing && !in_text => dialog.set(Some(Dialog::Shortcuts)),
        _ => return,
    }
    event.prevent_default();
}
