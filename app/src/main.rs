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
mod later;
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
    let splash = leptos::prelude::document().get_element_by_id("splash");
    leptos::mount::mount_to_body(app::App);
    // In the same task, so that no frame is without a page.
    if let Some(splash) = splash {
        splash.remove();
    }
}
