//! The way in: signing in and up, the links of mails.

use api::http::account::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use app::icon::Icon;
use app::toast::Toasts;
use leptos::prelude::*;

use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::parts::Note;
use crate::route::{Router, safe_next};
use crate::session::Session;
use crate::words::{fill, t};

/// A narrow card in the middle.
#[component]
fn Entry(title: &'static str, text: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="entry card">
            <h1>{title}</h1>
            {(!text.is_empty()).then(|| view! { <p class="soft">{text}</p> })}
            {children()}
        </section>
    }
}

/// What a password has to be.
pub fn password_rule() -> String {
    let (min, max) = (MIN_PASSWORD_CHARS.to_string(), MAX_PASSWORD_CHARS.to_string());
    fill(t().password_rule, &[("min", &min), ("max", &max)])
}

/// Where to, once signed in.
fn next() -> String {
    let query = window().location().search().unwrap_or_default();
    safe_next(&query).unwrap_or_else(|| "/projects".to_owned())
}

/// The same place behind the other door.
fn with_next(path: &str) -> String {
    format!("{path}{}", window().location().search().unwrap_or_default())
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let form = Form::new(&["email", "password"]);
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let keep = RwSignal::new(true);
    let guest = move || session.account().is_some_and(|account| account.guest);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let keep = keep.get_untracked() && untrack(guest);
        let request = client::sign_in(email.get_untracked(), password.get_untracked(), keep);
        form.run(request, move |me| {
            session.set(me);
            router.go(&next());
        });
    };
    view! {
        <Entry title=t().sign_in text="">
            <form class="form" on:submit=send>
                <FormProblem form=form />
                <Field form=form name="email" label=t().email kind="email" autocomplete="username" value=email first=true />
                <Field
                    form=form
                    name="password"
                    label=t().password
                    kind="password"
                    autocomplete="current-password"
                    value=password
                />
                <Show when=guest>
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || keep.get()
                            on:change=move |event| keep.set(event_target_checked(&event))
                        />
                        <span>{t().keep_guest_work}</span>
                    </label>
                </Show>
                <Submit form=form label=t().sign_in />
            </form>
            <p class="entry-links">
                <a href="/account/reset">{t().forgotten}</a>
                <a href=with_next("/account/sign-up")>{t().sign_up}</a>
                <a href="/join">{t().join_with_code}</a>
            </p>
        </Entry>
    }
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let form = Form::new(&["email", "password", "name"]);
    let [email, password, name] = [(); 3].map(|()| RwSignal::new(String::new()));
    let sent = RwSignal::new(None::<String>);
    let guest = move || session.account().is_some_and(|account| account.guest);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request =
            client::sign_up(email.get_untracked(), password.get_untracked(), name.get_untracked());
        form.run(request, move |me| {
            let pending = me.account.as_ref().and_then(|account| account.email_pending.clone());
            session.set(me);
            if pending.is_some() {
                sent.set(pending);
            } else {
                router.go(&next());
            }
        });
    };
    view! {
        {move || match sent.get() {
            Some(address) => {
                view! {
                    <Entry title=t().mail_sent_title text="">
                        <Note icon=Icon::Check text=fill(t().verify_sent, &[("email", &address)]) />
                        <p class="soft">{t().mail_not_there}</p>
                        <p class="entry-links">
                            <button class="link" on:click=move |_| sent.set(None)>{t().other_address}</button>
                            <a href="/">{t().to_lab}</a>
                        </p>
                    </Entry>
                }
                    .into_any()
            }
            None => {
                view! {
                    <Entry title=t().sign_up text=t().sign_up_text>
                        <Show when=guest>
                            <Note text=t().guest_work_stays icon=Icon::Cloud />
                        </Show>
                        <form class="form" on:submit=send>
                            <FormProblem form=form />
                            <Field form=form name="email" label=t().email kind="email" autocomplete="username" value=email first=true />
                            <Field
                                form=form
                                name="password"
                                label=t().password
                                kind="password"
                                autocomplete="new-password"
                                value=password
                                hint=password_rule()
                            />
                            <Field form=form name="name" label=t().display_name autocomplete="name" value=name required=false hint=t().name_hint />
                            <Submit form=form label=t().sign_up />
                        </form>
                        <p class="entry-links">
                            <a href=with_next("/account/sign-in")>{t().have_account}</a>
                            <a href="/privacy">{t().privacy}</a>
                        </p>
                    </Entry>
                }
                    .into_any()
            }
        }}
    }
}

/// The link of a mail that proves an address. A button, since programs follow links in mails.
#[component]
pub fn VerifyPage(token: String) -> impl IntoView {
    let session = expect_context::<Session>();
    let form = Form::new(&[]);
    let done = RwSignal::new(false);
    let missing = token.is_empty();
    let token = StoredValue::new(token);
    view! {
        {move || {
            if done.get() {
                let signed_in = session.user().is_some();
                let (text, path, label) = if signed_in {
                    (t().verified_here, "/projects", t().projects)
                } else {
                    (t().verified, "/account/sign-in", t().sign_in)
                };
                view! {
                    <Entry title=t().verify_title text="">
                        <Note icon=Icon::Check text=text />
                        <a class="button primary" href=path>{label}</a>
                    </Entry>
                }
                    .into_any()
            } else if missing {
                view! {
                    <Entry title=t().verify_title text=t().link_cut>
                        <a class="button" href="/account/sign-up">{t().sign_up}</a>
                    </Entry>
                }
                    .into_any()
            } else {
                view! {
                    <Entry title=t().verify_title text=t().verify_text>
                        <form
                            class="form"
                            on:submit=move |event| {
                                event.prevent_default();
                                form.run(client::verify_email(token.get_value()), move |()| {
                                    session.ask();
                                    done.set(true);
                                });
                            }
                        >
                            <FormProblem form=form />
                            <Submit form=form label=t().verify_button />
                        </form>
                    </Entry>
                }
                    .into_any()
            }
        }}
    }
}

/// Without a token it asks for the mail; with one it sets the password.
#[component]
pub fn ResetPage(token: String) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let router = expect_context::<Router>();
    let form = Form::new(&["email", "password"]);
    let [email, password] = [(); 2].map(|()| RwSignal::new(String::new()));
    let sent = RwSignal::new(false);
    if token.is_empty() {
        return view! {
            {move || {
                if sent.get() {
                    return view! {
                        <Entry title=t().mail_sent_title text="">
                            <Note icon=Icon::Check text=fill(t().reset_sent, &[("email", &email.get_untracked())]) />
                            <p class="soft">{t().mail_not_there}</p>
                            <p class="entry-links">
                                <a href="/account/sign-in">{t().sign_in}</a>
                            </p>
                        </Entry>
                    }
                        .into_any();
                }
                view! {
                    <Entry title=t().reset_title text=t().reset_text>
                        <form
                            class="form"
                            on:submit=move |event| {
                                event.prevent_default();
                                form.run(client::ask_reset(email.get_untracked()), move |()| sent.set(true));
                            }
                        >
                            <FormProblem form=form />
                            <Field form=form name="email" label=t().email kind="email" autocomplete="username" value=email first=true />
                            <Submit form=form label=t().send_link />
                        </form>
                        <p class="entry-links">
                            <a href="/account/sign-in">{t().sign_in}</a>
                        </p>
                    </Entry>
                }
                    .into_any()
            }}
        }
        .into_any();
    }
    let token = StoredValue::new(token);
    view! {
        <Entry title=t().reset_title text=t().reset_new_text>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    form.run(client::reset_password(token.get_value(), password.get_untracked()), move |()| {
                        toasts.say(t().password_set);
                        router.replace("/account/sign-in");
                    });
                }
            >
                <FormProblem form=form />
                <Field form=form name="password" label=t().new_password kind="password" autocomplete="new-password" value=password first=true />
                <Submit form=form label=t().set_password />
            </form>
            <p class="entry-links">
                <a href="/account/reset">{t().new_link}</a>
            </p>
        </Entry>
    }
    .into_any()
}
