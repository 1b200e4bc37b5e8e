//! How a device comes to the office and what it is told then; how it gets another key, and says that its vault is gone. Knows nothing
//! of how a code, a passkey or a sign-on is proven.

use serde::{Deserialize, Serialize};

use super::passkeys::Assertion;
use super::sign_on::SignedOn;
use crate::id::{DeviceId, PersonId};
use crate::model::Person;
use crate::time::Timestamp;

/// `POST /api/enrol`, signed with the new key itself (`keyid="new"`). It brings a code, a passkey or a sign-on, and one of them only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrol {
    /// Ten letters of Crockford's base 32; case, blanks and hyphens do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A passkey of the person, shown for a challenge of `POST /api/enrol/begin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Assertion>,
    /// The person has signed on where `POST /api/enrol/sign-on/begin` sent him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_on: Option<SignedOn>,
    /// The uncompressed P-256 point, 65 bytes, base64url without padding.
    pub public_key: String,
    /// What the person calls this device, at most 60 characters.
    pub label: String,
    /// The number that this key had before the office forgot it, after a restore from an older backup: what the device has
    /// written is told by this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Whose that device was: an office that forgot it makes it nobody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which doubt this proof ends, as in [`Thrown`]: the office may hear of it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thrown: Option<u64>,
    /// The keys that the device has kept, where the office knows it by none of them and this one is to follow: that it was one of them
    /// once tells it from whoever has but a code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

/// A key that a device has had, and its word for the one that is to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// As in [`Enrol::public_key`].
    pub public_key: String,
    /// r ‖ s over [`crate::signature::succession`], base64url without padding.
    pub proof: String,
}

/// `POST /api/doubt`: the vault of this device was thrown away. An older app sends nothing of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thrown {
    /// Tells it from any other time: what a proof has ended does not begin again, however often it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
}

/// `POST /api/enrol/begin` and `POST /api/enrol/sign-on/begin`, signed with the new key: asks for a challenge, or for a state, that is
/// good for this key only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginEnrol {
    /// As in [`Enrol`].
    pub public_key: String,
}

/// `POST /api/key`, signed by the key that the device has: it is to be this one from now on. The same, signed by the new key because the
/// answer was lost, changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeKey {
    /// As in [`Enrol`].
    pub public_key: String,
    /// Drawn for this change.
    pub nonce: String,
    /// r ‖ s by the new key over [`possession`](crate::signature::possession), base64url without padding.
    pub proof: String,
}

/// Who this device now is. The same code with the same key answers the same for 15 minutes; a passkey that is shown, or
/// a sign-on, for a key which is a device already answers with that device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub device: DeviceId,
    pub person: Person,
    pub office: String,
    pub server_time: Timestamp,
}
