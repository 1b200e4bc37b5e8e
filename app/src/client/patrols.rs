//! 巡查: the round that runs and those that the office does not have yet. Each is durable before it is shown; which way somebody
//! went is noted nowhere.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use xiaohao_shared::id::{PatrolId, ZoneId};
use xiaohao_shared::model::patrol::{FORGOTTEN, Patrol};
use xiaohao_shared::time::Timestamp;

use super::Client;
use crate::store::errands::{Errand, What};

/// The name under which the running round is kept.
pub(super) const RUNNING: &str = "patrol";

/// A round that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub id: PatrolId,
    pub zone: ZoneId,
    pub begun_at: Timestamp,
    /// What was believed of the clock then.
    skew: i64,
}

impl Running {
    /// Nobody walks for so long, or the clock was set back meanwhile: when it ended is asked.
    pub fn was_forgotten(&self, now: Timestamp) -> bool {
        !(1..FORGOTTEN).contains(&(now - self.begun_at))
    }

    /// When it began, by a clock of which more has been learned since.
    fn by(self, skew: i64) -> Self {
        Self { begun_at: self.begun_at + (skew - self.skew), skew, ..self }
    }
}

impl Client {
    /// By the clock as it is known now.
    pub async fn running_patrol(&self) -> Option<Running> {
        Some(self.by_the_clock(self.kept(RUNNING).await?))
    }

    pub fn by_the_clock(&self, running: Running) -> Running {
        running.by(self.behind().skew.get())
    }

    /// The one that runs already, perhaps begun in another tab; `None` where the phone did not take it.
    pub async fn begin_patrol(&self, zone: ZoneId) -> Option<Running> {
        let runs = self.running_patrol().await;
        if runs.is_some() {
            return runs;
        }
        let id = PatrolId(self.new_issue_id());
        let running = Running { id, zone, begun_at: self.now(), skew: self.behind().skew.get() };
        self.keep(RUNNING, &running).await.then_some(running)
    }

    /// `true` when it is durable on this phone as a round to be told.
    pub async fn end_patrol(&self, running: Running, ended_at: Timestamp, found: u32) -> bool {
        let Running { id, zone, begun_at, skew } = self.by_the_clock(running);
        let errand = Errand::new(What::Patrol(Patrol { id, zone, begun_at, ended_at, found, skew: 0 }), skew);
        let Some(store) = self.behind().store() else { return false };
        let ended = store.end_draft(RUNNING, &errand).await.is_ok();
        self.errands_changed();
        ended
    }

    /// It was begun by mistake.
    pub async fn drop_patrol(&self) {
        self.forget(RUNNING).await;
    }

    /// A round that the office refused is told once more: it may know zone and person again.
    pub async fn tell_again(&self, errand: Errand) {
        if let Some(store) = self.behind().store() {
            let _ = store.set_errand(&Errand { refusal: None, ..errand }).await;
            self.errands_changed();
        }
    }

    /// Forgets a round that the office refused.
    pub async fn dismiss_errand(&self, key: &str) {
        if let Some(store) = self.behind().store() {
            let _ = store.drop_errand(key).await;
            self.errands_changed();
        }
    }

    /// Rounds that only this phone has, and whether one of them was refused.
    pub fn unsent_patrols(&self) -> (u32, bool) {
        self.errands.with(|errands| {
            let patrols = || errands.iter().filter(|errand| errand.patrol().is_some());
            (patrols().count() as u32, patrols().any(|errand| errand.refusal.is_some()))
        })
    }
}
