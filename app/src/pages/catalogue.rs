//! The catalogue and what this office made of it: kinds with their limits by filing condition, place types, and who changed what.
//! Everybody at the desk reads it; an administrator changes limits and closing conditions, adds kinds of the office's own, and
//! switches kinds off. Needs the office's answer for that.

mod limits;
mod own;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Journaled, RuleChange, Was};
use xiaohao_shared::model::Severity;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, PlaceType};
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::rules::{Condition, Limits, RuleWish, Rules};

use self::limits::limits_sheet;
use self::own::{add_own, own_sheet};
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
    /// A kind of the office's own, to be named for the first time or anew.
    Own(Kind),
}

#[derive(Clone, Copy)]
struct Page {
    open: RwSignal<Open>,
    changes: Fetched<Vec<RuleChange>>,
}

impl Page {
    fn wish(self, ui: Ui, wish: RuleWish) {
        self.wish_all(ui, vec![wish]);
    }

    /// All of them or none.
    fn wish_all(self, ui: Ui, wishes: Vec<RuleWish>) {
        spawn_local(async move {
            match ui.client.post::<_, Rules>("/api/admin/catalogue", &wishes).await {
                Ok(rules) => ui.client.rules_are(rules).await,
                Err(error) => {
                    // Where somebody else was faster, the form shows what stands there now.
                    ui.client.sync_now();
                    return ui.warn(call_error(ui.t, &error));
                }
            }
            self.changes.ask(ui, "/api/catalogue/changes".into());
            self.open.try_set(Open::Nothing);
            ui.say(ui.t.saved_office);
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
        Open::Own(kind) => Some(own_sheet(ui, page, kind)),
    });
    let own = tick(t.catalogue_only_own, move || only_own.get(), move |on| only_own.set(on), "only-own");
    let reads = ui.me().is_some_and(|me| may(&me, Right::SeeRules));
    let about = view! {
        <p class="prose">{t.catalogue_about}</p>
        <p class="prose" data-testid="catalogue-not-back">
            {t.catalogue_not_back}
        </p>
    };
    let search = search(t.catalogue_search, t.catalogue_search, text.into(), "catalogue-search");
    let add = add_own(ui, page);
    let journal = given(reads.then(|| journal(ui, page.changes)));
    let parts =
        [head(ui, t.catalogue, true, nothing()), about.into_any(), search, own, add, list, place_types(ui), journal];
    all(parts.into_iter().chain([sheet]))
}

fn rules(ui: Ui) -> Rules {
    ui.client.office.with(|office| office.as_ref().map(|office| office.rules.clone()).unwrap_or_default())
}

fn keeps(ui: Ui) -> bool {
    ui.me().is_some_and(|me| may(&me, Right::KeepCatalogue))
}

/// The last one is of what only an administrator can do.
fn heads(ui: Ui) -> Vec<&'static str> {
    let t = ui.t;
    let [ordinary, urgent, very_urgent] = xiaohao_shared::model::Severity::ALL.map(|severity| t.severity(severity));
    let heads = [t.catalogue_condition, ordinary, urgent, very_urgent, t.catalogue_close_when];
    heads.into_iter().chain(keeps(ui).then_some(t.change)).collect()
}

/// Each kind, and below it the places for which this office set something else.
fn kinds(ui: Ui, page: Page, rules: &Rules, wanted: &str, only_own: bool) -> AnyView {
    let wanted = wanted.to_lowercase();
    let fits = |kind: Kind, names: &[&str]| {
        let code = kind.to_string();
        names.iter().chain([&code.as_str()]).any(|text| text.to_lowercase().contains(&wanted))
    };
    let national = CATALOGUE.iter().filter(|info| fits(info.kind, &[info.zh, info.en, info.aliases]));
    let ours = rules.own.iter().filter(|own| fits(own.kind, &[own.name.as_str()]));
    let all_of_them = ours.map(|own| own.kind).chain(national.map(|info| info.kind));
    let own = |condition: &Condition| {
        let off = condition.place_type.is_none() && !rules.offers(condition.kind);
        let ours = rules.own_name(condition.kind).is_some();
        !only_own || off || ours || rules.set(*condition).is_some() || rules.closing(*condition).is_some()
    };
    let conditions = all_of_them.flat_map(|kind| {
        let limits = rules.limits.iter().map(|(condition, _)| *condition);
        let places = limits.chain(rules.close_when.iter().map(|(condition, _)| *condition));
        let places: BTreeSet<Condition> =
            places.filter(|condition| condition.kind == kind && condition.place_type.is_some()).collect();
        std::iter::once(Condition { kind, place_type: None }).chain(places)
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
    let limits = holding(rules, condition);
    let closing = rules.closing(condition);
    let off = place_type.is_none() && !rules.offers(kind);
    let ours = place_type.is_none() && rules.own_name(kind).is_some();
    let marks = [
        (ours, t.catalogue_own_kind, "state-handling"),
        (set.is_some() || closing.is_some(), t.catalogue_own, "state-filed"),
        (off, t.catalogue_off, "state-void"),
    ];
    let marks = marks.into_iter().filter(|(is, ..)| *is);
    let marks =
        marks.map(|(_, words, class)| view! { " " <span class=format!("chip {class}")>{words}</span> }.into_any());
    let place = place_type.map(|place_type| format!(" · {}", t.place_type(place_type)));
    let name = view! { {ui.kind(kind)} {place} <small class="dim">" "{kind.to_string()}</small> {all(marks)} };
    let usual = || t.close_when(kind).filter(|_| place_type.is_none()).unwrap_or_default();
    let close_when = closing.unwrap_or_else(usual).to_owned();
    let cells = [limits.ordinary, limits.urgent, limits.very_urgent].map(|limit| t.limit(limit).into_any());
    let acts = keeps(ui).then(|| acts(ui, page, condition, off));
    let cells = cells.into_iter().chain([close_when.into_any()]).chain(acts).collect();
    card(
        format!("kind-{:05}{}", kind.code, place_type.map(|it| format!("-{}", it.code())).unwrap_or_default()),
        &heads(ui),
        name.into_any(),
        cells,
    )
}

/// The limits that hold for a condition: its own, else those of its kind at any place, else the catalogue's.
fn holding(rules: &Rules, Condition { kind, place_type }: Condition) -> Limits {
    let of = |severity| rules.limit(kind, place_type.unwrap_or(PlaceType::Other), severity);
    let at = |severity| match place_type {
        Some(_) => of(severity),
        None => rules.set(Condition { kind, place_type: None }).unwrap_or_else(|| Limits::usual(kind)).of(severity),
    };
    Limits { ordinary: at(Severity::Ordinary), urgent: at(Severity::Urgent), very_urgent: at(Severity::VeryUrgent) }
}

fn acts(ui: Ui, page: Page, condition: Condition, off: bool) -> AnyView {
    let t = ui.t;
    let kind = condition.kind;
    let change = button("plain", "set-limits", t.catalogue_set, move || page.open.set(Open::Limits(condition)));
    let switch = match (condition.place_type, off) {
        (Some(_), _) => nothing(),
        (None, false) => button("plain", "switch-off", t.catalogue_switch_off, move || page.open.set(Open::Off(kind))),
        (None, true) => {
            button("plain", "switch-on", t.catalogue_switch_on, move || page.wish(ui, RuleWish::Offer(kind, true)))
        }
    };
    let ours = condition.place_type.is_none() && rules(ui).own_name(kind).is_some();
    let rename = button("plain", "rename-own", t.catalogue_rename, move || page.open.set(Open::Own(kind)));
    let rename = given(ours.then_some(rename));
    view! { <span class="acts">{change} {rename} {switch}</span> }.into_any()
}

fn off_sheet(ui: Ui, page: Page, kind: Kind) -> AnyView {
    let question = fill(ui.t.catalogue_off_text, &[&ui.kind(kind)]);
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
            let (what, before, after) = match change.wish {
                Journaled::Known(wish) => {
                    let before = said_before(ui, &wish, change.was);
                    let (what, after) = said(ui, wish);
                    (what, before, after)
                }
                Journaled::Unknown(_) => (t.catalogue_unknown_change.into(), String::new(), String::new()),
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

fn said_before(ui: Ui, wish: &RuleWish, was: Option<Was>) -> String {
    match (wish, was) {
        (_, Some(Was::Limits(limits))) => limits_said(ui, Some(limits)),
        (_, Some(Was::Words(words))) => words,
        (RuleWish::Limits(..) | RuleWish::CloseWhen(..), None) => ui.t.catalogue_by_catalogue.into(),
        (RuleWish::Offer(..) | RuleWish::Own { .. }, None) | (_, Some(Was::Unknown(_))) => String::new(),
    }
}

/// What a wish is about, and what it made of it.
fn said(ui: Ui, wish: RuleWish) -> (String, String) {
    let t = ui.t;
    let at = |Condition { kind, place_type }: Condition| {
        let place = place_type.map_or(t.catalogue_any_place, |place_type| t.place_type(place_type));
        format!("{} · {place}", ui.kind(kind))
    };
    match wish {
        RuleWish::Limits(condition, limits) => (at(condition), limits_said(ui, limits)),
        RuleWish::CloseWhen(condition, words) => (
            format!("{} · {}", at(condition), t.catalogue_close_when),
            words.unwrap_or_else(|| t.catalogue_by_catalogue.into()),
        ),
        RuleWish::Own { own, .. } => (format!("{} {}", t.catalogue_own_kind, own.kind), own.name),
        RuleWish::Offer(kind, on) => {
            (ui.kind(kind), if on { t.catalogue_switch_on } else { t.catalogue_switch_off }.into())
        }
    }
}

fn limits_said(ui: Ui, limits: Option<Limits>) -> String {
    limits.map_or_else(
        || ui.t.catalogue_by_catalogue.into(),
        |limits| [limits.ordinary, limits.urgent, limits.very_urgent].map(|limit| ui.t.limit(limit)).join(" / "),
    )
}
