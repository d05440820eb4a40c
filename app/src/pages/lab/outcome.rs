//! How the run went, where it is not simply a result: progress, refusal, failure. Says what, where
//! and what to do.

use api::run::{Diagnostic, RunError, RunErrorKind};
use leptos::prelude::*;

use crate::code::Jump;
use crate::code::editor::{severity_class, severity_icon};
use crate::frame::rich;
use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};
use crate::sim_client::{CrashKind, RunState, WorkerStatus};
use crate::state::prefs::Panel;
use crate::state::{Lab, Prefs};

#[component]
pub fn Outcome() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let failure = Memo::new(move |_| match lab.sim.run.get() {
        state @ (RunState::Failed(_) | RunState::Crashed { .. } | RunState::Cancelled) => {
            Some(state)
        }
        RunState::Idle | RunState::Running { .. } | RunState::Done => None,
    });
    let slow =
        Memo::new(move |_| matches!(lab.sim.run.get(), RunState::Running { slow: true, .. }));
    let fraction = move || match lab.sim.run.get() {
        RunState::Running { fraction, .. } => f64::from(fraction),
        _ => 0.0,
    };
    let dead = move || match lab.sim.worker.get() {
        WorkerStatus::Unavailable(reason) => Some(reason),
        _ => None,
    };
    view! {
        <div class="outcome" aria-live="polite">
            <Show when=move || slow.get()>
                <div class="progress">
                    <span>{t().running}</span>
                    <progress
                        aria-label=t().progress
                        max="1"
                        prop:value=move || fraction().to_string()
                    ></progress>
                    <span class="num progress-number">{move || format!("{:.0} %", fraction() * 100.0)}</span>
                    <button class="button small" on:click=move |_| lab.sim.cancel()>
                        {t().cancel}
                    </button>
                </div>
            </Show>
            {move || failure.get().map(|state| view! { <Failure state=state /> })}
            {move || {
                dead()
                    .map(|reason| {
                        view! {
                            <div class="notice error" role="alert">
                                <Glyph icon=Icon::Alert />
                                <p>
                                    <strong>{t().simulator_unavailable}</strong>
                                    " — "
                                    {reason}
                                </p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn Failure(state: RunState) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let again = move || {
        view! {
            <button class="button small" on:click=move |_| lab.run_now()>
                {t().run_again}
            </button>
        }
    };
    match state {
        RunState::Failed(error) => view! { <Refusal error=(*error).clone() /> }.into_any(),
        RunState::Crashed { kind, reason } => {
            let what = match kind {
                CrashKind::Panic => t().crashed_panic,
                CrashKind::Memory => t().crashed_memory,
                CrashKind::Start => t().crashed_start,
            };
            view! {
                <div class="notice error" role="alert">
                    <Glyph icon=Icon::Alert />
                    <div>
                        <p>
                            <strong>{what}</strong>
                            " — "
                            {reason}
                        </p>
                        <p class="help">{t().circuit_kept}</p>
                    </div>
                    <span class="grow"></span>
                    {again()}
                </div>
            }
            .into_any()
        }
        RunState::Cancelled => view! {
            <div class="notice">
                <Glyph icon=Icon::Info />
                <p>{t().cancelled}</p>
                <span class="grow"></span>
                {again()}
            </div>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// More reasons than this are in the text panel.
const MAX_SHOWN: usize = 4;

/// The simulator says no: each reason with its place and its remedy.
#[component]
fn Refusal(error: RunError) -> impl IntoView {
    let what = match error.kind {
        RunErrorKind::Program => t().refused_program,
        RunErrorKind::Resources => t().refused_resources,
        RunErrorKind::Request => t().refused_request,
        RunErrorKind::Runtime => t().refused_runtime,
        RunErrorKind::Internal => t().failed_internal,
        RunErrorKind::Cancelled => t().cancelled,
    };
    let reasons =
        error.diagnostics.into_iter().take(MAX_SHOWN).map(|d| view! { <Reason diagnostic=d /> });
    view! {
        <div class="refusal" role="alert">
            <h3>{what}</h3>
            <ul>{reasons.collect_view()}</ul>
        </div>
    }
}

#[component]
fn Reason(diagnostic: Diagnostic) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let jump = expect_context::<RwSignal<Option<Jump>>>();
    let Diagnostic { severity, message, line, column, help, .. } = diagnostic;
    let go = move |_| {
        prefs.code.set(true);
        prefs.sheet.set(Panel::Code);
        jump.set(Some(Jump { line, column }));
    };
    view! {
        <li class=format!("notice {}", severity_class(severity))>
            <Glyph icon=severity_icon(severity) />
            <div>
                <p>{rich(&message)}</p>
                {help.map(|help| view! { <p class="help">{rich(&help)}</p> })}
            </div>
            {(line > 0)
                .then(|| {
                    view! {
                        <span class="grow"></span>
                        <button class="button small" on:click=go>
                            {fill(t().go_to_place, &[("line", &line.to_string())])}
                        </button>
                    }
                })}
        </li>
    }
}
