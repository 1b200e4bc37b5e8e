//! What happened to an issue, oldest first. Steps stand in causal order; remarks are put between them by their clock.

use leptos::prelude::*;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::{Entry, Issue, Remark, Step};
use xiaohao_shared::time::Timestamp;

use super::use_ui;
use crate::format;

#[derive(Debug, Clone, PartialEq)]
enum Event {
    Step(Step),
    Remark(Remark),
}

impl Event {
    fn at(&self) -> Timestamp {
        match self {
            Self::Step(step) => step.at,
            Self::Remark(remark) => remark.at,
        }
    }
}

/// Steps keep their order whatever the clocks say: only remarks look at the time.
fn merged(steps: &[Entry<Step>], remarks: &[Entry<Remark>]) -> Vec<Event> {
    let mut remarks = remarks.iter().map(|entry| entry.record.clone()).peekable();
    let mut events = Vec::new();
    for step in steps.iter().map(|entry| entry.record.clone()) {
        while let Some(remark) = remarks.next_if(|remark| remark.at < step.at) {
            events.push(Event::Remark(remark));
        }
        events.push(Event::Step(step));
    }
    events.extend(remarks.map(Event::Remark));
    events
}

#[component]
pub fn Timeline(issue: Issue) -> impl IntoView {
    let ui = use_ui();
    let row = move |event: Event| {
        let at = event.at();
        let when = move || format::date_time(ui.t, at, ui.now.get());
        let (class, content) = match event {
            Event::Step(step) => ("step", view! { <StepLine step /> }.into_any()),
            Event::Remark(remark) => ("remark", view! { <RemarkLine remark /> }.into_any()),
        };
        view! {
            <li class=class>
                <time datetime=at.rfc3339()>{when}</time>
                {content}
            </li>
        }
    };
    view! { <ol class="timeline">{merged(&issue.steps, &issue.remarks).into_iter().map(row).collect_view()}</ol> }
}

#[component]
fn StepLine(step: Step) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let moved = step.to.filter(|to| step.from != Some(*to));
    view! {
        <p>
            <strong>{t.action(step.action)}</strong> " " <Author by=step.by adopted_by=step.adopted_by />
            {moved.map(|to| view! { <span class="dim">" → " {t.state(to)}</span> })}
        </p>
        {(!step.reason.is_empty()).then(|| view! { <p class="said">{step.reason.clone()}</p> })}
        {step
            .until
            .map(|until| {
                let when = format::date_time(t, until, ui.now.get_untracked());
                view! { <p class="dim">{t.until} ": " {when}</p> }
            })}
        {(!step.photos.is_empty())
            .then(|| view! { <p class="dim">{crate::texts::fill(t.photos_n, &[&step.photos.len()])}</p> })}
    }
}

#[component]
fn RemarkLine(remark: Remark) -> impl IntoView {
    view! {
        <p>
            <Author by=remark.by adopted_by=remark.adopted_by />
        </p>
        <p class="said">{remark.text}</p>
    }
}

#[component]
fn Author(by: PersonId, adopted_by: Option<PersonId>) -> impl IntoView {
    let ui = use_ui();
    let adopted = adopted_by.map(|person| crate::texts::fill(ui.t.adopted_by, &[&ui.person(person)]));
    view! {
        <span>{ui.person(by)}</span>
        {adopted.map(|text| view! { <span class="dim">" (" {text} ")"</span> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::model::workflow::Action;

    #[test]
    fn a_wrong_clock_moves_a_remark_but_never_a_step() {
        let step = |at| Entry { id: String::new(), record: Step::new(PersonId(1), Timestamp(at), Action::Start) };
        let remark = |at| Entry {
            id: String::new(),
            record: Remark { by: PersonId(1), at: Timestamp(at), text: String::new(), adopted_by: None },
        };
        let times = |events: Vec<Event>| events.iter().map(|event| event.at().0).collect::<Vec<_>>();
        assert_eq!(times(merged(&[step(5), step(2), step(9)], &[remark(3), remark(20)])), [3, 5, 2, 9, 20]);
    }
}
