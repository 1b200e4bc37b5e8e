//! The desk's answer to changes that were held for review: adopt, and the hub writes them anew under its own actor with the
//! author's name and the supervisor's, where the issue as it now is still takes them; or discard. Nothing is ever deleted.

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{DecideHeld, Held, HeldDecision, MAX_REASON};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{ChangeHash, PersonId};
use xiaohao_shared::model::policy::{Before, judge};

use super::directory::Caller;
use super::sync::{Authored, Merge};
use super::{Service, ServiceError, Write};
use crate::store::{held, people};

const MOVED_ON: ServiceError = ServiceError::Conflict(Reason::MovedOn);
const NOTHING_LEFT: ServiceError = ServiceError::Conflict(Reason::NothingLeft);
const NO_ROOM: ServiceError = ServiceError::Conflict(Reason::RecordFull);
const UNREADABLE: ServiceError = ServiceError::Conflict(Reason::RecordDamaged);

pub async fn list(service: &Service) -> Result<Vec<Held>, ServiceError> {
    Ok(held::open(&service.store).await?)
}

pub async fn decide(
    service: &Service,
    caller: &Caller,
    hash: ChangeHash,
    wish: DecideHeld,
) -> Result<Vec<Held>, ServiceError> {
    let (decision, reason) = match wish {
        DecideHeld::Bare(decision) => (decision, String::new()),
        DecideHeld::Because { decision, reason } => (decision, reason.trim().to_owned()),
    };
    if reason.chars().count() > MAX_REASON {
        return Err(ServiceError::Unfit(Reason::ReasonTooLong));
    }
    let mut tx = service.write().await?;
    let row = held::find(&mut tx, hash).await?.ok_or(ServiceError::NotFound)?;
    let word = match decision {
        HeldDecision::Adopt if !row.adoptable => {
            return Err(ServiceError::Conflict(Reason::OnlyEvidence));
        }
        HeldDecision::Adopt => held::ADOPT,
        HeldDecision::Discard => held::DISCARD,
    };
    let mut merge = Merge::new(service);
    if decision == HeldDecision::Adopt {
        adopt(&mut tx, &mut merge, caller.person.id, (hash, &row)).await?;
    }
    held::decide(&mut tx, hash, caller.person.id, (word, &reason), service.now()).await?;
    merge.close(&mut tx).await?;
    tx.commit().await?;
    merge.announce(service);
    list(service).await
}

async fn adopt(
    tx: &mut Write<'_>,
    merge: &mut Merge,
    supervisor: PersonId,
    (hash, row): (ChangeHash, &Held),
) -> Result<(), ServiceError> {
    let mut edit: Edit = serde_json::from_str(&row.content).map_err(|_| UNREADABLE)?;
    let document = merge.document(tx, row.issue).await?.ok_or(UNREADABLE)?;
    // A phone that was copied may have brought the same record twice, and a record is never written over.
    if let Ok(issue) = document.read(row.issue)
        && edit.is_recorded_in(&issue)
    {
        // Phones may have brought the adoption back to an office that was restored.
        return if edit.is_adopted_in(&issue) { Ok(()) } else { Err(NOTHING_LEFT) };
    }
    still_fits(tx, row, &document, &edit).await?;
    if let Some(step) = &mut edit.step {
        step.record.adopted_by = Some(supervisor);
    }
    if let Some(remark) = &mut edit.remark {
        remark.record.adopted_by = Some(supervisor);
    }
    match merge.adopt(tx, row.issue, supervisor, hash, edit).await? {
        Authored::Written => merge.untie(tx, supervisor).await,
        Authored::Nothing => Err(NOTHING_LEFT),
        Authored::NoRoom => Err(NO_ROOM),
    }
}

/// Judges the change as its author could have made it, but on the issue as it now is: the office may have gone on meanwhile.
async fn still_fits(tx: &mut Write<'_>, row: &Held, document: &Document, edit: &Edit) -> Result<(), ServiceError> {
    let known = people::known(tx).await?;
    let mut authors = people::former(tx, row.person).await?;
    authors.extend(people::find(tx, row.person).await?);
    let (issue, conflicts) = (document.read(row.issue).ok(), document.conflicts());
    let before = issue.as_ref().map(|issue| Before { issue, conflicts: &conflicts });
    // An issue begins once, and everything else needs its beginning.
    let apt = edit.genesis == document.heads().is_empty();
    let fits = apt && authors.iter().any(|author| judge(author, before, edit, &known).is_ok());
    if fits { Ok(()) } else { Err(MOVED_ON) }
}
