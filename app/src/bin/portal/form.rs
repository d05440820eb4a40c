//! Forms: fields with their problems, one request at a time, the password once more where it is needed.

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use app::api_client::{Answer, ApiError};
use app::icon::{Glyph, Icon};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::words::{problem, t};

/// What waits for the password, if something does. The frame shows the dialog.
#[derive(Clone, Copy)]
pub struct Reauth(pub RwSignal<Option<Callback<()>>>);

/// What a form is at. Copies share it.
#[derive(Clone, Copy)]
pub struct Form {
    pub busy: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    /// Seconds before which the server refuses.
    wait: RwSignal<u32>,
    /// Fields that show what is wrong with them.
    fields: StoredValue<&'static [&'static str]>,
    reauth: Option<Reauth>,
}

impl Form {
    /// With the names of its fields, as the server calls them.
    pub fn new(fields: &'static [&'static str]) -> Self {
        Self {
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            wait: RwSignal::new(0),
            fields: StoredValue::new(fields),
            reauth: use_context(),
        }
    }

    /// Sends, unless something is under way; `done` gets what comes.
    pub fn run<T: 'static>(
        self,
        request: impl Future<Output = Answer<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = request.await;
            self.busy.try_set(false);
            match answer {
                Ok(value) => done(value),
                Err(error) => self.fail(error),
            }
        });
    }

    /// The same for what needs the password given lately: where it was not, it is asked for, and the
    /// request is sent again.
    pub fn run_confirmed<T: 'static, F: Future<Output = Answer<T>> + 'static>(
        self,
        request: impl Fn() -> F + Send + Sync + 'static,
        done: impl Fn(T) + Send + Sync + 'static,
    ) {
        self.attempt(Arc::new((request, done)));
    }

    fn attempt<T: 'static, F: Future<Output = Answer<T>> + 'static>(
        self,
        both: Arc<(impl Fn() -> F + Send + Sync + 'static, impl Fn(T) + Send + Sync + 'static)>,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = (both.0)().await;
            self.busy.try_set(false);
            match (answer, self.reauth) {
                (Ok(value), _) => (both.1)(value),
                (Err(error), Some(Reauth(ask))) if error.is("confirmation_required") => {
                    ask.set(Some(Callback::new(move |()| self.attempt(Arc::clone(&both)))));
                }
                (Err(error), _) => self.fail(error),
            }
        });
    }

    pub fn fail(self, error: ApiError) {
        if let ApiError::Refused(problem) = &error
            && let Some(secs) = problem.retry_after_secs.filter(|_| problem.status == 429)
        {
            self.wait.try_set(secs);
            self.count_down();
        }
        self.error.try_set(Some(error));
    }

    fn count_down(self) {
        set_timeout(
            move || {
                let left = self.wait.try_get_untracked().unwrap_or(0).saturating_sub(1);
                self.wait.try_set(left);
                if left > 0 {
                    self.count_down();
                } else {
                    self.error.try_set(None);
                }
            },
            Duration::from_secs(1),
        );
    }

    fn waits(self) -> bool {
        self.busy.get() || self.wait.get() > 0
    }

    /// What is wrong with a field.
    fn of_field(self, name: &'static str) -> Option<String> {
        self.error.with(|error| match error {
            Some(error @ ApiError::Refused(p)) if p.field.as_deref() == Some(name) => {
                Some(problem(error))
            }
            _ => None,
        })
    }

    /// What is wrong otherwise.
    fn general(self) -> Option<String> {
        if self.wait.get() > 0 {
            let secs = self.wait.get().to_string();
            return Some(crate::words::fill(t().too_many, &[("secs", &secs)]));
        }
        self.error.with(|error| match error {
            Some(ApiError::Refused(p))
                if p.field
                    .as_deref()
                    .is_some_and(|f| self.fields.with_value(|known| known.contains(&f))) =>
            {
                None
            }
            Some(error) => Some(problem(error)),
            None => None,
        })
    }
}

thread_local! {
    static FIELDS: Cell<u32> = const { Cell::new(0) };
}

/// For ids: several forms of a page may have fields of one name.
fn next_number() -> u32 {
    FIELDS.with(|fields| {
        fields.set(fields.get().wrapping_add(1));
        fields.get()
    })
}

/// A field with its name above and its problem below.
#[component]
pub fn Field(
    form: Form,
    /// As the server calls it.
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: String,
    #[prop(default = true)] required: bool,
    /// Has the focus when the page opens.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let number = next_number();
    let (id, about) = (format!("field-{number}"), format!("about-{number}"));
    let element = NodeRef::<leptos::html::Input>::new();
    if first {
        Effect::new(move |_| {
            if let Some(element) = element.get() {
                let _ = element.focus();
            }
        });
    }
    let wrong = move || form.of_field(name);
    view! {
        <div class="form-field">
            <label for=id.clone()>{label}</label>
            <input
                class="field"
                id=id
                node_ref=element
                type=kind
                name=name
                autocomplete=autocomplete
                autocapitalize=(kind != "text").then_some("none")
                required=required
                spellcheck="false"
                aria-invalid=move || wrong().map(|_| "true")
                aria-describedby=about.clone()
                prop:value=move || value.get()
                on:input=move |event| {
                    value.set(event_target_value(&event));
                    if form.of_field_untracked(name) {
                        form.error.set(None);
                    }
                }
            />
            <p class="field-note" id=about class:wrong=move || wrong().is_some()>
                {move || wrong().unwrap_or_else(|| hint.clone())}
            </p>
        </div>
    }
}

impl Form {
    fn of_field_untracked(self, name: &'static str) -> bool {
        self.error.with_untracked(
            |error| matches!(error, Some(ApiError::Refused(p)) if p.field.as_deref() == Some(name)),
        )
    }
}

/// What went wrong and belongs to no field.
#[component]
pub fn FormProblem(form: Form) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                form.general()
                    .map(|text| {
                        view! {
                            <div class="notice error">
                                <Glyph icon=Icon::Alert />
                                <p>{text}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// The button that sends.
#[component]
pub fn Submit(form: Form, label: &'static str, #[prop(optional)] danger: bool) -> impl IntoView {
    view! {
        <button
            class="button"
            class:primary={!danger}
            class:danger=danger
            type="submit"
            aria-disabled=move || form.waits().then_some("true")
            on:click=move |event| {
                if form.waits() {
                    event.prevent_default();
                }
            }
        >
            {move || if form.busy.get() { t().one_moment } else { label }}
        </button>
    }
}
