//! Short messages that go away by themselves, with at most one action.

use std::time::Duration;

use leptos::prelude::*;

/// Long enough to read two lines, and to reach the action.
const SHOWN: Duration = Duration::from_secs(6);

#[derive(Clone)]
pub struct Toast {
    id: u64,
    pub text: String,
    pub action: Option<(&'static str, Callback<()>)>,
}

/// The messages on screen. Copies share them.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

impl Toasts {
    pub fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// With a button.
    pub fn offer(
        self,
        text: impl Into<String>,
        label: &'static str,
        action: impl Fn() + Send + Sync + 'static,
    ) {
        self.push(text.into(), Some((label, Callback::new(move |()| action()))));
    }

    fn push(self, text: String, action: Option<(&'static str, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            list.retain(|t| t.text != text);
            list.push(Toast { id, text, action });
        });
        set_timeout(move || self.dismiss(id), SHOWN);
    }

    fn dismiss(self, id: u64) {
        self.list.update(|list| list.retain(|t| t.id != id));
    }
}

/// Where messages appear. Screen readers hear them.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|t| t.id let:toast>
                <div class="toast">
                    <span>{toast.text}</span>
                    {toast
                        .action
                        .map(|(label, action)| {
                            let id = toast.id;
                            view! {
                                <button
                                    class="button"
                                    on:click=move |_| {
                                        action.run(());
                                        toasts.dismiss(id);
                                    }
                                >
                                    {label}
                                </button>
                            }
                        })}
                </div>
            </For>
        </div>
    }
}
