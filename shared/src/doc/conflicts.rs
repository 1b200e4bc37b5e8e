//! Concurrent values: all of them, with who wrote each and when. Nothing is settled here; deciding is one ordinary edit.

use std::collections::BTreeMap;

use automerge::{Automerge, ObjId};
use serde::{Deserialize, Serialize};

use super::Document;
use super::read::View;
use super::value::{Register, Value};
use crate::id::{ChangeHash, PersonId};
use crate::model::Step;
use crate::time::Timestamp;

/// A register that several people wrote without knowing of each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub register: Register,
    /// At least two different values; the first is the one shown until somebody decides.
    pub versions: Vec<Version>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub value: Value,
    /// From the step in the same change; admission proved it to be the author.
    pub by: Option<PersonId>,
    pub at: Option<Timestamp>,
}

impl Document {
    pub fn conflicts(&self) -> Vec<Conflict> {
        View { am: &self.am, at: None }.conflicts()
    }

    pub fn conflicts_at(&self, heads: &[ChangeHash]) -> Vec<Conflict> {
        View::at(&self.am, heads).conflicts()
    }
}

impl View<'_> {
    pub fn conflicts(&self) -> Vec<Conflict> {
        if !self.is_disputed() {
            return Vec::new();
        }
        let values: Vec<_> = Register::ALL.into_iter().map(|register| (register, self.values(register))).collect();
        if values.iter().all(|(_, values)| values.len() < 2) {
            return Vec::new();
        }
        let steps = self.steps_by_change();
        values.into_iter().filter_map(|(register, values)| self.conflict(register, values, &steps)).collect()
    }

    fn conflict(
        &self,
        register: Register,
        values: Vec<(Value, ObjId)>,
        steps: &BTreeMap<[u8; 32], Step>,
    ) -> Option<Conflict> {
        let mut versions: Vec<Version> = Vec::new();
        for (value, id) in values.into_iter().rev() {
            if versions.iter().all(|version| version.value != value) {
                let step = change_of(self.am, &id).and_then(|hash| steps.get(&hash));
                versions.push(Version { value, by: step.map(|step| step.by), at: step.map(|step| step.at) });
            }
        }
        (versions.len() > 1).then_some(Conflict { register, versions })
    }

    fn steps_by_change(&self) -> BTreeMap<[u8; 32], Step> {
        let records = self.records::<Step>("steps").into_iter();
        records.filter_map(|(_, step, id)| Some((change_of(self.am, &id)?, step))).collect()
    }
}

/// See [`Document::brought_by`].
pub(super) fn brought_by(am: &Automerge) -> BTreeMap<(&'static str, String), Vec<ChangeHash>> {
    let view = View { am, at: None };
    let of = |map: &'static str| view.writers(map).into_iter().map(move |(key, ids)| ((map, key), ids));
    let changes = |ids: Vec<ObjId>| ids.iter().filter_map(|id| change_of(am, id)).map(ChangeHash).collect();
    of("steps").chain(of("remarks")).map(|(record, ids)| (record, changes(ids))).collect()
}

fn change_of(am: &Automerge, id: &ObjId) -> Option<[u8; 32]> {
    am.hash_for_opid(id).map(|hash| hash.0)
}
