//! The account: profile and looks, address and password, sessions, tokens, export and deletion.

mod security;
mod tokens;

use app::api_client::ApiError;
use app::icon::{Glyph, Icon};
use app::prefs::Prefs;
use app::toast::Toasts;
use leptos::prelude::*;

use self::security::{Email, Password, Sessions};
use self::tokens::Tokens;
use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::frame::{LanguageChoice, ThemeChoice};
use crate::parts::{Ask, Copyable, Empty, Failure, Load, Waiting, number, size};
use crate::route::Router;
use crate::session::Session;
use crate::words::t;

#[component]
pub fn AccountPage() -> impl IntoView {
    let session = expect_context::<Session>();
    // Built anew for another person, not for another name of the same.
    let person = Memo::new(move |_| {
        session.me.with(|me| match me {
            Load::Loading => Person::Unknown,
            Load::Failed(error) => Person::Failed(error.clone()),
            Load::There(me) => match &me.account {
                Some(account) if !account.guest => Person::User,
                Some(account) => Person::Guest(account.email_pending.clone()),
                None => Person::Stranger,
            },
        })
    });
    view! {
        <div class="page-head">
            <h1>{t().account}</h1>
        </div>
        {move || match person.get() {
            Person::Unknown => view! { <Waiting /> }.into_any(),
            Person::Failed(error) => {
                view! { <Failure error=error again=Callback::new(move |()| session.ask()) /> }.into_any()
            }
            Person::User => view! { <Settings /> }.into_any(),
            other => view! { <Nobody guest=matches!(other, Person::Guest(_)) /> }.into_any(),
        }}
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Person {
    Unknown,
    Failed(ApiError),
    Stranger,
    /// With an address that waits for its link.
    Guest(Option<String>),
    User,
}

/// A part of the page.
#[component]
pub fn Card(
    title: &'static str,
    #[prop(default = "")] text: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" aria-label=title>
            <header class="card-head">
                <h2>{title}</h2>
                {(!text.is_empty()).then(|| view! { <p class="soft">{text}</p> })}
            </header>
            {children()}
        </section>
    }
}

#[component]
fn Nobody(guest: bool) -> impl IntoView {
    let (title, text) = if guest {
        (t().guest_title, t().guest_text)
    } else {
        (t().stranger_title, t().stranger_text)
    };
    view! {
        <Empty title=title text=text>
            <div class="row">
                <a class="button primary" href="/account/sign-up">{t().sign_up}</a>
                <a class="button" href="/account/sign-in">{t().sign_in}</a>
            </div>
        </Empty>
        {guest.then(|| view! { <Usage /> })}
        <Looks />
    }
}

#[component]
fn Settings() -> impl IntoView {
    view! {
        <div class="cards">
            <Profile />
            <Looks />
            <Email />
            <Password />
            <Sessions />
            <Tokens />
            <Usage />
            <Data />
            <SignOut />
        </div>
    }
}

#[component]
fn Profile() -> impl IntoView {
    let session = expect_context::<Session>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&["name"]);
    let account = session.account_untracked();
    let name = RwSignal::new(account.as_ref().map(|a| a.display_name.clone()).unwrap_or_default());
    let id = account.map(|account| account.id).unwrap_or_default();
    view! {
        <Card title=t().profile>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    form.run(client::change_me(name.get_untracked()), move |()| {
                        toasts.say(t().saved);
                        session.ask();
                    });
                }
            >
                <FormProblem form=form />
                <Field form=form name="name" label=t().display_name value=name autocomplete="name" required=false hint=t().name_hint />
                <div class="form-field">
                    <span class="label">{t().own_id}</span>
                    <Copyable label=t().own_id text=id />
                    <p class="field-note">{t().own_id_hint}</p>
                </div>
                <Submit form=form label=t().save />
            </form>
        </Card>
    }
}

#[component]
fn Looks() -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    view! {
        <Card title=t().preferences text=t().preferences_text>
            <div class="settings">
                <div class="setting">
                    <span>{t().theme}</span>
                    <ThemeChoice />
                </div>
                <div class="setting">
                    <span>{t().language}</span>
                    <LanguageChoice />
                </div>
                <div class="setting">
                    <label for="default-shots">{t().default_shots}</label>
                    <input
                        id="default-shots"
                        class="field num"
                        type="number"
                        min="1"
                        max="1000000"
                        prop:value=move || prefs.shots.get()
                        on:change=move |event| {
                            let wanted = event_target_value(&event).parse().unwrap_or(1024_u32);
                            prefs.shots.set(wanted.clamp(1, 1_000_000));
                            prefs.shots.notify();
                        }
                    />
                </div>
            </div>
        </Card>
    }
}

/// What one may use.
#[component]
fn Usage() -> impl IntoView {
    let session = expect_context::<Session>();
    let limits = move || {
        session.account().map(|account| {
            let l = account.limits;
            let lines = [
                (t().limit_projects, number(l.projects)),
                (t().limit_storage, size(l.storage_bytes)),
                (t().limit_server_qubits, number(l.server_qubits)),
                (t().limit_job_minutes, number(l.job_minutes)),
                (t().limit_submissions, number(l.submissions)),
                (t().limit_hardware, (if l.hardware { t().yes } else { t().no }).to_owned()),
            ];
            lines
                .into_iter()
                .map(|(name, value)| {
                    view! {
                        <div>
                            <dt>{name}</dt>
                            <dd class="num">{value}</dd>
                        </div>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <Card title=t().limits text=t().limits_text>
            <dl class="facts">{limits}</dl>
        </Card>
    }
}

#[component]
fn Data() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&[]);
    let delete = move || {
        form.run_confirmed(client::delete_account, move |()| {
            session.clear();
            toasts.say(t().account_deleted);
            router.go("/account/sign-in");
        });
    };
    view! {
        <Card title=t().your_data text=t().your_data_text>
            <FormProblem form=form />
            <div class="row">
                <a class="button" href="/api/v1/account/export" download="ketlab.zip">
                    <Glyph icon=Icon::Download />
                    {t().export}
                </a>
                <button
                    class="button danger"
                    on:click=move |_| ask.first(t().delete_account, t().delete_account_text, t().delete_account, delete)
                >
                    <Glyph icon=Icon::Trash />
                    {t().delete_account}
                </button>
            </div>
        </Card>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let form = Form::new(&[]);
    view! {
        <FormProblem form=form />
        <button
            class="button sign-out"
            on:click=move |_| {
                form.run(client::sign_out(), move |()| {
                    session.clear();
                    router.go("/account/sign-in");
                });
            }
        >
            {t().sign_out}
        </button>
    }
}
