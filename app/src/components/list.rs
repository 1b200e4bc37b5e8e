//! A list of any length of which only the visible rows exist: every row has the same height, and the page itself scrolls,
//! so that the browser's own scrolling stays what the hand expects.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use xiaohao_shared::model::summary::Summary;

/// In CSS pixels; the style sheet gives a card exactly this height, the gap included.
pub const ROW_HEIGHT: usize = 136;
/// Rows kept ready above and below the visible ones.
const MARGIN: usize = 6;
/// The window moves in steps, so that most scroll events change nothing.
const STEP: usize = 4;

/// First and one past the last row to show, of `count` rows, when the list begins `above` pixels above the window's top.
fn window_of(count: usize, above: f64, height: f64) -> (usize, usize) {
    let row = ROW_HEIGHT as f64;
    let first = ((above / row).max(0.0) as usize).saturating_sub(MARGIN) / STEP * STEP;
    let shown = (height / row).ceil() as usize + 2 * MARGIN + STEP;
    (first.min(count), (first + shown).min(count))
}

#[component]
pub fn List<V: IntoView + 'static>(
    #[prop(into)] rows: Signal<Arc<Vec<Summary>>>,
    #[prop(into)] label: String,
    card: impl Fn(Summary) -> V + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let seen = RwSignal::new((0.0, 900.0));
    let look = move || {
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(900.0);
        let above = frame.get_untracked().map_or(0.0, |frame| -frame.get_bounding_client_rect().top());
        seen.set((above, height));
    };
    let on_scroll = window_event_listener(leptos::ev::scroll, move |_| look());
    let on_resize = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || {
        on_scroll.remove();
        on_resize.remove();
    });
    let span = Memo::new(move |_| {
        let (above, height) = seen.get();
        window_of(rows.with(|rows| rows.len()), above, height)
    });
    let visible = move || {
        let (from, to) = span.get();
        rows.with(|rows| rows.get(from..to).map(<[Summary]>::to_vec)).unwrap_or_default()
    };
    view! {
        <div
            class="list"
            role="list"
            aria-label=label
            node_ref=frame
            style:height=move || format!("{}px", rows.with(|rows| rows.len()) * ROW_HEIGHT)
        >
            <div class="list-window" style:transform=move || format!("translateY({}px)", span.get().0 * ROW_HEIGHT)>
                <For each=visible key=fingerprint let:row>
                    <div class="list-row" role="listitem">{card(row)}</div>
                </For>
            </div>
        </div>
    }
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
            let (from, to) = window_of(5_000, above, 740.0);
            let first_seen = (above.max(0.0) as usize) / ROW_HEIGHT;
            assert!(from <= to && to <= 5_000);
            assert!(first_seen >= 5_000 || (from <= first_seen && to > first_seen), "{above}");
        }
        assert_eq!(window_of(0, 0.0, 740.0), (0, 0));
        assert_eq!(window_of(3, 0.0, 740.0), (0, 3));
    }
}
