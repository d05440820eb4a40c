//! Each qubit's reduced state as a Bloch vector: direction is the state, length the purity.

use std::sync::Arc;

use api::run::{QubitState, RunResult};
use leptos::prelude::*;

use super::format;
use super::pager::Pager;
use crate::messages::{fill, t};

/// Spheres of one page.
const PAGE_SIZE: usize = 32;

/// Radius of the drawn sphere, in a box of 100.
const RADIUS: f64 = 40.0;
/// From where it is seen: turned about Z, and from above. Degrees.
const AZIMUTH: f64 = 28.0;
const ELEVATION: f64 = 17.0;

/// Where a point of the sphere is drawn, and its depth: positive is on the viewer's side.
pub fn project([x, y, z]: [f64; 3]) -> (f64, f64, f64) {
    let (sa, ca) = AZIMUTH.to_radians().sin_cos();
    let (se, ce) = ELEVATION.to_radians().sin_cos();
    let right = -sa * x + ca * y;
    let up = -se * ca * x - se * sa * y + ce * z;
    let depth = ce * ca * x + ce * sa * y + se * z;
    (50.0 + RADIUS * right, 50.0 - RADIUS * up, depth)
}

/// One sphere per qubit.
#[component]
pub fn Bloch(
    /// The result, if there is one.
    #[prop(into)]
    result: Signal<Option<Arc<RunResult>>>,
) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let total = Memo::new(move |_| result.with(|r| r.as_ref().map_or(0, |r| r.qubits.len())));
    let spheres = move || {
        result.with(|result| {
            let result = result.as_ref()?;
            let last = result.qubits.len().saturating_sub(1) / PAGE_SIZE;
            let first = page.get().min(last) * PAGE_SIZE;
            let shown = result.qubits.iter().enumerate().skip(first).take(PAGE_SIZE);
            Some(shown.map(|(q, state)| sphere(q, *state)).collect_view())
        })
    };
    view! {
        <section class="display qubits" aria-labelledby="qubits-title">
            <header class="display-head">
                <h2 id="qubits-title">{t().qubits}</h2>
                <span class="grow"></span>
                <Pager page=page size=PAGE_SIZE total=total />
            </header>
            <div class="display-body scroll">
                <ul class="spheres">{spheres}</ul>
                <Show when=move || result.with(Option::is_some) && total.get() == 0>
                    <p class="empty">{t().no_qubits}</p>
                </Show>
            </div>
        </section>
    }
}

fn sphere(q: usize, state: QubitState) -> impl IntoView {
    let [x, y, z] = state.bloch;
    let length = (x * x + y * y + z * z).sqrt();
    let (tip_x, tip_y, depth) = project(state.bloch);
    let line = |to: [f64; 3]| {
        let (x, y, _) = project(to);
        let (ox, oy, _) = project(to.map(|c| -c));
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
    let title = label.clone();
    let axes =
        format!("{}{}{}", line([1.0, 0.0, 0.0]), line([0.0, 1.0, 0.0]), line([0.0, 0.0, 1.0]));
    let flat = ELEVATION.to_radians().sin() * RADIUS;
    view! {
        <li class="sphere">
            <svg viewBox="0 0 100 100" role="img" aria-label=label>
                <title>{title}</title>
                <circle class="sphere-rim" cx="50" cy="50" r=RADIUS.to_string() />
                <ellipse class="sphere-equator" cx="50" cy="50" rx=RADIUS.to_string() ry=format!("{flat:.1}") />
                <path class="sphere-axes" d=axes />
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
            <div class="sphere-caption">
                <span class="mono">{format!("q{q}")}</span>
                <span class="num soft" title=t().p_one>{p}</span>
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_zero_and_the_sphere_stays_in_its_box() {
        let (x, y, _) = project([0.0, 0.0, 1.0]);
        assert!((x - 50.0).abs() < 1e-9 && y < 15.0, "|0⟩ is at the top");
        let (_, _, depth) = project([1.0, 0.0, 0.0]);
        assert!(depth > 0.5, "X points to the viewer");
        for i in 0..100 {
            let (theta, phi) = (f64::from(i) * 0.31, f64::from(i) * 0.77);
            let point = [theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()];
            let (x, y, _) = project(point);
            assert!((x - 50.0).hypot(y - 50.0) <= RADIUS + 1e-9);
        }
    }
}
