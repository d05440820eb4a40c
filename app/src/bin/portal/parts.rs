//! What the pages are put together from: things that load, dialogs, dates, sizes.

use std::future::Future;

use app::api_client::{Answer, ApiError};
use app::icon::{Glyph, Icon};
use app::language::language;
use app::toast::Toasts;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::words::{fill, problem, t};

/// What the server was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Load<T> {
    Loading,
    There(T),
    Failed(ApiError),
}

/// Something of the server's. Copies share it.
pub struct Fetch<T: 'static> {
    pub state: RwSignal<Load<T>>,
    turn: RwSignal<u32>,
}

impl<T> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetch<T> {}

impl<T: Send + Sync + 'static> Fetch<T> {
    /// Asks now, again when a signal changes that `ask` reads, and on [`Fetch::again`]. What is there
    /// stays until the next is.
    pub fn new<F: Future<Output = Answer<T>> + 'static>(ask: impl Fn() -> F + 'static) -> Self {
        let (state, turn) = (RwSignal::new(Load::Loading), RwSignal::new(0));
        let latest = StoredValue::new(0_u32);
        Effect::new(move |_| {
            turn.track();
            let mine = latest.get_value() + 1;
            latest.set_value(mine);
            let request = ask();
            spawn_local(async move {
                let answer = request.await;
                // Answers may overtake each other.
                if latest.try_get_value() == Some(mine) {
                    state.try_set(answer.map_or_else(Load::Failed, Load::There));
                }
            });
        });
        Self { state, turn }
    }

    pub fn again(self) {
        self.turn.try_update(|turn| *turn += 1);
    }

    /// Takes what an answer brought in the place of what is there.
    pub fn set(self, value: T) {
        self.state.try_set(Load::There(value));
    }
}

/// What is there, once it is; before that lines that stand for it, and why not where it failed.
pub fn show<T, V>(fetch: Fetch<T>, view: impl Fn(T) -> V + Send + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    move || match fetch.state.get() {
        Load::Loading => view! { <Waiting /> }.into_any(),
        Load::Failed(error) => {
            view! { <Failure error=error again=Callback::new(move |()| fetch.again()) /> }
                .into_any()
        }
        Load::There(value) => view(value).into_any(),
    }
}

#[component]
pub fn Waiting() -> impl IntoView {
    view! {
        <div class="waiting" role="status" aria-label=t().loading>
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
}

/// Why something is not there, and what to do.
#[expect(clippy::needless_pass_by_value, reason = "properties come by value")]
#[component]
pub fn Failure(error: ApiError, again: Callback<()>) -> impl IntoView {
    let gone = error.is("not_found");
    let sign_in = error.is("sign_in_required");
    view! {
        <div class="notice error" role="alert">
            <Glyph icon=Icon::Alert />
            <div class="notice-body">
                <p>{problem(&error)}</p>
                {if sign_in {
                    view! { <a class="button" href="/account/sign-in">{t().sign_in}</a> }.into_any()
                } else if gone {
                    ().into_any()
                } else {
                    view! {
                        <button class="button" on:click=move |_| again.run(())>{t().try_again}</button>
                    }
                        .into_any()
                }}
            </div>
        </div>
    }
}

/// A notice that is no error.
#[component]
pub fn Note(#[prop(into)] text: String, #[prop(default = Icon::Info)] icon: Icon) -> impl IntoView {
    view! {
        <div class="notice">
            <Glyph icon=icon />
            <p>{text}</p>
        </div>
    }
}

/// Nothing is there yet: what belongs here, and one thing to do.
#[component]
pub fn Empty(
    title: &'static str,
    text: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="nothing">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// A dialog above the page; Escape closes it.
#[component]
pub fn Modal(title: &'static str, on_close: Callback<()>, children: Children) -> impl IntoView {
    let element = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get()
            && !element.open()
        {
            let _ = element.show_modal();
        }
    });
    view! {
        <dialog class="dialog narrow" node_ref=element aria-label=title on:close=move |_| on_close.run(())>
            <header>
                <h2>{title}</h2>
                <button
                    class="button quiet icon"
                    type="button"
                    aria-label=t().close
                    title=t().close
                    on:click=move |_| on_close.run(())
                >
                    <Glyph icon=Icon::Close />
                </button>
            </header>
            <div class="body">{children()}</div>
        </dialog>
    }
}

/// Asks before something that cannot be taken back.
#[derive(Clone)]
pub struct Question {
    pub title: &'static str,
    pub text: String,
    pub action: &'static str,
    pub run: Callback<()>,
}

/// Where questions are asked. The frame shows them.
#[derive(Clone, Copy)]
pub struct Ask(pub RwSignal<Option<Question>>);

impl Ask {
    pub fn first(
        self,
        title: &'static str,
        text: impl Into<String>,
        action: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) {
        let run = Callback::new(move |()| run());
        self.0.set(Some(Question { title, text: text.into(), action, run }));
    }
}

/// A button for the next lines of a list.
#[component]
pub fn More(
    /// The cursor of the next page, if there is one.
    next: RwSignal<Option<String>>,
    load: Callback<String>,
) -> impl IntoView {
    move || {
        next.get().map(|cursor| {
            view! {
                <div class="more">
                    <button class="button" on:click=move |_| load.run(cursor.clone())>{t().more}</button>
                </div>
            }
        })
    }
}

/// Links to the parts of a page.
#[component]
pub fn Tabs(
    label: &'static str,
    /// Address, name, whether it is the present one.
    tabs: Vec<(String, &'static str, bool)>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|(path, name, here)| {
                    view! {
                        <a href=path aria-current=here.then_some("page")>
                            {name}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}

/// Into the clipboard; says whether it went there.
pub fn copy(text: &str, toasts: Toasts) {
    let promise = window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        let done = JsFuture::from(promise).await.is_ok();
        toasts.say(if done { t().copied } else { t().clipboard_blocked });
    });
}

/// A text that is copied by a button: links, codes, tokens.
#[component]
pub fn Copyable(label: &'static str, #[prop(into)] text: String) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let copied = text.clone();
    view! {
        <div class="copyable">
            <input class="field mono" type="text" readonly=true aria-label=label prop:value=text />
            <button class="button" type="button" on:click=move |_| copy(&copied, toasts)>
                <Glyph icon=Icon::Copy />
                {t().copy}
            </button>
        </div>
    }
}

/// Date and time in the person's language and zone.
pub fn when(us: i64) -> String {
    in_style(us, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// The date alone.
pub fn day(us: i64) -> String {
    in_style(us, &[("dateStyle", "medium")])
}

fn in_style(us: i64, style: &[(&str, &str)]) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(us as f64 / 1000.0));
    let options = js_sys::Object::new();
    for (key, value) in style {
        let _ = js_sys::Reflect::set(&options, &(*key).into(), &(*value).into());
    }
    date.to_locale_string(language().tag(), &options).into()
}

/// A number with the language's separators.
pub fn number(n: i64) -> String {
    js_sys::Number::from(n as f64).to_locale_string(language().tag()).into()
}

/// `1.5 MiB`
pub fn size(bytes: i64) -> String {
    let (mut value, mut unit) = (bytes as f64, "B");
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    let digits = usize::from(unit != "B" && value < 10.0 && value.fract() > 0.05);
    let text = format!("{value:.digits$} {unit}");
    if language() == app::language::Language::German { text.replace('.', ",") } else { text }
}

/// One or many.
pub fn count(n: i64, one: &'static str, many: &'static str) -> String {
    if n == 1 { one.to_owned() } else { fill(many, &[("n", &number(n))]) }
}

/// An id, short enough to stand in a line.
pub fn short(id: &str) -> String {
    format!("…{}", &id[id.len().saturating_sub(8)..])
}
