//! The registers at the root of a document and the values that they hold, as typed data beside their Automerge scalars.

use automerge::ScalarValue;
use serde::{Deserialize, Serialize};

use crate::id::{IssueId, PersonId, ZoneId};
use crate::model::catalogue::{Kind, PlaceType};
use crate::model::workflow::State;
use crate::model::{Place, Severity, Supervision};
use crate::time::Timestamp;

/// Longest text that a field or a record may hold, in bytes: fields of a newer app are in it, which no policy reads.
pub const MAX_RECORD_BYTES: usize = 8 * 1024;

/// A field that holds one value, or several when people wrote it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    Schema,
    Zone,
    Kind,
    PlaceType,
    Description,
    Place,
    Severity,
    State,
    Assignee,
    Due,
    Extensions,
    Priority,
    Supervision,
    DuplicateOf,
    RecurrenceOf,
    /// Not a register but the map of 包保; listed so that the workflow can name it among what an action may set.
    Responsible,
}

impl Register {
    pub const ALL: [Self; 15] = [
        Self::Schema,
        Self::Zone,
        Self::Kind,
        Self::PlaceType,
        Self::Description,
        Self::Place,
        Self::Severity,
        Self::State,
        Self::Assignee,
        Self::Due,
        Self::Extensions,
        Self::Priority,
        Self::Supervision,
        Self::DuplicateOf,
        Self::RecurrenceOf,
    ];

    /// The key in the document and the name in SQL.
    pub fn key(self) -> &'static str {
        match self {
            Self::Schema => "v",
            Self::Zone => "zone",
            Self::Kind => "kind",
            Self::PlaceType => "place_type",
            Self::Description => "description",
            Self::Place => "place",
            Self::Severity => "severity",
            Self::State => "state",
            Self::Assignee => "assignee",
            Self::Due => "due",
            Self::Extensions => "extensions",
            Self::Priority => "priority",
            Self::Supervision => "supervision",
            Self::DuplicateOf => "duplicate_of",
            Self::RecurrenceOf => "recurrence_of",
            Self::Responsible => "responsible",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|register| register.key() == key)
    }
}

/// A value with the register that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Schema(u64),
    Zone(ZoneId),
    Kind(Kind),
    PlaceType(PlaceType),
    Description(String),
    Place(Place),
    Severity(Severity),
    State(State),
    Assignee(Option<PersonId>),
    Due(Option<Timestamp>),
    Extensions(u32),
    Priority(bool),
    Supervision(Option<Supervision>),
    DuplicateOf(Option<IssueId>),
    RecurrenceOf(Option<IssueId>),
}

impl Value {
    pub fn register(&self) -> Register {
        match self {
            Self::Schema(_) => Register::Schema,
            Self::Zone(_) => Register::Zone,
            Self::Kind(_) => Register::Kind,
            Self::PlaceType(_) => Register::PlaceType,
            Self::Description(_) => Register::Description,
            Self::Place(_) => Register::Place,
            Self::Severity(_) => Register::Severity,
            Self::State(_) => Register::State,
            Self::Assignee(_) => Register::Assignee,
            Self::Due(_) => Register::Due,
            Self::Extensions(_) => Register::Extensions,
            Self::Priority(_) => Register::Priority,
            Self::Supervision(_) => Register::Supervision,
            Self::DuplicateOf(_) => Register::DuplicateOf,
            Self::RecurrenceOf(_) => Register::RecurrenceOf,
        }
    }

    pub(crate) fn to_scalar(&self) -> ScalarValue {
        match self {
            Self::Schema(version) => ScalarValue::Uint(*version),
            Self::Zone(zone) => ScalarValue::Uint(zone.0.into()),
            Self::Kind(kind) => ScalarValue::Str(kind.to_string().into()),
            Self::PlaceType(place_type) => ScalarValue::Str(place_type.code().into()),
            Self::Description(text) => ScalarValue::Str(text.as_str().into()),
            Self::Place(place) => json(place),
            Self::Severity(severity) => ScalarValue::Str(severity.code().into()),
            Self::State(state) => ScalarValue::Str(state.code().into()),
            Self::Assignee(person) => person.map_or(ScalarValue::Null, |person| ScalarValue::Uint(person.0.into())),
            Self::Due(due) => due.map_or(ScalarValue::Null, |due| ScalarValue::Timestamp(due.0)),
            Self::Extensions(count) => ScalarValue::Uint((*count).into()),
            Self::Priority(on) => ScalarValue::Boolean(*on),
            Self::Supervision(supervision) => supervision.as_ref().map_or(ScalarValue::Null, json),
            Self::DuplicateOf(issue) | Self::RecurrenceOf(issue) => {
                issue.map_or(ScalarValue::Null, |issue| ScalarValue::Str(issue.to_string().into()))
            }
        }
    }

    /// `None` where the scalar is not what this register holds; then the change, or the document, is not ours.
    pub(crate) fn from_scalar(register: Register, scalar: &ScalarValue) -> Option<Self> {
        Some(match register {
            Register::Schema => Self::Schema(uint(scalar)?),
            Register::Zone => Self::Zone(ZoneId(uint(scalar)?.try_into().ok()?)),
            Register::Kind => Self::Kind(text(scalar)?.parse().ok()?),
            Register::PlaceType => Self::PlaceType(PlaceType::from_code(text(scalar)?)?),
            Register::Description => Self::Description(text(scalar)?.into()),
            Register::Place => Self::Place(record(scalar)?),
            Register::Severity => Self::Severity(Severity::from_code(text(scalar)?)?),
            Register::State => Self::State(State::from_code(text(scalar)?)?),
            Register::Assignee => Self::Assignee(match scalar {
                ScalarValue::Null => None,
                other => Some(PersonId(uint(other)?.try_into().ok()?)),
            }),
            Register::Due => Self::Due(match scalar {
                ScalarValue::Null => None,
                ScalarValue::Timestamp(ms) => Some(Timestamp(*ms)),
                _ => return None,
            }),
            Register::Extensions => Self::Extensions(uint(scalar)?.try_into().ok()?),
            Register::Priority => Self::Priority(match scalar {
                ScalarValue::Boolean(on) => *on,
                _ => return None,
            }),
            Register::Supervision => Self::Supervision(optional(scalar, record)?),
            Register::DuplicateOf => Self::DuplicateOf(optional(scalar, |scalar| text(scalar)?.parse().ok())?),
            Register::RecurrenceOf => Self::RecurrenceOf(optional(scalar, |scalar| text(scalar)?.parse().ok())?),
            Register::Responsible => return None,
        })
    }
}

/// A record as one JSON scalar.
pub(crate) fn json<T: Serialize>(record: &T) -> ScalarValue {
    ScalarValue::Str(serde_json::to_string(record).unwrap_or_default().into())
}

pub(crate) fn record<T: for<'de> Deserialize<'de>>(scalar: &ScalarValue) -> Option<T> {
    serde_json::from_str(text(scalar)?).ok()
}

fn text(scalar: &ScalarValue) -> Option<&str> {
    if let ScalarValue::Str(text) = scalar { Some(text) } else { None }
}

fn uint(scalar: &ScalarValue) -> Option<u64> {
    match scalar {
        ScalarValue::Uint(number) => Some(*number),
        // Other Automerge clients write small numbers as signed integers.
        ScalarValue::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

fn optional<T>(scalar: &ScalarValue, read: impl Fn(&ScalarValue) -> Option<T>) -> Option<Option<T>> {
    if matches!(scalar, ScalarValue::Null) { Some(None) } else { read(scalar).map(Some) }
}
