//! What happened to an issue, oldest first. Steps stand in causal order; remarks are put between them by their clock.

use leptos::prelude::*;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::{Entry, Remark, Step};
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::lean::{all, given};
use crate::texts::fill;

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

pub fn timeline(ui: Ui, steps: &[Entry<Step>], remarks: &[Entry<Remark>]) -> AnyView {
    let row = |event: Event| {
        let at = event.at();
        let (class, content) = match event {
            Event::Step(step) => ("step", step_line(ui, step)),
            Event::Remark(remark) => ("remark", remark_line(ui, remark)),
        };
        view! {
            <li class=class>
                <time datetime=at.rfc3339()>{ui.when(at)}</time>
                {content}
            </li>
        }
        .into_any()
    };
    view! { <ol class="timeline">{all(merged(steps, remarks).into_iter().map(row))}</ol> }.into_any()
}

fn step_line(ui: Ui, step: Step) -> AnyView {
    let t = ui.t;
    let moved = step.to.filter(|to| step.from != Some(*to)).map(|to| format!(" → {}", t.state(to)));
    let until = step.until.map(|until| format!("{}{}{}", t.until, t.colon, ui.when(until)));
    let photos = (!step.photos.is_empty()).then(|| fill(t.photos_n, &[&step.photos.len()]));
    let details = until.into_iter().chain(photos).map(|text| paragraph("dim", text));
    view! {
        <p>
            <strong>{t.action(step.action)}</strong>
            " "
            {author(ui, step.by, step.adopted_by)}
            <span class="dim">{moved.unwrap_or_default()}</span>
        </p>
        {given((!step.reason.is_empty()).then(|| paragraph("said", step.reason.clone())))}
        {all(details)}
    }
    .into_any()
}

fn remark_line(ui: Ui, remark: Remark) -> AnyView {
    let author = author(ui, remark.by, remark.adopted_by);
    let head = match remark.contact {
        None => paragraph("", author),
        Some(_) => view! { <p><strong>{ui.t.contact}</strong> " " {author}</p> }.into_any(),
    };
    let how = remark.contact.map(|contact| {
        let [manner, result] = [ui.t.manner(contact.manner), ui.t.outcome(contact.result)];
        paragraph("dim", format!("{} · {manner} · {result}", ui.when(contact.at)))
    });
    let said = (!remark.text.is_empty()).then(|| paragraph("said", remark.text));
    all([head, given(how), given(said)])
}

fn paragraph(class: &'static str, text: String) -> AnyView {
    view! { <p class=class>{text}</p> }.into_any()
}

fn author(ui: Ui, by: PersonId, adopted_by: Option<PersonId>) -> String {
    let adopted = adopted_by.map(|person| format!(" ({})", fill(ui.t.adopted_by, &[&ui.person(person)])));
    ui.person(by) + &adopted.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::model::workflow::Action;

    #[test]
    fn a_wrong_clock_moves_a_remark_but_never_a_step() {
        let step = |at| Entry { id: String::new(), record: Step::new(PersonId(1), Timestamp(at), Action::Start) };
        let remark = |at| Entry { id: String::new(), record: Remark::new(PersonId(1), Timestamp(at), String::new()) };
        let times = |events: Vec<Event>| events.iter().map(|event| event.at().0).collect::<Vec<_>>();
        assert_eq!(times(merged(&[step(5), step(2), step(9)], &[remark(3), remark(20)])), [3, 5, 2, 9, 20]);
    }
}
