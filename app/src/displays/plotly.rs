//! Draws the histogram. `app/boot/plot.js`, which came with the page itself, draws a figure at once and
//! gives it to plotly.js when someone points at it. Where it is not there, nothing is drawn and nothing throws.

use js_sys::{Function, JSON, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::color::Oklch;
use crate::plots::PlotTheme;

/// What the page's own script left for this program.
pub fn early(name: &str) -> Option<JsValue> {
    let ketlab = Reflect::get(&window(), &"ketlab".into()).ok().filter(JsValue::is_object)?;
    Reflect::get(&ketlab, &name.into()).ok().filter(JsValue::is_truthy)
}

fn call(name: &str, arguments: &js_sys::Array) {
    let function = early(name).and_then(|f| f.dyn_into::<Function>().ok());
    let Some(function) = function else { return };
    if let Err(error) = function.apply(&JsValue::NULL, arguments) {
        web_sys::console::warn_2(&"a plot could not be drawn".into(), &error);
    }
}

/// Draws `figure`, the JSON of a [`crate::plots::Histogram`], in the place of what is there.
pub fn draw(element: &HtmlElement, figure: &str) {
    if let Ok(figure) = JSON::parse(figure) {
        call("draw", &js_sys::Array::of2(element, &figure));
    }
}

/// Draws what was seen before this program was there, if anything.
pub fn draw_early(element: &HtmlElement) {
    if let Some(figure) = early("figure") {
        call("draw", &js_sys::Array::of2(element, &figure));
    }
}

/// Takes the drawing and its listeners away.
pub fn purge(element: &HtmlElement) {
    call("purge", &js_sys::Array::of1(element));
}

/// Colors and fonts of the page as they are at this moment.
pub fn theme() -> PlotTheme {
    let Some(probe) =
        document().create_element("i").ok().and_then(|e| e.dyn_into::<HtmlElement>().ok())
    else {
        return PlotTheme::default();
    };
    probe.set_hidden(true);
    let Some(body) = document().body() else { return PlotTheme::default() };
    let _ = body.append_child(&probe);
    let computed = |property: &str| {
        let style = window().get_computed_style(&probe).ok().flatten();
        style.and_then(|s| s.get_property_value(property).ok()).unwrap_or_default()
    };
    let color = |token: &str| {
        let _ = probe.style().set_property("color", &format!("var({token})"));
        let value = computed("color");
        Oklch::parse(&value).map_or(value, Oklch::to_hex)
    };
    let theme = PlotTheme {
        text: color("--text"),
        text_soft: color("--text-soft"),
        line: color("--line"),
        surface: color("--surface-1"),
        accent: color("--accent"),
        second: color("--gate-noise"),
        sans: computed("--sans"),
        mono: computed("--mono"),
    };
    probe.remove();
    theme
}
