//! The largest amplitudes of the state: ket, probability as a length, amplitude, phase as a hue and
//! an arrow.

use std::sync::Arc;

use api::run::{Amplitude, RunResult};
use leptos::prelude::*;

use super::format;
use super::pager::Pager;
use crate::messages::{fill, t};

/// Rows of one page.
const PAGE_SIZE: usize = 32;

/// List of amplitudes.
#[component]
pub fn Amplitudes(
    /// The result, if there is one.
    #[prop(into)]
    result: Signal<Option<Arc<RunResult>>>,
) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let total =
        Memo::new(move |_| result.with(|r| r.as_ref().map_or(0, |r| r.top_amplitudes.len())));
    let rows = move || {
        result.with(|result| {
            let result = result.as_ref()?;
            let last = result.top_amplitudes.len().saturating_sub(1) / PAGE_SIZE;
            let first = page.get().min(last) * PAGE_SIZE;
            let shown = result.top_amplitudes.iter().skip(first).take(PAGE_SIZE);
            Some(shown.map(|a| row(*a, result.num_qubits)).collect_view())
        })
    };
    // What the list leaves out is said, not implied.
    let summary = move || {
        result.with(|result| {
            let result = result.as_ref()?;
            let listed = result.top_amplitudes.len() as u64;
            let sum: f64 = result.top_amplitudes.iter().map(|a| a.re * a.re + a.im * a.im).sum();
            let all = 1_u64.checked_shl(result.num_qubits).unwrap_or(u64::MAX);
            (listed > 0 && listed < all && sum < 1.0 - 1e-9).then(|| {
                let of = fill(
                    t().amplitudes_of,
                    &[("n", &format::grouped(listed)), ("total", &format::grouped(all))],
                );
                format!("{of}, {}", fill(t().state_sum, &[("p", &format::percent(sum))]))
            })
        })
    };
    view! {
        <section class="display amplitudes" aria-labelledby="state-title">
            <header class="display-head">
                <h2 id="state-title">{t().state}</h2>
                <span class="soft num">{summary}</span>
                <span class="grow"></span>
                <Pager page=page size=PAGE_SIZE total=total />
            </header>
            <div class="display-body scroll" tabindex="0" role="group" aria-label=t().amplitudes_hint>
                <Show when=move || { total.get() > 0 }>
                    <table class="amplitude-table num">
                        <thead class="visually-hidden">
                            <tr>
                                <th>{t().basis_state}</th>
                                <th>{t().phase}</th>
                                <th>{t().probability}</th>
                                <th>{t().amplitude}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Show>
                <Show when=move || result.with(Option::is_some) && total.get() == 0>
                    <p class="empty">{t().no_state}</p>
                </Show>
            </div>
        </section>
    }
}

fn row(a: Amplitude, bits: u32) -> impl IntoView {
    let p = a.re * a.re + a.im * a.im;
    let phase = a.im.atan2(a.re);
    // Screen coordinates grow downwards, angles upwards.
    let (x, y) = (10.0 + 8.0 * phase.cos(), 10.0 - 8.0 * phase.sin());
    let hue = format!("{:.1}", phase.to_degrees().rem_euclid(360.0));
    let phase_text = format::degrees(phase);
    let title = phase_text.clone();
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
            <td class="mono amplitude">{format::complex(a.re, a.im)}</td>
        </tr>
    }
}
