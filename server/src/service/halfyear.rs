//! The sanitation chapter of the office's work summary (办事处上半年工作总结): what was found and struck off in some months, the
//! rates, what had waited for long, and pictures of before and after; as data for a page and as a document.

mod docx;

use std::collections::BTreeMap;
use std::io;

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Flow, HalfYear, ZoneFigures};
use xiaohao_shared::model::behind::LONG_STANDING;
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::indicator::{Figures, Span};
use xiaohao_shared::model::settlement::Month;

use super::export::{Names, Tongue};
use super::{Service, ServiceError, chart, directory, indicators};
use crate::store::halfyear::Shown;
use crate::store::{StoreError, halfyear};

/// Months of a report.
const LONGEST: usize = 12;
const MOST_SOLVED: u32 = 20;
const MOST_PAIRS: u32 = 12;

pub async fn report(service: &Service, from: Month, to: Month) -> Result<HalfYear, ServiceError> {
    let months: Vec<Month> = std::iter::successors(Some(from), |month| Some(month.next())).take(LONGEST).collect();
    let Some(last) = months.iter().position(|month| *month == to) else {
        return Err(ServiceError::Unfit(Reason::ReportMonths));
    };
    let (now, span) = (service.now(), Span { from: from.start(), before: to.end() });
    let mut tx = service.store.begin().await?;
    let zones = indicators::figures(&mut tx, span, now).await?;
    let whole = zones.values().fold(Figures::default(), Figures::plus);
    let (mut of_months, mut of_kinds) = (Vec::new(), BTreeMap::<Kind, Flow>::new());
    for month in &months[..=last] {
        let flows = halfyear::flows(&mut tx, Span { from: month.start(), before: month.end() }).await?;
        of_months.push((*month, flows.values().fold(Flow::default(), |sum, flow| sum.plus(flow))));
        for (kind, flow) in flows {
            let sum = of_kinds.entry(kind).or_default();
            *sum = sum.plus(&flow);
        }
    }
    let open = halfyear::open_at(&mut tx, span.before.min(now)).await?;
    drop(tx);
    let mut kinds: Vec<(Kind, Flow)> = of_kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, flow)| (std::cmp::Reverse(flow.found), *kind));
    Ok(HalfYear {
        from,
        to,
        server_time: now,
        whole,
        zones: zones.into_iter().map(|(zone, figures)| ZoneFigures { zone, figures }).collect(),
        kinds,
        chart: chart::bars(&of_months),
        months: of_months,
        open,
        solved_count: halfyear::count(&service.store, span, Shown::Solved(LONG_STANDING)).await?,
        pairs_count: halfyear::count(&service.store, span, Shown::Pairs).await?,
        solved: halfyear::solved(&service.store, span, LONG_STANDING, MOST_SOLVED).await?,
        pairs: halfyear::pairs(&service.store, span, MOST_PAIRS).await?,
    })
}

/// The same as a document for the office's word processor, and its name.
pub async fn document(
    service: &Service,
    from: Month,
    to: Month,
    tongue: Tongue,
) -> Result<(String, Vec<u8>), ServiceError> {
    let report = report(service, from, to).await?;
    let office = directory::name(service).await?;
    let names = Names::read(service, tongue).await?;
    let mut pictures = BTreeMap::new();
    for photo in report.pairs.iter().flat_map(|pair| [pair.before, pair.after]) {
        // One that has not arrived leaves its place empty.
        if let Some(bytes) = service.blobs.get(photo).await? {
            pictures.insert(photo, bytes);
        }
    }
    let name = format!("{}-{from}-{to}.docx", tongue.of(("环境卫生工作总结", "sanitation-report")));
    let written = tokio::task::spawn_blocking(move || docx::write(&office, &report, &names, &pictures)).await;
    let written = written.map_err(io::Error::other).and_then(|written| written);
    Ok((name, written.map_err(StoreError::File)?))
}
