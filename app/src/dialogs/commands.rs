//! The command palette: every action of the page and the canvas by name, and every gate.

use std::sync::Arc;

use editor::keys::{Action, BINDINGS, Section};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::shortcuts::shown;
use super::{Dialog, DialogFrame};
use crate::canvas::Board;
use crate::files;
use crate::frame::top_bar::EMPTY;
use crate::messages::keys::action_name;
use crate::messages::{Language, fill, t, use_language};
use crate::saving;
use crate::state::examples::EXAMPLES;
use crate::state::prefs::Theme;
use crate::state::toast::Toasts;
use crate::state::{Lab, Prefs};

/// Most entries shown at once: further ones are found by typing.
const MAX_SHOWN: usize = 60;

/// Something that can be done.
#[derive(Clone)]
struct Entry {
    name: String,
    /// Where it belongs: section or menu.
    group: &'static str,
    keys: Option<&'static str>,
    /// Lower case, for the search.
    found_by: String,
    /// Outlives the dialog, which a `Callback` would not.
    run: Arc<dyn Fn() + Send + Sync>,
}

impl Entry {
    fn new(
        name: impl Into<String>,
        group: &'static str,
        keys: Option<&'static str>,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        let found_by = format!("{name} {group}").to_lowercase();
        Self { name, group, keys, found_by, run: Arc::new(run) }
    }
}

/// Better matches are smaller. `None` where a word of the query is not found.
fn rank(found_by: &str, query: &str) -> Option<(usize, usize)> {
    let mut worst = 0;
    for word in query.split_whitespace() {
        let at = found_by.find(word)?;
        let begins = at == 0 || !found_by[..at].ends_with(char::is_alphanumeric);
        let ends = !found_by[at + word.len()..].starts_with(char::is_alphanumeric);
        worst = worst.max(match (begins, ends) {
            (true, true) => 0,
            (true, false) => 1,
            _ => 2,
        });
    }
    let first = query.split_whitespace().next().and_then(|word| found_by.find(word)).unwrap_or(0);
    Some((worst, first))
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Commands() -> impl IntoView {
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let entries = StoredValue::new(entries(dialog));
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let list = NodeRef::<html::Ul>::new();
    let field = NodeRef::<html::Input>::new();
    let found = Memo::new_with_compare(
        move |_| {
            let query = query.get().to_lowercase();
            entries.with_value(|entries| {
                let mut found: Vec<_> = entries
                    .iter()
                    .enumerate()
                    .filter_map(|(i, e)| Some((rank(&e.found_by, &query)?, i)))
                    .collect();
                if !query.trim().is_empty() {
                    found.sort_unstable();
                }
                found.iter().take(MAX_SHOWN).map(|(_, i)| entries[*i].clone()).collect::<Vec<_>>()
            })
        },
        |_, _| true,
    );
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let run = move |entry: &Entry| {
        dialog.set(None);
        // The command may open a dialog itself, and acts on the canvas with the focus there.
        let run = Arc::clone(&entry.run);
        request_animation_frame(move || run());
    };
    let show_chosen = move || {
        request_animation_frame(move || {
            // The dialog may be gone by now.
            let item = list
                .try_get_untracked()
                .flatten()
                .and_then(|l| l.query_selector("[aria-selected=true]").ok().flatten());
            if let Some(item) = item {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                item.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    };
    let key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|c| *c = (*c + 1) % count),
            "ArrowUp" => chosen.update(|c| *c = (*c + count - 1) % count),
            "Enter" => {
                if let Some(entry) =
                    found.with_untracked(|f| f.get(chosen.get_untracked()).cloned())
                {
                    run(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
        show_chosen();
    };
    let items = move || {
        let now = chosen.get();
        found
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, entry)| {
                let keys = entry.keys.map(|k| view! { <kbd>{shown(k)}</kbd> });
                let (name, group) = (entry.name.clone(), entry.group);
                view! {
                    <li
                        id=format!("command-{i}")
                        role="option"
                        aria-selected=(i == now).to_string()
                        on:pointermove=move |_| {
                            if chosen.get_untracked() != i {
                                chosen.set(i);
                            }
                        }
                        on:click=move |_| run(&entry)
                    >
                        <span class="command-name">{name}</span>
                        <span class="command-group">{group}</span>
                        {keys}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <DialogFrame title=t().commands>
            <div class="commands">
                <input
                    class="field"
                    type="search"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="command-list"
                    aria-activedescendant=move || format!("command-{}", chosen.get())
                    aria-label=t().commands_hint
                    placeholder=t().commands_hint
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=field
                    prop:value=query
                    on:input=move |event| {
                        query.set(event_target_value(&event));
                        chosen.set(0);
                    }
                    on:keydown=key
                />
                <ul id="command-list" role="listbox" aria-label=t().commands node_ref=list>
                    {items}
                </ul>
                <Show when=move || found.with(Vec::is_empty)>
                    <p class="commands-none">{t().no_command}</p>
                </Show>
            </div>
        </DialogFrame>
    }
}

/// Everything that can be done now.
fn entries(dialog: RwSignal<Option<Dialog>>) -> Vec<Entry> {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let toasts = expect_context::<Toasts>();
    let board = expect_context::<RwSignal<Option<Board>>>();
    let act = move |action: Action| {
        if let Some(board) = board.get_untracked() {
            focus_board();
            board.act(action);
        }
    };
    let flip = |panel: RwSignal<bool>| panel.update(|open| *open = !*open);
    let file = t().file;
    let view = t().view;
    let mut out = vec![
        Entry::new(t().keys_run, file, Some("Mod+Enter"), move || lab.reroll()),
        Entry::new(t().new_circuit, file, None, move || lab.open(t().untitled, EMPTY)),
        Entry::new(t().open_file, file, Some("Mod+O"), move || files::pick(lab)),
        Entry::new(t().open_saved, file, None, move || saving::go("/projects")),
        Entry::new(t().save_to_server, file, Some("Mod+S"), move || saving::save(lab)),
        Entry::new(t().copy_link, t().share, None, move || files::copy_link(lab, toasts)),
        Entry::new(t().copy_qasm_3, t().share, None, move || files::copy_text(lab, toasts, false)),
        Entry::new(t().copy_qasm_2, t().share, None, move || files::copy_text(lab, toasts, true)),
        Entry::new(t().download_qasm, t().share, None, move || files::download(lab)),
        Entry::new(t().new_gate, action_name(Section::Gates.name()), None, move || {
            dialog.set(Some(Dialog::NewGate));
        }),
        Entry::new(t().keys_gates, view, Some("Mod+1"), move || flip(prefs.gates)),
        Entry::new(t().keys_code, view, Some("Mod+2"), move || flip(prefs.code)),
        Entry::new(t().keys_results, view, Some("Mod+3"), move || flip(prefs.results)),
        Entry::new(t().shortcuts, view, Some("?"), move || dialog.set(Some(Dialog::Shortcuts))),
    ];
    for (theme, name) in [
        (Theme::Auto, t().theme_auto),
        (Theme::Light, t().theme_light),
        (Theme::Dark, t().theme_dark),
        (Theme::Contrast, t().theme_contrast),
    ] {
        out.push(Entry::new(format!("{}: {name}", t().theme), view, None, move || {
            prefs.theme.set(theme);
        }));
    }
    for language in Language::ALL {
        out.push(Entry::new(
            format!("{}: {}", t().language, language.name()),
            view,
            None,
            move || {
                use_language(language);
                prefs.language.set(language);
            },
        ));
    }
    for binding in BINDINGS {
        // Copying and pasting need the browser's own event, and moving the caret its keys.
        let by_key = matches!(
            binding.action,
            Action::Copy | Action::Cut | Action::Paste | Action::Go { .. } | Action::Extend { .. }
        );
        let gate = matches!(binding.action, Action::Place(_));
        if !by_key && !gate {
            let action = binding.action;
            let group = action_name(binding.section.name());
            out.push(Entry::new(
                action_name(binding.name),
                group,
                Some(binding.keys[0]),
                move || act(action),
            ));
        }
    }
    for spec in circuit::gate::GATES {
        let action = Action::Place(spec.gate);
        let group = action_name(Section::Gates.name());
        let name = fill(t().place_gate, &[("name", spec.name)]);
        let mut entry = Entry::new(name, group, editor::keys::hint(action), move || act(action));
        entry.found_by =
            format!("{} {} {}", entry.found_by, spec.aliases.join(" "), spec.doc).to_lowercase();
        out.push(entry);
    }
    for example in EXAMPLES {
        let name = fill(t().open_example, &[("name", example.name)]);
        out.push(Entry::new(name, t().examples, None, move || {
            lab.open(example.name, example.text);
        }));
    }
    out
}

fn focus_board() {
    let board = document().query_selector(".board").ok().flatten();
    if let Some(board) = board.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = board.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn whole_words_come_before_beginnings_and_those_before_the_middle() {
        let names = ["place ch controlled", "place h hadamard", "theme: light", "show results"];
        let best = |query: &str| {
            let found = names.iter().enumerate();
            found.filter_map(|(i, n)| Some((rank(n, query)?, i))).min().map(|(_, i)| names[i])
        };
        assert_eq!(best("h"), Some("place h hadamard"));
        assert_eq!(best("con"), Some("place ch controlled"));
        assert_eq!(best("results show"), Some("show results"));
        assert_eq!(best("zzz"), None);
    }
}
