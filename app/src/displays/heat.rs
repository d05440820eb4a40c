//! A complex matrix as a heat map: the side of a square is the magnitude, its hue and a stroke the
//! phase.

use std::fmt::Write as _;

use super::format;

/// Side of a cell in units of the drawing.
const CELL: f64 = 20.0;
/// Rows and columns up to which phases have strokes and edges have names.
const FINE: usize = 16;
/// Cells smaller than this are left out.
const SMALLEST: f64 = 1e-6;

/// A drawn matrix.
pub struct Heat {
    /// Inside of an `<svg>`.
    pub content: String,
    pub view_box: String,
}

/// Draws `dim × dim` entries, row by row. `label` names an index.
pub fn draw(matrix: &[[f64; 2]], dim: usize, label: &dyn Fn(usize) -> String) -> Heat {
    let fine = dim <= FINE;
    let longest = if fine { label(dim.saturating_sub(1)).chars().count() } else { 0 };
    let margin = if fine { longest as f64 * 7.0 + 12.0 } else { 6.0 };
    let side = dim as f64 * CELL;
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<rect class="heat-ground" x="{margin}" y="{margin}" width="{side}" height="{side}"/>"#
    );
    let largest = matrix.iter().map(|z| z[0].hypot(z[1])).fold(0.0, f64::max).max(1e-12);
    for (i, z) in matrix.iter().enumerate() {
        let magnitude = z[0].hypot(z[1]);
        if magnitude < SMALLEST {
            continue;
        }
        let (row, column) = (i / dim, i % dim);
        let phase = z[1].atan2(z[0]);
        let side = (CELL - 1.0) * (magnitude / largest).sqrt().max(0.12);
        let (x, y) = (
            margin + (column as f64 + 0.5) * CELL - side / 2.0,
            margin + (row as f64 + 0.5) * CELL - side / 2.0,
        );
        let hue = phase.to_degrees().rem_euclid(360.0);
        let _ = write!(
            out,
            r#"<rect class="phase-fill" x="{x:.2}" y="{y:.2}" width="{side:.2}" height="{side:.2}" fill="oklch(0.68 0.13 {hue:.0})">"#
        );
        if fine {
            let _ = write!(
                out,
                "<title>{} {}: {}</title>",
                label(row),
                label(column),
                format::complex(z[0], z[1])
            );
        }
        out.push_str("</rect>");
        if fine && side > 8.0 {
            let (cx, cy) = (x + side / 2.0, y + side / 2.0);
            let reach = side / 2.0 - 1.5;
            let _ = write!(
                out,
                r#"<line class="phase-tick" x1="{cx:.2}" y1="{cy:.2}" x2="{:.2}" y2="{:.2}"/>"#,
                cx + reach * phase.cos(),
                cy - reach * phase.sin()
            );
        }
    }
    if fine {
        for i in 0..dim {
            let at = margin + (i as f64 + 0.5) * CELL;
            let name = label(i);
            let _ = write!(
                out,
                r#"<text class="heat-label" x="{:.1}" y="{at:.1}" text-anchor="end">{name}</text><text class="heat-label" transform="translate({at:.1} {:.1}) rotate(-90)" text-anchor="start">{name}</text>"#,
                margin - 5.0,
                margin - 5.0
            );
        }
    }
    let size = margin + side + 2.0;
    Heat { content: out, view_box: format!("0 0 {size:.1} {size:.1}") }
}

/// The matrix as rows for a file: row, column, real and imaginary part.
pub fn rows(matrix: &[[f64; 2]], dim: usize) -> Vec<Vec<String>> {
    let mut out = vec![["row", "column", "re", "im"].map(str::to_owned).to_vec()];
    for (i, z) in matrix.iter().enumerate() {
        out.push(vec![
            (i / dim).to_string(),
            (i % dim).to_string(),
            z[0].to_string(),
            z[1].to_string(),
        ]);
    }
    out
}

/// The colors of phases, and what they mean.
pub fn wheel() -> String {
    let mut out = String::new();
    for i in 0..24 {
        let (a, b) = (f64::from(i) * 15.0, f64::from(i + 1) * 15.0 + 0.5);
        let point = |degrees: f64, r: f64| {
            let radians = degrees.to_radians();
            (20.0 + r * radians.cos(), 20.0 - r * radians.sin())
        };
        let ((x1, y1), (x2, y2)) = (point(a, 11.0), point(b, 11.0));
        let ((x3, y3), (x4, y4)) = (point(b, 6.0), point(a, 6.0));
        let hue = a + 7.5;
        let _ = write!(
            out,
            r#"<path fill="oklch(0.68 0.13 {hue:.0})" d="M{x1:.2} {y1:.2}L{x2:.2} {y2:.2}L{x3:.2} {y3:.2}L{x4:.2} {y4:.2}Z"/>"#
        );
    }
    for (x, y, text) in [(36.0, 20.0, "1"), (20.0, 4.5, "i"), (4.0, 20.0, "−1"), (20.0, 35.5, "−i")]
    {
        let _ = write!(
            out,
            r#"<text class="heat-label" x="{x}" y="{y}" text-anchor="middle">{text}</text>"#
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_not_drawn_and_small_matrices_have_names() {
        let half = [0.5, 0.0];
        let none = [0.0, 0.0];
        let heat = draw(&[half, none, none, half], 2, &|i| format!("|{i}⟩"));
        assert_eq!(heat.content.matches("phase-fill").count(), 2);
        assert_eq!(heat.content.matches(">|1⟩<").count(), 2);
        let wide = vec![[1.0, 0.0]; 32 * 32];
        assert!(!draw(&wide, 32, &|i| i.to_string()).content.contains("<text"));
    }
}
