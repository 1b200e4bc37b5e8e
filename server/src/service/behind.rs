//! The issues behind a figure of a settled month, of an indicator, of a report or of a weekly list, page by page, so that no number at the desk stands alone.

use xiaohao_shared::api::IssuePage;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::behind::{Became, Drift, Measured, Months, Settled, Within};
use xiaohao_shared::model::indicator::Span;
use xiaohao_shared::model::settlement::Month;

use super::{Service, ServiceError, settlement};
use crate::store::behind::{self, Behind};
use crate::store::board::After;
use crate::store::weekly;

const ROWS: u32 = 50;

/// Of a month that is frozen.
pub async fn settled(
    service: &Service,
    month: Month,
    figure: Settled,
    within: Within,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    of_frozen(service, month, Behind::Settled(month, figure), within, after).await
}

/// By which a frozen month differs from what is known today.
pub async fn drifted(
    service: &Service,
    month: Month,
    drift: Drift,
    within: Within,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    of_frozen(service, month, Behind::Drifted(month, drift), within, after).await
}

async fn of_frozen(
    service: &Service,
    month: Month,
    behind: Behind<'_>,
    within: Within,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    settlement::frozen(&mut *service.store.acquire().await?, month).await?;
    page(service, behind, within, after).await
}

pub async fn measured(
    service: &Service,
    months: Months,
    figure: Measured,
    within: Within,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    let span = Span { from: months.from.start(), before: months.to.end() };
    page(service, Behind::Measured(span, figure), within, after).await
}

/// Of a weekly list, or of one person's part of it; person 0 is nobody.
pub async fn listed(
    service: &Service,
    number: &str,
    person: Option<PersonId>,
    became: Became,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    weekly::find(&service.store, number).await?.ok_or(ServiceError::NotFound)?;
    page(service, Behind::Listed(number, person, became), Within::default(), after).await
}

async fn page(
    service: &Service,
    behind: Behind<'_>,
    within: Within,
    after: Option<After>,
) -> Result<IssuePage, ServiceError> {
    let now = service.now();
    let total = behind::count(&service.store, behind, within, now).await?;
    let (rows, next) = behind::page(&service.store, behind, within, now, after.as_ref(), ROWS).await?;
    let next = next.map(|(place, id)| format!("{place}_{id}"));
    Ok(IssuePage { rows, next, total: Some(total) })
}
