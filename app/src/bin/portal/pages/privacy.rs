//! What is kept of whom, why, and for how long: the same as in `docs/deploy.md`.

use leptos::prelude::*;

use crate::words::t;

#[component]
pub fn PrivacyPage() -> impl IntoView {
    let rows = [
        (t().keep_account, t().keep_account_for),
        (t().keep_guest, t().keep_guest_for),
        (t().keep_trash, t().keep_trash_for),
        (t().keep_sessions, t().keep_sessions_for),
        (t().keep_links, t().keep_links_for),
        (t().keep_failures, t().keep_failures_for),
        (t().keep_contents, t().keep_contents_for),
        (t().keep_audit, t().keep_audit_for),
    ];
    view! {
        <div class="page-head">
            <h1>{t().privacy}</h1>
        </div>
        <div class="prose">
            <p>{t().privacy_browser}</p>
            <p>{t().privacy_server}</p>
            <p>{t().privacy_cookie}</p>
            <p>{t().privacy_rights}</p>
        </div>
        <section class="card" aria-label=t().retention>
            <h2>{t().retention}</h2>
            <table class="cards-when-narrow">
                <thead>
                    <tr>
                        <th scope="col">{t().what_is_kept}</th>
                        <th scope="col">{t().how_long}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .map(|(what, how_long)| {
                            view! {
                                <tr>
                                    <td data-label=t().what_is_kept>{what}</td>
                                    <td data-label=t().how_long>{how_long}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </section>
    }
}
