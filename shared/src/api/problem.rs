//! Why a request as a whole failed, for programs (RFC 9457). What a person can put right has its [`Reason`] beside it.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use crate::time::Timestamp;

/// RFC 9457. `type` is `about:blank#code`-like: a stable word of the domain, not an address to visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The same for the app, which says it in the person's language. Absent in what an older office answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Present when the clocks disagree, so that the phone can correct its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

/// Every way in which a request as a whole can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    #[serde(rename = "urn:xiaohao:bad-request")]
    BadRequest,
    #[serde(rename = "urn:xiaohao:not-signed")]
    NotSigned,
    /// As after a restore from a backup that is older than the enrolment.
    #[serde(rename = "urn:xiaohao:device-unknown")]
    DeviceUnknown,
    #[serde(rename = "urn:xiaohao:clock-skew")]
    ClockSkew,
    #[serde(rename = "urn:xiaohao:replayed")]
    Replayed,
    #[serde(rename = "urn:xiaohao:device-revoked")]
    DeviceRevoked,
    #[serde(rename = "urn:xiaohao:code-unknown")]
    CodeUnknown,
    #[serde(rename = "urn:xiaohao:forbidden")]
    Forbidden,
    #[serde(rename = "urn:xiaohao:not-found")]
    NotFound,
    #[serde(rename = "urn:xiaohao:conflict")]
    Conflict,
    #[serde(rename = "urn:xiaohao:too-large")]
    TooLarge,
    #[serde(rename = "urn:xiaohao:not-a-photo")]
    NotAPhoto,
    /// It had its time: the office's rule for keeping took it away.
    #[serde(rename = "urn:xiaohao:photo-removed")]
    PhotoRemoved,
    #[serde(rename = "urn:xiaohao:checksum-mismatch")]
    ChecksumMismatch,
    #[serde(rename = "urn:xiaohao:too-many-requests")]
    TooManyRequests,
    #[serde(rename = "urn:xiaohao:app-too-old")]
    AppTooOld,
    /// A hand-over file that breaks off, or was changed on its way.
    #[serde(rename = "urn:xiaohao:handover-damaged")]
    HandoverDamaged,
    #[serde(rename = "urn:xiaohao:handover-other-office")]
    HandoverOtherOffice,
    #[serde(rename = "urn:xiaohao:handover-from-future")]
    HandoverFromFuture,
    /// The device that claims to have made it is none of this office.
    #[serde(rename = "urn:xiaohao:handover-unknown-device")]
    HandoverUnknownDevice,
    /// The signature is not by the device that claims to have made it.
    #[serde(rename = "urn:xiaohao:handover-forged")]
    HandoverForged,
    #[serde(rename = "urn:xiaohao:storage-full")]
    StorageFull,
    #[serde(rename = "urn:xiaohao:internal")]
    Internal,
    /// The person has to show a passkey, and then to ask again.
    #[serde(rename = "urn:xiaohao:confirm-first")]
    ConfirmFirst,
    /// The vault of this device was thrown away: its person has to prove himself at it before anything comes down.
    #[serde(rename = "urn:xiaohao:prove-first")]
    ProveFirst,
    #[serde(rename = "urn:xiaohao:proof-refused")]
    ProofRefused,
    /// What came back from the office's sign-on proves nothing, or nothing any more.
    #[serde(rename = "urn:xiaohao:sign-on-refused")]
    SignOnRefused,
    /// He signed on, and nobody here is known by that name; the detail is the name.
    #[serde(rename = "urn:xiaohao:sign-on-unknown")]
    SignOnUnknown,
    #[serde(rename = "urn:xiaohao:sign-on-unreachable")]
    SignOnUnreachable,
    /// What a newer office says and this version does not know.
    #[serde(rename = "urn:xiaohao:other", other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_office_says_is_read_by_this_version() {
        let told = r#"{"type":"urn:xiaohao:of-next-year","title":"?","status":418,"more":1}"#;
        let problem: Problem = serde_json::from_str(told).unwrap();
        assert_eq!((problem.kind, problem.status), (ProblemKind::Other, 418));
        let told = r#"{"type":"urn:xiaohao:conflict","title":"?","status":409,"reason":"of_next_year"}"#;
        assert_eq!(serde_json::from_str::<Problem>(told).unwrap().reason, Some(Reason::Other));
        let known = serde_json::to_string(&ProblemKind::ConfirmFirst).unwrap();
        assert_eq!(known, r#""urn:xiaohao:confirm-first""#);
    }
}
