//! What stands on an operation in the picture.

use circuit::{Family, Gate};

use crate::document::{Condition, Header, Operation, Param, What};

/// How an operation's targets are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A box with the label.
    Box,
    /// ⊕: X under a control.
    Plus,
    /// ● on the target too: Z under a control is the same on each of its qubits.
    Dot,
    /// × on both targets.
    Cross,
    Meter,
    /// |0⟩ in a box.
    Reset,
    Barrier,
    /// A wide box with text.
    Text,
    /// A frame for what an inline display shows.
    Display,
}

/// The color family of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    Pauli,
    Clifford,
    Rotation,
    Phase,
    Multi,
    Measure,
    Custom,
    Plain,
}

impl Tone {
    /// As in `--gate-…` of the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pauli => "pauli",
            Self::Clifford => "clifford",
            Self::Rotation => "rotation",
            Self::Phase => "phase",
            Self::Multi => "multi",
            Self::Measure => "measure",
            Self::Custom => "custom",
            Self::Plain => "plain",
        }
    }

    pub fn of_family(family: Family) -> Self {
        match family {
            Family::Pauli => Self::Pauli,
            Family::Clifford => Self::Clifford,
            Family::Rotation => Self::Rotation,
            Family::Phase => Self::Phase,
            Family::Multi => Self::Multi,
        }
    }
}

/// How the targets are drawn.
pub fn symbol(op: &Operation) -> Symbol {
    let modified = op.inverse || op.power.is_some();
    match &op.what {
        What::Gate { gate: Gate::X, .. } if !op.controls.is_empty() && !modified => Symbol::Plus,
        What::Gate { gate: Gate::Z, .. } if op.controls.iter().any(|c| c.on) && !modified => {
            Symbol::Dot
        }
        What::Gate { gate: Gate::Swap, .. } if !modified => Symbol::Cross,
        What::Gate { .. } | What::Call { .. } => Symbol::Box,
        What::Measure { .. } => Symbol::Meter,
        What::Reset => Symbol::Reset,
        What::Barrier => Symbol::Barrier,
        What::Display(_) => Symbol::Display,
        What::Text { .. } => Symbol::Text,
    }
}

pub fn tone(op: &Operation) -> Tone {
    match &op.what {
        What::Gate { gate, .. } if op.controls.is_empty() || gate.spec().num_controls > 0 => {
            Tone::of_family(gate.spec().family)
        }
        What::Gate { .. } => Tone::Multi,
        What::Call { .. } | What::Text { .. } => Tone::Custom,
        What::Measure { .. } => Tone::Measure,
        What::Reset | What::Barrier | What::Display(_) => Tone::Plain,
    }
}

/// The big label: `RX`, `√X†`, `H^½`.
pub fn title(op: &Operation) -> String {
    let mut out = match &op.what {
        What::Gate { gate, .. } => gate.spec().label.to_owned(),
        What::Call { name, .. } => name.to_string(),
        What::Measure { .. } => "M".to_owned(),
        What::Reset => "|0⟩".to_owned(),
        What::Barrier => String::new(),
        What::Display(display) => display.kind.symbol().to_owned(),
        What::Text { text, .. } => text_title(text),
    };
    if op.inverse {
        out.push('†');
    }
    if let Some(power) = &op.power {
        out.push('^');
        out.push_str(&power.label());
    }
    out
}

/// Longest first line of a text block that is shown, in characters.
pub const TEXT_CHARS: usize = 22;

fn text_title(text: &str) -> String {
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
    let more = first.chars().count() > TEXT_CHARS || text.trim().lines().count() > 1;
    let mut out: String = first.chars().take(TEXT_CHARS).collect();
    if more {
        out.push_str(" …");
    }
    out
}

/// The small line under the label: parameters, as exact as they were written.
pub fn subtitle(op: &Operation) -> Option<String> {
    let params = op.params();
    (!params.is_empty()).then(|| params.iter().map(Param::label).collect::<Vec<_>>().join(", "))
}

/// The tag of a condition: `c[2]`, `¬c[2]`, `c = 5`.
pub fn condition(op: &Operation, header: &Header) -> Option<String> {
    Some(match op.condition.as_ref()? {
        Condition::Bit { clbit, value } => {
            format!("{}{}", if *value { "" } else { "¬" }, header.clbit_name(*clbit))
        }
        Condition::Register { register, value } => {
            let name = header.clbits.get(*register as usize).map_or("?", |r| &*r.name);
            format!("{name} = {value}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clbit, Qubit, Register, palette_gate};

    #[test]
    fn symbols_are_those_of_textbooks() {
        let check = |gate, expected| assert_eq!(symbol(&palette_gate(gate)), expected, "{gate:?}");
        check(Gate::X, Symbol::Box);
        check(Gate::Cx, Symbol::Plus);
        check(Gate::Ccx, Symbol::Plus);
        check(Gate::Cz, Symbol::Dot);
        check(Gate::Cswap, Symbol::Cross);
        check(Gate::Crz, Symbol::Box);
        let mut anti = palette_gate(Gate::Cz);
        anti.controls[0].on = false;
        assert_eq!(symbol(&anti), Symbol::Box);
    }

    #[test]
    fn labels_carry_angles_modifiers_and_conditions() {
        let mut op = palette_gate(Gate::Rx);
        assert_eq!((title(&op).as_str(), subtitle(&op).as_deref()), ("RX", Some("π/2")));
        op.inverse = true;
        op.power = Some(Param { text: "1/2".into(), value: Some(0.5) });
        assert_eq!(title(&op), "RX†^1/2");
        let header = Header { clbits: vec![Register::new("c", 4)], ..Header::default() };
        op.condition = Some(Condition::Bit { clbit: Clbit(2), value: false });
        assert_eq!(condition(&op, &header).as_deref(), Some("¬c[2]"));
        op.condition = Some(Condition::Register { register: 0, value: 5 });
        assert_eq!(condition(&op, &header).as_deref(), Some("c = 5"));
        assert_eq!(
            title(&Operation::text("while (c[0]) {\n h q[0];\n}", &[Qubit(0)], &[])),
            "while (c[0]) { …"
        );
    }

    #[test]
    fn long_numbers_are_cut_and_fractions_of_pi_found() {
        let check = |text: &str, expected| {
            assert_eq!(Param { text: text.into(), value: None }.label(), expected, "{text}");
        };
        check("0.7853981633974483", "π/4");
        check("0.123456789", "0.1235");
        check("3*pi/4", "3π/4");
        check("-1.5", "−1.5");
        check("2*theta", "2θ");
    }
}
