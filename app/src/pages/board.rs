//! The board of the whole office: columns by state, filters, what waits for a decision, and steps for several issues at once.
//! Its picture comes from the office's SQL; the last one is kept for when there is no network, with its time on it.

mod bulk;
mod column;
mod groups;
mod undecided;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Board, Column};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;

use self::bulk::bulk_bar;
use self::column::columns;
use self::groups::groups;
use self::undecided::undecided;
use super::conditions::conditions;
use super::desk_links::desk_links;
use super::export::export_link;
use super::keys::slash_searches;
use super::map::map_link;
use super::said::{address, borne, said};
use super::views::Saved;
use super::{call_error, head, waiting};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::filter_bar::filter_bar;
use crate::components::lean::{all, follow, given, nothing, shown, tap, text, words};
use crate::components::link::{link, steered};
use crate::components::tabs::tablist;
use crate::texts::fill;

/// The name under which the last picture is kept on this phone.
const KEPT: &str = "board";
/// Typing in the search field asks once, not at every letter.
const CALM: Duration = Duration::from_millis(250);
const UNDECIDED: &str = "undecided";
/// The column that a phone shows at first.
const FIRST: State = State::Reported;

#[derive(Clone, Copy)]
struct Desk {
    filter: RwSignal<Filter>,
    /// What the address says: view and filter.
    place: RwSignal<Place>,
    board: RwSignal<Option<Board>>,
    /// Why the picture is not the office's present one; empty while it is.
    stale: RwSignal<String>,
    /// The issues that a step for several shall take.
    chosen: RwSignal<Arc<Vec<Summary>>>,
    /// The code of the column that a phone shows.
    state: RwSignal<String>,
    /// Empty for the columns, [`UNDECIDED`], or the code of a [`Grouping`].
    view: RwSignal<String>,
    /// Grows with each question, so that a late answer to an old one is dropped.
    asked: StoredValue<u32>,
}

/// A view of the board, the column that a phone shows of it, and its filter, as its address has them.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    view: String,
    column: State,
    filter: Filter,
}

impl Place {
    fn read(query: &str) -> Self {
        let filter = Filter::from_query(query).unwrap_or_default();
        let column = value_of(query, "column").and_then(|code| State::from_code(&code)).unwrap_or(FIRST);
        Self { view: value_of(query, "view").unwrap_or_default(), column, filter }
    }

    fn query(&self) -> String {
        let view = if self.view.is_empty() { String::new() } else { format!("view={}", self.view) };
        let column = if self.column == FIRST { String::new() } else { format!("column={}", self.column.code()) };
        [view, column, self.filter.query()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    }
}

impl Desk {
    fn new(ui: Ui) -> Self {
        let place = steered(ui, "/board", Place::read, Place::query);
        let Place { view, column, filter } = place.get_untracked();
        Self {
            filter: RwSignal::new(filter),
            place,
            board: RwSignal::new(None),
            stale: RwSignal::new(String::new()),
            chosen: RwSignal::default(),
            state: RwSignal::new(column.code().into()),
            view: RwSignal::new(view),
            asked: StoredValue::new(0),
        }
    }

    /// The address follows what is chosen here, and what is chosen the address.
    fn follow_address(self) {
        follow(move || {
            let column = State::from_code(&self.state.get()).unwrap_or(FIRST);
            let place = Place { view: self.view.get(), column, filter: self.filter.get() };
            if self.place.with_untracked(|now| *now != place) {
                self.place.set(place);
            }
        });
        follow(move || {
            let Place { view, column, filter } = self.place.get();
            if self.view.with_untracked(|now| *now != view) {
                self.view.set(view);
            }
            if self.state.with_untracked(|now| now != column.code()) {
                self.state.set(column.code().into());
            }
            if self.filter.with_untracked(|now| *now != filter) {
                self.filter.set(filter);
            }
        });
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
            match ui.client.get::<Board>(&format!("/api/board?{}", filter.query())).await {
                Ok(board) => {
                    if filter == Filter::default() {
                        ui.client.keep(KEPT, &board).await;
                    }
                    if current() {
                        self.show(board, &filter);
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

    /// Without the office the kept picture is filtered here, by the same meaning; of a column that went on, only its first are here.
    async fn fall_back(self, ui: Ui, filter: Filter, mut why: String) {
        if let Some(mut board) = ui.client.kept::<Board>(KEPT).await {
            let (now, filter) = (board.server_time, untrack(|| ui.knowing(filter)));
            let undecided_cut = board.undecided_count > board.undecided.len() as u64;
            if filter != Filter::default() && (undecided_cut || board.columns.iter().any(is_cut)) {
                why = format!("{why} {}", ui.t.picture_part);
            }
            for column in &mut board.columns {
                if filter != Filter::default() {
                    column.cards.retain(|row| filter.matches(row, now));
                    column.count = column.cards.len() as u64;
                }
            }
            board.undecided.retain(|row| filter.matches(row, now));
            if filter != Filter::default() {
                board.undecided_count = board.undecided.len() as u64;
            }
            self.board.try_set(Some(board));
        }
        self.stale.try_set(why);
    }

    /// Chosen issues that are gone are no longer chosen.
    fn show(self, board: Board, filter: &Filter) {
        let chosen = self.chosen.get_untracked();
        let still: Vec<Summary> = chosen.iter().filter_map(|row| remaining(&board, filter, row)).collect();
        self.chosen.set(Arc::new(still));
        self.board.set(Some(board));
    }

    /// There is no issue at all, not only none that the filter means.
    fn is_bare(self) -> bool {
        let none = |board: &Board| board.columns.iter().all(|column| column.count == 0);
        self.filter.with(|filter| *filter == Filter::default())
            && self.board.with(|board| board.as_ref().is_some_and(none))
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

/// A chosen issue as the fresh picture has it. That holds the first of each column alone: what was ticked further down stays ticked as
/// it was, as long as its column goes on there and the filter still means it.
fn remaining(board: &Board, filter: &Filter, row: &Summary) -> Option<Summary> {
    let mut here = board.columns.iter().flat_map(|column| &column.cards).chain(&board.undecided);
    if let Some(fresh) = here.find(|fresh| fresh.id == row.id) {
        return Some(fresh.clone());
    }
    let goes_on = |column: &Column| column.state == row.state && is_cut(column);
    let is_beyond = board.columns.iter().any(goes_on) && filter.matches(row, board.server_time);
    is_beyond.then(|| row.clone())
}

fn is_cut(column: &Column) -> bool {
    column.count > column.cards.len() as u64
}

pub fn board(ui: Ui) -> AnyView {
    let t = ui.t;
    let desk = Desk::new(ui);
    desk.follow_address();
    slash_searches();
    let saved = Saved::of(ui);
    let here = move || {
        let place = desk.place.get();
        let names = [tab_name(ui, &place.view).to_string(), said(ui, &place.filter)];
        let named = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" · ");
        (named, address("/board", &place.query()))
    };
    spawn_local(desk.show_kept(ui));
    follow(move || {
        desk.filter.track();
        ui.client.news.track();
        ui.client.online.track();
        desk.load(ui);
    });
    let is_bare = Memo::new(move |_| desk.is_bare());
    let page = shown(move || {
        let known = desk.board.with(Option::is_some);
        match desk.view.get().as_str() {
            _ if !known && desk.stale.with(String::is_empty) => waiting(ui),
            _ if !known => nothing(),
            UNDECIDED => undecided(ui, desk),
            _ if is_bare.get() => bare(ui),
            view => match Grouping::from_code(view) {
                Some(by) => groups(ui, desk, by),
                None => columns(ui, desk),
            },
        }
    });
    let parts = [
        head(ui, t.nav_board, false, books(ui, desk)),
        desk_links(ui, true),
        saved.shown(ui),
        tabs(ui, desk),
        filter_bar(ui, desk.filter, false, saved.save_button(ui, here), Some(conditions)),
        borne(ui, desk.filter),
        freshness(ui, desk),
        page,
        bulk_bar(ui, desk),
    ];
    all(parts)
}

/// Before the first report: what will stand here, and whence it comes.
fn bare(ui: Ui) -> AnyView {
    view! {
        <section class="empty" data-testid="no-issues">
            <h2>{ui.t.board_bare}</h2>
            <p>{ui.t.board_bare_text}</p>
        </section>
    }
    .into_any()
}

fn tab_name(ui: Ui, view: &str) -> &'static str {
    let t = ui.t;
    match Grouping::from_code(view) {
        Some(Grouping::Zone) => t.by_zone,
        Some(Grouping::Person) => t.by_person,
        Some(Grouping::Kind) => t.by_kind,
        Some(Grouping::PlaceType) => t.by_place_type,
        _ if view == UNDECIDED => t.undecided_list,
        _ => t.all_states,
    }
}

/// The list as a file, under the filter that is set; and an old list coming in.
fn books(ui: Ui, desk: Desk) -> AnyView {
    let import = ui.me().is_some_and(|me| may(&me, Right::Import));
    let import =
        import.then(|| link(ui, "/import".into(), "button plain", "to-import".into(), ui.t.import_link.into_any()));
    view! { <div class="head-links">{map_link(ui, desk.filter)} {given(import)} {export_link(ui, desk.filter)}</div> }
        .into_any()
}

fn tabs(ui: Ui, desk: Desk) -> AnyView {
    let waiting = words(move || {
        let count = desk.board.with(|board| board.as_ref().map_or(0, to_decide));
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
    let by = |by: Grouping, testid: &'static str| tab(by.code(), tab_name(ui, by.code()), nothing(), testid);
    let tabs = [
        tab("", ui.t.all_states, nothing(), "tab-columns"),
        by(Grouping::Zone, "tab-zone"),
        by(Grouping::Person, "tab-person"),
        by(Grouping::Kind, "tab-kind"),
        by(Grouping::PlaceType, "tab-place"),
        tab(UNDECIDED, ui.t.undecided_list, count, "tab-undecided"),
    ];
    tablist("tabs many", ui.t.nav_board, all(tabs))
}

fn to_decide(board: &Board) -> u64 {
    board.waiting().iter().sum::<u64>() + board.doubles.len() as u64
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

#[cfg(test)]
mod tests {
    use xiaohao_shared::doc::{Document, Edit, Report};
    use xiaohao_shared::id::{Actor, DeviceId, PersonId, ZoneId};
    use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
    use xiaohao_shared::model::{Issue, Place, Severity};
    use xiaohao_shared::time::Timestamp;

    use super::*;

    fn row(number: u8, state: State) -> Summary {
        let report = Report {
            zone: ZoneId(1),
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: String::new(),
            place: Place::default(),
            severity: Severity::Ordinary,
            photos: [].into(),
        };
        let mut document = Document::default();
        let actor = Actor { device: DeviceId(1), nonce: 1 };
        document.edit(actor, &Edit::report("first000".into(), PersonId(1), Timestamp(1), report)).unwrap();
        let issue = document.read(IssueId([number; 16])).unwrap();
        Summary::of(&Issue { state, ..issue }, None, false)
    }

    /// One column shows 1 of its issues, another 3 and all of them; 5 is to be decided.
    fn picture(count: u64) -> Board {
        let (handling, filed) = (State::Handling, State::Filed);
        let columns = vec![
            Column { state: handling, count, cards: vec![row(1, handling)] },
            Column { state: filed, count: 1, cards: vec![row(3, filed)] },
        ];
        Board {
            server_time: Timestamp(9),
            position: 1,
            columns,
            undecided: vec![row(5, State::Rework)],
            held: vec![],
            undecided_count: 1,
            held_count: 0,
            doubles: vec![],
        }
    }

    #[test]
    fn what_is_ticked_stays_ticked_until_the_picture_shows_that_it_is_gone() {
        let (all, handling) = (Filter::default(), State::Handling);
        let stays = |count, filter: &Filter, row: &Summary| remaining(&picture(count), filter, row).is_some();
        assert!(stays(1, &all, &row(1, handling)) && stays(1, &all, &row(5, State::Rework)));
        assert_eq!(remaining(&picture(1), &all, &row(3, handling)).unwrap().state, State::Filed, "as it is by now");
        assert!(stays(51, &all, &row(2, handling)), "further down than the picture goes");
        assert!(!stays(1, &all, &row(2, handling)), "all of its column is here");
        assert!(!stays(51, &all, &row(4, State::Filed)), "nor is it cut because another one is");
        let elsewhere = Filter { zones: [ZoneId(2)].into(), ..Filter::default() };
        assert!(!stays(51, &elsewhere, &row(2, handling)), "the filter does not mean it any more");
        let searched = Filter { text: "x".into(), ..Filter::default() };
        assert!(!stays(51, &searched, &row(2, handling)), "nobody acts on what he does not see");
    }
}
