//! What an edit wanted to say, in words: for changes that were refused or are still unsent.

use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::conflict::value_words;
use crate::texts::fill;

pub fn intent_words(ui: Ui, edit: &Edit) -> String {
    let mut parts = Vec::new();
    if let Some(step) = &edit.step {
        parts.push(ui.t.action(step.record.action).to_string());
        parts.extend(Some(step.record.reason.clone()).filter(|reason| !reason.is_empty()));
    }
    parts.extend(edit.remark.as_ref().map(|remark| {
        let name = if remark.record.contact.is_some() { ui.t.contact } else { ui.t.remark };
        format!("{name}{}{}", ui.t.colon, remark.record.text)
    }));
    let said = edit.sets.iter().filter(|value| !matches!(value, Value::Schema(_)));
    let said = said.map(|value| (value, value_words(ui, value))).filter(|(_, words)| !words.trim().is_empty());
    parts.extend(said.map(|(value, words)| format!("{}{}{words}", ui.t.register(value.register()), ui.t.colon)));
    if !edit.photos.is_empty() {
        parts.push(fill(ui.t.photos_n, &[&edit.photos.len()]));
    }
    parts.join(" · ")
}

/// The same intent as a new change: fresh record ids, signed now, coming from the state that the issue is in by now.
pub fn again(edit: &Edit, by: PersonId, at: Timestamp, state: Option<State>, record: String) -> Edit {
    let mut edit = edit.clone();
    if let Some(step) = &mut edit.step {
        step.id.clone_from(&record);
        (step.record.by, step.record.at) = (by, at);
        step.record.from = step.record.from.and(state);
    }
    if let Some(remark) = &mut edit.remark {
        remark.id = record;
        (remark.record.by, remark.record.at) = (by, at);
    }
    edit
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::model::workflow::Action;
    use xiaohao_shared::model::{Entry, Remark, Step};

    #[test]
    fn trying_again_makes_a_new_record_and_keeps_what_was_said() {
        let step = Step { from: Some(State::Handling), ..Step::new(PersonId(1), Timestamp(1), Action::Reply) };
        let edit = Edit::step("old00000".into(), Step { reason: "done".into(), ..step });
        let new = again(&edit, PersonId(1), Timestamp(9), Some(State::Rework), "new00000".into());
        let entry = new.step.unwrap();
        assert_eq!(
            (entry.id.as_str(), entry.record.at, entry.record.from),
            ("new00000", Timestamp(9), Some(State::Rework))
        );
        assert_eq!(entry.record.reason, "done");
        let remark = Remark::new(PersonId(1), Timestamp(1), "x".into());
        let new = again(&Edit::remark("old00000".into(), remark), PersonId(1), Timestamp(9), None, "new00000".into());
        assert_eq!(new.remark.map(|Entry { id, record }| (id, record.text)), Some(("new00000".into(), "x".into())));
    }
}
