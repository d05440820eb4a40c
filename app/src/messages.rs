//! Every text of the page, in each of its languages. A text that is missing in one does not compile.
//!
//! Values are put in with [`fill`]: `"{n} qubits"`. What the simulator, the compiler and the server say
//! comes from them and is English.

mod de;
pub mod edits;
mod en;
pub mod keys;

use std::cell::Cell;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// What the browser asks for, English if it is none of ours.
    pub fn of_browser() -> Self {
        let wanted = leptos::prelude::window().navigator().language().unwrap_or_default();
        if wanted.starts_with("de") { Self::German } else { Self::English }
    }

    /// For `lang` attributes.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// In the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    fn messages(self) -> &'static Messages {
        match self {
            Self::English => &en::MESSAGES,
            Self::German => &de::MESSAGES,
        }
    }
}

thread_local! {
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// From now on [`t`] speaks `language`. What is on screen is built anew by the frame.
pub fn use_language(language: Language) {
    CURRENT.set(language);
}

/// The language in use.
pub fn language() -> Language {
    CURRENT.get()
}

/// The texts in the language in use.
pub fn t() -> &'static Messages {
    CURRENT.get().messages()
}

/// `template` with `{name}` replaced by its value.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = template.to_owned();
    for (name, value) in values {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

/// CodeMirror's own words in the language in use, by the English ones.
pub fn editor_words() -> std::collections::BTreeMap<&'static str, &'static str> {
    match language() {
        Language::English => std::collections::BTreeMap::new(),
        Language::German => [
            ("Find", "Suchen"),
            ("Replace", "Ersetzen"),
            ("next", "weiter"),
            ("previous", "zurück"),
            ("all", "alle"),
            ("match case", "Groß/klein"),
            ("by word", "ganze Wörter"),
            ("regexp", "regulärer Ausdruck"),
            ("replace", "ersetzen"),
            ("replace all", "alle ersetzen"),
            ("close", "schließen"),
            ("current match", "dieser Treffer"),
            ("on line", "in Zeile"),
            ("replaced match on line $", "Treffer in Zeile $ ersetzt"),
            ("replaced $ matches", "$ Treffer ersetzt"),
            ("Go to line", "Gehe zu Zeile"),
            ("go", "los"),
            ("Diagnostics", "Probleme"),
            ("No diagnostics", "Keine Probleme"),
            ("Completions", "Vorschläge"),
            ("Fold line", "Zeile einklappen"),
            ("Unfold line", "Zeile ausklappen"),
            ("Folded lines", "Eingeklappte Zeilen"),
            ("Unfolded lines", "Ausgeklappte Zeilen"),
            ("to", "bis"),
            ("folded code", "eingeklappter Text"),
            ("unfold", "ausklappen"),
            ("Selection deleted", "Auswahl gelöscht"),
            ("Control character", "Steuerzeichen"),
        ]
        .into(),
    }
}

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// The catalogue.
        pub struct Messages { $($(#[$doc])* pub $name: &'static str,)* }

        impl Messages {
            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

messages! {
    // frame
    project_name, untitled, saved, saving, not_saved, undo, redo, file, share, view, close,
    // file menu
    new_circuit, open_file, open_saved, save_to_server, examples, download_qasm,
    download_svg, download_png, no_picture, copy_qasm_3, copy_qasm_2, copy_link,
    copied_3, copied_2, cannot_convert, link_copied, clipboard_blocked, opened, opened_drawn, opened_long, opened_with_errors, pasted, now_version_3, link_too_long, link_broken,
    file_too_large, file_not_text,
    // view menu
    theme, theme_auto, theme_light, theme_dark, theme_contrast, language, panels, shortcuts,
    // panels
    gates, code, results, hide_gates, show_gates, hide_code, show_code, hide_results, show_results,
    resize_code, resize_results,
    // code
    code_label, code_keys, problems, more_problems, stale_picture, text_only, undrawn,
    // inputs
    inputs, input_value, input_missing, input_missing_many, input_not_a_number,
    // results
    counts_cut, sort_outcome, sort_frequency, sort_label, page_of, previous_page, next_page,
    shots, outcome, probability, amplitude, phase, basis_state,
    no_counts, no_qubits, amplitudes_of, amplitudes_hint, state_sum,
    counts_text, bloch_label, p_one,
    drawing_unavailable,
    // status
    starting, threads_one, threads_many, qubits_one, qubits_many, seed, reroll, arithmetic, arithmetic_hint, seed_hint, shots_hint, running, cancel,
    cancelled, run_again, progress, method_statevector, method_density_matrix, method_trajectories,
    method_stabilizer, method_auto,
    // failures
    refused_program, refused_resources, refused_request, refused_runtime, failed_internal,
    crashed_panic, crashed_memory, crashed_start, circuit_kept, simulator_unavailable, go_to_place,
    // saved circuits
    saved_circuits, server_unreachable, no_saved_circuits, saved_on_server, delete, deleted, save_current,
    server_refused, loading,
    // command palette
    commands, commands_hint, no_command, place_gate, open_example,
    // gates from a matrix or from text
    new_gate, new_gate_name, new_gate_matrix, new_gate_matrix_hint, new_gate_text, new_gate_text_hint, not_unitary,
    use_nearest, no_nearest, add_gate, gate_added, no_gate_in_text, text_not_read, matrix_qubits,
    // shortcuts
    keys_general, keys_commands, keys_run, keys_open, keys_save, keys_help, keys_gates, keys_code, keys_results, keys_text, keys_text_complete, keys_text_find, keys_text_next,
    keys_text_leave, keys_text_comment, keys_text_picture,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<String> {
        let mut found: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|p| p.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect();
        found.sort();
        found
    }

    #[test]
    fn every_language_fills_in_the_same_values() {
        let english = en::MESSAGES.all();
        for language in Language::ALL {
            for ((name, en), (_, other)) in english.iter().zip(language.messages().all()) {
                assert!(!other.trim().is_empty(), "{name} in {}", language.tag());
                assert_eq!(placeholders(en), placeholders(other), "{name} in {}", language.tag());
            }
        }
    }

    #[test]
    fn values_are_put_in_by_name() {
        assert_eq!(fill("{a} of {b}", &[("a", "1"), ("b", "2")]), "1 of 2");
    }
}
