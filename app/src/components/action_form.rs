//! The form of one action: exactly what its rule needs, nothing else. Gives back a [`Wish`]; saving is the page's business.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::NextNumbers;
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::policy::Denied;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Needs};
use xiaohao_shared::model::{Stage, Supervision, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::camera::{Camera, take_photos};
use super::fields::{Choices, choose, choose_needed, line, parsed, submit, tick, when, words_field};
use super::lean::{all, flag, follow, key, maybe, shown, submitted};
use super::people::{choose_person, choose_support};
use super::wish::{Wish, asks_assignee, asks_until, photo_stage};
use crate::client::begun::Begun;
use crate::format;
use crate::texts::fill;

/// What the form starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub action: Action,
    /// What was begun on it outlives the form; several have nothing in common.
    pub issue: Option<IssueId>,
    pub needs: Needs,
    /// The stages that the issue has photos of already.
    pub has_photos: Vec<Stage>,
    pub zone: Option<ZoneId>,
    /// Where it is, for the watermark of its photos.
    pub place: String,
    pub assignee: Option<PersonId>,
    pub support: BTreeSet<PersonId>,
    pub until: Option<Timestamp>,
    /// How the deadline came about.
    pub until_hint: String,
    /// The moment after which the deadline must lie, and what is said where it does not.
    pub after: Option<(Timestamp, Denied)>,
    /// The level of the 督办 that stands.
    pub level: SupervisionLevel,
    /// And its number.
    pub number: String,
    /// Issues that this one could be a duplicate of, for the actions that name one; more may still come from the office.
    pub twins: Option<RwSignal<Vec<Summary>>>,
    /// The numbers of 督办单 that issues of this phone have, in their one form, each with what its issue is called.
    pub numbers: Option<RwSignal<Vec<(String, String)>>>,
    /// Photos belong to one issue: the form for several has no camera.
    pub photos: bool,
}

/// The codes of the levels in the form.
const OFFICE: &str = "office";
const CITY: &str = "city";

/// The signals behind the fields; people, times and issues as the codes that their fields have.
#[derive(Clone, Copy)]
struct Fields {
    reason: RwSignal<String>,
    assignee: RwSignal<String>,
    support: RwSignal<String>,
    until: RwSignal<String>,
    twin: RwSignal<String>,
    priority: RwSignal<bool>,
    level: RwSignal<String>,
    number: RwSignal<String>,
    camera: Camera,
}

impl Fields {
    fn of(asked: &Asked, begun: Begun) -> Self {
        let support = asked.support.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        Self {
            reason: RwSignal::new(begun.words),
            assignee: RwSignal::new(asked.assignee.map(|person| person.to_string()).unwrap_or_default()),
            support: RwSignal::new(support),
            until: RwSignal::new(asked.until.map(format::to_input).unwrap_or_default()),
            twin: RwSignal::new(String::new()),
            priority: RwSignal::new(false),
            level: RwSignal::new(if asked.level == SupervisionLevel::City { CITY } else { OFFICE }.into()),
            number: RwSignal::new(asked.number.clone()),
            camera: Camera {
                place: RwSignal::new(asked.place.clone()),
                shots: RwSignal::new(begun.shots),
                ..Camera::default()
            },
        }
    }

    /// Only what the person changed: who else joined or left while the form was open stays as it is.
    fn wish(&self, before: &BTreeSet<PersonId>) -> Wish {
        let support: BTreeSet<PersonId> = parsed(&self.support.get()).collect();
        let assignee = self.assignee.get().parse().ok();
        // Whoever was ticked and then put in charge is not beside himself.
        let joins = support.difference(before).filter(|person| Some(**person) != assignee);
        Wish {
            reason: self.reason.get(),
            assignee,
            joins: joins.copied().collect(),
            leaves: before.difference(&support).copied().collect(),
            until: format::from_input(&self.until.get()),
            priority: self.priority.get(),
            pressed_by_city: self.level.with(|level| level == CITY),
            supervision_number: self.number.get(),
            duplicate_of: self.twin.get().parse().ok(),
            photos: self.camera.shots.get().into_iter().collect(),
            amended: Vec::new(),
        }
    }
}

pub fn action_form(ui: Ui, asked: Asked, busy: Signal<bool>, on_submit: Callback<Wish>) -> AnyView {
    let action = asked.action;
    let fields = Fields::of(&asked, asked.issue.map(|issue| ui.client.begun(issue, &code(action))).unwrap_or_default());
    if let Some(issue) = asked.issue {
        let begun = move || Begun { words: fields.reason.get(), shots: fields.camera.shots.get(), ..Begun::default() };
        follow(move || ui.client.keep_begun(issue, &code(action), begun()));
    }
    // Several at once have no number in common.
    if action == Action::Supervise && asked.photos && asked.number.is_empty() {
        propose_number(ui, fields);
    }
    let asking = asking(ui, &asked, fields);
    let before = asked.support.clone();
    // The sentence for what is missing; empty when nothing is.
    let lack = key(move || match lacks(&asked, &fields.wish(&asked.support)) {
        Some(Denied::ReasonMissing) => fill(ui.t.fill_in, &[&ui.t.reason_label(action)]),
        Some(lack) => ui.t.denied(lack).into(),
        None if fields.camera.busy.get() > 0 => ui.t.shrinking.into(),
        None => String::new(),
    });
    let hint = maybe(move || {
        let lack = lack.get();
        (!lack.is_empty()).then(|| view! { <p class="hint" role="status">{lack}</p> }.into_any())
    });
    let send = submitted(move || {
        if lack.with_untracked(String::is_empty) && !busy.get_untracked() {
            on_submit.run(fields.wish(&before));
        }
    });
    let off = flag(move || lack.with(|lack| !lack.is_empty()));
    let label = ui.t.action(action).to_string();
    view! {
        <form class="action-form" on:submit=send>
            {asking} {hint} {submit(ui, "primary wide", "submit-action", label, busy, off)}
        </form>
    }
    .into_any()
}

/// The next free number of the level, until somebody types another one. Without the network the field stays empty.
fn propose_number(ui: Ui, fields: Fields) {
    let (next, last) = (RwSignal::new(None::<NextNumbers>), StoredValue::new(String::new()));
    spawn_local(async move {
        if let Ok(numbers) = ui.client.get::<NextNumbers>("/api/supervision/next").await {
            next.try_set(Some(numbers));
        }
    });
    follow(move || {
        let Some(numbers) = next.get() else { return };
        let number = if fields.level.with(|level| level == CITY) { numbers.city } else { numbers.office };
        let untouched = fields.number.with_untracked(|typed| typed.is_empty() || last.with_value(|last| last == typed));
        if untouched {
            last.set_value(number.clone());
            fields.number.set(number);
        }
    });
}

fn asking(ui: Ui, asked: &Asked, fields: Fields) -> AnyView {
    let (t, action, zone, asked_numbers) = (ui.t, asked.action, asked.zone, asked.numbers);
    let required = |needed: bool| needed.then_some(t.required);
    let mut parts = Vec::new();
    if asks_assignee(action) {
        let label = if action == Action::Verify { t.verifier } else { t.assignee };
        parts.push(choose_person(ui, label, required(asked.needs.assignee), fields.assignee, zone));
    }
    if asks_until(action) {
        let label = match action {
            Action::AskExtension => t.until_asked,
            Action::Suspend => t.until_suspended,
            _ => t.until,
        };
        parts.push(when(label, fields.until.into(), required(asked.needs.until), &asked.until_hint));
    }
    if matches!(action, Action::Dispatch | Action::Assign) {
        parts.push(choose_support(ui, fields.support, fields.assignee, zone));
    }
    if matches!(action, Action::File | Action::Supervise) {
        let set = move |on| fields.priority.set(on);
        parts.push(tick(t.make_priority, move || fields.priority.get(), set, "priority"));
    }
    if action == Action::Supervise {
        let levels = [(OFFICE, SupervisionLevel::Office), (CITY, SupervisionLevel::City)];
        let levels = levels.map(|(code, level)| (code.to_string(), t.level(level).to_string())).into();
        parts.push(choose(t.supervision_level, fields.level.into(), levels, "level"));
    }
    // A number stands for one issue.
    if action == Action::Supervise && asked.photos {
        parts.push(line(
            t.supervision_number,
            fields.number.into(),
            t.supervision_number_hint,
            "40",
            "supervision-number",
        ));
        parts.push(maybe(move || same_number(ui, asked_numbers?, fields)));
    }
    if let Some(twins) = asked.twins {
        let label = if action == Action::Merge { t.merge_into } else { t.duplicate_of };
        let needed = required(true);
        let twin = move || choose_needed(label, needed, fields.twin.into(), twin_choices(ui, &twins.get()), "twin");
        parts.push(shown(twin));
    }
    if action == Action::Merge {
        parts.push(view! { <p class="hint">{t.merge_hint}</p> }.into_any());
    }
    if let Some(stage) = photo_stage(action).filter(|_| asked.photos) {
        parts.push(take_photos(ui, t.take_photo, stage, fields.camera, "action-photo"));
    }
    let reason = required(asked.needs.reason);
    parts.push(words_field(t.reason_label(action), fields.reason.into(), reason, "", "reason"));
    all(parts)
}

/// A hint and no more: what stands on paper is written down, and the desk decides.
fn same_number(ui: Ui, numbers: RwSignal<Vec<(String, String)>>, fields: Fields) -> Option<AnyView> {
    let form = fields.number.with(|number| Supervision::form(number));
    let found = |numbers: &Vec<(String, String)>| {
        numbers.iter().find(|(number, _)| !form.is_empty() && *number == form).map(|(_, called)| called.clone())
    };
    let called = numbers.with(found)?;
    let words = fill(ui.t.supervision_here, &[&called]);
    Some(view! { <p class="hint" role="status" data-testid="same-number">{words}</p> }.into_any())
}

fn twin_choices(ui: Ui, twins: &[Summary]) -> Choices {
    let twin = |row: &Summary| {
        let number = row.number.as_deref().unwrap_or_default();
        (row.id.to_string(), format!("{} {} {} {number}", ui.kind(row.kind), row.address, row.description))
    };
    let nothing = (String::new(), ui.t.choose.to_string());
    std::iter::once(nothing).chain(twins.iter().map(twin)).collect()
}

/// `HandIn` as `hand_in`, the way the documents write it.
pub fn code(action: Action) -> String {
    serde_json::to_string(&action).unwrap_or_default().trim_matches('"').into()
}

/// Whether an action names the issue that this one repeats.
pub fn names_twin(action: Action) -> bool {
    matches!(action, Action::MarkDuplicate | Action::Merge)
}

/// What is still missing, in the words of the policy, before the person taps in vain.
fn lacks(asked: &Asked, wish: &Wish) -> Option<Denied> {
    let shown =
        |stage: &Stage| asked.has_photos.contains(stage) || wish.photos.values().any(|photo| photo.stage == *stage);
    let early = |(after, _): &(Timestamp, Denied)| wish.until.is_some_and(|until| until <= *after);
    let too_early = asked.after.filter(early).map(|(_, why)| why);
    let no_photo = asked.action == Action::Photograph && wish.photos.is_empty();
    match () {
        () if names_twin(asked.action) && wish.duplicate_of.is_none() => Some(Denied::DuplicateMissing),
        () if asked.needs.assignee && wish.assignee.is_none() => Some(Denied::AssigneeMissing),
        () if asked.needs.until && wish.until.is_none() => Some(Denied::DeadlineMissing),
        () if too_early.is_some() => too_early,
        () if asked.photos && (no_photo || !asked.needs.photos.iter().all(shown)) => Some(Denied::PhotoMissing),
        () if asked.needs.reason && wish.reason.trim().is_empty() => Some(Denied::ReasonMissing),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_what_is_missing_until_nothing_is() {
        let asked = Asked {
            action: Action::Dispatch,
            issue: None,
            needs: Needs { assignee: true, until: true, ..Needs::default() },
            has_photos: vec![],
            zone: None,
            place: String::new(),
            assignee: None,
            support: BTreeSet::new(),
            until: None,
            until_hint: String::new(),
            after: Some((Timestamp(1), Denied::NotLater)),
            level: SupervisionLevel::Office,
            number: String::new(),
            twins: None,
            numbers: None,
            photos: true,
        };
        let mut wish = Wish::default();
        assert_eq!(lacks(&asked, &wish), Some(Denied::AssigneeMissing));
        wish.assignee = Some(PersonId(2));
        assert_eq!(lacks(&asked, &wish), Some(Denied::DeadlineMissing));
        wish.until = Some(Timestamp(1));
        assert_eq!(lacks(&asked, &wish), Some(Denied::NotLater));
        wish.until = Some(Timestamp(2));
        assert_eq!(lacks(&asked, &wish), None);
    }
}
