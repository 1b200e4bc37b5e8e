//! The indicators of a month, and the thresholds by which the office marks them.

use std::collections::BTreeMap;

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Indicators, MOST_RECURRENCE_DAYS, Recurrence, ZoneFigures};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::indicator::{Figures, Span, Thresholds, are_sensible, usual_thresholds};
use xiaohao_shared::model::likeness::RECURRENCE_DAYS;
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::time::Timestamp;

use super::directory::Caller;
use super::{Service, ServiceError, patrols};
use crate::store::{Connection, StoreError, indicators, office};

pub async fn of_month(service: &Service, month: Month) -> Result<Indicators, ServiceError> {
    let (now, span) = (service.now(), Span { from: month.start(), before: month.end() });
    let mut tx = service.store.begin().await?;
    let zones = figures(&mut tx, span, now).await?;
    let whole = zones.values().fold(Figures::default(), Figures::plus);
    let zones = zones.into_iter().map(|(zone, figures)| ZoneFigures { zone, figures }).collect();
    Ok(Indicators { month, server_time: now, whole, zones, thresholds: thresholds(service).await? })
}

/// Of each zone, from the issues and from the rounds through it.
pub async fn figures(
    tx: &mut Connection,
    span: Span,
    now: Timestamp,
) -> Result<BTreeMap<ZoneId, Figures>, ServiceError> {
    let mut zones = indicators::figures(tx, span, now).await?;
    patrols::figures(tx, span, now, &mut zones).await?;
    let since = indicators::first_report(tx, span).await?;
    zones.values_mut().for_each(|figures| figures.since = since);
    Ok(zones)
}

async fn thresholds(service: &Service) -> Result<Thresholds, ServiceError> {
    let Some(json) = office::value(&service.store, office::THRESHOLDS).await? else { return Ok(usual_thresholds()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("office thresholds: {error}")).into())
}

pub async fn set_thresholds(service: &Service, caller: &Caller, wish: Thresholds) -> Result<Thresholds, ServiceError> {
    if !are_sensible(&wish) {
        return Err(ServiceError::Unfit(Reason::Thresholds));
    }
    let json = serde_json::to_string(&wish).map_err(ServiceError::unwritable)?;
    let mut tx = service.write().await?;
    office::set(&mut tx, office::THRESHOLDS, &json).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, "the thresholds were set");
    Ok(wish)
}

/// Days within which what was struck off counts as come back.
pub async fn recurrence_days(service: &Service) -> Result<u16, ServiceError> {
    let Some(days) = office::value(&service.store, office::RECURRENCE).await? else { return Ok(RECURRENCE_DAYS) };
    days.parse().map_err(|_| StoreError::Damaged(format!("office recurrence {days:?}")).into())
}

/// The phones hear of it with the directory.
pub async fn set_recurrence(service: &Service, caller: &Caller, wish: Recurrence) -> Result<Recurrence, ServiceError> {
    if !(1..=MOST_RECURRENCE_DAYS).contains(&wish.days) {
        return Err(ServiceError::Unfit(Reason::RecurrenceDays));
    }
    let mut tx = service.write().await?;
    office::set(&mut tx, office::RECURRENCE, &wish.days.to_string()).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, "the days of a recurrence were set");
    Ok(wish)
}
