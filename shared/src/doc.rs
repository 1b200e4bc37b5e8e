//! The document of an issue: the only code that touches Automerge.
//! `read` and `edit` are a pair; [`screen`] and [`admit`] decide which foreign bytes may come near a document at all.
//!
//! Shape: registers at the root; `steps`, `remarks`, `photos` and `responsible` are maps made in the first change.
//! A step, remark, photo or place is one JSON scalar: written once and as a whole, one operation instead of seven,
//! and fields of a newer app stay in it untouched.

pub mod admit;
mod conflicts;
mod edit;
mod read;
pub mod screen;
#[cfg(test)]
mod tests;
pub mod value;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, Change, ReadDoc};
use sha2::{Digest, Sha256};

pub use conflicts::{Conflict, Version};
pub use edit::{Edit, EditError, Report};
pub use read::ReadError;

use crate::id::{Actor, ChangeHash, IssueId};

/// The schema that this app writes.
pub const SCHEMA: u64 = 1;

/// The maps of the first change.
pub(crate) const CONTAINERS: [&str; 4] = ["steps", "remarks", "photos", "responsible"];

#[derive(Debug, thiserror::Error)]
pub enum DocError {
    #[error("the stored document does not load: {0}")]
    Load(String),
    #[error("a change does not apply: {0}")]
    Apply(String),
    #[error("changes are missing that others build on")]
    MissingDependencies,
}

/// One change as it travels: the raw chunk and the hash that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChange {
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

/// An issue's document in memory. Nobody keeps one loaded: it is bytes, loaded for a moment.
#[derive(Clone)]
pub struct Document {
    am: Automerge,
}

impl Default for Document {
    fn default() -> Self {
        Self { am: Automerge::new() }
    }
}

impl Document {
    /// Loads what [`Document::save`] wrote, with Automerge's own check of the heads. Nothing larger or more numerous than a
    /// document of ours is decoded at all.
    pub fn load(bytes: &[u8]) -> Result<Self, DocError> {
        screen::screen_document(bytes).map_err(|error| DocError::Load(error.to_string()))?;
        Automerge::load(bytes).map(|am| Self { am }).map_err(|error| DocError::Load(error.to_string()))
    }

    /// Uncompressed: a page of documents is compressed as a whole, which is a third smaller.
    pub fn save(&self) -> Vec<u8> {
        self.am.save_nocompress()
    }

    /// Merges changes in any order and any number of times. Fails whole: on an error the document is as it was.
    pub fn apply<'a>(&mut self, changes: impl IntoIterator<Item = &'a [u8]>) -> Result<(), DocError> {
        *self = self.clone().with(changes)?;
        Ok(())
    }

    /// The same for a document that is not needed any more where it fails.
    pub fn with<'a>(mut self, changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DocError> {
        let parsed = changes.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        self.am.apply_changes(parsed).map_err(|error| DocError::Apply(error.to_string()))?;
        let is_whole = self.am.get_missing_deps(&[]).is_empty();
        if is_whole { Ok(self) } else { Err(DocError::MissingDependencies) }
    }

    /// Merges a whole other document.
    pub fn merge(&mut self, other: &mut Self) -> Result<(), DocError> {
        let mut copy = self.am.clone();
        copy.merge(&mut other.am).map_err(|error| DocError::Apply(error.to_string()))?;
        self.am = copy;
        Ok(())
    }

    /// The hashes of the latest changes, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self.am.get_heads().into_iter().map(|hash| ChangeHash(hash.0)).collect();
        heads.sort_unstable();
        heads
    }

    /// Whether a change is part of the document.
    pub fn contains(&self, hash: ChangeHash) -> bool {
        self.am.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    }

    /// How many changes made it.
    pub fn change_count(&self) -> usize {
        self.am.get_changes_meta(&[]).len()
    }

    /// Every change, dependencies first.
    pub fn changes(&self) -> Vec<RawChange> {
        self.am.get_changes(&[]).iter().map(raw).collect()
    }

    /// Which changes brought each record: `(map, key)` of a step or remark to their hashes. Several where a phone whose storage
    /// was put back wrote again what it had written.
    pub fn brought_by(&self) -> BTreeMap<(&'static str, String), Vec<ChangeHash>> {
        conflicts::brought_by(&self.am)
    }

    /// The device and the hash of every change, dependencies first.
    pub fn authors(&self) -> Vec<(ChangeHash, Option<Actor>)> {
        let metas = self.am.get_changes_meta(&[]);
        metas.iter().map(|meta| (ChangeHash(meta.hash.0), Actor::from_bytes(meta.actor.to_bytes()))).collect()
    }

    /// What two holders of the same document compare: 8 bytes of SHA-256 over its id and heads.
    pub fn fingerprint(&self, id: IssueId) -> u64 {
        fingerprint(id, &self.heads())
    }

    /// The fingerprint that it would have without some changes on which no others build.
    pub fn fingerprint_without(&self, id: IssueId, left_out: &BTreeSet<ChangeHash>) -> u64 {
        let metas = self.am.get_changes_meta(&[]);
        let kept: Vec<_> = metas.iter().filter(|meta| !left_out.contains(&ChangeHash(meta.hash.0))).collect();
        let inner: BTreeSet<_> = kept.iter().flat_map(|meta| meta.deps.iter().map(|dep| dep.0)).collect();
        let heads = kept.iter().map(|meta| meta.hash.0).filter(|hash| !inner.contains(hash));
        // Sorted, as a fingerprint needs them.
        let heads: BTreeSet<ChangeHash> = heads.map(ChangeHash).collect();
        fingerprint(id, &heads.into_iter().collect::<Vec<_>>())
    }
}

/// See [`Document::fingerprint`]; `heads` sorted.
pub fn fingerprint(id: IssueId, heads: &[ChangeHash]) -> u64 {
    let mut sha = Sha256::new_with_prefix(id.0);
    heads.iter().for_each(|head| sha.update(head.0));
    let digest: [u8; 32] = sha.finalize().into();
    u64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}

/// Automerge takes a change whose checksum does not fit, gives it another name and may then panic over it.
fn parse(bytes: &[u8]) -> Result<Change, DocError> {
    screen::change_hash(bytes).map_err(|error| DocError::Apply(error.to_string()))?;
    Change::from_bytes(bytes.to_vec()).map_err(|error| DocError::Apply(error.to_string()))
}

fn raw(change: &Change) -> RawChange {
    RawChange { hash: ChangeHash(change.hash().0), bytes: change.raw_bytes().to_vec() }
}
