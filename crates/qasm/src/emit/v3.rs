//! OpenQASM 3.

mod definition;
mod special;
mod statement;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use circuit::{
    Circuit, Gate, GateCall, Modifier, Qubit, RegisterId, Role, Statement, StatementKind,
    SubroutineId, VarRef,
};

use crate::ast::Version;
use crate::library::Library;

use super::names::Names;

pub(super) fn emit(circuit: &Circuit) -> String {
    let mut w = Writer::new(circuit);
    w.program();
    w.out
}

/// Whose slots and qubits are meant.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    Main,
    Gate(usize),
    Subroutine(usize),
}

pub(super) struct Writer<'c> {
    circuit: &'c Circuit,
    out: String,
    indent: usize,
    body: Body,
    registers: Vec<String>,
    variables: Vec<String>,
    gates: Vec<String>,
    subroutines: Vec<String>,
    /// Names of table gates that the text defines.
    table: BTreeMap<Gate, String>,
    /// Names of gates that only an annotation can say.
    special: HashMap<String, String>,
    names: RefCell<Names>,
    /// Of the body that is being written, by slot.
    locals: RefCell<BTreeMap<u32, String>>,
    /// Slots that got their names in each open block, outermost first.
    blocks: RefCell<Vec<Vec<u32>>>,
    arguments: Vec<String>,
    next_comment: usize,
}

impl<'c> Writer<'c> {
    fn new(circuit: &'c Circuit) -> Self {
        let standard = Library::Stdgates.gates();
        let names = Names::new(Version::V3, standard.iter().map(|g| g.name));
        let mut w = Self {
            circuit,
            out: String::new(),
            indent: 0,
            body: Body::Main,
            registers: Vec::new(),
            variables: Vec::new(),
            gates: Vec::new(),
            subroutines: Vec::new(),
            table: BTreeMap::new(),
            special: HashMap::new(),
            names: RefCell::new(names),
            locals: RefCell::new(BTreeMap::new()),
            blocks: RefCell::new(Vec::new()),
            arguments: Vec::new(),
            next_comment: 0,
        };
        let mut names = w.names.borrow_mut();
        for r in &circuit.registers {
            let physical = r.name.strip_prefix('$').is_some_and(|n| n.parse::<u32>().is_ok());
            w.registers.push(if physical && r.single {
                r.name.clone()
            } else {
                names.take(&r.name)
            });
        }
        w.variables = circuit.variables.iter().map(|v| names.take(&v.name)).collect();
        w.gates = circuit.gates.iter().map(|g| names.take(&g.name)).collect();
        w.subroutines = circuit.subroutines.iter().map(|s| names.take(&s.name)).collect();
        drop(names);
        w
    }

    // ---- names ----

    pub(super) fn register(&self, id: RegisterId) -> &str {
        self.registers.get(id.0 as usize).map_or("_missing", String::as_str)
    }

    pub(super) fn qubit(&self, q: Qubit) -> String {
        let at = self.circuit.registers.partition_point(|r| r.first <= q);
        let Some(r) = at.checked_sub(1).and_then(|i| self.circuit.registers.get(i)) else {
            return "_missing".to_owned();
        };
        let name = &self.registers[at - 1];
        if r.single { name.clone() } else { format!("{name}[{}]", q.0 - r.first.0) }
    }

    pub(super) fn argument(&self, i: u32) -> String {
        self.arguments.get(i as usize).cloned().unwrap_or_else(|| format!("_q{i}"))
    }

    pub(super) fn subroutine(&self, id: SubroutineId) -> &str {
        self.subroutines.get(id.0 as usize).map_or("_missing", String::as_str)
    }

    pub(super) fn variable(&self, v: VarRef) -> String {
        match v {
            VarRef::Global(i) => {
                self.variables.get(i as usize).cloned().unwrap_or_else(|| "_missing".to_owned())
            }
            VarRef::Local(slot) => {
                let mut locals = self.locals.borrow_mut();
                locals.entry(slot).or_insert_with(|| self.local_name(slot)).clone()
            }
        }
    }

    /// As in the source where that is free.
    fn local_name(&self, slot: u32) -> String {
        if let Some(block) = self.blocks.borrow_mut().last_mut() {
            block.push(slot);
        }
        let names = match self.body {
            Body::Main => &self.circuit.local_names,
            Body::Gate(i) => &self.circuit.gates[i].local_names,
            Body::Subroutine(i) => &self.circuit.subroutines[i].local_names,
        };
        let mut taken = self.names.borrow_mut();
        match names.get(slot as usize) {
            Some(name) if !name.is_empty() => taken.take(name),
            _ => taken.take(&format!("v{slot}")),
        }
    }

    /// What `f` names is free again afterwards.
    fn scoped(&mut self, f: impl FnOnce(&mut Self)) {
        self.blocks.borrow_mut().push(Vec::new());
        f(self);
        let named = self.blocks.borrow_mut().pop().unwrap_or_default();
        for slot in named {
            if let Some(name) = self.locals.borrow_mut().remove(&slot) {
                self.names.borrow_mut().release(&name);
            }
        }
    }

    // ---- lines ----

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Comments of the source that stand before byte `before`.
    fn comments(&mut self, before: u32) {
        let circuit = self.circuit;
        while let Some(c) = circuit.comments.get(self.next_comment) {
            if c.span.start >= before {
                return;
            }
            self.next_comment += 1;
            let text = c.text.clone();
            self.line(&text);
        }
    }

    fn comments_before(&mut self, span: circuit::Span) {
        if !span.is_none() && span.source.0 == 0 {
            self.comments(span.start);
        }
    }

    // ---- the program ----

    fn program(&mut self) {
        let circuit = self.circuit;
        let used = self.used_table_gates();
        // What stands at the very top stays there.
        let mut end = 0;
        while let Some(c) = circuit.comments.get(self.next_comment)
            && c.span.start <= end
        {
            end = c.span.end + 2;
            self.next_comment += 1;
            self.line(&c.text);
        }
        self.line("OPENQASM 3.0;");
        let (standard, own): (Vec<Gate>, Vec<Gate>) =
            used.into_iter().partition(|&g| standard_name(g).is_some());
        if !standard.is_empty() || !own.is_empty() {
            self.line("include \"stdgates.inc\";");
        }
        self.gap();
        let hoist = !circuit.gates.is_empty() || !circuit.subroutines.is_empty();
        if hoist {
            for s in &circuit.body.statements {
                if self.is_const(s) {
                    self.statement(s);
                }
            }
        }
        self.table_definitions(&own);
        self.special_definitions();
        for (i, g) in circuit.gates.iter().enumerate() {
            self.comments_before(g.span);
            self.gate_definition(i);
        }
        for (i, s) in circuit.subroutines.iter().enumerate() {
            self.comments_before(s.span);
            self.subroutine_definition(i);
        }
        self.body = Body::Main;
        self.locals.borrow_mut().clear();
        if hoist {
            self.gap();
        }
        for (r, name) in circuit.registers.iter().zip(self.registers.clone()) {
            if name.starts_with('$') {
                continue;
            }
            self.comments_before(r.span);
            let size = if r.single { String::new() } else { format!("[{}]", r.size) };
            self.line(&format!("qubit{size} {name};"));
        }
        for s in &circuit.body.statements {
            if !(hoist && self.is_const(s)) {
                self.statement(s);
            }
        }
        self.comments(u32::MAX);
        while self.out.ends_with("\n\n") {
            self.out.pop();
        }
    }

    fn is_const(&self, s: &Statement) -> bool {
        match &s.kind {
            StatementKind::Declare { var: VarRef::Global(i), .. } => {
                self.circuit.variables.get(*i as usize).is_some_and(|v| v.role == Role::Const)
            }
            _ => false,
        }
    }
}

fn total_controls(call: &GateCall) -> usize {
    let count = |e: &Option<circuit::Expr>| {
        e.as_ref().map_or(1, |e| {
            e.as_literal()
                .and_then(circuit::Value::as_integer)
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(1)
        })
    };
    call.modifiers
        .iter()
        .map(|m| match m {
            Modifier::Ctrl(n) | Modifier::NegCtrl(n) => count(n),
            _ => 0,
        })
        .sum()
}

/// Its name without a definition: in `stdgates.inc`, or built in.
fn standard_name(g: Gate) -> Option<&'static str> {
    if g == Gate::U {
        return Some("U");
    }
    let name = g.spec().name;
    Library::Stdgates.has(name).then_some(name)
}
