//! The way into an opened gate, and out of it again.

use leptos::prelude::*;

use super::Board;
use super::words::words;
use crate::icon::{Glyph, Icon};
use crate::messages::fill;

/// A line of names over the canvas while a gate is open. The last one can be renamed.
#[component]
pub fn OpenedGates(
    board: Board,
    /// How often the circuit calls the outermost one.
    uses: Signal<usize>,
    /// Gives the innermost one another name, or says why not.
    rename: Callback<(String, String), Result<(), String>>,
) -> impl IntoView {
    let names = move || {
        let path = board.opened.get();
        let last = path.len();
        path.into_iter()
            .enumerate()
            .map(|(at, name)| {
                let depth = at + 1;
                let here = depth == last;
                let shown = if here {
                    let from = name.to_string();
                    let change = move |event: web_sys::Event| {
                        let to = event_target_value(&event).trim().to_owned();
                        let answer = rename.run((from.clone(), to));
                        board.refusal.set(answer.err());
                    };
                    view! {
                        <input
                            class="field bare"
                            aria-label=words().rename_gate
                            title=words().rename_gate
                            spellcheck="false"
                            autocomplete="off"
                            size=name.chars().count().clamp(4, 32)
                            prop:value=name.to_string()
                            on:change=change
                        />
                    }
                    .into_any()
                } else {
                    view! {
                        <button type="button" class="button quiet small" on:click=move |_| board.close_gates(depth)>
                            {name.to_string()}
                        </button>
                    }
                    .into_any()
                };
                view! {
                    <Glyph icon=Icon::ChevronRight />
                    {shown}
                }
            })
            .collect_view()
    };
    let note = move || {
        let name = board.opened.with(|path| path.first().map(ToString::to_string));
        fill(
            words().inside_gate,
            &[("name", &name.unwrap_or_default()), ("n", &uses.get().to_string())],
        )
    };
    view! {
        <Show when=move || !board.opened.with(Vec::is_empty)>
            <nav class="opened-gates" aria-label=words().open>
                <button type="button" class="button quiet small" on:click=move |_| board.close_gates(0)>
                    {words().whole_circuit}
                </button>
                {names}
                <span class="note">{note}</span>
                <span class="grow"></span>
                <button
                    type="button"
                    class="button quiet icon small"
                    title=words().close
                    aria-label=words().close
                    on:click=move |_| board.close_gates(board.opened.with_untracked(Vec::len).saturating_sub(1))
                >
                    <Glyph icon=Icon::Close />
                </button>
            </nav>
        </Show>
    }
}
