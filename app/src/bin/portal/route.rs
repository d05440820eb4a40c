//! Addresses of the portal, and going from one to another without loading the program again.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlAnchorElement, HtmlElement};

/// Which projects are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Own,
    Shared,
    Public,
    Trash,
}

impl Shelf {
    pub const ALL: [Self; 4] = [Self::Own, Self::Shared, Self::Public, Self::Trash];

    /// As the server calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Shared => "shared",
            Self::Public => "public",
            Self::Trash => "trash",
        }
    }

    pub fn path(self) -> String {
        match self {
            Self::Own => "/projects".to_owned(),
            other => format!("/projects/{}", other.name()),
        }
    }
}

/// Part of a project's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectTab {
    Content,
    Versions,
    Runs,
    Sharing,
}

impl ProjectTab {
    pub const ALL: [Self; 4] = [Self::Content, Self::Versions, Self::Runs, Self::Sharing];

    const fn name(self) -> &'static str {
        match self {
            Self::Content => "",
            Self::Versions => "versions",
            Self::Runs => "runs",
            Self::Sharing => "sharing",
        }
    }

    pub fn path(self, id: &str) -> String {
        match self {
            Self::Content => format!("/projects/{id}"),
            other => format!("/projects/{id}/{}", other.name()),
        }
    }
}

/// Part of the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminTab {
    Users,
    Audit,
    Health,
}

impl AdminTab {
    pub const ALL: [Self; 3] = [Self::Users, Self::Audit, Self::Health];

    pub const fn path(self) -> &'static str {
        match self {
            Self::Users => "/admin",
            Self::Audit => "/admin/audit",
            Self::Health => "/admin/health",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    Account,
    SignIn,
    SignUp,
    /// With the token of a mail.
    Verify(String),
    /// With the token of a mail; without one, a mail is asked for.
    Reset(String),
    Projects(Shelf),
    Project(String, ProjectTab),
    /// The secret of a shared link.
    Shared(String),
    Groups,
    Group(String),
    /// The code, where the link has one.
    Join(String),
    Admin(AdminTab),
    AdminUser(String),
    Privacy,
    Nowhere,
}

impl Route {
    /// Of a path and what stands behind `#`.
    pub fn parse(path: &str, fragment: &str) -> Self {
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        let secret = fragment.to_owned();
        match words[..] {
            ["account"] => Self::Account,
            ["account", "sign-in"] => Self::SignIn,
            ["account", "sign-up"] => Self::SignUp,
            ["account", "verify"] => Self::Verify(secret),
            ["account", "reset"] => Self::Reset(secret),
            ["projects"] => Self::Projects(Shelf::Own),
            ["projects", "link"] => Self::Shared(secret),
            ["projects", word] => match Shelf::ALL.into_iter().find(|shelf| shelf.name() == word) {
                Some(shelf) => Self::Projects(shelf),
                None => Self::Project(word.to_owned(), ProjectTab::Content),
            },
            ["projects", id, tab] => {
                let found = ProjectTab::ALL.into_iter().find(|t| t.name() == tab);
                found.map_or(Self::Nowhere, |tab| Self::Project(id.to_owned(), tab))
            }
            ["groups"] => Self::Groups,
            ["groups", id] => Self::Group(id.to_owned()),
            ["join"] => Self::Join(secret),
            ["admin"] => Self::Admin(AdminTab::Users),
            ["admin", "audit"] => Self::Admin(AdminTab::Audit),
            ["admin", "health"] => Self::Admin(AdminTab::Health),
            ["admin", "users", id] => Self::AdminUser(id.to_owned()),
            ["privacy"] => Self::Privacy,
            _ => Self::Nowhere,
        }
    }
}

/// Where a person goes after signing in: a place on this site and nowhere else.
pub fn safe_next(query: &str) -> Option<String> {
    let value = query.trim_start_matches('?').split('&').find_map(|p| p.strip_prefix("next="))?;
    let next: String = js_sys::decode_uri_component(value).ok()?.into();
    is_here(&next).then_some(next)
}

/// Whether an address is a path on this site. Browsers take `//host` and `/\host` for other sites.
fn is_here(address: &str) -> bool {
    let mut bytes = address.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && !address.bytes().any(|b| b.is_ascii_control())
}

/// The present place. Copies share it.
#[derive(Clone, Copy)]
pub struct Router {
    pub route: RwSignal<Route>,
}

fn here() -> Route {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let fragment = location.hash().unwrap_or_default();
    Route::parse(&path, fragment.trim_start_matches('#'))
}

impl Router {
    /// Follows the address bar and the links of the page.
    pub fn start() -> Self {
        let router = Self { route: RwSignal::new(here()) };
        for event in ["popstate", "hashchange"] {
            let handle = window_event_listener_untyped(event, move |_| router.arrive());
            on_cleanup(move || handle.remove());
        }
        let handle = window_event_listener(ev::click, move |event| {
            let modified = event.ctrl_key() || event.meta_key() || event.shift_key();
            if event.default_prevented() || modified || event.button() != 0 {
                return;
            }
            let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let anchor = target.and_then(|t| t.closest("a[href]").ok().flatten());
            let Some(anchor) = anchor.and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok()) else {
                return;
            };
            let ours = anchor.get_attribute("href").filter(|href| {
                Route::parse(href.split(['#', '?']).next().unwrap_or_default(), "")
                    != Route::Nowhere
            });
            if let Some(href) = ours
                && !anchor.has_attribute("download")
                && anchor.target().is_empty()
            {
                event.prevent_default();
                router.go(&href);
            }
        });
        on_cleanup(move || handle.remove());
        router
    }

    /// Goes to an address on this site; outside of the portal the browser loads it.
    pub fn go(self, address: &str) {
        let path = address.split(['#', '?']).next().unwrap_or_default();
        if Route::parse(path, "") == Route::Nowhere {
            let _ = window().location().set_href(address);
            return;
        }
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
        self.arrive();
    }

    /// Another address for the present place: what was secret in it is used up.
    pub fn replace(self, address: &str) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
        }
        self.arrive();
    }

    fn arrive(self) {
        let route = here();
        if self.route.with_untracked(|now| *now != route) {
            self.route.set(route);
            request_animation_frame(to_content);
        }
    }
}

/// What is read next is the page, from its top.
pub fn to_content() {
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
        main.set_scroll_top(0);
        let _ = main.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_to_its_page() {
        for (path, route) in [
            ("/account", Route::Account),
            ("/account/verify", Route::Verify("t0".into())),
            ("/account/reset/", Route::Reset("t0".into())),
            ("/projects", Route::Projects(Shelf::Own)),
            ("/projects/trash", Route::Projects(Shelf::Trash)),
            ("/projects/link", Route::Shared("t0".into())),
            ("/projects/0190", Route::Project("0190".into(), ProjectTab::Content)),
            ("/projects/0190/runs", Route::Project("0190".into(), ProjectTab::Runs)),
            ("/projects/0190/nothing", Route::Nowhere),
            ("/join", Route::Join("t0".into())),
            ("/admin/users/0190", Route::AdminUser("0190".into())),
            ("/privacy", Route::Privacy),
            ("/", Route::Nowhere),
            ("/lab", Route::Nowhere),
        ] {
            assert_eq!(Route::parse(path, "t0"), route, "{path}");
        }
    }

    #[test]
    fn paths_of_shelves_and_tabs_are_read_back() {
        for shelf in Shelf::ALL {
            assert_eq!(Route::parse(&shelf.path(), ""), Route::Projects(shelf));
        }
        for tab in ProjectTab::ALL {
            assert_eq!(Route::parse(&tab.path("0190"), ""), Route::Project("0190".into(), tab));
        }
        for tab in AdminTab::ALL {
            assert_eq!(Route::parse(tab.path(), ""), Route::Admin(tab));
        }
    }

    #[test]
    fn signing_in_leads_to_this_site_alone() {
        for (address, here) in [
            ("/", true),
            ("/projects/0190", true),
            ("//example.org", false),
            ("/\\example.org", false),
            ("https://example.org", false),
            ("javascript:alert(1)", false),
            ("/\t/example.org", false),
            ("", false),
        ] {
            assert_eq!(is_here(address), here, "{address:?}");
        }
    }
}
