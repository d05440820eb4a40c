//! OpenQASM 3.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use circuit::gate::GATES;
use circuit::{
    ArrayShape, BlockGate, Circuit, Gate, GateCall, GateRef, Iterable, Modifier, NoiseRef,
    ParamKind, Qubit, QubitExprKind, RegisterId, Role, Scalar, Statement, StatementKind,
    SubroutineId, Type, VarRef,
};

use crate::ast::Version;
use crate::lex::{Tok, lex};
use crate::library::Library;

use super::expr::{float, plain_float};
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
                locals
                    .entry(slot)
                    .or_insert_with(|| self.names.borrow_mut().take(&format!("v{slot}")))
                    .clone()
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

    // ---- gates ----

    /// All gates of the table that the text names, those within definitions of others included.
    fn used_table_gates(&mut self) -> BTreeSet<Gate> {
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

    fn table_definitions(&mut self, own: &[Gate]) {
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

    fn special_definitions(&mut self) {
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

    fn gate_definition(&mut self, i: usize) {
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

    fn subroutine_definition(&mut self, i: usize) {
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

    fn gate_name(&self, gate: &GateRef, qubits: usize) -> String {
        match gate {
            GateRef::Table(g) => match (standard_name(*g), self.table.get(g)) {
                (Some(name), _) => name.to_owned(),
                (None, Some(name)) => name.clone(),
                (None, None) => g.spec().name.to_owned(),
            },
            GateRef::GlobalPhase => "gphase".to_owned(),
            GateRef::Custom(id) => self.gates.get(id.0 as usize).cloned().unwrap_or_default(),
            other => self.special.get(&special_key(other, qubits)).cloned().unwrap_or_default(),
        }
    }

    fn gate_call(&mut self, call: &GateCall) {
        let mut text = String::new();
        for m in &call.modifiers {
            match m {
                Modifier::Ctrl(None) => text.push_str("ctrl @ "),
                Modifier::NegCtrl(None) => text.push_str("negctrl @ "),
                Modifier::Ctrl(Some(n)) => {
                    let _ = write!(text, "ctrl({}) @ ", self.expr(n));
                }
                Modifier::NegCtrl(Some(n)) => {
                    let _ = write!(text, "negctrl({}) @ ", self.expr(n));
                }
                Modifier::Inv => text.push_str("inv @ "),
                Modifier::Pow(k) => {
                    let _ = write!(text, "pow({}) @ ", self.expr(k));
                }
            }
        }
        text.push_str(
            &self.gate_name(&call.gate, call.operands.len().saturating_sub(total_controls(call))),
        );
        if !call.params.is_empty() {
            let params: Vec<String> = call.params.iter().map(|p| self.expr(p)).collect();
            let _ = write!(text, "({})", params.join(", "));
        }
        let operands: Vec<String> = call.operands.iter().map(|q| self.qubits(q)).collect();
        if !operands.is_empty() {
            text.push(' ');
            text.push_str(&operands.join(", "));
        }
        text.push(';');
        self.line(&text);
    }

    // ---- statements ----

    fn statements(&mut self, statements: &[Statement]) {
        self.indent += 1;
        for s in statements {
            self.statement(s);
        }
        self.indent -= 1;
    }

    pub(super) fn inline_block(&self, block: &circuit::Block) -> String {
        let mut inner = Writer::new(self.circuit);
        inner.body = self.body;
        inner.table.clone_from(&self.table);
        inner.special.clone_from(&self.special);
        inner.arguments.clone_from(&self.arguments);
        inner.locals.replace(self.locals.borrow().clone());
        inner.next_comment = self.circuit.comments.len();
        for s in &block.statements {
            inner.statement(s);
        }
        format!("{{ {} }}", inner.out.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn block(&mut self, head: &str, block: &circuit::Block) {
        self.line(&format!("{head} {{"));
        self.statements(&block.statements);
        self.line("}");
    }

    fn operands(&self, qubits: &[circuit::QubitExpr]) -> String {
        let list: Vec<String> = qubits.iter().map(|q| self.qubits(q)).collect();
        if list.is_empty() { String::new() } else { format!(" {}", list.join(", ")) }
    }

    fn statement(&mut self, s: &Statement) {
        self.comments_before(s.span);
        if let Some(annotations) = &s.annotations {
            for a in annotations.iter() {
                // Those that became the statement are written with it.
                if matches!(s.kind, StatementKind::Noise(_) | StatementKind::Postselect { .. }) {
                    continue;
                }
                let text = format!("@{} {}", a.keyword, a.content);
                self.line(text.trim_end());
            }
        }
        match &s.kind {
            StatementKind::Gate(call) => self.gate_call(call),
            StatementKind::Measure { qubits, target } => {
                let q = self.qubits(qubits);
                match target {
                    Some(t) => {
                        let t = self.lvalue(t);
                        self.line(&format!("{t} = measure {q};"));
                    }
                    None => self.line(&format!("measure {q};")),
                }
            }
            StatementKind::Reset(q) => self.line(&format!("reset {};", self.qubits(q))),
            StatementKind::Barrier(q) => self.line(&format!("barrier{};", self.operands(q))),
            StatementKind::Delay { duration, qubits } => {
                self.line(&format!("delay[{}]{};", self.expr(duration), self.operands(qubits)));
            }
            StatementKind::Box { duration, body } => {
                let d = duration.as_ref().map_or(String::new(), |d| format!("[{}]", self.expr(d)));
                self.block(&format!("box{d}"), body);
            }
            StatementKind::Block(body) => {
                self.line("{");
                self.statements(&body.statements);
                self.line("}");
            }
            StatementKind::If { condition, then, otherwise } => {
                self.line(&format!("if ({}) {{", self.expr(condition)));
                self.statements(&then.statements);
                if let Some(o) = otherwise {
                    self.line("} else {");
                    self.statements(&o.statements);
                }
                self.line("}");
            }
            StatementKind::Switch { value, cases, default } => {
                self.switch(value, cases, default.as_ref());
            }
            StatementKind::While { condition, body } => {
                self.block(&format!("while ({})", self.expr(condition)), body);
            }
            StatementKind::For { var, ty, over, body } => self.for_loop(*var, *ty, over, body),
            StatementKind::Break => self.line("break;"),
            StatementKind::Continue => self.line("continue;"),
            StatementKind::End => self.line("end;"),
            StatementKind::Return(value) => match value {
                Some(v) => self.line(&format!("return {};", self.expr(v))),
                None => self.line("return;"),
            },
            StatementKind::Declare { var, ty, init } => self.declare(*var, ty, init.as_ref()),
            StatementKind::Assign { target, op, value } => {
                let op = op.map_or("", circuit::BinaryOp::symbol);
                self.line(&format!("{} {op}= {};", self.lvalue(target), self.expr(value)));
            }
            StatementKind::Call(call) => self.line(&format!("{};", self.call(call))),
            StatementKind::Expr(e) => self.line(&format!("{};", self.expr(e))),
            StatementKind::Alias { var, qubits } => {
                self.line(&format!("let {} = {};", self.variable(*var), self.qubits(qubits)));
            }
            StatementKind::BitAlias { var, parts } => {
                let parts: Vec<String> = parts.iter().map(|p| self.lvalue(p)).collect();
                self.line(&format!("let {} = {};", self.variable(*var), parts.join(" ++ ")));
            }
            StatementKind::Noise(n) => {
                let params: Vec<String> = match &n.channel {
                    NoiseRef::Kraus(k) => k.iter().map(matrix).collect(),
                    _ => n.params.iter().map(|p| self.expr(p)).collect(),
                };
                let word = noise_name(&n.channel);
                self.line(&format!("@ketlab.noise {word}({})", params.join(", ")));
                self.line(&format!("barrier{};", self.operands(&n.operands)));
            }
            StatementKind::Postselect { qubit, outcome } => {
                self.line(&format!("@ketlab.postselect {}", self.expr(outcome)));
                self.line(&format!("barrier {};", self.qubits(qubit)));
            }
            StatementKind::Nop => self.line("nop;"),
            StatementKind::Pragma(text) => {
                // A pragma takes the rest of its line, and begins one.
                self.out.push_str(text);
                self.out.push('\n');
            }
            StatementKind::Calibration(text) => {
                let text = text.clone();
                self.line(&text);
            }
        }
    }

    fn declare(&mut self, var: VarRef, ty: &Type, init: Option<&circuit::Expr>) {
        let role = match var {
            VarRef::Global(i) => {
                self.circuit.variables.get(i as usize).map_or(Role::Plain, |v| v.role)
            }
            VarRef::Local(_) => Role::Plain,
        };
        let word = match role {
            Role::Const => "const ",
            Role::Input => "input ",
            Role::Output => "output ",
            Role::Plain | Role::Alias => "",
        };
        let name = self.variable(var);
        match init {
            Some(e) => self.line(&format!("{word}{ty} {name} = {};", self.expr(e))),
            None => self.line(&format!("{word}{ty} {name};")),
        }
    }

    fn for_loop(&mut self, var: VarRef, ty: Scalar, over: &Iterable, body: &circuit::Block) {
        let over = match over {
            Iterable::Range(r) => {
                let mut text = "[".to_owned();
                self.write_range(&mut text, r);
                text.push(']');
                text
            }
            Iterable::Set(items) => {
                let items: Vec<String> = items.iter().map(|e| self.expr(e)).collect();
                format!("{{{}}}", items.join(", "))
            }
            Iterable::Value(e) => self.expr(e),
        };
        let name = self.variable(var);
        self.block(&format!("for {ty} {name} in {over}"), body);
    }

    fn switch(
        &mut self,
        value: &circuit::Expr,
        cases: &[circuit::Case],
        default: Option<&circuit::Block>,
    ) {
        self.line(&format!("switch ({}) {{", self.expr(value)));
        self.indent += 1;
        for c in cases {
            let values: Vec<String> = c.values.iter().map(|v| self.expr(v)).collect();
            self.block(&format!("case {}", values.join(", ")), &c.body);
        }
        if let Some(d) = default {
            self.block("default", d);
        }
        self.indent -= 1;
        self.line("}");
    }
}

/// Calls `f` with each gate call of the statements and of all blocks in them.
pub(super) fn walk<'s>(statements: &'s [Statement], f: &mut impl FnMut(&'s GateCall)) {
    for s in statements {
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
    let spec = g.spec();
    if g == Gate::U {
        return Some("U");
    }
    Library::Stdgates.has(spec.name).then_some(spec.name)
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

/// The gate that a definition consists of, where only an annotation can say it.
fn special_gate(circuit: &Circuit, i: usize) -> Option<&GateRef> {
    let g = &circuit.gates[i];
    let [Statement { kind: StatementKind::Gate(call), .. }] =
        g.body.as_ref()?.statements.as_slice()
    else {
        return None;
    };
    let in_order = call.operands.len() == g.qubits.len()
        && (0..).zip(&call.operands).all(|(i, q)| q.kind == QubitExprKind::Argument(i));
    let params_in_order = call.params.len() == g.params.len()
        && (0..)
            .zip(&call.params)
            .all(|(i, p)| p.kind == circuit::ExprKind::Variable(VarRef::Local(i)));
    let special =
        !matches!(call.gate, GateRef::Table(_) | GateRef::GlobalPhase | GateRef::Custom(_));
    (special && in_order && params_in_order && call.modifiers.is_empty()).then_some(&call.gate)
}

/// `annotation#qubits`; equal for equal gates.
fn special_key(gate: &GateRef, qubits: usize) -> String {
    let text = match gate {
        GateRef::Unitary(m) => format!("unitary {}", matrix(m)),
        GateRef::Diagonal(d) => format!("diagonal {}", complex_list(d)),
        GateRef::Permutation(p) => {
            format!(
                "permutation {{{}}}",
                p.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
            )
        }
        GateRef::PauliRotation(p) => {
            // Written highest qubit first, as everywhere.
            let letters: String = p
                .iter()
                .rev()
                .map(|p| match p {
                    None => 'I',
                    Some(circuit::Pauli::X) => 'X',
                    Some(circuit::Pauli::Y) => 'Y',
                    Some(circuit::Pauli::Z) => 'Z',
                })
                .collect();
            format!("pauli_rotation {letters}")
        }
        GateRef::Prepare(a) => format!("prepare {}", complex_list(a)),
        GateRef::Block(b) => block(b),
        GateRef::Table(_) | GateRef::GlobalPhase | GateRef::Custom(_) => String::new(),
    };
    format!("{text}#{qubits}")
}

fn split_key(key: &str) -> (usize, &str) {
    let (text, qubits) = key.rsplit_once('#').unwrap_or((key, "1"));
    (qubits.parse().unwrap_or(1), text)
}

fn block(b: &BlockGate) -> String {
    match *b {
        BlockGate::Qft { .. } => "block qft".to_owned(),
        BlockGate::PhaseGradient { .. } => "block phase_gradient".to_owned(),
        BlockGate::Increment { amount, .. } => format!("block increment({amount})"),
        BlockGate::Add { split, .. } => format!("block add({split})"),
        BlockGate::Multiply { factor, .. } => format!("block multiply({factor})"),
        BlockGate::ModularIncrement { amount, modulus, .. } => {
            format!("block modular_increment({amount}, {modulus})")
        }
        BlockGate::ModularMultiply { factor, modulus, .. } => {
            format!("block modular_multiply({factor}, {modulus})")
        }
        BlockGate::MultiplyAdd { split, factor, .. } => {
            format!("block multiply_add({split}, {factor})")
        }
        BlockGate::Xor { .. } => "block xor".to_owned(),
        BlockGate::Reverse { .. } => "block reverse".to_owned(),
        BlockGate::Rotate { amount, .. } => format!("block rotate({amount})"),
        BlockGate::SignIfLess { split, .. } => format!("block sign_if_less({split})"),
    }
}

fn noise_name(n: &NoiseRef) -> &'static str {
    match n {
        NoiseRef::Depolarizing => "depolarizing",
        NoiseRef::BitFlip => "bit_flip",
        NoiseRef::PhaseFlip => "phase_flip",
        NoiseRef::BitPhaseFlip => "bit_phase_flip",
        NoiseRef::Pauli => "pauli",
        NoiseRef::AmplitudeDamping => "amplitude_damping",
        NoiseRef::PhaseDamping => "phase_damping",
        NoiseRef::ThermalRelaxation => "thermal_relaxation",
        NoiseRef::Kraus(_) => "kraus",
    }
}

fn matrix(m: &circuit::Matrix) -> String {
    let rows: Vec<String> = m.entries().chunks(m.dim()).map(complex_list).collect();
    format!("{{{}}}", rows.join(", "))
}

fn complex_list(list: &[num_complex::Complex64]) -> String {
    let items: Vec<String> = list
        .iter()
        .map(|c| match (c.re, c.im) {
            (re, 0.0) => float(re),
            (0.0, im) => format!("{}im", plain_float(im)),
            (re, im) if im < 0.0 => format!("{} - {}im", plain_float(re), plain_float(-im)),
            (re, im) => format!("{} + {}im", plain_float(re), plain_float(im)),
        })
        .collect();
    format!("{{{}}}", items.join(", "))
}
