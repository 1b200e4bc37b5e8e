//! When phones hide what they show, as an administrator set it. Phones hear of it by the directory and keep to it by themselves.

use xiaohao_shared::model::lock::LockRule;

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{Db, StoreError, office};

pub async fn rule<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<LockRule, ServiceError> {
    let Some(json) = office::value(store, office::LOCK).await? else { return Ok(LockRule::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("lock of phones: {error}")).into())
}

/// What an administrator asks for by `POST /api/admin/lock`.
pub async fn save(service: &Service, caller: &Caller, wish: LockRule) -> Result<LockRule, ServiceError> {
    if !wish.is_allowed() {
        return Err(ServiceError::invalid("no lock waits for so long"));
    }
    let json = serde_json::to_string(&wish).map_err(ServiceError::unwritable)?;
    let mut tx = service.write().await?;
    office::set(&mut tx, office::LOCK, &json).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, minutes = wish.idle_minutes, "the lock of phones was set");
    Ok(wish)
}
