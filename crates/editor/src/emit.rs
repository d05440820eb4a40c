//! A document as OpenQASM 3: one statement per line, column by column.
//!
//! Gates of the standard library are written by their names, all controls that a name does not
//! cover as `ctrl @` and `negctrl @`. Gates that the standard library lacks are written by the names
//! of the gate table; with [`Options::define_gates`] the program defines them, so that any reader of
//! OpenQASM 3 understands it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use circuit::{Control, Gate, GateSpec, Qubit};

use crate::document::{
    Column, Condition, Document, Header, Io, OpId, Operation, Param, Parameter, Register, What,
};
use crate::{expr, gates};

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Define the gates that `stdgates.inc` lacks, for other programs to read.
    pub define_gates: bool,
}

/// A program with the places of its operations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Emitted {
    pub text: String,
    /// Byte range of each operation's statement, in order. Measurements written as one statement
    /// share a range.
    pub spans: Vec<(OpId, Range<usize>)>,
}

impl Emitted {
    /// The operation whose statement holds byte `offset`.
    pub fn operation_at(&self, offset: usize) -> Option<OpId> {
        let at = self.spans.partition_point(|(_, span)| span.end <= offset);
        self.spans.get(at).filter(|(_, span)| span.start <= offset).map(|(id, _)| *id)
    }

    pub fn span_of(&self, id: OpId) -> Option<Range<usize>> {
        self.spans.iter().find(|(other, _)| *other == id).map(|(_, span)| span.clone())
    }
}

/// The program's text.
pub fn emit(document: &Document) -> String {
    emit_with(document, Options::default()).text
}

/// The program's text and where each operation is in it.
pub fn emit_with(document: &Document, options: Options) -> Emitted {
    let header = &*document.header;
    let mut out = Emitted { text: preamble(document, options), spans: Vec::new() };
    let names = Names::new(header);
    out.text.push('\n');
    let body = out.text.len();
    for column in &document.columns {
        write_column(&mut out, column, header, &names);
    }
    // A column may hold comments of nothing, or nothing.
    if out.text.len() == body {
        out.text.pop();
    }
    out
}

fn preamble(document: &Document, options: Options) -> String {
    let header = &*document.header;
    let mut text = String::new();
    for line in header.comment.as_deref().unwrap_or("").lines() {
        let _ = writeln!(text, "// {line}");
    }
    text.push_str("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n");
    let missing = missing_definitions(document);
    if !missing.is_empty() && !options.define_gates {
        text.push_str("include \"ketlab.inc\";\n");
    }
    let mut section = |lines: Vec<String>| {
        if !lines.is_empty() {
            text.push('\n');
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
        }
    };
    if options.define_gates {
        section(missing);
    }
    section(header.parameters.iter().map(input).collect());
    let definitions = |late| {
        header.definitions.iter().filter(move |d| d.late == late).map(|d| d.text.trim().to_owned())
    };
    section(definitions(false).collect());
    // Physical qubits are there without being declared.
    let qubits =
        header.qubits.iter().filter(|r| !r.name.starts_with('$')).map(|r| declaration("qubit", r));
    let clbits = header.clbits.iter().map(|r| declaration("bit", r));
    section(qubits.chain(clbits).collect());
    section(definitions(true).collect());
    text
}

/// A register's declaration; `kind` is `qubit` or `bit`.
pub(crate) fn declaration(kind: &str, r: &Register) -> String {
    let io = match r.io {
        Io::Plain => "",
        Io::Input => "input ",
        Io::Output => "output ",
    };
    if r.scalar {
        format!("{io}{kind} {};", r.name)
    } else {
        format!("{io}{kind}[{}] {};", r.size, r.name)
    }
}

/// A parameter's declaration.
pub(crate) fn input(p: &Parameter) -> String {
    format!("input {} {};", p.ty, p.name)
}

/// Names of all wires, looked up once.
pub(crate) struct Names {
    pub(crate) qubits: Vec<String>,
    pub(crate) clbits: Vec<String>,
}

impl Names {
    pub(crate) fn new(header: &Header) -> Self {
        let all = |registers: &[Register]| {
            registers.iter().flat_map(|r| (0..r.size).map(|i| r.element(i))).collect::<Vec<_>>()
        };
        Self { qubits: all(&header.qubits), clbits: all(&header.clbits) }
    }

    fn qubit(&self, qubit: Qubit) -> &str {
        self.qubits.get(qubit.index()).map_or("?", String::as_str)
    }
}

fn write_column(out: &mut Emitted, column: &Column, header: &Header, names: &Names) {
    if let Some(comment) = &column.comment {
        for line in comment.lines() {
            let _ = writeln!(out.text, "// {line}");
        }
    }
    let whole = whole_registers(column, header);
    let mut done: BTreeSet<OpId> = BTreeSet::new();
    for op in &column.operations {
        if done.contains(&op.id) {
            continue;
        }
        let start = out.text.len();
        if let Some((ids, text)) = whole.iter().find(|(ids, _)| ids.contains(&op.id)) {
            out.text.push_str(text);
            out.spans.extend(ids.iter().map(|&id| (id, start..out.text.len())));
            done.extend(ids);
        } else {
            write_operation(&mut out.text, op, header, names);
            out.spans.push((op.id, start..out.text.len()));
        }
        out.text.push('\n');
    }
}

/// Measurements of a whole register into a whole register, which are one statement.
pub(crate) fn whole_registers(column: &Column, header: &Header) -> Vec<(Vec<OpId>, String)> {
    let measures: Vec<(&Operation, u32, u32)> = column
        .operations
        .iter()
        .filter_map(|op| match (&op.what, &op.condition, op.targets.as_slice()) {
            (What::Measure { clbit: Some(c) }, None, [q]) => Some((&**op, q.0, c.0)),
            _ => None,
        })
        .collect();
    let mut out = Vec::new();
    if measures.len() < 2 {
        return out;
    }
    let mut first_qubit = 0;
    for qubits in &header.qubits {
        let mut first_bit = 0;
        for bits in &header.clbits {
            if qubits.size == bits.size && qubits.size > 1 {
                let ids: Vec<OpId> = (0..qubits.size)
                    .map_while(|i| {
                        let wanted = |m: &&(&Operation, u32, u32)| {
                            m.1 == first_qubit + i && m.2 == first_bit + i
                        };
                        measures.iter().find(wanted).map(|m| m.0.id)
                    })
                    .collect();
                if ids.len() == qubits.size as usize {
                    out.push((ids, format!("{} = measure {};", bits.name, qubits.name)));
                }
            }
            first_bit += bits.size;
        }
        first_qubit += qubits.size;
    }
    out
}

/// Whether `operations` are the measurement of a whole register into a whole register: one
/// statement.
pub(crate) fn is_whole_register(operations: &[Operation], header: &Header) -> bool {
    let measures = operations.iter().all(|op| matches!(op.what, What::Measure { clbit: Some(_) }));
    if operations.len() < 2 || !measures {
        return false;
    }
    let column =
        Column { operations: operations.iter().cloned().map(Arc::new).collect(), comment: None };
    let whole = whole_registers(&column, header);
    matches!(whole.as_slice(), [(ids, _)] if ids.len() == operations.len())
}

/// One operation as a statement, without a line end.
pub fn statement(op: &Operation, header: &Header) -> String {
    statement_with(op, header, &Names::new(header))
}

/// The same, for many operations of one header.
pub(crate) fn statement_with(op: &Operation, header: &Header, names: &Names) -> String {
    let mut out = String::new();
    write_operation(&mut out, op, header, names);
    out
}

fn write_operation(out: &mut String, op: &Operation, header: &Header, names: &Names) {
    if let Some(condition) = &op.condition {
        let _ = write!(out, "if ({}) ", condition_text(condition, header));
    }
    let braces = op.condition.is_some() && matches!(op.what, What::Text { .. });
    if braces {
        out.push_str("{ ");
    }
    match &op.what {
        What::Gate { gate, params } => {
            let plain = op.power.is_none() && !op.inverse && op.controls.iter().all(|c| c.on);
            let own = gate.spec().num_controls;
            // A name that covers all controls, if the standard library has one; else modifiers.
            let named = gates::controlled(*gate, op.controls.len())
                .filter(|g| plain && (gates::is_standard(*g) || op.controls.len() == own));
            let (gate, outer) = match named {
                Some(named) => (named, &op.controls[..0]),
                None => (*gate, &op.controls[..op.controls.len().saturating_sub(own)]),
            };
            modifiers(out, outer, op);
            let name = if gate == Gate::U { "U" } else { gate.spec().name };
            call(out, name, params, op, names);
        }
        What::Call { name, params } => {
            modifiers(out, &op.controls, op);
            call(out, name, params, op, names);
        }
        What::Measure { clbit } => {
            if let Some(bit) = clbit.and_then(|c| names.clbits.get(c.index())) {
                let _ = write!(out, "{bit} = ");
            }
            out.push_str("measure");
            operands(out, op, names);
        }
        What::Reset => {
            out.push_str("reset");
            operands(out, op, names);
        }
        What::Barrier => {
            out.push_str("barrier");
            operands(out, op, names);
        }
        What::Display(display) => {
            crate::display::write(out, display, &op.controls);
            out.push_str("barrier");
            operands(out, op, names);
        }
        What::Text { text, .. } => out.push_str(text.trim_end()),
    }
    if braces {
        out.push_str(" }");
    }
}

fn modifiers(out: &mut String, controls: &[Control], op: &Operation) {
    let mut rest = controls;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|c| c.on == first.on).count();
        out.push_str(if first.on { "ctrl" } else { "negctrl" });
        if run > 1 {
            let _ = write!(out, "({run})");
        }
        out.push_str(" @ ");
        rest = &rest[run..];
    }
    if let Some(power) = &op.power {
        let _ = write!(out, "pow({}) @ ", expr::to_openqasm(&power.text));
    }
    if op.inverse {
        out.push_str("inv @ ");
    }
}

fn call(out: &mut String, name: &str, params: &[Param], op: &Operation, names: &Names) {
    out.push_str(name);
    if !params.is_empty() {
        out.push('(');
        for (i, param) in params.iter().enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            out.push_str(&expr::to_openqasm(&param.text));
        }
        out.push(')');
    }
    operands(out, op, names);
}

fn operands(out: &mut String, op: &Operation, names: &Names) {
    let qubits = op.controls.iter().map(|c| c.qubit).chain(op.targets.iter().copied());
    for (i, qubit) in qubits.enumerate() {
        out.push_str(if i > 0 { ", " } else { " " });
        out.push_str(names.qubit(qubit));
    }
    out.push(';');
}

/// As it stands between the parentheses of `if`.
pub fn condition_text(condition: &Condition, header: &Header) -> String {
    match condition {
        Condition::Bit { clbit, value } => {
            format!("{}{}", if *value { "" } else { "!" }, header.clbit_name(*clbit))
        }
        Condition::Register { register, value } => {
            let name = header.clbits.get(*register as usize).map_or("?", |r| &*r.name);
            format!("{name} == {value}")
        }
    }
}

/// A gate made of a document without measurements: `gate name(params) q0, q1 { … }`. Qubits keep the
/// names that they have without an index.
pub fn gate_definition(name: &str, params: &[String], body: &Document) -> String {
    let n = body.num_qubits();
    let taken = |stem: &str| params.iter().any(|p| p.starts_with(stem));
    let stem = ["q", "a", "w", "x", "qubit_"].into_iter().find(|s| !taken(s)).unwrap_or("qubit_");
    let registers = &body.header.qubits;
    let qubits: Vec<String> =
        if registers.iter().all(|r| r.scalar && !params.contains(&r.name.to_string())) {
            registers.iter().map(|r| r.name.to_string()).collect()
        } else {
            (0..n).map(|i| format!("{stem}{i}")).collect()
        };
    let names = Names { qubits: qubits.clone(), clbits: Vec::new() };
    let mut out = format!("gate {name}");
    if !params.is_empty() {
        let _ = write!(out, "({})", params.join(", "));
    }
    let _ = writeln!(out, " {} {{", qubits.join(", "));
    for op in body.operations() {
        out.push_str("  ");
        if op.is_full() && matches!(op.what, What::Barrier) {
            let _ = write!(out, "barrier {};", qubits.join(", "));
        } else {
            write_operation(&mut out, op, &body.header, &names);
        }
        out.push('\n');
    }
    out.push('}');
    out
}

/// Names of the parameters that a gate's declaration lists.
pub(crate) fn definition_params(text: &str) -> Vec<String> {
    let head = text.split('{').next().unwrap_or("");
    let Some((_, rest)) = head.split_once('(') else { return Vec::new() };
    let list = rest.split(')').next().unwrap_or("");
    list.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

/// Names of the qubits that a gate's declaration lists.
pub(crate) fn definition_qubits(text: &str) -> Vec<String> {
    let head = text.split('{').next().unwrap_or("");
    let list = match head.rsplit_once(')') {
        Some((_, list)) => list,
        // Behind `gate` and the gate's name.
        None => head.trim_start().splitn(3, char::is_whitespace).nth(2).unwrap_or(""),
    };
    list.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

/// Declarations of the gates in use that the standard library lacks, the ones they need first.
pub(crate) fn missing_definitions(document: &Document) -> Vec<String> {
    fn visit(gate: Gate, seen: &mut BTreeSet<Gate>, out: &mut Vec<String>) {
        if gates::is_standard(gate) || !seen.insert(gate) {
            return;
        }
        let spec = gate.spec();
        words(spec.definition, |word| {
            if let Some(needed) = Gate::by_name(word) {
                visit(needed, seen, out);
            }
        });
        let (params, qubits) = signature(spec);
        out.push(format!("gate {}{params} {qubits} {{ {} }}", spec.name, spec.definition));
    }
    let (mut seen, mut out, mut aliases) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for op in document.operations() {
        if let What::Gate { gate, .. } = &op.what {
            visit(*gate, &mut seen, &mut out);
        }
    }
    // Words in texts may be gates or anything else: what the program declares itself is not meant.
    let header = &*document.header;
    let texts = document.operations().filter_map(|op| match &op.what {
        What::Text { text, .. } => Some(&**text),
        _ => None,
    });
    for text in header.definitions.iter().map(|d| &*d.text).chain(texts) {
        let own = definition_locals(text);
        words(text, |word| {
            let declared = header.is_taken(word) || own.iter().any(|o| o == word);
            match Gate::by_name(word) {
                Some(gate) if !declared && !gates::is_standard_word(word) => {
                    visit(gate, &mut seen, &mut out);
                    if word != gate.spec().name || gate == Gate::U {
                        aliases.insert((word.to_owned(), gate));
                    }
                }
                _ => {}
            }
        });
    }
    for (alias, gate) in aliases {
        let name = if gate == Gate::U { "U" } else { gate.spec().name };
        let (params, qubits) = signature(gate.spec());
        out.push(format!("gate {alias}{params} {qubits} {{ {name}{params} {qubits}; }}"));
    }
    out
}

/// Parameters in parentheses, if any, and qubits of a gate of the table, as a declaration has them.
fn signature(spec: &GateSpec) -> (String, String) {
    let params: Vec<&str> = spec.params.iter().map(|p| p.name()).collect();
    let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    (params, ["a", "b", "c", "d", "e"][..spec.num_qubits()].join(", "))
}

/// Names that a gate's declaration makes for its body: parameters and qubits.
fn definition_locals(text: &str) -> Vec<String> {
    let head = text.split('{').next().unwrap_or("");
    let mut out = Vec::new();
    if head.trim_start().starts_with("gate") {
        words(head, |word| out.push(word.to_owned()));
    }
    out
}

fn words(text: &str, mut f: impl FnMut(&str)) {
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        f(word);
    }
}

/// Whether `word` is an identifier of `text`.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let found = std::cell::Cell::new(false);
    replace_words(text, &|w| {
        found.set(found.get() || w == word);
        None
    });
    found.get()
}

/// `text` with the identifiers for which `f` has something else replaced; comments and strings are
/// left alone.
pub(crate) fn replace_words(text: &str, f: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(len);
        let identifier = is_word(first) && !first.is_ascii_digit();
        match identifier.then(|| f(token)).flatten() {
            Some(new) => out.push_str(&new),
            None => out.push_str(token),
        }
        rest = tail;
    }
    out
}

#[cfg(test)]
mod tests;
