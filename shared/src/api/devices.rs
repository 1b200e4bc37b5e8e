//! What the office knows of a device, and when somebody should look after it. Knows nothing of how a device proves itself.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, PersonId};
use crate::time::{DAY, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub label: String,
    pub enrolled_at: Timestamp,
    pub last_contact: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// The office revoked it by itself: its key spoke from two places at once.
    #[serde(default)]
    pub cloned: bool,
    /// Changes that the device said it still holds, at its last contact.
    pub unsent: u32,
    pub app_version: String,
    /// When the oldest of them was made, as it said.
    #[serde(default)]
    pub oldest_unsent: Option<Timestamp>,
    /// Photos that wait there.
    #[serde(default)]
    pub photos: u32,
    /// How full the browser's storage is, in tenths; absent where the browser does not tell, or the device never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<u8>,
    #[serde(default)]
    pub way: Way,
    /// Its vault was thrown away, and nobody has proven himself at it since: it brings what it has, and gets nothing.
    #[serde(default)]
    pub unproven_at: Option<Timestamp>,
}

/// What opened the office to a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A code from an administrator.
    #[default]
    Code,
    /// A passkey that the person had already.
    Passkey,
    /// The person signed on where the office's people do.
    SignOn,
}

/// `GET /api/devices`: a device in service and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedDevice {
    pub person: PersonId,
    pub device: Device,
}

/// What the desk should look after on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Nobody has proven himself at it since its vault was thrown away; that it was heard of says only that it brings what it has.
    Unproven,
    /// Not heard of for too long, or never.
    Silent,
    /// Work waits there for too long.
    Stuck,
    /// Its storage is nearly full.
    Full,
}

impl Device {
    /// Longer than a weekend.
    const SILENCE: i64 = 3 * DAY;
    const STUCK: i64 = DAY;
    /// In tenths.
    const FULL: u8 = 8;

    /// A device out of service gets nothing anyway.
    pub fn in_doubt_since(&self) -> Option<Timestamp> {
        self.unproven_at.filter(|_| self.revoked_at.is_none())
    }

    pub fn concerns(&self, now: Timestamp) -> Vec<Concern> {
        let silent = now - self.last_contact.unwrap_or(self.enrolled_at) > Self::SILENCE;
        let stuck = self.oldest_unsent.is_some_and(|at| now - at > Self::STUCK);
        let found = [
            (Concern::Unproven, self.in_doubt_since().is_some()),
            (Concern::Silent, silent),
            (Concern::Stuck, stuck),
            (Concern::Full, self.storage.is_some_and(|tenths| tenths >= Self::FULL)),
        ];
        found.into_iter().filter(|(_, is)| *is).map(|(concern, _)| concern).collect()
    }
}
