//! Visits every reference of a tree, to renumber or replace it, and the blocks within expressions.

use crate::expr::{
    Argument, Call, Expr, ExprKind, GateId, IndexItem, Iterable, LValue, QubitExpr, QubitExprKind,
    RangeExpr, SubroutineId, VarRef,
};
use crate::operation::{Block, GateCall, GateRef, Modifier, Statement, StatementKind};

/// What to do at each kind of reference; nothing unless said. A qubit expression is visited after
/// the ones inside of it.
pub(crate) trait VisitMut {
    fn variable(&mut self, _: &mut VarRef) {}
    fn gate(&mut self, _: &mut GateId) {}
    fn gate_ref(&mut self, gate: &mut GateRef) {
        if let GateRef::Custom(id) = gate {
            self.gate(id);
        }
    }
    fn subroutine(&mut self, _: &mut SubroutineId) {}
    fn qubits(&mut self, _: &mut QubitExpr) {}
}

pub(crate) fn block(b: &mut Block, v: &mut impl VisitMut) {
    b.statements.iter_mut().for_each(|s| statement(s, v));
}

pub(crate) fn statement(s: &mut Statement, v: &mut impl VisitMut) {
    match &mut s.kind {
        StatementKind::Gate(call) => gate_call(call, v),
        StatementKind::Measure { qubits: q, target } => {
            qubits(q, v);
            if let Some(t) = target {
                place(t, v);
            }
        }
        StatementKind::Reset(q) => qubits(q, v),
        StatementKind::Barrier(qs) => qs.iter_mut().for_each(|q| qubits(q, v)),
        StatementKind::Delay { duration, qubits: qs } => {
            expr(duration, v);
            for q in qs {
                qubits(q, v);
            }
        }
        StatementKind::Box { duration, body } => {
            if let Some(d) = duration {
                expr(d, v);
            }
            block(body, v);
        }
        StatementKind::Block(body) => block(body, v),
        StatementKind::If { condition, then, otherwise } => {
            expr(condition, v);
            block(then, v);
            if let Some(o) = otherwise {
                block(o, v);
            }
        }
        StatementKind::Switch { value, cases, default } => {
            expr(value, v);
            for case in cases {
                case.values.iter_mut().for_each(|e| expr(e, v));
                block(&mut case.body, v);
            }
            if let Some(d) = default {
                block(d, v);
            }
        }
        StatementKind::While { condition, body } => {
            expr(condition, v);
            block(body, v);
        }
        StatementKind::For { var, over, body, .. } => {
            v.variable(var);
            match over {
                Iterable::Range(r) => range(r, v),
                Iterable::Set(es) => es.iter_mut().for_each(|e| expr(e, v)),
                Iterable::Value(e) => expr(e, v),
            }
            block(body, v);
        }
        StatementKind::Return(Some(e)) | StatementKind::Expr(e) => expr(e, v),
        StatementKind::Declare { var, init, .. } => {
            v.variable(var);
            if let Some(e) = init {
                expr(e, v);
            }
        }
        StatementKind::Assign { target, value, .. } => {
            place(target, v);
            expr(value, v);
        }
        StatementKind::Call(call) => subroutine_call(call, v),
        StatementKind::Alias { var, qubits: q } => {
            v.variable(var);
            qubits(q, v);
        }
        StatementKind::BitAlias { var, parts } => {
            v.variable(var);
            for p in parts {
                place(p, v);
            }
        }
        StatementKind::Noise(call) => {
            call.params.iter_mut().for_each(|e| expr(e, v));
            call.operands.iter_mut().for_each(|q| qubits(q, v));
        }
        StatementKind::Postselect { qubit, outcome } => {
            qubits(qubit, v);
            expr(outcome, v);
        }
        StatementKind::Break
        | StatementKind::Continue
        | StatementKind::End
        | StatementKind::Return(None)
        | StatementKind::Nop
        | StatementKind::Pragma(_)
        | StatementKind::Calibration(_) => {}
    }
}

fn gate_call(call: &mut GateCall, v: &mut impl VisitMut) {
    v.gate_ref(&mut call.gate);
    for modifier in &mut call.modifiers {
        match modifier {
            Modifier::Ctrl(Some(e)) | Modifier::NegCtrl(Some(e)) | Modifier::Pow(e) => expr(e, v),
            Modifier::Ctrl(None) | Modifier::NegCtrl(None) | Modifier::Inv => {}
        }
    }
    call.params.iter_mut().for_each(|e| expr(e, v));
    call.operands.iter_mut().for_each(|q| qubits(q, v));
}

fn subroutine_call(call: &mut Call, v: &mut impl VisitMut) {
    v.subroutine(&mut call.subroutine);
    for arg in &mut call.args {
        match arg {
            Argument::Value(e) => expr(e, v),
            Argument::Qubits(q) => qubits(q, v),
            Argument::Reference(l) => place(l, v),
        }
    }
}

fn place(l: &mut LValue, v: &mut impl VisitMut) {
    v.variable(&mut l.var);
    l.path.iter_mut().for_each(|i| items(i, v));
}

fn items(list: &mut [IndexItem], v: &mut impl VisitMut) {
    for item in list {
        match item {
            IndexItem::Single(e) => expr(e, v),
            IndexItem::Range(r) => range(r, v),
            IndexItem::Set(es) => es.iter_mut().for_each(|e| expr(e, v)),
        }
    }
}

fn range(r: &mut RangeExpr, v: &mut impl VisitMut) {
    [&mut r.start, &mut r.step, &mut r.stop].into_iter().flatten().for_each(|e| expr(e, v));
}

fn qubits(q: &mut QubitExpr, v: &mut impl VisitMut) {
    match &mut q.kind {
        QubitExprKind::Index(base, list) => {
            qubits(base, v);
            items(list, v);
        }
        QubitExprKind::Concat(parts) => parts.iter_mut().for_each(|p| qubits(p, v)),
        QubitExprKind::Variable(var) => v.variable(var),
        QubitExprKind::Register(_) | QubitExprKind::Qubit(_) | QubitExprKind::Argument(_) => {}
    }
    v.qubits(q);
}

fn expr(e: &mut Expr, v: &mut impl VisitMut) {
    match &mut e.kind {
        ExprKind::Literal(_) => {}
        ExprKind::Variable(var) => v.variable(var),
        ExprKind::Unary(_, x) | ExprKind::Cast(_, x) => expr(x, v),
        ExprKind::Binary(_, sides) => {
            expr(&mut sides.0, v);
            expr(&mut sides.1, v);
        }
        ExprKind::Index(base, list) => {
            expr(base, v);
            items(list, v);
        }
        ExprKind::Concat(es) | ExprKind::Array(es) | ExprKind::Builtin(_, es) => {
            for e in es {
                expr(e, v);
            }
        }
        ExprKind::SizeOf(x, d) => {
            expr(x, v);
            if let Some(d) = d {
                expr(d, v);
            }
        }
        ExprKind::SizeOfQubits(q) | ExprKind::Measure(q) => qubits(q, v),
        ExprKind::Call(call) => subroutine_call(call, v),
        ExprKind::DurationOf(body) => block(std::sync::Arc::make_mut(body), v),
    }
}

/// Calls `f` with each block that a `durationof` in the expressions of this very statement holds: not
/// with those of statements inside of it.
pub fn durationof_blocks<'s>(s: &'s Statement, f: &mut impl FnMut(&'s Block)) {
    match &s.kind {
        StatementKind::Gate(call) => {
            for modifier in &call.modifiers {
                match modifier {
                    Modifier::Ctrl(Some(e)) | Modifier::NegCtrl(Some(e)) | Modifier::Pow(e) => {
                        blocks_of(e, f);
                    }
                    Modifier::Ctrl(None) | Modifier::NegCtrl(None) | Modifier::Inv => {}
                }
            }
            for e in &call.params {
                blocks_of(e, f);
            }
            for q in &call.operands {
                blocks_of_qubits(q, f);
            }
        }
        StatementKind::Measure { qubits: q, target } => {
            blocks_of_qubits(q, f);
            if let Some(t) = target {
                blocks_of_place(t, f);
            }
        }
        StatementKind::Reset(q) | StatementKind::Alias { qubits: q, .. } => blocks_of_qubits(q, f),
        StatementKind::Barrier(qs) => qs.iter().for_each(|q| blocks_of_qubits(q, f)),
        StatementKind::Delay { duration, qubits } => {
            blocks_of(duration, f);
            for q in qubits {
                blocks_of_qubits(q, f);
            }
        }
        StatementKind::Box { duration: Some(e), .. }
        | StatementKind::If { condition: e, .. }
        | StatementKind::While { condition: e, .. }
        | StatementKind::Return(Some(e))
        | StatementKind::Expr(e)
        | StatementKind::Declare { init: Some(e), .. } => blocks_of(e, f),
        StatementKind::Switch { value, cases, .. } => {
            blocks_of(value, f);
            cases.iter().flat_map(|c| &c.values).for_each(|e| blocks_of(e, f));
        }
        StatementKind::For { over, .. } => match over {
            Iterable::Range(r) => blocks_of_range(r, f),
            Iterable::Set(es) => es.iter().for_each(|e| blocks_of(e, f)),
            Iterable::Value(e) => blocks_of(e, f),
        },
        StatementKind::Assign { target, value, .. } => {
            blocks_of_place(target, f);
            blocks_of(value, f);
        }
        StatementKind::Call(call) => blocks_of_call(call, f),
        StatementKind::BitAlias { parts, .. } => parts.iter().for_each(|p| blocks_of_place(p, f)),
        StatementKind::Noise(call) => {
            for e in &call.params {
                blocks_of(e, f);
            }
            for q in &call.operands {
                blocks_of_qubits(q, f);
            }
        }
        StatementKind::Postselect { qubit, outcome } => {
            blocks_of_qubits(qubit, f);
            blocks_of(outcome, f);
        }
        StatementKind::Box { duration: None, .. }
        | StatementKind::Block(_)
        | StatementKind::Declare { init: None, .. }
        | StatementKind::Return(None)
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::End
        | StatementKind::Nop
        | StatementKind::Pragma(_)
        | StatementKind::Calibration(_) => {}
    }
}

fn blocks_of<'s>(e: &'s Expr, f: &mut impl FnMut(&'s Block)) {
    match &e.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) => {}
        ExprKind::Unary(_, x) | ExprKind::Cast(_, x) => blocks_of(x, f),
        ExprKind::Binary(_, sides) => {
            blocks_of(&sides.0, f);
            blocks_of(&sides.1, f);
        }
        ExprKind::Index(base, list) => {
            blocks_of(base, f);
            blocks_of_items(list, f);
        }
        ExprKind::Concat(es) | ExprKind::Array(es) | ExprKind::Builtin(_, es) => {
            for e in es {
                blocks_of(e, f);
            }
        }
        ExprKind::SizeOf(x, d) => {
            blocks_of(x, f);
            if let Some(d) = d {
                blocks_of(d, f);
            }
        }
        ExprKind::SizeOfQubits(q) | ExprKind::Measure(q) => blocks_of_qubits(q, f),
        ExprKind::Call(call) => blocks_of_call(call, f),
        ExprKind::DurationOf(body) => f(body),
    }
}

fn blocks_of_call<'s>(call: &'s Call, f: &mut impl FnMut(&'s Block)) {
    for arg in &call.args {
        match arg {
            Argument::Value(e) => blocks_of(e, f),
            Argument::Qubits(q) => blocks_of_qubits(q, f),
            Argument::Reference(l) => blocks_of_place(l, f),
        }
    }
}

fn blocks_of_place<'s>(l: &'s LValue, f: &mut impl FnMut(&'s Block)) {
    l.path.iter().for_each(|i| blocks_of_items(i, f));
}

fn blocks_of_items<'s>(list: &'s [IndexItem], f: &mut impl FnMut(&'s Block)) {
    for item in list {
        match item {
            IndexItem::Single(e) => blocks_of(e, f),
            IndexItem::Range(r) => blocks_of_range(r, f),
            IndexItem::Set(es) => es.iter().for_each(|e| blocks_of(e, f)),
        }
    }
}

fn blocks_of_range<'s>(r: &'s RangeExpr, f: &mut impl FnMut(&'s Block)) {
    [&r.start, &r.step, &r.stop].into_iter().flatten().for_each(|e| blocks_of(e, f));
}

fn blocks_of_qubits<'s>(q: &'s QubitExpr, f: &mut impl FnMut(&'s Block)) {
    match &q.kind {
        QubitExprKind::Index(base, list) => {
            blocks_of_qubits(base, f);
            blocks_of_items(list, f);
        }
        QubitExprKind::Concat(parts) => parts.iter().for_each(|p| blocks_of_qubits(p, f)),
        QubitExprKind::Variable(_)
        | QubitExprKind::Register(_)
        | QubitExprKind::Qubit(_)
        | QubitExprKind::Argument(_) => {}
    }
}
