//! The page: one Leptos application, rendered in the browser. The DOM is touched here and nowhere
//! else; the simulator is behind [`sim_client`], the server behind [`api_client`].

mod api_client;
mod app;
mod canvas;
mod code;
mod color;
mod dialogs;
mod displays;
mod files;
mod frame;
mod icon;
mod link;
mod messages;
mod pages;
mod plots;
mod program;
mod sim_client;
mod state;

fn main() {
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
    if let Some(splash) = leptos::prelude::document().get_element_by_id("splash") {
        splash.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
