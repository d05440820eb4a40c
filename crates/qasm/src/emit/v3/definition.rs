//! Definitions of gates and subroutines, those of the table that the text needs included.

use std::collections::{BTreeMap, BTreeSet};

use circuit::gate::GATES;
use circuit::{
    ArrayShape, Gate, GateCall, GateRef, ParamKind, Statement, StatementKind, Type,
    durationof_blocks,
};

use crate::ast::Version;
use crate::lex::{Tok, lex};

use super::special::{special_gate, special_key, split_key};
use super::{Body, Writer, standard_name, total_controls};

impl Writer<'_> {
    /// All gates of the table that the text names, those within definitions of others included.
    pub(super) fn used_table_gates(&mut self) -> BTreeSet<Gate> {
        let mut used = BTreeSet::new();
        let mut special = Vec::new();
        let circuit = self.circuit;
        let bodies = circuit
            .gates
            .iter()
            .enumerate()
            .filter(|(i, _)| special_gate(circuit, *i).is_none())
            .filter_map(|(_, g)| g.body.as_ref())
            .chain(circuit.subroutines.iter().filter_map(|s| s.body.as_ref()))
            .chain([&circuit.body]);
        for body in bodies {
            walk(&body.statements, &mut |call| match &call.gate {
                GateRef::Table(g) => {
                    used.insert(*g);
                }
                GateRef::GlobalPhase | GateRef::Custom(_) => {}
                other => special.push((
                    other.clone(),
                    call.operands.len(),
                    call.params.len(),
                    total_controls(call),
                )),
            });
        }
        for (gate, operands, params, controls) in special {
            let qubits = operands.saturating_sub(controls);
            let key = special_key(&gate, qubits);
            if !self.special.contains_key(&key) {
                let word = key.split([' ', '(']).next().unwrap_or("gate").to_owned();
                let name = self.names.borrow_mut().take(&word);
                self.special.insert(key, name);
                let _ = params;
            }
        }
        // Definitions name further gates.
        let mut queue: Vec<Gate> = used.iter().copied().collect();
        while let Some(g) = queue.pop() {
            if standard_name(g).is_some() {
                continue;
            }
            for d in defining_gates(g) {
                if used.insert(d) {
                    queue.push(d);
                }
            }
        }
        used
    }

    pub(super) fn table_definitions(&mut self, own: &[Gate]) {
        let mut done = BTreeSet::new();
        for &g in own {
            self.table_definition(g, &mut done);
        }
    }

    fn table_definition(&mut self, g: Gate, done: &mut BTreeSet<Gate>) {
        if standard_name(g).is_some() || !done.insert(g) {
            return;
        }
        for d in defining_gates(g) {
            self.table_definition(d, done);
        }
        let spec = g.spec();
        let name = self.names.borrow_mut().take(spec.name);
        // Names in the definition are those of the table; a clash has renamed some.
        let definition = rename(spec.definition, &self.table);
        self.table.insert(g, name.clone());
        let params = if spec.params.is_empty() {
            String::new()
        } else {
            format!("({})", spec.params.iter().map(|p| p.name()).collect::<Vec<_>>().join(", "))
        };
        let qubits = &["a", "b", "c", "d", "e"][..spec.num_qubits()];
        self.line(&format!("@ketlab.gate {}", spec.name));
        self.line(&format!("gate {name}{params} {} {{ {definition} }}", qubits.join(", ")));
    }

    pub(super) fn special_definitions(&mut self) {
        let mut all: Vec<(String, String)> =
            self.special.iter().map(|(k, n)| (k.clone(), n.clone())).collect();
        all.sort();
        for (key, name) in all {
            let (qubits, annotation) = split_key(&key);
            let names: Vec<String> = (0..qubits).map(|i| format!("q{i}")).collect();
            let params = if annotation.starts_with("pauli_rotation") { "(theta)" } else { "" };
            self.line(&format!("@ketlab.{annotation}"));
            self.line(&format!("gate {name}{params} {} {{ }}", names.join(", ")));
        }
    }

    pub(super) fn gate_definition(&mut self, i: usize) {
        let circuit = self.circuit;
        let g = &circuit.gates[i];
        self.body = Body::Gate(i);
        self.locals.borrow_mut().clear();
        let mut taken = Vec::new();
        for (slot, p) in (0..).zip(&g.params) {
            let name = self.names.borrow_mut().take(p);
            taken.push(name.clone());
            self.locals.borrow_mut().insert(slot, name);
        }
        let num_params = taken.len();
        for q in &g.qubits {
            let name = self.names.borrow_mut().take(q);
            taken.push(name);
        }
        self.arguments = taken[num_params..].to_vec();
        let params = if num_params == 0 {
            String::new()
        } else {
            format!("({})", taken[..num_params].join(", "))
        };
        let head = format!("gate {}{params} {}", self.gates[i], self.arguments.join(", "));
        match (&g.body, special_gate(circuit, i)) {
            (_, Some(gate)) => {
                let key = special_key(gate, g.qubits.len());
                let annotation = split_key(&key).1.to_owned();
                self.line(&format!("@ketlab.{annotation}"));
                self.line(&format!("{head} {{ }}"));
            }
            (Some(body), None) if body.statements.is_empty() => self.line(&format!("{head} {{ }}")),
            (Some(body), None) => {
                self.line(&format!("{head} {{"));
                self.statements(&body.statements);
                self.line("}");
            }
            (None, None) => {
                self.line("@ketlab.opaque");
                self.line(&format!("{head} {{ }}"));
            }
        }
        self.leave_body(&taken);
    }

    fn leave_body(&mut self, taken: &[String]) {
        let mut names = self.names.borrow_mut();
        for name in taken {
            names.release(name);
        }
        for name in std::mem::take(&mut *self.locals.borrow_mut()).into_values() {
            names.release(&name);
        }
        self.arguments.clear();
    }

    pub(super) fn subroutine_definition(&mut self, i: usize) {
        let circuit = self.circuit;
        let s = &circuit.subroutines[i];
        self.body = Body::Subroutine(i);
        self.locals.borrow_mut().clear();
        let mut taken = Vec::new();
        let mut params = Vec::new();
        for (slot, p) in (0..).zip(&s.params) {
            let name = self.names.borrow_mut().take(&p.name);
            let ty = match &p.kind {
                ParamKind::Scalar(s) => s.to_string(),
                ParamKind::Qubits(None) => "qubit".to_owned(),
                ParamKind::Qubits(Some(n)) => format!("qubit[{n}]"),
                ParamKind::Array { element, shape, mutable } => {
                    let word = if *mutable { "mutable" } else { "readonly" };
                    match shape {
                        ArrayShape::Dims(d) => format!("{word} {}", Type::array(*element, d)),
                        ArrayShape::NumDims(n) => format!("{word} array[{element}, #dim = {n}]"),
                    }
                }
            };
            params.push(if s.body.is_some() { format!("{ty} {name}") } else { ty });
            taken.push(name.clone());
            self.locals.borrow_mut().insert(slot, name);
        }
        let ret = s.returns.map_or(String::new(), |r| format!(" -> {r}"));
        let name = self.subroutines[i].clone();
        match &s.body {
            None => self.line(&format!("extern {name}({}){ret};", params.join(", "))),
            Some(body) => {
                self.line(&format!("def {name}({}){ret} {{", params.join(", ")));
                self.statements(&body.statements);
                self.line("}");
            }
        }
        self.leave_body(&taken);
    }
}

/// Calls `f` with each gate call of the statements and of all blocks in them, in expressions too.
fn walk<'s>(statements: &'s [Statement], f: &mut impl FnMut(&'s GateCall)) {
    for s in statements {
        durationof_blocks(s, &mut |b| walk(&b.statements, f));
        match &s.kind {
            StatementKind::Gate(call) => f(call),
            StatementKind::Box { body, .. }
            | StatementKind::Block(body)
            | StatementKind::While { body, .. }
            | StatementKind::For { body, .. } => walk(&body.statements, f),
            StatementKind::If { then, otherwise, .. } => {
                walk(&then.statements, f);
                if let Some(o) = otherwise {
                    walk(&o.statements, f);
                }
            }
            StatementKind::Switch { cases, default, .. } => {
                for c in cases {
                    walk(&c.body.statements, f);
                }
                if let Some(d) = default {
                    walk(&d.statements, f);
                }
            }
            _ => {}
        }
    }
}

/// Gates of the table that the definition of another names.
fn defining_gates(g: Gate) -> Vec<Gate> {
    let text = g.spec().definition;
    lex(text, Version::V3)
        .tokens
        .iter()
        .filter(|t| t.kind == Tok::Ident)
        .filter_map(|t| GATES.iter().find(|s| s.name == &text[t.span.range()]))
        .map(|s| s.gate)
        .filter(|&d| d != g)
        .collect()
}

/// The definition with the names that the text has given to gates of the table.
fn rename(definition: &str, names: &BTreeMap<Gate, String>) -> String {
    let mut out = String::new();
    let mut at = 0;
    for t in lex(definition, Version::V3).tokens {
        let text = &definition[t.span.range()];
        if t.kind == Tok::Ident
            && let Some(g) = GATES.iter().find(|s| s.name == text)
            && let Some(name) = names.get(&g.gate)
        {
            out.push_str(&definition[at..t.span.start as usize]);
            out.push_str(name);
            at = t.span.end as usize;
        }
    }
    out.push_str(&definition[at..]);
    out
}
