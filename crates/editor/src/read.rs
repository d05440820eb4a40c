//! From a checked program to its picture.
//!
//! What has a picture becomes operations: gates with their controls, measurements, resets, barriers,
//! and each of these under an `if` on a bit or a register. Registers are written out qubit by qubit.
//! All other statements become blocks with their text, on the wires that the text names; what is
//! declared stays as a declaration. So the document says all that the program says.
//!
//! Operations are placed as far left as order allows; a barrier keeps the columns on its sides
//! apart.

mod bits;
mod body;
mod gate;
mod places;
pub(crate) mod source;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use circuit::{
    Circuit, Clbit, Expr, ExprKind, IndexItem, Qubit, QubitExpr, QubitExprKind, RangeExpr, Role,
    Scalar, Span, Statement, StatementKind, UnaryOp, Value, VarRef,
};

use crate::command::{MAX_CLBITS, MAX_COLUMNS, MAX_QUBITS};
use crate::document::{
    Column, Definition, Document, Header, Io, OpId, Operation, Parameter, Register,
};
use crate::emit::{has_word, is_whole_register};
use crate::place::Front;
use crate::source::{Segment, Source};

/// Most operations of a drawn circuit, registers written out.
pub const MAX_OPERATIONS: usize = 500_000;

/// Why a program has no picture. It still runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the circuit has {0} qubits; up to {MAX_QUBITS} are drawn")]
    TooManyQubits(u32),
    #[error("the circuit has {0} classical bits; up to {MAX_CLBITS} are drawn")]
    TooManyClbits(u32),
    #[error("the circuit has more than {MAX_OPERATIONS} operations, too many to draw")]
    TooManyOperations,
    #[error("a part of the program comes from an included file, which the picture cannot show")]
    Elsewhere,
}

/// Draws a program. `text` is the main text that it was read from.
pub fn from_circuit(circuit: &Circuit, text: &str) -> Result<Document, ReadError> {
    with_source(circuit, text).map(|(document, _)| document)
}

/// The same, and where everything stands in the text.
pub fn with_source(circuit: &Circuit, text: &str) -> Result<(Document, Source), ReadError> {
    let (qubits, clbits) = (circuit.num_qubits(), circuit.num_clbits());
    if qubits > MAX_QUBITS {
        return Err(ReadError::TooManyQubits(qubits));
    }
    if clbits > MAX_CLBITS {
        return Err(ReadError::TooManyClbits(clbits));
    }
    let mut reader = Reader::new(circuit, text);
    reader.declarations()?;
    reader.aliases();
    reader.start();
    reader.bodies();
    for statement in &circuit.body.statements {
        reader.statement(statement)?;
    }
    reader.trailing_comments();
    let source = reader.source();
    Ok((reader.finish(), source))
}

struct Reader<'a> {
    circuit: &'a Circuit,
    text: &'a str,
    /// OpenQASM 2: `^` is a power.
    version_2: bool,
    header: Header,
    /// First bit of each global variable of bits, with its register and whether it is a single bit.
    bits: Vec<Option<Bits>>,
    aliases: BTreeMap<VarRef, Vec<Qubit>>,
    /// Custom gates whose names would clash with the standard library.
    renamed: BTreeMap<String, String>,
    document: Document,
    columns: Vec<Column>,
    front: Front,
    num_operations: usize,
    /// A gate's definition is being read: its qubits are numbered from 0.
    in_body: bool,
    /// Next comment, and the column and end of the statement before it.
    comment: usize,
    last: Option<(usize, usize)>,
    segments: Vec<Segment>,
    /// Comments that the picture shows.
    shown: Vec<std::ops::Range<usize>>,
    /// Where each definition of the header is said.
    defined: Vec<Span>,
}

/// A classical register of the picture.
#[derive(Clone, Copy)]
struct Bits {
    first: u32,
    size: u32,
    register: u32,
    single: bool,
}

impl<'a> Reader<'a> {
    fn new(circuit: &'a Circuit, text: &'a str) -> Self {
        Self {
            circuit,
            text,
            version_2: source::is_version_2(text),
            header: Header::default(),
            bits: vec![None; circuit.variables.len()],
            aliases: BTreeMap::new(),
            renamed: BTreeMap::new(),
            document: Document::default(),
            columns: Vec::new(),
            front: Front::new(&Header::default()),
            num_operations: 0,
            in_body: false,
            comment: 0,
            last: None,
            segments: Vec::new(),
            shown: Vec::new(),
            defined: Vec::new(),
        }
    }

    /// Registers, parameters and definitions.
    fn declarations(&mut self) -> Result<(), ReadError> {
        let registers = self.circuit.registers.iter().map(|r| &r.name);
        for name in registers.chain(self.circuit.variables.iter().map(|v| &v.name)) {
            if self.is_reserved(name) {
                self.renamed.insert(name.clone(), format!("{name}_"));
            }
        }
        let named = |renamed: &BTreeMap<String, String>, name: &str| -> Arc<str> {
            renamed.get(name).map_or(name, String::as_str).into()
        };
        for register in &self.circuit.registers {
            self.header.qubits.push(Register {
                name: named(&self.renamed, &register.name),
                size: register.size,
                scalar: register.single,
                io: Io::Plain,
            });
        }
        for bits in self.circuit.classical_registers() {
            let variable = &self.circuit.variables[bits.variable as usize];
            let single = variable.ty.scalar() == Some(Scalar::Bit);
            let register = u32::try_from(self.header.clbits.len()).unwrap_or(u32::MAX);
            self.bits[bits.variable as usize] =
                Some(Bits { first: bits.first.0, size: bits.size, register, single });
            self.header.clbits.push(Register {
                name: named(&self.renamed, &variable.name),
                size: bits.size,
                scalar: single,
                io: match variable.role {
                    Role::Input => Io::Input,
                    Role::Output => Io::Output,
                    _ => Io::Plain,
                },
            });
        }
        self.definitions()
    }

    /// Qubits that global `let` names stand for.
    fn aliases(&mut self) {
        for statement in &self.circuit.body.statements {
            if let StatementKind::Alias { var, qubits } = &statement.kind
                && let Some(list) = self.qubits(qubits)
            {
                self.aliases.insert(*var, list);
            }
        }
    }

    fn start(&mut self) {
        self.document = Document::from_header(std::mem::take(&mut self.header));
        self.front = Front::new(&self.document.header);
    }

    fn finish(mut self) -> Document {
        let n = self.document.num_qubits();
        for column in &mut self.columns {
            column.operations.sort_by_key(|op| *op.rows(n).start());
        }
        self.document.columns = self.columns.into_iter().map(Arc::new).collect();
        self.document
    }

    fn header(&self) -> &Header {
        &self.document.header
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), ReadError> {
        if self.is_declaration(statement) {
            self.skip_comments_in(statement.span);
            return Ok(());
        }
        let comment = self.comments_before(statement.span);
        let operations = match &statement.annotations {
            Some(annotations) => self.display(annotations, &statement.kind),
            None => self.operations(&statement.kind),
        };
        let operations = match operations {
            Some(operations) => operations,
            None => vec![self.block(statement)?],
        };
        self.skip_comments_in(statement.span);
        if self.num_operations + operations.len() > MAX_OPERATIONS {
            return Err(ReadError::TooManyOperations);
        }
        // A register that is measured in one statement stays in one column, and so in one statement.
        let together = is_whole_register(&operations, &self.document.header);
        let mut first = None;
        let mut ids = Vec::with_capacity(operations.len());
        if together {
            let column = self.front.place_together(&operations, &self.document.header);
            for op in operations {
                ids.push(self.put(op, column));
            }
            first = Some(column);
        } else {
            for op in operations {
                let column = self.front.place(&op, &self.document.header);
                ids.push(self.put(op, column));
                first = Some(first.map_or(column, |c: usize| c.min(column)));
            }
        }
        self.note(statement, ids);
        let column = first.unwrap_or_else(|| self.columns.len().saturating_sub(1));
        if let Some(comment) = comment {
            self.add_comment(column, &comment);
        }
        self.last = Some((column, statement.span.end as usize));
        if self.columns.len() > MAX_COLUMNS {
            return Err(ReadError::TooManyOperations);
        }
        Ok(())
    }

    fn put(&mut self, mut op: Operation, column: usize) -> OpId {
        let id = self.document.fresh_id();
        op.id = id;
        self.columns.resize_with(self.columns.len().max(column + 1), Column::default);
        self.columns[column].operations.push(Arc::new(op));
        self.num_operations += 1;
        id
    }

    /// An inline display.
    fn display(
        &self,
        annotations: &[circuit::Annotation],
        kind: &StatementKind,
    ) -> Option<Vec<Operation>> {
        let StatementKind::Barrier(operands) = kind else { return None };
        let mut qubits = Vec::new();
        for part in operands {
            qubits.extend(self.qubits(part)?);
        }
        crate::display::read(annotations, &qubits).map(|op| vec![op])
    }

    /// The operations of a statement that has a picture.
    fn operations(&self, kind: &StatementKind) -> Option<Vec<Operation>> {
        match kind {
            StatementKind::Gate(call) => self.gate(call),
            StatementKind::Measure { qubits, target } => {
                let qubits = self.qubits(qubits)?;
                let clbits = match target {
                    Some(target) => self.target(target)?.into_iter().map(Some).collect(),
                    None => vec![None; qubits.len()],
                };
                measures(&qubits, clbits)
            }
            StatementKind::Assign { target, op: None, value } => {
                let ExprKind::Measure(qubits) = &value.kind else { return None };
                measures(
                    &self.qubits(qubits)?,
                    self.target(target)?.into_iter().map(Some).collect(),
                )
            }
            StatementKind::Declare { var, init, .. } => {
                let bits = self.bits_of(*var)?;
                match &init.as_ref()?.kind {
                    ExprKind::Measure(qubits) => {
                        let clbits =
                            (bits.first..bits.first + bits.size).map(|c| Some(Clbit(c))).collect();
                        measures(&self.qubits(qubits)?, clbits)
                    }
                    _ => None,
                }
            }
            StatementKind::Reset(qubits) => {
                Some(self.qubits(qubits)?.into_iter().map(Operation::reset).collect())
            }
            StatementKind::Barrier(qubits) => {
                let mut all = Vec::new();
                for part in qubits {
                    all.extend(self.qubits(part)?);
                }
                let n = self.header().num_qubits() as usize;
                all.sort_unstable();
                all.dedup();
                // In a gate the wires are the gate's, which may be called on any.
                let full = !self.in_body && (all.len() == n || qubits.is_empty());
                Some(vec![Operation::barrier(if full { &[] } else { &all })])
            }
            StatementKind::If { condition, then, otherwise: None } => {
                let condition = self.condition(condition)?;
                let mut out = Vec::new();
                for inner in &then.statements {
                    if inner.annotations.is_some()
                        || matches!(inner.kind, StatementKind::Barrier(_))
                    {
                        return None;
                    }
                    out.extend(self.operations(&inner.kind)?);
                }
                // The condition is looked at once: split up, no part may change what it looks at.
                let header = self.header();
                let bits: Vec<Clbit> = (0..header.num_clbits()).map(Clbit).collect();
                for op in &mut out {
                    if op.condition.is_some() {
                        return None;
                    }
                    op.condition = Some(condition.clone());
                }
                let reads: Vec<Clbit> = match out.first() {
                    Some(op) if out.len() > 1 => {
                        bits.into_iter().filter(|&c| op.reads(c, header)).collect()
                    }
                    _ => Vec::new(),
                };
                let writes = out.iter().any(|op| op.writes().iter().any(|c| reads.contains(c)));
                (!writes && !out.is_empty()).then_some(out)
            }
            StatementKind::Nop => Some(Vec::new()),
            _ => None,
        }
    }

    /// The qubits that an expression stands for, where that does not depend on the run.
    fn qubits(&self, expr: &QubitExpr) -> Option<Vec<Qubit>> {
        match &expr.kind {
            QubitExprKind::Register(id) => {
                let register = self.circuit.registers.get(id.0 as usize)?;
                Some((register.first.0..register.first.0 + register.size).map(Qubit).collect())
            }
            QubitExprKind::Qubit(qubit) => Some(vec![*qubit]),
            QubitExprKind::Variable(var) => self.aliases.get(var).cloned(),
            QubitExprKind::Argument(position) => self.argument(*position),
            QubitExprKind::Index(base, items) => {
                let [item] = items.as_slice() else { return None };
                pick(&self.qubits(base)?, item)
            }
            QubitExprKind::Concat(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    out.extend(self.qubits(part)?);
                }
                Some(out)
            }
        }
    }

    fn bits_of(&self, var: VarRef) -> Option<Bits> {
        match var {
            VarRef::Global(v) => self.bits.get(v as usize).copied().flatten(),
            VarRef::Local(_) => None,
        }
    }
}

fn measures(qubits: &[Qubit], clbits: Vec<Option<Clbit>>) -> Option<Vec<Operation>> {
    (qubits.len() == clbits.len())
        .then(|| std::iter::zip(qubits, clbits).map(|(&q, c)| Operation::measure(q, c)).collect())
}

/// A constant integer.
fn integer(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Value::Bool(_)) => None,
        ExprKind::Literal(value) => i64::try_from(value.as_integer()?).ok(),
        ExprKind::Unary(UnaryOp::Negate, inner) => integer(inner)?.checked_neg(),
        _ => None,
    }
}

/// The entries that one item between the brackets picks.
fn pick<T: Copy>(from: &[T], item: &IndexItem) -> Option<Vec<T>> {
    let len = i64::try_from(from.len()).ok()?;
    let at = |index: i64| {
        let index = if index < 0 { index + len } else { index };
        from.get(usize::try_from(index).ok()?).copied()
    };
    match item {
        IndexItem::Single(index) => Some(vec![at(integer(index)?)?]),
        IndexItem::Set(items) => items.iter().map(|i| at(integer(i)?)).collect(),
        IndexItem::Range(range) => {
            let RangeExpr { start, step, stop, .. } = &**range;
            let value = |e: &Option<Expr>| e.as_ref().map_or(Some(None), |e| integer(e).map(Some));
            let step = value(step)?.unwrap_or(1);
            let (low, high) = if step > 0 { (0, len - 1) } else { (len - 1, 0) };
            let clip = |i: i64| if i < 0 { i + len } else { i };
            let (start, stop) =
                (clip(value(start)?.unwrap_or(low)), clip(value(stop)?.unwrap_or(high)));
            if step == 0 {
                return None;
            }
            let mut out = Vec::new();
            let mut index = start;
            while (step > 0 && index <= stop) || (step < 0 && index >= stop) {
                out.push(at(index)?);
                index = index.checked_add(step)?;
                if index < 0 {
                    break;
                }
            }
            Some(out)
        }
    }
}
