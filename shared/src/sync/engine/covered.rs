//! Which changes of a document a receipt is of: it names their heads, but only by a fingerprint. Knows neither page nor hub.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::doc::screen::screen;
use crate::doc::{RawChange, fingerprint};
use crate::id::{ChangeHash, IssueId};
use crate::sync::wire::Receipt;

/// More sets of heads are not tried: enough for forty changes of which any three may stand beside each other.
const MOST_TRIED: usize = 10_000;

/// Some heads and all that they build on, by place in the list of changes; each head stands before the one chosen before it.
#[derive(Default, Clone)]
struct Cut {
    heads: Vec<usize>,
    under: BTreeSet<usize>,
}

/// The changes, dependencies first, that the receipt is of. What came after a restore is not of it, and need not come last: what
/// the phone has made anew at the restored hub may stand before what that lost. All of them where no set of heads fits.
pub(super) fn covered(issue: IssueId, mut changes: Vec<RawChange>, receipt: Receipt) -> Vec<RawChange> {
    if let Some(under) = heads_that_fit(issue, &changes, receipt) {
        let mut at = 0..;
        changes.retain(|_| at.next().is_some_and(|at| under.contains(&at)));
    }
    changes
}

/// One head first, the newest first, then two beside each other, and so on.
fn heads_that_fit(issue: IssueId, changes: &[RawChange], receipt: Receipt) -> Option<BTreeSet<usize>> {
    let below = ancestry(changes);
    let mut cuts = VecDeque::from([Cut::default()]);
    let mut tried = 0;
    while let Some(cut) = cuts.pop_front() {
        let before = cut.heads.last().copied().unwrap_or(changes.len());
        for at in (0..before).rev().filter(|at| !cut.under.contains(at)) {
            let mut grown = cut.clone();
            grown.heads.push(at);
            grown.under.extend(&below[at]);
            let heads: BTreeSet<ChangeHash> = grown.heads.iter().map(|at| changes[*at].hash).collect();
            tried += 1;
            if receipt.covers(fingerprint(issue, &heads.into_iter().collect::<Vec<_>>())) {
                return Some(grown.under);
            } else if tried == MOST_TRIED {
                return None;
            }
            cuts.push_back(grown);
        }
    }
    None
}

/// Of each change what it builds on, and itself.
fn ancestry(changes: &[RawChange]) -> Vec<BTreeSet<usize>> {
    let place: BTreeMap<ChangeHash, usize> = changes.iter().enumerate().map(|(at, change)| (change.hash, at)).collect();
    let mut below: Vec<BTreeSet<usize>> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let deps = screen(&change.bytes).map(|screened| screened.deps).unwrap_or_default();
        let on = deps.iter().filter_map(|dep| place.get(dep)).filter(|on| **on < at);
        below.push(on.flat_map(|on| below[*on].iter().copied()).chain([at]).collect());
    }
    below
}
