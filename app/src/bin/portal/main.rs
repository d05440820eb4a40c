//! The portal: signing in, the account, projects, groups, administration. A program of its own beside the
//! lab, which is large and has to start fast; both are pages of one site and share cookies, preferences
//! and looks.

mod client;
mod diff;
mod form;
mod frame;
mod pages;
mod parts;
mod roster;
mod route;
mod session;
mod words;

fn main() {
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
    if let Some(splash) = leptos::prelude::document().get_element_by_id("splash") {
        splash.remove();
    }
    leptos::mount::mount_to_body(frame::Portal);
}
