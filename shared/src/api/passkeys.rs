//! What browser and office say to each other about passkeys. Bytes travel as base64url without padding, as WebAuthn's own JSON has
//! them. Knows no browser and no office.

use serde::{Deserialize, Serialize};

use crate::id::DeviceId;
use crate::time::Timestamp;

/// What a browser asks its authenticator for: the answer to `POST /api/passkeys/begin`, `POST /api/confirm/begin` and
/// `POST /api/enrol/begin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Bytes that only this office can have made. What an authenticator signs brings them back, so nobody has to keep them.
    pub challenge: String,
    /// The name that a passkey is bound to: the host of the office's address.
    pub relying_party: String,
    /// What the person has already: a new passkey is none of these, and a shown one is one of them, or any where there are none.
    pub credentials: Vec<String>,
    /// Names the person to authenticators, and to nobody else. Empty where the office does not know yet who is there.
    pub handle: String,
}

/// `POST /api/passkeys/begin`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginPasskey {
    /// A fresh enrolment code of the same person, for a device that neither enrolled just now nor was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `POST /api/passkeys`: what the authenticator made, answered by [`Passkeys`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPasskey {
    /// What the person calls it, at most 60 characters.
    pub label: String,
    /// The same as at the beginning; it is used up only now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub client_data: String,
    pub attestation: String,
}

/// A passkey that was shown: the person touched the authenticator, and it verified who he is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    pub credential: String,
    pub client_data: String,
    pub authenticator_data: String,
    pub signature: String,
    /// Whose it is, as the authenticator was told when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// `GET /api/passkeys`: one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkeys {
    /// Browsers make passkeys for names only, and not for every address.
    pub possible: bool,
    /// A new one needs a code.
    pub needs_code: bool,
    /// Whoever has none is refused what asks for one, instead of not being asked. Said only where one asks for the list.
    #[serde(default)]
    pub always: bool,
    /// The oldest first.
    pub list: Vec<Passkey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    pub number: u32,
    pub label: String,
    /// Where it was made: when that device is taken out of service, it proves nothing any more.
    pub device: DeviceId,
    pub made_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// A cloud may hold it; it is as strong as the account there.
    pub synced: bool,
    /// As its browser names it, so that a phone knows which of them it can ask for. Absent in what an older office says.
    #[serde(default)]
    pub credential: String,
}

/// `POST /api/confirm`: until when this device may do what asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub until: Timestamp,
}
