//! Reading: from the document to [`Issue`], now or as it was at given heads.

use std::collections::BTreeMap;
use std::str::FromStr;

use automerge::{Automerge, ObjId, ROOT, ReadDoc, ScalarValue, Value as AmValue};
use serde::Deserialize;

use super::edit::container;
use super::value::{Register, Value, record};
use super::{Document, SCHEMA};
use crate::id::{ChangeHash, IssueId, PersonId, PhotoId};
use crate::model::catalogue::Kind;
use crate::model::workflow::{Action, State};
use crate::model::{Entry, Issue, Part, Photo, Remark, Severity, Step};
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the document has no readable {0}; it was made by a newer app or is damaged")]
    Unreadable(&'static str),
}

impl Document {
    /// The schema that the document was written in; the newest, where several apps wrote one.
    pub fn schema(&self) -> u64 {
        View { am: &self.am, at: None }.schema()
    }

    /// What the document says now. Of a newer schema, as far as this app can read it.
    pub fn read(&self, id: IssueId) -> Result<Issue, ReadError> {
        View { am: &self.am, at: None }.issue(id)
    }

    /// What it said to somebody who knew exactly these changes and their ancestors.
    pub fn read_at(&self, id: IssueId, heads: &[ChangeHash]) -> Result<Issue, ReadError> {
        View::at(&self.am, heads).issue(id)
    }
}

/// A document, now or at given heads.
pub(super) struct View<'a> {
    pub am: &'a Automerge,
    pub at: Option<Vec<automerge::ChangeHash>>,
}

impl<'a> View<'a> {
    /// At the present heads it reads what there is: each look into the past would work out anew what was known then.
    pub fn at(am: &'a Automerge, heads: &[ChangeHash]) -> Self {
        let mut heads: Vec<_> = heads.iter().map(|hash| automerge::ChangeHash(hash.0)).collect();
        heads.sort_unstable();
        let mut now = am.get_heads();
        now.sort_unstable();
        Self { am, at: (heads != now).then_some(heads) }
    }

    /// All concurrent scalars of a key with the operations that wrote them; the last is the winner.
    pub fn scalars(&self, object: &ObjId, key: &str) -> Vec<(ScalarValue, ObjId)> {
        let all = match &self.at {
            None => self.am.get_all(object, key),
            Some(heads) => self.am.get_all_at(object, key, heads),
        };
        let scalar = |(value, id): (AmValue<'_>, ObjId)| value.into_scalar().ok().map(|scalar| (scalar, id));
        all.unwrap_or_default().into_iter().filter_map(scalar).collect()
    }

    /// All concurrent values of a register, the winner last.
    pub fn values(&self, register: Register) -> Vec<(Value, ObjId)> {
        let scalars = self.scalars(&ROOT, register.key()).into_iter();
        scalars.filter_map(|(scalar, id)| Some((Value::from_scalar(register, &scalar)?, id))).collect()
    }

    fn schema(&self) -> u64 {
        let of = |value: &Value| if let Value::Schema(version) = value { Some(*version) } else { None };
        self.values(Register::Schema).iter().filter_map(|(value, _)| of(value)).max().unwrap_or(SCHEMA)
    }

    /// Every key of a map with its scalar and the operation that wrote it, in one pass; the winner where there are several.
    fn winners(&self, object: &ObjId) -> impl Iterator<Item = (String, Option<(ScalarValue, ObjId)>)> {
        let items = match &self.at {
            None => self.am.map_range(object, ..),
            Some(heads) => self.am.map_range_at(object, .., heads),
        };
        items.map(move |item| {
            let key = item.key.to_string();
            let winner = match item.conflict {
                // What wins may be nothing that we can read.
                true => self.scalars(object, &key).pop(),
                false => {
                    Some(item.id()).zip(item.value.into_value().into_scalar().ok()).map(|(id, scalar)| (scalar, id))
                }
            };
            (key, winner)
        })
    }

    /// Whether several people wrote a register at once, or may have.
    pub fn is_disputed(&self) -> bool {
        let mut items = match &self.at {
            None => self.am.map_range(ROOT, ..),
            Some(heads) => self.am.map_range_at(ROOT, .., heads),
        };
        items.any(|item| item.conflict)
    }

    /// The value of each register that is shown.
    fn registers(&self) -> BTreeMap<Register, Value> {
        let read = |(key, winner): (String, Option<(ScalarValue, ObjId)>)| {
            let (register, (scalar, _)) = (Register::from_key(&key)?, winner?);
            let value = Value::from_scalar(register, &scalar).or_else(|| Some(self.values(register).pop()?.0));
            Some((register, value?))
        };
        self.winners(&ROOT).filter_map(read).collect()
    }

    /// The records of a map with their keys and the operations that wrote them.
    pub fn records<T: for<'de> Deserialize<'de>>(&self, map: &str) -> Vec<(String, T, ObjId)> {
        let Some(object) = container(self.am, map) else { return Vec::new() };
        let read = |(key, winner): (String, Option<(ScalarValue, ObjId)>)| {
            let (scalar, id) = winner?;
            Some((key, record(&scalar)?, id))
        };
        self.winners(&object).filter_map(read).collect()
    }

    /// The keys of a map with the operations that wrote them.
    pub fn writers(&self, map: &str) -> Vec<(String, Vec<ObjId>)> {
        let Some(object) = container(self.am, map) else { return Vec::new() };
        let all = |key: &str| self.scalars(&object, key).into_iter().map(|(_, id)| id).collect();
        let items = self.am.map_range(&object, ..);
        items.map(|item| (item.key.to_string(), if item.conflict { all(&item.key) } else { vec![item.id()] })).collect()
    }

    /// Causal order: the operation counter grows along every chain of cause, and nobody's clock decides.
    fn timeline<T: for<'de> Deserialize<'de>>(&self, map: &str) -> Vec<Entry<T>> {
        let mut records = self.records::<T>(map);
        records.sort_by(|(_, _, a), (_, _, b)| order(a).cmp(&order(b)));
        records.into_iter().map(|(id, record, _)| Entry { id, record }).collect()
    }

    fn keyed<K: FromStr + Ord, T: for<'de> Deserialize<'de>>(&self, map: &str) -> BTreeMap<K, T> {
        let records = self.records::<T>(map).into_iter();
        records.filter_map(|(key, record, _)| Some((key.parse().ok()?, record))).collect()
    }

    fn issue(&self, id: IssueId) -> Result<Issue, ReadError> {
        let steps: Vec<Entry<Step>> = self.timeline("steps");
        let report = steps.iter().find(|entry| entry.record.action == Action::Report);
        let mut registers = self.registers();
        let schema = self.schema();
        let newer = schema > SCHEMA;
        let (reporter, reported_at) = match report {
            Some(report) => (report.record.by, report.record.at),
            None if newer => (PersonId(0), Timestamp::default()),
            None => return Err(ReadError::Unreadable("report")),
        };
        macro_rules! required {
            ($register:ident $(, $stand_in:expr)?) => {
                match registers.remove(&Register::$register) {
                    Some(Value::$register(value)) => value,
                    $(_ if newer => $stand_in,)?
                    _ => return Err(ReadError::Unreadable(Register::$register.key())),
                }
            };
        }
        macro_rules! or_default {
            ($register:ident) => {
                match registers.remove(&Register::$register) {
                    Some(Value::$register(value)) => value,
                    _ => Default::default(),
                }
            };
        }
        Ok(Issue {
            id,
            schema,
            zone: required!(Zone),
            kind: required!(Kind, Kind { edition: 0, code: 0 }),
            state: required!(State, State::Reported),
            place_type: or_default!(PlaceType),
            description: or_default!(Description),
            place: or_default!(Place),
            severity: match registers.remove(&Register::Severity) {
                Some(Value::Severity(severity)) => severity,
                _ => Severity::Ordinary,
            },
            reporter,
            reported_at,
            assignee: or_default!(Assignee),
            responsible: self.keyed::<PersonId, Part>("responsible"),
            due: or_default!(Due),
            extensions: or_default!(Extensions),
            priority: or_default!(Priority),
            supervision: or_default!(Supervision),
            duplicate_of: or_default!(DuplicateOf),
            recurrence_of: or_default!(RecurrenceOf),
            steps,
            remarks: self.timeline::<Remark>("remarks"),
            photos: self.keyed::<PhotoId, Photo>("photos"),
        })
    }
}

fn order(id: &ObjId) -> (u64, &[u8]) {
    match id {
        ObjId::Root => (0, &[]),
        ObjId::Id(counter, actor, _) => (*counter, actor.to_bytes()),
    }
}
