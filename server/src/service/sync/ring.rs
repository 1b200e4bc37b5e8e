//! Issues that were merged into each other (并案) by people who did not know of one another, as two supervisors offline. None of
//! them would be left open; so the oldest comes back, as one more step that everybody sees.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Issue, Step};

use super::Merge;
use crate::service::{ServiceError, Write};

/// Nobody merges more issues one into the other; a longer chain is not followed.
const LONGEST: usize = 32;

impl Merge {
    /// Looks at what was merged in this transaction. `person` is whose change closed the ring.
    pub async fn untie(&mut self, tx: &mut Write<'_>, person: PersonId) -> Result<(), ServiceError> {
        let merged =
            self.open.iter().filter(|(_, open)| open.new.as_ref().is_some_and(|(it, _)| it.merged_into().is_some()));
        for issue in merged.map(|(id, _)| *id).collect::<Vec<_>>() {
            if let Some(oldest) = self.oldest_of_ring(tx, issue).await? {
                self.bring_back(tx, oldest, person).await?;
            }
        }
        Ok(())
    }

    async fn oldest_of_ring(&mut self, tx: &mut Write<'_>, issue: IssueId) -> Result<Option<IssueId>, ServiceError> {
        let (mut ring, mut at) = (BTreeSet::from([issue]), issue);
        while let Some(next) = self.read(tx, at).await?.and_then(|read| read.merged_into()) {
            if next == issue {
                return Ok(ring.first().copied());
            }
            if !ring.insert(next) || ring.len() > LONGEST {
                break;
            }
            at = next;
        }
        Ok(None)
    }

    async fn bring_back(&mut self, tx: &mut Write<'_>, id: IssueId, person: PersonId) -> Result<(), ServiceError> {
        let Some(issue) = self.read(tx, id).await? else { return Ok(()) };
        let merge = issue.steps.iter().rfind(|step| step.record.action == Action::Merge);
        let Some(merge) = merge else { return Ok(()) };
        let to = merge.record.from.unwrap_or(State::Reported);
        let step = Step { from: Some(State::Void), to: Some(to), ..Step::new(person, self.now, Action::UndoMerge) };
        // It follows from what it undoes, so that it is never written twice.
        let record = Sha256::digest([&id.0, merge.id.as_bytes()].concat());
        let edit = Edit::step(base16ct::lower::encode_string(&record[..4]), step).with(Value::DuplicateOf(None));
        if edit.is_recorded_in(&issue) {
            return Ok(());
        }
        self.author(tx, id, person, edit).await.map(drop)
    }

    /// What an issue says, unless people still have to decide where it stands.
    async fn read(&mut self, tx: &mut Write<'_>, id: IssueId) -> Result<Option<Issue>, ServiceError> {
        let Some(document) = self.document(tx, id).await? else { return Ok(None) };
        let undecided = document.conflicts().iter().any(|conflict| conflict.register == Register::State);
        Ok(document.read(id).ok().filter(|_| !undecided))
    }
}
