//! The office's own limits, closing conditions and kinds: read for whoever counts deadlines, changed by an administrator one form at a time, and
//! noted in a journal. A change concerns what is dispatched from then on; no deadline that stands is touched.

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Journaled, RuleChange, Was};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::rules::{Clash, MAX_WISHES, RuleWish, RuleWishes, Rules};

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{self, Db, StoreError, office};

/// How far the journal is shown back.
const LATEST: u32 = 200;

pub async fn rules<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<Rules, ServiceError> {
    let Some(json) = office::value(store, office::RULES).await? else { return Ok(Rules::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("office rules: {error}")).into())
}

/// A list that somebody searches knows the office's own kinds by the names that they have today.
pub async fn knowing(service: &Service, filter: Filter) -> Result<Filter, ServiceError> {
    if filter.text.is_empty() {
        return Ok(filter);
    }
    Ok(filter.knowing(&rules(&service.store).await?))
}

/// What an administrator asks for by `POST /api/admin/catalogue`: all of it or nothing.
pub async fn save(service: &Service, caller: &Caller, wishes: RuleWishes) -> Result<Rules, ServiceError> {
    let wishes = wishes.into_vec();
    if wishes.len() > MAX_WISHES {
        return Err(ServiceError::invalid("so many wishes are of no form"));
    }
    let mut tx = service.write().await?;
    let before = rules(&mut *tx).await?;
    let mut after = before.clone();
    for wish in wishes {
        let next = fulfilled(&after, &wish)?;
        if next != after {
            let (was, wish) = (was(&after, &wish), Journaled::Known(wish));
            let change = RuleChange { at: service.now(), by: caller.person.id, wish, was };
            store::rules::note(&mut tx, caller.device, &change).await?;
        }
        after = next;
    }
    if after == before {
        return Ok(after);
    }
    let json = serde_json::to_string(&after).map_err(ServiceError::unwritable)?;
    office::set(&mut tx, office::RULES, &json).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, "the rules of the catalogue were changed");
    Ok(after)
}

fn fulfilled(before: &Rules, wish: &RuleWish) -> Result<Rules, ServiceError> {
    match before.clash(wish) {
        Some(clash) => Err(ServiceError::Conflict(reason(clash))),
        None => before.with(wish.clone()).ok_or(ServiceError::Unfit(Reason::Rule)),
    }
}

fn reason(clash: Clash) -> Reason {
    match clash {
        Clash::Code => Reason::KindMoved,
        Clash::Name => Reason::KindName,
    }
}

fn was(before: &Rules, wish: &RuleWish) -> Option<Was> {
    let words = |words: &str| Was::Words(words.to_owned());
    match wish {
        RuleWish::Limits(condition, _) => before.set(*condition).map(Was::Limits),
        RuleWish::CloseWhen(condition, _) => before.closing(*condition).map(words),
        RuleWish::Own { own, .. } => before.own_name(own.kind).map(words),
        RuleWish::Offer(..) => None,
    }
}

pub async fn changes(service: &Service) -> Result<Vec<RuleChange>, ServiceError> {
    Ok(store::rules::latest(&service.store, LATEST).await?)
}
