//! Whether somebody has enrolled another device of this person since he last looked. Asked now and then, so that a quiet start stays one
//! request; what was seen is kept on this device.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use xiaohao_shared::api::Device;
use xiaohao_shared::time::{HOUR, Timestamp};

use super::Client;
use crate::browser::device_time;

/// The name under which it is kept.
const KEPT: &str = "newcomers";
/// Between two questions.
const REST: i64 = 4 * HOUR;

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Seen {
    /// By the device's clock.
    asked_at: Timestamp,
    /// When the newest device that he knows of was enrolled, by the office's.
    until: Timestamp,
}

impl Client {
    /// At any answer of the office; a device that has just come knows of itself.
    pub(super) async fn look_for_newcomers(self) {
        let now = device_time();
        if (0..REST).contains(&(now - self.behind().looked.get())) {
            return;
        }
        self.behind().looked.set(now);
        match self.kept::<Seen>(KEPT).await {
            None => drop(self.keep(KEPT, &Seen { asked_at: now, ..Seen::default() }).await),
            Some(seen) if (0..REST).contains(&(now - seen.asked_at)) => {}
            Some(_) => self.ask_for_newcomers().await,
        }
    }

    pub async fn ask_for_newcomers(self) {
        let Some(mine) = self.office.with_untracked(|office| office.as_ref().map(|office| office.device)) else {
            return;
        };
        let Ok(devices) = self.get::<Vec<Device>>("/api/mine").await else { return };
        let seen: Seen = self.kept(KEPT).await.unwrap_or_default();
        let own = devices.iter().find(|device| device.id == mine).map(|device| device.enrolled_at);
        let since = own.unwrap_or_default().max(seen.until);
        let newer = devices.into_iter().filter(|device| device.id != mine && device.enrolled_at > since);
        // Shown only then: what he says to it must not be overwritten by this.
        self.keep(KEPT, &Seen { asked_at: device_time(), ..seen }).await;
        self.newcomers.set(newer.collect());
    }

    /// He has read of them.
    pub async fn newcomers_are_seen(self) {
        let until = self.newcomers.with_untracked(|all| all.iter().map(|device| device.enrolled_at).max());
        if let Some(until) = until {
            self.keep(KEPT, &Seen { asked_at: device_time(), until }).await;
        }
        // Gone once that is kept, or it would come back with the next start.
        self.newcomers.set(Vec::new());
    }
}
