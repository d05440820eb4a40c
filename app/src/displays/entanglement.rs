//! Who is entangled with whom: the entropy of each cut of the register, and a graph of the mutual
//! information between qubits.

use std::fmt::Write as _;

use api::run::{Cut, Probe, Reading};
use leptos::prelude::*;

use super::counts::refusal;
use super::format;
use super::frame::{Empty, Exports, Frame, NoiseSwitch};
use super::words::words;
use crate::messages::fill;
use crate::state::Inspector;
use crate::state::prefs::Display;

/// Less information than this is rounding.
const SMALLEST: f64 = 1e-6;

#[derive(Debug, Clone, PartialEq, Default)]
struct Seen {
    cuts: Vec<Cut>,
    qubits: Vec<u32>,
    pairs: Vec<(u32, u32, f64)>,
}

#[component]
pub fn Entanglement() -> impl IntoView {
    let inspector = expect_context::<Inspector>();
    let view = inspector
        .want("entanglement", Signal::stored(vec![Probe::Entanglement { qubits: Vec::new() }]));
    let seen = Memo::new(move |_| {
        view.with(|v| match v.now.first() {
            Some(Reading::Entanglement { cuts, qubits, pairs }) => {
                Seen { cuts: cuts.clone(), qubits: qubits.clone(), pairs: pairs.clone() }
            }
            _ => Seen::default(),
        })
    });
    let note = Signal::derive(move || {
        seen.with(|s| {
            let total = s.cuts.len() + 1;
            let bound = s.cuts.iter().any(|c| matches!(c, Cut::Renyi2(_)));
            if !s.qubits.is_empty() && s.qubits.len() < total {
                return Some(fill(
                    words().first_of,
                    &[("n", &s.qubits.len().to_string()), ("total", &total.to_string())],
                ));
            }
            bound.then(|| words().renyi.to_owned())
        })
    });
    let caption = move || {
        let mixed = seen.with(|s| s.cuts.iter().any(|c| matches!(c, Cut::Negativity(_))));
        if mixed { words().negativity } else { words().entropy }
    };
    let cuts = move || {
        seen.with(|s| {
            let (content, width) = draw_cuts(&s.cuts);
            view! {
                <svg
                    class="figure cuts"
                    viewBox=format!("0 0 {width} 120")
                    role="img"
                    aria-label=caption()
                    inner_html=content
                ></svg>
            }
        })
    };
    let graph = move || {
        seen.with(|s| {
            view! {
                <svg
                    class="figure graph"
                    viewBox="0 0 200 200"
                    role="img"
                    aria-label=words().mutual
                    inner_html=draw_graph(s)
                ></svg>
            }
        })
    };
    let exports = Exports::rows(move || {
        let mut out = vec![["what", "a", "b", "bits"].map(str::to_owned).to_vec()];
        seen.with_untracked(|s| {
            for (k, cut) in s.cuts.iter().enumerate() {
                let (what, bits) = match cut {
                    Cut::VonNeumann(x) => ("entropy", x.to_string()),
                    Cut::Renyi2(x) => ("renyi2", x.to_string()),
                    Cut::Negativity(x) => ("log_negativity", x.to_string()),
                    Cut::Unknown => ("entropy", String::new()),
                };
                out.push(vec![what.to_owned(), k.to_string(), (k + 1).to_string(), bits]);
            }
            for (a, b, bits) in &s.pairs {
                out.push(vec!["mutual".into(), a.to_string(), b.to_string(), bits.to_string()]);
            }
        });
        out
    });
    let there = Memo::new(move |_| seen.with(|s| !s.cuts.is_empty()));
    let empty = Signal::derive(move || {
        if there.get() {
            return None;
        }
        let refused = view.with(|v| refusal(&v.now)).or_else(|| inspector.error.get());
        refused.or_else(|| view.with(|v| !v.now.is_empty()).then(|| words().needs_two.to_owned()))
    });
    view! {
        <Frame display=Display::Entanglement exports=exports note=note tools=NoiseSwitch scroll=true>
            <Show when=move || there.get()>
                <div class="entangled">
                    <figure>
                        <figcaption>{caption}</figcaption>
                        {cuts}
                    </figure>
                    <figure>
                        <figcaption>{words().mutual}</figcaption>
                        {graph}
                    </figure>
                </div>
            </Show>
            <Empty text=empty />
        </Frame>
    }
}

/// Bars, one for each cut; and the width of the drawing.
fn draw_cuts(cuts: &[Cut]) -> (String, usize) {
    let step = if cuts.len() > 24 { 14 } else { 26 };
    let width = 34 + cuts.len() * step;
    let value = |c: &Cut| match c {
        Cut::VonNeumann(x) | Cut::Renyi2(x) | Cut::Negativity(x) => *x,
        Cut::Unknown => 0.0,
    };
    let top = cuts.iter().map(value).fold(1.0, f64::max).ceil();
    let mut out = String::from(
        r#"<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-line" x1="0" y1="0" x2="0" y2="5"/></pattern></defs>"#,
    );
    let _ = write!(
        out,
        r#"<line class="axis" x1="28" y1="12" x2="28" y2="96"/><line class="axis" x1="28" y1="96" x2="{width}" y2="96"/><text class="tick" x="24" y="14" text-anchor="end">{top}</text><text class="tick" x="24" y="96" text-anchor="end">0</text>"#
    );
    for (k, cut) in cuts.iter().enumerate() {
        let bits = value(cut);
        let height = 84.0 * bits / top;
        let x = 34 + k * step;
        let label = match cut {
            Cut::Unknown => words().unknown_cut.to_owned(),
            _ => fill(
                words().cut_label,
                &[("a", &k.to_string()), ("b", &(k + 1).to_string()), ("s", &format::signed(bits))],
            ),
        };
        let class = if matches!(cut, Cut::Renyi2(_)) { "cut-bar bound" } else { "cut-bar" };
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{x}" y="{:.1}" width="{}" height="{height:.1}" rx="2"><title>{label}</title></rect>"#,
            96.0 - height,
            step - 6
        );
        if matches!(cut, Cut::Unknown) {
            let _ = write!(
                out,
                r#"<text class="tick" x="{}" y="88" text-anchor="middle">?<title>{label}</title></text>"#,
                x + (step - 6) / 2
            );
        }
        if cuts.len() <= 24 || k % 4 == 0 {
            let _ = write!(
                out,
                r#"<text class="tick" x="{}" y="109" text-anchor="middle">{k}|{}</text>"#,
                x + (step - 6) / 2,
                k + 1
            );
        }
    }
    (out, width)
}

/// Qubits on a circle, joined by lines as thick as what they share.
fn draw_graph(seen: &Seen) -> String {
    let n = seen.qubits.len().max(1);
    let at = |q: u32| {
        let i = seen.qubits.iter().position(|x| *x == q).unwrap_or(0);
        // Clockwise from the top.
        let angle = std::f64::consts::TAU * (i as f64 / n as f64) - std::f64::consts::FRAC_PI_2;
        (100.0 + 80.0 * angle.cos(), 100.0 + 80.0 * angle.sin())
    };
    let mut out = String::new();
    for &(a, b, bits) in seen.pairs.iter().filter(|p| p.2 > SMALLEST) {
        let ((x1, y1), (x2, y2)) = (at(a), at(b));
        let label = fill(
            words().pair_label,
            &[("a", &a.to_string()), ("b", &b.to_string()), ("i", &format::signed(bits))],
        );
        let _ = write!(
            out,
            r#"<line class="bond" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke-width="{:.2}" stroke-opacity="{:.2}"><title>{label}</title></line>"#,
            (bits * 3.5).max(0.8),
            (0.25 + bits / 2.0 * 0.75).min(1.0)
        );
    }
    let r = if n > 20 { 7.0 } else { 11.0 };
    for &q in &seen.qubits {
        let (x, y) = at(q);
        let _ = write!(
            out,
            r#"<circle class="node" cx="{x:.1}" cy="{y:.1}" r="{r}"/><text class="node-name" x="{x:.1}" y="{y:.1}" text-anchor="middle">{q}</text>"#
        );
    }
    out
}
