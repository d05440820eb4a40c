//! Writes circuits in the text format of Stim. What is written reads back as it was.

use std::fmt;

use crate::circuit::{Circuit, Instruction, Item, Target};

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |inverted: bool| if inverted { "!" } else { "" };
        match self {
            Self::Qubit { index, inverted } => write!(f, "{}{index}", sign(*inverted)),
            Self::Record(k) => write!(f, "rec[-{k}]"),
            Self::Pauli { pauli, qubit, inverted } => {
                write!(f, "{}{pauli:?}{qubit}", sign(*inverted))
            }
            Self::Times => f.write_str("*"),
        }
    }
}

fn tag(f: &mut fmt::Formatter<'_>, tag: Option<&str>) -> fmt::Result {
    let Some(tag) = tag else { return Ok(()) };
    f.write_str("[")?;
    for c in tag.chars() {
        match c {
            '\\' => f.write_str("\\B")?,
            ']' => f.write_str("\\C")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("]")
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.gate.name)?;
        tag(f, self.tag.as_deref())?;
        for (i, arg) in self.args.iter().enumerate() {
            write!(f, "{}{arg}", if i == 0 { "(" } else { ", " })?;
        }
        if !self.args.is_empty() {
            f.write_str(")")?;
        }
        let mut joined = false;
        for target in &self.targets {
            let joint = *target == Target::Times;
            if !joint && !joined {
                f.write_str(" ")?;
            }
            write!(f, "{target}")?;
            joined = joint;
        }
        Ok(())
    }
}

fn write_items(f: &mut fmt::Formatter<'_>, items: &[Item], depth: usize) -> fmt::Result {
    let indent = "    ".repeat(depth);
    for item in items {
        match item {
            Item::Instruction(i) => writeln!(f, "{indent}{i}")?,
            Item::Repeat { count, body, tag: text } => {
                write!(f, "{indent}REPEAT")?;
                tag(f, text.as_deref())?;
                writeln!(f, " {count} {{")?;
                write_items(f, body, depth + 1)?;
                writeln!(f, "{indent}}}")?;
            }
        }
    }
    Ok(())
}

/// One instruction a line, blocks indented by four.
impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, &self.items, 0)
    }
}
