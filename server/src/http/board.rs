//! `GET /api/board` and `GET /api/issues`: the merged picture, read from the projection within what the caller may see.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use serde::Deserialize;
use xiaohao_shared::api::{Board, Column, IssuePage};
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{Kind, PlaceType};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::policy::{may_review, may_see_board};
use xiaohao_shared::model::workflow::State as IssueState;
use xiaohao_shared::model::{Person, Role};

use super::auth::Signed;
use crate::service::{Service, ServiceError};
use crate::store::{board, held, log};

/// Cards of a column, and rows of a list page.
const CARDS: u32 = 50;

/// The filter as it stands in an address: `states` is a comma list, flags are `true`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    states: String,
    zone: Option<ZoneId>,
    kind: Option<Kind>,
    place_type: Option<PlaceType>,
    assignee: Option<PersonId>,
    reporter: Option<PersonId>,
    supervised: bool,
    overdue: bool,
    undecided: bool,
    open: bool,
    text: String,
    sort: String,
    after: Option<String>,
}

/// The question of an address; one that we do not understand is a problem like any other.
pub struct Asked(pub(super) Ask);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ServiceError> {
        let Query(ask) = Query::from_request_parts(parts, state).await.map_err(ServiceError::invalid)?;
        Ok(Self(ask))
    }
}

impl Ask {
    pub(super) fn filter(&self) -> Result<Filter, ServiceError> {
        let states = self.states.split(',').filter(|code| !code.is_empty());
        let states = states.map(|code| IssueState::from_code(code).ok_or_else(|| unknown_state(code)));
        Ok(Filter {
            states: states.collect::<Result<BTreeSet<_>, _>>()?,
            zone: self.zone,
            kind: self.kind,
            place_type: self.place_type,
            assignee: self.assignee,
            reporter: self.reporter,
            supervised: self.supervised,
            overdue: self.overdue,
            undecided: self.undecided,
            open: self.open,
            text: self.text.chars().take(100).collect(),
        })
    }

    pub(super) fn is_newest_first(&self) -> bool {
        self.sort == "newest"
    }

    fn after(&self) -> Option<board::After> {
        let (key, id) = self.after.as_ref()?.split_once('_')?;
        Some((key.parse().ok()?, id.to_owned()))
    }
}

fn unknown_state(code: &str) -> ServiceError {
    ServiceError::invalid(format!("there is no state {:?}", code.chars().take(20).collect::<String>()))
}

/// A cadre reads the board of his own zones; inspectors and supervisors read all.
pub(super) fn zones(person: &Person) -> Result<Option<Vec<ZoneId>>, ServiceError> {
    if !may_see_board(person) {
        return Err(ServiceError::Forbidden);
    }
    Ok((person.role == Role::Cadre).then(|| person.zones.iter().copied().collect()))
}

pub async fn board(
    State(service): State<Service>,
    Asked(ask): Asked,
    signed: Signed,
) -> Result<Json<Board>, ServiceError> {
    let (person, filter, now) = (&signed.caller.person, ask.filter()?, service.now());
    let zones = zones(person)?;
    let position = log::newest(&service.store).await?;
    let counts = board::counts(&service.store, zones.as_deref(), &filter, now).await?;
    let mut columns = Vec::new();
    for state in IssueState::ALL {
        let count = counts.iter().find(|(found, _)| *found == state).map_or(0, |(_, count)| *count);
        let cards = if count == 0 { Vec::new() } else { cards(&service, zones.as_deref(), &filter, state).await? };
        columns.push(Column { state, count, cards });
    }
    let undecided = Filter { undecided: true, states: BTreeSet::new(), ..filter };
    let undecided = board::by_deadline(&service.store, zones.as_deref(), &undecided, now, None, CARDS).await?;
    let held = if may_review(person) { held::open(&service.store).await? } else { Vec::new() };
    Ok(Json(Board { server_time: now, position, columns, undecided, held }))
}

async fn cards(
    service: &Service,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    state: IssueState,
) -> Result<Vec<xiaohao_shared::model::summary::Summary>, ServiceError> {
    let filter = Filter { states: BTreeSet::from([state]), ..filter.clone() };
    let now = service.now();
    // What is done is looked at by date, what is to do by deadline.
    Ok(if state.is_open() {
        board::by_deadline(&service.store, zones, &filter, now, None, CARDS).await?
    } else {
        board::newest(&service.store, zones, &filter, now, None, CARDS).await?
    })
}

pub async fn issues(
    State(service): State<Service>,
    Asked(ask): Asked,
    signed: Signed,
) -> Result<Json<IssuePage>, ServiceError> {
    let (filter, now, after) = (ask.filter()?, service.now(), ask.after());
    let zones = zones(&signed.caller.person)?;
    let newest = ask.is_newest_first();
    let rows = if newest {
        board::newest(&service.store, zones.as_deref(), &filter, now, after.as_ref(), CARDS).await?
    } else {
        board::by_deadline(&service.store, zones.as_deref(), &filter, now, after.as_ref(), CARDS).await?
    };
    let last = rows.last().filter(|_| rows.len() == CARDS as usize).map(|row| board::after(row, newest));
    let next = last.map(|(key, id)| format!("{key}_{id}"));
    Ok(Json(IssuePage { rows, next }))
}
