//! Every key of the page.

use leptos::prelude::*;

use super::DialogFrame;
use crate::messages::t;

#[component]
pub fn Shortcuts() -> impl IntoView {
    let keys: [(&[&str], &str); 9] = [
        (&["Ctrl Z"], t().keys_undo),
        (&["Ctrl Shift Z", "Ctrl Y"], t().keys_redo),
        (&["Ctrl Enter"], t().keys_run),
        (&["Ctrl O"], t().keys_open),
        (&["Ctrl S"], t().keys_save),
        (&["Ctrl 1"], t().keys_gates),
        (&["Ctrl 2"], t().keys_code),
        (&["Ctrl 3"], t().keys_results),
        (&["?"], t().keys_help),
    ];
    let row = |(keys, what): (&[&'static str], &'static str)| {
        let keys = keys.iter().map(|k| view! { <kbd>{*k}</kbd> }).collect_view();
        view! {
            <tr>
                <td>{what}</td>
                <td>{keys}</td>
            </tr>
        }
    };
    view! {
        <DialogFrame title=t().shortcuts>
            <table class="keys-table">
                <caption>{t().keys_general}</caption>
                <tbody>{keys.map(row).collect_view()}</tbody>
            </table>
        </DialogFrame>
    }
}
