//! Name of the circuit, saved state, undo, and the menus.

use std::time::Duration;

use api::http::account::Who;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;

use super::menu::{Menu, MenuItem};
use crate::canvas::picture;
use crate::dialogs::Dialog;
use crate::icon::{Glyph, Icon};
use crate::messages::{Language, t, use_language};
use crate::state::examples::EXAMPLES;
use crate::state::lab::Saved;
use crate::state::prefs::Theme;
use crate::state::toast::Toasts;
use crate::state::{Inspector, Lab, Prefs};
use crate::{api_client, files, saving};

/// An empty circuit of two qubits.
pub const EMPTY: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\nqubit[2] q;\n";

#[component]
pub fn TopBar() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let saved = move || match lab.saved.get() {
        Saved::Kept => (Icon::Check, t().saved, "saved"),
        Saved::Pending => (Icon::Check, t().saving, "saved pending"),
        Saved::Failed => (Icon::Alert, t().not_saved, "saved failed"),
    };
    view! {
        <header class="top-bar">
            <a class="brand" href="/" aria-label="Ketlab">
                <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M5 4v16M11 4l7 8-7 8" />
                    <circle cx="18" cy="12" r="2.6" />
                </svg>
                <span>"Ketlab"</span>
            </a>
            <FileMenu />
            <div class="name">
                <input
                    class="field bare"
                    type="text"
                    aria-label=t().project_name
                    placeholder=t().untitled
                    maxlength="80"
                    spellcheck="false"
                    autocomplete="off"
                    prop:value=move || lab.name.get()
                    on:input=move |event| lab.name.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter"
                            && let Some(input) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
                        {
                            let _ = input.blur();
                        }
                    }
                />
                {move || {
                    let (icon, text, class) = saved();
                    view! {
                        <span class=class role="img" aria-label=text title=text>
                            <Glyph icon=icon />
                        </span>
                    }
                }}
            </div>
            <span class="grow"></span>
            <button
                class="button quiet icon"
                title=t().undo
                aria-label=t().undo
                aria-keyshortcuts="Control+Z"
                disabled=move || !lab.can_undo.get()
                on:click=move |_| lab.undo()
            >
                <Glyph icon=Icon::Undo />
            </button>
            <button
                class="button quiet icon"
                title=t().redo
                aria-label=t().redo
                aria-keyshortcuts="Control+Shift+Z"
                disabled=move || !lab.can_redo.get()
                on:click=move |_| lab.redo()
            >
                <Glyph icon=Icon::Redo />
            </button>
            <ShareMenu />
            <ViewMenu />
            <AccountMenu />
        </header>
    }
}

#[component]
fn FileMenu() -> impl IntoView {
    let lab = expect_context::<Lab>();
    view! {
        <Menu label=t().file icon=Icon::Menu icon_only=true left=true>
            <MenuItem label=t().new_circuit icon=Icon::Plus action=move |()| lab.open(t().untitled, EMPTY) />
            <MenuItem label=t().open_file icon=Icon::File keys="Ctrl O" action=move |()| files::pick(lab) />
            <MenuItem label=t().open_saved icon=Icon::Folder action=move |()| saving::go("/projects") />
            <MenuItem label=t().save_to_server icon=Icon::Cloud keys="Ctrl S" action=move |()| saving::save(lab) />
            <hr />
            <div class="menu-row">{t().examples}</div>
            {EXAMPLES
                .iter()
                .map(|example| {
                    view! {
                        <MenuItem
                            label=example.name
                            icon=Icon::Circuit
                            action=move |()| lab.open(example.name, example.text)
                        />
                    }
                })
                .collect_view()}
        </Menu>
    }
}

/// Who is signed in, and the way to the portal. Nothing where no server of ours answers.
#[component]
fn AccountMenu() -> impl IntoView {
    let me = RwSignal::new(None::<Who>);
    let ask = move || {
        spawn_local(async move {
            me.try_set(api_client::me().await.ok());
        });
    };
    // What the circuit needs comes first.
    set_timeout(ask, Duration::from_millis(800));
    move || {
        me.get().map(|me| {
            let account = me.account;
            let user = account.as_ref().is_some_and(|account| !account.guest);
            let name = account
                .map(|a| if a.display_name.is_empty() { a.email.unwrap_or(t().guest.to_owned()) } else { a.display_name });
            view! {
                <Menu label=t().account icon=Icon::User icon_only=true>
                    {name.clone().map(|name| view! { <div class="menu-row">{name}</div> })}
                    {if user {
                        view! { <MenuItem label=t().account icon=Icon::User action=move |()| saving::go("/account") /> }.into_any()
                    } else {
                        view! {
                            <MenuItem
                                label=t().sign_in
                                icon=Icon::User
                                action=move |()| saving::go("/account/sign-in?next=/")
                            />
                        }
                            .into_any()
                    }}
                    <MenuItem label=t().open_saved icon=Icon::Folder action=move |()| saving::go("/projects") />
                    {user
                        .then(|| {
                            view! {
                                <MenuItem
                                    label=t().sign_out
                                    icon=Icon::Close
                                    action=move |()| {
                                        spawn_local(async move {
                                            let _ = api_client::sign_out().await;
                                            ask();
                                        });
                                    }
                                />
                            }
                        })}
                </Menu>
            }
        })
    }
}

#[component]
fn ShareMenu() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let toasts = expect_context::<Toasts>();
    let inspector = expect_context::<Inspector>();
    view! {
        <Menu label=t().share icon=Icon::Share>
            <MenuItem label=t().copy_link icon=Icon::Link action=move |()| files::copy_link(lab, toasts) />
            <MenuItem label=t().copy_qasm_3 icon=Icon::Copy action=move |()| files::copy_text(lab, toasts, false) />
            <MenuItem label=t().copy_qasm_2 icon=Icon::Copy action=move |()| files::copy_text(lab, toasts, true) />
            <MenuItem label=t().download_qasm icon=Icon::Download action=move |()| files::download(lab) />
            <MenuItem
                label=t().download_svg
                icon=Icon::Circuit
                action=move |()| picture::save(lab, &inspector, false)
            />
            <MenuItem
                label=t().download_png
                icon=Icon::Circuit
                action=move |()| picture::save(lab, &inspector, true)
            />
        </Menu>
    }
}

#[component]
fn ViewMenu() -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let theme = move |this: Theme, icon: Icon, label: &'static str| {
        view! {
            <button
                role="menuitemradio"
                title=label
                aria-label=label
                aria-checked=move || (prefs.theme.get() == this).to_string()
                on:click=move |_| prefs.theme.set(this)
            >
                <Glyph icon=icon />
            </button>
        }
    };
    let language = move |this: Language| {
        view! {
            <button
                role="menuitemradio"
                lang=this.tag()
                aria-checked=move || (prefs.language.get() == this).to_string()
                on:click=move |_| {
                    if prefs.language.get_untracked() != this {
                        use_language(this);
                        prefs.language.set(this);
                    }
                }
            >
                {this.name()}
            </button>
        }
    };
    let panel = move |open: RwSignal<bool>,
                      hide: &'static str,
                      show: &'static str,
                      icon: Icon,
                      keys: &'static str| {
        view! {
            {move || {
                let label = if open.get() { hide } else { show };
                view! { <MenuItem label=label icon=icon keys=keys action=move |()| open.update(|o| *o = !*o) /> }
            }}
        }
    };
    view! {
        <Menu label=t().view icon=Icon::More icon_only=true>
            <div class="menu-row">
                {t().theme}
                <div class="segments" role="group" aria-label=t().theme>
                    {theme(Theme::Auto, Icon::Monitor, t().theme_auto)}
                    {theme(Theme::Light, Icon::Sun, t().theme_light)}
                    {theme(Theme::Dark, Icon::Moon, t().theme_dark)}
                    {theme(Theme::Contrast, Icon::Contrast, t().theme_contrast)}
                </div>
            </div>
            <div class="menu-row">
                {t().language}
                <div class="segments" role="group" aria-label=t().language>
                    {Language::ALL.map(language).collect_view()}
                </div>
            </div>
            <hr />
            <div class="panel-items">
                {panel(prefs.gates, t().hide_gates, t().show_gates, Icon::Palette, "Ctrl 1")}
                {panel(prefs.code, t().hide_code, t().show_code, Icon::Code, "Ctrl 2")}
                {panel(prefs.results, t().hide_results, t().show_results, Icon::Histogram, "Ctrl 3")}
                <hr />
            </div>
            <MenuItem
                label=t().commands
                icon=Icon::Search
                keys="Ctrl K"
                action=move |()| dialog.set(Some(Dialog::Commands))
            />
            <MenuItem
                label=t().shortcuts
                icon=Icon::Keyboard
                keys="?"
                action=move |()| dialog.set(Some(Dialog::Shortcuts))
            />
        </Menu>
    }
}
