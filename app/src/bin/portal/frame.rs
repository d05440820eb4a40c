//! What stands around every page: top bar, messages, questions, the password once more.

use api::http::account::Role;
use app::icon::{Glyph, Icon};
use app::language::{Language, use_language};
use app::menu::Menu;
use app::prefs::{Prefs, Theme};
use app::toast::{ToastStack, Toasts};
use leptos::prelude::*;

use crate::client;
use crate::form::{Field, Form, FormProblem, Reauth, Submit};
use crate::pages;
use crate::parts::{Ask, Modal};
use crate::route::{Route, Router, to_content};
use crate::session::Session;
use crate::words::t;

#[component]
pub fn Portal() -> impl IntoView {
    let prefs = Prefs::load();
    let session = Session::start(prefs);
    let router = Router::start();
    provide_context(prefs);
    provide_context(session);
    provide_context(router);
    provide_context(Toasts::new());
    provide_context(Ask(RwSignal::new(None)));
    provide_context(Reauth(RwSignal::new(None)));

    Effect::new(move |_| {
        prefs.language.track();
        document().set_title(&format!("{} · Ketlab", router.route.with(title)));
    });
    // Texts are looked up while a page is built, so another language builds it anew.
    move || {
        prefs.language.track();
        view! {
            <div class="app portal">
                <a
                    class="skip"
                    href="#main"
                    on:click=move |event| {
                        event.prevent_default();
                        to_content();
                    }
                >
                    {t().skip}
                </a>
                <TopBar />
                <main id="main" tabindex="-1">
                    <div class="column">{move || page(router.route.get())}</div>
                    <footer class="portal-foot">
                        <a href="/privacy">{t().privacy}</a>
                    </footer>
                </main>
                <Asking />
                <Confirming />
                <ToastStack />
            </div>
        }
    }
}

fn title(route: &Route) -> &'static str {
    match route {
        Route::Account => t().account,
        Route::SignIn => t().sign_in,
        Route::SignUp => t().sign_up,
        Route::Verify(_) => t().verify_title,
        Route::Reset(_) => t().reset_title,
        Route::Projects(_) | Route::Project(..) | Route::Shared(_) => t().projects,
        Route::Groups | Route::Group(_) => t().groups,
        Route::Join(_) => t().join_title,
        Route::Admin(_) | Route::AdminUser(_) => t().admin,
        Route::Privacy => t().privacy,
        Route::Nowhere => t().nowhere,
    }
}

fn page(route: Route) -> AnyView {
    match route {
        Route::Account => view! { <pages::account::AccountPage /> }.into_any(),
        Route::SignIn => view! { <pages::entry::SignInPage /> }.into_any(),
        Route::SignUp => view! { <pages::entry::SignUpPage /> }.into_any(),
        Route::Verify(token) => view! { <pages::entry::VerifyPage token=token /> }.into_any(),
        Route::Reset(token) => view! { <pages::entry::ResetPage token=token /> }.into_any(),
        Route::Projects(shelf) => {
            view! { <pages::projects::ProjectsPage shelf=shelf /> }.into_any()
        }
        Route::Project(id, tab) => {
            view! { <pages::project::ProjectPage id=id tab=tab /> }.into_any()
        }
        Route::Shared(link) => view! { <pages::project::SharedPage link=link /> }.into_any(),
        Route::Groups => view! { <pages::groups::GroupsPage /> }.into_any(),
        Route::Group(id) => view! { <pages::group::GroupPage id=id /> }.into_any(),
        Route::Join(code) => view! { <pages::groups::JoinPage code=code /> }.into_any(),
        Route::Admin(tab) => view! { <pages::admin::AdminPage tab=tab /> }.into_any(),
        Route::AdminUser(id) => view! { <pages::admin::UserPage id=id /> }.into_any(),
        Route::Privacy => view! { <pages::privacy::PrivacyPage /> }.into_any(),
        Route::Nowhere => view! {
            <div class="page-head">
                <h1>{t().nowhere}</h1>
            </div>
            <p>{t().nowhere_text}</p>
            <p>
                <a class="button" href="/projects">{t().projects}</a>
            </p>
        }
        .into_any(),
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let link = move |path: &'static str, name: &'static str, of: fn(&Route) -> bool| {
        view! {
            <a href=path aria-current=move || router.route.with(of).then_some("page")>
                {name}
            </a>
        }
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
            <nav class="places" aria-label=t().places>
                <a href="/">{t().lab}</a>
                {link("/projects", t().projects, |r| matches!(r, Route::Projects(_) | Route::Project(..) | Route::Shared(_)))}
                {link("/groups", t().groups, |r| matches!(r, Route::Groups | Route::Group(_) | Route::Join(_)))}
                {move || {
                    (session.role() >= Some(Role::Operator))
                        .then(|| link("/admin", t().admin, |r| matches!(r, Route::Admin(_) | Route::AdminUser(_))))
                }}
            </nav>
            <span class="grow"></span>
            <Looks />
            {move || match session.user() {
                Some(user) => {
                    let name = if user.display_name.is_empty() { user.email.unwrap_or_default() } else { user.display_name };
                    view! {
                        <a class="button quiet who" href="/account">
                            <span class="face" aria-hidden="true">{initial(&name)}</span>
                            <span class="who-name">{name.clone()}</span>
                        </a>
                    }
                        .into_any()
                }
                None => view! { <a class="button primary" href="/account/sign-in">{t().sign_in}</a> }.into_any(),
            }}
        </header>
    }
}

fn initial(name: &str) -> String {
    name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default()
}

/// Theme and language.
#[component]
fn Looks() -> impl IntoView {
    view! {
        <Menu label=t().looks icon=Icon::Contrast icon_only=true>
            <div class="menu-row">
                {t().theme}
                <ThemeChoice menu=true />
            </div>
            <div class="menu-row">
                {t().language}
                <LanguageChoice menu=true />
            </div>
        </Menu>
    }
}

/// Light, dark or what the system says.
#[component]
pub fn ThemeChoice(
    /// It stands in a menu.
    #[prop(optional)]
    menu: bool,
) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let role = if menu { "menuitemradio" } else { "radio" };
    let group = if menu { "group" } else { "radiogroup" };
    let one = move |this: Theme, icon: Icon, label: &'static str| {
        view! {
            <button
                role=role
                type="button"
                title=label
                aria-label=label
                aria-checked=move || (prefs.theme.get() == this).to_string()
                on:click=move |_| prefs.theme.set(this)
            >
                <Glyph icon=icon />
            </button>
        }
    };
    view! {
        <div class="segments" role=group aria-label=t().theme>
            {one(Theme::Auto, Icon::Monitor, t().theme_auto)}
            {one(Theme::Light, Icon::Sun, t().theme_light)}
            {one(Theme::Dark, Icon::Moon, t().theme_dark)}
            {one(Theme::Contrast, Icon::Contrast, t().theme_contrast)}
        </div>
    }
}

#[component]
pub fn LanguageChoice(
    /// It stands in a menu.
    #[prop(optional)]
    menu: bool,
) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let role = if menu { "menuitemradio" } else { "radio" };
    let group = if menu { "group" } else { "radiogroup" };
    view! {
        <div class="segments" role=group aria-label=t().language>
            {Language::ALL
                .map(|this| {
                    view! {
                        <button
                            role=role
                            type="button"
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
                })
                .collect_view()}
        </div>
    }
}

/// The question that is open, if any.
#[component]
fn Asking() -> impl IntoView {
    let Ask(question) = expect_context::<Ask>();
    move || {
        question.get().map(|asked| {
            view! {
                <Modal title=asked.title on_close=Callback::new(move |()| question.set(None))>
                    <p>{asked.text}</p>
                    <div class="dialog-actions">
                        <button class="button" on:click=move |_| question.set(None)>{t().cancel}</button>
                        <button
                            class="button danger"
                            on:click=move |_| {
                                question.set(None);
                                asked.run.run(());
                            }
                        >
                            {asked.action}
                        </button>
                    </div>
                </Modal>
            }
        })
    }
}

/// The password once more, for what waits for it.
#[component]
fn Confirming() -> impl IntoView {
    let Reauth(waiting) = expect_context::<Reauth>();
    move || {
        waiting.get().map(|then| {
            let form = Form::new(&["password"]);
            let password = RwSignal::new(String::new());
            view! {
                <Modal title=t().confirm_title on_close=Callback::new(move |()| waiting.set(None))>
                    <form
                        class="form"
                        on:submit=move |event| {
                            event.prevent_default();
                            form.run(client::confirm(password.get_untracked()), move |()| {
                                waiting.set(None);
                                then.run(());
                            });
                        }
                    >
                        <p>{t().confirm_text}</p>
                        <FormProblem form=form />
                        <Field
                            form=form
                            name="password"
                            label=t().password
                            kind="password"
                            autocomplete="current-password"
                            value=password
                            first=true
                        />
                        <div class="dialog-actions">
                            <Submit form=form label=t().go_on />
                        </div>
                    </form>
                </Modal>
            }
        })
    }
}
