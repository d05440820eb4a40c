//! What opens above the page.

pub mod commands;
pub mod new_gate;
pub mod shortcuts;

use leptos::html;
use leptos::prelude::*;

use crate::icon::{Glyph, Icon};
use crate::messages::t;

/// Which dialog is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    Shortcuts,
    /// Every action, by name.
    Commands,
    /// A gate from a matrix or from text.
    NewGate,
}

/// The open dialog, if any.
#[component]
pub fn Dialogs() -> impl IntoView {
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    move || match dialog.get() {
        None => ().into_any(),
        Some(Dialog::Shortcuts) => view! { <shortcuts::Shortcuts /> }.into_any(),
        Some(Dialog::Commands) => view! { <commands::Commands /> }.into_any(),
        Some(Dialog::NewGate) => view! { <new_gate::NewGate /> }.into_any(),
    }
}

/// Frame of a dialog: title, close button; Escape and a click outside close it too.
#[component]
fn DialogFrame(title: &'static str, children: Children) -> impl IntoView {
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get()
            && !element.open()
        {
            let _ = element.show_modal();
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=element
            aria-label=title
            on:close=move |_| dialog.set(None)
            on:click=move |event| {
                // The backdrop is the dialog itself; its content is inside.
                let outside = element.get_untracked().is_some_and(|e| event.target().as_ref() == Some(e.as_ref()));
                if outside {
                    dialog.set(None);
                }
            }
        >
            <header>
                <h2>{title}</h2>
                <button
                    class="button quiet icon"
                    aria-label=t().close
                    title=t().close
                    on:click=move |_| dialog.set(None)
                >
                    <Glyph icon=Icon::Close />
                </button>
            </header>
            <div class="body">{children()}</div>
        </dialog>
    }
}
