//! From the tree to a linear code that can stop at any quantum step and go on later.
//!
//! Control flow becomes jumps. A subroutine call or measurement inside an expression is taken out:
//! it runs as an operation of its own and leaves its result in a slot that the rest of the
//! expression reads, so that expressions themselves are pure. Gates whose operands and parameters
//! are literals are resolved here, once.

use std::sync::Arc;

use smallvec::SmallVec;

use super::cost;
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{ConstantScope, evaluate_real};
use crate::classical::{Scalar, Type, Value};
use crate::expr::{
    BinaryOp, Call, Expr, ExprKind, IndexItem, Iterable, LValue, QubitExpr, QubitExprKind, VarRef,
};
use crate::gate::Params;
use crate::operation::{Block, GateCall, GateRef, NoiseCall, Statement, StatementKind};
use crate::span::Span;
use crate::{Circuit, Gate, QuantumRegister, Qubit, Subroutine, Variable};

/// Nesting of statements beyond which a circuit is refused.
const MAX_NESTING: u32 = 500;

/// A gate of the table with everything known.
#[derive(Debug, Clone)]
pub(super) struct FixedGate {
    pub gate: Gate,
    pub params: Params,
    pub qubits: SmallVec<[Qubit; 4]>,
}

/// Where the outcome of a measurement goes.
#[derive(Debug, Clone)]
pub(super) enum MeasureTarget {
    Nowhere,
    Place(LValue),
    /// A slot of the frame, as `bit` or `bit[n]`.
    Temp(u32),
}

/// Values and the target.
pub(super) type SwitchCase = (Vec<Expr>, u32);

/// One operation of the linear code.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// Position in [`Program::fixed`].
    Fixed(u32),
    Gate(Arc<GateCall>),
    Measure(Box<(QubitExpr, MeasureTarget)>),
    Reset(Box<QubitExpr>),
    Barrier(Vec<QubitExpr>),
    Delay(Box<(Expr, Vec<QubitExpr>)>),
    Noise(Box<NoiseCall>),
    Postselect(Box<(QubitExpr, Expr)>),
    Jump(u32),
    JumpIfFalse(Box<Expr>, u32),
    /// Value and cases, target of the rest.
    Switch(Box<(Expr, Vec<SwitchCase>)>, u32),
    /// Begins an iteration; [`Op::ForNext`] follows.
    ForBegin(Box<Iterable>),
    /// The next value into the variable, or on to the target, the iteration forgotten.
    ForNext(VarRef, Scalar, u32),
    /// Forgets the innermost iteration.
    ForEnd,
    Declare(Box<(VarRef, Type, Option<Expr>)>),
    Assign(Box<(LValue, Option<BinaryOp>, Expr)>),
    /// The result goes to a slot of the frame.
    Call(Box<Call>, Option<u32>),
    Return(Option<Box<Expr>>),
    Alias(Box<(VarRef, QubitExpr)>),
    BitAlias(Box<(VarRef, Vec<LValue>)>),
    Eval(Box<Expr>),
    End,
}

/// A statement of a gate's body.
#[derive(Debug, Clone)]
pub(super) enum GateItem {
    Call(Arc<GateCall>),
    Barrier(Vec<QubitExpr>),
    Delay(Box<(Expr, Vec<QubitExpr>)>),
    /// Position in [`Program::gate_blocks`].
    Nest(u32),
    For(Box<(VarRef, Scalar, Iterable)>, u32),
    If(Box<Expr>, u32, Option<u32>),
}

#[derive(Debug)]
pub(super) struct GateInfo {
    pub name: String,
    pub num_params: usize,
    pub num_qubits: usize,
    pub num_locals: u32,
    /// Position in [`Program::gate_blocks`]; `None` for an opaque gate.
    pub body: Option<u32>,
}

#[derive(Debug)]
pub(super) struct SubroutineInfo {
    /// Without its body.
    pub head: Subroutine,
    pub num_locals: u32,
    /// `None` for an extern function.
    pub entry: Option<u32>,
}

/// A circuit made ready to run. Immutable and shared by all machines that run it.
#[derive(Debug)]
pub struct Program {
    pub(super) registers: Vec<QuantumRegister>,
    pub(super) variables: Vec<Variable>,
    pub(super) gates: Vec<GateInfo>,
    pub(super) gate_blocks: Vec<Vec<(GateItem, Span)>>,
    pub(super) subroutines: Vec<SubroutineInfo>,
    pub(super) num_locals: u32,
    pub(super) fixed: Vec<FixedGate>,
    pub(super) code: Vec<(Op, Span)>,
    pub(super) num_qubits: u32,
    /// At least so many operations and statements are executed, whatever the inputs and outcomes.
    pub(super) least: cost::Cost,
}

impl Program {
    /// Checks and prepares a circuit: references lie in range, gates call only gates before them,
    /// `break` stands in a loop.
    pub fn new(circuit: &Circuit) -> Result<Arc<Self>, RuntimeError> {
        let mut first = 0;
        for r in &circuit.registers {
            if r.first.0 != first {
                return invalid("registers follow one another", r.span);
            }
            let Some(next) = r.first.0.checked_add(r.size) else {
                return invalid("too many qubits", r.span);
            };
            first = next;
        }
        let least = cost::least(circuit)?;
        let mut compiler = Compiler {
            circuit,
            code: Vec::new(),
            fixed: Vec::new(),
            blocks: Vec::new(),
            declared: 0,
            free: 0,
            frame: 0,
        };
        let mut gates = Vec::with_capacity(circuit.gates.len());
        for g in &circuit.gates {
            let body = g.body.as_ref().map(|b| compiler.gate_block(b, 0)).transpose()?;
            gates.push(GateInfo {
                name: g.name.clone(),
                num_params: g.params.len(),
                num_qubits: g.qubits.len(),
                num_locals: g.num_locals.max(u32::try_from(g.params.len()).unwrap_or(u32::MAX)),
                body,
            });
        }
        compiler.begin_frame(circuit.num_locals);
        compiler.block(&circuit.body, &mut Vec::new(), 0)?;
        compiler.code.push((Op::End, Span::NONE));
        let num_locals = compiler.frame;
        let mut subroutines = Vec::with_capacity(circuit.subroutines.len());
        for s in &circuit.subroutines {
            compiler
                .begin_frame(s.num_locals.max(u32::try_from(s.params.len()).unwrap_or(u32::MAX)));
            let entry = match &s.body {
                Some(body) => {
                    let entry = compiler.here();
                    compiler.block(body, &mut Vec::new(), 0)?;
                    compiler.code.push((Op::Return(None), s.span));
                    Some(entry)
                }
                None => None,
            };
            let head = Subroutine {
                name: s.name.clone(),
                params: s.params.clone(),
                returns: s.returns,
                num_locals: s.num_locals,
                local_names: Vec::new(),
                body: None,
                span: s.span,
            };
            subroutines.push(SubroutineInfo { head, num_locals: compiler.frame, entry });
        }
        let Compiler { code, fixed, blocks, .. } = compiler;
        Ok(Arc::new(Self {
            registers: circuit.registers.clone(),
            variables: circuit.variables.clone(),
            gates,
            gate_blocks: blocks,
            subroutines,
            num_locals,
            fixed,
            code,
            num_qubits: circuit.num_qubits(),
            least,
        }))
    }

    pub fn num_qubits(&self) -> u32 {
        self.num_qubits
    }

    /// Global variables, in order of declaration.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Operations that every run executes at least; loops and definitions expanded as far as their
    /// extent is constant. Saturates.
    pub fn least_operations(&self) -> u64 {
        self.least.operations
    }
}

pub(super) fn invalid<T>(what: &'static str, span: Span) -> Result<T, RuntimeError> {
    Err(RuntimeError::new(RuntimeErrorKind::Invalid(what), span))
}

/// An enclosing loop.
struct LoopContext {
    is_for: bool,
    next: u32,
    breaks: Vec<usize>,
}

pub(super) struct Compiler<'a> {
    circuit: &'a Circuit,
    code: Vec<(Op, Span)>,
    fixed: Vec<FixedGate>,
    blocks: Vec<Vec<(GateItem, Span)>>,
    /// Slots of the current frame that variables take; results of calls and measurements follow.
    declared: u32,
    /// Next free slot of the current statement.
    free: u32,
    /// Slots of the current frame in all.
    frame: u32,
}

impl Compiler<'_> {
    fn here(&self) -> u32 {
        u32::try_from(self.code.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn push(&mut self, op: Op, span: Span) -> usize {
        self.code.push((op, span));
        self.code.len() - 1
    }

    fn begin_frame(&mut self, declared: u32) {
        (self.declared, self.free, self.frame) = (declared, declared, declared);
    }

    pub(super) fn temp(&mut self) -> u32 {
        let temp = self.free;
        self.free += 1;
        self.frame = self.frame.max(self.free);
        temp
    }

    /// Lets the jump at `at` go to the next operation.
    pub(super) fn land(&mut self, at: usize) {
        let here = self.here();
        match &mut self.code[at].0 {
            Op::Jump(to) | Op::JumpIfFalse(_, to) | Op::ForNext(_, _, to) | Op::Switch(_, to) => {
                *to = here;
            }
            _ => {}
        }
    }

    fn block(
        &mut self,
        block: &Block,
        loops: &mut Vec<LoopContext>,
        depth: u32,
    ) -> Result<(), RuntimeError> {
        if depth > MAX_NESTING {
            return invalid(
                "statements are nested too deeply",
                block.statements.first().map_or(Span::NONE, |s| s.span),
            );
        }
        block.statements.iter().try_for_each(|s| self.statement(s, loops, depth + 1))
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of statement")]
    fn statement(
        &mut self,
        statement: &Statement,
        loops: &mut Vec<LoopContext>,
        depth: u32,
    ) -> Result<(), RuntimeError> {
        let span = statement.span;
        // The results that an earlier statement has left have been read.
        self.free = self.declared;
        match &statement.kind {
            StatementKind::Gate(call) => {
                let op = match self.fix(call) {
                    Some(fixed) => {
                        self.fixed.push(fixed);
                        Op::Fixed(u32::try_from(self.fixed.len() - 1).unwrap_or(u32::MAX))
                    }
                    None => Op::Gate(Arc::new(self.pure_call(call))),
                };
                self.push(op, span);
            }
            StatementKind::Measure { qubits, target } => {
                let qubits = self.pure_qubits(qubits);
                let target = match target {
                    Some(t) => MeasureTarget::Place(self.pure_place(t)),
                    None => MeasureTarget::Nowhere,
                };
                self.push(Op::Measure(Box::new((qubits, target))), span);
            }
            StatementKind::Reset(qubits) => {
                let qubits = self.pure_qubits(qubits);
                self.push(Op::Reset(Box::new(qubits)), span);
            }
            StatementKind::Barrier(qubits) => {
                let qubits = qubits.iter().map(|q| self.pure_qubits(q)).collect();
                self.push(Op::Barrier(qubits), span);
            }
            StatementKind::Delay { duration, qubits } => {
                let duration = self.pure(duration);
                let qubits = qubits.iter().map(|q| self.pure_qubits(q)).collect();
                self.push(Op::Delay(Box::new((duration, qubits))), span);
            }
            StatementKind::Box { duration, body } => {
                if let Some(d) = duration {
                    let d = self.pure(d);
                    self.push(Op::Eval(Box::new(d)), span);
                }
                self.block(body, loops, depth)?;
            }
            StatementKind::Block(body) => self.block(body, loops, depth)?,
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.pure(condition);
                let skip = self.push(Op::JumpIfFalse(Box::new(condition), 0), span);
                self.block(then, loops, depth)?;
                match otherwise {
                    Some(otherwise) => {
                        let end = self.push(Op::Jump(0), span);
                        self.land(skip);
                        self.block(otherwise, loops, depth)?;
                        self.land(end);
                    }
                    None => self.land(skip),
                }
            }
            StatementKind::Switch { value, cases, default } => {
                let value = self.pure(value);
                let values = cases
                    .iter()
                    .map(|c| (c.values.iter().map(|v| self.pure(v)).collect(), 0))
                    .collect();
                let switch = self.push(Op::Switch(Box::new((value, values)), 0), span);
                let mut ends = Vec::with_capacity(cases.len());
                for (i, case) in cases.iter().enumerate() {
                    let here = self.here();
                    if let Op::Switch(table, _) = &mut self.code[switch].0 {
                        table.1[i].1 = here;
                    }
                    self.block(&case.body, loops, depth)?;
                    ends.push(self.push(Op::Jump(0), span));
                }
                self.land(switch);
                if let Some(default) = default {
                    self.block(default, loops, depth)?;
                }
                for end in ends {
                    self.land(end);
                }
            }
            StatementKind::While { condition, body } => {
                let start = self.here();
                let condition = self.pure(condition);
                let exit = self.push(Op::JumpIfFalse(Box::new(condition), 0), span);
                loops.push(LoopContext { is_for: false, next: start, breaks: Vec::new() });
                self.block(body, loops, depth)?;
                self.push(Op::Jump(start), span);
                self.land(exit);
                self.leave(loops);
            }
            StatementKind::For { var, ty, over, body } => {
                let over = self.pure_iterable(over);
                self.push(Op::ForBegin(Box::new(over)), span);
                let start = self.here();
                let next = self.push(Op::ForNext(*var, *ty, 0), span);
                loops.push(LoopContext { is_for: true, next: start, breaks: Vec::new() });
                self.block(body, loops, depth)?;
                self.push(Op::Jump(start), span);
                self.land(next);
                self.leave(loops);
            }
            StatementKind::Break => {
                let Some(context) = loops.last() else {
                    return invalid("`break` outside of a loop", span);
                };
                if context.is_for {
                    self.push(Op::ForEnd, span);
                }
                let at = self.push(Op::Jump(0), span);
                if let Some(context) = loops.last_mut() {
                    context.breaks.push(at);
                }
            }
            StatementKind::Continue => {
                let Some(context) = loops.last() else {
                    return invalid("`continue` outside of a loop", span);
                };
                self.push(Op::Jump(context.next), span);
            }
            StatementKind::End => {
                self.push(Op::End, span);
            }
            StatementKind::Return(value) => {
                let value = value.as_ref().map(|v| Box::new(self.pure(v)));
                self.push(Op::Return(value), span);
            }
            StatementKind::Declare { var, ty, init } => {
                let init = init.as_ref().map(|e| self.pure(e));
                self.push(Op::Declare(Box::new((*var, ty.clone(), init))), span);
            }
            StatementKind::Assign { target, op, value } => {
                let value = self.pure(value);
                let target = self.pure_place(target);
                self.push(Op::Assign(Box::new((target, *op, value))), span);
            }
            StatementKind::Call(call) => {
                let call = self.pure_arguments(call);
                self.push(Op::Call(Box::new(call), None), span);
            }
            StatementKind::Expr(expr) => {
                let expr = self.pure(expr);
                self.push(Op::Eval(Box::new(expr)), span);
            }
            StatementKind::Alias { var, qubits } => {
                let qubits = self.pure_qubits(qubits);
                self.push(Op::Alias(Box::new((*var, qubits))), span);
            }
            StatementKind::BitAlias { var, parts } => {
                let parts = parts.iter().map(|p| self.pure_place(p)).collect();
                self.push(Op::BitAlias(Box::new((*var, parts))), span);
            }
            StatementKind::Noise(call) => {
                self.push(Op::Noise(call.clone()), span);
            }
            StatementKind::Postselect { qubit, outcome } => {
                let (qubit, outcome) = (self.pure_qubits(qubit), self.pure(outcome));
                self.push(Op::Postselect(Box::new((qubit, outcome))), span);
            }
            StatementKind::Nop | StatementKind::Pragma(_) | StatementKind::Calibration(_) => {}
        }
        Ok(())
    }

    fn leave(&mut self, loops: &mut Vec<LoopContext>) {
        for at in loops.pop().map(|c| c.breaks).unwrap_or_default() {
            self.land(at);
        }
    }

    /// A call of a table gate whose operands are single qubits and whose parameters are literals.
    fn fix(&self, call: &GateCall) -> Option<FixedGate> {
        let GateRef::Table(gate) = call.gate else { return None };
        let spec = gate.spec();
        if !call.modifiers.is_empty()
            || call.params.len() != spec.num_params()
            || call.operands.len() != spec.num_qubits()
        {
            return None;
        }
        let mut params = Params::new();
        for p in &call.params {
            params.push(constant_real(p)?);
        }
        let mut qubits: SmallVec<[Qubit; 4]> = SmallVec::new();
        for o in &call.operands {
            let q = self.literal_qubit(o)?;
            if qubits.contains(&q) {
                return None;
            }
            qubits.push(q);
        }
        Some(FixedGate { gate, params, qubits })
    }

    fn literal_qubit(&self, expr: &QubitExpr) -> Option<Qubit> {
        let register = |kind: &QubitExprKind| match kind {
            QubitExprKind::Register(id) => self.circuit.registers.get(id.0 as usize),
            _ => None,
        };
        match &expr.kind {
            QubitExprKind::Qubit(q) if q.0 < self.circuit.num_qubits() => Some(*q),
            QubitExprKind::Register(_) => {
                register(&expr.kind).filter(|r| r.single).map(|r| r.first)
            }
            QubitExprKind::Index(base, items) => {
                let r = register(&base.kind)?;
                let [IndexItem::Single(i)] = items.as_slice() else { return None };
                let i = u32::try_from(i.as_literal()?.as_integer()?)
                    .ok()
                    .filter(|&i| i < r.size && !r.single)?;
                Some(Qubit(r.first.0 + i))
            }
            _ => None,
        }
    }

    fn gate_block(&mut self, block: &Block, depth: u32) -> Result<u32, RuntimeError> {
        let mut items = Vec::with_capacity(block.statements.len());
        for s in &block.statements {
            if depth > MAX_NESTING {
                return invalid("statements are nested too deeply", s.span);
            }
            let item = match &s.kind {
                StatementKind::Gate(call) => GateItem::Call(Arc::new((**call).clone())),
                StatementKind::Barrier(qubits) => GateItem::Barrier(qubits.clone()),
                StatementKind::Delay { duration, qubits } => {
                    GateItem::Delay(Box::new((duration.clone(), qubits.clone())))
                }
                StatementKind::Block(body) | StatementKind::Box { body, .. } => {
                    GateItem::Nest(self.gate_block(body, depth + 1)?)
                }
                StatementKind::For { var, ty, over, body } => {
                    let body = self.gate_block(body, depth + 1)?;
                    GateItem::For(Box::new((*var, *ty, over.clone())), body)
                }
                StatementKind::If { condition, then, otherwise } => {
                    let then = self.gate_block(then, depth + 1)?;
                    let otherwise =
                        otherwise.as_ref().map(|o| self.gate_block(o, depth + 1)).transpose()?;
                    GateItem::If(Box::new(condition.clone()), then, otherwise)
                }
                StatementKind::Nop | StatementKind::Pragma(_) => continue,
                _ => return invalid("this cannot stand in the body of a gate", s.span),
            };
            items.push((item, s.span));
        }
        self.blocks.push(items);
        Ok(u32::try_from(self.blocks.len() - 1).unwrap_or(u32::MAX))
    }
}

/// A parameter that no variable and no measurement takes part in. What fails is left to the run,
/// which says where.
fn constant_real(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Literal(Value::Float(f)) => Some(*f),
        ExprKind::Variable(_) => None,
        _ => evaluate_real(expr, &ConstantScope(|_| None)).ok(),
    }
    .filter(|f| f.is_finite())
}
