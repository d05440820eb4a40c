//! Statements and blocks, calls of gates among them.

use std::fmt::Write as _;

use circuit::{
    GateCall, GateRef, Iterable, Modifier, NoiseRef, Role, Scalar, Statement, StatementKind, Type,
    VarRef,
};

use super::special::{matrix, special_key};
use super::{Writer, standard_name, total_controls};

impl Writer<'_> {
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

    pub(super) fn statements(&mut self, statements: &[Statement]) {
        self.indent += 1;
        self.scoped(|w| statements.iter().for_each(|s| w.statement(s)));
        self.indent -= 1;
    }

    pub(in crate::emit) fn inline_block(&self, block: &circuit::Block) -> String {
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
        let lines: Vec<&str> = inner.out.lines().map(str::trim).collect();
        // Annotations and pragmas take the rest of their line.
        let whole = lines
            .iter()
            .any(|l| l.starts_with('@') || l.starts_with("pragma") || l.starts_with('#'));
        let between = if whole { "\n" } else { " " };
        format!("{{{between}{}{between}}}", lines.join(between))
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

    pub(super) fn statement(&mut self, s: &Statement) {
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
        self.scoped(|w| {
            let name = w.variable(var);
            w.block(&format!("for {ty} {name} in {over}"), body);
        });
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
