//! What keeps others out: address, password, where one is signed in.

use app::toast::Toasts;
use leptos::prelude::*;

use super::Card;
use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::pages::entry::password_rule;
use crate::parts::{Fetch, show, when};
use crate::session::Session;
use crate::words::{fill, t};

#[component]
pub fn Email() -> impl IntoView {
    let session = expect_context::<Session>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&["email"]);
    let email = RwSignal::new(String::new());
    view! {
        <Card title=t().email>
            <p>
                <strong>{move || session.account().and_then(|account| account.email)}</strong>
                " "
                {move || {
                    let account = session.account()?;
                    let (class, text) = if account.email_verified {
                        ("badge good", t().proven)
                    } else {
                        ("badge", t().unproven)
                    };
                    Some(view! { <span class=class>{text}</span> })
                }}
            </p>
            {move || {
                session
                    .account()
                    .and_then(|account| account.email_pending)
                    .map(|pending| view! { <p class="soft">{fill(t().pending_email, &[("email", &pending)])}</p> })
            }}
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    let wanted = email.get_untracked();
                    let address = wanted.clone();
                    form.run_confirmed(
                        move || client::change_email(wanted.clone()),
                        move |mailed| {
                            toasts.say(if mailed {
                                fill(t().verify_sent, &[("email", &address)])
                            } else {
                                t().saved.to_owned()
                            });
                            email.set(String::new());
                            session.ask();
                        },
                    );
                }
            >
                <FormProblem form=form />
                <Field form=form name="email" label=t().new_email kind="email" autocomplete="email" value=email />
                <Submit form=form label=t().change_email />
            </form>
        </Card>
    }
}

#[component]
pub fn Password() -> impl IntoView {
    let session = expect_context::<Session>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&["password"]);
    let password = RwSignal::new(String::new());
    view! {
        <Card title=t().password text=t().password_text>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    let wanted = password.get_untracked();
                    form.run_confirmed(
                        move || client::change_password(wanted.clone()),
                        move |()| {
                            toasts.say(t().password_set);
                            password.set(String::new());
                            session.ask();
                        },
                    );
                }
            >
                // Password managers look for whose it is.
                <input
                    class="visually-hidden"
                    type="text"
                    autocomplete="username"
                    tabindex="-1"
                    aria-hidden="true"
                    readonly=true
                    prop:value=move || session.account().and_then(|a| a.email).unwrap_or_default()
                />
                <FormProblem form=form />
                <Field
                    form=form
                    name="password"
                    label=t().new_password
                    kind="password"
                    autocomplete="new-password"
                    value=password
                    hint=password_rule()
                />
                <Submit form=form label=t().change_password />
            </form>
        </Card>
    }
}

#[component]
pub fn Sessions() -> impl IntoView {
    let form = Form::new(&[]);
    let fetch = Fetch::new(client::sessions);
    let line = move |session: api::http::account::SessionInfo| {
        let id = session.id;
        let label = fill(t().end_session_of, &[("agent", &session.agent)]);
        view! {
            <li>
                <div class="grow">
                    <strong>{session.agent}</strong>
                    {session.current.then(|| view! { <span class="badge good">{t().this_browser}</span> })}
                    <p class="soft num">{fill(t().last_seen, &[("when", &when(session.last_seen_at_us))])}</p>
                </div>
                {(!session.current)
                    .then(|| {
                        view! {
                            <button
                                class="button"
                                aria-label=label
                                on:click=move |_| {
                                    let id = id.clone();
                                    form.run(async move { client::end_session(&id).await }, move |()| fetch.again());
                                }
                            >
                                {t().end}
                            </button>
                        }
                    })}
            </li>
        }
    };
    view! {
        <Card title=t().sessions text=t().sessions_text>
            <FormProblem form=form />
            {show(
                fetch,
                move |list| {
                    let others = list.sessions.len() > 1;
                    view! {
                        <ul class="lines">{list.sessions.into_iter().map(line).collect_view()}</ul>
                        {others
                            .then(|| {
                                view! {
                                    <button
                                        class="button"
                                        on:click=move |_| form.run(client::end_other_sessions(), move |()| fetch.again())
                                    >
                                        {t().end_others}
                                    </button>
                                }
                            })}
                    }
                },
            )}
        </Card>
    }
}
