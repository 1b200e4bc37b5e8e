//! Deadlines by the hub's clock: where a phone's clock cannot have been right, the hub writes what follows from its own, as one
//! more step that everybody sees (design section 3.8).

use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit, RawChange};
use xiaohao_shared::id::{Actor, HUB, IssueId};
use xiaohao_shared::model::deadline::{Terms, Witnessed, corrected};
use xiaohao_shared::model::policy::MAX_SUSPENSION;
use xiaohao_shared::model::workflow::Action;
use xiaohao_shared::model::{Entry, Step};
use xiaohao_shared::time::{DAY, Timestamp};

use super::judge::{Candidate, Judge};
use crate::service::random;

impl Judge {
    /// A suspension lasts a year at most from when it was written, which is the phone's word. Nobody writes later than it arrives, so
    /// it ends within a year from now, too; a day more where a clock is a little ahead.
    fn end_of_suspension(&self, edit: &Edit) -> Option<Timestamp> {
        let step = &edit.step.as_ref().filter(|step| step.record.action == Action::Suspend)?.record;
        let longest = self.now + MAX_SUSPENSION;
        step.until.filter(|until| *until > longest + DAY).map(|_| longest)
    }

    /// The deadline that an edit should have set; asked before the edit is joined.
    pub(super) fn due(&self, issue: IssueId, document: &Document, push: &Candidate, edit: &Edit) -> Option<Timestamp> {
        if !edit.sets.iter().any(|value| matches!(value, Value::Due(_))) {
            return None;
        }
        if let Some(end) = self.end_of_suspension(edit) {
            return Some(end);
        }
        let deps = &push.screened.as_ref().ok()?.deps;
        let before = document.read_at(issue, deps).ok()?;
        let after = deps.iter().filter_map(|dep| self.witnessed.get(dep)).max().copied();
        let terms = Terms { calendar: &self.bench.calendar, rules: &self.bench.rules };
        corrected(edit, &before, terms, Witnessed { after, received: self.now })
    }

    /// The step that says so, under the hub's own actor and in the name of whose step it completes.
    pub(super) fn correction(&self, document: &Document, due: Timestamp) -> Option<(Edit, RawChange)> {
        let step = Step { until: Some(due), ..Step::new(self.bench.person.id, self.now, Action::CorrectDeadline) };
        let record = base16ct::lower::encode_string(&random::<4>());
        let edit = Edit { step: Some(Entry { id: record, record: step }), ..Edit::default() };
        let edit = edit.with(Value::Due(Some(due)));
        let actor = Actor { device: HUB, nonce: u64::from_be_bytes(random()) };
        let change = document.clone().edit(actor, &edit).ok()?;
        Some((edit, change))
    }
}
