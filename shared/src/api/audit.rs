//! The audit as it is read. Knows nothing of its chain.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, PersonId};
use crate::time::Timestamp;

/// The head of the audit, beside its export.
pub const AUDIT_HEAD: &str = "x-audit-head";

/// `GET /api/admin/audit?before=…`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Number and hash of the newest row: whoever notes it down finds out later whether rows were cut off.
    pub head: String,
    pub lines: Vec<AuditLine>,
}

/// Who did what, when, from where, with what result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    pub number: u64,
    pub at: Timestamp,
    pub act: String,
    pub person: Option<PersonId>,
    pub device: Option<DeviceId>,
    pub origin: String,
    pub what: String,
    pub result: String,
}
