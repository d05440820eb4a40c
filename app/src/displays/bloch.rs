//! Each qubit's reduced state as a Bloch vector: direction is the state, length the purity. Dragging
//! one sphere turns all.

use api::run::{Probe, QubitState, Reading};
use leptos::prelude::*;

use super::counts::refusal;
use super::format;
use super::frame::{Empty, Exports, Frame, NoiseSwitch};
use super::pager::Pager;
use super::viewpoint::{RADIUS, Turning, Viewpoint};
use super::words::words;
use crate::messages::{fill, t};
use crate::state::prefs::Display;
use crate::state::{Inspector, Lab};

/// Spheres of one page.
const PAGE_SIZE: usize = 32;

/// One sphere per qubit.
#[component]
pub fn Bloch() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let inspector = expect_context::<Inspector>();
    let result = lab.sim.settled;
    let page = RwSignal::new(0_usize);
    let turning = Turning::new();
    let probes =
        Signal::derive(
            move || {
                if inspector.shows_run() { Vec::new() } else { vec![Probe::Qubits] }
            },
        );
    let view = inspector.want("bloch", probes);
    let qubits = Memo::new(move |_| {
        if inspector.shows_run() {
            return result.with(|r| r.as_ref().map(|r| r.qubits.clone()).unwrap_or_default());
        }
        view.with(|v| match v.now.first() {
            Some(Reading::Qubits { qubits }) => qubits.clone(),
            _ => Vec::new(),
        })
    });
    let total = Memo::new(move |_| qubits.with(Vec::len));
    let spheres = move || {
        let from = turning.from.get();
        qubits.with(|qubits| {
            let last = qubits.len().saturating_sub(1) / PAGE_SIZE;
            let first = page.get().min(last) * PAGE_SIZE;
            let shown = qubits.iter().enumerate().skip(first).take(PAGE_SIZE);
            shown.map(|(q, state)| sphere(q, *state, from)).collect_view()
        })
    };
    let exports = Exports::rows(move || {
        let mut out = vec![["qubit", "x", "y", "z", "p1", "purity"].map(str::to_owned).to_vec()];
        qubits.with_untracked(|qubits| {
            for (q, state) in qubits.iter().enumerate() {
                let [x, y, z] = state.bloch;
                out.push(vec![
                    q.to_string(),
                    x.to_string(),
                    y.to_string(),
                    z.to_string(),
                    state.probability_one.to_string(),
                    ((1.0 + x * x + y * y + z * z) / 2.0).to_string(),
                ]);
            }
        });
        out
    });
    let empty = Signal::derive(move || {
        if total.get() > 0 || result.with(Option::is_none) {
            return None;
        }
        let refused = view.with(|v| refusal(&v.now));
        Some(refused.unwrap_or_else(|| t().no_qubits.to_owned()))
    });
    let tools = move || {
        view! {
            <NoiseSwitch />
            <Pager page=page size=PAGE_SIZE total=total />
        }
    };
    view! {
        <Frame display=Display::Qubits exports=exports tools=tools scroll=true>
            <ul
                class="spheres"
                title=words().turn_hint
                on:pointerdown=move |event| turning.press(&event)
                on:pointermove=move |event| turning.turn(&event)
                on:pointerup=move |_| turning.release()
                on:pointercancel=move |_| turning.release()
                on:dblclick=move |_| turning.reset()
            >
                {spheres}
            </ul>
            <Empty text=empty />
        </Frame>
    }
}

fn sphere(q: usize, state: QubitState, from: Viewpoint) -> impl IntoView {
    let [x, y, z] = state.bloch;
    let length = (x * x + y * y + z * z).sqrt();
    let (tip_x, tip_y, depth) = from.project(state.bloch);
    let line = |to: [f64; 3]| {
        let (x, y, _) = from.project(to);
        let (ox, oy, _) = from.project(to.map(|c| -c));
        format!("M{ox:.1} {oy:.1}L{x:.1} {y:.1}")
    };
    let p = format::percent(state.probability_one);
    let label = fill(
        t().bloch_label,
        &[
            ("q", &q.to_string()),
            ("x", &format::signed(x)),
            ("y", &format::signed(y)),
            ("z", &format::signed(z)),
            ("p", &p),
        ],
    );
    let purity = format::signed(f64::midpoint(1.0, length * length));
    let title = format!("{label}, {}", fill(words().purity, &[("p", &purity)]));
    let axes =
        format!("{}{}{}", line([1.0, 0.0, 0.0]), line([0.0, 1.0, 0.0]), line([0.0, 0.0, 1.0]));
    let flat = (from.elevation.to_radians().sin() * RADIUS).abs();
    let names = [("x", [1.16, 0.0, 0.0]), ("y", [0.0, 1.16, 0.0]), ("z", [0.0, 0.0, 1.16])].map(
        |(name, at)| {
            let (x, y, _) = from.project(at);
            view! { <text class="sphere-name" x=format!("{x:.1}") y=format!("{y:.1}")>{name}</text> }
        },
    );
    view! {
        <li class="sphere">
            <svg class="figure" viewBox="0 0 100 100" role="img" aria-label=label>
                <title>{title}</title>
                <circle class="sphere-rim" cx="50" cy="50" r=RADIUS.to_string() />
                <ellipse class="sphere-equator" cx="50" cy="50" rx=RADIUS.to_string() ry=format!("{flat:.1}") />
                <path class="sphere-axes" d=axes />
                {names.into_iter().collect_view()}
                <line
                    class="sphere-vector"
                    class:behind=depth < -0.01
                    x1="50"
                    y1="50"
                    x2=format!("{tip_x:.2}")
                    y2=format!("{tip_y:.2}")
                />
                <circle
                    class="sphere-tip"
                    class:mixed=length < 0.01
                    cx=format!("{tip_x:.2}")
                    cy=format!("{tip_y:.2}")
                    r="4.5"
                />
            </svg>
            <div class="sphere-caption" data-caption="">
                <span class="mono">{format!("q{q}")}</span>
                " "
                <span class="num soft" title=t().p_one>{p}</span>
            </div>
        </li>
    }
}
