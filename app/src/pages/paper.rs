//! Issues on paper: number and state, the five things that cadres say in their order (问题—地点—责任单位—整改要求—期限), and before
//! beside after. Of one issue no screen shows it, but it is all that a printer gets of its page; of a list it is a page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlImageElement;
use xiaohao_shared::api::{Sheet, Sheets};
use xiaohao_shared::id::{PersonId, PhotoId};
use xiaohao_shared::model::catalogue::{Kind, PlaceType};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Photo, Stage};
use xiaohao_shared::time::Timestamp;

use super::fetched::Fetched;
use super::head;
use super::said::said;
use crate::browser;
use crate::client::IssueView;
use crate::components::fields::button;
use crate::components::lean::{all, follow, given, maybe};
use crate::components::link::link;
use crate::components::photos::image;
use crate::components::{Ui, facts};
use crate::format;
use crate::texts::fill;

/// Milliseconds between two looks at whether the photos are here, and how often before it is printed without them.
const LOOK: i64 = 150;
const LOOKS: u32 = 200;

/// The five things.
pub struct Five {
    pub kind: Kind,
    pub place_type: PlaceType,
    pub description: String,
    pub place: String,
    pub responsible: String,
    /// What the dispatch asked for; where it said nothing, the catalogue's words stand.
    pub demand: String,
    pub due: Option<Timestamp>,
}

impl Five {
    pub fn facts(self, ui: Ui) -> [(&'static str, String); 5] {
        let t = ui.t;
        let problem = [ui.kind(self.kind), self.description].into_iter().filter(|words| !words.is_empty());
        let usual = || ui.close_when(self.kind, self.place_type).unwrap_or_default();
        [
            (t.issue, problem.collect::<Vec<_>>().join(" · ")),
            (t.spot, self.place),
            (t.unit, if self.responsible.is_empty() { t.nobody_yet.into() } else { self.responsible }),
            (t.asked_for, if self.demand.is_empty() { usual() } else { self.demand }),
            (t.until, self.due.map_or_else(|| t.no_deadline.into(), |due| format::on_paper(t, due))),
        ]
    }
}

/// Before beside after; a place stays empty where there is no photo yet.
pub fn pair(ui: Ui, [before, after]: [Option<PhotoId>; 2]) -> AnyView {
    let side = |photo: Option<PhotoId>, stage: Stage, none: &'static str| {
        let face = match photo {
            Some(id) => image(ui, id, ui.t.stage(stage)),
            None => view! { <span class="photo-none">{none}</span> }.into_any(),
        };
        view! {
            <figure>
                <div class="picture">{face}</div>
                <figcaption>{ui.t.stage(stage)}</figcaption>
            </figure>
        }
        .into_any()
    };
    let sides = [side(before, Stage::Before, ui.t.no_photo), side(after, Stage::After, ui.t.no_photo_yet)];
    view! { <div class="pair">{all(sides)}</div> }.into_any()
}

/// The sheet of one issue. Each press of its button prints it as soon as the whole photos are here; without one, as when the
/// browser's own menu prints, there are the small ones.
pub fn issue(ui: Ui, view: RwSignal<Option<IssueView>>, presses: RwSignal<u32>) -> AnyView {
    follow(move || {
        if presses.get() > 0 {
            spawn_local(print_once_there(".paper"));
        }
    });
    maybe(move || view.with(|view| view.as_ref().map(|view| sheet(ui, view, presses.get() > 0))))
}

/// Prints the sheets of `area`, a selector; says so while it waits for their photos.
pub fn print_button(ui: Ui, area: &'static str) -> AnyView {
    let busy = RwSignal::new(false);
    let print = move || {
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                print_once_there(area).await;
                busy.try_set(false);
            });
        }
    };
    let waits = move || busy.get().then(|| view! { <span role="status">{ui.t.photos_come}</span> }.into_any());
    all([maybe(waits), button("primary", "print", ui.t.print, print)])
}

async fn print_once_there(area: &'static str) {
    for _ in 0..LOOKS {
        browser::sleep(LOOK).await;
        if are_here(area) {
            break;
        }
    }
    // Nothing has come to be printed: the page says why.
    if document().query_selector(area).ok().flatten().is_some() {
        let _ = window().print();
    }
}

fn are_here(area: &str) -> bool {
    if !matches!(document().query_selector(area), Ok(Some(_))) {
        return false;
    }
    let Ok(waiting) = document().query_selector(&format!("{area} .photo-wait, {area} .spinner")) else { return true };
    let Ok(images) = document().query_selector_all(&format!("{area} figure img")) else { return true };
    let mut images = (0..images.length()).filter_map(|at| images.get(at)?.dyn_into::<HtmlImageElement>().ok());
    waiting.is_none() && images.all(|image| image.complete())
}

fn sheet(ui: Ui, view: &IssueView, whole: bool) -> AnyView {
    let (t, issue) = (ui.t, &view.issue);
    let office = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.name.clone()));
    let number = view.number.clone().unwrap_or_else(|| t.no_number.into());
    let printed = fill(t.printed_at, &[&format::on_paper(t, ui.client.now())]);
    let responsible = issue.assignee.iter().chain(issue.responsible.keys());
    let dispatched = issue.steps.iter().rev().find(|step| step.record.action == Action::Dispatch);
    let five = Five {
        kind: issue.kind,
        place_type: issue.place_type,
        description: issue.description.clone(),
        place: ui.place(issue.zone, &[&issue.place.address, &issue.place.landmark]),
        responsible: names(ui, responsible),
        demand: dispatched.map(|step| step.record.reason.clone()).unwrap_or_default(),
        due: issue.due,
    };
    let photo = |stage: Stage, of: fn(Shots) -> Option<Shot>| {
        let mut shots: Vec<Shot> = issue.photos.iter().filter(|(_, photo)| photo.stage == stage).collect();
        shots.sort_by_key(|(_, photo)| photo.taken_at);
        let (id, photo) = of(shots.into_iter())?;
        Some(photo.thumb.filter(|_| !whole).unwrap_or(*id))
    };
    let photos = [photo(Stage::Before, |mut shots| shots.next()), photo(Stage::After, |shots| shots.last())];
    view! {
        <article class="paper-sheet" data-testid="paper">
            <p class="dim">{office.unwrap_or_default()} " · " {printed}</p>
            {body(ui, number, issue.state, five, photos)}
        </article>
    }
    .into_any()
}

fn body(ui: Ui, number: String, state: State, five: Five, photos: [Option<PhotoId>; 2]) -> AnyView {
    view! {
        <h2>{number} " · " {ui.t.state(state)}</h2>
        <dl>{facts(five.facts(ui))}</dl>
        {pair(ui, photos)}
    }
    .into_any()
}

/// The way from a list to its sheets.
pub fn print_link(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    maybe(move || {
        let address = super::said::address("/printed", &filter.with(Filter::query));
        Some(link(ui, address, "button plain", "to-print".into(), ui.t.print.into_any()))
    })
}

/// The sheets of a list, one below the other, on the screen as on paper.
pub fn list(ui: Ui) -> AnyView {
    let query = ui.query.get_untracked();
    let filter = Filter::from_query(&query).unwrap_or_default();
    let found = Fetched::<Sheets>::new();
    found.ask(ui, format!("/api/sheets?{}", filter.query()));
    let print = print_button(ui, ".paper-list");
    let name = said(ui, &filter);
    let name = if name.is_empty() { ui.t.state_all.to_string() } else { name };
    let shown = found.shown(ui, move |Sheets { total, sheets }| {
        let count = match sheets.len() as u64 {
            shown if shown < total => fill(ui.t.part_shown, &[&shown, &total]),
            _ => fill(ui.t.rows_n, &[&total]),
        };
        let printed = fill(ui.t.printed_at, &[&format::on_paper(ui.t, ui.client.now())]);
        let none = || view! { <p class="empty">{ui.t.nothing_matches}</p> }.into_any();
        let none = given((total == 0).then(none));
        let sheets = sheets.into_iter().map(|sheet| listed(ui, sheet));
        view! {
            <p class="dim" data-testid="printed-count">{count} " · " {printed}</p>
            {none}
            <div class="paper-list">{all(sheets)}</div>
        }
        .into_any()
    });
    all([head(ui, &name, true, print), shown])
}

fn listed(ui: Ui, Sheet { row, demand, before, after, description }: Sheet) -> AnyView {
    let responsible = names(ui, row.assignee.iter().chain(&row.responsible));
    let place = ui.place(row.zone, &[&row.address]);
    let five = Five {
        kind: row.kind,
        place_type: row.place_type,
        description: if description.is_empty() { row.description } else { description },
        place,
        responsible,
        demand,
        due: row.due,
    };
    let number = row.number.unwrap_or_else(|| ui.t.no_number.into());
    let body = body(ui, number, row.state, five, [before, after]);
    view! { <article class="paper-sheet">{body}</article> }.into_any()
}

type Shot<'a> = (&'a PhotoId, &'a Photo);
type Shots<'a> = std::vec::IntoIter<Shot<'a>>;

fn names<'a>(ui: Ui, people: impl Iterator<Item = &'a PersonId>) -> String {
    ui.join(people.map(|person| ui.person(*person)))
}
