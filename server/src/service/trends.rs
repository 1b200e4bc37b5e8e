//! The indicators over the last twelve months, of the whole office or of one zone, as numbers and as lines.

use xiaohao_shared::api::{Trend, Trends};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::indicator::{DEFINITIONS, Definition, Figures, Span};
use xiaohao_shared::model::settlement::Month;

use super::{Service, ServiceError, chart, indicators};

const MONTHS: usize = 12;

/// Up to and with a month.
pub async fn until(service: &Service, last: Month, zone: Option<ZoneId>) -> Result<Trends, ServiceError> {
    let now = service.now();
    let mut months: Vec<Month> = std::iter::successors(Some(last), |month| Some(month.before())).take(MONTHS).collect();
    months.reverse();
    let mut tx = service.store.begin().await?;
    let mut figures = Vec::new();
    for month in months {
        let zones = indicators::figures(&mut tx, Span { from: month.start(), before: month.end() }, now).await?;
        let wanted = zones.iter().filter(|(id, _)| zone.is_none_or(|zone| zone == **id));
        figures.push((month, wanted.fold(Figures::default(), |sum, (_, figures)| sum.plus(figures))));
    }
    let line = |it: &Definition| {
        let value = |(month, of): &(Month, Figures)| (*month, of.value(it.indicator, month.end().min(now)));
        Trend {
            indicator: it.indicator,
            chart: chart::line(&figures.iter().map(value).collect::<Vec<_>>(), it.is_rate),
        }
    };
    Ok(Trends { server_time: now, trends: DEFINITIONS.iter().map(line).collect(), months: figures })
}
