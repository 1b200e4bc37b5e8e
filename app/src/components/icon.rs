//! The few signs of the app as inline SVG: no font to load, none missing offline.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Work,
    Report,
    Board,
    Sync,
    Me,
    People,
    Camera,
    Gallery,
    Pin,
    Search,
    Filter,
    Cross,
    Check,
    Warning,
    Phone,
    Upload,
    Office,
    Clock,
    Back,
    Plus,
    Key,
}

impl Icon {
    /// Strokes in a box of 24 by 24.
    fn path(self) -> &'static str {
        match self {
            Self::Work => "M8 4h8v3H8zM6 5.5H4.5V21h15V5.5H18M8 11h8M8 15h5",
            Self::Report => "M12 4v16M4 12h16",
            Self::Board => "M4 4h16v16H4zM9.3 4v16M14.7 4v16",
            Self::Sync => "M20 12a8 8 0 0 1-14.3 5M4 12a8 8 0 0 1 14.3-5M18.5 3v4.2h-4.2M5.5 21v-4.2h4.2",
            Self::Me => "M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 6 0 0 1 15 0",
            Self::People => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 5.5 0 0 1 13 0M16 5a3.3 3.3 0 0 1 0 6.5M18 14.5a6 5 0 0 1 3.5 5.5"
            }
            Self::Camera => "M4 8h3.5L9 5.5h6L16.5 8H20v11.5H4zM12 16.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6z",
            Self::Gallery => "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
            Self::Pin => {
                "M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
            }
            Self::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.3 15.3 20.5 20.5",
            Self::Filter => "M4 6h16M7 12h10M10 18h4",
            Self::Cross => "M6 6l12 12M18 6 6 18",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Warning => "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.01",
            Self::Phone => "M7 3h10v18H7zM11 18h2",
            Self::Upload => "M12 16V5M7.5 9.5 12 5l4.5 4.5M5 19.5h14",
            Self::Office => "M4 20.5h16M6 20.5V9l6-5 6 5v11.5M10 20.5V15h4v5.5",
            Self::Clock => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2.5",
            Self::Back => "M15 5l-7 7 7 7",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Key => "M8 19.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM10.8 12.7 19.5 4M15.5 8l3 3",
        }
    }
}

/// Decoration: the words beside it say the same.
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
    .into_any()
}
