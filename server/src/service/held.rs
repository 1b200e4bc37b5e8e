//! The desk's answer to changes that were held for review: adopt, and the hub writes them anew under its own actor with the
//! author's name and the supervisor's; or discard. Nothing is ever deleted.

use xiaohao_shared::api::{Held, HeldDecision};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{Actor, ChangeHash, HUB, IssueId, PersonId};
use xiaohao_shared::model::policy::may_review;

use super::directory::Caller;
use super::sync::{Author, Merge};
use super::{Service, ServiceError, Write, random};
use crate::store::held;

pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Held>, ServiceError> {
    if !may_review(&caller.person) {
        return Err(ServiceError::Forbidden);
    }
    Ok(held::open(&service.store).await?)
}

pub async fn decide(
    service: &Service,
    caller: &Caller,
    hash: ChangeHash,
    decision: HeldDecision,
) -> Result<Vec<Held>, ServiceError> {
    if !may_review(&caller.person) {
        return Err(ServiceError::Forbidden);
    }
    let mut tx = service.write().await?;
    let row = held::find(&mut tx, hash).await?.ok_or(ServiceError::NotFound)?;
    let word = match decision {
        HeldDecision::Adopt if !row.adoptable => {
            return Err(ServiceError::Conflict("this change is only kept as evidence"));
        }
        HeldDecision::Adopt => "adopt",
        HeldDecision::Discard => "discard",
    };
    let mut merge = Merge::new(service);
    if decision == HeldDecision::Adopt {
        let edit = serde_json::from_str(&row.content).map_err(ServiceError::invalid)?;
        adopt(&mut tx, &mut merge, caller.person.id, row.issue, edit).await?;
    }
    held::decide(&mut tx, hash, caller.person.id, word, service.now()).await?;
    merge.close(&mut tx).await?;
    tx.commit().await?;
    merge.announce(service);
    list(service, caller).await
}

async fn adopt(
    tx: &mut Write<'_>,
    merge: &mut Merge,
    supervisor: PersonId,
    issue: IssueId,
    mut edit: Edit,
) -> Result<(), ServiceError> {
    if let Some(step) = &mut edit.step {
        step.record.adopted_by = Some(supervisor);
    }
    if let Some(remark) = &mut edit.remark {
        remark.record.adopted_by = Some(supervisor);
    }
    let mut document = merge.document(tx, issue).await?;
    let actor = Actor { device: HUB, nonce: u64::from_be_bytes(random()) };
    let change = document.edit(actor, &edit).map_err(ServiceError::invalid)?;
    let after = document.read(issue).map_err(ServiceError::invalid)?;
    let by = Author { device: HUB, person: supervisor };
    merge.log(tx, by, change.hash, issue, &change.bytes, (&document, &after)).await?;
    merge.put(issue, document, after);
    Ok(())
}
