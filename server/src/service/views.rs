//! Saved views follow the person: whoever signs on at another device finds his own there. Nobody else reads them.

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::views::{self, MAX_VIEW_WISHES, View, ViewWish};
use xiaohao_shared::id::PersonId;

use super::{Service, ServiceError};
use crate::store;

pub async fn of(service: &Service, person: PersonId) -> Result<Vec<View>, ServiceError> {
    Ok(store::views::of(&service.store, person).await?)
}

/// All of it or nothing.
pub async fn save(service: &Service, person: PersonId, wishes: &[ViewWish]) -> Result<Vec<View>, ServiceError> {
    if wishes.len() > MAX_VIEW_WISHES {
        return Err(ServiceError::invalid("nobody wishes so much at once"));
    }
    let mut tx = service.write().await?;
    let before = store::views::of(&mut *tx, person).await?;
    let after = wishes.iter().try_fold(before, |views, wish| views::fulfilled(&views, wish));
    let after = after.ok_or(ServiceError::Unfit(Reason::Views))?;
    store::views::set(&mut tx, person, &after).await?;
    tx.commit().await?;
    Ok(after)
}
