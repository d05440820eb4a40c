//! CodeMirror, which is loaded from our own origin after the page is up. It is told by functions of
//! this module what words mean; `app/vendor/code.js` is its other half.
//!
//! It lives in a shadow tree: its styles are adopted there, where the policy of the page would not
//! let it add a style element.

use std::cell::RefCell;
use std::sync::Arc;

use api::run::Diagnostic;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::{GetUntracked as _, RwSignal, document, window};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlScriptElement, Response, ShadowRootInit, ShadowRootMode};

use super::language;
use crate::displays::plotly;
use crate::messages::t;

/// Names of the bundles, which carry their content's hash.
const BUNDLES: &str = "/vendor/bundles.json";
const BUNDLE: &str = "code";
/// What the script leaves behind.
const GLOBAL: &str = "ketlabCode";

thread_local! {
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// What the editor tells the page.
pub struct Events {
    /// The whole text after a change.
    pub change: Box<dyn Fn(String)>,
    /// Cursor (UTF-16 units), and whether the editor has the focus.
    pub cursor: Box<dyn Fn(usize, bool)>,
    pub undo: Box<dyn Fn()>,
    pub redo: Box<dyn Fn()>,
    /// To the picture of what is at the cursor (UTF-16 units).
    pub picture: Box<dyn Fn(usize)>,
}

/// A living editor. Dropping it takes it out of the page.
pub struct Mirror {
    editor: JsValue,
    _held: Vec<Box<dyn std::any::Any>>,
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.call("destroy", &[]);
    }
}

/// Loads the script once. `None` where it cannot be had: the plain text area stays.
pub async fn load() -> Option<Function> {
    if let Some(create) = create_function() {
        return Some(create);
    }
    let name = bundle_name().await?;
    let promise =
        LOADING.with_borrow_mut(|loading| loading.get_or_insert_with(|| add_script(&name)).clone());
    let loaded = JsFuture::from(promise).await.ok().and_then(|_| create_function());
    if loaded.is_none() {
        LOADING.with_borrow_mut(|loading| *loading = None);
    }
    loaded
}

async fn bundle_name() -> Option<String> {
    let known = plotly::early("boot").and_then(|boot| Reflect::get(&boot, &"bundles".into()).ok());
    if let Some(names) = known {
        return Reflect::get(&names, &BUNDLE.into()).ok()?.as_string();
    }
    let answer = JsFuture::from(window().fetch_with_str(BUNDLES)).await.ok()?;
    let answer: Response = answer.dyn_into().ok().filter(Response::ok)?;
    let names = JsFuture::from(answer.json().ok()?).await.ok()?;
    Reflect::get(&names, &BUNDLE.into()).ok()?.as_string()
}

fn add_script(name: &str) -> Promise {
    let source = format!("/vendor/{name}");
    Promise::new(&mut |resolve, reject| {
        let element = document().create_element("script").ok();
        let script = element.and_then(|e| e.dyn_into::<HtmlScriptElement>().ok());
        let Some((script, head)) = script.zip(document().head()) else {
            let _ = reject.call0(&JsValue::NULL);
            return;
        };
        script.set_type("module");
        script.set_src(&source);
        script.set_onload(Some(&resolve));
        script.set_onerror(Some(&reject));
        let _ = head.append_child(&script);
    })
}

fn create_function() -> Option<Function> {
    let global = Reflect::get(&window(), &GLOBAL.into()).ok().filter(JsValue::is_object)?;
    Reflect::get(&global, &"create".into()).ok()?.dyn_into().ok()
}

impl Mirror {
    /// Puts an editor with `text` into `host`.
    pub fn new(
        create: &Function,
        host: &HtmlElement,
        text: RwSignal<Arc<str>>,
        events: Events,
    ) -> Option<Self> {
        let root = match host.shadow_root() {
            Some(root) => root,
            None => host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).ok()?,
        };
        root.set_inner_html("");
        let mut held: Vec<Box<dyn std::any::Any>> = Vec::new();
        let port = Object::new();
        let mut set = |name: &str, function: JsValue, closure: Box<dyn std::any::Any>| {
            let _ = Reflect::set(&port, &name.into(), &function);
            held.push(closure);
        };
        macro_rules! offer {
            ($name:literal, $type:ty, $function:expr) => {{
                let closure = Closure::<$type>::new($function);
                set($name, closure.as_ref().clone(), Box::new(closure));
            }};
        }
        offer!("tokens", dyn FnMut(String, bool) -> Vec<u32>, |text: String, inside| tokens(
            &text, inside
        ));
        offer!("complete", dyn FnMut() -> String, move || {
            json(&language::completions(&text.get_untracked()))
        });
        offer!("help", dyn FnMut(String) -> Option<String>, |word: String| {
            language::help(&word).map(|help| json(&help))
        });
        let Events { change, cursor, undo, redo, picture } = events;
        offer!("change", dyn FnMut(String), change);
        offer!("cursor", dyn FnMut(usize, bool), cursor);
        offer!("undo", dyn FnMut(), undo);
        offer!("redo", dyn FnMut(), redo);
        offer!("picture", dyn FnMut(usize), picture);
        offer!("label", dyn FnMut() -> String, || format!("{}. {}", t().code_label, t().code_keys));
        offer!("words", dyn FnMut() -> String, || json(&crate::messages::editor_words()));
        let start = JsValue::from_str(&text.get_untracked());
        let editor =
            create.call3(&JsValue::NULL, &root, &start, &port).ok().filter(JsValue::is_object)?;
        Some(Self { editor, _held: held })
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> JsValue {
        let function = Reflect::get(&self.editor, &name.into()).ok();
        let Some(function) = function.and_then(|f| f.dyn_into::<Function>().ok()) else {
            return JsValue::UNDEFINED;
        };
        let arguments: js_sys::Array = arguments.iter().collect();
        match function.apply(&self.editor, &arguments) {
            Ok(value) => value,
            Err(error) => {
                web_sys::console::warn_2(&"the text editor failed".into(), &error);
                JsValue::UNDEFINED
            }
        }
    }

    /// Changes what differs; cursor and scrolling stay.
    pub fn set_text(&self, text: &str) {
        self.call("setText", &[text.into()]);
    }

    pub fn set_diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.call("setDiagnostics", &[json(&diagnostics).into()]);
    }

    /// Line and column from 1, in characters; takes the focus.
    pub fn jump(&self, line: u32, column: u32) {
        self.call("jump", &[line.into(), column.into()]);
    }

    /// Selects UTF-16 units `from` to `to`, shows them, and takes the focus where `focus`.
    pub fn select(&self, from: usize, to: usize, focus: bool) {
        self.call("select", &[from.into(), to.into(), focus.into()]);
    }

    /// Marks ranges of UTF-16 units: starts and ends in turn.
    pub fn set_marks(&self, ranges: &[usize]) {
        let flat: js_sys::Array = ranges.iter().map(|&n| JsValue::from(n)).collect();
        self.call("setMarks", &[flat.into()]);
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

/// Kind, start and end of each token, in UTF-16 units.
fn tokens(text: &str, in_comment: bool) -> Vec<u32> {
    let tokens = language::tokens(text, in_comment);
    let ends = language::utf16_from_bytes(text, tokens.iter().flat_map(|(_, r)| [r.start, r.end]));
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    tokens
        .iter()
        .zip(ends.chunks(2))
        .flat_map(|((kind, _), place)| [*kind as u32, narrow(place[0]), narrow(place[1])])
        .collect()
}
