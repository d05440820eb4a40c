//! The picture as SVG text: symbols as in textbooks, colors by class, no styles of its own.
//!
//! The page puts these fragments into its drawing column by column; [`document`] makes a file of
//! the whole circuit. Everything that comes from the program is escaped.

use std::fmt::Write as _;
use std::ops::Range;

use crate::document::{Column, Document, Header, Operation, What};
use crate::geometry::{BOX, CELL, CODE_CHAR, CODE_LINE, Layout, RULER, is_tall, text_lines, width};
use crate::label::{self, Symbol};
use crate::{Clbit, Qubit};

/// Radius of a control's dot.
const DOT: f64 = 5.0;
/// Radius of ⊕.
const PLUS: f64 = 12.0;
/// Half the gap between the two lines of a classical wire.
const DOUBLE: f64 = 1.5;
/// Radius of the dot that an operation leaves on hidden wires.
const FOLDED: f64 = 2.5;

/// `&`, `<`, `>` and quotes as references.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in XML at all.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A number with at most two digits after the point.
struct N(f64);

impl std::fmt::Display for N {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = (self.0 * 100.0).round() / 100.0;
        write!(f, "{rounded}")
    }
}

fn line(out: &mut String, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
    let (x1, y1, x2, y2) = (N(x1), N(y1), N(x2), N(y2));
    let _ = write!(out, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
}

fn circle(out: &mut String, class: &str, x: f64, y: f64, r: f64) {
    let _ = write!(out, r#"<circle class="{class}" cx="{}" cy="{}" r="{}"/>"#, N(x), N(y), N(r));
}

fn rect(out: &mut String, class: &str, x: f64, y: f64, width: f64, height: f64) {
    let (x, y, width, height) = (N(x), N(y), N(width), N(height));
    let _ = write!(
        out,
        r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>"#
    );
}

fn text(out: &mut String, class: &str, x: f64, y: f64, content: &str) {
    let _ = write!(
        out,
        r#"<text class="{class}" x="{}" y="{}">{}</text>"#,
        N(x),
        N(y),
        escape(content)
    );
}

fn double_line(out: &mut String, class: &str, x: f64, from: f64, to: f64) {
    line(out, class, x - DOUBLE, from, x - DOUBLE, to);
    line(out, class, x + DOUBLE, from, x + DOUBLE, to);
}

/// The operations of a column that have a part in `rows`.
pub fn column(
    column: &Column,
    at: usize,
    layout: &Layout,
    header: &Header,
    rows: Range<u32>,
) -> String {
    let mut out = String::new();
    let x = layout.center_x(at);
    for op in &column.operations {
        let span = op.rows(layout.num_qubits);
        // The lines of measurements run down to the classical wires.
        let reaches =
            !op.writes().is_empty() || (*span.start() < rows.end && rows.start <= *span.end());
        if reaches {
            operation(&mut out, op, x, layout, header, column);
        }
    }
    out
}

/// One operation around `x`.
fn operation(
    out: &mut String,
    op: &Operation,
    x: f64,
    layout: &Layout,
    header: &Header,
    column: &Column,
) {
    let _ = write!(out, r#"<g class="op tone-{}" data-op="{}">"#, label::tone(op).name(), op.id.0);
    if op.rows(layout.num_qubits).all(|row| layout.is_hidden(row)) {
        traces(out, op, x, layout);
        out.push_str("</g>");
        return;
    }
    if let What::Measure { clbit: Some(clbit) } = op.what {
        outcome_line(out, op, clbit, x, layout, header, column);
    }
    let rows = op.rows(layout.num_qubits);
    let symbol = label::symbol(op);
    let shown = |q: &&Qubit| !layout.is_hidden(q.0);
    if rows.start() != rows.end() && !matches!(symbol, Symbol::Barrier | Symbol::Text) {
        line(out, "link", x, layout.row_y(*rows.start()), x, layout.row_y(*rows.end()));
    }
    match symbol {
        Symbol::Box => boxed(out, op, x, layout),
        Symbol::Plus => {
            for &q in op.targets.iter().filter(shown) {
                plus(out, x, layout.row_y(q.0));
            }
        }
        Symbol::Dot => {
            for &q in op.targets.iter().filter(shown) {
                circle(out, "control on", x, layout.row_y(q.0), DOT);
            }
        }
        Symbol::Cross => {
            for &q in op.targets.iter().filter(shown) {
                cross(out, x, layout.row_y(q.0));
            }
        }
        Symbol::Meter => meter(out, op, x, layout, header),
        Symbol::Reset => {
            for &q in op.targets.iter().filter(shown) {
                let y = layout.row_y(q.0);
                rect(out, "box", x - BOX / 2.0, y - BOX / 2.0, BOX, BOX);
                text(out, "label", x, y, "|0⟩");
            }
        }
        Symbol::Barrier => barrier(out, op, x, layout),
        Symbol::Text => text_block(out, op, x, layout),
        Symbol::Display => display(out, op, x, layout),
    }
    for control in op.controls.iter().filter(|c| !layout.is_hidden(c.qubit.0)) {
        let class = if control.on { "control on" } else { "control off" };
        circle(out, class, x, layout.row_y(control.qubit.0), DOT);
    }
    traces(out, op, x, layout);
    if let Some(tag) = label::condition(op, header) {
        let y = layout.box_span(*rows.start(), *rows.start()).0;
        let half = tag.chars().count() as f64 * 2.7 + 4.0;
        rect(out, "tag", x - half, y - 6.0, 2.0 * half, 12.0);
        text(out, "tag-text", x, y, &tag);
    }
    out.push_str("</g>");
}

/// What acts on wires that are folded away leaves a dot on each fold.
fn traces(out: &mut String, op: &Operation, x: f64, layout: &Layout) {
    if op.is_full() {
        return;
    }
    let hidden = op.qubits().filter(|q| layout.is_hidden(q.0));
    let mut folds: Vec<u32> = hidden.map(|q| layout.fold(q.0).start).collect();
    folds.sort_unstable();
    folds.dedup();
    for row in folds {
        circle(out, "folded", x, layout.row_y(row), FOLDED);
    }
}

fn boxed(out: &mut String, op: &Operation, x: f64, layout: &Layout) {
    let w = width(op);
    let first = op.targets.iter().map(|q| q.0).min().unwrap_or(0);
    let last = op.targets.iter().map(|q| q.0).max().unwrap_or(0);
    let (top, bottom) = layout.box_span(first, last);
    rect(out, "box", x - w / 2.0, top, w, bottom - top);
    // A wire that passes under the box without being touched is drawn over it; a control inside
    // stands on it.
    for row in first..=last {
        if !op.targets.contains(&Qubit(row)) && is_tall(op, row) && !layout.is_hidden(row) {
            let y = layout.row_y(row);
            line(out, "through", x - w / 2.0, y, x + w / 2.0, y);
        }
    }
    if op.targets.len() > 1 {
        for (i, q) in op.targets.iter().enumerate() {
            if !layout.is_hidden(q.0) {
                text(out, "leg", x - w / 2.0 + 6.0, layout.row_y(q.0), &i.to_string());
            }
        }
    }
    let middle = f64::midpoint(top, bottom);
    match label::subtitle(op) {
        Some(small) => {
            text(out, "label", x, middle - 6.0, &label::title(op));
            text(out, "small", x, middle + 8.5, &small);
        }
        None => text(out, "label", x, middle, &label::title(op)),
    }
}

fn plus(out: &mut String, x: f64, y: f64) {
    circle(out, "plus", x, y, PLUS);
    line(out, "plus-line", x - PLUS, y, x + PLUS, y);
    line(out, "plus-line", x, y - PLUS, x, y + PLUS);
}

fn cross(out: &mut String, x: f64, y: f64) {
    line(out, "cross", x - 6.0, y - 6.0, x + 6.0, y + 6.0);
    line(out, "cross", x - 6.0, y + 6.0, x + 6.0, y - 6.0);
}

fn meter(out: &mut String, op: &Operation, x: f64, layout: &Layout, header: &Header) {
    for &q in op.targets.iter().filter(|q| !layout.is_hidden(q.0)) {
        let y = layout.row_y(q.0);
        rect(out, "box", x - BOX / 2.0, y - BOX / 2.0, BOX, BOX);
        let (left, right, base) = (N(x - 10.0), N(x + 10.0), N(y + 4.0));
        let _ =
            write!(out, r#"<path class="meter" d="M{left} {base}A10 10 0 0 1 {right} {base}"/>"#);
        line(out, "meter", x, y + 4.0, x + 7.0, y - 8.0);
    }
    if let (What::Measure { clbit: Some(clbit) }, Some(q)) = (&op.what, op.targets.first())
        && !layout.is_hidden(q.0)
    {
        text(out, "bit", x, layout.row_y(q.0) + 12.5, &header.clbit_name(*clbit));
    }
}

/// The double line from a meter to its classical wire, where nothing stands in its way but other
/// meters.
fn outcome_line(
    out: &mut String,
    op: &Operation,
    clbit: Clbit,
    x: f64,
    layout: &Layout,
    header: &Header,
    column: &Column,
) {
    let (Some(&qubit), Some((register, index))) =
        (op.targets.first(), Header::locate(&header.clbits, clbit.0))
    else {
        return;
    };
    let Ok(register) = u32::try_from(register) else { return };
    let y = layout.classical_y(register);
    let blocked = column.operations.iter().any(|other| {
        let below = *other.rows(layout.num_qubits).end() > qubit.0;
        below && other.id != op.id && !matches!(other.what, What::Measure { .. })
    });
    if !blocked {
        double_line(out, "outcome", x, layout.row_y(qubit.0), y - 6.0);
        let (left, right, top, tip) = (N(x - 4.5), N(x + 4.5), N(y - 8.0), N(y - 1.0));
        let _ = write!(out, r#"<path class="arrow" d="M{left} {top}H{right}L{} {tip}Z"/>"#, N(x));
    }
    // Next to each other, numbers would cover each other: each meter has its bit's name as well.
    let meters =
        column.operations.iter().filter(|o| matches!(o.what, What::Measure { .. })).count();
    if meters == 1 && !blocked && !header.clbits[register as usize].scalar {
        text(out, "bit-index", x + 7.0, y - 8.0, &index.to_string());
    }
}

fn barrier(out: &mut String, op: &Operation, x: f64, layout: &Layout) {
    let all: Vec<u32> = if op.is_full() {
        (0..layout.num_qubits).collect()
    } else {
        op.targets.iter().map(|q| q.0).collect()
    };
    for row in all.into_iter().filter(|&row| !layout.is_hidden(row)) {
        let y = layout.row_y(row);
        rect(out, "barrier-band", x - 5.0, y - CELL / 2.0, 10.0, CELL);
        line(out, "barrier", x, y - CELL / 2.0, x, y + CELL / 2.0);
    }
}

fn text_block(out: &mut String, op: &Operation, x: f64, layout: &Layout) {
    let w = width(op);
    let rows = op.rows(layout.num_qubits);
    let (top, bottom) = layout.box_span(*rows.start(), *rows.end());
    if let What::Text { text, .. } = &op.what {
        let _ = write!(out, "<title>{}</title>", escape(text));
    }
    rect(out, "box text", x - w / 2.0, top, w, bottom - top);
    let mut lines = text_lines(op);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, small")]
    lines.truncate(((bottom - top - 6.0) / CODE_LINE).max(0.0) as usize);
    if lines.is_empty() {
        text(out, "code", x, f64::midpoint(top, bottom), &label::title(op));
        return;
    }
    let first = f64::midpoint(top, bottom) - CODE_LINE * (lines.len() - 1) as f64 / 2.0;
    for (i, line) in lines.iter().enumerate() {
        let left = x - w / 2.0 + 8.0 + 2.0 * CODE_CHAR * line.depth as f64;
        text(out, "code line", left, first + CODE_LINE * i as f64, &line.text);
    }
}

/// The frame of a display; what it shows is drawn over it.
fn display(out: &mut String, op: &Operation, x: f64, layout: &Layout) {
    let w = width(op);
    let first = op.targets.iter().map(|q| q.0).min().unwrap_or(0);
    let last = op.targets.iter().map(|q| q.0).max().unwrap_or(0);
    let (top, bottom) = layout.box_span(first, last);
    rect(out, "box display", x - w / 2.0, top, w, bottom - top);
    text(out, "label faint", x, f64::midpoint(top, bottom), &label::title(op));
}

/// Rows to draw, each with 0; a run of hidden ones is its first, with their number.
fn runs(layout: &Layout, rows: Range<u32>) -> impl Iterator<Item = (u32, u32)> {
    let mut row = rows.start;
    std::iter::from_fn(move || {
        let this = row;
        let fold = layout.fold(this);
        row = fold.end.max(this + 1);
        (this < rows.end).then_some((this, fold.end - fold.start))
    })
}

/// The wires of `rows` and all classical ones, between two positions.
pub fn wires(layout: &Layout, header: &Header, rows: Range<u32>, from: f64, to: f64) -> String {
    let mut out = String::new();
    for (row, fold) in runs(layout, rows) {
        let y = layout.row_y(row);
        line(&mut out, if fold > 0 { "wire fold" } else { "wire" }, from, y, to, y);
    }
    for (register, _) in (0_u32..).zip(&header.clbits) {
        let y = layout.classical_y(register);
        line(&mut out, "wire classical", from, y - DOUBLE, to, y - DOUBLE);
        line(&mut out, "wire classical", from, y + DOUBLE, to, y + DOUBLE);
    }
    out
}

/// Names of wires, and how many bits a classical one carries; right-aligned at `right`.
pub fn names(layout: &Layout, header: &Header, rows: Range<u32>, right: f64) -> String {
    let mut out = String::new();
    for (row, fold) in runs(layout, rows) {
        let y = layout.row_y(row);
        if fold > 0 {
            let _ = write!(out, r#"<g class="fold" data-fold="{row}">"#);
            text(&mut out, "wire-size", right, y, &format!("⋯ {fold}"));
            out.push_str("</g>");
        } else {
            text(&mut out, "wire-name", right, y, &header.qubit_name(Qubit(row)));
        }
    }
    for (register, bits) in (0_u32..).zip(&header.clbits) {
        let y = layout.classical_y(register);
        text(&mut out, "wire-name", right, y, &bits.name);
        if !bits.scalar {
            text(&mut out, "wire-size", right, y + 11.0, &format!("{} bits", bits.size));
        }
    }
    out
}

/// The style of a file of its own: the light theme of the page.
const FILE_STYLE: &str = "text{font-family:Inter,system-ui,sans-serif;text-anchor:middle;dominant-baseline:central;\
font-size:14px;fill:#1d2230}.box{fill:#5b6472}.tone-pauli .box{fill:#2f6fb2}.tone-clifford .box{fill:#7857b5}\
.tone-rotation .box{fill:#25805f}.tone-phase .box{fill:#b0437f}.tone-multi .box{fill:#2b7d8c}\
.tone-measure .box{fill:#4d5563}.tone-custom .box{fill:#5f7d1e}.label,.small,.leg,.code,.bit{fill:#fff}\
.label{font-weight:600}.small{font-size:11px}.leg{font-size:8px}.bit{font-size:8px}.bit-index{font-size:10px}\
.code{font-family:monospace;font-size:11px}.code.line{text-anchor:start}.box.text{fill:#f6f8ef;stroke:#5f7d1e}.code{fill:#1d2230}.wire,.link,.through{stroke:#4d5563;stroke-width:1.5}\
.classical,.outcome{stroke:#7b8494;stroke-width:1}.arrow{fill:#7b8494}.control.on{fill:#1d2230}\
.control.off{fill:#fff;stroke:#1d2230;stroke-width:1.5}.plus{fill:#fff;stroke:#1d2230;stroke-width:1.5}\
.plus-line,.cross{stroke:#1d2230;stroke-width:1.75}.meter{fill:none;stroke:#fff;stroke-width:1.5}\
.barrier{stroke:#7b8494;stroke-width:1.5;stroke-dasharray:4 4}.barrier-band{fill:#7b849422}\
.tag{fill:#fff;stroke:#7b8494}.tag-text{font-size:9px}.wire-name{text-anchor:end;font-family:monospace;font-size:13px}\
.fold{stroke-dasharray:2 4}.folded{fill:#7b8494}.wire-size{text-anchor:end;font-size:9px;fill:#667}.box.display{fill:#fff;stroke:#7b8494}.label.faint{fill:#667}";

/// The whole circuit as an SVG file, on white.
pub fn document(document: &Document) -> String {
    let layout = Layout::new(document);
    let (w, h) = (N(layout.width(0) + 16.0), N(layout.height() + 8.0));
    let rows = 0..layout.num_qubits;
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"><style>{FILE_STYLE}</style><rect width="{w}" height="{h}" fill="#fff"/>"##
    );
    out.push_str(&wires(
        &layout,
        &document.header,
        rows.clone(),
        layout.gutter,
        layout.width(0) + 8.0,
    ));
    out.push_str(&names(&layout, &document.header, rows.clone(), layout.gutter - 8.0));
    for (at, c) in document.columns.iter().enumerate() {
        out.push_str(&column(c, at, &layout, &document.header, rows.clone()));
        if let Some(comment) = &c.comment {
            let (x, y) = (N(layout.center_x(at)), N(RULER / 2.0));
            let _ = write!(
                out,
                r##"<circle cx="{x}" cy="{y}" r="3" fill="#7b8494"><title>{}</title></circle>"##,
                escape(comment)
            );
        }
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Fragment, Place, apply, palette_gate};
    use crate::{Gate, Param};

    fn drawn(operations: Vec<Operation>) -> String {
        let mut circuit = Document::new(4, 2);
        for (column, op) in operations.into_iter().enumerate() {
            let row = op.qubits().map(|q| q.0).min().unwrap_or(0);
            let fragment = Fragment::single(op);
            let command =
                Command::Insert { fragment, place: Place::At(column), row, assign_bits: true };
            circuit = apply(&circuit, &command).expect("room").document;
        }
        document(&circuit)
    }

    fn check(operation: Operation, pieces: &[(&str, usize)]) {
        let svg = drawn(vec![operation]);
        for (piece, times) in pieces {
            assert_eq!(svg.matches(piece).count(), *times, "{piece} in {svg}");
        }
    }

    #[test]
    fn symbols_are_made_of_their_parts() {
        check(
            palette_gate(Gate::Ccx),
            &[("control on", 2), (r#"class="plus""#, 1), (r#"class="link""#, 1)],
        );
        check(palette_gate(Gate::Swap), &[(r#"class="cross""#, 4)]);
        check(palette_gate(Gate::Cz), &[("control on", 2), (r#"class="box""#, 0)]);
        check(
            Operation::measure(Qubit(0), Some(Clbit(1))),
            &[(r#"class="meter""#, 2), (r#"class="outcome""#, 2)],
        );
        check(Operation::barrier(&[]), &[(r#"class="barrier""#, 4)]);
        check(palette_gate(Gate::Rzz), &[(r#"class="leg""#, 2), (">π/2<", 1)]);
    }

    #[test]
    fn an_anti_control_is_hollow_and_a_condition_has_a_tag() {
        let mut op = palette_gate(Gate::Cx);
        op.controls[0].on = false;
        op.condition = Some(crate::Condition::Register { register: 0, value: 2 });
        check(op, &[("control off", 1), (">c = 2<", 1)]);
    }

    #[test]
    fn what_the_program_says_cannot_become_markup() {
        let text = Operation::text("</text><script>alert(\"1\")</script>", &[], &[]);
        let mut call = palette_gate(Gate::Rx);
        if let What::Gate { params, .. } = &mut call.what {
            params[0] = Param { text: "<b>".into(), value: None };
        }
        let svg = drawn(vec![text, call]);
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
        assert!(svg.contains("&lt;script&gt;"));
    }

    #[test]
    fn hidden_wires_are_one_line_with_their_number_and_traces() {
        let mut circuit = Document::new(5, 0);
        for (column, gate) in [(0, Gate::H), (1, Gate::Ccx), (2, Gate::Rzz)] {
            let fragment = Fragment::single(palette_gate(gate));
            let row = if gate == Gate::H { 2 } else { 1 };
            let command =
                Command::Insert { fragment, place: Place::At(column), row, assign_bits: false };
            circuit = apply(&circuit, &command).expect("room").document;
        }
        circuit =
            apply(&circuit, &Command::HideQubits { rows: vec![2, 3] }).expect("some stay").document;
        let svg = document(&circuit);
        assert_eq!(svg.matches("wire fold").count(), 1);
        assert!(svg.contains("⋯ 2"), "{svg}");
        // H is only a trace; of the ccx one control is left; the box of rzz reaches into the fold.
        assert_eq!(svg.matches(r#"class="folded""#).count(), 3);
        assert_eq!(svg.matches("control on").count(), 1);
        assert_eq!(svg.matches(r#"class="plus""#).count(), 0);
        assert_eq!(svg.matches(r#"class="box""#).count(), 1);
        assert_eq!(svg.matches(r#"class="leg""#).count(), 1);
    }

    #[test]
    fn only_rows_in_view_are_drawn() {
        let mut circuit = Document::new(50, 0);
        for row in 0..50 {
            let fragment = Fragment::single(palette_gate(Gate::H));
            let command =
                Command::Insert { fragment, place: Place::At(0), row, assign_bits: false };
            circuit = apply(&circuit, &command).expect("room").document;
        }
        let layout = Layout::new(&circuit);
        let part = column(&circuit.columns[0], 0, &layout, &circuit.header, 10..20);
        assert_eq!(part.matches("<g ").count(), 10);
    }
}
