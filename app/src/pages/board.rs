//! The board of the whole office: columns by state, filters, what waits for a decision, and steps for several issues at once.
//! Its picture comes from the office's SQL; the last one is kept for when there is no network, with its time on it.

mod bulk;
mod column;
mod undecided;

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::Board;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;

use self::bulk::BulkBar;
use self::column::Columns;
use self::undecided::Undecided;
use super::{Head, call_error};
use crate::client::{CallError, Client, use_client};
use crate::components::filter_bar::FilterBar;
use crate::components::use_ui;
use crate::format;
use crate::texts::fill;

/// The name under which the last picture is kept on this phone.
const KEPT: &str = "board";
/// Typing in the search field asks once, not at every letter.
const CALM: Duration = Duration::from_millis(250);

#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub filter: RwSignal<Filter>,
    pub board: RwSignal<Option<Board>>,
    /// Why the picture is not the office's present one.
    pub stale: RwSignal<Option<CallError>>,
    pub chosen: RwSignal<BTreeMap<IssueId, Summary>>,
    /// The column that a phone shows.
    pub state: RwSignal<State>,
    /// Grows with each question, so that a late answer to an old one is dropped.
    asked: StoredValue<u32>,
}

impl Desk {
    fn new() -> Self {
        Self {
            filter: RwSignal::default(),
            board: RwSignal::new(None),
            stale: RwSignal::new(None),
            chosen: RwSignal::default(),
            state: RwSignal::new(State::Reported),
            asked: StoredValue::new(0),
        }
    }

    pub fn load(self, client: Client) {
        self.asked.update_value(|asked| *asked += 1);
        let (asked, filter) = (self.asked.get_value(), self.filter.get_untracked());
        set_timeout(move || self.ask(client, asked, filter), CALM);
    }

    fn ask(self, client: Client, asked: u32, filter: Filter) {
        let current = move || self.asked.try_get_value() == Some(asked);
        if !current() {
            return;
        }
        spawn_local(async move {
            let answer = client.get::<Board>(&format!("/api/board?{}", query(&filter))).await;
            match answer {
                Ok(board) => {
                    if filter == Filter::default() {
                        client.keep(KEPT, &board).await;
                    }
                    if current() {
                        self.show(board);
                        self.stale.set(None);
                    }
                }
                Err(error) if current() => self.fall_back(client, filter, error).await,
                Err(_) => {}
            }
        });
    }

    /// Without the office the kept picture is filtered here, by the same meaning.
    async fn fall_back(self, client: Client, filter: Filter, error: CallError) {
        if let Some(mut board) = client.kept::<Board>(KEPT).await {
            let now = board.server_time;
            for column in &mut board.columns {
                if filter != Filter::default() {
                    column.cards.retain(|row| filter.matches(row, now));
                    column.count = column.cards.len() as u64;
                }
            }
            board.undecided.retain(|row| filter.matches(row, now));
            self.board.try_set(Some(board));
        }
        self.stale.try_set(Some(error));
    }

    /// Chosen issues that left the picture are no longer chosen: nobody acts on what he does not see.
    fn show(self, board: Board) {
        let visible: BTreeMap<IssueId, Summary> =
            board.columns.iter().flat_map(|column| &column.cards).map(|row| (row.id, row.clone())).collect();
        self.chosen.update(|chosen| {
            *chosen = chosen.keys().filter_map(|id| Some((*id, visible.get(id)?.clone()))).collect();
        });
        self.board.set(Some(board));
    }

    pub fn toggle(self, row: &Summary) {
        self.chosen.update(|chosen| {
            if chosen.remove(&row.id).is_none() {
                chosen.insert(row.id, row.clone());
            }
        });
    }
}

/// The filter as the board's address has it.
pub(super) fn query(filter: &Filter) -> String {
    let states = filter.states.iter().map(|state| state.code()).collect::<Vec<_>>().join(",");
    let text = String::from(js_sys::encode_uri_component(filter.text.trim()));
    let flag = |on: bool| on.then(|| "true".to_string());
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let parts = [
        ("states", some(states)),
        ("zone", filter.zone.map(|zone| zone.to_string())),
        ("kind", filter.kind.map(|kind| kind.to_string())),
        ("place_type", filter.place_type.map(|it| it.code().to_string())),
        ("supervised", flag(filter.supervised)),
        ("overdue", flag(filter.overdue)),
        ("undecided", flag(filter.undecided)),
        ("open", flag(filter.open)),
        ("text", some(text)),
    ];
    let pairs = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    pairs.collect::<Vec<_>>().join("&")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Columns,
    Undecided,
}

#[component]
pub fn BoardPage() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let desk = Desk::new();
    let view = RwSignal::new(View::Columns);
    Effect::new(move || {
        desk.filter.track();
        client.news.track();
        client.online.track();
        desk.load(client);
    });
    let waiting =
        move || desk.board.with(|board| board.as_ref().map_or(0, |board| board.undecided.len() + board.held.len()));
    let tab = move |to: View, name: &'static str, testid: &'static str| {
        view! {
            <button
                type="button"
                role="tab"
                aria-selected=move || (view.get() == to).to_string()
                data-testid=testid
                on:click=move |_| view.set(to)
            >
                {name}
                {(to == View::Undecided).then(|| view! { <b>{waiting}</b> })}
            </button>
        }
    };
    view! {
        <Head title=ui.t.nav_board.to_string() />
        <div class="tabs" role="tablist" aria-label=ui.t.nav_board>
            {tab(View::Columns, ui.t.all_states, "tab-columns")}
            {tab(View::Undecided, ui.t.undecided_list, "tab-undecided")}
        </div>
        <FilterBar filter=desk.filter states=false />
        <Freshness desk />
        {move || match (desk.board.with(Option::is_some), view.get()) {
            (false, _) if desk.stale.with(Option::is_some) => ().into_any(),
            (false, _) => view! { <p class="spinner" role="status" aria-label=ui.t.loading></p> }.into_any(),
            (true, View::Columns) => view! { <Columns desk /> }.into_any(),
            (true, View::Undecided) => view! { <Undecided desk /> }.into_any(),
        }}
        <BulkBar desk />
    }
}

/// Whether this is the present picture, and if not, from when it is.
#[component]
fn Freshness(desk: Desk) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let at = Memo::new(move |_| desk.board.with(|board| board.as_ref().map(|board| board.server_time)));
    let when = move || at.get().map(|at| format::date_time(ui.t, at, ui.now.get()));
    move || match desk.stale.get() {
        None => view! {
            <p class="fresh" role="status">
                {move || when().map(|when| fill(ui.t.picture_live, &[&when]))}
            </p>
        }
        .into_any(),
        Some(error) => view! {
            <p class="fresh stale" role="status" data-testid="board-stale">
                {match when() {
                    Some(when) => fill(ui.t.picture_of, &[&when]),
                    None => ui.t.no_picture.into(),
                }} " " {call_error(ui.t, &error)} " "
                <button type="button" class="plain" on:click=move |_| desk.load(client)>{ui.t.retry}</button>
            </p>
        }
        .into_any(),
    }
}
