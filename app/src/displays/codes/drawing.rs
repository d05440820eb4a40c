//! Logical error rates as curves, rates of detectors as bars.

use std::fmt::Write as _;

use super::{DISTANCES, NOISE, Point};
use crate::displays::format;
use crate::displays::words::words;

/// The drawing's edges.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 390.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 220.0;

/// Logical error rates over the noise, both logarithmic, one curve for each distance.
pub(super) fn draw(points: &[Point]) -> String {
    let known: Vec<&Point> = points.iter().filter(|p| p.shots > 0).collect();
    let (from, to) = (NOISE[0].log10(), NOISE[NOISE.len() - 1].log10());
    let x = |noise: f64| LEFT + (RIGHT - LEFT) * (noise.log10() - from) / (to - from);
    let least = known
        .iter()
        .filter(|p| p.errors > 0)
        .map(|p| p.rate())
        .fold(1e-2, f64::min)
        .log10()
        .floor();
    let y = |rate: f64| {
        let at = (rate.max(1e-12).log10() - least) / -least;
        BOTTOM - (BOTTOM - TOP) * at.clamp(0.0, 1.0)
    };
    let mut out = String::new();
    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    for power in least as i32..=0 {
        let at = y(10_f64.powi(power));
        let label = if power < -2 {
            format!("10{}", superscript(power))
        } else {
            format::percent(10_f64.powi(power))
        };
        let _ = write!(
            out,
            r#"<path class="grid-line" d="M{LEFT} {at:.1}H{RIGHT}"/><text class="tick" x="{:.1}" y="{at:.1}" text-anchor="end">{label}</text>"#,
            LEFT - 6.0
        );
    }
    for noise in NOISE {
        let at = x(noise);
        let _ = write!(
            out,
            r#"<path class="axis" d="M{at:.1} {BOTTOM}v4"/><text class="tick" x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            BOTTOM + 13.0,
            format::percent(noise)
        );
    }
    let _ = write!(
        out,
        r#"<text class="axis-title" x="{:.1}" y="{:.1}" text-anchor="middle">{}</text><text class="axis-title" transform="translate(12 {:.1}) rotate(-90)" text-anchor="middle">{}</text>"#,
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 30.0,
        words().codes_noise,
        f64::midpoint(TOP, BOTTOM),
        words().logical_rate,
    );
    for (i, distance) in DISTANCES.iter().enumerate() {
        let mut curve: Vec<&&Point> =
            known.iter().filter(|p| p.distance == *distance && p.errors > 0).collect();
        if curve.is_empty() {
            continue;
        }
        curve.sort_by(|a, b| a.noise.total_cmp(&b.noise));
        let mut path = String::new();
        let mut marks = String::new();
        for (k, p) in curve.iter().enumerate() {
            let (px, py) = (x(p.noise), y(p.rate()));
            let _ = write!(path, "{}{px:.1} {py:.1}", if k == 0 { "M" } else { "L" });
            let (low, high) = (y(p.rate() - p.deviation()), y(p.rate() + p.deviation()));
            let _ = write!(
                marks,
                r#"<path class="codes-bar" d="M{px:.1} {low:.1}V{high:.1}"/><circle cx="{px:.1}" cy="{py:.1}" r="3"><title>d = {distance}, {}: {} ± {}</title></circle>"#,
                format::percent(p.noise),
                small(p.rate()),
                small(p.deviation()),
            );
        }
        let last = curve[curve.len() - 1];
        let _ = write!(
            out,
            r#"<g class="codes-curve tone-{i}"><path class="codes-line" d="{path}"/>{marks}<text class="codes-name" x="{:.1}" y="{:.1}">d = {distance}</text></g>"#,
            RIGHT + 8.0,
            // Ends lie close together where the code harms.
            y(last.rate()).max(TOP + 14.0 * i as f64),
        );
    }
    out
}

/// So many have a bar each; of more, neighbours share one.
const BARS: usize = 180;

/// Rates in order, from 0 to the largest one; `letter` and a number are their names.
pub(super) fn bars(letter: &str, rates: &[f64]) -> String {
    let together = rates.len().div_ceil(BARS).max(1);
    let heights: Vec<f64> =
        rates.chunks(together).map(|c| c.iter().sum::<f64>() / c.len() as f64).collect();
    let top = heights.iter().copied().fold(1e-6, f64::max);
    let (right, bottom) = (450.0, 104.0);
    let width = (right - LEFT) / heights.len().max(1) as f64;
    let mut out = format!(
        r#"<text class="tick" x="{x}" y="{TOP}" text-anchor="end">{}</text><text class="tick" x="{x}" y="{bottom}" text-anchor="end">0</text><path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>"#,
        small(top),
        x = LEFT - 6.0,
    );
    for (i, rate) in heights.iter().enumerate() {
        let height = rate / top * (bottom - TOP);
        let (first, last) = (i * together, ((i + 1) * together - 1).min(rates.len() - 1));
        let name = if first == last {
            format!("{letter}{first}")
        } else {
            format!("{letter}{first}–{letter}{last}")
        };
        let _ = write!(
            out,
            r#"<rect class="cut-bar" x="{:.2}" y="{:.2}" width="{:.2}" height="{height:.2}"><title>{name}: {}</title></rect>"#,
            LEFT + i as f64 * width,
            bottom - height,
            (width * 0.8).max(width - 2.0),
            small(*rate),
        );
    }
    out
}

/// A probability, also one that is far below a percent.
pub(super) fn small(p: f64) -> String {
    if p == 0.0 || p >= 1e-3 {
        return format::percent(p);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    let power = p.log10().floor() as i32;
    format!("{:.1}·10{}", p / 10_f64.powi(power), superscript(power))
}

fn superscript(power: i32) -> String {
    power
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            c => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Series;
    use super::*;

    #[test]
    fn curves_have_a_mark_for_each_point_with_errors() {
        let mut points = Series::of_code(&[3, 5], 1000, 1).points;
        for p in &mut points {
            (p.shots, p.errors) = (1000, if p.noise < 0.002 { 0 } else { u64::from(p.distance) });
        }
        let svg = draw(&points);
        assert_eq!(svg.matches("<circle").count(), 2 * (NOISE.len() - 1));
        assert_eq!(svg.matches("codes-line").count(), 2);
        assert!(svg.contains("10⁻³"), "{svg}");
        assert_eq!(
            (small(0.25), small(2.5e-4), small(0.0)),
            ("25 %".into(), "2.5·10⁻⁴".into(), "0 %".into())
        );
    }

    #[test]
    fn many_detectors_share_bars() {
        assert_eq!(bars("D", &[0.1, 0.2]).matches("<rect").count(), 2);
        let many = bars("D", &vec![0.1; 1000]);
        assert_eq!(many.matches("<rect").count(), 1000_usize.div_ceil(6));
        assert!(many.contains("D996–D999"), "{many}");
        assert!(!bars("D", &[]).contains("<rect"));
    }
}
