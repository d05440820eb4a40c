//! The lab: one Leptos application, rendered in the browser. The DOM is touched here and nowhere
//! else; the simulator is behind [`sim_client`], the server behind [`api_client`].

mod app;
mod canvas;
mod code;
mod color;
mod dialogs;
mod displays;
mod files;
mod frame;
mod link;
mod messages;
mod pages;
mod plots;
mod program;
mod saving;
mod sim_client;
mod state;

use ::app::{api_client, icon};

fn main() {
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
    if let Some(splash) = leptos::prelude::document().get_element_by_id("splash") {
        splash.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
