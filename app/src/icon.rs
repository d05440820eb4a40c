//! The icons: one set of 24-unit outlines, drawn in the text's color.

use leptos::prelude::*;

/// An icon of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Alert,
    Check,
    ChevronLeft,
    ChevronRight,
    Circuit,
    Close,
    Cloud,
    Code,
    Contrast,
    Copy,
    Dice,
    Download,
    File,
    Folder,
    Histogram,
    Info,
    Keyboard,
    Link,
    Menu,
    Monitor,
    Moon,
    More,
    Palette,
    Pause,
    Play,
    Plus,
    Redo,
    Search,
    Share,
    Sun,
    Trash,
    Undo,
    User,
}

impl Icon {
    /// Path data.
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17.3v.01",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::ChevronLeft => "m15 6-6 6 6 6",
            Self::ChevronRight => "m9 6 6 6-6 6",
            Self::Circuit => "M2 8h5M17 8h5M2 17h20M7 4h10v8H7ZM12 12v3M12 15a2 2 0 1 0 .01 0",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Cloud => {
                "M7 18.5a4.5 4.5 0 0 1-.6-8.96A6 6 0 0 1 17.9 9.6 4.5 4.5 0 0 1 17.5 18.5Z"
            }
            Self::Code => "m8 7-5 5 5 5M16 7l5 5-5 5",
            Self::Contrast => {
                "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 3v18M12 8h7.8M12 12h9M12 16h7.8"
            }
            Self::Copy => "M9 9h11v11H9ZM5 15H4V4h11v1",
            Self::Dice => {
                "M4 4h16v16H4ZM8.5 8.5v.01M15.5 8.5v.01M12 12v.01M8.5 15.5v.01M15.5 15.5v.01"
            }
            Self::Download => "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
            Self::File => "M6 3h8l4 4v14H6ZM14 3v4h4",
            Self::Folder => "M3 6h6l2 2.5h10V19H3Z",
            Self::Histogram => "M4 20h16M7 20v-6M12 20V5M17 20v-9",
            Self::Info => "M12 3a9 9 0 1 0 .01 0M12 11v5M12 7.7v.01",
            Self::Keyboard => {
                "M3 6.5h18v11H3ZM7 10.5v.01M11 10.5v.01M15 10.5v.01M17.5 13.5v.01M6.5 13.5v.01M9.5 14h5"
            }
            Self::Link => {
                "M9.5 14.5l5-5M11 6.5l2-2a4.6 4.6 0 0 1 6.5 6.5l-2 2M13 17.5l-2 2a4.6 4.6 0 0 1-6.5-6.5l2-2"
            }
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Monitor => "M3 5h18v11H3ZM9 20h6M12 16v4",
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
            Self::More => {
                "M6 11.5a.5.5 0 1 0 .01 0M12 11.5a.5.5 0 1 0 .01 0M18 11.5a.5.5 0 1 0 .01 0"
            }
            Self::Palette => {
                "M4 4h6.5v6.5H4ZM13.5 4H20v6.5h-6.5ZM4 13.5h6.5V20H4ZM13.5 13.5H20V20h-6.5Z"
            }
            Self::Pause => "M8 5v14M16 5v14",
            Self::Play => "M7 4.5v15l12-7.5Z",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Redo => "m15 4 5 5-5 5M20 9H9.5a5.5 5.5 0 0 0 0 11H13",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 .01 0M15.3 15.3 20.5 20.5",
            Self::Share => "M12 15V4M7.5 8 12 3.5 16.5 8M5 12v8h14v-8",
            Self::Sun => {
                "M12 8a4 4 0 1 0 .01 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4\
                 M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Trash => "M4 6.5h16M9 6.5V4h6v2.5M6.5 6.5 7.5 20h9l1-13.5M10 10.5v6M14 10.5v6",
            Self::User => "M12 4a4 4 0 1 0 .01 0M4.5 20a7.5 7.5 0 0 1 15 0",
            Self::Undo => "M9 4 4 9l5 5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
        }
    }
}

/// Draws an icon. It says nothing to screen readers: the control around it has the name.
#[component]
pub fn Glyph(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
