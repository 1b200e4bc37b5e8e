//! Where the zones lie: an administrator's file is read, told about area by area, and taken in as a whole or not at all.

use bytes::Bytes;
use xiaohao_shared::api::Outlines;
use xiaohao_shared::geo::ZoneOutline;
use xiaohao_shared::geo::geojson::{self, Area, Datum};
use xiaohao_shared::model::policy::Right;

use super::directory::Caller;
use super::encoding::decode;
use super::trail::{self, Note};
use super::{Service, ServiceError, Write};
use crate::store::{outlines as store, people};

/// Units, a metre each, by which an outline may differ from the file: less than any phone knows where it is.
const TOLERANCE: i32 = 3;

/// What would become of a file; and, if `save`, becomes of it where nothing is wrong with it.
pub async fn take_in(
    service: &Service,
    caller: &Caller,
    file: Bytes,
    datum: Datum,
    save: bool,
) -> Result<Outlines, ServiceError> {
    let zones = people::zones(&service.store).await?;
    // Tens of thousands of corners are compared with each other.
    let read = tokio::task::spawn_blocking(move || geojson::read(&decode(&file), datum, &zones));
    let areas = match read.await.map_err(|_| ServiceError::TimedOut)? {
        Ok(areas) => areas,
        Err(fault) => return Ok(Outlines::Refused(fault)),
    };
    let saved = save && areas.iter().all(|area| area.fault.is_none());
    if saved {
        let outlines: Vec<_> = areas.iter().filter_map(simplified).collect();
        let mut tx = service.write().await?;
        store_all(&mut tx, &outlines).await?;
        note(service, &mut tx, caller, &outlines).await?;
        tx.commit().await?;
        tracing::info!(by = %caller.person.id, zones = areas.len(), "outlines were taken in");
    }
    Ok(Outlines::Read { areas, saved })
}

fn simplified(area: &Area) -> Option<ZoneOutline> {
    Some(ZoneOutline { zone: area.zone?, outline: area.outline.clone()?.simplified(TOLERANCE) })
}

/// Without asking who does it. Zones that are not named keep what they have.
pub async fn put(service: &Service, outlines: &[ZoneOutline]) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    store_all(&mut tx, outlines).await?;
    tx.commit().await
}

async fn store_all(tx: &mut Write<'_>, outlines: &[ZoneOutline]) -> Result<(), ServiceError> {
    for ZoneOutline { zone, outline } in outlines {
        store::save(tx, *zone, outline).await?;
    }
    Ok(())
}

/// The file itself is too long for the audit; whose borders it moved is not.
async fn note(
    service: &Service,
    tx: &mut Write<'_>,
    caller: &Caller,
    outlines: &[ZoneOutline],
) -> Result<(), ServiceError> {
    let zones: Vec<_> = outlines.iter().map(|outline| outline.zone.to_string()).collect();
    let what = format!("borders of zones {}", zones.join(" "));
    let who = Some((caller.person.id, caller.device));
    let note = Note { act: Right::KeepZones.code(), who, origin: "hub", what: &what, result: trail::DONE };
    trail::append(service, tx, &note).await
}
