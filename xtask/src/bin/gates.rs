//! Prints `docs/gates.md`, made from the gate table. `cargo xtask bless` and `check` call it: a program of its
//! own, so that the commands build while the libraries do not.
#![allow(clippy::print_stdout, reason = "the page goes to standard output")]

use std::fmt::Write as _;

use circuit::gate::{Family, GATES, GateSpec};

fn main() {
    print!("{}", page());
}

fn page() -> String {
    let mut page = String::from(
        "# Gates\n\nEvery gate of the table in `crates/circuit/src/gate.rs`, by family, in the order in which they are shown.\n\
         Written by `cargo xtask bless`; `cargo xtask check` fails where it is out of date.\n\n\
         The first qubits of a gate are its controls. A definition is OpenQASM over the qubits `a, b, c, …`, exact, global\n\
         phase included; the gates that the others are defined by have none.\n",
    );
    let mut families: Vec<Family> = Vec::new();
    for gate in GATES {
        if !families.contains(&gate.family) {
            families.push(gate.family);
        }
    }
    for family in families {
        let _ = write!(
            page,
            "\n## {family:?}\n\n| Name | Also | Symbol | Qubits | Parameters | What it does | Definition |\n|---|---|---|---|---|---|---|\n"
        );
        for gate in GATES.iter().filter(|gate| gate.family == family) {
            page.push_str(&row(gate));
        }
    }
    page
}

fn row(gate: &GateSpec) -> String {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    let params: Vec<&str> = gate.params.iter().map(|param| param.symbol()).collect();
    let aliases: Vec<String> = gate.aliases.iter().map(|alias| code(alias)).collect();
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        code(gate.name),
        aliases.join(", "),
        cell(gate.label),
        gate.num_qubits(),
        params.join(", "),
        cell(gate.doc),
        code(&cell(gate.definition)),
    )
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gate_has_a_row_with_as_many_cells_as_the_header() {
        let page = page();
        for gate in GATES {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", gate.name)));
            let row = row.unwrap_or_else(|| panic!("no row for {}", gate.name));
            assert_eq!(row.replace("\\|", "").matches('|').count(), 8, "{row}");
        }
    }
}
