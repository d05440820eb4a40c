//! The page: a single Leptos application, rendered in the browser.

mod app;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
