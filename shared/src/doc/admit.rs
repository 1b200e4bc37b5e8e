//! Whether a screened change may join a document: it fits its ancestors exactly, is written canonically, and every operation
//! of it is explained as part of one [`Edit`]. Decides nothing about persons; that is [`crate::model::policy`].
//!
//! The client has no second chance, because wasm aborts on a panic: this is the only guard that stands between a hostile
//! phone and everybody's document.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{Change, ExpandedChange, ObjId, ObjType, ROOT, ScalarValue};
use serde::de::DeserializeOwned;

use super::edit::container;
use super::read::View;
use super::screen::Screened;
use super::value::{MAX_RECORD_BYTES, Register, Value, record};
use super::{CONTAINERS, Document, Edit};
use crate::id::ChangeHash;
use crate::model::{Entry, Remark, Step};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    #[error("changes that this one builds on are missing")]
    MissingDependencies,
    #[error("the sequence number of the actor does not follow its last one")]
    Sequence,
    #[error("the operation counter does not follow the ancestors")]
    StartOp,
    #[error("the change is not written the canonical way")]
    NotCanonical,
    #[error("an operation is none of ours: {0}")]
    Unexplained(&'static str),
}

use AdmitError::Unexplained;

/// Recognises a change that is not yet in the document. `bytes` are those that were screened.
/// May panic inside Automerge's decoder on hostile bytes: the hub calls it under `catch_unwind`.
pub fn recognise(document: &Document, screened: &Screened, bytes: &[u8]) -> Result<Edit, AdmitError> {
    fits_ancestors(document, screened)?;
    let change = Change::from_bytes(bytes.to_vec()).map_err(|_| AdmitError::NotCanonical)?;
    let expanded = change.decode();
    if Change::from(expanded.clone()).hash() != change.hash() {
        return Err(AdmitError::NotCanonical);
    }
    let view = View::at(&document.am, &screened.deps);
    Explainer::new(view, screened).explain(&expanded)
}

/// Sequence, dependencies and operation counter follow exactly from the ancestors; otherwise a client could win every
/// conflict at will or exhaust the counter.
fn fits_ancestors(document: &Document, screened: &Screened) -> Result<(), AdmitError> {
    let metas = document.am.get_changes_meta(&[]);
    let by_hash: BTreeMap<[u8; 32], _> = metas.iter().map(|meta| (meta.hash.0, meta)).collect();
    let mut max_op = 0;
    for dep in &screened.deps {
        max_op = max_op.max(by_hash.get(&dep.0).ok_or(AdmitError::MissingDependencies)?.max_op);
    }
    let actor = screened.actor.to_bytes();
    let own = metas.iter().filter(|meta| meta.actor.to_bytes() == actor).max_by_key(|meta| meta.seq);
    if screened.seq != own.map_or(0, |meta| meta.seq) + 1 {
        return Err(AdmitError::Sequence);
    }
    if own.is_some_and(|own| !is_ancestor(&by_hash, own.hash.0, &screened.deps)) {
        return Err(AdmitError::Sequence);
    }
    if screened.start_op == max_op + 1 { Ok(()) } else { Err(AdmitError::StartOp) }
}

fn is_ancestor(
    by_hash: &BTreeMap<[u8; 32], &automerge::ChangeMetadata<'_>>,
    hash: [u8; 32],
    deps: &[ChangeHash],
) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), deps.iter().map(|dep| dep.0).collect::<Vec<_>>());
    while let Some(next) = open.pop() {
        if next == hash {
            return true;
        }
        if seen.insert(next) {
            open.extend(by_hash.get(&next).into_iter().flat_map(|meta| meta.deps.iter().map(|dep| dep.0)));
        }
    }
    false
}

struct Explainer<'a> {
    view: View<'a>,
    genesis: bool,
    /// Where each map is: from an ancestor, or made by this very change.
    maps: BTreeMap<OpId, &'static str>,
    next: u64,
    actor: automerge::ActorId,
    written: BTreeSet<(String, String)>,
    edit: Edit,
}

impl<'a> Explainer<'a> {
    fn new(view: View<'a>, screened: &Screened) -> Self {
        let genesis = screened.deps.is_empty();
        let mut maps = BTreeMap::new();
        for name in CONTAINERS {
            if let Some(ObjId::Id(counter, actor, _)) = container(view.am, name) {
                maps.insert(OpId(counter, actor), name);
            }
        }
        let actor = automerge::ActorId::from(screened.actor.to_bytes().as_slice());
        let edit = Edit { genesis, ..Edit::default() };
        Self { view, genesis, maps, next: screened.start_op, actor, written: BTreeSet::new(), edit }
    }

    fn explain(mut self, change: &ExpandedChange) -> Result<Edit, AdmitError> {
        if self.genesis && !self.maps.is_empty() {
            return Err(Unexplained("the document already has a first change"));
        }
        for op in &change.operations {
            self.op(op)?;
            self.next += 1;
        }
        if self.genesis && self.maps.len() != CONTAINERS.len() {
            return Err(Unexplained("the first change makes every map"));
        }
        if change.operations.is_empty() { Err(Unexplained("it says nothing")) } else { Ok(self.edit) }
    }

    fn op(&mut self, op: &Op) -> Result<(), AdmitError> {
        let Key::Map(key) = &op.key else { return Err(Unexplained("a list")) };
        if op.insert {
            return Err(Unexplained("an insertion"));
        }
        let (object, name) = self.object(&op.obj)?;
        if !self.written.insert((name.into(), key.to_string())) {
            return Err(Unexplained("a key written twice"));
        }
        if op.action == OpType::Delete {
            return self.keep(op, object.as_ref(), name, key);
        }
        self.overwrites_what_was_visible(op, object.as_ref(), key)?;
        match &op.action {
            OpType::Put(ScalarValue::Str(text)) if text.len() > MAX_RECORD_BYTES => Err(Unexplained("a text too long")),
            OpType::Make(ObjType::Map) if name.is_empty() => self.make(key),
            OpType::Put(scalar) if name.is_empty() => self.set(key, scalar),
            OpType::Put(scalar) => self.put(name, key, scalar, op.pred.is_empty()),
            _ => Err(Unexplained("an action")),
        }
    }

    /// The object as the ancestors know it, and the name of the map; empty for the root.
    fn object(&self, object: &ObjectId) -> Result<(Option<ObjId>, &'static str), AdmitError> {
        match object {
            ObjectId::Root => Ok((Some(ROOT), "")),
            ObjectId::Id(id) => {
                let name = *self.maps.get(id).ok_or(Unexplained("an unknown object"))?;
                Ok((if self.genesis { None } else { container(self.view.am, name) }, name))
            }
        }
    }

    /// `pred` must name exactly what the writer saw: fewer would fake a conflict, more would hide one.
    fn overwrites_what_was_visible(&self, op: &Op, object: Option<&ObjId>, key: &str) -> Result<(), AdmitError> {
        let visible: BTreeSet<OpId> = match object {
            Some(object) if !self.genesis => self.visible(object, key),
            _ => BTreeSet::new(),
        };
        let named: BTreeSet<OpId> = op.pred.iter().cloned().collect();
        if visible == named { Ok(()) } else { Err(Unexplained("it does not replace what was visible")) }
    }

    fn visible(&self, object: &ObjId, key: &str) -> BTreeSet<OpId> {
        let ids = self.view.scalars(object, key).into_iter().map(|(_, id)| id);
        let map = (*object == ROOT && CONTAINERS.contains(&key)).then(|| container(self.view.am, key)).flatten();
        ids.chain(map).filter_map(op_id).collect()
    }

    /// Who decides for the value that is shown anyway writes no value: Automerge takes the other ones away.
    fn keep(&mut self, op: &Op, object: Option<&ObjId>, name: &str, key: &str) -> Result<(), AdmitError> {
        let mut others = object.map(|object| self.view.scalars(object, key)).unwrap_or_default();
        let shown = others.pop().map(|(scalar, _)| scalar).ok_or(Unexplained("a deletion"))?;
        let others: BTreeSet<OpId> = others.into_iter().filter_map(|(_, id)| op_id(id)).collect();
        if others.is_empty() || others != op.pred.iter().cloned().collect() {
            return Err(Unexplained("a deletion"));
        }
        if name.is_empty() { self.set(key, &shown) } else { self.put(name, key, &shown, false) }
    }

    fn make(&mut self, key: &str) -> Result<(), AdmitError> {
        let name = CONTAINERS.into_iter().find(|name| *name == key).ok_or(Unexplained("an unknown map"))?;
        if !self.genesis {
            return Err(Unexplained("a map made later"));
        }
        self.maps.insert(OpId(self.next, self.actor.clone()), name);
        Ok(())
    }

    fn set(&mut self, key: &str, scalar: &ScalarValue) -> Result<(), AdmitError> {
        let register = Register::from_key(key).ok_or(Unexplained("an unknown field"))?;
        self.edit.sets.push(Value::from_scalar(register, scalar).ok_or(Unexplained("a value of the wrong type"))?);
        Ok(())
    }

    fn put(&mut self, name: &str, key: &str, scalar: &ScalarValue, is_new: bool) -> Result<(), AdmitError> {
        const BAD: AdmitError = Unexplained("an unreadable record");
        if name == "responsible" {
            let part = if *scalar == ScalarValue::Null { None } else { Some(record(scalar).ok_or(BAD)?) };
            self.edit.responsible.insert(key.parse().map_err(|_| BAD)?, part);
            return Ok(());
        }
        if !is_new {
            return Err(Unexplained("a record written once is never changed"));
        }
        if name == "photos" {
            self.edit.photos.insert(key.parse().map_err(|_| BAD)?, record(scalar).ok_or(BAD)?);
            return Ok(());
        }
        if !is_record_id(key) {
            return Err(BAD);
        }
        if name == "steps" && self.edit.step.is_none() {
            let step: Step = record(scalar).ok_or(BAD)?;
            self.is_nobody_elses(name, key, |other: &Step| other.unadopted() == step.unadopted())?;
            self.edit.step = Some(Entry { id: key.into(), record: step });
        } else if name == "remarks" && self.edit.remark.is_none() {
            let remark: Remark = record(scalar).ok_or(BAD)?;
            self.is_nobody_elses(name, key, |other: &Remark| other.unadopted() == remark.unadopted())?;
            self.edit.remark = Some(Entry { id: key.into(), record: remark });
        } else {
            return Err(Unexplained("more than one step or remark in a change"));
        }
        Ok(())
    }

    /// Whoever writes beside others does not see what they wrote, and Automerge shows one of two records under one key: so the key
    /// must be free in all of the document. What a phone whose storage was put back writes again is the same record.
    fn is_nobody_elses<T: DeserializeOwned>(
        &self,
        name: &str,
        key: &str,
        is_same: impl Fn(&T) -> bool,
    ) -> Result<(), AdmitError> {
        if standing(self.view.am, name, key).iter().all(|other| other.as_ref().is_some_and(&is_same)) {
            Ok(())
        } else {
            Err(Unexplained("a record of this name stands already"))
        }
    }
}

/// Whether the very record of its step or remark is in the document, whoever adopted it.
pub fn stands_in(edit: &Edit, document: &Document) -> bool {
    let step = |ours: &Entry<Step>| {
        let same = |other: Step| other.unadopted() == ours.record.unadopted();
        standing(&document.am, "steps", &ours.id).into_iter().flatten().any(same)
    };
    let remark = |ours: &Entry<Remark>| {
        let same = |other: Remark| other.unadopted() == ours.record.unadopted();
        standing(&document.am, "remarks", &ours.id).into_iter().flatten().any(same)
    };
    edit.step.as_ref().is_some_and(step) || edit.remark.as_ref().is_some_and(remark)
}

/// All that the document has under a key, seen or hidden by another; `None` for what cannot be read.
fn standing<T: DeserializeOwned>(am: &automerge::Automerge, name: &str, key: &str) -> Vec<Option<T>> {
    let now = View { am, at: None };
    let scalars = container(am, name).map(|map| now.scalars(&map, key)).unwrap_or_default();
    scalars.iter().map(|(scalar, _)| record(scalar)).collect()
}

fn op_id(id: ObjId) -> Option<OpId> {
    if let ObjId::Id(counter, actor, _) = id { Some(OpId(counter, actor)) } else { None }
}

/// Eight characters of base64url: 48 random bits, enough within one issue.
fn is_record_id(key: &str) -> bool {
    key.len() == 8 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests;
