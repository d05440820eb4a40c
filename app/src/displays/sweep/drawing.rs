//! A sweep as a curve or a heat map.

use std::fmt::Write as _;

use editor::expr;

use super::{Axis, Swept};
use crate::displays::format;

/// Corners of the drawing's inside.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 450.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 204.0;

fn bounds(values: &[f64], share: bool) -> (f64, f64) {
    if share {
        return (0.0, 1.0);
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Pauli strings lie between -1 and 1: that frame does not jump.
    if values.is_empty() || (low >= -1.0 - 1e-9 && high <= 1.0 + 1e-9) {
        return (-1.0, 1.0);
    }
    let room = (high - low).max(1e-9) * 0.05;
    (low - room, high + room)
}

fn frame(out: &mut String, x: &Axis, (low, high): (f64, f64), left_title: &str) {
    let _ = write!(
        out,
        r#"<rect class="plot-frame" x="{LEFT}" y="{TOP}" width="{}" height="{}"/>"#,
        RIGHT - LEFT,
        BOTTOM - TOP
    );
    for i in 0..=4 {
        let share = f64::from(i) / 4.0;
        let y = BOTTOM - share * (BOTTOM - TOP);
        let value = low + share * (high - low);
        let _ = write!(
            out,
            r#"<line class="grid-line" x1="{LEFT}" y1="{y:.1}" x2="{RIGHT}" y2="{y:.1}"/><text class="tick" x="{}" y="{y:.1}" text-anchor="end">{}</text>"#,
            LEFT - 6.0,
            format::signed(value)
        );
        let at = LEFT + share * (RIGHT - LEFT);
        let (first, last) = (x.values[0], x.values[x.values.len() - 1]);
        let label = x.label(first + share * (last - first));
        let _ = write!(
            out,
            r#"<text class="tick" x="{at:.1}" y="{}" text-anchor="middle">{label}</text>"#,
            BOTTOM + 13.0
        );
    }
    let _ = write!(
        out,
        r#"<text class="axis-title" x="{}" y="233" text-anchor="middle">{}</text><text class="axis-title" transform="translate(9 {}) rotate(-90)" text-anchor="middle">{}</text>"#,
        f64::midpoint(LEFT, RIGHT),
        escape(x.title()),
        f64::midpoint(TOP, BOTTOM),
        escape(left_title)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

impl Axis {
    /// A value at it: angles as fractions of π where they are, strengths of noise as factors.
    fn label(&self, value: f64) -> String {
        if self.is_noise() {
            format!("× {}", format::signed(value).trim_start_matches('+'))
        } else {
            angle(value)
        }
    }
}

fn angle(value: f64) -> String {
    let exact = expr::from_value(value);
    if exact.contains("pi") { expr::to_label(&exact) } else { format::signed(value) }
}

pub(super) fn curve(s: &Swept) -> String {
    let (low, high) = bounds(&s.values, s.quantity.is_share());
    let mut out = String::new();
    frame(&mut out, &s.x, (low, high), &s.title());
    let n = (s.x.values.len() - 1).max(1) as f64;
    let mut path = String::new();
    for (i, v) in s.values.iter().enumerate() {
        let x = LEFT + i as f64 / n * (RIGHT - LEFT);
        let y = BOTTOM - (v - low) / (high - low) * (BOTTOM - TOP);
        let _ = write!(path, "{}{x:.2} {y:.2}", if i == 0 { "M" } else { "L" });
    }
    let _ = write!(out, r#"<path class="curve" d="{path}"/>"#);
    for (i, v) in s.values.iter().enumerate() {
        let x = LEFT + i as f64 / n * (RIGHT - LEFT);
        let y = BOTTOM - (v - low) / (high - low) * (BOTTOM - TOP);
        let _ = write!(
            out,
            r#"<circle class="point" cx="{x:.2}" cy="{y:.2}" r="4"><title>{} = {}: {}</title></circle>"#,
            escape(s.x.title()),
            s.x.label(s.x.values[i]),
            format::real(*v)
        );
    }
    out
}

pub(super) fn map(s: &Swept) -> String {
    let Some(y) = &s.y else { return String::new() };
    let (low, high) = bounds(&s.values, s.quantity.is_share());
    let ends = (y.values[0], y.values[y.values.len() - 1]);
    let mut out = String::new();
    frame(&mut out, &s.x, ends, y.title());
    let (nx, ny) = (s.x.values.len() as f64, y.values.len() as f64);
    let (w, h) = ((RIGHT - LEFT) / nx, (BOTTOM - TOP) / ny);
    for (i, v) in s.values.iter().enumerate() {
        let (column, row) = ((i % s.x.values.len()) as f64, (i / s.x.values.len()) as f64);
        let share = ((v - low) / (high - low)).clamp(0.0, 1.0);
        // Blue below, red above the middle, pale at it: equal steps of lightness.
        let (hue, depth) =
            if share < 0.5 { (255, 1.0 - 2.0 * share) } else { (30, 2.0 * share - 1.0) };
        let _ = write!(
            out,
            r#"<rect fill="oklch({:.3} {:.3} {hue})" x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}"><title>{}</title></rect>"#,
            0.95 - 0.5 * depth,
            0.17 * depth,
            LEFT + column * w,
            BOTTOM - (row + 1.0) * h,
            w + 0.3,
            h + 0.3,
            format::real(*v)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::displays::sweep::Quantity;

    #[test]
    fn a_half_done_sweep_is_drawn() {
        let axis = |name: &str| Axis { name: name.into(), values: vec![0.0, 1.0, 2.0] };
        let mut s = Swept {
            quantity: Quantity::Expectation,
            observable: "Z0 < 1".into(),
            x: axis("a"),
            y: None,
            values: vec![1.0, 0.5],
            text: "".into(),
        };
        let drawn = curve(&s);
        assert_eq!(drawn.matches("<circle").count(), 2);
        assert!(drawn.contains("&lt;") && !drawn.contains("Z0 < 1"));
        s.y = Some(axis("b"));
        assert_eq!(s.total(), 9);
        assert_eq!(map(&s).matches("oklch").count(), 2);
    }
}
