//! Which changes of a document a receipt is of: it names their heads, but only by a fingerprint. Knows neither page nor hub.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::doc::screen::screen;
use crate::doc::{RawChange, fingerprint};
use crate::id::{ChangeHash, IssueId};
use crate::sync::wire::Receipt;

/// More sets of heads are not tried. What came after a restore is mostly one person's, and then a few suffice.
const MOST_TRIED: usize = 10_000;

/// The changes, dependencies first, that the receipt is of. What came after a restore is not of it, and need not come last: what
/// the phone has made anew at the restored hub may stand before what that lost. All of them where no set of heads fits.
pub(super) fn covered(issue: IssueId, mut changes: Vec<RawChange>, receipt: Receipt) -> Vec<RawChange> {
    let graph = Graph::of(&changes);
    let fits = |heads: &BTreeSet<usize>| {
        let heads: BTreeSet<ChangeHash> = heads.iter().map(|at| changes[*at].hash).collect();
        receipt.covers(fingerprint(issue, &heads.into_iter().collect::<Vec<_>>()))
    };
    let left_out = graph.first_that_fit(&fits).or_else(|| graph.without_few(&fits)).unwrap_or_default();
    let mut at = 0..;
    changes.retain(|_| at.next().is_some_and(|at| !left_out.contains(&at)));
    changes
}

/// Which change builds on which, by place in a list in which dependencies come first.
struct Graph {
    deps: Vec<Vec<usize>>,
    builders: Vec<Vec<usize>>,
}

impl Graph {
    fn of(changes: &[RawChange]) -> Self {
        let place: BTreeMap<ChangeHash, usize> =
            changes.iter().enumerate().map(|(at, change)| (change.hash, at)).collect();
        let deps = changes.iter().map(|change| {
            let deps = screen(&change.bytes).map(|screened| screened.deps).unwrap_or_default();
            deps.iter().filter_map(|dep| place.get(dep).copied()).collect()
        });
        let deps: Vec<Vec<usize>> = deps.collect();
        let mut builders = vec![Vec::new(); changes.len()];
        for (at, on) in deps.iter().enumerate() {
            on.iter().for_each(|on| builders[*on].push(at));
        }
        Self { deps, builders }
    }

    /// Mostly what is not covered was read after the rest. Gives what is left out.
    fn first_that_fit(&self, fits: &impl Fn(&BTreeSet<usize>) -> bool) -> Option<BTreeSet<usize>> {
        let mut heads = BTreeSet::new();
        let covers = |at: &usize| {
            heads.retain(|head| !self.deps[*at].contains(head));
            heads.insert(*at);
            fits(&heads)
        };
        let last = (0..self.deps.len()).find(covers)?;
        Some((last + 1..self.deps.len()).collect())
    }

    /// Leaves out one head, then two changes, and so on. Gives what is left out.
    fn without_few(&self, fits: &impl Fn(&BTreeSet<usize>) -> bool) -> Option<BTreeSet<usize>> {
        let heads: BTreeSet<usize> = (0..self.deps.len()).filter(|at| self.builders[*at].is_empty()).collect();
        let mut cuts = VecDeque::from([(BTreeSet::new(), heads)]);
        let mut seen = BTreeSet::new();
        while let Some((left_out, heads)) = cuts.pop_front() {
            for head in &heads {
                let mut more = left_out.clone();
                more.insert(*head);
                if seen.len() == MOST_TRIED || !seen.insert(more.clone()) {
                    continue;
                }
                let heads = self.heads_without(&heads, *head, &more);
                if fits(&heads) {
                    return Some(more);
                }
                cuts.push_back((more, heads));
            }
        }
        None
    }

    /// What a head stood on is a head where nothing else is left that builds on it.
    fn heads_without(&self, heads: &BTreeSet<usize>, gone: usize, left_out: &BTreeSet<usize>) -> BTreeSet<usize> {
        let is_bare = |on: &&usize| self.builders[**on].iter().all(|builder| left_out.contains(builder));
        let bare = self.deps[gone].iter().filter(is_bare).copied();
        heads.iter().copied().filter(|head| *head != gone).chain(bare).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::doc::Document;
    use crate::testing::{ISSUE, actor, remark, reported};

    const WRITERS: usize = 3;

    /// Three people write in one issue; now and then one hears what another has.
    fn history(deeds: &[(usize, usize)]) -> Vec<Document> {
        let mut writers: Vec<Document> = (0..WRITERS).map(|_| reported().0).collect();
        for (at, (writer, heard)) in deeds.iter().enumerate() {
            if writer != heard {
                let mut other = writers[*heard].clone();
                writers[*writer].merge(&mut other).unwrap();
            }
            writers[*writer].edit(actor(2 + *writer as u64, 1), &remark(2 + *writer as u32, at, "还没有清")).unwrap();
        }
        writers
    }

    fn hashes(changes: &[RawChange]) -> BTreeSet<ChangeHash> {
        changes.iter().map(|change| change.hash).collect()
    }

    proptest! {
        #[test]
        fn what_anybody_ever_had_is_found_again_in_what_everybody_has(
            deeds in prop::collection::vec((0..WRITERS, 0..WRITERS), 1..14),
            until in 0..14usize,
            of in 0..WRITERS,
        ) {
            let had = &history(&deeds[..until.min(deeds.len())])[of];
            let mut all = Document::default();
            history(&deeds).iter_mut().for_each(|writer| all.merge(writer).unwrap());
            let receipt = Receipt::new([0; 12], had.fingerprint(ISSUE));
            let found = covered(ISSUE, all.changes(), receipt);
            prop_assert_eq!(hashes(&found), hashes(&had.changes()));
            let changes: Vec<&[u8]> = found.iter().map(|change| change.bytes.as_slice()).collect();
            prop_assert_eq!(Document::default().with(changes).unwrap().heads(), had.heads());
        }
    }

    #[test]
    fn of_a_receipt_that_fits_nothing_everything_is_offered() {
        let changes = reported().0.changes();
        assert_eq!(covered(ISSUE, changes.clone(), Receipt([9; 16])), changes);
    }
}
