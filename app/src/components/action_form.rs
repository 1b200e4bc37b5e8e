//! The form of one action: exactly what its rule needs, nothing else. Gives back a [`Wish`]; saving is the page's business.

use std::collections::BTreeSet;

use leptos::prelude::*;
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::Stage;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Needs};
use xiaohao_shared::time::Timestamp;

use super::fields::{Tick, When, Words};
use super::people::{ChoosePerson, ChooseSupport};
use super::photos::{Shots, TakePhotos};
use super::use_ui;
use super::wish::{Wish, asks_assignee, asks_until, photo_stage};
use crate::format;

/// What the form starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub action: Action,
    pub needs: Needs,
    /// The stages that the issue has photos of already.
    pub has_photos: Vec<Stage>,
    pub zone: Option<ZoneId>,
    pub assignee: Option<PersonId>,
    pub support: BTreeSet<PersonId>,
    pub until: Option<Timestamp>,
    /// How the deadline came about.
    pub until_hint: String,
    /// Issues that this one could be a duplicate of.
    pub twins: Vec<Summary>,
    /// Photos belong to one issue: the form for several has no camera.
    pub photos: bool,
}

/// The signals behind the fields.
#[derive(Clone, Copy)]
struct Fields {
    reason: RwSignal<String>,
    assignee: RwSignal<Option<PersonId>>,
    support: RwSignal<BTreeSet<PersonId>>,
    until: RwSignal<String>,
    priority: RwSignal<bool>,
    twin: RwSignal<Option<IssueId>>,
    shots: RwSignal<Shots>,
}

impl Fields {
    fn of(asked: &Asked) -> Self {
        Self {
            reason: RwSignal::default(),
            assignee: RwSignal::new(asked.assignee),
            support: RwSignal::new(asked.support.clone()),
            until: RwSignal::new(asked.until.map(format::to_input).unwrap_or_default()),
            priority: RwSignal::new(false),
            twin: RwSignal::new(None),
            shots: RwSignal::default(),
        }
    }

    fn wish(&self) -> Wish {
        Wish {
            reason: self.reason.get(),
            assignee: self.assignee.get(),
            support: self.support.get(),
            until: self.until.with(|text| format::from_input(text)),
            priority: self.priority.get(),
            duplicate_of: self.twin.get(),
            photos: self.shots.get().into_iter().collect(),
            amended: Vec::new(),
        }
    }
}

#[component]
pub fn ActionForm(asked: Asked, #[prop(into)] busy: Signal<bool>, on_submit: Callback<Wish>) -> impl IntoView {
    let ui = use_ui();
    let fields = Fields::of(&asked);
    let action = asked.action;
    let missing = {
        let asked = asked.clone();
        move || lacks(&asked, &fields.wish())
    };
    let lacking = Memo::new(move |_| missing());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if lacking.get_untracked().is_none() && !busy.get_untracked() {
            on_submit.run(fields.wish());
        }
    };
    view! {
        <form class="action-form" on:submit=submit>
            <Asking asked fields />
            {move || {
                lacking
                    .get()
                    .map(|lack| view! { <p class="hint" role="status">{ui.t.denied(lack)}</p> })
            }}
            <button
                type="submit"
                class="primary wide"
                data-testid="submit-action"
                disabled=move || busy.get() || lacking.get().is_some()
            >
                {move || if busy.get() { ui.t.saving } else { ui.t.action(action) }}
            </button>
        </form>
    }
}

#[component]
fn Asking(asked: Asked, fields: Fields) -> impl IntoView {
    let ui = use_ui();
    let (t, action, zone) = (ui.t, asked.action, asked.zone);
    let until_label = if action == Action::AskExtension { t.until_asked } else { t.until };
    let stage = photo_stage(action).filter(|_| asked.photos);
    let pick_twin = matches!(action, Action::MarkDuplicate);
    view! {
        {asks_assignee(action)
            .then(|| view! { <ChoosePerson label=t.assignee value=fields.assignee zone /> })}
        {asks_until(action)
            .then(|| {
                view! { <When label=until_label value=fields.until hint=asked.until_hint.clone() required=asked.needs.until /> }
            })}
        {matches!(action, Action::Dispatch | Action::Assign)
            .then(|| view! { <ChooseSupport value=fields.support zone /> })}
        {matches!(action, Action::File | Action::Supervise)
            .then(|| {
                let on_change = Callback::new(move |on| fields.priority.set(on));
                view! { <Tick label=t.make_priority value=fields.priority on_change /> }
            })}
        {pick_twin.then(|| view! { <ChooseTwin twins=asked.twins.clone() value=fields.twin /> })}
        {stage.map(|stage| view! { <TakePhotos label=t.take_photo stage shots=fields.shots testid="action-photo" /> })}
        <Words label=t.reason_label(action) value=fields.reason required=asked.needs.reason testid="reason" />
    }
}

#[component]
fn ChooseTwin(twins: Vec<Summary>, value: RwSignal<Option<IssueId>>) -> impl IntoView {
    let ui = use_ui();
    let choices = std::iter::once((String::new(), ui.t.choose.to_string())).chain(twins.into_iter().map(|row| {
        let number = row.number.unwrap_or_default();
        (row.id.to_string(), format!("{} {} {} {number}", ui.t.kind(row.kind), row.address, row.description))
    }));
    let code = Signal::derive(move || value.get().map(|id| id.to_string()).unwrap_or_default());
    let on_change = Callback::new(move |code: String| value.set(code.parse().ok()));
    view! { <super::fields::Choose label=ui.t.duplicate_of value=code on_change choices=choices.collect() testid="twin" /> }
}

/// What is still missing, in the words of the policy, before the person taps in vain.
fn lacks(asked: &Asked, wish: &Wish) -> Option<xiaohao_shared::model::policy::Denied> {
    use xiaohao_shared::model::policy::Denied;
    let shown =
        |stage: &Stage| asked.has_photos.contains(stage) || wish.photos.values().any(|photo| photo.stage == *stage);
    let no_photo = asked.action == Action::Photograph && wish.photos.is_empty();
    match () {
        () if asked.needs.assignee && wish.assignee.is_none() => Some(Denied::AssigneeMissing),
        () if asked.needs.until && wish.until.is_none() => Some(Denied::DeadlineMissing),
        () if asked.photos && (no_photo || !asked.needs.photos.iter().all(shown)) => Some(Denied::PhotoMissing),
        () if asked.needs.reason && wish.reason.trim().is_empty() => Some(Denied::ReasonMissing),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::model::policy::Denied;

    #[test]
    fn the_form_says_what_is_missing_until_nothing_is() {
        let asked = Asked {
            action: Action::Dispatch,
            needs: Needs { assignee: true, until: true, ..Needs::default() },
            has_photos: vec![],
            zone: None,
            assignee: None,
            support: BTreeSet::new(),
            until: None,
            until_hint: String::new(),
            twins: vec![],
            photos: true,
        };
        let mut wish = Wish::default();
        assert_eq!(lacks(&asked, &wish), Some(Denied::AssigneeMissing));
        wish.assignee = Some(PersonId(2));
        assert_eq!(lacks(&asked, &wish), Some(Denied::DeadlineMissing));
        wish.until = Some(Timestamp(1));
        assert_eq!(lacks(&asked, &wish), None);
    }
}
