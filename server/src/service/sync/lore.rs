//! What the office knows of itself, as changes are judged by it: read once, and again when the office's version has grown.

use std::sync::{Arc, Mutex, PoisonError};

use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::policy::Known;
use xiaohao_shared::model::rules::Rules;

use crate::service::{ServiceError, Write, catalogue, directory};
use crate::store::{office, people};

#[derive(Debug, Clone)]
pub struct Lore {
    version: u64,
    pub known: Arc<Known>,
    pub calendar: Arc<Calendar>,
    pub rules: Arc<Rules>,
}

/// The last that was read. Whoever changes people, zones, calendar or rules lets the version grow in the same transaction.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Option<Lore>>);

impl Kept {
    pub async fn read(&self, tx: &mut Write<'_>) -> Result<Lore, ServiceError> {
        let version = office::version(&mut **tx).await?;
        if let Some(lore) = self.of(version) {
            return Ok(lore);
        }
        let known = Arc::new(people::known(tx).await?);
        let calendar = Arc::new(directory::calendar(&mut **tx).await?);
        let rules = Arc::new(catalogue::rules(&mut **tx).await?);
        let lore = Lore { version, known, calendar, rules };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lore.clone());
        Ok(lore)
    }

    fn of(&self, version: u64) -> Option<Lore> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().filter(|lore| lore.version == version)
    }
}
