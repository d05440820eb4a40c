//! OpenQASM 2.0, for circuits that it can say: gates, measurements, resets, barriers, and
//! conditions on whole registers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use circuit::{
    BinaryOp, Circuit, Expr, ExprKind, Gate, GateCall, GateRef, IndexItem, LValue, Modifier,
    QubitExpr, QubitExprKind, Role, Scalar, Statement, StatementKind, Type, UnaryOp, Value, VarRef,
};

use crate::ast::Version;
use crate::lex::{Tok, lex};
use crate::library::{Library, LibraryGate};
use crate::span::Span;

use super::Emit2Error;
use super::expr::plain_float;
use super::names::Names;

type Emit<T> = Result<T, Emit2Error>;

pub(super) fn emit(circuit: &Circuit) -> Emit<String> {
    let library = Library::Qelib1.gates();
    let mut names = Names::new(Version::V2, library.iter().map(|g| g.name));
    let registers = circuit.registers.iter().map(|r| names.take(&r.name)).collect();
    let variables = circuit.variables.iter().map(|v| names.take(&v.name)).collect();
    let gates = circuit.gates.iter().map(|g| names.take(&g.name)).collect();
    let mut w = Writer {
        circuit,
        library,
        names,
        registers,
        variables,
        gates,
        defined: BTreeSet::new(),
        head: String::new(),
        params: Vec::new(),
        qubits: Vec::new(),
    };
    w.program()
}

struct Writer<'c> {
    circuit: &'c Circuit,
    library: Vec<LibraryGate>,
    names: Names,
    registers: Vec<String>,
    variables: Vec<String>,
    gates: Vec<String>,
    /// Gates of the table that the text has defined.
    defined: BTreeSet<Gate>,
    /// Definitions.
    head: String,
    /// Of the gate that is being written.
    params: Vec<String>,
    qubits: Vec<String>,
}

fn refuse<T>(what: impl Into<String>, span: circuit::Span) -> Emit<T> {
    let span = (!span.is_none() && span.source.0 == 0).then(|| Span::new(span.start, span.end));
    Err(Emit2Error { what: what.into(), span })
}

impl Writer<'_> {
    fn program(&mut self) -> Emit<String> {
        let circuit = self.circuit;
        if let Some(s) = circuit.subroutines.first() {
            return refuse("a subroutine", s.span);
        }
        for (i, g) in circuit.gates.iter().enumerate() {
            self.params = g.params.iter().map(|p| self.names.take(p)).collect();
            self.qubits = g.qubits.iter().map(|q| self.names.take(q)).collect();
            let params = if g.params.is_empty() {
                String::new()
            } else {
                format!("({})", self.params.join(","))
            };
            let signature = format!("{}{params} {}", self.gates[i], self.qubits.join(","));
            match &g.body {
                None => {
                    let _ = writeln!(self.head, "opaque {signature};");
                }
                Some(body) => {
                    let mut text = String::new();
                    for s in &body.statements {
                        match &s.kind {
                            StatementKind::Gate(call) => self.gate(call, s.span, &mut text)?,
                            StatementKind::Barrier(q) => self.barrier(q, &mut text)?,
                            StatementKind::Nop | StatementKind::Pragma(_) => {}
                            _ => return refuse("a gate with control flow", s.span),
                        }
                    }
                    let body: Vec<&str> = text.lines().collect();
                    let _ = writeln!(self.head, "gate {signature} {{ {} }}", body.join(" "));
                }
            }
            for name in self.params.drain(..).chain(self.qubits.drain(..)) {
                self.names.release(&name);
            }
        }
        let mut body = String::new();
        for s in &circuit.body.statements {
            self.statement(s, &mut body)?;
        }
        let mut out = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n".to_owned();
        out.push_str(&self.head);
        for (r, name) in circuit.registers.iter().zip(&self.registers) {
            let _ = writeln!(out, "qreg {name}[{}];", r.size);
        }
        for c in circuit.classical_registers() {
            let _ = writeln!(out, "creg {}[{}];", self.variables[c.variable as usize], c.size);
        }
        out.push_str(&body);
        Ok(out)
    }

    fn statement(&mut self, s: &Statement, out: &mut String) -> Emit<()> {
        match &s.kind {
            StatementKind::Declare { var: VarRef::Global(i), ty, init } => {
                let role = self.circuit.variables.get(*i as usize).map_or(Role::Plain, |v| v.role);
                match (role, ty, init) {
                    // Its uses are numbers by now, or are refused where they stand.
                    (Role::Const, _, _)
                    | (
                        Role::Plain | Role::Output,
                        Type::Scalar(Scalar::Bit | Scalar::Bits(_)),
                        None,
                    ) => Ok(()),
                    (Role::Input, ..) => {
                        refuse("an input parameter: give it a value first", s.span)
                    }
                    (_, Type::Scalar(Scalar::Bit | Scalar::Bits(_)), Some(_)) => {
                        refuse("a register with an initial value", s.span)
                    }
                    _ => refuse(format!("a variable of type `{ty}`"), s.span),
                }
            }
            StatementKind::Gate(call) => self.gate(call, s.span, out),
            StatementKind::Barrier(q) => self.barrier(q, out),
            StatementKind::Nop | StatementKind::Pragma(_) => Ok(()),
            StatementKind::Measure { .. } | StatementKind::Reset(_) => self.simple(s, "", out),
            StatementKind::If { condition, then, otherwise: None } => {
                let prefix = self.condition(condition)?;
                for inner in &then.statements {
                    match &inner.kind {
                        StatementKind::Gate(call) => {
                            let mut text = String::new();
                            self.gate(call, inner.span, &mut text)?;
                            for line in text.lines() {
                                let _ = writeln!(out, "{prefix}{line}");
                            }
                        }
                        StatementKind::Nop | StatementKind::Pragma(_) => {}
                        // A measurement may change what the condition asks.
                        StatementKind::Measure { .. } if then.statements.len() > 1 => {
                            return refuse(
                                "a measurement among other operations under a condition",
                                inner.span,
                            );
                        }
                        _ => self.simple(inner, &prefix, out)?,
                    }
                }
                Ok(())
            }
            StatementKind::If { .. } => refuse("`else`", s.span),
            StatementKind::Block(b) => b.statements.iter().try_for_each(|s| self.statement(s, out)),
            StatementKind::Delay { .. } | StatementKind::Box { .. } => refuse("timing", s.span),
            StatementKind::Switch { .. }
            | StatementKind::While { .. }
            | StatementKind::For { .. } => refuse("a loop or `switch`", s.span),
            StatementKind::Alias { .. } | StatementKind::BitAlias { .. } => {
                refuse("an alias", s.span)
            }
            StatementKind::Noise(_) | StatementKind::Postselect { .. } => {
                refuse("noise or post-selection", s.span)
            }
            _ => refuse("this statement", s.span),
        }
    }

    fn simple(&mut self, s: &Statement, prefix: &str, out: &mut String) -> Emit<()> {
        match &s.kind {
            StatementKind::Reset(q) => {
                let _ = writeln!(out, "{prefix}reset {};", self.operand(q)?);
                Ok(())
            }
            StatementKind::Measure { qubits, target: Some(t) } => {
                let bits = self.bits(t, s.span)?;
                let qubits = self.operand(qubits)?;
                if qubits.contains('[') == bits.contains('[') {
                    let _ = writeln!(out, "{prefix}measure {qubits} -> {bits};");
                } else {
                    // A single qubit and a register of one bit.
                    let fix =
                        |x: &str| if x.contains('[') { x.to_owned() } else { format!("{x}[0]") };
                    let _ = writeln!(out, "{prefix}measure {} -> {};", fix(&qubits), fix(&bits));
                }
                Ok(())
            }
            StatementKind::Measure { .. } => refuse("a measurement without a bit", s.span),
            _ => refuse("this statement under a condition", s.span),
        }
    }

    fn condition(&self, e: &Expr) -> Emit<String> {
        if let ExprKind::Binary(BinaryOp::Eq, sides) = &e.kind
            && let (ExprKind::Variable(VarRef::Global(i)), ExprKind::Literal(v)) =
                (&sides.0.kind, &sides.1.kind)
            && let Some(variable) = self.circuit.variables.get(*i as usize)
            && variable.ty.num_clbits() > 0
        {
            let value = match v {
                Value::Bool(b) => Some(u128::from(*b)),
                Value::Bits(b) => b.to_u128(),
                _ => v.as_integer().and_then(|n| u128::try_from(n).ok()),
            };
            if let Some(n) = value {
                return Ok(format!("if({}=={n}) ", self.variables[*i as usize]));
            }
        }
        refuse("a condition other than `register == number`", e.span)
    }

    fn bits(&self, t: &LValue, span: circuit::Span) -> Emit<String> {
        let VarRef::Global(i) = t.var else { return refuse("a variable of a block", span) };
        let name = &self.variables[i as usize];
        match t.path.as_slice() {
            [] => Ok(name.clone()),
            [items] => match items.as_slice() {
                [IndexItem::Single(e)] => {
                    let n = e.as_literal().and_then(Value::as_integer).filter(|n| *n >= 0);
                    match n {
                        Some(n) => Ok(format!("{name}[{n}]")),
                        None => refuse("an index that is not a number", span),
                    }
                }
                _ => refuse("part of a register", span),
            },
            _ => refuse("part of a register", span),
        }
    }

    fn barrier(&mut self, qubits: &[QubitExpr], out: &mut String) -> Emit<()> {
        let list: Vec<String> = if qubits.is_empty() {
            if self.qubits.is_empty() { self.registers.clone() } else { self.qubits.clone() }
        } else {
            qubits.iter().map(|q| self.operand(q)).collect::<Emit<_>>()?
        };
        if !list.is_empty() {
            let _ = writeln!(out, "barrier {};", list.join(","));
        }
        Ok(())
    }

    fn operand(&self, q: &QubitExpr) -> Emit<String> {
        match &q.kind {
            QubitExprKind::Register(id) => {
                let r = &self.circuit.registers[id.0 as usize];
                let name = &self.registers[id.0 as usize];
                Ok(if r.single { format!("{name}[0]") } else { name.clone() })
            }
            QubitExprKind::Qubit(q) => {
                let at = self.circuit.registers.partition_point(|r| r.first <= *q);
                let Some(i) = at.checked_sub(1) else {
                    return refuse("a qubit outside all registers", circuit::Span::NONE);
                };
                Ok(format!("{}[{}]", self.registers[i], q.0 - self.circuit.registers[i].first.0))
            }
            QubitExprKind::Argument(i) => {
                Ok(self.qubits.get(*i as usize).cloned().unwrap_or_default())
            }
            QubitExprKind::Index(base, items) => {
                let n = match items.as_slice() {
                    [IndexItem::Single(e)] => e.as_literal().and_then(Value::as_integer),
                    _ => None,
                };
                match (&base.kind, n) {
                    (QubitExprKind::Register(id), Some(n)) => {
                        let size = i128::from(self.circuit.registers[id.0 as usize].size);
                        let n = if n < 0 { n + size } else { n };
                        Ok(format!("{}[{n}]", self.registers[id.0 as usize]))
                    }
                    _ => refuse("a slice or an index that is not a number", q.span),
                }
            }
            QubitExprKind::Variable(_) | QubitExprKind::Concat(_) => {
                refuse("an alias or joined registers", q.span)
            }
        }
    }

    fn gate(&mut self, call: &GateCall, span: circuit::Span, out: &mut String) -> Emit<()> {
        let mut inverse = false;
        let mut controls = 0;
        for m in &call.modifiers {
            match m {
                Modifier::Inv => inverse = !inverse,
                Modifier::Ctrl(n) => {
                    let n =
                        n.as_ref().map_or(Some(1), |n| n.as_literal().and_then(Value::as_integer));
                    controls += n.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX / 2);
                }
                Modifier::NegCtrl(_) => return refuse("`negctrl`", span),
                Modifier::Pow(_) => return refuse("`pow`", span),
            }
        }
        let mut params: Vec<String> =
            call.params.iter().map(|p| self.expr(p, 0)).collect::<Emit<_>>()?;
        let mut gate = call.gate.clone();
        if let GateRef::Table(g) = gate {
            let mut g = g;
            if controls > 0 {
                match controlled(g, controls) {
                    Some(c) => g = c,
                    None => {
                        return refuse(
                            format!("`{}` under {controls} controls", g.spec().name),
                            span,
                        );
                    }
                }
            }
            if inverse {
                let values: Option<Vec<f64>> =
                    call.params.iter().map(|p| p.as_literal().and_then(Value::as_real)).collect();
                match values.and_then(|v| g.inverse(&v)) {
                    Some((i, p)) => {
                        g = i;
                        params = p.iter().map(|&x| number(x)).collect();
                    }
                    None => return refuse(format!("`inv` of `{}`", g.spec().name), span),
                }
            }
            gate = GateRef::Table(g);
        } else if inverse || controls > 0 {
            return refuse("a modifier of this gate", span);
        }
        let name = match &gate {
            GateRef::Table(g) => self.table_gate(*g, span)?,
            GateRef::Custom(id) => self.gates[id.0 as usize].clone(),
            // A global phase is not seen.
            GateRef::GlobalPhase => return Ok(()),
            _ => return refuse("a gate given by a matrix or a block", span),
        };
        let params =
            if params.is_empty() { String::new() } else { format!("({})", params.join(",")) };
        let operands: Vec<String> =
            call.operands.iter().map(|q| self.operand(q)).collect::<Emit<_>>()?;
        let _ = writeln!(out, "{name}{params} {};", operands.join(","));
        Ok(())
    }

    /// Its name, defined first if `qelib1.inc` lacks it.
    fn table_gate(&mut self, g: Gate, span: circuit::Span) -> Emit<String> {
        let spec = g.spec();
        // The name that both lengths of the library know.
        let known = match g {
            Gate::U => Some("u3"),
            Gate::P => Some("u1"),
            Gate::Cp => Some("cu1"),
            _ => None,
        };
        if let Some(name) = known {
            return Ok(name.to_owned());
        }
        if let Some(l) = self.library.iter().find(|l| l.gate == g && l.ignored_params == 0) {
            return Ok(l.name.to_owned());
        }
        if !self.defined.contains(&g) {
            let text = self.definition(spec.definition, span)?;
            let params = spec.params.iter().map(|p| p.name()).collect::<Vec<_>>().join(",");
            let params = if params.is_empty() { String::new() } else { format!("({params})") };
            let qubits = &["a", "b", "c", "d", "e"][..spec.num_qubits()];
            let _ =
                writeln!(self.head, "gate {}{params} {} {{ {text} }}", spec.name, qubits.join(","));
            self.defined.insert(g);
        }
        Ok(spec.name.to_owned())
    }

    /// A definition of the table in the words of version 2.
    fn definition(&mut self, text: &str, span: circuit::Span) -> Emit<String> {
        let mut out = Vec::new();
        for statement in text.split(';').map(str::trim).filter(|s| !s.is_empty()) {
            if statement.starts_with("gphase") {
                continue;
            }
            let (controls, rest) = match statement.strip_prefix("ctrl") {
                Some(rest) => {
                    let (count, rest) = rest.split_once('@').unwrap_or(("", rest));
                    (count.trim().trim_matches(['(', ')']).parse().unwrap_or(1), rest.trim())
                }
                None => (0, statement),
            };
            let end = rest.find(['(', ' ']).unwrap_or(rest.len());
            let (name, tail) = rest.split_at(end);
            let Some(g) = Gate::by_name(name) else { return refuse(format!("`{name}`"), span) };
            let g = if controls == 0 { Some(g) } else { controlled(g, controls) };
            let Some(g) = g else { return refuse(format!("`{statement}`"), span) };
            let name = if name == "U" { "U".to_owned() } else { self.table_gate(g, span)? };
            out.push(format!("{name}{tail};"));
        }
        debug_assert!(!lex(text, Version::V3).tokens.iter().any(|t| t.kind == Tok::Error));
        Ok(out.join(" "))
    }

    /// An angle: numbers, parameters of the gate, the four operations, powers and functions.
    fn expr(&self, e: &Expr, least: u8) -> Emit<String> {
        let (text, power) = match &e.kind {
            ExprKind::Literal(v) => match v.as_real() {
                Some(x) => {
                    let text = number(x);
                    let power =
                        if text.starts_with('-') || text.contains(['*', '/']) { 1 } else { 9 };
                    (text, power)
                }
                None => return refuse("a parameter that is not a number", e.span),
            },
            ExprKind::Variable(VarRef::Local(i)) => match self.params.get(*i as usize) {
                Some(p) => (p.clone(), 9),
                None => return refuse("a variable as a parameter", e.span),
            },
            ExprKind::Unary(UnaryOp::Negate, inner) => (format!("-{}", self.expr(inner, 3)?), 1),
            ExprKind::Binary(op, sides) => {
                let (symbol, own) = match op {
                    BinaryOp::Add => ("+", 1),
                    BinaryOp::Sub => ("-", 1),
                    BinaryOp::Mul => ("*", 2),
                    BinaryOp::Div => ("/", 2),
                    BinaryOp::Pow => ("^", 4),
                    _ => return refuse(format!("`{}` in a parameter", op.symbol()), e.span),
                };
                let left = self.expr(&sides.0, if *op == BinaryOp::Pow { own } else { own - 1 })?;
                let right = self.expr(&sides.1, own)?;
                (format!("{left}{symbol}{right}"), own)
            }
            ExprKind::Builtin(f, args) => {
                let name = match f {
                    circuit::Builtin::Sin => "sin",
                    circuit::Builtin::Cos => "cos",
                    circuit::Builtin::Tan => "tan",
                    circuit::Builtin::Exp => "exp",
                    circuit::Builtin::Ln | circuit::Builtin::Log => "ln",
                    circuit::Builtin::Sqrt => "sqrt",
                    _ => return refuse(format!("`{}`", f.name()), e.span),
                };
                let [arg] = args.as_slice() else { return refuse("this function", e.span) };
                (format!("{name}({})", self.expr(arg, 0)?), 9)
            }
            _ => return refuse("this parameter", e.span),
        };
        Ok(if power <= least { format!("({text})") } else { text })
    }
}

fn number(x: f64) -> String {
    let text = super::expr::float(x);
    if text.contains("pi") { text } else { plain_float(x) }
}

/// The gate of the table that is `g` under so many more controls.
fn controlled(g: Gate, controls: usize) -> Option<Gate> {
    let spec = g.spec();
    let base = |g: Gate| -> Gate {
        match g {
            Gate::Cx | Gate::Ccx | Gate::C3x | Gate::C4x => Gate::X,
            Gate::Cz | Gate::Ccz => Gate::Z,
            other => other,
        }
    };
    let total = spec.num_controls + controls;
    Some(match (base(g), total) {
        (Gate::X, 1) => Gate::Cx,
        (Gate::X, 2) => Gate::Ccx,
        (Gate::X, 3) => Gate::C3x,
        (Gate::X, 4) => Gate::C4x,
        (Gate::Z, 1) => Gate::Cz,
        (Gate::Z, 2) => Gate::Ccz,
        (Gate::Y, 1) => Gate::Cy,
        (Gate::H, 1) => Gate::Ch,
        (Gate::S, 1) => Gate::Cs,
        (Gate::Sdg, 1) => Gate::Csdg,
        (Gate::Sx, 1) => Gate::Csx,
        (Gate::Sx, 3) => Gate::C3sx,
        (Gate::P, 1) => Gate::Cp,
        (Gate::Rx, 1) => Gate::Crx,
        (Gate::Ry, 1) => Gate::Cry,
        (Gate::Rz, 1) => Gate::Crz,
        (Gate::U, 1) => Gate::Cu3,
        (Gate::Swap, 1) => Gate::Cswap,
        _ => return None,
    })
}
