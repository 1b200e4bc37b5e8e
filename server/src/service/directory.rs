//! Who belongs to the office: people, zones, devices, working time, and what an administrator may change of them.
//! Knows nothing of signatures: whoever calls has proven the device already.

use std::collections::{BTreeMap, BTreeSet};

use hmac::Mac;
use xiaohao_shared::api::passkeys::Passkey;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    self, Device, MAX_PART, MAX_PARTS, OwnedDevice, PersonDetail, Remembered, SavePerson, SaveZone,
};
use xiaohao_shared::id::{DeviceId, OfficeId, PersonId, ZoneId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::policy::{Right, may, may_see_zone};
use xiaohao_shared::model::{Bearer, Duty, Person, Role, Zone};
use xiaohao_shared::sync::wire::Stop;
use xiaohao_shared::time::{DAY, MINUTE, Timestamp};

use super::trail::{self, Note};
use super::{Service, ServiceError, Write, bulletins, catalogue, indicators, lock, remembered, seal, sign_on};
use crate::store::devices::{self, Enrolment};
use crate::store::{Db, StoreError, office, outlines, passkeys, people};

const MAX_NAME: usize = 40;
/// Digits of a community code.
const MAX_CODE: usize = 12;
/// How long a device that is out of service may still bring what it holds.
const HEARING: i64 = 90 * DAY;

/// A device whose request was proven, and the person that it acts for, as they are at this moment.
#[derive(Debug, Clone)]
pub struct Caller {
    pub device: DeviceId,
    pub person: Person,
}

/// The key of a device and its owner. Read anew for every request: a revocation works at the next one.
pub async fn device(service: &Service, id: DeviceId) -> Result<(Enrolment, Person), ServiceError> {
    let mut connection = service.store.acquire().await?;
    let enrolment = devices::find(&mut connection, id).await?.ok_or(ServiceError::DeviceUnknown)?;
    let person = people::find(&mut connection, enrolment.person).await?.ok_or(ServiceError::DeviceUnknown)?;
    Ok((enrolment, person))
}

/// Admits a device whose signature was verified, and notes the contact at most once a minute.
pub async fn admit(
    service: &Service,
    id: DeviceId,
    enrolment: &Enrolment,
    person: Person,
) -> Result<Caller, ServiceError> {
    if enrolment.revoked_at.is_some() || !person.active {
        return Err(ServiceError::DeviceRevoked);
    }
    let now = service.now();
    if enrolment.last_contact.is_none_or(|last| (now - last).abs() > MINUTE) {
        unless_full(touch(service, id, now).await)?;
    }
    Ok(Caller { device: id, person })
}

/// The same for a device that may be out of service: for a while it is still heard, and then `Some` says why it gets nothing.
pub async fn hear(
    service: &Service,
    id: DeviceId,
    enrolment: &Enrolment,
    person: Person,
) -> Result<(Caller, Option<Stop>), ServiceError> {
    if enrolment.revoked_at.is_none() && person.active {
        return Ok((admit(service, id, enrolment, person).await?, None));
    }
    let mut connection = service.store.acquire().await?;
    let left = if person.active { None } else { people::changed_at(&mut connection, person.id).await? };
    let since = enrolment.revoked_at.or(left).unwrap_or_default();
    if service.now() - since > HEARING {
        return Err(ServiceError::DeviceRevoked);
    }
    let why = if enrolment.cloned { Stop::Cloned } else { Stop::Revoked };
    Ok((Caller { device: id, person }, Some(why)))
}

async fn touch(service: &Service, id: DeviceId, now: Timestamp) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    devices::touch(&mut tx, id, now).await?;
    tx.commit().await
}

/// What is only noted about a device must not keep it from reading when there is no room for a note.
pub fn unless_full(noted: Result<(), ServiceError>) -> Result<(), ServiceError> {
    match noted {
        Err(ServiceError::Store(error)) if error.is_full() => Ok(()),
        other => other,
    }
}

/// Whether a device that was admitted once still is.
pub async fn is_welcome(service: &Service, id: DeviceId) -> bool {
    key_of_welcome(service, id).await.is_some()
}

/// The same by the key that it signed with; for answers that last long.
pub async fn is_welcome_by(service: &Service, id: DeviceId, key: &[u8]) -> bool {
    key_of_welcome(service, id).await.is_some_and(|known| known == key)
}

async fn key_of_welcome(service: &Service, id: DeviceId) -> Option<Vec<u8>> {
    let (device, person) = device(service, id).await.ok()?;
    (device.revoked_at.is_none() && !device.unproven && person.active).then_some(device.public_key)
}

/// Grows with whatever the directory of a phone shows.
pub async fn version(service: &Service) -> Result<u64, ServiceError> {
    Ok(office::version(&service.store).await?)
}

/// Makes a signed request count once only, and notes that it begins: what is not in the audit is not done.
pub async fn begin_once(service: &Service, nonce: &str, note: &Note<'_>) -> Result<(), ServiceError> {
    let (_, device) = note.who.ok_or(ServiceError::Forbidden)?;
    let mut tx = service.write().await?;
    match devices::spend_nonce(&mut tx, device, nonce, service.now()).await {
        Err(error) if error.is_duplicate() => return Err(ServiceError::Replayed),
        other => other?,
    }
    trail::append(service, &mut tx, note).await?;
    tx.commit().await
}

/// The directory that a device needs offline.
pub async fn office(service: &Service, caller: Caller) -> Result<api::Office, ServiceError> {
    // First: should somebody change a row meanwhile, the phone asks once too often and not once too seldom.
    let version = office::version(&service.store).await?;
    let bulletins = bulletins::of(service, &caller.person).await?;
    let remembers = may(&caller.person, Right::Remember);
    let mut office = api::Office {
        version,
        id: Some(id(service)),
        name: name(service).await?,
        me: caller.person,
        device: caller.device,
        people: people::all(&service.store).await?,
        zones: people::zones(&service.store).await?,
        calendar: calendar(&service.store).await?,
        rules: catalogue::rules(&service.store).await?,
        outlines: outlines::all(&service.store).await?,
        revoked: devices::revoked(&service.store).await?,
        recurrence_days: indicators::recurrence_days(service).await?,
        lock: lock::rule(&service.store).await?,
        bulletins,
        seal: None,
    };
    if remembers {
        office.seal = Some(remembered::sealed(service, &Remembered::from(office.clone()))?);
    }
    Ok(office)
}

/// What tells this office from all others. Made of its secret, so that every backup has it.
pub fn id(service: &Service) -> OfficeId {
    let mut mac = seal(&service.secret);
    mac.update(b"the name of this office");
    let mut id = [0; 8];
    id.copy_from_slice(&mac.finalize().into_bytes()[..8]);
    OfficeId(id)
}

pub async fn name(service: &Service) -> Result<String, ServiceError> {
    Ok(office::value(&service.store, office::NAME).await?.unwrap_or_default())
}

pub async fn set_name(service: &Service, name: &str) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    office::set(&mut tx, office::NAME, name).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await
}

/// The working time that an administrator set, or the usual one.
pub async fn calendar<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<Calendar, ServiceError> {
    let Some(json) = office::value(store, office::CALENDAR).await? else { return Ok(Calendar::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("office calendar: {error}")).into())
}

/// What an administrator asks for by `POST /api/admin/calendar`.
pub async fn save_calendar(service: &Service, caller: &Caller, wish: Calendar) -> Result<Calendar, ServiceError> {
    if !wish.is_sensible() {
        return Err(ServiceError::Unfit(Reason::Calendar));
    }
    let json = serde_json::to_string(&wish).map_err(ServiceError::unwritable)?;
    let mut tx = service.write().await?;
    office::set(&mut tx, office::CALENDAR, &json).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, "the calendar was set");
    Ok(wish)
}

/// Everybody with his devices.
pub async fn people(service: &Service) -> Result<Vec<PersonDetail>, ServiceError> {
    let mut devices: BTreeMap<PersonId, Vec<Device>> = BTreeMap::new();
    for (person, device) in devices::all(&service.store).await? {
        devices.entry(person).or_default().push(device);
    }
    let mut passkeys: BTreeMap<PersonId, Vec<Passkey>> = BTreeMap::new();
    for passkey in passkeys::all(&service.store).await? {
        passkeys.entry(PersonId(passkey.person)).or_default().push(passkey.told());
    }
    let mut names = sign_on::names(service).await?;
    let detail = |person: Person| PersonDetail {
        sign_on: names.as_mut().map(|names| names.remove(&person.id).unwrap_or_default()),
        devices: devices.remove(&person.id).unwrap_or_default(),
        passkeys: passkeys.remove(&person.id).unwrap_or_default(),
        person,
    };
    Ok(people::all(&service.store).await?.into_iter().map(detail).collect())
}

/// Those of one person that are in service, the oldest first.
pub async fn devices_of(service: &Service, person: PersonId) -> Result<Vec<Device>, ServiceError> {
    Ok(devices::serving(&service.store, person).await?)
}

/// Devices in service, those that were not heard of for longest first.
pub async fn contacts(service: &Service) -> Result<Vec<OwnedDevice>, ServiceError> {
    let all = devices::all(&service.store).await?.into_iter();
    let owned = all.map(|(person, device)| OwnedDevice { person, device });
    let mut found: Vec<OwnedDevice> = owned.filter(|owned| owned.device.revoked_at.is_none()).collect();
    found.sort_by_key(|owned| (owned.device.last_contact, owned.device.id));
    Ok(found)
}

pub async fn person(service: &Service, id: PersonId) -> Result<PersonDetail, ServiceError> {
    let found = people(service).await?.into_iter().find(|detail| detail.person.id == id);
    found.ok_or(ServiceError::NotFound)
}

/// The zones that an office begins with: there from the first.
pub async fn save_zones(service: &Service, zones: &[Zone]) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    for zone in zones {
        people::save_zone(&mut tx, zone, Timestamp(0)).await?;
    }
    tx.commit().await
}

/// What an administrator asks for by `POST /api/admin/zones`.
pub async fn save_zone(service: &Service, caller: &Caller, wish: SaveZone) -> Result<Vec<Zone>, ServiceError> {
    let mut tx = service.write().await?;
    let id = match wish.id {
        Some(id) if people::zone_exists(&mut tx, id).await? => id,
        Some(_) => return Err(ServiceError::NotFound),
        None => people::next_zone_id(&mut tx).await?,
    };
    let bearers = match wish.bearers {
        Some(bearers) => bearers_of(&mut tx, id, bearers).await?,
        None => people::bearers(&mut tx, id).await?,
    };
    let zone = Zone { id, name: name_of(&wish.name)?, code: code_of(&wish.code)?, bearers };
    if people::is_name_taken(&mut tx, &zone).await? {
        return Err(ServiceError::Conflict(Reason::ZoneName));
    }
    people::save_zone(&mut tx, &zone, service.now()).await?;
    tx.commit().await?;
    tracing::info!(by = %caller.person.id, zone = %id, "a zone was saved");
    Ok(people::zones(&service.store).await?)
}

/// Nobody bears a part where he does not work: what is found there would never reach his phone.
async fn bearers_of(tx: &mut Write<'_>, zone: ZoneId, wish: Vec<Bearer>) -> Result<Vec<Bearer>, ServiceError> {
    if wish.len() > MAX_PARTS {
        return Err(ServiceError::Unfit(Reason::TooManyParts));
    }
    let people = people::known(tx).await?.people;
    let mut bearers = Vec::new();
    for Bearer { person, part } in wish {
        let bearer = Bearer { person, part: words_of(&part, MAX_PART)? };
        if !people.get(&person).is_some_and(|person| may_see_zone(person, zone)) {
            return Err(ServiceError::Conflict(Reason::BearerElsewhere));
        }
        if !bearers.contains(&bearer) {
            bearers.push(bearer);
        }
    }
    Ok(bearers)
}

fn code_of(wish: &str) -> Result<String, ServiceError> {
    let code = wish.trim();
    let is_code = code.len() <= MAX_CODE && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(code.to_owned()) } else { Err(ServiceError::Unfit(Reason::ZoneCode)) }
}

/// What an administrator asks for by `POST /api/admin/people`.
pub async fn save_person(service: &Service, caller: &Caller, wish: SavePerson) -> Result<PersonDetail, ServiceError> {
    let own = |id: PersonId| id == caller.person.id;
    if wish.id.is_some_and(own) && (wish.role != caller.person.role || !wish.active) {
        return Err(ServiceError::Conflict(Reason::OwnRights));
    }
    // Nobody becomes an officer by the way: each duty is an appointment, which stands in the audit as one.
    let id = put_with(service, wish, BTreeSet::new()).await?;
    person(service, id).await
}

/// Says what an administrator answers for from now on.
pub async fn appoint(
    service: &Service,
    caller: &Caller,
    id: PersonId,
    duties: BTreeSet<Duty>,
) -> Result<PersonDetail, ServiceError> {
    if id == caller.person.id {
        return Err(ServiceError::Conflict(Reason::OwnRights));
    }
    let mut tx = service.write().await?;
    let was = people::find(&mut tx, id).await?.ok_or(ServiceError::NotFound)?;
    if was.role != Role::Administrator {
        return Err(ServiceError::Conflict(Reason::DutyOfAdministrators));
    }
    put(service, &mut tx, &Person { duties, ..was }).await?;
    tx.commit().await?;
    person(service, id).await
}

/// The same without asking who does it. Whoever is made an administrator so is the first one, and answers for everything.
pub async fn put_person(service: &Service, wish: SavePerson) -> Result<PersonId, ServiceError> {
    put_with(service, wish, Duty::all()).await
}

/// `given` are the duties of whoever becomes an administrator by it.
async fn put_with(service: &Service, wish: SavePerson, given: BTreeSet<Duty>) -> Result<PersonId, ServiceError> {
    let mut tx = service.write().await?;
    let id = match wish.id {
        Some(id) => people::find(&mut tx, id).await?.map(|person| person.id).ok_or(ServiceError::NotFound)?,
        None => people::next_id(&mut tx).await?,
    };
    let name = name_of(&wish.name)?;
    let was = people::find(&mut tx, id).await?;
    let answered = was.as_ref().is_some_and(|was| was.active && was.role == Role::Administrator);
    let becomes = wish.role == Role::Administrator && !answered;
    let duties = if becomes { given } else { was.map_or_else(Duty::all, |was| was.duties) };
    let zones = wish.zones.into_iter().collect();
    put(service, &mut tx, &Person { id, name, role: wish.role, zones, active: wish.active, duties }).await?;
    tx.commit().await?;
    Ok(id)
}

async fn put(service: &Service, tx: &mut Write<'_>, person: &Person) -> Result<(), ServiceError> {
    check_person(tx, person).await?;
    if let Some(was) = people::find(tx, person.id).await?.filter(|was| was != person) {
        people::remember(tx, &was, service.now()).await?;
    }
    Ok(people::save(tx, person).await?)
}

fn name_of(wish: &str) -> Result<String, ServiceError> {
    words_of(wish, MAX_NAME)
}

fn words_of(wish: &str, most: usize) -> Result<String, ServiceError> {
    let name = wish.trim();
    if name.is_empty() || name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(ServiceError::Unfit(Reason::Length));
    }
    Ok(name.to_owned())
}

pub(super) async fn check_person(tx: &mut Write<'_>, person: &Person) -> Result<(), ServiceError> {
    for zone in &person.zones {
        if !people::zone_exists(tx, *zone).await? {
            return Err(ServiceError::Unfit(Reason::NoSuchZone));
        }
    }
    let kept = duties(person);
    let lost: Vec<Duty> = match people::find(tx, person.id).await? {
        Some(was) => duties(&was).difference(&kept).copied().collect(),
        None => Vec::new(),
    };
    let others = people::duties_of_others(tx, person.id).await?;
    if lost.iter().all(|duty| others.contains(duty)) {
        return Ok(());
    }
    Err(ServiceError::Conflict(Reason::LastAdministrator))
}

/// What somebody answers for at present.
fn duties(person: &Person) -> BTreeSet<Duty> {
    let answers = person.active && person.role == Role::Administrator;
    if answers { person.duties.clone() } else { BTreeSet::new() }
}

/// Takes a device out of service, from its next request on.
pub async fn revoke(service: &Service, id: DeviceId) -> Result<PersonDetail, ServiceError> {
    let mut tx = service.write().await?;
    let device = devices::find(&mut tx, id).await?.ok_or(ServiceError::NotFound)?;
    devices::revoke(&mut tx, id, service.now()).await?;
    // Whoever lost his only one enrols another by a code from the server, and then takes the lost one out of service.
    let answered_for = people::find(&mut tx, device.person).await?.map(|person| duties(&person)).unwrap_or_default();
    if !answered_for.is_subset(&devices::duties_with_device(&mut tx).await?) {
        return Err(ServiceError::Conflict(Reason::LastDevice));
    }
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    service.tell_of_office();
    person(service, device.person).await
}

/// Two storages speak with one key: both have to be enrolled anew, whoever's they are.
pub async fn stop_clones(service: &Service, id: DeviceId) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    devices::stop_clones(&mut tx, id, service.now()).await?;
    office::grow_version(&mut tx).await?;
    let what = format!("device {id} spoke from two places and is out of service");
    trail::append(
        service,
        &mut tx,
        &Note { act: "stop_clones", who: None, origin: "hub", what: &what, result: trail::DONE },
    )
    .await?;
    tx.commit().await?;
    tracing::warn!(device = %id, "one key spoke from two places; the device is out of service");
    Ok(())
}

/// By number or by name; a name that two people share names nobody.
pub async fn find_person(service: &Service, name_or_id: &str) -> Result<Person, ServiceError> {
    let id = name_or_id.parse::<PersonId>().ok();
    let mut found = people::all(&service.store).await?;
    found.retain(|person| Some(person.id) == id || person.name == name_or_id);
    match found.len() {
        0 => Err(ServiceError::NotFound),
        1 => Ok(found.remove(0)),
        _ => Err(ServiceError::Conflict(Reason::Namesakes)),
    }
}
