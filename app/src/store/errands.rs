//! What a person did beside the issues and the office has not heard yet: each errand is told once by a request of its own.

use serde::{Deserialize, Serialize};
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::model::patrol::Patrol;

use super::{DRAFTS, ERRANDS, Store, StoreError, put_json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    pub what: What,
    /// Milliseconds by which the office's clock was believed to be ahead of this device's when it was written.
    pub skew: i64,
    /// The office does not take it, and says why.
    pub refusal: Option<ProblemKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// 巡查
    Patrol(Patrol),
    /// A notice of the office was read.
    Read(u32),
}

impl Errand {
    pub fn new(what: What, skew: i64) -> Self {
        Self { what, skew, refusal: None }
    }

    /// Done twice it is the same errand.
    pub fn key(&self) -> String {
        match self.what {
            What::Patrol(patrol) => format!("patrol/{}", patrol.id.0),
            What::Read(bulletin) => format!("read/{bulletin}"),
        }
    }

    /// A round is somebody's work; that a notice was read is none that would be missed.
    pub fn patrol(&self) -> Option<&Patrol> {
        if let What::Patrol(patrol) = &self.what { Some(patrol) } else { None }
    }
}

impl Store {
    pub async fn errands(&self) -> Result<Vec<Errand>, StoreError> {
        let errands = self.db.read(&[ERRANDS])?.all(ERRANDS).await?;
        Ok(errands.iter().filter_map(|(_, errand)| serde_json::from_str(&errand.as_string()?).ok()).collect())
    }

    pub async fn set_errand(&self, errand: &Errand) -> Result<(), StoreError> {
        self.set_json(ERRANDS, &errand.key(), errand).await
    }

    /// What was begun as a draft is done: both in one, so that it is neither lost nor there twice.
    pub async fn end_draft(&self, draft: &str, errand: &Errand) -> Result<(), StoreError> {
        let tx = self.db.write(&[DRAFTS, ERRANDS])?;
        put_json(&tx, ERRANDS, &errand.key(), errand)?;
        tx.delete(DRAFTS, draft)?;
        tx.done().await
    }

    /// A note of this phone's own, and what is to be told because of it.
    pub async fn set_draft_and_errand<T: Serialize>(
        &self,
        draft: &str,
        value: &T,
        errand: &Errand,
    ) -> Result<(), StoreError> {
        let tx = self.db.write(&[DRAFTS, ERRANDS])?;
        put_json(&tx, DRAFTS, draft, value)?;
        put_json(&tx, ERRANDS, &errand.key(), errand)?;
        tx.done().await
    }

    pub async fn drop_errand(&self, key: &str) -> Result<(), StoreError> {
        let tx = self.db.write(&[ERRANDS])?;
        tx.delete(ERRANDS, key)?;
        tx.done().await
    }
}
