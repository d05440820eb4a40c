//! The matrix of the circuit, measurements at its end left out.

use api::run::{Probe, Reading};
use leptos::prelude::*;

use super::counts::refusal;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use super::{format, heat};
use crate::messages::fill;
use crate::state::Inspector;
use crate::state::prefs::Display;

#[component]
pub fn Unitary() -> impl IntoView {
    let inspector = expect_context::<Inspector>();
    let view = inspector.want("unitary", Signal::stored(vec![Probe::Unitary]));
    let matrix = Memo::new(move |_| {
        view.with(|v| match v.now.first() {
            Some(Reading::Unitary { num_qubits, matrix }) => Some((*num_qubits, matrix.clone())),
            _ => None,
        })
    });
    let note = Signal::derive(move || {
        matrix.with(|m| {
            m.as_ref().map(|(n, _)| fill(words().matrix_of, &[("n", &(1_u64 << n).to_string())]))
        })
    });
    let drawing = move || {
        matrix.with(|m| {
            let (n, matrix) = m.as_ref()?;
            let heat = heat::draw(matrix, 1 << n, &|i| format::ket(i as u64, *n));
            Some(view! {
                <svg
                    class="figure heat"
                    viewBox=heat.view_box
                    role="img"
                    aria-label=words().unitary
                    inner_html=heat.content
                ></svg>
            })
        })
    };
    let exports = Exports::rows(move || {
        matrix.with_untracked(|m| {
            m.as_ref().map_or_else(Vec::new, |(n, matrix)| heat::rows(matrix, 1 << n))
        })
    });
    let empty =
        Signal::derive(move || view.with(|v| refusal(&v.now)).or_else(|| inspector.error.get()));
    view! {
        <Frame display=Display::Unitary exports=exports note=note>
            <div class="heat-area">{drawing}</div>
            <Empty text=empty />
        </Frame>
    }
}
