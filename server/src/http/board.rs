//! `GET /api/board`, `/api/tally`, `/api/issues` and `/api/sheets`: the merged picture, read from the projection within what the caller may see.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use xiaohao_shared::api::{Board, Column, Group, IssuePage, Sheet, Sheets, Tally};
use xiaohao_shared::id::{IssueId, ZoneId};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::policy::{Right, Sight, may, sight};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State as IssueState;

use super::auth::Signed;
use crate::service::catalogue::knowing;
use crate::service::{Service, ServiceError, supervision};
use crate::store::{board, export, held, log};

/// Cards of a column, and rows of a list page.
const CARDS: u32 = 50;
/// Issues that are printed at once.
const SHEETS: u32 = 200;

/// The question of an address, see `shared::model::filter::address`; one that we do not understand is a problem like any other.
pub struct Asked {
    pub(super) filter: Filter,
    by: Grouping,
    after: Option<board::After>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ServiceError> {
        let query = parts.uri.query().unwrap_or_default();
        let by = value_of(query, "by").unwrap_or_default();
        let after = value_of(query, "after").unwrap_or_default();
        Ok(Self {
            filter: Filter::from_query(query).map_err(|_| not_a_filter())?,
            by: if by.is_empty() { Grouping::State } else { Grouping::from_code(&by).ok_or_else(unknown_grouping)? },
            after: after_of(&after),
        })
    }
}

pub(super) fn after_of(text: &str) -> Option<board::After> {
    text.split_once('_').and_then(|(key, id)| Some((key.parse().ok()?, id.to_owned())))
}

fn not_a_filter() -> ServiceError {
    ServiceError::invalid("no issues can be looked for by this")
}

fn unknown_grouping() -> ServiceError {
    ServiceError::invalid("issues cannot be counted by this")
}

/// A cadre reads the board of his own zones; inspectors and supervisors read all.
pub(super) fn zones(person: &Person) -> Option<Vec<ZoneId>> {
    match sight(person.role) {
        Sight::Office => None,
        Sight::OwnZones => Some(person.zones.iter().copied().collect()),
        Sight::Nothing => Some(Vec::new()),
    }
}

pub async fn board(
    State(service): State<Service>,
    Asked { filter, .. }: Asked,
    signed: Signed,
) -> Result<Json<Board>, ServiceError> {
    let filter = knowing(&service, filter).await?;
    let (person, now) = (&signed.caller.person, service.now());
    let zones = zones(person);
    let position = log::newest(&service.store).await?;
    let counts = service.counter.counts(zones.as_deref(), &filter, now, Grouping::State).await?;
    let mut columns = Vec::new();
    for state in IssueState::ALL {
        let count = counts.get(&(state.code().to_owned(), state)).map_or(0, |count| count.all);
        let of_state = filter.within(Grouping::State, state.code());
        let cards = match count {
            0 => Vec::new(),
            _ => board::page(&service.store, zones.as_deref(), &of_state, now, None, CARDS).await?,
        };
        columns.push(Column { state, count, cards });
    }
    let wanted = Filter { undecided: true, states: BTreeSet::new(), ..filter };
    let undecided = board::page(&service.store, zones.as_deref(), &wanted, now, None, CARDS).await?;
    let undecided_count = match undecided.len() as u64 {
        // Only a list that is full may have been cut.
        count if count < u64::from(CARDS) => count,
        _ => board::total(&service.counter.counts(zones.as_deref(), &wanted, now, Grouping::State).await?),
    };
    let (held, held_count) = match may(person, Right::ReadHeld) {
        true => (held::open(&service.store).await?, held::count_open(&service.store).await?),
        false => (Vec::new(), 0),
    };
    let reads = may(person, Right::ReadBooks);
    let doubles = if reads { supervision::doubles(&service, zones.as_deref()).await? } else { Vec::new() };
    let server_time = now;
    Ok(Json(Board { server_time, position, columns, undecided, held, undecided_count, held_count, doubles }))
}

/// Counts by zone, person, kind or place type, under the filter of the list that each of them leads to.
pub async fn tally(
    State(service): State<Service>,
    Asked { filter, by, .. }: Asked,
    signed: Signed,
) -> Result<Json<Tally>, ServiceError> {
    let filter = knowing(&service, filter).await?;
    let zones = zones(&signed.caller.person);
    let (now, position) = (service.now(), log::newest(&service.store).await?);
    let (total, counts) = service.counter.tally(zones.as_deref(), &filter, now, by).await?;
    let mut groups: Vec<Group> = Vec::new();
    for ((key, state), count) in counts {
        if groups.last().is_none_or(|group| group.key != key) {
            groups.push(Group { key, counts: Vec::new(), overdue: 0 });
        }
        if let Some(group) = groups.last_mut() {
            group.counts.push((state, count.all));
            group.overdue += count.overdue;
        }
    }
    Ok(Json(Tally { server_time: now, position, by, total, groups }))
}

pub async fn issues(
    State(service): State<Service>,
    Asked { filter, after, .. }: Asked,
    signed: Signed,
) -> Result<Json<IssuePage>, ServiceError> {
    let filter = knowing(&service, filter).await?;
    let zones = zones(&signed.caller.person);
    let rows = board::page(&service.store, zones.as_deref(), &filter, service.now(), after.as_ref(), CARDS).await?;
    let last = rows.last().filter(|_| rows.len() == CARDS as usize).map(|row| board::after(row, &filter));
    let next = last.map(|(key, id)| format!("{key}_{id}"));
    Ok(Json(IssuePage { rows, next, total: None }))
}

/// The first of a list as they are printed: with what was asked, and a photo of before and of after.
pub async fn sheets(
    State(service): State<Service>,
    Asked { filter, .. }: Asked,
    signed: Signed,
) -> Result<Json<Sheets>, ServiceError> {
    let filter = knowing(&service, filter).await?;
    let (zones, now, store) = (zones(&signed.caller.person), service.now(), &service.store);
    let counts = service.counter.counts(zones.as_deref(), &filter, now, Grouping::State).await?;
    let rows = board::page(store, zones.as_deref(), &filter, now, None, SHEETS).await?;
    let ids: Vec<IssueId> = rows.iter().map(|row| row.id).collect();
    let (mut demands, pairs) = (export::demands(store, &ids).await?, export::thumbnails(store, &ids).await?);
    let mut descriptions = export::descriptions(store, &ids).await?;
    let sheet = |row: Summary| {
        let [before, after] = pairs.get(&row.id).copied().unwrap_or_default();
        let taken = |from: &mut BTreeMap<IssueId, String>| from.remove(&row.id).unwrap_or_default();
        let (demand, description) = (taken(&mut demands), taken(&mut descriptions));
        Sheet { demand, before, after, description, row }
    };
    let sheets = rows.into_iter().map(sheet).collect();
    Ok(Json(Sheets { total: board::total(&counts), sheets }))
}
