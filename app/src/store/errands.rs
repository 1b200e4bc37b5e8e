//! What a person did beside the issues, each told to the office by a request of its own. Rounds stay for a while after they were
//! heard: an office that is restored from a backup may have lost them.

use serde::{Deserialize, Serialize};
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::wire::LogId;
use xiaohao_shared::time::{DAY, Timestamp};

use super::{DRAFTS, ERRANDS, Store, StoreError, put_json};

/// How long a round stays that was heard: longer than any backup is old that somebody restores.
const KEPT: i64 = 40 * DAY;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    pub what: What,
    /// Milliseconds by which the office's clock was believed to be ahead of this device's when it was written.
    pub skew: i64,
    /// The office does not take it, and says why.
    pub refusal: Option<ProblemKind>,
    /// The log of the office that heard it: one with another log has been restored since.
    #[serde(default)]
    pub heard: Option<LogId>,
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
        Self { what, skew, refusal: None, heard: None }
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

    /// The round as it is told: with what was learned of this device's clock since it was written, until it was told first.
    pub fn patrol_by(&self, skew: i64) -> Option<Patrol> {
        let learned = if self.heard.is_none() { skew - self.skew } else { 0 };
        self.patrol().map(|patrol| Patrol { skew: patrol.skew + learned, ..*patrol })
    }

    /// The office of this log took the round as it was told.
    pub fn is_heard(&mut self, log: LogId, skew: i64) {
        if let Some(told) = self.patrol_by(skew) {
            self.what = What::Patrol(told);
        }
        self.heard = Some(log);
    }

    /// Whether the office of this log does not have it, and may take it.
    pub fn is_due(&self, log: LogId) -> bool {
        self.refusal.is_none() && self.heard != Some(log)
    }

    /// The office has it, and every backup that anybody would still restore does.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.heard.is_some() && self.patrol().is_none_or(|patrol| now - patrol.ended_at > KEPT)
    }
}

impl Store {
    /// Those that the office has not heard.
    pub async fn unheard(&self) -> Result<Vec<Errand>, StoreError> {
        let mut errands = self.errands().await?;
        errands.retain(|errand| errand.heard.is_none());
        Ok(errands)
    }

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

#[cfg(test)]
mod tests {
    use xiaohao_shared::id::{IssueId, PatrolId, ZoneId};

    use super::*;

    const LOG: LogId = LogId([1; 8]);

    fn round() -> Errand {
        let id = PatrolId(IssueId([1; 16]));
        let (begun_at, ended_at) = (Timestamp(1_000), Timestamp(2_000));
        Errand::new(What::Patrol(Patrol { id, zone: ZoneId(1), begun_at, ended_at, found: 0, skew: 0 }), 50)
    }

    #[test]
    fn a_round_is_told_until_it_is_heard_and_again_to_an_office_that_was_restored() {
        let restored = LogId([2; 8]);
        assert!(round().is_due(LOG));
        let heard = Errand { heard: Some(LOG), ..round() };
        assert!(!heard.is_due(LOG) && heard.is_due(restored));
        let refused = Errand { refusal: Some(ProblemKind::Forbidden), ..heard };
        assert!(!refused.is_due(restored), "its walker decides");
    }

    #[test]
    fn a_clock_that_is_set_right_after_a_round_was_heard_moves_it_no_more() {
        let mut errand = round();
        assert_eq!(errand.patrol_by(80).unwrap().skew, 30, "learned since it was written");
        errand.is_heard(LOG, 80);
        assert_eq!(errand.patrol_by(7_200_000).unwrap().skew, 30);
    }

    #[test]
    fn a_round_goes_long_after_it_was_heard_and_never_before() {
        let heard = Errand { heard: Some(LOG), ..round() };
        assert!(!heard.is_spent(Timestamp(2_000 + KEPT)));
        assert!(heard.is_spent(Timestamp(2_001 + KEPT)));
        assert!(!round().is_spent(Timestamp(i64::MAX)));
        let read = Errand { heard: Some(LOG), ..Errand::new(What::Read(1), 0) };
        assert!(read.is_spent(Timestamp(0)));
    }

    #[test]
    fn what_an_older_app_has_kept_was_not_heard() {
        let old = r#"{"what":{"Read":7},"skew":0,"refusal":null}"#;
        assert_eq!(serde_json::from_str::<Errand>(old).unwrap(), Errand::new(What::Read(7), 0));
    }
}
