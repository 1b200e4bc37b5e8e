//! The form of one filing condition: for which places, how long by how urgent it is, and when an issue is done.

use leptos::prelude::*;
use xiaohao_shared::model::Severity;
use xiaohao_shared::model::catalogue::{Limit, LimitUnit, PlaceType};
use xiaohao_shared::model::rules::{Condition, Limits, MAX_CLOSE_WHEN, MOST, RuleWish, Rules};

use super::{Open, Page, holding, rules};
use crate::components::Ui;
use crate::components::amend_form::place_type_choices;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, button, choose, line, words_field};
use crate::components::lean::{all, flag, follow, maybe, shown, submitted};
use crate::pages::failed;
use crate::texts::fill;

/// One limit as it is typed.
#[derive(Clone, Copy)]
struct Field {
    amount: RwSignal<String>,
    /// The place of its unit among [`LimitUnit::ALL`].
    unit: RwSignal<String>,
}

impl Field {
    fn new() -> Self {
        Self { amount: RwSignal::default(), unit: RwSignal::default() }
    }

    fn show(self, limit: Limit) {
        let unit = LimitUnit::ALL.iter().position(|unit| *unit == limit.unit).unwrap_or(0);
        self.amount.set(limit.amount.to_string());
        self.unit.set(unit.to_string());
    }

    fn limit(self) -> Option<Limit> {
        let amount = self.amount.with(|text| text.trim().parse().ok().filter(|amount| (1..=MOST).contains(amount)))?;
        let unit = self.unit.with(|at| at.parse().ok().and_then(|at: usize| LimitUnit::ALL.get(at).copied()))?;
        Some(Limit { amount, unit })
    }
}

fn read([ordinary, urgent, very_urgent]: [Field; 3]) -> Option<Limits> {
    Some(Limits { ordinary: ordinary.limit()?, urgent: urgent.limit()?, very_urgent: very_urgent.limit()? })
}

pub(super) fn limits_sheet(ui: Ui, page: Page, condition: Condition) -> AnyView {
    let t = ui.t;
    let kind = condition.kind;
    let place = RwSignal::new(condition.place_type.map_or("", PlaceType::code).to_string());
    let chosen = move || Condition { kind, place_type: place.with(|code| PlaceType::from_code(code)) };
    let fields = [Field::new(), Field::new(), Field::new()];
    let closing = RwSignal::new(String::new());
    // Another place begins with what holds there now.
    follow(move || {
        let condition = chosen();
        let place_type = condition.place_type.unwrap_or_default();
        let rules = untrack(|| rules(ui));
        let usual = rules.set(Condition { kind, place_type: None }).unwrap_or_else(|| Limits::usual(kind));
        let limits =
            rules.set(Condition { kind, place_type: Some(place_type) }).filter(|_| condition.place_type.is_some());
        let limits = limits.unwrap_or(usual);
        for (field, severity) in fields.into_iter().zip(Severity::ALL) {
            field.show(limits.of(severity));
        }
        closing.set(holds(ui, &rules, condition));
    });
    let save = submitted(move || {
        let closing = closing.with_untracked(|words| one_line(words));
        if let Some(limits) = untrack(|| read(fields)).filter(|_| letters(&closing) <= MAX_CLOSE_WHEN) {
            page.wish_all(ui, changed(ui, untrack(chosen), limits, closing));
        }
    });
    let reset = maybe(move || {
        let condition = chosen();
        let (set, closes) = (rules(ui).set(condition).is_some(), rules(ui).closing(condition).is_some());
        let wishes = move || -> Vec<RuleWish> {
            let limits = set.then_some(RuleWish::Limits(condition, None));
            limits.into_iter().chain(closes.then_some(RuleWish::CloseWhen(condition, None))).collect()
        };
        let act = move || page.wish_all(ui, wishes());
        (set || closes).then(|| button("plain wide", "reset-limits", t.catalogue_reset, act))
    });
    let lack = maybe(move || read(fields).is_none().then(|| failed(t.catalogue_limits_wrong.into(), "limits-error")));
    let long = move || closing.with(|words| letters(&one_line(words)) > MAX_CLOSE_WHEN);
    let off = flag(move || read(fields).is_none() || long());
    let inputs = fields.into_iter().zip(Severity::ALL).map(|(field, severity)| inputs(ui, field, severity));
    let content = view! {
        <form class="action-form" on:submit=save>
            {choose(t.place_type_label, place.into(), places(ui), "limits-place")} {all(inputs)}
            {words_field(t.catalogue_close_when, closing.into(), None, t.catalogue_close_hint, "close-when")}
            {counted(ui, closing)}
            <p class="dim">{t.catalogue_not_back}</p>
            {lack}
            <button type="submit" class="primary wide" data-testid="save-limits" disabled=off>
                {t.save}
            </button>
            {reset}
        </form>
    };
    dialog(ui, &ui.kind(kind), Callback::new(move |()| page.open.set(Open::Nothing)), content.into_any())
}

/// How many letters the closing condition has, and what is wrong when they are too many.
fn counted(ui: Ui, closing: RwSignal<String>) -> AnyView {
    let count = move || closing.with(|words| letters(&one_line(words)));
    shown(move || match count() {
        many if many > MAX_CLOSE_WHEN => {
            failed(fill(ui.t.catalogue_close_long, &[&MAX_CLOSE_WHEN, &many]), "close-when-error")
        }
        few => {
            let text = fill(ui.t.catalogue_close_count, &[&few, &MAX_CLOSE_WHEN]);
            view! { <p class="dim" data-testid="close-when-count">{text}</p> }.into_any()
        }
    })
}

fn letters(words: &str) -> usize {
    words.chars().count()
}

/// As it is kept: on one line, without blanks around it.
fn one_line(words: &str) -> String {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The closing condition that holds there now; nothing where nobody wrote one.
fn holds(ui: Ui, rules: &Rules, Condition { kind, place_type }: Condition) -> String {
    let own = place_type.map_or_else(
        || rules.closing(Condition { kind, place_type: None }),
        |place_type| rules.closes_when(kind, place_type),
    );
    own.or_else(|| ui.t.close_when(kind)).unwrap_or_default().to_owned()
}

/// What the form says otherwise than what holds: limits and closing condition are two decisions.
fn changed(ui: Ui, condition: Condition, limits: Limits, closing: String) -> Vec<RuleWish> {
    let rules = untrack(|| rules(ui));
    let stands = rules.set(condition).is_some() || holding(&rules, condition) != limits;
    let stands = stands.then_some(RuleWish::Limits(condition, Some(limits)));
    let words = (holds(ui, &rules, condition) != closing)
        .then(|| RuleWish::CloseWhen(condition, Some(closing).filter(|words| !words.is_empty())));
    stands.into_iter().chain(words).collect()
}

fn places(ui: Ui) -> Choices {
    let any = (String::new(), ui.t.catalogue_any_place.to_string());
    std::iter::once(any).chain(place_type_choices(ui)).collect()
}

fn inputs(ui: Ui, field: Field, severity: Severity) -> AnyView {
    let t = ui.t;
    let units = LimitUnit::ALL.iter().enumerate();
    let units = units.map(|(at, unit)| (at.to_string(), t.limit_unit(*unit).to_string())).collect();
    let amount = line(t.catalogue_amount, field.amount.into(), "", "3", severity.code());
    view! {
        <fieldset class="limit">
            <legend>{t.severity(severity)}</legend>
            {amount}
            {choose(t.catalogue_unit, field.unit.into(), units, "")}
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_condition_of_several_lines_is_kept_on_one() {
        assert_eq!(one_line(" 清理干净\r\n\n 地面无残留\n"), "清理干净 地面无残留");
        assert_eq!(one_line(" \n "), "");
    }
}
