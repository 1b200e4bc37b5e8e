//! The reference model: what people were told, and what of it a fault took away for good. As dull as it can be: record ids in
//! sets, no documents, no positions.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::id::{DeviceId, IssueId};

use super::phone::Said;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub issue: IssueId,
    pub device: DeviceId,
}

#[derive(Debug, Default)]
pub struct Model {
    /// Records of edits that somebody was told are saved.
    pub saved: BTreeMap<String, Saved>,
    /// Records of edits that somebody was told are not saved: he writes them again, so they must never appear.
    pub not_saved: BTreeSet<String>,
    /// Photos that somebody took, and the record that names them.
    pub taken: BTreeMap<String, String>,
    /// Their last copy was destroyed by a fault that nobody can mend.
    pub destroyed: BTreeSet<String>,
    /// Refused, read and forgotten by their author.
    pub dismissed: BTreeSet<String>,
    /// Somebody put old data back: only then may a phone and the office have to compare what they hold.
    pub turned_back: bool,
    /// How often a backup of the office was put back.
    pub restores: u32,
    /// What the office had admitted and then lost in a second or later restore: no receipt that a phone keeps need prove it.
    pub lost_again: BTreeSet<(IssueId, String)>,
    /// Who moves an issue while somebody else moves it to where he does not follow it cannot know that it left.
    pub moved: bool,
    /// Two storages under one key may write the same intention again after a refusal.
    pub doubled: bool,
}

impl Model {
    pub fn told(&mut self, record: String, issue: IssueId, device: DeviceId, said: Said) {
        match said {
            Said::Saved => drop(self.saved.insert(record, Saved { issue, device })),
            Said::NotSaved => drop(self.not_saved.insert(record)),
            Said::Nothing => {}
        }
    }

    /// Something of the issue was destroyed for good: what was built on it waits on its phone, and says so.
    pub fn lost_its_ground(&self, issue: IssueId) -> bool {
        self.destroyed.iter().filter_map(|record| self.saved.get(record)).any(|saved| saved.issue == issue)
    }

    /// A backup was put back: what the office had, and what it has now.
    pub fn restored(&mut self, before: &BTreeSet<(IssueId, String)>, after: &BTreeSet<(IssueId, String)>) {
        self.turned_back = true;
        self.restores += 1;
        if self.restores > 1 {
            self.lost_again.extend(before.difference(after).cloned());
        }
    }

    /// A fault destroyed what was somewhere before and is nowhere now. What was nowhere before, the product lost.
    pub fn destroyed(&mut self, before: &BTreeSet<String>, after: &BTreeSet<String>) {
        let known = |thing: &&String| self.saved.contains_key(*thing) || self.taken.contains_key(*thing);
        let gone = before.difference(after).filter(known);
        self.destroyed.extend(gone.cloned().collect::<Vec<_>>());
    }
}
