//! What gate definitions are made of, as columns: for opening and taking apart.

use std::sync::Arc;

use circuit::{GateDefinition, StatementKind};

use super::{MAX_OPERATIONS, Reader};
use crate::Qubit;
use crate::document::{Column, Definition, Header, Register};
use crate::place::Front;

impl Reader<'_> {
    /// Fills in the body of each definition that has a picture.
    pub(super) fn bodies(&mut self) {
        let mut left = MAX_OPERATIONS;
        self.in_body = true;
        for gate in &self.circuit.gates {
            let name = self.renamed.get(&gate.name).unwrap_or(&gate.name).clone();
            let Some(body) = self.body(gate, left) else { continue };
            left -= body.iter().map(|c| c.operations.len()).sum::<usize>();
            let header = Arc::make_mut(&mut self.document.header);
            let found =
                header.definitions.iter_mut().find(|d| *d.name == *name && d.num_qubits > 0);
            if let Some(definition) = found {
                let filled = Definition { body: Some(body), ..(**definition).clone() };
                *definition = Arc::new(filled);
            }
        }
        self.in_body = false;
    }

    /// `None` where a part has no picture: a loop, a matrix, a phase without a control.
    fn body(&self, gate: &GateDefinition, most: usize) -> Option<Arc<[Arc<Column>]>> {
        let header = body_header(gate);
        let mut front = Front::new(&header);
        let mut columns: Vec<Column> = Vec::new();
        let mut count = 0;
        let mut id = 0;
        for statement in &gate.body.as_ref()?.statements {
            if statement.annotations.is_some() {
                return None;
            }
            let operations = match &statement.kind {
                StatementKind::Gate(_) | StatementKind::Barrier(_) | StatementKind::Nop => {
                    self.operations(&statement.kind)?
                }
                _ => return None,
            };
            count += operations.len();
            if count > most {
                return None;
            }
            for mut op in operations {
                id += 1;
                op.id = crate::OpId(id);
                let at = front.place(&op, &header);
                columns.resize_with(columns.len().max(at + 1), Column::default);
                columns[at].operations.push(Arc::new(op));
            }
        }
        let n = header.num_qubits();
        for column in &mut columns {
            column.operations.sort_by_key(|op| *op.rows(n).start());
        }
        Some(columns.into_iter().map(Arc::new).collect())
    }

    /// The qubit that argument `position` of a gate is drawn as, while a body is read.
    pub(super) fn argument(&self, position: u32) -> Option<Vec<Qubit>> {
        self.in_body.then(|| vec![Qubit(position)])
    }
}

/// Wires of a body: the gate's qubits in order.
fn body_header(gate: &GateDefinition) -> Header {
    let size = u32::try_from(gate.qubits.len()).unwrap_or(u32::MAX);
    Header { qubits: vec![Register::new("q", size)], ..Header::default() }
}
