//! The weekly 督办 list: what is open and overdue, due within three days, or pressed; numbered and kept when it is made, so that
//! the next one can show what became of it.

use std::collections::BTreeSet;

use xiaohao_shared::api::{Notice, Weekly, WeeklyHead};
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::filter::Filter;

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{board, export, supervision, weekly};

/// Most issues on the notice of one unit: who has more has another problem than a list.
const NOTICE: u32 = 500;

/// Makes the list of this moment.
pub async fn make(service: &Service, caller: &Caller) -> Result<WeeklyHead, ServiceError> {
    let now = service.now();
    let mut tx = service.write().await?;
    let (year, ..) = now.date().civil();
    let number = format!("{year}-{:03}", weekly::made_in(&mut tx, year).await? + 1);
    weekly::add(&mut tx, &number, now, caller.person.id).await?;
    weekly::tell(&mut tx, &number).await?;
    let pressing = Filter { pressing: true, ..Filter::default() };
    let entries = board::list_weekly(&mut tx, &number, &pressing, now).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, number, entries, "a weekly list was made");
    Ok(WeeklyHead { number, made_at: now, made_by: caller.person.id, entries, ended: 0 })
}

pub async fn lists(service: &Service, before: Option<&str>) -> Result<Vec<WeeklyHead>, ServiceError> {
    Ok(weekly::heads(&service.store, before).await?)
}

pub async fn list(service: &Service, number: &str) -> Result<Weekly, ServiceError> {
    let head = weekly::find(&service.store, number).await?.ok_or(ServiceError::NotFound)?;
    let previous = weekly::previous(&service.store, number, None).await?;
    let told = weekly::is_told(&service.store, number).await?;
    Ok(Weekly { units: weekly::units(&service.store, number).await?, previous, head, told })
}

/// The 督办单 of one unit.
pub async fn notice(service: &Service, number: &str, person: PersonId) -> Result<Notice, ServiceError> {
    let head = weekly::find(&service.store, number).await?.ok_or(ServiceError::NotFound)?;
    let mut entries = board::weekly(&service.store, number, person.0, NOTICE).await?;
    let mut pressings = weekly::pressings(&service.store, number, person.0).await?;
    let ids: Vec<IssueId> = entries.iter().map(|entry| entry.now.id).collect();
    let mut demands = export::demands(&service.store, &ids).await?;
    let mut descriptions = export::descriptions(&service.store, &ids).await?;
    let pairs = export::thumbnails(&service.store, &ids).await?;
    let doubled = supervision::doubled(&service.store).await?;
    let shared: BTreeSet<IssueId> = doubled.into_values().flatten().map(|(issue, _)| issue).collect();
    for entry in &mut entries {
        entry.press.iter_mut().for_each(|press| press.shared = shared.contains(&entry.now.id));
        let pressing = pressings.remove(&entry.now.id).unwrap_or_default();
        (entry.pressed_for, entry.reply) = (pressing.reason, pressing.reply);
        entry.description = descriptions.remove(&entry.now.id).unwrap_or_default();
        entry.demand = demands.remove(&entry.now.id).unwrap_or_default();
        [entry.before, entry.after] = pairs.get(&entry.now.id).copied().unwrap_or_default();
    }
    let previous = weekly::previous(&service.store, number, Some(person.0)).await?;
    let total = weekly::count(&service.store, number, person.0).await?;
    let became = weekly::fates(&service.store, number, person.0).await?;
    Ok(Notice { head, server_time: service.now(), previous, total, entries, became })
}
