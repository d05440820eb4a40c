//! Draws plotly figures with plotly.js, which is loaded from our own origin before its first use.
//! Where it is not there, nothing is drawn and nothing throws.

use std::cell::RefCell;

use js_sys::{Function, JSON, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlScriptElement};

use crate::color::Oklch;
use crate::plots::PlotTheme;

const SCRIPT: &str = "/vendor/plotly/plotly-cartesian.min.js";

thread_local! {
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Loads plotly.js once. False where it cannot be had.
pub async fn load() -> bool {
    if function("react").is_some() {
        return true;
    }
    let promise = LOADING.with_borrow_mut(|loading| {
        loading
            .get_or_insert_with(|| {
                Promise::new(&mut |resolve, reject| {
                    let element = document().create_element("script").ok();
                    let script = element.and_then(|e| e.dyn_into::<HtmlScriptElement>().ok());
                    let Some((script, head)) = script.zip(document().head()) else {
                        let _ = reject.call0(&JsValue::NULL);
                        return;
                    };
                    script.set_src(SCRIPT);
                    script.set_onload(Some(&resolve));
                    script.set_onerror(Some(&reject));
                    let _ = head.append_child(&script);
                })
            })
            .clone()
    });
    let loaded = JsFuture::from(promise).await.is_ok() && function("react").is_some();
    if !loaded {
        // The next display tries again: the network may be back.
        LOADING.with_borrow_mut(|loading| *loading = None);
    }
    loaded
}

/// Draws `figure`, the JSON of [`crate::plots`], or redraws what is there.
pub fn draw(element: &HtmlElement, figure: &str) {
    let Some((plotly, react)) = function("react") else { return };
    let Ok(figure) = JSON::parse(figure) else { return };
    let part = |name: &str| Reflect::get(&figure, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let arguments = js_sys::Array::of4(element, &part("data"), &part("layout"), &part("config"));
    if let Err(error) = react.apply(&plotly, &arguments) {
        web_sys::console::warn_2(&"a plot could not be drawn".into(), &error);
    }
}

/// Fits the drawing to its element after that changed its size.
pub fn resize(element: &HtmlElement) {
    let Some((plotly, _)) = function("react") else { return };
    let drawn = Reflect::has(element, &"_fullLayout".into()).unwrap_or(false);
    let plots = Reflect::get(&plotly, &"Plots".into()).unwrap_or(JsValue::UNDEFINED);
    let resize =
        Reflect::get(&plots, &"resize".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    if let (true, Some(resize)) = (drawn && element.offset_width() > 0, resize) {
        let _ = resize.call1(&plots, element);
    }
}

/// Takes the drawing and its listeners away.
pub fn purge(element: &HtmlElement) {
    if let Some((plotly, purge)) = function("purge") {
        let _ = purge.call1(&plotly, element);
    }
}

fn function(name: &str) -> Option<(JsValue, Function)> {
    let plotly = Reflect::get(&window(), &"Plotly".into()).ok()?;
    let function = Reflect::get(&plotly, &name.into()).ok()?.dyn_into().ok()?;
    Some((plotly, function))
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
