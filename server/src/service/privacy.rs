//! What the office tells people of what it keeps about them.

use xiaohao_shared::api::About;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::retention::Retention;

use super::{Service, ServiceError, retention};
use crate::store::people;

pub async fn about(service: &Service, person: PersonId) -> Result<(Retention, About), ServiceError> {
    let mut tx = service.store.begin().await?;
    Ok((retention::rule(&mut *tx).await?, people::about(&mut tx, person).await?))
}
