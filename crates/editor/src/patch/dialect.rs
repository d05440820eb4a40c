//! Statements in the version of the language that a text is written in.

use circuit::Gate;

use crate::document::{Condition, Document, Header, Operation, Param, Register, What};
use crate::emit::{self, Names};
use crate::{expr, gates};

/// Gates of `qelib1.inc`, by the names under which the table lists them.
const QELIB1: &[&str] = &[
    "u2", "cx", "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "rx", "ry", "rz", "cz", "cy",
    "ch", "ccx", "crz", "cu3", "sx", "sxdg", "swap", "cswap", "crx", "cry", "csx", "cu", "rxx",
    "rzz", "rccx", "rc3x", "c3x", "c3sqrtx", "c4x",
];

/// How a text says things.
pub struct Dialect<'a> {
    pub version_2: bool,
    pub header: &'a Header,
    names: Names,
}

impl<'a> Dialect<'a> {
    pub fn new(version_2: bool, document: &'a Document) -> Self {
        Self { version_2, header: &document.header, names: Names::new(&document.header) }
    }

    /// An operation as a statement; `None` where the version cannot say it.
    pub fn statement(&self, op: &Operation) -> Option<String> {
        if !self.version_2 {
            return Some(emit::statement_with(op, self.header, &self.names));
        }
        let mut out = match &op.condition {
            None => String::new(),
            Some(Condition::Register { register, value }) => {
                format!("if ({} == {value}) ", self.header.clbits.get(*register as usize)?.name)
            }
            Some(Condition::Bit { clbit, value }) => {
                let (at, _) = Header::locate(&self.header.clbits, clbit.0)?;
                let register = self.header.clbits.get(at).filter(|r| r.size == 1)?;
                format!("if ({} == {}) ", register.name, u8::from(*value))
            }
        };
        out.push_str(&self.action(op)?);
        Some(out)
    }

    fn action(&self, op: &Operation) -> Option<String> {
        let qubit = |q: circuit::Qubit| self.names.qubits.get(q.index()).map(String::as_str);
        let operands = || {
            let all: Option<Vec<&str>> = op
                .controls
                .iter()
                .map(|c| c.qubit)
                .chain(op.targets.iter().copied())
                .map(qubit)
                .collect();
            Some(all?.join(", "))
        };
        let plain = op.power.is_none() && !op.inverse;
        Some(match &op.what {
            What::Gate { gate, params } => {
                let named = gates::controlled(*gate, op.controls.len())?;
                if !plain || op.controls.iter().any(|c| !c.on) {
                    return None;
                }
                let name = match named {
                    Gate::U => "U",
                    Gate::P => "u1",
                    Gate::Cp => "cu1",
                    other => *QELIB1.iter().find(|name| **name == other.spec().name)?,
                };
                format!("{name}{} {};", arguments(params)?, operands()?)
            }
            What::Call { name, params } => {
                if !plain || !op.controls.is_empty() {
                    return None;
                }
                format!("{name}{} {};", arguments(params)?, operands()?)
            }
            What::Measure { clbit } => {
                let bit = self.names.clbits.get((*clbit)?.index())?;
                format!("measure {} -> {bit};", operands()?)
            }
            What::Reset => format!("reset {};", operands()?),
            What::Barrier if op.targets.is_empty() => {
                let all: Vec<&str> = self.header.qubits.iter().map(|r| &*r.name).collect();
                format!("barrier {};", all.join(", "))
            }
            What::Barrier => format!("barrier {};", operands()?),
            // Written as version 3 says it: annotations are its own.
            What::Display(_) | What::Text { .. } => return None,
        })
    }

    /// The measurement of a whole register, from how OpenQASM 3 says it.
    pub fn measure_all(&self, text: &str) -> Option<String> {
        if !self.version_2 {
            return Some(text.to_owned());
        }
        let (bits, qubits) = text.strip_suffix(';')?.split_once(" = measure ")?;
        Some(format!("measure {qubits} -> {bits};"))
    }

    pub fn qubits(&self, register: &Register) -> Option<String> {
        self.register(register, "qubit", "qreg")
    }

    pub fn clbits(&self, register: &Register) -> Option<String> {
        self.register(register, "bit", "creg")
    }

    fn register(&self, register: &Register, in_3: &str, in_2: &str) -> Option<String> {
        if !self.version_2 {
            return Some(emit::declaration(in_3, register));
        }
        let plain = !register.scalar && register.io == crate::document::Io::Plain;
        plain.then(|| format!("{in_2} {}[{}];", register.name, register.size))
    }
}

/// Parameters between parentheses, as OpenQASM 2 writes them: it knows no names there, and six
/// functions.
fn arguments(params: &[Param]) -> Option<String> {
    if params.is_empty() {
        return Some(String::new());
    }
    let all: Option<Vec<String>> = params
        .iter()
        .map(|param| {
            let text = expr::to_openqasm(&param.text);
            let free = expr::parse(&param.text).ok()?.free_names().is_empty();
            let odd = [
                "arc", "asin", "acos", "atan", "tau", "euler", "pow", "mod", "abs", "floor", "ceil",
            ];
            let known = free && !odd.iter().any(|word| text.contains(word));
            known.then(|| text.replace("**", "^").replace("log(", "ln("))
        })
        .collect();
    Some(format!("({})", all?.join(", ")))
}
