//! Every key of the page.

use editor::keys::{BINDINGS, Section};
use leptos::prelude::*;

use super::DialogFrame;
use crate::messages::keys::action_name;
use crate::messages::t;

#[component]
pub fn Shortcuts() -> impl IntoView {
    let page: [(&[&str], &str); 8] = [
        (&["Mod+K"], t().keys_commands),
        (&["Mod+Enter"], t().keys_run),
        (&["Mod+O"], t().keys_open),
        (&["Mod+S"], t().keys_save),
        (&["Mod+1"], t().keys_gates),
        (&["Mod+2"], t().keys_code),
        (&["Mod+3"], t().keys_results),
        (&["?"], t().keys_help),
    ];
    let text: [(&[&str], &str); 6] = [
        (&["Mod+Space"], t().keys_text_complete),
        (&["Mod+F"], t().keys_text_find),
        (&["F8"], t().keys_text_next),
        (&["Mod+/"], t().keys_text_comment),
        (&["F2"], t().keys_text_picture),
        (&["Escape Tab"], t().keys_text_leave),
    ];
    let section = |section: Section| {
        let rows: Vec<_> = BINDINGS
            .iter()
            .filter(|b| b.section == section)
            .map(|b| row(b.keys, action_name(b.name)))
            .collect();
        table(action_name(section.name()), rows)
    };
    view! {
        <DialogFrame title=t().shortcuts>
            <div class="keys-tables">
                {table(t().keys_general, page.map(|(keys, what)| row(keys, what)).into())}
                {Section::ALL.map(section).collect_view()}
                {table(t().keys_text, text.map(|(keys, what)| row(keys, what)).into())}
            </div>
        </DialogFrame>
    }
}

fn table<T: IntoView + 'static>(caption: &'static str, rows: Vec<T>) -> impl IntoView {
    view! {
        <table class="keys-table">
            <caption>{caption}</caption>
            <tbody>{rows.into_iter().collect_view()}</tbody>
        </table>
    }
}

fn row(keys: &[&'static str], what: &'static str) -> impl IntoView + use<> {
    let keys: Vec<_> = keys.iter().map(|key| view! { <kbd>{shown(key)}</kbd> }).collect();
    view! {
        <tr>
            <td>{what}</td>
            <td>{keys}</td>
        </tr>
    }
}

/// A key as it stands on the keyboard.
pub(super) fn shown(keys: &str) -> String {
    let platform = window().navigator().platform().unwrap_or_default();
    let command =
        if platform.starts_with("Mac") || platform.starts_with("iP") { "⌘" } else { "Ctrl" };
    let arrows = [("ArrowLeft", "←"), ("ArrowRight", "→"), ("ArrowUp", "↑"), ("ArrowDown", "↓")];
    let mut out = keys.replace("Mod+", &format!("{command} ")).replace("Shift+", "⇧ ");
    for (name, sign) in arrows {
        out = out.replace(name, sign);
    }
    out
}
