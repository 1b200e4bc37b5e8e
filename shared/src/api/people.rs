//! People as an administrator sees and keeps them, and the codes that he hands out. Knows nothing of what they may do.

use serde::{Deserialize, Serialize};

use super::devices::Device;
use super::passkeys::Passkey;
use crate::id::{PersonId, ZoneId};
use crate::model::{Person, Role};
use crate::time::Timestamp;

/// `GET /api/admin/people`, and the answer to every change of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetail {
    pub person: Person,
    pub devices: Vec<Device>,
    /// Those in force, the oldest first.
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// By which name the office's sign-on calls him, blank where by none; `None` where the office has no sign-on.
    #[serde(default)]
    pub sign_on: Option<String>,
}

/// `POST /api/admin/people`; a person without `id` is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavePerson {
    pub id: Option<PersonId>,
    pub name: String,
    pub role: Role,
    pub zones: Vec<ZoneId>,
    pub active: bool,
}

/// `POST /api/admin/people/{id}/invite`: shown once, stored only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    pub code: String,
    /// The address with the code in its fragment, for the QR.
    pub link: String,
    pub qr_svg: String,
    pub expires_at: Timestamp,
}
