//! Writing: what one change says, and how it becomes operations. An edit writes only the fields that it changes, as one change.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjType, ROOT, ReadDoc, ScalarValue};
use serde::{Deserialize, Serialize};

use super::value::{Value, json};
use super::{CONTAINERS, Document, RawChange, SCHEMA, raw};
use crate::id::{Actor, PersonId, PhotoId};
use crate::model::workflow::{Action, State};
use crate::model::{Entry, Issue, Part, Photo, Place, Remark, Severity, Step, catalogue::Kind, catalogue::PlaceType};

/// Everything that one change says. Whether a person may say it is [`crate::model::policy`]'s question, not this one's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The first change of an issue: makes the maps.
    pub genesis: bool,
    pub step: Option<Entry<Step>>,
    pub remark: Option<Entry<Remark>>,
    pub photos: BTreeMap<PhotoId, Photo>,
    pub sets: Vec<Value>,
    /// `None` takes a person out of the joint responsibility.
    pub responsible: BTreeMap<PersonId, Option<Part>>,
}

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("the document has no {0}: its first change is missing")]
    NoContainer(&'static str),
    #[error("the edit is empty")]
    Empty,
    #[error("the document has schema {0}, which this app does not know")]
    NewerSchema(u64),
    #[error(transparent)]
    Automerge(#[from] AutomergeError),
}

/// What a person fills in to report an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub zone: crate::id::ZoneId,
    pub kind: Kind,
    pub place_type: PlaceType,
    pub description: String,
    pub place: Place,
    pub severity: Severity,
    pub photos: BTreeMap<PhotoId, Photo>,
}

impl Edit {
    /// The first change of an issue.
    pub fn report(id: String, by: PersonId, at: crate::time::Timestamp, report: Report) -> Self {
        let step = Step { to: Some(State::Reported), ..Step::new(by, at, Action::Report) };
        let step = Step { photos: report.photos.keys().copied().collect(), ..step };
        let sets = vec![
            Value::Schema(SCHEMA),
            Value::Zone(report.zone),
            Value::Kind(report.kind),
            Value::PlaceType(report.place_type),
            Value::Description(report.description),
            Value::Place(report.place),
            Value::Severity(report.severity),
            Value::State(State::Reported),
        ];
        let step = Some(Entry { id, record: step });
        Self { genesis: true, step, photos: report.photos, sets, ..Self::default() }
    }

    /// A step that leads to another state, or keeps it when `to` is `None`.
    pub fn step(id: String, step: Step) -> Self {
        let sets = step.to.filter(|to| Some(*to) != step.from).map(Value::State).into_iter().collect();
        Self { step: Some(Entry { id, record: step }), sets, ..Self::default() }
    }

    pub fn remark(id: String, remark: Remark) -> Self {
        Self { remark: Some(Entry { id, record: remark }), ..Self::default() }
    }

    /// Whether its step or remark stands in the issue: a record's id is nobody else's.
    pub fn is_recorded_in(&self, issue: &Issue) -> bool {
        let step = self.step.as_ref().map(|entry| issue.steps.iter().any(|step| step.id == entry.id));
        let remark = self.remark.as_ref().map(|entry| issue.remarks.iter().any(|remark| remark.id == entry.id));
        step.or(remark).unwrap_or(false)
    }

    /// Whether it stands there because somebody at the desk adopted it.
    pub fn is_adopted_in(&self, issue: &Issue) -> bool {
        let step = self.step.as_ref().and_then(|entry| issue.steps.iter().find(|step| step.id == entry.id));
        let remark = self.remark.as_ref().and_then(|entry| issue.remarks.iter().find(|remark| remark.id == entry.id));
        let by = step.and_then(|step| step.record.adopted_by);
        by.or(remark.and_then(|remark| remark.record.adopted_by)).is_some()
    }

    #[must_use]
    pub fn with(mut self, value: Value) -> Self {
        self.sets.push(value);
        self
    }

    /// Adds photos to the issue and names them in the step.
    #[must_use]
    pub fn with_photos(mut self, photos: BTreeMap<PhotoId, Photo>) -> Self {
        if let Some(step) = &mut self.step {
            step.record.photos.extend(photos.keys());
        }
        self.photos.extend(photos);
        self
    }

    fn is_empty(&self) -> bool {
        self.step.is_none()
            && self.remark.is_none()
            && self.photos.is_empty()
            && self.sets.is_empty()
            && self.responsible.is_empty()
    }
}

impl Step {
    pub fn new(by: PersonId, at: crate::time::Timestamp, action: Action) -> Self {
        Self {
            by,
            at,
            action,
            from: None,
            to: None,
            reason: String::new(),
            photos: Vec::new(),
            until: None,
            adopted_by: None,
        }
    }
}

impl Document {
    /// The door for schema steps: every edit comes through here. There is one schema so far, so no older document needs a
    /// step; a newer one stays as it is, because this app would write into fields whose meaning it does not know.
    pub fn upgrade(&mut self) -> Result<(), EditError> {
        let schema = self.schema();
        if schema > SCHEMA { Err(EditError::NewerSchema(schema)) } else { Ok(()) }
    }

    /// Writes one change under the given actor. On an error nothing is written.
    pub fn edit(&mut self, actor: Actor, edit: &Edit) -> Result<RawChange, EditError> {
        if edit.is_empty() {
            return Err(EditError::Empty);
        }
        self.upgrade()?;
        self.am.set_actor(ActorId::from(actor.to_bytes().as_slice()));
        // Time is left at zero: who said what when stands in the records, where admission can check it.
        let options = |_: &()| CommitOptions::default().with_time(0);
        let written = self.am.transact_with::<_, _, EditError, _>(options, |tx| write(tx, edit));
        // No hash: every field already held what the edit says.
        let hash = written.map_err(|failure| failure.error)?.hash.ok_or(EditError::Empty)?;
        self.am.get_change_by_hash(&hash).as_ref().map(raw).ok_or(EditError::Empty)
    }
}

fn write(tx: &mut automerge::transaction::Transaction<'_>, edit: &Edit) -> Result<(), EditError> {
    if edit.genesis {
        for name in CONTAINERS {
            tx.put_object(ROOT, name, ObjType::Map)?;
        }
    }
    for value in &edit.sets {
        tx.put(ROOT, value.register().key(), value.to_scalar())?;
    }
    let mut put = |container: &'static str, key: String, scalar: ScalarValue| -> Result<(), EditError> {
        let Some((_, object)) = tx.get(ROOT, container)? else { return Err(EditError::NoContainer(container)) };
        // Written once: a photo that is chosen a second time stays as it stands.
        if container == "photos" && tx.get(&object, &key)?.is_some() {
            return Ok(());
        }
        Ok(tx.put(object, key, scalar)?)
    };
    for (id, photo) in &edit.photos {
        put("photos", id.to_string(), json(photo))?;
    }
    for (person, part) in &edit.responsible {
        put("responsible", person.to_string(), part.as_ref().map_or(ScalarValue::Null, json))?;
    }
    if let Some(step) = &edit.step {
        put("steps", step.id.clone(), json(&step.record))?;
    }
    if let Some(remark) = &edit.remark {
        put("remarks", remark.id.clone(), json(&remark.record))?;
    }
    Ok(())
}

/// The object id of one of the maps, as Automerge names it.
pub(super) fn container(am: &Automerge, name: &str) -> Option<automerge::ObjId> {
    am.get(ROOT, name).ok().flatten().map(|(_, object)| object)
}
