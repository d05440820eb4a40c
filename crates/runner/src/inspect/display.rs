//! Inline displays: what `@ketlab.display` before a barrier asks for.
//!
//! ```text
//! @ketlab.display chance|amplitudes|bloch|density|sample [if BITS] [#N]
//! @ketlab.display expectation LETTERS [if BITS] [#N]
//! barrier q[2], q[0], q[1];
//! ```
//!
//! With `if BITS` the first operands are controls, one digit for each: what is shown is the state of
//! the others where the controls have these values.

use std::collections::BTreeMap;

use api::run::Reading;
use circuit::{Annotation, Block, Qubit, SourceId};
use quantum_info::{Observable, Pauli, PauliTerm};

use super::{Job, Statement, StatementKind, View, read};
use crate::Failure;

pub(super) const KEYWORD: &str = "ketlab.display";
/// Shots of a sample display.
const SAMPLE_SHOTS: u64 = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Display {
    pub(super) tag: u64,
    kind: String,
    /// Of an expectation value.
    letters: String,
    controls: Vec<bool>,
}

/// All displays of a program, by the place of their statement.
pub(super) fn collect(block: &Block) -> BTreeMap<(SourceId, u32), Display> {
    let mut found = BTreeMap::new();
    visit(block, &mut found);
    found
}

fn visit(block: &Block, found: &mut BTreeMap<(SourceId, u32), Display>) {
    for statement in &block.statements {
        if let Some(display) = of(statement) {
            found.insert((statement.span.source, statement.span.start), display);
        }
        match &statement.kind {
            StatementKind::Box { body, .. }
            | StatementKind::Block(body)
            | StatementKind::While { body, .. }
            | StatementKind::For { body, .. } => visit(body, found),
            StatementKind::If { then, otherwise, .. } => {
                visit(then, found);
                if let Some(block) = otherwise {
                    visit(block, found);
                }
            }
            StatementKind::Switch { cases, default, .. } => {
                for block in cases.iter().map(|c| &c.body).chain(default) {
                    visit(block, found);
                }
            }
            _ => {}
        }
    }
}

fn of(statement: &Statement) -> Option<Display> {
    if !matches!(statement.kind, StatementKind::Barrier(_)) {
        return None;
    }
    let annotations = statement.annotations.as_ref()?;
    annotations.iter().find(|a| a.keyword == KEYWORD).map(parse)
}

fn parse(annotation: &Annotation) -> Display {
    let mut words = annotation.content.split_whitespace().peekable();
    let mut display = Display {
        tag: u64::from(annotation.span.start),
        kind: words.next().unwrap_or_default().to_owned(),
        letters: String::new(),
        controls: Vec::new(),
    };
    while let Some(word) = words.next() {
        if let Some(tag) = word.strip_prefix('#').and_then(|n| n.parse().ok()) {
            display.tag = tag;
        } else if word == "if" {
            let bits = words.next().unwrap_or_default();
            display.controls = bits.chars().map(|c| c == '1').collect();
        } else {
            display.letters.push_str(word);
        }
    }
    display
}

impl Display {
    pub(super) fn read(
        &self,
        view: &View,
        operands: &[Qubit],
        job: &Job,
    ) -> Result<Reading, Failure> {
        let reading = self.reading(view, operands, job);
        match reading {
            Err(Failure::Sim(e @ (sim::SimError::Cancelled | sim::SimError::TimedOut))) => {
                Err(e.into())
            }
            Err(error) => Ok(Reading::Refused { message: error.to_string() }),
            Ok(reading) => Ok(reading),
        }
    }

    fn reading(&self, view: &View, operands: &[Qubit], job: &Job) -> Result<Reading, Failure> {
        let (controls, qubits) = operands.split_at(self.controls.len().min(operands.len()));
        if self.controls.is_empty() {
            return self.of_state(view, qubits, job);
        }
        let mut state = view.state.try_clone()?;
        for (&qubit, &value) in controls.iter().zip(&self.controls) {
            let Some(place) = view.place(qubit) else {
                if value {
                    return Ok(Reading::Never);
                }
                continue;
            };
            let one = state.probability_one(place)?;
            if (if value { one } else { 1.0 - one }) < 1e-12 {
                return Ok(Reading::Never);
            }
            state.collapse(place, value)?;
        }
        let view = View {
            state,
            num_qubits: view.num_qubits,
            place: view.place.clone(),
            qubits: view.qubits.clone(),
        };
        self.of_state(&view, qubits, job)
    }

    fn of_state(&self, view: &View, qubits: &[Qubit], job: &Job) -> Result<Reading, Failure> {
        let control = &job.control;
        match self.kind.as_str() {
            "chance" => read::probabilities(view, qubits, 1 << 10, control),
            "amplitudes" => read::own_amplitudes(view, qubits, control),
            "bloch" | "density" => read::density(view, qubits, control),
            "sample" => read::sample(view, qubits, SAMPLE_SHOTS, job.request.seed, control),
            "expectation" => {
                let observable = self.observable(qubits)?;
                let (value, deviation) = read::moments(view, &observable, control)?;
                Ok(Reading::Expectation { value, deviation })
            }
            other => Err(refused(format!("there is no display `{other}`"))),
        }
    }

    /// One letter for each qubit, that of the last one first. Without letters, Z on each.
    fn observable(&self, qubits: &[Qubit]) -> Result<Observable, Failure> {
        let letters: Vec<char> = if self.letters.is_empty() {
            vec!['Z'; qubits.len()]
        } else {
            self.letters.chars().rev().collect()
        };
        if letters.len() != qubits.len() {
            return Err(refused(format!(
                "`{}` has {} letters for {} qubits",
                self.letters,
                letters.len(),
                qubits.len()
            )));
        }
        let mut paulis = Vec::new();
        for (&q, letter) in qubits.iter().zip(letters) {
            match letter {
                'I' => {}
                'X' => paulis.push((q.0, Pauli::X)),
                'Y' => paulis.push((q.0, Pauli::Y)),
                'Z' => paulis.push((q.0, Pauli::Z)),
                other => return Err(refused(format!("`{other}` is none of I, X, Y, Z"))),
            }
        }
        // In order of qubits, as elsewhere.
        paulis.sort_by_key(|&(q, _)| q);
        Ok(Observable { terms: vec![PauliTerm { weight: 1.0, paulis }] })
    }
}

fn refused(message: String) -> Failure {
    Failure::Refused { code: "display", message }
}
