//! The edge of a panel, which can be dragged or moved with arrow keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// What an edge changes; the panel lies to the right of it or below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    Width,
    Height,
}

/// Pixels per key press.
const STEP: f64 = 24.0;

#[component]
pub fn Splitter(
    axis: Axis,
    /// Size of the panel in pixels.
    value: RwSignal<f64>,
    /// What it changes, for screen readers.
    label: &'static str,
) -> impl IntoView {
    // Pointer position and size when the drag began.
    let start = RwSignal::new(None::<(f64, f64)>);
    let limits = move || {
        let size =
            |v: Result<wasm_bindgen::JsValue, _>| v.ok().and_then(|v| v.as_f64()).unwrap_or(1000.0);
        match axis {
            Axis::Width => (220.0, size(window().inner_width()) * 0.6),
            Axis::Height => (140.0, size(window().inner_height()) * 0.7),
        }
    };
    let set = move |size: f64| {
        let (low, high) = limits();
        value.set(size.clamp(low, high.max(low)).round());
    };
    let position = move |event: &PointerEvent| match axis {
        Axis::Width => f64::from(event.client_x()),
        Axis::Height => f64::from(event.client_y()),
    };
    let down = move |event: PointerEvent| {
        if let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        start.set(Some((position(&event), value.get_untracked())));
        event.prevent_default();
    };
    let drag = move |event: PointerEvent| {
        if let Some((from, size)) = start.get_untracked() {
            set(size + from - position(&event));
        }
    };
    let key = move |event: KeyboardEvent| {
        let step = match (axis, event.key().as_str()) {
            (Axis::Width, "ArrowLeft") | (Axis::Height, "ArrowUp") => STEP,
            (Axis::Width, "ArrowRight") | (Axis::Height, "ArrowDown") => -STEP,
            _ => return,
        };
        event.prevent_default();
        set(value.get_untracked() + step);
    };
    view! {
        <div
            class=if axis == Axis::Width { "splitter width" } else { "splitter height" }
            class:dragging=move || start.get().is_some()
            role="separator"
            tabindex="0"
            aria-label=label
            aria-orientation=if axis == Axis::Width { "vertical" } else { "horizontal" }
            aria-valuenow=move || value.get().to_string()
            on:pointerdown=down
            on:pointermove=drag
            on:pointerup=move |_| start.set(None)
            on:pointercancel=move |_| start.set(None)
            on:keydown=key
        ></div>
    }
}
