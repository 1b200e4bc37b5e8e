//! An office that was restored from a backup has forgotten whom it took in, and whom it put out, since. An administrator's device
//! remembers the directory, and tells it once; what it tells was sealed by the office itself. Knows nothing of issues: those are healed by their receipts.

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use serde::Serialize;
use sha2::Sha256;
use xiaohao_shared::api::{RESTORE_LEAP, Remembered};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::policy::Right;
use xiaohao_shared::model::{Person, Zone};
use xiaohao_shared::time::Timestamp;

use super::directory::{Caller, check_person};
use super::trail::{self, Note};
use super::{Service, ServiceError, Write, passkeys, random, seal};
use crate::store::{devices, office, people};

/// Numbers that are left out after a restore: people and zones since the backup have some of them.
const NUMBERS_LEFT_OUT: i64 = 1_000;

/// Makes everything that phones remember of the directory older than what they will be told now.
pub async fn restored(service: &Service, tx: &mut Write<'_>) -> Result<(), ServiceError> {
    passkeys::restored(tx).await?;
    let version = office::version_in(tx).await?;
    // Not the same number each time that the same backup is restored.
    let beyond = u64::from(u16::from_be_bytes(random()));
    let leap = (version / RESTORE_LEAP + 1) * RESTORE_LEAP + beyond;
    office::set(tx, office::RESTORED, &format!("{version} {}", service.now().0)).await?;
    office::set(tx, office::VERSION, &leap.to_string()).await?;
    let last = people::next_id(tx).await?.0.max(people::next_zone_id(tx).await?.0);
    Ok(office::set(tx, office::NUMBERS, &(i64::from(last) + NUMBERS_LEFT_OUT).to_string()).await?)
}

/// Takes in what is newer than the backup and older than the restore. What was changed here since the restore stays.
/// All that it teaches stands in the audit, each person, zone and device in a row of its own: as one, it would be too long for a row.
pub async fn take_in(
    service: &Service,
    caller: &Caller,
    from: IpAddr,
    told: Remembered,
) -> Result<usize, ServiceError> {
    let mut tx = service.write().await?;
    let Some(restored) = last_restore(&mut tx).await? else { return Ok(0) };
    if told.version <= restored.version || told.version / RESTORE_LEAP != restored.version / RESTORE_LEAP {
        return Ok(0);
    }
    if !is_sealed(service, &told)? {
        return Err(ServiceError::invalid("the office never gave this"));
    }
    let (mut zones, mut learnt) = (Vec::new(), Vec::new());
    for zone in &told.zones {
        if !people::zone_exists(&mut tx, zone.id).await? {
            people::save_zone(&mut tx, &Zone { bearers: Vec::new(), ..zone.clone() }, Timestamp(0)).await?;
            zones.push(zone);
            learnt.push(Learnt::Zone(zone));
        }
    }
    // Who takes a duty over may stand behind the one who gave it up, so everybody is looked at twice.
    let others = told.people.iter().filter(|person| person.id != caller.person.id);
    for person in others.clone().chain(others) {
        if learn_person(&mut tx, person, restored.at).await? {
            learnt.push(Learnt::Person(person));
        }
    }
    let known = people::known(&mut tx).await?.people;
    for zone in zones {
        let bearers = zone.bearers.iter().filter(|bearer| known.contains_key(&bearer.person)).cloned().collect();
        people::save_zone(&mut tx, &Zone { bearers, ..zone.clone() }, Timestamp(0)).await?;
    }
    for device in &told.revoked {
        if learn_revoked(&mut tx, *device, service.now()).await? {
            learnt.push(Learnt::Revoked(*device));
        }
    }
    note(service, &mut tx, caller, from, &learnt).await?;
    let newest = format!("{} {}", told.version, restored.at.0);
    office::set(&mut tx, office::RESTORED, &newest).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, learnt = learnt.len(), "a device remembered what the restored office had forgotten");
    Ok(learnt.len())
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Learnt<'a> {
    Zone(&'a Zone),
    Person(&'a Person),
    Revoked(DeviceId),
}

/// How much of the directory the office knew when it was restored, or has been told since.
struct Restored {
    version: u64,
    at: Timestamp,
}

/// When this office was made of a backup the last time, if ever.
pub(super) async fn restored_at(tx: &mut Write<'_>) -> Result<Option<Timestamp>, ServiceError> {
    Ok(last_restore(tx).await?.map(|restored| restored.at))
}

async fn last_restore(tx: &mut Write<'_>) -> Result<Option<Restored>, ServiceError> {
    let text = office::value(&mut **tx, office::RESTORED).await?.unwrap_or_default();
    let parts = text.split_once(' ').and_then(|(version, at)| Some((version.parse().ok()?, at.parse().ok()?)));
    Ok(parts.map(|(version, at)| Restored { version, at: Timestamp(at) }))
}

/// The office's own words are known by this again, whoever brings them: only what it said itself is taken in.
pub fn sealed(service: &Service, told: &Remembered) -> Result<String, ServiceError> {
    Ok(base16ct::lower::encode_string(&mac(service, told)?.finalize().into_bytes()))
}

fn is_sealed(service: &Service, told: &Remembered) -> Result<bool, ServiceError> {
    let seal = told.seal.as_ref().and_then(|seal| base16ct::lower::decode_vec(seal).ok()).unwrap_or_default();
    Ok(mac(service, told)?.verify_slice(&seal).is_ok())
}

fn mac(service: &Service, told: &Remembered) -> Result<Hmac<Sha256>, ServiceError> {
    let words = (told.version, &told.people, &told.zones, &told.revoked);
    let words = serde_json::to_vec(&words).map_err(ServiceError::unwritable)?;
    let mut mac = seal(&service.secret);
    mac.update(b"the directory as this office gave it");
    mac.update(&words);
    Ok(mac)
}

async fn note(
    service: &Service,
    tx: &mut Write<'_>,
    caller: &Caller,
    from: IpAddr,
    learnt: &[Learnt<'_>],
) -> Result<(), ServiceError> {
    let (who, origin) = (Some((caller.person.id, caller.device)), from.to_string());
    for learnt in learnt {
        let what = serde_json::to_string(learnt).map_err(ServiceError::unwritable)?;
        let note = Note { act: Right::Remember.code(), who, origin: &origin, what: &what, result: trail::DONE };
        trail::append(service, tx, &note).await?;
    }
    Ok(())
}

async fn learn_person(tx: &mut Write<'_>, person: &Person, restored: Timestamp) -> Result<bool, ServiceError> {
    let was = people::find(tx, person.id).await?;
    // An older app knows nothing of duties, and tells all of them: nobody gets one back that he had lost.
    let duties = was.iter().fold(person.duties.clone(), |told, was| &told & &was.duties);
    let known = people::zone_ids(tx).await?.into_iter().collect();
    let person = &Person { duties, zones: &person.zones & &known, ..person.clone() };
    let changed_since = people::changed_at(tx, person.id).await?.is_some_and(|at| at > restored);
    if was.as_ref() == Some(person) || changed_since {
        return Ok(false);
    }
    match check_person(tx, person).await {
        Err(ServiceError::Conflict(_)) => return Ok(false),
        other => other?,
    }
    if let Some(was) = &was {
        people::remember(tx, was, restored).await?;
    }
    people::save(tx, person).await?;
    Ok(true)
}

async fn learn_revoked(tx: &mut Write<'_>, device: DeviceId, now: Timestamp) -> Result<bool, ServiceError> {
    let known = devices::find(tx, device).await?;
    let forgotten = known.is_some_and(|device| device.revoked_at.is_none());
    if forgotten {
        devices::revoke(tx, device, now).await?;
    }
    Ok(forgotten)
}
