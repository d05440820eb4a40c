//! A button that opens a list of actions: arrows move, Escape and a click elsewhere close.

use leptos::context::Provider;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::icon::{Glyph, Icon};

/// Shared with the items, which close the menu.
#[derive(Clone, Copy)]
struct Open(RwSignal<bool>);

/// Button and list.
#[component]
pub fn Menu(
    /// Name, shown unless the button is only an icon.
    label: &'static str,
    icon: Icon,
    /// Only the icon is shown.
    #[prop(optional)]
    icon_only: bool,
    /// The list's left edge is under the button's; else the right ones are.
    #[prop(optional)]
    left: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (true, Some(list)) = (open.get(), list.get())
            && let Some(first) = items(&list).first()
        {
            let _ = first.focus();
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        let items = items(&list);
        let focused = document().active_element();
        let at = items.iter().position(|item| focused.as_ref() == Some(item.as_ref()));
        let count = items.len();
        let next = match (event.key().as_str(), at) {
            ("ArrowDown", Some(at)) => (at + 1) % count.max(1),
            ("ArrowUp", Some(at)) => (at + count - 1) % count.max(1),
            ("Home", _) | ("ArrowDown", None) => 0,
            ("End", _) | ("ArrowUp", None) => count.saturating_sub(1),
            ("Escape", _) => {
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
                event.prevent_default();
                return;
            }
            ("Tab", _) => return open.set(false),
            _ => return,
        };
        event.prevent_default();
        if let Some(item) = items.get(next) {
            let _ = item.focus();
        }
    };
    let children = StoredValue::new(children);
    view! {
        <div class="menu-anchor">
            <button
                class="button quiet"
                class:icon=icon_only
                node_ref=button
                title=icon_only.then_some(label)
                aria-label=label
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|o| *o = !*o)
            >
                <Glyph icon=icon />
                {(!icon_only).then_some(label)}
            </button>
            <Show when=move || open.get()>
                <div class="menu-scrim" on:pointerdown=move |_| open.set(false)></div>
                <div class="menu" class:left=left role="menu" aria-label=label node_ref=list on:keydown=on_key>
                    <Provider value=Open(open)>{children.with_value(|c| c())}</Provider>
                </div>
            </Show>
        </div>
    }
}

/// One action; choosing it closes the menu.
#[component]
pub fn MenuItem(
    label: &'static str,
    #[prop(optional)] icon: Option<Icon>,
    /// Its shortcut, as shown.
    #[prop(optional)]
    keys: Option<&'static str>,
    /// What it does.
    #[prop(into)]
    action: Callback<()>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let open = expect_context::<Open>();
    view! {
        <button
            class="menu-item"
            role="menuitem"
            disabled=move || disabled.get()
            on:click=move |_| {
                open.0.set(false);
                action.run(());
            }
        >
            {icon.map(|icon| view! { <Glyph icon=icon /> })}
            {label}
            {keys.map(|keys| view! { <kbd class="keys">{keys}</kbd> })}
        </button>
    }
}

fn items(list: &web_sys::HtmlDivElement) -> Vec<HtmlElement> {
    let Ok(nodes) = list.query_selector_all("button:not(:disabled)") else { return Vec::new() };
    (0..nodes.length()).filter_map(|i| nodes.get(i)?.dyn_into().ok()).collect()
}
