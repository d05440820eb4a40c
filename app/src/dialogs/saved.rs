//! Circuits kept on the server: save, open, delete.

use api::http::circuits::{CircuitSummary, SaveCircuit};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{Dialog, DialogFrame};
use crate::api_client::{self, ApiError};
use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};
use crate::state::toast::Toasts;
use crate::state::{Lab, Prefs};

#[derive(Debug, Clone, PartialEq)]
enum Listing {
    Loading,
    There(Vec<CircuitSummary>),
    Failed(ApiError),
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn SavedCircuits(
    /// Keep the present circuit first.
    save: bool,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let toasts = expect_context::<Toasts>();
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let listing = RwSignal::new(Listing::Loading);

    let refresh = move || {
        spawn_local(async move {
            let answer = api_client::list_circuits().await;
            listing.try_set(answer.map_or_else(Listing::Failed, Listing::There));
        });
    };
    let fail = move |error: ApiError| {
        listing.try_set(Listing::Failed(error));
    };
    let keep = move || {
        let project = lab.project();
        let name =
            if project.name.trim().is_empty() { t().untitled.to_owned() } else { project.name };
        let body = SaveCircuit { name, program: project.program };
        spawn_local(async move {
            let answer = match lab.remote.get_value() {
                Some((id, version)) => {
                    match api_client::update_circuit(&id, version, &body).await {
                        // It was deleted there meanwhile: keep it anew.
                        Err(ApiError::Refused(problem)) if problem.status == 404 => {
                            api_client::create_circuit(&body).await
                        }
                        answer => answer,
                    }
                }
                None => api_client::create_circuit(&body).await,
            };
            match answer {
                Ok(kept) => {
                    lab.remote.set_value(Some((kept.id, kept.version)));
                    toasts.say(t().saved_on_server);
                    refresh();
                }
                Err(error) => fail(error),
            }
        });
    };
    let open = move |id: String| {
        spawn_local(async move {
            match api_client::load_circuit(&id).await {
                Ok(circuit) => {
                    lab.open(&circuit.name, &circuit.program.text);
                    lab.remote.set_value(Some((circuit.id, circuit.version)));
                    toasts.say(fill(t().opened, &[("name", &circuit.name)]));
                    dialog.try_set(None);
                }
                Err(error) => fail(error),
            }
        });
    };
    let delete = move |id: String, name: String| {
        spawn_local(async move {
            match api_client::delete_circuit(&id).await {
                Ok(()) => {
                    toasts.say(fill(t().deleted, &[("name", &name)]));
                    refresh();
                }
                Err(error) => fail(error),
            }
        });
    };
    if save {
        keep();
    } else {
        refresh();
    }

    let line = move |circuit: CircuitSummary| {
        let (id, to_delete) = (circuit.id.clone(), circuit.id);
        let (name, deleted) = (circuit.name.clone(), circuit.name.clone());
        view! {
            <li>
                <button class="saved-circuit" on:click=move |_| open(id.clone())>
                    <Glyph icon=Icon::Circuit />
                    <span class="saved-name">{circuit.name}</span>
                    <span class="soft num">{when(circuit.updated_at_us)}</span>
                </button>
                <button
                    class="button quiet icon small"
                    title=t().delete
                    aria-label=format!("{}: {name}", t().delete)
                    on:click=move |_| delete(to_delete.clone(), deleted.clone())
                >
                    <Glyph icon=Icon::Trash />
                </button>
            </li>
        }
    };
    let content = move || {
        match listing.get() {
        Listing::Loading => view! { <p class="soft skeleton">{t().loading}</p> }.into_any(),
        Listing::Failed(ApiError::Unreachable) => {
            view! {
                <div class="notice">
                    <Glyph icon=Icon::Info />
                    <p>{t().server_unreachable}</p>
                </div>
            }
            .into_any()
        }
        Listing::Failed(ApiError::Refused(problem)) => {
            view! {
                <div class="notice error" role="alert">
                    <Glyph icon=Icon::Alert />
                    <p>{fill(t().server_refused, &[("reason", &problem.detail)])}</p>
                </div>
            }
            .into_any()
        }
        Listing::There(circuits) if circuits.is_empty() => {
            view! { <p class="empty">{t().no_saved_circuits}</p> }.into_any()
        }
        Listing::There(circuits) => {
            view! { <ul class="saved-circuits">{circuits.into_iter().map(line).collect_view()}</ul> }.into_any()
        }
    }
    };
    view! {
        <DialogFrame title=t().saved_circuits>
            {content}
            <Show when=move || matches!(listing.get(), Listing::There(_))>
                <div class="dialog-actions">
                    <button class="button primary" on:click=move |_| keep()>
                        <Glyph icon=Icon::Cloud />
                        {t().save_current}
                    </button>
                </div>
            </Show>
        </DialogFrame>
    }
}

/// Date and time in the person's language and zone.
fn when(us: i64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(us as f64 / 1000.0));
    let language = expect_context::<Prefs>().language.get_untracked();
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        let _ = js_sys::Reflect::set(&options, &key.into(), &value.into());
    }
    date.to_locale_string(language.tag(), &options).into()
}
