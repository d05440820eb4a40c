//! The reduced density matrix of some qubits as a heat map.

use api::run::{Probe, Reading};
use leptos::prelude::*;

use super::counts::refusal;
use super::frame::{Empty, Exports, Frame, ListField, NoiseSwitch, parse_list};
use super::words::words;
use super::{format, heat};
use crate::messages::fill;
use crate::state::prefs::Display;
use crate::state::{Inspector, Lab};

/// Qubits of one matrix.
const MAX_QUBITS: usize = 6;
/// Shown until someone chooses.
const FIRST: u32 = 4;

#[component]
pub fn Density() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let inspector = expect_context::<Inspector>();
    let text = RwSignal::new(String::new());
    let num_qubits = Memo::new(move |_| lab.document.with(editor::Document::num_qubits));
    let chosen = Memo::new(move |_| parse_list(&text.get(), num_qubits.get(), MAX_QUBITS));
    let qubits = Memo::new(move |_| {
        let chosen = chosen.get().filter(|c| !c.is_empty());
        chosen.unwrap_or_else(|| (0..num_qubits.get().min(FIRST)).collect())
    });
    let probes = Signal::derive(move || {
        let qubits = qubits.get();
        if qubits.is_empty() { Vec::new() } else { vec![Probe::Density { qubits }] }
    });
    let view = inspector.want("density", probes);
    let matrix = Memo::new(move |_| {
        view.with(|v| match v.now.first() {
            Some(Reading::Density { qubits, matrix, purity }) => {
                Some((qubits.clone(), matrix.clone(), *purity))
            }
            _ => None,
        })
    });
    let note = Signal::derive(move || {
        matrix.with(|m| {
            let (qubits, _, purity) = m.as_ref()?;
            let purity = fill(words().purity, &[("p", &format::signed(*purity))]);
            let total = num_qubits.get();
            let few = qubits.len() < total as usize && text.with(|t| t.trim().is_empty());
            Some(if few {
                let of = fill(
                    words().first_of,
                    &[("n", &qubits.len().to_string()), ("total", &total.to_string())],
                );
                format!("{of} · {purity}")
            } else {
                purity
            })
        })
    });
    let drawing = move || {
        matrix.with(|m| {
            let (qubits, matrix, _) = m.as_ref()?;
            let n = u32::try_from(qubits.len()).unwrap_or(0);
            let heat = heat::draw(matrix, 1 << n, &|i| format::ket(i as u64, n));
            Some(view! {
                <svg
                    class="figure heat"
                    viewBox=heat.view_box
                    role="img"
                    aria-label=words().density
                    inner_html=heat.content
                ></svg>
            })
        })
    };
    let exports = Exports::rows(move || {
        matrix.with_untracked(|m| {
            m.as_ref().map_or_else(Vec::new, |(q, matrix, _)| heat::rows(matrix, 1 << q.len()))
        })
    });
    let hint = Signal::derive(move || fill(words().qubits_hint, &[("n", &MAX_QUBITS.to_string())]));
    let tools = move || {
        view! {
            <NoiseSwitch />
            <ListField
                label=words().qubits_field
                hint=hint
                text=text
                invalid=Signal::derive(move || chosen.get().is_none())
            />
        }
    };
    let empty =
        Signal::derive(move || view.with(|v| refusal(&v.now)).or_else(|| inspector.error.get()));
    view! {
        <Frame display=Display::Density exports=exports note=note tools=tools>
            <div class="heat-area">{drawing}</div>
            <Empty text=empty />
        </Frame>
    }
}
