//! The board of the whole office: columns by state, filters, what waits for a decision, and steps for several issues at once.
//! Its picture comes from the office's SQL; the last one is kept for when there is no network, with its time on it.

mod bulk;
mod column;
mod undecided;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::Board;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::policy::{may_export, may_import};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;

use self::bulk::bulk_bar;
use self::column::columns;
use self::undecided::undecided;
use super::{call_error, head, waiting};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::filter_bar::filter_bar;
use crate::components::lean::{all, follow, given, maybe, nothing, shown, tap, text, words};
use crate::components::link::link;
use crate::texts::fill;

/// The name under which the last picture is kept on this phone.
const KEPT: &str = "board";
/// Typing in the search field asks once, not at every letter.
const CALM: Duration = Duration::from_millis(250);
const UNDECIDED: &str = "undecided";

#[derive(Clone, Copy)]
struct Desk {
    filter: RwSignal<Filter>,
    board: RwSignal<Option<Board>>,
    /// Why the picture is not the office's present one; empty while it is.
    stale: RwSignal<String>,
    /// The issues that a step for several shall take.
    chosen: RwSignal<Arc<Vec<Summary>>>,
    /// The code of the column that a phone shows.
    state: RwSignal<String>,
    /// Empty for the columns, or [`UNDECIDED`].
    view: RwSignal<String>,
    /// Grows with each question, so that a late answer to an old one is dropped.
    asked: StoredValue<u32>,
}

impl Desk {
    fn new() -> Self {
        Self {
            filter: RwSignal::default(),
            board: RwSignal::new(None),
            stale: RwSignal::new(String::new()),
            chosen: RwSignal::default(),
            state: RwSignal::new(State::Reported.code().into()),
            view: RwSignal::new(String::new()),
            asked: StoredValue::new(0),
        }
    }

    fn load(self, ui: Ui) {
        self.asked.update_value(|asked| *asked += 1);
        let (asked, filter) = (self.asked.get_value(), self.filter.get_untracked());
        set_timeout(move || self.ask(ui, asked, filter), CALM);
    }

    fn ask(self, ui: Ui, asked: u32, filter: Filter) {
        let current = move || self.asked.try_get_value() == Some(asked);
        if !current() {
            return;
        }
        spawn_local(async move {
            match ui.client.get::<Board>(&format!("/api/board?{}", query(&filter))).await {
                Ok(board) => {
                    if filter == Filter::default() {
                        ui.client.keep(KEPT, &board).await;
                    }
                    if current() {
                        self.show(board);
                        self.stale.set(String::new());
                    }
                }
                Err(error) if current() => self.fall_back(ui, filter, call_error(ui.t, &error)).await,
                Err(_) => {}
            }
        });
    }

    /// On a weak link the last picture is worth more than none.
    async fn show_kept(self, ui: Ui) {
        let kept = ui.client.kept::<Board>(KEPT).await;
        if kept.is_some() && self.board.try_with_untracked(Option::is_none) == Some(true) {
            self.board.set(kept);
            self.stale.set(ui.t.loading.into());
        }
    }

    /// Without the office the kept picture is filtered here, by the same meaning.
    async fn fall_back(self, ui: Ui, filter: Filter, why: String) {
        if let Some(mut board) = ui.client.kept::<Board>(KEPT).await {
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
        self.stale.try_set(why);
    }

    /// Chosen issues that left the picture are no longer chosen: nobody acts on what he does not see.
    fn show(self, board: Board) {
        let chosen = self.chosen.get_untracked();
        let visible = board.columns.iter().flat_map(|column| &column.cards);
        let still: Vec<Summary> =
            visible.filter(|row| chosen.iter().any(|other| other.id == row.id)).cloned().collect();
        self.chosen.set(Arc::new(still));
        self.board.set(Some(board));
    }

    fn is_chosen(self, id: IssueId) -> bool {
        self.chosen.with(|chosen| chosen.iter().any(|row| row.id == id))
    }

    fn toggle(self, row: &Summary) {
        let mut rows = (*self.chosen.get_untracked()).clone();
        let before = rows.len();
        rows.retain(|other| other.id != row.id);
        if rows.len() == before {
            rows.push(row.clone());
        }
        self.chosen.set(Arc::new(rows));
    }
}

/// The filter as the board's address has it.
fn query(filter: &Filter) -> String {
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

pub fn board(ui: Ui) -> AnyView {
    let t = ui.t;
    let desk = Desk::new();
    spawn_local(desk.show_kept(ui));
    follow(move || {
        desk.filter.track();
        ui.client.news.track();
        ui.client.online.track();
        desk.load(ui);
    });
    let page = shown(move || {
        let known = desk.board.with(Option::is_some);
        match desk.view.get().as_str() {
            _ if !known && desk.stale.with(String::is_empty) => waiting(ui),
            _ if !known => nothing(),
            UNDECIDED => undecided(ui, desk),
            _ => columns(ui, desk),
        }
    });
    let parts = [
        head(ui, t.nav_board, false, books(ui, desk)),
        tabs(ui, desk),
        filter_bar(ui, desk.filter, false, nothing()),
        freshness(ui, desk),
        page,
        bulk_bar(ui, desk),
    ];
    all(parts)
}

/// The list as a file, under the filter that is set; and an old list coming in.
fn books(ui: Ui, desk: Desk) -> AnyView {
    let me = ui.me();
    let exports = me.as_ref().is_some_and(may_export);
    let export = maybe(move || {
        let address = format!("/export?{}", desk.filter.with(query));
        exports.then(|| link(ui, address, "button plain", "to-export".into(), ui.t.export_link.into_any()))
    });
    let import = me.as_ref().is_some_and(may_import);
    let import =
        import.then(|| link(ui, "/import".into(), "button plain", "to-import".into(), ui.t.import_link.into_any()));
    view! { <div class="head-links">{given(import)} {export}</div> }.into_any()
}

fn tabs(ui: Ui, desk: Desk) -> AnyView {
    let waiting = words(move || {
        let count = desk.board.with(|board| board.as_ref().map_or(0, |board| board.undecided.len() + board.held.len()));
        count.to_string()
    });
    let tab = |view: &'static str, name: &'static str, count: AnyView, testid: &'static str| {
        let chosen = text(move || (desk.view.get() == view).to_string());
        let choose = tap(move || desk.view.set(view.into()));
        view! {
            <button type="button" role="tab" aria-selected=chosen data-testid=testid on:click=choose>
                {name}
                {count}
            </button>
        }
        .into_any()
    };
    let count = view! { <b>{waiting}</b> }.into_any();
    view! {
        <div class="tabs" role="tablist" aria-label=ui.t.nav_board>
            {tab("", ui.t.all_states, nothing(), "tab-columns")}
            {tab(UNDECIDED, ui.t.undecided_list, count, "tab-undecided")}
        </div>
    }
    .into_any()
}

/// Whether this is the present picture, and if not, from when it is.
fn freshness(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    shown(move || {
        let at = desk.board.with(|board| board.as_ref().map(|board| board.server_time));
        let why = desk.stale.get();
        if why.is_empty() {
            let words = at.map(|at| fill(t.picture_live, &[&ui.when(at)])).unwrap_or_default();
            return view! { <p class="fresh" role="status">{words}</p> }.into_any();
        }
        let words = at.map_or_else(|| t.no_picture.into(), |at| fill(t.picture_of, &[&ui.when(at)]));
        let words = format!("{words} {why} ");
        view! {
            <p class="fresh stale" role="status" data-testid="board-stale">
                {words}
                {button("plain", "", t.retry, move || desk.load(ui))}
            </p>
        }
        .into_any()
    })
}
