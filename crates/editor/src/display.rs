//! Inline displays: operations that change nothing and show the state where they stand.
//!
//! In the program a display is an annotated barrier over its qubits, controls first:
//!
//! ```text
//! @ketlab.display chance if 10
//! barrier q[3], q[2], q[0];
//! ```

use std::fmt::Write as _;
use std::sync::Arc;

use circuit::{Annotation, Control, Qubit};

use crate::document::{Document, Operation, What};

const KEYWORD: &str = "ketlab.display";

/// What a display shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisplayKind {
    Chance,
    Amplitudes,
    Bloch,
    Density,
    Sample,
    Expectation,
}

impl DisplayKind {
    pub const ALL: [Self; 6] = [
        Self::Chance,
        Self::Amplitudes,
        Self::Bloch,
        Self::Density,
        Self::Sample,
        Self::Expectation,
    ];

    /// As in the program.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chance => "chance",
            Self::Amplitudes => "amplitudes",
            Self::Bloch => "bloch",
            Self::Density => "density",
            Self::Sample => "sample",
            Self::Expectation => "expectation",
        }
    }

    /// Drawn until there is something to show.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Chance => "%",
            Self::Amplitudes => "ψ",
            Self::Bloch => "↗",
            Self::Density => "ρ",
            Self::Sample => "01",
            Self::Expectation => "⟨P⟩",
        }
    }

    /// Most qubits that one display shows in the circuit.
    pub fn max_qubits(self) -> u32 {
        match self {
            Self::Bloch => 1,
            Self::Density => 4,
            Self::Amplitudes => 6,
            Self::Chance => 10,
            Self::Sample | Self::Expectation => 16,
        }
    }
}

/// An inline display.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Display {
    pub kind: DisplayKind,
    /// Of an expectation value: one of `IXYZ` for each qubit, that of the last one first. Empty for Z
    /// on each.
    pub letters: Arc<str>,
    /// Names it in the answer of the simulator; written only where it is set.
    pub tag: Option<u64>,
}

impl Display {
    pub fn new(kind: DisplayKind) -> Self {
        Self { kind, letters: "".into(), tag: None }
    }
}

impl Operation {
    /// A display of `kind` on its qubits.
    pub fn display(kind: DisplayKind, qubits: &[Qubit]) -> Self {
        let mut op = Self::barrier(qubits);
        op.what = What::Display(Display::new(kind));
        op
    }
}

impl Document {
    /// The first `columns` columns, or all, with each display named by its identifier: what is sent to
    /// be looked at.
    #[must_use]
    pub fn for_inspection(&self, columns: Option<usize>) -> Self {
        let mut out = self.clone();
        if let Some(columns) = columns {
            out.columns.truncate(columns);
        }
        for column in &mut out.columns {
            if column.operations.iter().any(|op| matches!(op.what, What::Display(_))) {
                for op in &mut Arc::make_mut(column).operations {
                    if let What::Display(_) = op.what {
                        let op = Arc::make_mut(op);
                        let id = op.id.0;
                        if let What::Display(display) = &mut op.what {
                            display.tag = Some(id);
                        }
                    }
                }
            }
        }
        out
    }

    pub fn has_displays(&self) -> bool {
        self.operations().any(|op| matches!(op.what, What::Display(_)))
    }
}

/// The annotation's line.
pub(crate) fn write(out: &mut String, display: &Display, controls: &[Control]) {
    let _ = write!(out, "@{KEYWORD} {}", display.kind.word());
    if !display.letters.is_empty() {
        let _ = write!(out, " {}", display.letters);
    }
    if !controls.is_empty() {
        let bits: String = controls.iter().map(|c| if c.on { '1' } else { '0' }).collect();
        let _ = write!(out, " if {bits}");
    }
    if let Some(tag) = display.tag {
        let _ = write!(out, " #{tag}");
    }
    out.push('\n');
}

/// A display over `qubits`, controls first, if that is what the annotations of a barrier say.
pub(crate) fn read(annotations: &[Annotation], qubits: &[Qubit]) -> Option<Operation> {
    let [annotation] = annotations else { return None };
    if annotation.keyword != KEYWORD {
        return None;
    }
    let mut words = annotation.content.split_whitespace();
    let word = words.next()?;
    let kind = DisplayKind::ALL.into_iter().find(|k| k.word() == word)?;
    let (mut letters, mut bits) = (String::new(), "");
    while let Some(word) = words.next() {
        match word {
            "if" => bits = words.next()?,
            _ if word.starts_with('#') => {}
            _ if kind == DisplayKind::Expectation
                && word.chars().all(|c| matches!(c, 'I' | 'X' | 'Y' | 'Z')) =>
            {
                letters.push_str(word);
            }
            _ => return None,
        }
    }
    if bits.len() >= qubits.len() || !bits.chars().all(|c| matches!(c, '0' | '1')) {
        return None;
    }
    let (controls, targets) = qubits.split_at(bits.len());
    let fits = letters.is_empty() || letters.len() == targets.len();
    if targets.len() > kind.max_qubits() as usize || !fits {
        return None;
    }
    let mut op = Operation::display(kind, targets);
    op.controls = std::iter::zip(controls, bits.chars())
        .map(|(&qubit, bit)| Control { qubit, on: bit == '1' })
        .collect();
    op.what = What::Display(Display { letters: letters.into(), ..Display::new(kind) });
    Some(op)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "OPENQASM 3.0;
include \"stdgates.inc\";

qubit[3] q;

h q[0];
@ketlab.display chance
barrier q[0], q[1];
@ketlab.display expectation XZ if 01
barrier q[2], q[0], q[1];
";

    fn read_text(text: &str) -> Document {
        let compiled = qasm_circuit(text);
        crate::from_circuit(&compiled, text).unwrap()
    }

    fn qasm_circuit(text: &str) -> circuit::Circuit {
        let compiled = qasm::compile(text, &qasm::Options::default());
        (*compiled.circuit.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))).clone()
    }

    #[test]
    fn displays_are_read_and_written_as_they_were() {
        let text =
            TEXT.replace("if 01\nbarrier q[2], q[0], q[1]", "if 0\nbarrier q[2], q[0], q[1]");
        let document = read_text(&text);
        let displays: Vec<&Operation> = document
            .operations()
            .filter(|op| matches!(op.what, What::Display(_)))
            .map(|op| &**op)
            .collect();
        assert_eq!(displays.len(), 2);
        assert_eq!(displays[1].controls, [Control { qubit: Qubit(2), on: false }]);
        assert_eq!(crate::emit(&document), text);
    }

    #[test]
    fn a_display_that_is_wrong_stays_a_text() {
        let document = read_text(TEXT);
        let displays = document.operations().filter(|op| matches!(op.what, What::Display(_)));
        assert_eq!(displays.count(), 1, "two letters for one qubit");
        assert_eq!(crate::emit(&document), TEXT);
    }

    #[test]
    fn what_is_inspected_names_its_displays() {
        let document = read_text(TEXT);
        let cut = document.for_inspection(Some(2));
        assert_eq!(cut.columns.len(), 2);
        let id = document.operations().find(|op| matches!(op.what, What::Display(_))).unwrap().id.0;
        assert!(crate::emit(&cut).contains(&format!("@ketlab.display chance #{id}\n")));
    }
}
