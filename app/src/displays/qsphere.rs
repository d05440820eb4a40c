//! The state as points on one sphere: |0…0⟩ is at the top, and each ring below holds the basis states with
//! one more 1. Size is probability, hue is phase.

use api::run::Amplitude;
use leptos::prelude::*;

use super::frame::{Empty, Exports, Frame};
use super::state::{self, State, weight};
use super::viewpoint::{RADIUS, Turning, Viewpoint};
use super::words::words;
use super::{format, heat};
use crate::messages::t;
use crate::state::prefs::Display;

/// Rings are drawn up to so many qubits; points always.
const MAX_RINGS: u32 = 12;
/// Points up to which each has its name.
const NAMED: usize = 16;
/// Radius of a point that has all the probability.
const LARGEST: f64 = 7.0;
/// Points smaller than this are left out.
const SMALLEST: f64 = 1e-6;

/// One sphere for the whole state.
#[component]
pub fn QSphere() -> impl IntoView {
    let State { listed, note, empty } = state::largest("qsphere");
    let turning = Turning::new();
    let picture = move || {
        let from = turning.from.get();
        listed.with(|l| draw(&l.entries, l.num_qubits, from))
    };
    let exports = Exports::rows(move || {
        let mut out =
            vec![["state", "x", "y", "z", "probability", "phase"].map(str::to_owned).to_vec()];
        listed.with_untracked(|l| {
            for a in &l.entries {
                let [x, y, z] = point(a.index, l.num_qubits);
                let cells = [x, y, z, weight(a), a.im.atan2(a.re)].map(|v| v.to_string());
                out.push(
                    std::iter::once(format::ket(a.index, l.num_qubits)).chain(cells).collect(),
                );
            }
        });
        out
    });
    view! {
        <Frame display=Display::Sphere exports=exports note=note>
            <div
                class="qsphere"
                title=words().turn_hint
                on:pointerdown=move |event| turning.press(&event)
                on:pointermove=move |event| turning.turn(&event)
                on:pointerup=move |_| turning.release()
                on:pointercancel=move |_| turning.release()
                on:dblclick=move |_| turning.reset()
            >
                <svg class="figure" viewBox="0 0 100 100" role="img" aria-label=words().qsphere_label inner_html=picture></svg>
                <svg class="wheel" viewBox="0 0 40 40" role="img" aria-label=t().phase inner_html=heat::wheel()></svg>
            </div>
            <Empty text=empty />
        </Frame>
    }
}

/// Ways to choose `k` of `n`, as far as a `f64` counts them.
fn choose(n: u32, k: u32) -> f64 {
    (0..k.min(n - k.min(n))).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1)).round()
}

/// Position of a basis state on the unit sphere. States of one ring go around it in order of their number.
fn point(index: u64, num_qubits: u32) -> [f64; 3] {
    let ones = index.count_ones();
    let z = 1.0 - 2.0 * f64::from(ones) / f64::from(num_qubits.max(1));
    // How many numbers with as many ones are smaller: for each 1, those that have a 0 there instead.
    let mut rank = 0.0;
    let mut left = ones;
    for bit in (0..num_qubits).rev() {
        if index >> bit & 1 == 1 {
            if left <= bit {
                rank += choose(bit, left);
            }
            left -= 1;
        }
    }
    let angle = std::f64::consts::TAU * rank / choose(num_qubits, ones);
    let radius = (1.0 - z * z).max(0.0).sqrt();
    [radius * angle.cos(), radius * angle.sin(), z]
}

fn draw(entries: &[Amplitude], num_qubits: u32, from: Viewpoint) -> String {
    use std::fmt::Write as _;
    let mut out = format!(r#"<circle class="sphere-rim" cx="50" cy="50" r="{RADIUS}"/>"#);
    if num_qubits == 0 {
        return out;
    }
    for ring in (1..num_qubits).filter(|_| num_qubits <= MAX_RINGS) {
        let z = 1.0 - 2.0 * f64::from(ring) / f64::from(num_qubits);
        let (_, y, _) = from.project([0.0, 0.0, z]);
        let rx = RADIUS * (1.0 - z * z).sqrt();
        let ry = (rx * from.elevation.to_radians().sin()).abs();
        let _ = write!(
            out,
            r#"<ellipse class="sphere-equator" cx="50" cy="{y:.2}" rx="{rx:.2}" ry="{ry:.2}"/>"#
        );
    }
    let mut points: Vec<(&Amplitude, (f64, f64, f64))> = entries
        .iter()
        .filter(|a| weight(a) >= SMALLEST)
        .map(|a| (a, from.project(point(a.index, num_qubits))))
        .collect();
    let named = points.len() <= NAMED;
    // What is nearer is drawn over what is farther.
    points.sort_by(|a, b| a.1.2.total_cmp(&b.1.2));
    for (a, (x, y, depth)) in points {
        let hue = a.im.atan2(a.re).to_degrees().rem_euclid(360.0);
        let class = if depth < -0.01 { " behind" } else { "" };
        let p = weight(a);
        let r = (LARGEST * p.sqrt()).max(0.8);
        let ket = format::ket(a.index, num_qubits);
        let _ = write!(
            out,
            r#"<g class="qsphere-point{class}"><line x1="50" y1="50" x2="{x:.2}" y2="{y:.2}" stroke="oklch(0.68 0.13 {hue:.0})"/><circle class="phase-fill" cx="{x:.2}" cy="{y:.2}" r="{r:.2}" fill="oklch(0.68 0.13 {hue:.0})"><title>{ket}: {}, {}</title></circle>"#,
            format::percent(p),
            format::degrees(a.im.atan2(a.re)),
        );
        if named {
            let below = y > 50.0;
            let at = if below { y + r + 4.0 } else { y - r - 3.0 };
            let _ =
                write!(out, r#"<text class="qsphere-name" x="{x:.2}" y="{at:.2}">{ket}</text>"#);
        }
        out.push_str("</g>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basis_states_lie_on_rings_by_their_ones_evenly() {
        let close = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-12);
        assert!(close(point(0, 3), [0.0, 0.0, 1.0]));
        assert!(close(point(7, 3), [0.0, 0.0, -1.0]));
        for n in 1..=9_u32 {
            let mut angles: std::collections::BTreeMap<u32, Vec<f64>> =
                std::collections::BTreeMap::new();
            for index in 0..1_u64 << n {
                let [x, y, z] = point(index, n);
                assert!((x * x + y * y + z * z - 1.0).abs() < 1e-12);
                let ones = index.count_ones();
                angles.entry(ones).or_default().push(y.atan2(x).rem_euclid(std::f64::consts::TAU));
            }
            for (ones, mut ring) in angles.into_iter().filter(|(ones, _)| *ones > 0 && *ones < n) {
                let step = std::f64::consts::TAU / ring.len() as f64;
                for (i, angle) in ring.drain(..).enumerate() {
                    let wanted = step * i as f64;
                    assert!(
                        (angle - wanted).abs() < 1e-9 || (angle - wanted).abs() > 6.28,
                        "{n} {ones} {i}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_picture_has_a_point_for_each_amplitude_that_counts() {
        let a = |index, re, im| Amplitude { index, re, im };
        let svg = draw(&[a(0, 0.6, 0.0), a(3, 0.0, 0.8), a(1, 1e-9, 0.0)], 2, Viewpoint::FRONT);
        assert_eq!(svg.matches("qsphere-point").count(), 2);
        assert!(svg.contains("|11⟩: 64") && svg.contains("|00⟩: 36"), "{svg}");
    }
}
