//! Sync between a phone and the hub: pages over plain HTTP, each a complete transaction that may be repeated byte for byte.
//! [`wire`] is what travels; [`engine`] is the phone's half as a state machine without IO. The hub's half is the server's service.
//! [`handover`] is the way for a phone whose radio is dead: the same changes as a file that somebody carries; [`room`] what a
//! full phone lets go of.

pub mod engine;
pub mod handover;
pub mod room;
pub mod wire;

use serde::{Deserialize, Serialize};

use crate::doc::admit::AdmitError;
use crate::doc::screen::ScreenError;
use crate::model::policy::Denied;

/// Why the hub did not merge a change: a stable word in snake case, for which the app has a sentence.
/// The words of [`Denied`], and those of the constructors below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, minicbor::Encode, minicbor::Decode)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct Refusal(#[n(0)] pub String);

impl Refusal {
    /// The actor of the change is not this device.
    pub fn foreign_actor() -> Self {
        Self("foreign_actor".into())
    }

    /// The document would not load again after the change; the change is kept as evidence.
    pub fn poisoned() -> Self {
        Self("poisoned".into())
    }

    /// What it was built on waits for a supervisor, and so does it: whoever carried it here cannot write it anew.
    pub fn builds_on_held() -> Self {
        Self("builds_on_held".into())
    }

    /// What it was built on was refused. The phone itself says so.
    pub fn builds_on_refused() -> Self {
        Self("builds_on_refused".into())
    }

    /// Its record is at the office already, in another change: the phone takes that one for its own.
    pub fn stands_already() -> Self {
        Self("stands_already".into())
    }

    /// From a device that was taken out of service, or whose person left.
    pub fn device_revoked() -> Self {
        Self("device_revoked".into())
    }

    /// The document grew beyond what is merged; a successor issue has to be opened.
    pub fn document_full() -> Self {
        Self("document_full".into())
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let word = serde_json::to_value(denied).ok().and_then(|value| value.as_str().map(String::from));
        Self(word.unwrap_or_default())
    }
}

impl From<ScreenError> for Refusal {
    fn from(error: ScreenError) -> Self {
        let word = match error {
            ScreenError::TooLong => "change_too_long",
            ScreenError::TooManyOps => "too_many_operations",
            ScreenError::NotAChange => "not_a_change",
            ScreenError::Checksum => "damaged",
            ScreenError::Actor => "foreign_actor",
        };
        Self(word.into())
    }
}

impl From<AdmitError> for Refusal {
    fn from(error: AdmitError) -> Self {
        let word = match error {
            AdmitError::MissingDependencies => "missing_dependencies",
            AdmitError::Sequence => "wrong_sequence",
            AdmitError::StartOp => "wrong_start_op",
            AdmitError::NotCanonical => "not_canonical",
            AdmitError::Unexplained(_) => "unexplained_operation",
        };
        Self(word.into())
    }
}
