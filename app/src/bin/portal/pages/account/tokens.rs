//! Personal tokens, for programs that ask in one's name.

use api::http::account::{NewToken, Scope, TokenInfo};
use app::icon::Icon;
use leptos::prelude::*;

use super::Card;
use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::parts::{Ask, Copyable, Fetch, Note, day, show};
use crate::words::{fill, t};

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::AccountRead => t().scope_account_read,
        Scope::ProjectsRead => t().scope_projects_read,
        Scope::ProjectsWrite => t().scope_projects_write,
        Scope::GroupsRead => t().scope_groups_read,
        Scope::GroupsWrite => t().scope_groups_write,
    }
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Tokens() -> impl IntoView {
    let ask = expect_context::<Ask>();
    let form = Form::new(&["name"]);
    let fetch = Fetch::new(client::tokens);
    let name = RwSignal::new(String::new());
    let days = RwSignal::new("90".to_owned());
    let scopes = RwSignal::new(vec![Scope::ProjectsRead]);
    let created = RwSignal::new(None::<String>);

    let line = move |token: TokenInfo| {
        let id = StoredValue::new(token.id);
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
        let about = fill(
            t().token_line,
            &[
                ("hint", &token.hint),
                ("until", &day(token.expires_at_us)),
                ("scopes", &scopes.join(", ")),
            ],
        );
        let used = token.last_used_at_us.map_or_else(
            || t().never_used.to_owned(),
            |us| fill(t().last_used, &[("when", &day(us))]),
        );
        let question = fill(t().delete_token_text, &[("name", &token.name)]);
        let label = fill(t().delete_named, &[("name", &token.name)]);
        view! {
            <li>
                <div class="grow">
                    <strong>{token.name}</strong>
                    <p class="soft num">{about}</p>
                    <p class="soft num">{used}</p>
                </div>
                <button
                    class="button"
                    aria-label=label
                    on:click=move |_| {
                        ask.first(t().delete_token, question.clone(), t().delete, move || {
                            form.run(async move { client::delete_token(&id.get_value()).await }, move |()| fetch.again());
                        });
                    }
                >
                    {t().delete}
                </button>
            </li>
        }
    };
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let token = NewToken {
            name: name.get_untracked(),
            scopes: scopes.get_untracked(),
            days: days.get_untracked().parse().unwrap_or(90),
        };
        form.run_confirmed(
            move || client::create_token(token.clone()),
            move |made| {
                created.set(Some(made.token));
                name.set(String::new());
                fetch.again();
            },
        );
    };
    view! {
        <Card title=t().tokens text=t().tokens_text>
            {show(
                fetch,
                move |list| {
                    if list.tokens.is_empty() {
                        view! { <p class="soft">{t().no_tokens}</p> }.into_any()
                    } else {
                        view! { <ul class="lines">{list.tokens.into_iter().map(line).collect_view()}</ul> }.into_any()
                    }
                },
            )}
            {move || {
                created
                    .get()
                    .map(|token| {
                        view! {
                            <div class="fresh" role="status">
                                <Note icon=Icon::Check text=t().token_once />
                                <Copyable label=t().new_token text=token />
                            </div>
                        }
                    })
            }}
            <form class="form" on:submit=create>
                <FormProblem form=form />
                <Field form=form name="name" label=t().token_name value=name hint=t().token_name_hint />
                <fieldset class="checks">
                    <legend>{t().token_scopes}</legend>
                    {Scope::ALL
                        .map(|scope| {
                            view! {
                                <label class="check">
                                    <input
                                        type="checkbox"
                                        prop:checked=move || scopes.with(|s| s.contains(&scope))
                                        on:change=move |event| {
                                            let on = event_target_checked(&event);
                                            scopes.update(|s| {
                                                s.retain(|other| *other != scope);
                                                if on {
                                                    s.push(scope);
                                                }
                                            });
                                        }
                                    />
                                    <span>{meaning(scope)} " " <code>{scope.name()}</code></span>
                                </label>
                            }
                        })
                        .collect_view()}
                </fieldset>
                <div class="form-field">
                    <label for="token-days">{t().token_days}</label>
                    <select id="token-days" class="field" on:change=move |event| days.set(event_target_value(&event))>
                        {["7", "30", "90", "366"]
                            .map(|n| {
                                view! {
                                    <option value=n selected={n == "90"}>
                                        {fill(t().n_days, &[("n", n)])}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </div>
                <Submit form=form label=t().create_token />
            </form>
        </Card>
    }
}
