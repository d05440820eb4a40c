//! What an inline display shows, drawn into its frame in the circuit.

use std::fmt::Write as _;
use std::iter;

use api::run::Reading;
use editor::geometry::Rect;
use editor::{DisplayKind, Layout, Operation, What};

use super::viewpoint::Viewpoint;
use super::words::words;

/// Rows of a list that are drawn.
const MAX_ROWS: usize = 64;

/// The frame of a display.
pub fn frame(op: &Operation, column: usize, layout: &Layout) -> Rect {
    let first = op.targets.iter().map(|q| q.0).min().unwrap_or(0);
    let last = op.targets.iter().map(|q| q.0).max().unwrap_or(0);
    let width = editor::geometry::width(op);
    let (top, bottom) = layout.box_span(first, last);
    Rect { x: layout.center_x(column) - width / 2.0, y: top, width, height: bottom - top }
}

/// The content of one display as SVG; `reading` is what the simulator says of it.
pub fn draw(op: &Operation, reading: &Reading, r: Rect) -> String {
    let What::Display(display) = &op.what else { return String::new() };
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<g class="inline" data-display="{}" data-op="{}">"#,
        display.kind.word(),
        op.id.0
    );
    let _ = write!(
        out,
        r#"<rect class="inline-ground" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="3"/>"#,
        r.x, r.y, r.width, r.height
    );
    match (display.kind, reading) {
        (_, Reading::Refused { message }) => {
            let _ = write!(out, "<title>{}</title>", escape(message));
            text(&mut out, "inline-text", r.x + r.width / 2.0, r.y + r.height / 2.0, "?");
        }
        (_, Reading::Never) => {
            text(&mut out, "inline-text", r.x + r.width / 2.0, r.y + r.height / 2.0, words().never);
        }
        (_, Reading::Mixed { purity }) => {
            let middle = r.y + r.height / 2.0;
            text(&mut out, "inline-text", r.x + r.width / 2.0, middle - 5.0, words().mixed);
            let share = format!("{:.0} %", purity * 100.0);
            text(&mut out, "inline-text", r.x + r.width / 2.0, middle + 8.0, &share);
        }
        (DisplayKind::Chance, Reading::Probabilities { num_qubits, entries, .. }) => {
            chance(&mut out, *num_qubits, entries, r);
        }
        (DisplayKind::Amplitudes, Reading::Amplitudes { num_qubits, entries }) => {
            let mut all = vec![[0.0; 2]; 1 << (*num_qubits).min(6)];
            for a in entries {
                if let Some(slot) = usize::try_from(a.index).ok().and_then(|i| all.get_mut(i)) {
                    *slot = [a.re, a.im];
                }
            }
            // As square as powers of two can be, low bits along a row.
            let columns = 1 << num_qubits.div_ceil(2).min(3);
            discs(&mut out, &all, columns, r);
        }
        (DisplayKind::Bloch, Reading::Density { matrix, .. }) if matrix.len() == 4 => {
            bloch(&mut out, matrix, r);
        }
        (DisplayKind::Density, Reading::Density { qubits, matrix, .. }) => {
            discs(&mut out, matrix, 1 << qubits.len(), r);
        }
        (DisplayKind::Sample, Reading::Sample { num_qubits, shots }) => {
            sample(&mut out, *num_qubits, shots, r);
        }
        (DisplayKind::Expectation, Reading::Expectation { value, deviation }) => {
            let name = if display.letters.is_empty() { "Z" } else { &display.letters };
            let _ = write!(
                out,
                "<title>⟨{name}⟩ = {} ± {}</title>",
                super::format::real(*value),
                super::format::signed(*deviation)
            );
            let share = value.clamp(-1.0, 1.0);
            let middle = r.y + r.height / 2.0;
            let height = share.abs() * r.height / 2.0;
            let y = if share > 0.0 { middle - height } else { middle };
            let class = if share < 0.0 { "inline-bar negative" } else { "inline-bar" };
            let _ = write!(
                out,
                r#"<rect class="{class}" x="{:.1}" y="{y:.1}" width="{:.1}" height="{height:.1}"/>"#,
                r.x, r.width
            );
            text(&mut out, "inline-text", r.x + r.width / 2.0, middle - 5.0, &format!("⟨{name}⟩"));
            let number = format!("{value:.2}").replace('-', "−");
            text(&mut out, "inline-text strong", r.x + r.width / 2.0, middle + 8.0, &number);
        }
        _ => {}
    }
    out.push_str("</g>");
    out
}

fn text(out: &mut String, class: &str, x: f64, y: f64, content: &str) {
    let _ = write!(
        out,
        r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="middle">{}</text>"#,
        escape(content)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Of one qubit P(1) as a level; of more, a bar for each outcome.
fn chance(out: &mut String, num_qubits: u32, entries: &[(u64, f64)], r: Rect) {
    let of = |index: u64| entries.iter().find(|e| e.0 == index).map_or(0.0, |e| e.1);
    if num_qubits == 1 {
        let p = of(1);
        let height = p * r.height;
        let _ = write!(
            out,
            r#"<title>P(1) = {}</title><rect class="inline-bar" x="{:.1}" y="{:.1}" width="{:.1}" height="{height:.1}"/>"#,
            super::format::percent(p),
            r.x,
            r.y + r.height - height,
            r.width
        );
        let number = format!("{:.1} %", p * 100.0).replace(".0 %", " %");
        text(out, "inline-text strong", r.x + r.width / 2.0, r.y + r.height / 2.0, &number);
        return;
    }
    let all = 1_usize << num_qubits.min(30);
    let rows = all.min(MAX_ROWS);
    // Of more than fit, the largest, in order of index.
    let mut shown: Vec<(u64, f64)> = if all <= MAX_ROWS {
        (0..all as u64).map(|i| (i, of(i))).collect()
    } else {
        let mut largest = entries.to_vec();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        largest.truncate(MAX_ROWS);
        largest.sort_by_key(|e| e.0);
        largest
    };
    shown.truncate(rows);
    let line = r.height / shown.len().max(1) as f64;
    for (i, (index, p)) in shown.iter().enumerate() {
        let y = r.y + i as f64 * line;
        let _ = write!(
            out,
            r#"<rect class="inline-bar" x="{:.1}" y="{y:.2}" width="{:.2}" height="{:.2}"><title>|{index:0bits$b}⟩ {}</title></rect>"#,
            r.x,
            p * r.width,
            (line - 0.6).max(0.4),
            super::format::percent(*p),
            bits = num_qubits as usize
        );
        if line >= 9.0 {
            let label = format!("{:0bits$b} {:.1}", index, p * 100.0, bits = num_qubits as usize);
            text(out, "inline-text", r.x + r.width / 2.0, y + line / 2.0, &label);
        }
    }
}

/// Complex numbers in a grid: the disc is the magnitude, hue and stroke the phase.
fn discs(out: &mut String, values: &[[f64; 2]], columns: usize, r: Rect) {
    let rows = values.len().div_ceil(columns).max(1);
    let cell = (r.width / columns as f64).min(r.height / rows as f64);
    let (left, top) = (
        r.x + (r.width - cell * columns as f64) / 2.0,
        r.y + (r.height - cell * rows as f64) / 2.0,
    );
    for (i, [re, im]) in values.iter().enumerate() {
        let (x, y) = (
            left + (i % columns) as f64 * cell + cell / 2.0,
            top + (i / columns) as f64 * cell + cell / 2.0,
        );
        let size = re.hypot(*im).min(1.0);
        let full = cell / 2.0 - 0.5;
        let _ =
            write!(out, r#"<circle class="inline-rim" cx="{x:.2}" cy="{y:.2}" r="{full:.2}"/>"#);
        if size < 1e-4 {
            continue;
        }
        let phase = im.atan2(*re);
        let radius = full * size;
        let _ = write!(
            out,
            r#"<circle class="phase-fill" fill="oklch(0.68 0.13 {:.0})" cx="{x:.2}" cy="{y:.2}" r="{radius:.2}"><title>{}</title></circle><line class="phase-tick" x1="{x:.2}" y1="{y:.2}" x2="{:.2}" y2="{:.2}"/>"#,
            phase.to_degrees().rem_euclid(360.0),
            super::format::complex(*re, *im),
            x + full * phase.cos(),
            y - full * phase.sin()
        );
    }
}

fn bloch(out: &mut String, rho: &[[f64; 2]], r: Rect) {
    // ρ = (1 + x X + y Y + z Z) / 2, rows first.
    let vector = [2.0 * rho[1][0], 2.0 * rho[2][1], rho[0][0] - rho[3][0]];
    let scale = r.width.min(r.height) / 88.0;
    let (cx, cy) = (r.x + r.width / 2.0, r.y + r.height / 2.0);
    let at = |p: [f64; 3]| {
        let (x, y, _) = Viewpoint::FRONT.project(p);
        (cx + (x - 50.0) * scale, cy + (y - 50.0) * scale)
    };
    let radius = 40.0 * scale;
    let flat = radius * Viewpoint::FRONT.elevation.to_radians().sin();
    let (x, y) = at(vector);
    let length = vector.iter().map(|c| c * c).sum::<f64>().sqrt();
    let _ = write!(
        out,
        r#"<title>({}, {}, {})</title><circle class="sphere-rim" cx="{cx:.2}" cy="{cy:.2}" r="{radius:.2}"/><ellipse class="sphere-equator" cx="{cx:.2}" cy="{cy:.2}" rx="{radius:.2}" ry="{flat:.2}"/><line class="inline-vector" x1="{cx:.2}" y1="{cy:.2}" x2="{x:.2}" y2="{y:.2}"/><circle class="{}" cx="{x:.2}" cy="{y:.2}" r="2.6"/>"#,
        super::format::signed(vector[0]),
        super::format::signed(vector[1]),
        super::format::signed(vector[2]),
        if length < 0.01 { "sphere-tip mixed" } else { "sphere-tip" }
    );
}

/// Outcomes as rows of dots, filled for 1; the last qubit on the left.
fn sample(out: &mut String, num_qubits: u32, shots: &[u64], r: Rect) {
    let rows = iter::successors(Some(8.0), |y| Some(y + 8.0)).take_while(|y| *y <= r.height);
    let shown = &shots[..shots.len().min(rows.count().max(1))];
    let line = r.height / shown.len().max(1) as f64;
    let step = (r.width / f64::from(num_qubits.max(1))).min(line);
    let left = r.x + (r.width - step * f64::from(num_qubits)) / 2.0;
    for (i, shot) in shown.iter().enumerate() {
        let y = r.y + (i as f64 + 0.5) * line;
        for bit in 0..num_qubits {
            let x = left + (f64::from(num_qubits - 1 - bit) + 0.5) * step;
            let class = if shot >> bit & 1 == 1 { "dot on" } else { "dot" };
            let _ = write!(
                out,
                r#"<circle class="{class}" cx="{x:.2}" cy="{y:.2}" r="{:.2}"/>"#,
                (step / 2.0 - 1.2).clamp(1.0, 3.2)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use editor::Qubit;

    const R: Rect = Rect { x: 0.0, y: 0.0, width: 36.0, height: 36.0 };

    #[test]
    fn a_bloch_display_points_where_the_state_does() {
        let plus = [[0.5, 0.0]; 4];
        let op = Operation::display(DisplayKind::Bloch, &[Qubit(0)]);
        let reading = Reading::Density { qubits: vec![0], matrix: plus.to_vec(), purity: 1.0 };
        assert!(draw(&op, &reading, R).contains("(1, 0, 0)"));
        // |+i⟩: ρ10 = i/2.
        let up = vec![[0.5, 0.0], [0.0, -0.5], [0.0, 0.5], [0.5, 0.0]];
        let reading = Reading::Density { qubits: vec![0], matrix: up, purity: 1.0 };
        assert!(draw(&op, &reading, R).contains("(0, 1, 0)"));
    }

    #[test]
    fn every_display_draws_its_reading_and_a_refusal() {
        for kind in DisplayKind::ALL {
            let op = Operation::display(kind, &[Qubit(0)]);
            let refused = Reading::Refused { message: "a < b".into() };
            let drawn = draw(&op, &refused, R);
            assert!(drawn.contains("a &lt; b"), "{drawn}");
        }
        let op = Operation::display(DisplayKind::Chance, &[Qubit(0), Qubit(1)]);
        let reading = Reading::Probabilities { num_qubits: 2, entries: vec![(3, 1.0)], rest: 0.0 };
        assert_eq!(draw(&op, &reading, R).matches("inline-bar").count(), 4);
    }
}
