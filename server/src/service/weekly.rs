//! The weekly 督办 list: what is open and overdue, due within three days, or pressed; numbered and kept when it is made, so that
//! the next one can show what became of it.

use xiaohao_shared::api::{Notice, Weekly, WeeklyHead};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::filter::Filter;

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{board, weekly};

/// Most issues on the notice of one unit: who has more has another problem than a list.
const NOTICE: u32 = 500;

/// Makes the list of this moment.
pub async fn make(service: &Service, caller: &Caller) -> Result<WeeklyHead, ServiceError> {
    let now = service.now();
    let mut tx = service.write().await?;
    let (year, ..) = now.date().civil();
    let number = format!("{year}-{:03}", weekly::made_in(&mut tx, year).await? + 1);
    weekly::add(&mut tx, &number, now, caller.person.id).await?;
    let pressing = Filter { pressing: true, ..Filter::default() };
    let entries = board::list_weekly(&mut tx, &number, &pressing, now).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, number, entries, "a weekly list was made");
    Ok(WeeklyHead { number, made_at: now, made_by: caller.person.id, entries, ended: 0 })
}

pub async fn lists(service: &Service) -> Result<Vec<WeeklyHead>, ServiceError> {
    Ok(weekly::heads(&service.store).await?)
}

pub async fn list(service: &Service, number: &str) -> Result<Weekly, ServiceError> {
    let head = weekly::find(&service.store, number).await?.ok_or(ServiceError::NotFound)?;
    Ok(Weekly { units: weekly::units(&service.store, number).await?, head })
}

/// The 督办单 of one unit.
pub async fn notice(service: &Service, number: &str, person: PersonId) -> Result<Notice, ServiceError> {
    let head = weekly::find(&service.store, number).await?.ok_or(ServiceError::NotFound)?;
    let mut entries = board::weekly(&service.store, number, person.0, NOTICE).await?;
    let mut replies = weekly::replies(&service.store, number, person.0).await?;
    for entry in &mut entries {
        entry.reply = replies.remove(&entry.now.id);
    }
    Ok(Notice { head, server_time: service.now(), entries })
}
