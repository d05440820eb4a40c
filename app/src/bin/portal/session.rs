//! Who is signed in, and the preferences that the server keeps for them.

use api::http::account::{Account, Me, Preferences, Role};
use app::api_client::ApiError;
use app::language::{Language, use_language};
use app::prefs::{Prefs, Theme};
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_futures::spawn_local;

use crate::client;
use crate::parts::Load;

/// Copies share it.
#[derive(Clone, Copy)]
pub struct Session {
    pub me: RwSignal<Load<Me>>,
    prefs: Prefs,
    /// As the server has them, with their tag; nothing is sent before they were read.
    kept: StoredValue<Option<(Preferences, String)>>,
}

impl Session {
    /// Asks who one is, and keeps the preferences of one who is signed in the same on every device.
    pub fn start(prefs: Prefs) -> Self {
        let session =
            Self { me: RwSignal::new(Load::Loading), prefs, kept: StoredValue::new(None) };
        session.ask();
        Effect::new(move |_| {
            let now = (prefs.theme.get(), prefs.language.get(), prefs.shots.get());
            session.keep(now);
        });
        session
    }

    /// Asks once more.
    pub fn ask(self) {
        spawn_local(async move {
            match client::me().await {
                Ok(me) => self.set(me),
                Err(error) => self.me.set(Load::Failed(error)),
            }
        });
    }

    /// Somebody else is signed in now, or nobody.
    pub fn set(self, me: Me) {
        let known = me.account.as_ref().is_some_and(|account| !account.guest);
        let other =
            self.account_untracked().map(|a| a.id) != me.account.as_ref().map(|a| a.id.clone());
        self.me.set(Load::There(me));
        if other {
            self.kept.set_value(None);
        }
        if known && self.kept.with_value(Option::is_none) {
            spawn_local(async move {
                if let Ok((preferences, tag)) = client::preferences().await {
                    self.apply(&preferences);
                    self.kept.set_value(Some((preferences, tag)));
                }
            });
        }
    }

    /// Nobody is signed in.
    pub fn clear(self) {
        self.kept.set_value(None);
        let mail = self.mail();
        self.me.set(Load::There(Me { account: None, mail, providers: Vec::new() }));
    }

    /// Guest or user; none for a stranger, and before it is known.
    pub fn account(self) -> Option<Account> {
        self.me.with(|me| if let Load::There(me) = me { me.account.clone() } else { None })
    }

    pub fn account_untracked(self) -> Option<Account> {
        untrack(|| self.account())
    }

    /// One with credentials.
    pub fn user(self) -> Option<Account> {
        self.account().filter(|account| !account.guest)
    }

    /// Whether the server sends mail.
    pub fn mail(self) -> bool {
        self.me.with(|me| matches!(me, Load::There(me) if me.mail))
    }

    pub fn role(self) -> Option<Role> {
        self.user().map(|user| user.role)
    }

    /// Takes over what the server keeps.
    fn apply(self, kept: &Preferences) {
        fn read<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Option<T> {
            serde_json::from_value(value?.clone()).ok()
        }
        if let Some(theme) = read::<Theme>(kept.0.get("theme")) {
            self.prefs.theme.set(theme);
        }
        if let Some(shots) =
            read::<u32>(kept.0.get("shots")).filter(|n| (1..=1_000_000).contains(n))
        {
            self.prefs.shots.set(shots);
        }
        if let Some(language) = read::<Language>(kept.0.get("language"))
            && language != self.prefs.language.get_untracked()
        {
            use_language(language);
            self.prefs.language.set(language);
        }
    }

    /// Sends what changed. What other programs keep there stays.
    fn keep(self, (theme, language, shots): (Theme, Language, u32)) {
        let Some((mut preferences, tag)) = self.kept.get_value() else { return };
        let before = preferences.clone();
        preferences.0.insert("theme".into(), json!(theme));
        preferences.0.insert("language".into(), json!(language));
        preferences.0.insert("shots".into(), json!(shots));
        if preferences == before {
            return;
        }
        self.kept.set_value(Some((preferences.clone(), tag.clone())));
        spawn_local(async move {
            match client::set_preferences(&preferences, &tag).await {
                Ok(tag) => self.kept.set_value(Some((preferences, tag))),
                // Another device was first: its other settings stay, these three are this one's.
                Err(ApiError::Refused(problem)) if problem.status == 412 => {
                    if let Ok(kept) = client::preferences().await {
                        self.kept.set_value(Some(kept));
                        self.keep((theme, language, shots));
                    }
                }
                Err(_) => {}
            }
        });
    }
}
