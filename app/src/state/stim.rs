//! Circuits of Stim: told from programs, read by the worker, drawn where OpenQASM can say them.

use std::sync::Arc;

use api::run::{Limits, Program, RunError, RunErrorKind, SampleRequest, SampleResult, Sampled};
use leptos::prelude::*;

use super::Lab;
use crate::displays::words::words;
use crate::messages::fill;

/// A circuit that is not drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct StimFile {
    pub name: String,
    pub text: Arc<str>,
    /// What it holds; the errors in it, with their places, where it cannot be read.
    pub found: Result<SampleResult, Vec<String>>,
}

/// Whether a text is written in the format of Stim: one instruction a line, its name in capitals.
pub fn is_stim(text: &str) -> bool {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'));
    let Some(line) = line.filter(|l| !l.contains(';')) else { return false };
    let end = line.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let targets = |c: char| c.is_ascii_digit() || " \t!*XYZ-[]rec{#".contains(c);
    // Arguments and tags say what they like.
    let open = rest.starts_with(['(', '[']);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && (name == "TICK" || open || rest.len() > 1 && rest.chars().all(targets))
}

impl Lab {
    /// A request for shots of a circuit, with the memory that there is.
    pub fn sample_request(self, circuit: Sampled, shots: u32, seed: u64) -> SampleRequest {
        let mut limits = Limits { max_operations: u64::from(u32::MAX), ..Limits::default() };
        if let Some(bytes) = self.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        SampleRequest { circuit, shots, seed, decode: false, convert: false, limits }
    }

    /// Asks what a circuit holds, again where an edit comes in between.
    fn read_stim(
        self,
        request: SampleRequest,
        then: impl FnOnce(Result<SampleResult, RunError>) + 'static,
    ) {
        let again = request.clone();
        self.sim.sample(request, move |answer| match answer {
            Err(error) if error.kind == RunErrorKind::Cancelled => self.read_stim(again, then),
            answer => then(answer),
        });
    }

    /// Opens a circuit of Stim: as OpenQASM where that can say it, else for its rates. `say` hears the name under which
    /// a program was opened.
    pub fn open_stim(self, file: &str, stem: &str, text: &str, say: impl FnOnce(&str) + 'static) {
        let (file, stem, text) = (file.to_owned(), stem.to_owned(), Arc::<str>::from(text));
        let circuit = Sampled::Program(Program::stim(text.to_string()));
        let request = SampleRequest { convert: true, ..self.sample_request(circuit, 0, 0) };
        self.read_stim(request, move |answer| {
            let found = match answer {
                Ok(SampleResult { openqasm: Some(program), .. }) => {
                    self.stim.set(None);
                    self.open(&stem, &program);
                    return say(&fill(words().stim_converted, &[("name", &file)]));
                }
                Ok(found) => {
                    let reason = found.not_openqasm.as_deref().unwrap_or_default();
                    let said = fill(words().stim_opened, &[("name", &file), ("reason", reason)]);
                    self.toasts().say(said);
                    Ok(found)
                }
                Err(error) => {
                    self.toasts().say(fill(words().stim_refused, &[("name", &file)]));
                    let place = |d: api::run::Diagnostic| match d.line {
                        0 => d.message,
                        line => fill(
                            words().stim_place,
                            &[
                                ("line", &line.to_string()),
                                ("column", &d.column.to_string()),
                                ("message", &d.message),
                            ],
                        ),
                    };
                    Err(error.diagnostics.into_iter().map(place).collect())
                }
            };
            self.stim.set(Some(Arc::new(StimFile { name: file, text, found })));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circuits_of_stim_are_told_from_programs() {
        for text in [
            "H 0\nCX 0 1",
            "# a\n\n  QUBIT_COORDS(1, 2) 0",
            "R 0 1 2\nTICK",
            "TICK",
            "REPEAT 5 {\n M 0\n}",
            "MPP X0*Z1",
            "M !0",
            "H[tag] 0",
            "CX rec[-1] 1",
        ] {
            assert!(is_stim(text), "{text}");
        }
        for text in [
            "OPENQASM 3.0;\nqubit q;",
            "h q[0];",
            "",
            "SEE 5 of them",
            "Hello 1",
            "H",
            "qubit q;",
            "X Ray",
        ] {
            assert!(!is_stim(text), "{text}");
        }
    }
}
