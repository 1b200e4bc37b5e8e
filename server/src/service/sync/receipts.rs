//! Receipts: the hub's proof of what it admitted, so that phones can give it back after a restore. Knows no SQL.

use std::collections::BTreeSet;

use hmac::Mac;
use xiaohao_shared::doc::fingerprint;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::id::{ChangeHash, IssueId};
use xiaohao_shared::sync::wire::Receipt;

use crate::service::seal;
use crate::store::log::Logged;

/// Proof that the hub admitted a document at these heads. Without the log id, so that it outlives a restore.
pub fn receipt(secret: &[u8; 32], issue: IssueId, heads: &[ChangeHash]) -> Receipt {
    let mut proof = [0; 12];
    proof.copy_from_slice(&sealed(secret, issue, heads)[..12]);
    Receipt::new(proof, fingerprint(issue, heads))
}

/// Whether the receipt is ours. The first ones were sixteen bytes of the seal, without the fingerprint.
pub fn proves(secret: &[u8; 32], issue: IssueId, heads: &[ChangeHash], proof: Receipt) -> bool {
    proof == receipt(secret, issue, heads) || proof.0 == sealed(secret, issue, heads)[..16]
}

/// Whether every row of an issue's log carries the proof of what it made of the document.
pub fn proves_each(secret: &[u8; 32], issue: IssueId, log: &[Logged]) -> bool {
    let mut heads = BTreeSet::new();
    log.iter().all(|logged| {
        let deps = screen(&logged.bytes).map(|screened| screened.deps).unwrap_or_default();
        heads.retain(|head| !deps.contains(head));
        heads.insert(logged.hash);
        proves(secret, issue, &heads.iter().copied().collect::<Vec<_>>(), logged.receipt)
    })
}

fn sealed(secret: &[u8; 32], issue: IssueId, heads: &[ChangeHash]) -> [u8; 32] {
    let mut mac = seal(secret);
    mac.update(&issue.0);
    heads.iter().for_each(|head| mac.update(&head.0));
    mac.finalize().into_bytes().into()
}
