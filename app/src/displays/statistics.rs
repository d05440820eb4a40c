//! Numbers that describe the circuit.

use api::run::{Probe, Reading, Statistics as Numbers};
use leptos::prelude::*;

use super::counts::refusal;
use super::format::grouped;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::state::Inspector;
use crate::state::prefs::Display;

#[component]
pub fn Statistics() -> impl IntoView {
    let inspector = expect_context::<Inspector>();
    let view = inspector.want("statistics", Signal::stored(vec![Probe::Statistics]));
    let numbers = Memo::new(move |_| {
        view.with(|v| match v.now.first() {
            Some(Reading::Statistics(numbers)) => Some(numbers.clone()),
            _ => None,
        })
    });
    let facts = move || {
        numbers.with(|n| {
            n.as_ref().map(|n| {
                list(n)
                    .into_iter()
                    .map(|(name, value)| {
                        view! {
                            <div>
                                <dt>{name}</dt>
                                <dd class="num">{grouped(value)}</dd>
                            </div>
                        }
                    })
                    .collect_view()
            })
        })
    };
    let gates = move || {
        numbers.with(|n| {
            let n = n.as_ref()?;
            let mut gates: Vec<(&String, &u64)> = n.gates.iter().collect();
            gates.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            Some(
                gates
                    .into_iter()
                    .map(|(name, count)| {
                        view! {
                            <li>
                                <span class="mono">{name.clone()}</span>
                                <span class="num soft">{format!("× {}", grouped(*count))}</span>
                            </li>
                        }
                    })
                    .collect_view(),
            )
        })
    };
    let exports = Exports::rows(move || {
        let mut out = vec![vec!["what".to_owned(), "number".to_owned()]];
        numbers.with_untracked(|n| {
            if let Some(n) = n {
                out.extend(list(n).into_iter().map(|(k, v)| vec![k.to_owned(), v.to_string()]));
                out.extend(n.gates.iter().map(|(k, v)| vec![k.clone(), v.to_string()]));
            }
        });
        out
    });
    let empty =
        Signal::derive(move || view.with(|v| refusal(&v.now)).or_else(|| inspector.error.get()));
    view! {
        <Frame display=Display::Statistics exports=exports scroll=true>
            <Show when=move || numbers.with(Option::is_some)>
                <dl class="facts-grid">{facts}</dl>
                <ul class="gate-counts">{gates}</ul>
            </Show>
            <Empty text=empty />
        </Frame>
    }
}

fn list(n: &Numbers) -> [(&'static str, u64); 10] {
    let w = words();
    [
        (w.depth, n.depth.into()),
        (w.operations, n.operations),
        (w.two_qubit, n.two_qubit_gates),
        (w.two_qubit_depth, n.two_qubit_depth.into()),
        (w.multi_qubit, n.multi_qubit_gates),
        (w.t_count, n.t_count),
        (w.measurements, n.measurements),
        (w.resets, n.resets),
        (w.active, n.active_qubits.into()),
        (w.clbits, n.num_clbits.into()),
    ]
}
