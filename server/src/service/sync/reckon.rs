//! Deadlines by the hub's clock: where a phone's clock cannot have been right, the hub writes what follows from its own, as one
//! more step that everybody sees (design section 3.8).

use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::deadline::{Witnessed, corrected};
use xiaohao_shared::model::workflow::Action;
use xiaohao_shared::model::{Entry, Step};
use xiaohao_shared::time::Timestamp;

use super::{Merge, Push};
use crate::service::admission::Bench;
use crate::service::{ServiceError, Write, directory, random};
use crate::store::log;

impl Merge {
    /// The deadline that an edit should have set; asked before the edit is joined.
    pub(super) async fn reckon(
        &mut self,
        tx: &mut Write<'_>,
        bench: &Bench,
        push: &Push,
        edit: &Edit,
    ) -> Result<Option<Timestamp>, ServiceError> {
        if !edit.sets.iter().any(|value| matches!(value, Value::Due(_))) {
            return Ok(None);
        }
        let Ok(screened) = screen(&push.change) else { return Ok(None) };
        let Ok(before) = self.open(tx, push.issue).await?.document.read_at(push.issue, &screened.deps) else {
            return Ok(None);
        };
        let after = log::witnessed(tx, &screened.deps, bench.device).await?;
        let calendar = directory::calendar(&mut **tx).await?;
        Ok(corrected(edit, &before, &calendar, Witnessed { after, received: self.now }))
    }

    /// Writes it under the hub's own actor, in the name of whose step it completes.
    pub(super) async fn correct(
        &mut self,
        tx: &mut Write<'_>,
        id: IssueId,
        person: PersonId,
        due: Timestamp,
    ) -> Result<(), ServiceError> {
        let step = Step { until: Some(due), ..Step::new(person, self.now, Action::CorrectDeadline) };
        let record = base16ct::lower::encode_string(&random::<4>());
        let step = Some(Entry { id: record, record: step });
        let edit = Edit { step, ..Edit::default() }.with(Value::Due(Some(due)));
        // A document that has no room for one more step keeps the deadline that it was given.
        self.author(tx, id, person, edit).await.map(drop)
    }
}
