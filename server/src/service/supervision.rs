//! The next number of a 督办单: one series for each year and level. Whoever presses may write another one, but none that another issue
//! has or had: which those are outlives the issue's next number.

use xiaohao_shared::api::NextNumbers;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::SupervisionLevel;
use xiaohao_shared::model::settlement::Month;

use super::{Service, ServiceError};
use crate::store::supervision;

/// Who writes a larger number means something else by it, as a date: the series does not go on from there.
const MOST: u32 = 9_998;

/// The proposals; or whether the number that somebody wants for an issue is another's, and then nothing is proposed.
pub async fn next(service: &Service, wanted: Option<(&str, IssueId)>) -> Result<NextNumbers, ServiceError> {
    if let Some((number, issue)) = wanted {
        let taken = supervision::other(&service.store, number.trim(), issue).await?;
        return Ok(NextNumbers { taken, ..NextNumbers::default() });
    }
    let [office, city] = [SupervisionLevel::Office, SupervisionLevel::City];
    Ok(NextNumbers { office: of_level(service, office).await?, city: of_level(service, city).await?, taken: None })
}

/// `街督2026-007` after `街督2026-006`, whatever else people wrote between.
async fn of_level(service: &Service, level: SupervisionLevel) -> Result<String, ServiceError> {
    let name = match level {
        SupervisionLevel::Office => "街督",
        SupervisionLevel::City => "市督",
    };
    let begin = format!("{name}{}-", Month::of(service.now()).year);
    let taken = supervision::beginning(&service.store, &begin).await?;
    let serial = |number: &String| number.strip_prefix(&begin)?.trim().parse().ok().filter(|serial| *serial <= MOST);
    let last = taken.iter().filter_map(serial).max().unwrap_or(0);
    Ok(format!("{begin}{:03}", last + 1))
}
