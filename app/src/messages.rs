//! Every text of the page, in each of its languages. A text that is missing in one does not compile.
//!
//! Values are put in with [`fill`]: `"{n} qubits"`. What the simulator, the compiler and the server say
//! comes from them and is English.

mod de;
pub mod edits;
mod en;
pub mod keys;

pub use ::app::language::{Language, fill, language, use_language};

/// The texts in the language in use.
pub fn t() -> &'static Messages {
    match language() {
        Language::English => &en::MESSAGES,
        Language::German => &de::MESSAGES,
    }
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
    // status
    starting, threads_one, threads_many, qubits_one, qubits_many, seed, reroll, arithmetic, arithmetic_hint, seed_hint, shots_hint, running, cancel,
    cancelled, run_again, progress, method_statevector, method_density_matrix, method_trajectories,
    method_stabilizer, method_auto,
    // failures
    refused_program, refused_resources, refused_request, refused_runtime, failed_internal,
    crashed_panic, crashed_memory, crashed_start, circuit_kept, simulator_unavailable, go_to_place,
    // the server: projects and who is signed in
    server_unreachable, saved_on_server, server_refused, kept_both, sign_in, sign_out, account, guest,
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
    use ::app::language::placeholders;

    use super::*;

    #[test]
    fn every_language_fills_in_the_same_values() {
        let english = en::MESSAGES.all();
        for ((name, en), (_, other)) in english.iter().zip(de::MESSAGES.all()) {
            assert!(!en.trim().is_empty() && !other.trim().is_empty(), "{name}");
            assert_eq!(placeholders(en), placeholders(other), "{name}");
        }
    }
}
