//! What is edited: wires, and columns of operations on them.
//!
//! Rows are qubits in the order of declaration, from the top. A column holds operations that can be
//! drawn side by side: their rows do not cross, and no two of them touch the same classical bit
//! where one writes it. So the order inside a column never matters, and a column is kept sorted by
//! first row.
//!
//! Columns and operations are shared between versions of a document ([`Arc`]): an edit copies the
//! column it changes and the list of columns, nothing else.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use circuit::{Clbit, Control, Gate, Qubit};

use crate::display::Display;
use crate::{expr, gates};

/// Names an operation for as long as it exists, through moves and edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct OpId(pub u64);

/// A register of qubits or of classical bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    pub name: Arc<str>,
    pub size: u32,
    /// Declared without a size (`qubit a;`), used without an index. Then `size` is 1.
    pub scalar: bool,
    /// How a classical register meets the outside.
    pub io: Io,
}

/// Whether a classical register is declared `input` or `output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Io {
    #[default]
    Plain,
    Input,
    Output,
}

impl Register {
    pub fn new(name: &str, size: u32) -> Self {
        Self { name: name.into(), size, scalar: false, io: Io::Plain }
    }

    pub fn scalar(name: &str) -> Self {
        Self { name: name.into(), size: 1, scalar: true, io: Io::Plain }
    }

    /// Element `index` as it is written in a program.
    pub fn element(&self, index: u32) -> String {
        if self.scalar { self.name.to_string() } else { format!("{}[{index}]", self.name) }
    }
}

/// A name that gate parameters may use, with the value it is tried out at. An `input` of the
/// program.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: Arc<str>,
    /// Type as written: `float[64]`, `angle[32]`.
    pub ty: Arc<str>,
    pub value: f64,
}

/// A gate, subroutine or constant that the program declares, word for word.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Empty for what declares no gate.
    pub name: Arc<str>,
    pub num_params: u32,
    /// 0 for what declares no gate.
    pub num_qubits: u32,
    /// The whole declaration.
    pub text: Arc<str>,
    /// Stands after the registers, since it names one.
    pub late: bool,
    /// For a gate made from a selection: what it stands for, on qubits numbered from 0. Columns as
    /// they were.
    pub body: Option<Arc<[Arc<Column>]>>,
}

/// Everything but the operations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Header {
    /// A remark at the top of the program, without `//`; may have several lines.
    pub comment: Option<Arc<str>>,
    pub qubits: Vec<Register>,
    pub clbits: Vec<Register>,
    pub parameters: Vec<Parameter>,
    pub definitions: Vec<Arc<Definition>>,
    /// Rows that are not shown. Not said by the text.
    pub hidden: BTreeSet<u32>,
}

/// A gate parameter as it was written, with its value where the names in it are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub text: Arc<str>,
    pub value: Option<f64>,
}

impl Param {
    pub fn from_value(value: f64) -> Self {
        Self { text: expr::from_value(value).into(), value: Some(value) }
    }

    /// As written on a gate: `3π/4`; a plain number that is a fraction of π becomes one, others are
    /// cut to four digits.
    pub fn label(&self) -> String {
        match self.text.trim().parse::<f64>() {
            Ok(value) => {
                let exact = expr::from_value(value);
                if exact.contains("pi") || exact.len() <= 6 {
                    expr::to_label(&exact)
                } else {
                    expr::to_label(&format!("{value:.4}"))
                }
            }
            Err(_) => expr::to_label(&self.text),
        }
    }
}

/// When an operation happens at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `if (c[2])` or `if (!c[2])`.
    Bit { clbit: Clbit, value: bool },
    /// `if (c == 5)`, by the register's position in [`Header::clbits`].
    Register { register: u32, value: u64 },
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A gate of the table, without its controls (see [`gates::base`]).
    Gate { gate: Gate, params: Vec<Param> },
    /// A gate that the program defines.
    Call { name: Arc<str>, params: Vec<Param> },
    /// Measures in the Z basis; without a bit the outcome is dropped.
    Measure { clbit: Option<Clbit> },
    /// To |0⟩.
    Reset,
    /// Draws a line and keeps the columns on its sides apart.
    Barrier,
    /// Shows the state and changes nothing.
    Display(Display),
    /// Statements that have no picture, word for word. Touches the operation's targets (all qubits
    /// where there are none) and these bits.
    Text { text: Arc<str>, clbits: Vec<Clbit> },
}

/// One thing in the circuit.
///
/// Invariants, kept by [`Document::check`]: targets and controls are distinct and exist; the number
/// of targets and parameters is what the gate asks for; barriers, measurements and resets have no
/// controls.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub id: OpId,
    pub what: What,
    /// In the gate's order. Empty for a barrier or a text over all qubits.
    pub targets: Vec<Qubit>,
    pub controls: Vec<Control>,
    /// `inv @`.
    pub inverse: bool,
    /// `pow(…) @`.
    pub power: Option<Param>,
    pub condition: Option<Condition>,
}

/// Operations side by side, sorted by first row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    pub operations: Vec<Arc<Operation>>,
    /// A remark, without `//`; may have several lines.
    pub comment: Option<Arc<str>>,
}

/// A circuit as it is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    pub header: Arc<Header>,
    pub columns: Vec<Arc<Column>>,
    /// Above every identifier in use.
    pub(crate) next_id: u64,
}

/// Why an operation cannot stand in a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("there is no qubit {0}")]
    NoQubit(u32),
    #[error("there is no classical bit {0}")]
    NoClbit(u32),
    #[error("there is no classical register {0}")]
    NoRegister(u32),
    #[error("`{name}` needs different qubits, and has {qubit} twice")]
    SameQubit { name: String, qubit: String },
    #[error("`{name}` acts on {needed} qubits, and has {given}")]
    Targets { name: String, needed: usize, given: usize },
    #[error("`{name}` takes {needed} parameters, and has {given}")]
    Params { name: String, needed: usize, given: usize },
    #[error("a {0} has no controls")]
    Controls(&'static str),
    #[error("operations of column {0} cross")]
    Crossing(usize),
    #[error("{0} is used twice as an identifier")]
    DoubleId(u64),
    #[error("`{0}` is declared twice")]
    DoubleName(String),
}

impl Header {
    pub fn num_qubits(&self) -> u32 {
        self.qubits.iter().map(|r| r.size).sum()
    }

    pub fn num_clbits(&self) -> u32 {
        self.clbits.iter().map(|r| r.size).sum()
    }

    /// Register and position in it.
    pub fn locate(registers: &[Register], mut index: u32) -> Option<(usize, u32)> {
        for (at, register) in registers.iter().enumerate() {
            if index < register.size {
                return Some((at, index));
            }
            index -= register.size;
        }
        None
    }

    /// As written in a program.
    pub fn qubit_name(&self, qubit: Qubit) -> String {
        Self::locate(&self.qubits, qubit.0)
            .map_or_else(|| format!("?{qubit}"), |(r, i)| self.qubits[r].element(i))
    }

    /// As written in a program.
    pub fn clbit_name(&self, clbit: Clbit) -> String {
        Self::locate(&self.clbits, clbit.0)
            .map_or_else(|| format!("?{clbit}"), |(r, i)| self.clbits[r].element(i))
    }

    /// First bit of a classical register.
    pub fn register_start(&self, register: usize) -> u32 {
        self.clbits.iter().take(register).map(|r| r.size).sum()
    }

    pub fn definition(&self, name: &str) -> Option<&Arc<Definition>> {
        self.definitions.iter().find(|d| &*d.name == name && d.num_qubits > 0)
    }

    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| &*p.name == name)
    }

    /// Whether a register, parameter or definition has this name.
    pub fn is_taken(&self, name: &str) -> bool {
        self.qubits.iter().chain(&self.clbits).any(|r| &*r.name == name)
            || self.parameters.iter().any(|p| &*p.name == name)
            || self.definitions.iter().any(|d| &*d.name == name)
    }

    /// `stem`, or `stem2`, `stem3`, … where that is taken.
    pub fn fresh_name(&self, stem: &str) -> String {
        if !self.is_taken(stem) {
            return stem.to_owned();
        }
        // One of as many names as there are taken ones, and one more, is free.
        let taken =
            self.qubits.len() + self.clbits.len() + self.parameters.len() + self.definitions.len();
        (2..taken + 3)
            .map(|i| format!("{stem}{i}"))
            .find(|name| !self.is_taken(name))
            .unwrap_or_default()
    }

    /// A parameter's expression with its value, names looked up among the parameters.
    pub fn param(&self, text: &str) -> Result<Param, expr::ExprError> {
        let parsed = expr::parse(text)?;
        match parsed.evaluate(&|name| self.parameter(name).map(|p| p.value)) {
            Ok(value) => Ok(Param { text: text.trim().into(), value: Some(value) }),
            Err(error) => Err(error),
        }
    }
}

impl Operation {
    /// A gate of the table on its qubits, the table's own controls first.
    pub fn gate(gate: Gate, params: Vec<Param>, qubits: &[Qubit]) -> Self {
        let (controls, targets) = qubits.split_at(gate.spec().num_controls.min(qubits.len()));
        Self {
            what: What::Gate { gate: gates::base(gate), params },
            targets: targets.to_vec(),
            controls: controls.iter().map(|&qubit| Control { qubit, on: true }).collect(),
            ..Self::bare(What::Reset)
        }
    }

    pub fn measure(qubit: Qubit, clbit: Option<Clbit>) -> Self {
        Self { targets: vec![qubit], ..Self::bare(What::Measure { clbit }) }
    }

    pub fn reset(qubit: Qubit) -> Self {
        Self { targets: vec![qubit], ..Self::bare(What::Reset) }
    }

    /// Over all qubits where `qubits` is empty.
    pub fn barrier(qubits: &[Qubit]) -> Self {
        Self { targets: qubits.to_vec(), ..Self::bare(What::Barrier) }
    }

    /// Over all qubits where `qubits` is empty.
    pub fn text(text: &str, qubits: &[Qubit], clbits: &[Clbit]) -> Self {
        Self {
            targets: qubits.to_vec(),
            ..Self::bare(What::Text { text: text.into(), clbits: clbits.to_vec() })
        }
    }

    pub fn call(name: &str, params: Vec<Param>, qubits: &[Qubit]) -> Self {
        Self { targets: qubits.to_vec(), ..Self::bare(What::Call { name: name.into(), params }) }
    }

    fn bare(what: What) -> Self {
        Self {
            id: OpId(0),
            what,
            targets: Vec::new(),
            controls: Vec::new(),
            inverse: false,
            power: None,
            condition: None,
        }
    }

    /// Name for messages: the gate's OpenQASM name, or what it is.
    pub fn name(&self) -> &str {
        match &self.what {
            What::Gate { gate, .. } => gate.spec().name,
            What::Call { name, .. } => name,
            What::Measure { .. } => "measure",
            What::Reset => "reset",
            What::Barrier => "barrier",
            What::Display(display) => display.kind.word(),
            What::Text { .. } => "text block",
        }
    }

    pub fn params(&self) -> &[Param] {
        match &self.what {
            What::Gate { params, .. } | What::Call { params, .. } => params,
            _ => &[],
        }
    }

    /// Takes controls, a power and an inverse.
    pub fn is_unitary(&self) -> bool {
        matches!(self.what, What::Gate { .. } | What::Call { .. })
    }

    /// Gates, and displays: those show the state where the controls are satisfied.
    pub fn takes_controls(&self) -> bool {
        self.is_unitary() || matches!(self.what, What::Display(_))
    }

    /// Targets, then controls.
    pub fn qubits(&self) -> impl Iterator<Item = Qubit> + '_ {
        self.targets.iter().copied().chain(self.controls.iter().map(|c| c.qubit))
    }

    /// Acts on every qubit without naming them.
    pub fn is_full(&self) -> bool {
        self.targets.is_empty() && matches!(self.what, What::Barrier | What::Text { .. })
    }

    /// First and last row it is drawn on, of `num_qubits`.
    pub fn rows(&self, num_qubits: u32) -> RangeInclusive<u32> {
        if self.is_full() {
            return 0..=num_qubits.saturating_sub(1);
        }
        let first = self.qubits().map(|q| q.0).min().unwrap_or(0);
        let last = self.qubits().map(|q| q.0).max().unwrap_or(0);
        first..=last
    }

    /// Draws something on `row`, or a line through it.
    pub fn covers(&self, row: u32) -> bool {
        if self.is_full() {
            return true;
        }
        match self.what {
            What::Barrier => self.targets.iter().any(|q| q.0 == row),
            _ => self.rows(0).contains(&row),
        }
    }

    /// Bits whose value it may change.
    pub fn writes(&self) -> &[Clbit] {
        match &self.what {
            What::Measure { clbit: Some(clbit) } => std::slice::from_ref(clbit),
            What::Text { clbits, .. } => clbits,
            _ => &[],
        }
    }

    /// Whether it looks at `clbit`.
    pub fn reads(&self, clbit: Clbit, header: &Header) -> bool {
        match self.condition {
            Some(Condition::Bit { clbit: c, .. }) => c == clbit,
            Some(Condition::Register { register, .. }) => {
                Header::locate(&header.clbits, clbit.0).is_some_and(|(r, _)| r == register as usize)
            }
            None => false,
        }
    }

    /// The two cannot stand in one column: their rows cross, or one writes a bit the other touches.
    pub fn conflicts(&self, other: &Self, header: &Header) -> bool {
        let (a, b) = (self.rows(header.num_qubits()), other.rows(header.num_qubits()));
        let apart = a.end() < b.start() || b.end() < a.start();
        let rows = !apart
            && match (&self.what, &other.what) {
                (What::Barrier, _) if !self.is_full() => {
                    self.targets.iter().any(|q| other.covers(q.0))
                }
                (_, What::Barrier) if !other.is_full() => {
                    other.targets.iter().any(|q| self.covers(q.0))
                }
                _ => true,
            };
        rows || self.conflicts_in_bits(other, header)
    }

    /// One writes a classical bit that the other touches.
    pub fn conflicts_in_bits(&self, other: &Self, header: &Header) -> bool {
        self.writes().iter().any(|&c| other.reads(c, header) || other.writes().contains(&c))
            || other.writes().iter().any(|&c| self.reads(c, header))
    }

    /// The same on other qubits.
    pub(crate) fn map_qubits(&mut self, f: impl Fn(Qubit) -> Qubit) {
        for target in &mut self.targets {
            *target = f(*target);
        }
        for control in &mut self.controls {
            control.qubit = f(control.qubit);
        }
    }

    fn check(&self, header: &Header) -> Result<(), Invalid> {
        let n = header.num_qubits();
        let mut seen: Vec<Qubit> = Vec::with_capacity(self.targets.len() + self.controls.len());
        for qubit in self.qubits() {
            if qubit.0 >= n {
                return Err(Invalid::NoQubit(qubit.0));
            }
            // Quadratic, and faster than a set up to the widths that are drawn.
            if seen.contains(&qubit) {
                return Err(Invalid::SameQubit {
                    name: self.name().to_owned(),
                    qubit: header.qubit_name(qubit),
                });
            }
            seen.push(qubit);
        }
        let (targets, params, own_controls) = match &self.what {
            What::Gate { gate, .. } => {
                let spec = gate.spec();
                (Some(spec.num_targets), Some(spec.num_params()), spec.num_controls)
            }
            What::Call { name, .. } => match header.definition(name) {
                Some(d) => (Some(d.num_qubits as usize), Some(d.num_params as usize), 0),
                None => (None, None, 0),
            },
            What::Measure { .. } | What::Reset => (Some(1), None, 0),
            What::Barrier | What::Display(_) | What::Text { .. } => (None, None, 0),
        };
        let name = || self.name().to_owned();
        if targets.is_some_and(|needed| needed != self.targets.len()) {
            let needed = targets.unwrap_or(0);
            return Err(Invalid::Targets { name: name(), needed, given: self.targets.len() });
        }
        if params.is_some_and(|needed| needed != self.params().len()) {
            return Err(Invalid::Params {
                name: name(),
                needed: params.unwrap_or(0),
                given: self.params().len(),
            });
        }
        if self.controls.len() < own_controls {
            let given = self.targets.len() + self.controls.len();
            return Err(Invalid::Targets {
                name: name(),
                needed: own_controls + self.targets.len(),
                given,
            });
        }
        if !self.controls.is_empty() && !self.takes_controls() {
            return Err(Invalid::Controls(match self.what {
                What::Measure { .. } => "measurement",
                What::Reset => "reset",
                What::Barrier => "barrier",
                _ => "text block",
            }));
        }
        let bits = header.num_clbits();
        if let Some(c) = self.writes().iter().find(|c| c.0 >= bits) {
            return Err(Invalid::NoClbit(c.0));
        }
        match self.condition {
            Some(Condition::Bit { clbit, .. }) if clbit.0 >= bits => Err(Invalid::NoClbit(clbit.0)),
            Some(Condition::Register { register, .. })
                if register as usize >= header.clbits.len() =>
            {
                Err(Invalid::NoRegister(register))
            }
            _ => Ok(()),
        }
    }
}

impl Column {
    /// The operation drawn on `row`, if any.
    pub fn at(&self, row: u32) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|op| op.covers(row))
    }

    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.comment.is_none()
    }
}

impl Document {
    /// Empty wires: `q` with `qubits`, and `c` with `clbits` where there are any.
    pub fn new(qubits: u32, clbits: u32) -> Self {
        let header = Header {
            qubits: if qubits > 0 { vec![Register::new("q", qubits)] } else { Vec::new() },
            clbits: if clbits > 0 { vec![Register::new("c", clbits)] } else { Vec::new() },
            ..Header::default()
        };
        Self::from_header(header)
    }

    /// Empty wires.
    pub fn from_header(header: Header) -> Self {
        Self { header: Arc::new(header), columns: Vec::new(), next_id: 1 }
    }

    pub fn num_qubits(&self) -> u32 {
        self.header.num_qubits()
    }

    pub fn num_clbits(&self) -> u32 {
        self.header.num_clbits()
    }

    /// All operations, column by column, from the top.
    pub fn operations(&self) -> impl Iterator<Item = &Arc<Operation>> {
        self.columns.iter().flat_map(|c| &c.operations)
    }

    /// Column of an operation, and the operation.
    pub fn find(&self, id: OpId) -> Option<(usize, &Arc<Operation>)> {
        self.columns
            .iter()
            .enumerate()
            .find_map(|(at, c)| Some((at, c.operations.iter().find(|op| op.id == id)?)))
    }

    /// The operation drawn at a cell.
    pub fn at(&self, column: usize, row: u32) -> Option<&Arc<Operation>> {
        self.columns.get(column)?.at(row)
    }

    /// Values for the program's inputs, by name.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, f64)> {
        self.header.parameters.iter().map(|p| (&*p.name, p.value))
    }

    pub(crate) fn fresh_id(&mut self) -> OpId {
        let id = OpId(self.next_id);
        self.next_id += 1;
        id
    }

    /// Checks every invariant. Commands keep them; this is for what comes from outside, and tests.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut names = std::collections::BTreeSet::new();
        let header = &*self.header;
        let declared = header.qubits.iter().chain(&header.clbits).map(|r| &r.name);
        for name in declared.chain(header.parameters.iter().map(|p| &p.name)) {
            if !names.insert(name) {
                return Err(Invalid::DoubleName(name.to_string()));
            }
        }
        let mut ids = std::collections::BTreeSet::new();
        for (at, column) in self.columns.iter().enumerate() {
            for (slot, op) in column.operations.iter().enumerate() {
                op.check(header)?;
                if !ids.insert(op.id) || op.id.0 >= self.next_id {
                    return Err(Invalid::DoubleId(op.id.0));
                }
                if column.operations[..slot].iter().any(|other| other.conflicts(op, header)) {
                    return Err(Invalid::Crossing(at));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn check_operation(&self, op: &Operation) -> Result<(), Invalid> {
        op.check(&self.header)
    }
}
