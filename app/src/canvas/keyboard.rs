//! Keys on the canvas.

use editor::gesture::{Gesture, Input};
use editor::keys::{Action, Keyboard, Press};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::Board;

fn press(event: &KeyboardEvent) -> Press {
    Press {
        key: event.key(),
        shift: event.shift_key(),
        command: event.ctrl_key() || event.meta_key(),
        alt: event.alt_key(),
    }
}

/// Whether the event comes from a field, which has keys and a clipboard of its own.
pub fn in_field(event: &web_sys::Event) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"))
}

fn on_button(event: &web_sys::Event) -> bool {
    event.target().and_then(|t| t.dyn_into::<web_sys::HtmlButtonElement>().ok()).is_some()
}

/// A key goes down.
pub fn down(event: &KeyboardEvent, board: Board, keyboard: StoredValue<Keyboard>) {
    if event.is_composing() || event.default_prevented() {
        return;
    }
    if in_field(event) {
        if event.key() == "Escape" || (event.key() == "Enter" && !event.shift_key()) {
            // The change event comes first, then the focus goes back to the circuit.
            let root =
                event.current_target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok());
            let multiline = event
                .target()
                .is_some_and(|t| t.dyn_ref::<web_sys::HtmlTextAreaElement>().is_some());
            if let Some(root) = root.filter(|_| !(multiline && event.key() == "Enter")) {
                event.prevent_default();
                let _ = root.focus();
            }
        }
        return;
    }
    if on_button(event) && matches!(event.key().as_str(), "Enter" | " ") {
        return;
    }
    let press = press(event);
    if press.key == "Escape" && board.gesture.with_untracked(|g| *g != Gesture::Idle) {
        board.send(Input::Cancel);
        event.prevent_default();
        return;
    }
    let action = keyboard.try_update_value(|k| k.down(&press, event.repeat())).flatten();
    let Some(action) = action else {
        if keyboard.with_value(|k| k.holds(&press)) {
            event.prevent_default();
        }
        return;
    };
    // The clipboard comes through its own events; undo belongs to the page, wherever the focus is.
    if matches!(action, Action::Copy | Action::Cut | Action::Paste | Action::Undo | Action::Redo) {
        return;
    }
    event.prevent_default();
    board.act(action);
}

/// A key is let go.
pub fn up(event: &KeyboardEvent, board: Board, keyboard: StoredValue<Keyboard>) {
    if in_field(event) {
        return;
    }
    if let Some(action) = keyboard.try_update_value(|k| k.up(&press(event))).flatten() {
        board.act(action);
    }
}
