//! The catalogue and what this office made of it: kinds with their limits by filing condition, place types, and who changed what.
//! Everybody at the desk reads it; an administrator changes limits and switches kinds off. Needs the office's answer for that.

mod limits;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::RuleChange;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, KindInfo, PlaceType};
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::rules::{Condition, Limits, RuleWish, Rules};

use self::limits::limits_sheet;
use super::fetched::Fetched;
use super::keys::slash_searches;
use super::{call_error, head};
use crate::components::Ui;
use crate::components::dialog::confirm;
use crate::components::fields::{button, search, tick};
use crate::components::lean::{all, given, maybe, nothing, shown};
use crate::components::table::{card, cards};
use crate::texts::fill;

/// What the sheet over the page shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Limits(Condition),
    Off(Kind),
}

#[derive(Clone, Copy)]
struct Page {
    open: RwSignal<Open>,
    changes: Fetched<Vec<RuleChange>>,
}

impl Page {
    fn wish(self, ui: Ui, wish: RuleWish) {
        spawn_local(async move {
            match ui.client.post::<_, Rules>("/api/admin/catalogue", &wish).await {
                Ok(rules) => {
                    ui.client.rules_are(rules).await;
                    self.changes.ask(ui, "/api/catalogue/changes".into());
                    self.open.try_set(Open::Nothing);
                    ui.say(ui.t.saved_office);
                }
                Err(error) => ui.warn(call_error(ui.t, &error)),
            }
        });
    }
}

pub fn catalogue(ui: Ui) -> AnyView {
    let t = ui.t;
    let page = Page { open: RwSignal::new(Open::Nothing), changes: Fetched::new() };
    let (text, only_own) = (RwSignal::new(String::new()), RwSignal::new(false));
    let list = shown(move || kinds(ui, page, &rules(ui), text.get().trim(), only_own.get()));
    slash_searches();
    let sheet = maybe(move || match page.open.get() {
        Open::Nothing => None,
        Open::Limits(condition) => Some(limits_sheet(ui, page, condition)),
        Open::Off(kind) => Some(off_sheet(ui, page, kind)),
    });
    let own = tick(t.catalogue_only_own, move || only_own.get(), move |on| only_own.set(on), "only-own");
    let reads = ui.me().is_some_and(|me| may(&me, Right::SeeRules));
    let about = view! {
        <p class="prose">{t.catalogue_about}</p>
        <p class="prose" data-testid="catalogue-not-back">
            {t.catalogue_not_back}
        </p>
    };
    let search = search(t.catalogue_search, text.into(), "catalogue-search");
    let journal = given(reads.then(|| journal(ui, page.changes)));
    let parts = [head(ui, t.catalogue, true, nothing()), about.into_any(), search, own, list, place_types(ui), journal];
    all(parts.into_iter().chain([sheet]))
}

fn rules(ui: Ui) -> Rules {
    ui.client.office.with(|office| office.as_ref().map(|office| office.rules.clone()).unwrap_or_default())
}

fn heads(ui: Ui) -> [&'static str; 6] {
    let t = ui.t;
    let [ordinary, urgent, very_urgent] = xiaohao_shared::model::Severity::ALL.map(|severity| t.severity(severity));
    [t.catalogue_condition, ordinary, urgent, very_urgent, t.catalogue_close_when, t.change]
}

/// Each kind, and below it the places for which this office set something else.
fn kinds(ui: Ui, page: Page, rules: &Rules, wanted: &str, only_own: bool) -> AnyView {
    let fits = |info: &&KindInfo| {
        let (code, wanted) = (info.kind.to_string(), wanted.to_lowercase());
        [info.zh, info.en, info.aliases, &code].iter().any(|text| text.to_lowercase().contains(&wanted))
    };
    let own = |condition: &Condition| {
        let off = condition.place_type.is_none() && !rules.offers(condition.kind);
        !only_own || off || rules.set(*condition).is_some()
    };
    let conditions = CATALOGUE.iter().filter(fits).flat_map(|info| {
        let places = rules.limits.iter().map(|(condition, _)| *condition);
        let places = places.filter(|condition| condition.kind == info.kind && condition.place_type.is_some());
        std::iter::once(Condition { kind: info.kind, place_type: None }).chain(places)
    });
    let rows: Vec<AnyView> = conditions.filter(own).map(|condition| row(ui, page, rules, condition)).collect();
    if rows.is_empty() {
        return view! { <p class="empty">{ui.t.nothing_matches}</p> }.into_any();
    }
    view! { <div data-testid="catalogue">{cards(ui.t.catalogue, &heads(ui), all(rows))}</div> }.into_any()
}

fn row(ui: Ui, page: Page, rules: &Rules, condition: Condition) -> AnyView {
    let t = ui.t;
    let Condition { kind, place_type } = condition;
    let set = rules.set(condition);
    let limits = set.unwrap_or_else(|| Limits::usual(kind));
    let off = place_type.is_none() && !rules.offers(kind);
    let marks = [(set.is_some(), t.catalogue_own, "state-filed"), (off, t.catalogue_off, "state-void")];
    let marks = marks.into_iter().filter(|(is, ..)| *is);
    let marks =
        marks.map(|(_, words, class)| view! { " " <span class=format!("chip {class}")>{words}</span> }.into_any());
    let place = place_type.map(|place_type| format!(" · {}", t.place_type(place_type)));
    let name = view! { {t.kind(kind)} {place} <small class="dim">" "{kind.to_string()}</small> {all(marks)} };
    let close_when = t.close_when(kind).filter(|_| place_type.is_none()).unwrap_or_default();
    let cells = [limits.ordinary, limits.urgent, limits.very_urgent].map(|limit| t.limit(limit).into_any());
    let cells = cells.into_iter().chain([close_when.into_any(), acts(ui, page, condition, off)]).collect();
    card(
        format!("kind-{:05}{}", kind.code, place_type.map(|it| format!("-{}", it.code())).unwrap_or_default()),
        &heads(ui),
        name.into_any(),
        cells,
    )
}

fn acts(ui: Ui, page: Page, condition: Condition, off: bool) -> AnyView {
    let t = ui.t;
    if !ui.me().is_some_and(|me| may(&me, Right::KeepCatalogue)) {
        return nothing();
    }
    let kind = condition.kind;
    let change = button("plain", "set-limits", t.catalogue_set, move || page.open.set(Open::Limits(condition)));
    let switch = match (condition.place_type, off) {
        (Some(_), _) => nothing(),
        (None, false) => button("plain", "switch-off", t.catalogue_switch_off, move || page.open.set(Open::Off(kind))),
        (None, true) => {
            button("plain", "switch-on", t.catalogue_switch_on, move || page.wish(ui, RuleWish::Offer(kind, true)))
        }
    };
    view! { <span class="acts">{change} {switch}</span> }.into_any()
}

fn off_sheet(ui: Ui, page: Page, kind: Kind) -> AnyView {
    let question = fill(ui.t.catalogue_off_text, &[&ui.t.kind(kind)]);
    let close = Callback::new(move |()| page.open.set(Open::Nothing));
    let act = move || page.wish(ui, RuleWish::Offer(kind, false));
    confirm(ui, ui.t.catalogue_switch_off, question, ui.t.catalogue_switch_off, act, close)
}

fn place_types(ui: Ui) -> AnyView {
    let names = PlaceType::ALL.map(|it| view! { <li class="chip">{ui.t.place_type(it)}</li> }.into_any());
    view! {
        <section class="panel">
            <h2>{ui.t.catalogue_place_types}</h2>
            <ul class="chips">{all(names)}</ul>
            <p class="dim">{ui.t.catalogue_place_types_text}</p>
        </section>
    }
    .into_any()
}

/// Who changed what, the latest first.
fn journal(ui: Ui, changes: Fetched<Vec<RuleChange>>) -> AnyView {
    let t = ui.t;
    changes.ask(ui, "/api/catalogue/changes".into());
    let heads = [t.when_label, t.who_label, t.what_label, t.before_label, t.after_label];
    let list = changes.shown(ui, move |changes| {
        if changes.is_empty() {
            return view! { <p class="empty" data-testid="no-changes">{t.catalogue_no_changes}</p> }.into_any();
        }
        let rows = changes.into_iter().enumerate().map(|(at, change)| {
            let (what, after) = said(ui, change.wish);
            let before = match change.wish {
                RuleWish::Limits(..) => limits_said(ui, change.was),
                RuleWish::Offer(..) => String::new(),
            };
            let cells = [ui.person(change.by), what, before, after].map(IntoAny::into_any).into();
            card(format!("change-{at}"), &heads, ui.when(change.at).into_any(), cells)
        });
        cards(t.catalogue_changes, &heads, all(rows))
    });
    view! {
        <section data-testid="changes">
            <h2>{t.catalogue_changes}</h2>
            {list}
        </section>
    }
    .into_any()
}

/// What a wish is about, and what it made of it.
fn said(ui: Ui, wish: RuleWish) -> (String, String) {
    let t = ui.t;
    match wish {
        RuleWish::Limits(Condition { kind, place_type }, limits) => {
            let place = place_type.map_or(t.catalogue_any_place, |place_type| t.place_type(place_type));
            (format!("{} · {place}", t.kind(kind)), limits_said(ui, limits))
        }
        RuleWish::Offer(kind, on) => {
            (t.kind(kind), if on { t.catalogue_switch_on } else { t.catalogue_switch_off }.into())
        }
    }
}

fn limits_said(ui: Ui, limits: Option<Limits>) -> String {
    limits.map_or_else(
        || ui.t.catalogue_by_catalogue.into(),
        |limits| [limits.ordinary, limits.urgent, limits.very_urgent].map(|limit| ui.t.limit(limit)).join(" / "),
    )
}
