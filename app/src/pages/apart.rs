//! Pages whose code is a module of its own: a phone starts without them. What the desk does is fetched when somebody first goes
//! there, or in the background for the shell; what everybody may need in the next minute, right after the start. Knows which pages
//! these are, and nothing of what they do.

use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::time::MINUTE;

use super::work::patrol::{self, Round};
use super::{
    admin, board, bulletins, catalogue, desk_links, devices, enrol, export, failed, halfyear, import, indicators,
    issue, listing, lock, map, me, paper, patrols, privacy, prove, report, settlement, stopped, sync, tipster, trends,
    turns, vault, waiting, weekly,
};
use crate::app::notice;
use crate::browser::sleep;
use crate::client::patrols::Running;
use crate::client::{IssueView, Phase};
use crate::components::Ui;
use crate::components::confirm;
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::lean::{all, follow, nothing, shown};
use crate::texts::bring_later;

/// The doors into the desk's part: pages by name.
#[derive(Clone, Copy)]
struct Desk {
    admin: fn(Ui) -> AnyView,
    board: fn(Ui) -> AnyView,
    bulletins: fn(Ui) -> AnyView,
    catalogue: fn(Ui) -> AnyView,
    devices: fn(Ui) -> AnyView,
    halfyear: fn(Ui) -> AnyView,
    indicators: fn(Ui) -> AnyView,
    listing: fn(Ui) -> AnyView,
    map: fn(Ui) -> AnyView,
    patrols: fn(Ui) -> AnyView,
    privacy: fn(Ui) -> AnyView,
    settlement: fn(Ui) -> AnyView,
    tipster: fn(Ui) -> AnyView,
    trends: fn(Ui) -> AnyView,
    weekly: fn(Ui) -> AnyView,
    printed: fn(Ui) -> AnyView,
    /// What stands beside each of them.
    beside: fn(Ui) -> AnyView,
    paper: fn(Ui, RwSignal<Option<IssueView>>, RwSignal<u32>) -> AnyView,
    export: fn(Ui) -> AnyView,
    import: fn(Ui) -> AnyView,
}

#[wasm_split(desk, fallible)]
fn desk() -> Result<Desk, SplitLoaderError> {
    bring_later();
    Ok(Desk {
        admin: admin::admin,
        board: board::board,
        bulletins: bulletins::bulletins,
        catalogue: catalogue::catalogue,
        devices: devices::devices,
        export: export::export,
        import: import::import,
        halfyear: halfyear::halfyear,
        indicators: indicators::indicators,
        listing: listing::listing,
        map: map::map,
        patrols: patrols::patrols,
        privacy: privacy::privacy,
        settlement: settlement::settlement,
        tipster: tipster::tipster,
        trends: trends::trends,
        weekly: weekly::weekly,
        printed: paper::list,
        beside: desk_links::beside,
        paper: paper::issue,
    })
}

/// Where a new phone begins: alone, because it is waited for.
#[derive(Clone, Copy)]
struct Door {
    enrol: fn(Ui) -> AnyView,
}

#[wasm_split(door, fallible)]
fn door() -> Result<Door, SplitLoaderError> {
    bring_later();
    Ok(Door { enrol: enrol::enrol })
}

/// Who one is and how this phone stands: seldom needed.
#[derive(Clone, Copy)]
struct Person {
    locked: fn(Ui) -> AnyView,
    sealed: fn(Ui) -> AnyView,
    unproven: fn(Ui) -> AnyView,
    stopped: fn(Ui, Failure) -> AnyView,
    change_over: fn(Ui) -> AnyView,
    link_bar: fn(Ui) -> AnyView,
    me: fn(Ui) -> AnyView,
    sync: fn(Ui) -> AnyView,
    confirmation: fn(Ui) -> AnyView,
}

#[wasm_split(person, fallible)]
fn person() -> Result<Person, SplitLoaderError> {
    bring_later();
    Ok(Person {
        locked: lock::locked,
        sealed: vault::sealed,
        unproven: prove::unproven,
        stopped: stopped::stopped,
        change_over: turns::change_over,
        link_bar: turns::link_bar,
        me: me::me,
        sync: sync::sync,
        confirmation: confirm::question,
    })
}

/// One issue, a new one, and the end of a round.
#[derive(Clone, Copy)]
struct Field {
    issue: fn(Ui, IssueId) -> AnyView,
    report: fn(Ui) -> AnyView,
    round_ends: fn(Ui, Round, RwSignal<bool>, Running) -> AnyView,
}

#[wasm_split(field, fallible)]
fn field() -> Result<Field, SplitLoaderError> {
    bring_later();
    Ok(Field { issue: issue::issue, report: report::report, round_ends: patrol::ending })
}

/// Between two tries.
const FIRST_WAIT: i64 = 5_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

type Fetch<P> = Pin<Box<dyn Future<Output = Result<P, SplitLoaderError>>>>;

/// A part of the module. It is kept here once it was fetched, so that its pages appear at once.
trait Part: Copy + Send + Sync + 'static {
    fn kept() -> &'static OnceLock<Self>;
    fn fetch() -> Fetch<Self>;
}

macro_rules! parts {
    ($($part:ident from $door:ident),*) => {
        $(impl Part for $part {
            fn kept() -> &'static OnceLock<Self> {
                static KEPT: OnceLock<$part> = OnceLock::new();
                &KEPT
            }

            fn fetch() -> Fetch<Self> {
                Box::pin($door())
            }
        })*
    };
}

parts!(Desk from desk, Door from door, Person from person, Field from field);

/// Fetches what is needed next, so that it is here when the network is not: meanwhile the list is on the screen, or the page on which
/// somebody types his code.
pub fn fetch_ahead(ui: Ui) {
    let client = ui.client;
    follow(move || {
        // Where it failed it is tried again at once when the network comes back, and of a weak one nobody says that it does.
        let _ = client.online.get();
        let phase = client.phase.get();
        if phase != Phase::Starting {
            spawn_local(fetch_until_here(phase));
        }
    });
}

async fn fetch_until_here(phase: Phase) {
    static ROUND: AtomicU32 = AtomicU32::new(0);
    let round = ROUND.fetch_add(1, Ordering::Relaxed) + 1;
    let mut wait = FIRST_WAIT;
    // First what is on the screen.
    let screen = async || match phase {
        Phase::NotEnrolled => fetched::<Door>().await.is_some(),
        Phase::Ready => true,
        _ => fetched::<Person>().await.is_some(),
    };
    while !(screen().await & fetched::<Field>().await.is_some() & fetched::<Person>().await.is_some()) {
        sleep(wait).await;
        // A later round has begun meanwhile.
        if ROUND.load(Ordering::Relaxed) != round {
            return;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn fetched<P: Part>() -> Option<P> {
    if let Some(part) = P::kept().get() {
        return Some(*part);
    }
    let part = P::fetch().await.ok()?;
    Some(*P::kept().get_or_init(|| part))
}

pub fn enrol(ui: Ui) -> AnyView {
    whole(ui, |door: Door| door.enrol)
}

/// Over everything: without its part the phone stays locked, and its work is sent all the same.
pub fn locked(ui: Ui) -> AnyView {
    whole(ui, |person: Person| person.locked)
}

pub fn sealed(ui: Ui) -> AnyView {
    whole(ui, |person: Person| person.sealed)
}

pub fn unproven(ui: Ui) -> AnyView {
    whole(ui, |person: Person| person.unproven)
}

/// Below the words that say why.
pub fn stopped(ui: Ui, why: Failure) -> AnyView {
    with(ui, Wait::Section, Box::new(move |person: Person| (person.stopped)(ui, why)))
}

pub fn change_over(ui: Ui) -> AnyView {
    once_here(ui, |person: Person| person.change_over)
}

pub fn link_bar(ui: Ui) -> AnyView {
    once_here(ui, |person: Person| person.link_bar)
}

pub fn me(ui: Ui) -> AnyView {
    once_here(ui, |person: Person| person.me)
}

pub fn sync(ui: Ui) -> AnyView {
    once_here(ui, |person: Person| person.sync)
}

/// What waits for the passkey goes on waiting until it is shown or somebody says no.
pub fn confirmation(ui: Ui) -> AnyView {
    with(ui, Wait::Question, Box::new(move |person: Person| (person.confirmation)(ui)))
}

pub fn issue(ui: Ui, id: IssueId) -> AnyView {
    with(ui, Wait::Page, Box::new(move |field: Field| (field.issue)(ui, id)))
}

pub fn report(ui: Ui) -> AnyView {
    once_here(ui, |field: Field| field.report)
}

pub fn round_ends(ui: Ui, round: Round, open: RwSignal<bool>, running: Running) -> AnyView {
    with(ui, Wait::Page, Box::new(move |field: Field| (field.round_ends)(ui, round, open, running)))
}

pub fn admin(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.admin)
}

pub fn board(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.board)
}

pub fn bulletins(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.bulletins)
}

pub fn catalogue(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.catalogue)
}

pub fn devices(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.devices)
}

pub fn halfyear(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.halfyear)
}

pub fn indicators(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.indicators)
}

pub fn listing(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.listing)
}

pub fn map(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.map)
}

pub fn patrols(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.patrols)
}

pub fn privacy(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.privacy)
}

pub fn settlement(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.settlement)
}

pub fn tipster(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.tipster)
}

pub fn trends(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.trends)
}

pub fn weekly(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.weekly)
}

pub fn export(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.export)
}

pub fn import(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.import)
}

pub fn printed(ui: Ui) -> AnyView {
    of_desk(ui, |desk| desk.printed)
}

/// An issue as it is printed.
pub fn paper(ui: Ui, view: RwSignal<Option<IssueView>>, presses: RwSignal<u32>) -> AnyView {
    with(ui, Wait::Page, Box::new(move |desk: Desk| (desk.paper)(ui, view, presses)))
}

/// The page, or what is said until its part is here.
fn once_here<P: Part>(ui: Ui, page: fn(P) -> fn(Ui) -> AnyView) -> AnyView {
    with(ui, Wait::Page, Box::new(move |part| page(part)(ui)))
}

/// The same for a page of the desk, beside which the way to the others stands.
fn of_desk(ui: Ui, page: fn(Desk) -> fn(Ui) -> AnyView) -> AnyView {
    with(ui, Wait::Page, Box::new(move |desk: Desk| all([page(desk)(ui), (desk.beside)(ui)])))
}

/// The same for what has the screen for itself.
fn whole<P: Part>(ui: Ui, page: fn(P) -> fn(Ui) -> AnyView) -> AnyView {
    with(ui, Wait::Screen, Box::new(move |part| page(part)(ui)))
}

/// Where one waits, and where it is said that the part did not come.
#[derive(Clone, Copy)]
enum Wait {
    Page,
    Screen,
    Section,
    Question,
}

impl Wait {
    fn waiting(self, ui: Ui) -> AnyView {
        match self {
            Self::Page | Self::Section => waiting(ui),
            Self::Screen => notice(ui.t.starting, String::new(), true),
            Self::Question => nothing(),
        }
    }

    fn missing(self, ui: Ui, fetch: impl Fn() + 'static) -> AnyView {
        let again = button("plain", "retry-page", ui.t.retry, fetch);
        let said = failed(ui.t.needs_network.into(), "page-missing");
        match self {
            Self::Page => all([said, again]),
            Self::Screen => view! { <main class="notice">{said} {again}</main> }.into_any(),
            Self::Section => view! { <section class="panel">{said} {again}</section> }.into_any(),
            Self::Question => {
                let close = Callback::new(move |()| ui.client.answer_waiting(false));
                let cancel = button("plain", "confirm-cancel", ui.t.cancel, move || close.run(()));
                let buttons = view! { <div class="buttons">{cancel} {again}</div> };
                dialog(ui, ui.t.confirm_person, close, all([said, buttons.into_any()]))
            }
        }
    }
}

fn with<P: Part>(ui: Ui, wait: Wait, page: Box<dyn Fn(P) -> AnyView + Send>) -> AnyView {
    if let Some(part) = P::kept().get() {
        return page(*part);
    }
    let found = RwSignal::new(None);
    let fetch = move || {
        found.set(None);
        spawn_local(async move {
            let _ = found.try_set(Some(fetched::<P>().await));
        });
    };
    fetch();
    shown(move || match found.get() {
        None => wait.waiting(ui),
        Some(Some(part)) => page(part),
        Some(None) => wait.missing(ui, fetch),
    })
}
