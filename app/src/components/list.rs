//! A list of any length of which only the visible rows exist: every row has the same height, and the page itself scrolls,
//! so that the browser's own scrolling stays what the hand expects.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use xiaohao_shared::model::summary::Summary;

use super::lean::{each, item, text};

/// In CSS pixels; the style sheet gives a card exactly this height, the gap included.
pub const ROW_HEIGHT: usize = 140;
/// Rows kept ready above and below the visible ones.
const MARGIN: u32 = 6;
/// The window moves in steps, so that most scroll events change nothing.
const STEP: u32 = 4;

/// The first row to keep ready when the list begins `above` pixels above the window's top.
fn first_row(above: f64) -> u32 {
    let row = (above / ROW_HEIGHT as f64).max(0.0) as u32;
    row.saturating_sub(MARGIN) / STEP * STEP
}

/// First and one past the last row to show, of `count` rows in a window of this height.
fn window_of(count: usize, first: u32, height: f64) -> (usize, usize) {
    let shown = (height / ROW_HEIGHT as f64).ceil() as usize + (2 * MARGIN + STEP) as usize;
    let first = first as usize;
    (first.min(count), (first + shown).min(count))
}

fn window_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(900.0)
}

pub fn list(
    rows: RwSignal<Arc<Vec<Summary>>>,
    label: &'static str,
    // What the cards show beside their rows: when it changes, they are drawn anew.
    beside: impl Fn() -> String + Send + Sync + 'static,
    card: impl Fn(Summary) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let frame = NodeRef::<html::Div>::new();
    let first = RwSignal::new(0_u32);
    let look = move |resized: bool| {
        let above = frame.get_untracked().map_or(0.0, |frame| -frame.get_bounding_client_rect().top());
        let row = first_row(above);
        if resized || first.get_untracked() != row {
            first.set(row);
        }
    };
    for event in ["scroll", "resize"] {
        let handle = window_event_listener_untyped(event, move |_| look(event == "resize"));
        on_cleanup(move || handle.remove());
    }
    let visible = move || {
        let (from, to) = window_of(rows.with(|rows| rows.len()), first.get(), window_height());
        let rows = rows.with(|rows| rows.get(from..to).map(<[Summary]>::to_vec)).unwrap_or_default();
        let beside = beside();
        rows.into_iter().map(|row| item(fingerprint(&row) + &beside, move || list_row(card(row)))).collect()
    };
    let height = text(move || format!("{}px", rows.with(|rows| rows.len()) * ROW_HEIGHT));
    let shift = text(move || {
        let (from, _) = window_of(rows.with(|rows| rows.len()), first.get(), 0.0);
        format!("translateY({}px)", from * ROW_HEIGHT)
    });
    view! {
        <div class="list" role="list" aria-label=label node_ref=frame style:height=height>
            <div class="list-window" style:transform=shift>
                {each(visible)}
            </div>
        </div>
    }
    .into_any()
}

fn list_row(card: AnyView) -> AnyView {
    view! {
        <div class="list-row" role="listitem">
            {card}
        </div>
    }
    .into_any()
}

/// A row that says something new is a new row; the few that are visible are cheap to compare whole.
fn fingerprint(row: &Summary) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_covers_what_is_seen_and_never_leaves_the_list() {
        for above in [-500.0, 0.0, 1.0, 40_000.0, 700_000.0] {
            let (from, to) = window_of(5_000, first_row(above), 740.0);
            let first_seen = (above.max(0.0) as usize) / ROW_HEIGHT;
            assert!(from <= to && to <= 5_000);
            assert!(first_seen >= 5_000 || (from <= first_seen && to > first_seen), "{above}");
        }
        assert_eq!(window_of(0, 0, 740.0), (0, 0));
        assert_eq!(window_of(3, 0, 740.0), (0, 3));
    }
}
