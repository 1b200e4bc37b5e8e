//! The office's own limits, closing conditions and kinds: read for whoever counts deadlines, changed by an administrator one thing at a time, and
//! noted in a journal. A change concerns what is dispatched from then on; no deadline that stands is touched.

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{RuleChange, Was};
use xiaohao_shared::model::rules::{RuleWish, Rules};

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{self, Db, StoreError, office};

/// How far the journal is shown back.
const LATEST: u32 = 200;

pub async fn rules<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<Rules, ServiceError> {
    let Some(json) = office::value(store, office::RULES).await? else { return Ok(Rules::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("office rules: {error}")).into())
}

/// What an administrator asks for by `POST /api/admin/catalogue`.
pub async fn save(service: &Service, caller: &Caller, wish: RuleWish) -> Result<Rules, ServiceError> {
    let mut tx = service.write().await?;
    let before = rules(&mut *tx).await?;
    let after = before.with(wish.clone()).ok_or_else(|| ServiceError::Unfit(Reason::Rule))?;
    if after == before {
        return Ok(after);
    }
    let was = was(&before, &wish);
    let change = RuleChange { at: service.now(), by: caller.person.id, wish, was };
    let json = serde_json::to_string(&after).map_err(ServiceError::invalid)?;
    office::set(&mut tx, office::RULES, &json).await?;
    store::rules::note(&mut tx, caller.device, &change).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, "the rules of the catalogue were changed");
    Ok(after)
}

fn was(before: &Rules, wish: &RuleWish) -> Option<Was> {
    let words = |words: &str| Was::Words(words.to_owned());
    match wish {
        RuleWish::Limits(condition, _) => before.set(*condition).map(Was::Limits),
        RuleWish::CloseWhen(condition, _) => before.closing(*condition).map(words),
        RuleWish::Own(own) => before.own_name(own.kind).map(words),
        RuleWish::Offer(..) => None,
    }
}

pub async fn changes(service: &Service) -> Result<Vec<RuleChange>, ServiceError> {
    Ok(store::rules::latest(&service.store, LATEST).await?)
}
