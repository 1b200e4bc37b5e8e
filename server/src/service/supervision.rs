//! The next number of a 督办单: one series for each year and level. Whoever presses may write another one, but none that another issue
//! has or had: which those are outlives the issue's next number.

use std::collections::BTreeMap;

use xiaohao_shared::api::{Doubled, NextNumbers, TakenNumber};
use xiaohao_shared::id::{IssueId, ZoneId};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::{Supervision, SupervisionLevel};

use super::{Service, ServiceError};
use crate::store::{board, supervision};

/// Who writes a larger number means something else by it, as a date: the series does not go on from there.
const MOST: u32 = 9_998;

/// Proposals for both levels.
pub async fn next(service: &Service) -> Result<NextNumbers, ServiceError> {
    let [office, city] = [SupervisionLevel::Office, SupervisionLevel::City];
    Ok(NextNumbers { office: of_level(service, office).await?, city: of_level(service, city).await? })
}

/// Whether the number that somebody wants for an issue is another's.
pub async fn taken(service: &Service, number: &str, issue: IssueId) -> Result<TakenNumber, ServiceError> {
    Ok(TakenNumber { by: supervision::other(&service.store, number, issue).await? })
}

/// `街督2026-007` after `街督2026-006`, whatever else people wrote between.
async fn of_level(service: &Service, level: SupervisionLevel) -> Result<String, ServiceError> {
    let name = match level {
        SupervisionLevel::Office => "街督",
        SupervisionLevel::City => "市督",
    };
    let begin = format!("{name}{}-", Month::of(service.now()).year);
    let form = Supervision::form(&begin);
    let taken = supervision::beginning(&service.store, &form).await?;
    let serial = |number: &String| number.strip_prefix(&form)?.trim().parse().ok().filter(|serial| *serial <= MOST);
    let last = taken.iter().filter_map(serial).max().unwrap_or(0);
    Ok(format!("{begin}{:03}", last + 1))
}

/// The numbers that stand on several issues of these zones, of which one can still be pressed under another. Nothing was refused when
/// they came: a number that is on paper already is a fact, and the desk decides who gets another one.
pub async fn doubles(service: &Service, zones: Option<&[ZoneId]>) -> Result<Vec<Doubled>, ServiceError> {
    let doubled = supervision::doubled(&service.store).await?;
    let ids: Vec<IssueId> = doubled.values().flatten().map(|(issue, _)| *issue).collect();
    let rows = board::of(&service.store, &ids).await?.into_iter();
    let rows = rows.filter(|row| zones.is_none_or(|zones| zones.contains(&row.zone)));
    let mut rows: BTreeMap<IssueId, Summary> = rows.map(|row| (row.id, row)).collect();
    let one = |issues: Vec<(IssueId, String)>| {
        let number = issues.first().map(|(_, written)| written.clone()).unwrap_or_default();
        Doubled { number, issues: issues.iter().filter_map(|(issue, _)| rows.remove(issue)).collect() }
    };
    let all = doubled.into_values().map(one);
    let to_decide = |one: &Doubled| one.issues.len() > 1 && one.issues.iter().any(|issue| issue.state.is_open());
    Ok(all.filter(to_decide).collect())
}
