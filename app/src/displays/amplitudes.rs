//! The state: its form in kets where that is short, and the largest amplitudes with probability as a
//! length, phase as a hue and an arrow, and the change since the step before.

use api::run::Amplitude;
use leptos::prelude::*;

use super::frame::{Empty, Exports, Frame};
use super::pager::Pager;
use super::state::{self, State, weight};
use super::words::words;
use super::{format, heat};
use crate::messages::t;
use crate::state::prefs::Display;

/// Rows of one page.
const PAGE_SIZE: usize = 32;
/// States with up to so many terms are written out.
const MAX_TERMS: usize = 8;

/// List of amplitudes.
#[component]
pub fn Amplitudes() -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let State { listed, note, empty } = state::largest("state");
    let total = Memo::new(move |_| listed.with(|l| l.entries.len()));
    let compares = Memo::new(move |_| listed.with(|l| l.before.is_some()));
    let rows = move || {
        listed.with(|listed| {
            let last = listed.entries.len().saturating_sub(1) / PAGE_SIZE;
            let first = page.get().min(last) * PAGE_SIZE;
            let shown = listed.entries.iter().skip(first).take(PAGE_SIZE);
            shown
                .map(|a| {
                    let change = listed.before.as_ref().map(|before| {
                        let old = before.iter().find(|b| b.index == a.index);
                        weight(a) - old.map_or(0.0, weight)
                    });
                    row(*a, listed.num_qubits, change)
                })
                .collect_view()
        })
    };
    let form = move || listed.with(|l| ket_form(&l.entries, l.num_qubits));
    let exports = Exports::rows(move || {
        let mut out = vec![["state", "re", "im", "probability"].map(str::to_owned).to_vec()];
        listed.with_untracked(|l| {
            for a in &l.entries {
                out.push(vec![
                    bits(a.index, l.num_qubits),
                    a.re.to_string(),
                    a.im.to_string(),
                    weight(a).to_string(),
                ]);
            }
        });
        out
    });
    let tools = move || view! { <Pager page=page size=PAGE_SIZE total=total /> };
    view! {
        <Frame display=Display::State exports=exports note=note tools=tools scroll=true>
            <div role="group" aria-label=t().amplitudes_hint>
                <Show when=move || { total.get() > 0 }>
                    <div class="ket-line">
                        <svg class="wheel" viewBox="0 0 40 40" role="img" aria-label=t().phase inner_html=heat::wheel()></svg>
                        <p class="ket-form mono" title=words().ket_form>{form}</p>
                    </div>
                    <table class="amplitude-table num">
                        <thead class="visually-hidden">
                            <tr>
                                <th>{t().basis_state}</th>
                                <th>{t().phase}</th>
                                <th>{t().probability}</th>
                                <Show when=move || compares.get()>
                                    <th>{words().change}</th>
                                </Show>
                                <th>{t().amplitude}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Show>
                <Empty text=empty />
            </div>
        </Frame>
    }
}

fn bits(index: u64, width: u32) -> String {
    format!("{index:0width$b}", width = width as usize)
}

fn row(a: Amplitude, bits: u32, change: Option<f64>) -> impl IntoView {
    let p = weight(&a);
    let phase = a.im.atan2(a.re);
    // Screen coordinates grow downwards, angles upwards.
    let (x, y) = (10.0 + 8.0 * phase.cos(), 10.0 - 8.0 * phase.sin());
    let hue = format!("{:.1}", phase.to_degrees().rem_euclid(360.0));
    let phase_text = format::degrees(phase);
    let title = phase_text.clone();
    let change = change.map(|d| {
        let class = match d {
            d if d > 5e-5 => "change up",
            d if d < -5e-5 => "change down",
            _ => "change",
        };
        let text = if d.abs() <= 5e-5 {
            "=".to_owned()
        } else {
            format!("{}{}", if d > 0.0 { "+" } else { "−" }, format::percent(d.abs()))
        };
        view! { <td class=class>{text}</td> }
    });
    view! {
        <tr style=("--hue", hue)>
            <td class="mono ket">{format::ket(a.index, bits)}</td>
            <td class="phase-cell" title=title>
                <svg class="phase-disc" viewBox="0 0 20 20" role="img" aria-label=phase_text>
                    <circle cx="10" cy="10" r="8.25" />
                    <line x1="10" y1="10" x2=format!("{x:.2}") y2=format!("{y:.2}") />
                </svg>
            </td>
            <td class="bar-cell">
                <div class="bar" style=("--p", format!("{p:.5}"))></div>
                <span>{format::percent(p)}</span>
            </td>
            {change}
            <td class="mono amplitude">{format::complex(a.re, a.im)}</td>
        </tr>
    }
}

/// The whole state in kets, if it is short: `(|00⟩ + |11⟩)/√2`. Terms in order of index.
pub fn ket_form(entries: &[Amplitude], num_qubits: u32) -> Option<String> {
    let mut terms: Vec<Amplitude> = entries.iter().filter(|a| weight(a) > 1e-10).copied().collect();
    let sum: f64 = terms.iter().map(weight).sum();
    if terms.is_empty() || terms.len() > MAX_TERMS || (sum - 1.0).abs() > 1e-6 {
        return None;
    }
    terms.sort_by_key(|a| a.index);
    let common = 1.0 / (terms.len() as f64).sqrt();
    let equal = terms.len() > 1 && terms.iter().all(|a| (weight(a).sqrt() - common).abs() < 1e-7);
    let scale = if equal { common } else { 1.0 };
    let mut out = String::new();
    for (i, a) in terms.iter().enumerate() {
        let text = format::complex(a.re / scale, a.im / scale);
        let (sign, magnitude) = match text.strip_prefix('−') {
            Some(rest) if !text.contains(" + ") && !text.contains(" − ") => {
                ("−", rest.to_owned())
            }
            _ => ("+", text),
        };
        let compound = magnitude.contains(" + ") || magnitude.contains(" − ");
        let factor = match magnitude.as_str() {
            "1" => String::new(),
            m if compound => format!("({m}) "),
            m if m.contains(['/', '.']) => format!("{m} "),
            m => m.to_owned(),
        };
        match (i, sign) {
            (0, "−") => out.push('−'),
            (0, _) => {}
            (_, sign) => {
                out.push(' ');
                out.push_str(sign);
                out.push(' ');
            }
        }
        out.push_str(&factor);
        out.push_str(&format::ket(a.index, num_qubits));
    }
    if equal {
        let root = match terms.len() {
            4 => "2".to_owned(),
            n => format!("√{n}"),
        };
        out = format!("({out})/{root}");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_1_SQRT_2 as R;

    #[test]
    fn short_states_are_written_in_kets() {
        let a = |index, re, im| Amplitude { index, re, im };
        for (entries, n, expected) in [
            (vec![a(3, R, 0.0), a(0, R, 0.0)], 2, "(|00⟩ + |11⟩)/√2"),
            (vec![a(0, R, 0.0), a(1, 0.0, -R)], 1, "(|0⟩ − i|1⟩)/√2"),
            (vec![a(2, -1.0, 0.0)], 2, "−|10⟩"),
            (vec![a(0, 0.75_f64.sqrt(), 0.0), a(1, 0.5, 0.0)], 1, "√3/2 |0⟩ + 1/2 |1⟩"),
            (
                vec![a(0, 0.5, 0.0), a(1, -0.5, 0.0), a(2, 0.5, 0.0), a(3, 0.5, 0.0)],
                2,
                "(|00⟩ − |01⟩ + |10⟩ + |11⟩)/2",
            ),
        ] {
            assert_eq!(ket_form(&entries, n).as_deref(), Some(expected));
        }
        assert_eq!(ket_form(&[a(0, 0.5, 0.0)], 2), None, "not the whole state");
    }
}
