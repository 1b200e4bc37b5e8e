//! Passkeys: whose they are, who may add one, and what one proves: that the person himself is there. Nothing of a proof is kept but
//! the fact. Knows neither requests nor what an authenticator's bytes look like.

pub mod proof;

use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;
use xiaohao_shared::api::PersonDetail;
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, BeginPasskey, Challenge, Confirmed, Passkeys};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::policy::Right;
use xiaohao_shared::time::{HOUR, MINUTE, Timestamp};

use self::proof::{Fault, Place, Shown};
use super::challenge::{self, Opened, Purpose, Refusal, Void};
use super::directory::{self, Caller};
use super::enrolment::{self, Newcomer};
use super::trail::{self, Note};
use super::{Service, ServiceError, Write, seal};
use crate::store::codes::{self, Use};
use crate::store::passkeys::{self, New, Passkey};
use crate::store::{Connection, challenges, devices, people};

const MAX_PASSKEYS: usize = 5;
/// How long a device may do what asks for a passkey, once one was shown.
const WINDOW: i64 = 5 * MINUTE;
/// How long after its enrolment by a code a device may add a passkey: whoever had the code a moment ago is the person.
const NEWLY: i64 = HOUR;

pub const NOT_HERE: ServiceError = ServiceError::Conflict(Reason::NoName);

/// From whom an act asks for a passkey that asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum StepUp {
    /// From everybody who has one.
    #[default]
    Held,
    /// From everybody: who has none does no such act.
    Always,
}

/// One's own.
pub async fn list(service: &Service, caller: &Caller, place: Option<Place<'_>>) -> Result<Passkeys, ServiceError> {
    let mut connection = service.store.acquire().await?;
    let Some(place) = place else { return Ok(Passkeys { possible: false, needs_code: true, ..Passkeys::default() }) };
    let held = passkeys::of(&mut connection, place.relying_party, caller.person.id).await?;
    let needs_code = held.is_empty() && !is_new(service, &mut connection, caller).await?;
    let list = held.iter().map(Passkey::told).collect();
    Ok(Passkeys { possible: true, needs_code, list, ..Passkeys::default() })
}

pub async fn begin_adding(
    service: &Service,
    caller: &Caller,
    place: Place<'_>,
    from: IpAddr,
    wish: &BeginPasskey,
) -> Result<Challenge, ServiceError> {
    let held = guarded(service, from, wish.code.as_ref(), async {
        let mut tx = service.write().await?;
        let held = passkeys::of(&mut tx, place.relying_party, caller.person.id).await?;
        let allowed = may_add(service, &mut tx, caller, &held, wish.code.as_deref()).await;
        // Also a try that failed is kept.
        tx.commit().await?;
        allowed.map(|_| held)
    });
    challenge(service, Purpose::Add, caller, place, &held.await?).await
}

/// Adds what the authenticator made.
pub async fn add(
    service: &Service,
    caller: &Caller,
    place: Place<'_>,
    from: IpAddr,
    wish: &AddPasskey,
) -> Result<Passkeys, ServiceError> {
    guarded(service, from, wish.code.as_ref(), add_made(service, caller, place, from, wish)).await?;
    list(service, caller, Some(place)).await
}

async fn add_made(
    service: &Service,
    caller: &Caller,
    place: Place<'_>,
    from: IpAddr,
    wish: &AddPasskey,
) -> Result<(), ServiceError> {
    let made = proof::made(&wish.client_data, &wish.attestation, place)?;
    let asked = opened(service, Purpose::Add, &whose(caller), &made.challenge).await?;
    let mut tx = service.write().await?;
    let held = passkeys::of(&mut tx, place.relying_party, caller.person.id).await?;
    let code = match may_add(service, &mut tx, caller, &held, wish.code.as_deref()).await {
        Ok(code) => code,
        Err(refusal) => {
            tx.commit().await?;
            return Err(refusal);
        }
    };
    let (now, device) = (service.now(), caller.device);
    let by = Use { at: now, device, key: Vec::new() };
    if let Some(code) = code {
        codes::mark_used(&mut tx, &code, &by).await?;
    }
    asked.spend(&mut tx, &by).await.map_err(refused)?;
    let new = New {
        person: caller.person.id,
        device,
        relying_party: place.relying_party,
        credential: &made.credential,
        key: &made.key,
        counter: made.counter,
        synced: made.synced,
        label: &enrolment::label(&wish.label),
    };
    let number = match passkeys::insert(&mut tx, &new, now).await {
        Err(error) if error.is_duplicate() => return Err(ServiceError::Conflict(Reason::PasskeyKnown)),
        other => other?,
    };
    note(service, &mut tx, Right::AddPasskey, caller, from, number).await?;
    tx.commit().await
}

/// Whoever holds a device that its owner left open must not make himself a key to keep: it takes a passkey that was shown, a device
/// that enrolled just now, or a fresh code of the same person, whose hash is told.
async fn may_add(
    service: &Service,
    tx: &mut Write<'_>,
    caller: &Caller,
    held: &[Passkey],
    code: Option<&str>,
) -> Result<Option<String>, ServiceError> {
    if held.len() >= MAX_PASSKEYS {
        return Err(ServiceError::Conflict(Reason::TooManyPasskeys));
    }
    if let Some(code) = code {
        return enrolment::own_code(service, tx, caller.person.id, code).await.map(Some);
    }
    if is_confirmed(service, tx, caller).await? || is_new(service, tx, caller).await? {
        return Ok(None);
    }
    Err(if held.is_empty() { ServiceError::CodeUnknown } else { ServiceError::NotConfirmed })
}

async fn is_new(service: &Service, tx: &mut Connection, caller: &Caller) -> Result<bool, ServiceError> {
    let enrolled = devices::code_used_at(tx, caller.device).await?;
    Ok(enrolled.is_some_and(|at| (0..=NEWLY).contains(&(service.now() - at))))
}

/// Throws one's own away.
pub async fn withdraw(
    service: &Service,
    caller: &Caller,
    place: Place<'_>,
    from: IpAddr,
    number: u32,
) -> Result<Passkeys, ServiceError> {
    let mut tx = service.write().await?;
    let held = passkeys::of(&mut tx, place.relying_party, caller.person.id).await?;
    if !held.iter().any(|passkey| passkey.number == number) {
        return Err(ServiceError::NotFound);
    }
    passkeys::withdraw(&mut tx, number, service.now()).await?;
    note(service, &mut tx, Right::DropPasskey, caller, from, number).await?;
    tx.commit().await?;
    list(service, caller, Some(place)).await
}

/// Throws somebody else's away; its row in the audit is the request's.
pub async fn withdraw_of_other(service: &Service, number: u32) -> Result<PersonDetail, ServiceError> {
    let mut tx = service.write().await?;
    let passkey = passkeys::numbered(&mut tx, number).await?.ok_or(ServiceError::NotFound)?;
    passkeys::withdraw(&mut tx, number, service.now()).await?;
    tx.commit().await?;
    directory::person(service, PersonId(passkey.person)).await
}

pub async fn begin_confirming(service: &Service, caller: &Caller, place: Place<'_>) -> Result<Challenge, ServiceError> {
    let held = passkeys::of(&mut *service.store.acquire().await?, place.relying_party, caller.person.id).await?;
    if held.is_empty() {
        return Err(ServiceError::Conflict(Reason::NoPasskey));
    }
    challenge(service, Purpose::Confirm, caller, place, &held).await
}

/// Lets this device do for five minutes what asks for a passkey.
pub async fn confirm(
    service: &Service,
    caller: &Caller,
    place: Place<'_>,
    from: IpAddr,
    assertion: &Assertion,
) -> Result<Confirmed, ServiceError> {
    let shown = proof::shown(assertion, place)?;
    let asked = opened(service, Purpose::Confirm, &whose(caller), &shown.challenge).await?;
    let now = service.now();
    let mut tx = service.write().await?;
    let passkey = proven(service, &mut tx, place, &shown).await?;
    if passkey.person != caller.person.id.0 {
        return Err(Fault::Handle.into());
    }
    let by = Use { at: now, device: caller.device, key: Vec::new() };
    asked.spend(&mut tx, &by).await.map_err(refused)?;
    use_up(&mut tx, &passkey, &shown, service).await?;
    let until = now + WINDOW;
    passkeys::confirm(&mut tx, caller.device, passkey.number, until).await?;
    note(service, &mut tx, Right::Confirm, caller, from, passkey.number).await?;
    tx.commit().await?;
    Ok(Confirmed { until })
}

/// What a passkey is to sign that opens the office to this key. Whose it is will be said by the passkey.
pub async fn begin_enrolling(service: &Service, newcomer: &Newcomer<'_>) -> Result<Challenge, ServiceError> {
    let begun = enrolment::limited(service, newcomer.from, async {
        newcomer.is_proven()?;
        let place = newcomer.place.ok_or(NOT_HERE)?;
        Ok(Challenge {
            challenge: challenge::new(service, Purpose::Enrol, &newcomer.key).await?,
            relying_party: place.relying_party.to_owned(),
            credentials: Vec::new(),
            handle: String::new(),
        })
    });
    begun.await
}

/// A passkey that was shown for a new key.
pub(super) struct Pass<'a> {
    place: Place<'a>,
    shown: Shown,
    asked: Opened,
}

pub(super) async fn shown_by<'a>(
    service: &Service,
    newcomer: &Newcomer<'a>,
    proof: &Assertion,
) -> Result<Pass<'a>, ServiceError> {
    let place = newcomer.place.ok_or(NOT_HERE)?;
    let shown = proof::shown(proof, place)?;
    let asked = opened(service, Purpose::Enrol, &newcomer.key, &shown.challenge).await?;
    Ok(Pass { place, shown, asked })
}

impl Pass<'_> {
    /// Nobody was named before, so the passkey itself has to say whose it is, and he must not have left.
    pub(super) async fn holder(&self, service: &Service, tx: &mut Write<'_>) -> Result<Passkey, ServiceError> {
        if self.shown.handle.is_none() {
            return Err(Fault::Handle.into());
        }
        let passkey = proven(service, tx, self.place, &self.shown).await?;
        let person = people::find(tx, PersonId(passkey.person)).await?;
        if person.is_some_and(|person| person.active) { Ok(passkey) } else { Err(Fault::Unknown.into()) }
    }

    /// The device that it made already of this key.
    pub(super) async fn came_of_it(
        &self,
        tx: &mut Write<'_>,
        key: &[u8],
        person: PersonId,
    ) -> Result<Option<DeviceId>, ServiceError> {
        let came = challenges::came_of(tx, &self.asked.nonce, key).await?;
        Ok(came.filter(|(_, whose)| *whose == person).map(|(device, _)| device))
    }

    pub(super) async fn use_up(
        &self,
        service: &Service,
        tx: &mut Write<'_>,
        passkey: &Passkey,
        by: &Use,
    ) -> Result<(), ServiceError> {
        self.asked.spend(tx, by).await.map_err(refused)?;
        use_up(tx, passkey, &self.shown, service).await
    }
}

/// The passkey that this was signed by, if it is in force and whoever has it says whose it is.
async fn proven(
    service: &Service,
    tx: &mut Write<'_>,
    place: Place<'_>,
    shown: &Shown,
) -> Result<Passkey, ServiceError> {
    let found = passkeys::find(tx, place.relying_party, &shown.credential).await?;
    let passkey = found.ok_or(Fault::Unknown)?;
    shown.is_by(&passkey.key)?;
    let own = handle(service, PersonId(passkey.person));
    if shown.handle.as_ref().is_some_and(|handle| *handle != own) {
        return Err(Fault::Handle.into());
    }
    Ok(passkey)
}

/// Counters only grow; most authenticators have none and say zero for ever.
async fn use_up(tx: &mut Write<'_>, passkey: &Passkey, shown: &Shown, service: &Service) -> Result<(), ServiceError> {
    if shown.counter <= passkey.counter && (shown.counter, passkey.counter) != (0, 0) {
        return Err(Fault::Counter.into());
    }
    Ok(passkeys::mark_used(tx, passkey.number, shown.counter, service.now()).await?)
}

async fn opened(service: &Service, purpose: Purpose, whose: &[u8], told: &[u8]) -> Result<Opened, ServiceError> {
    challenge::open(service, purpose, whose, told).await.map_err(refused)
}

fn refused(why: Refusal) -> ServiceError {
    match why {
        Refusal::Void(Void::Foreign) => Fault::Challenge.into(),
        Refusal::Void(Void::Expired) => Fault::Expired.into(),
        Refusal::Void(Void::Spent) => Fault::Spent.into(),
        Refusal::Failed(error) => error,
    }
}

/// Says no to an act that asks for a passkey where none was shown by this device lately.
pub async fn demand(
    service: &Service,
    caller: &Caller,
    relying_party: Option<&str>,
    from_whom: StepUp,
) -> Result<(), ServiceError> {
    let mut connection = service.store.acquire().await?;
    if is_confirmed(service, &mut connection, caller).await? {
        return Ok(());
    }
    let held = match relying_party {
        Some(relying_party) => !passkeys::of(&mut connection, relying_party, caller.person.id).await?.is_empty(),
        None => false,
    };
    if held || from_whom == StepUp::Always { Err(ServiceError::NotConfirmed) } else { Ok(()) }
}

/// By the office's clock; one that was set back makes nothing last longer.
async fn is_confirmed(service: &Service, tx: &mut Connection, caller: &Caller) -> Result<bool, ServiceError> {
    let until = passkeys::confirmed_until(tx, caller.device).await?;
    Ok(until.is_some_and(|until| (1..=WINDOW).contains(&(until - service.now()))))
}

async fn challenge(
    service: &Service,
    purpose: Purpose,
    caller: &Caller,
    place: Place<'_>,
    held: &[Passkey],
) -> Result<Challenge, ServiceError> {
    Ok(Challenge {
        challenge: challenge::new(service, purpose, &whose(caller)).await?,
        relying_party: place.relying_party.to_owned(),
        credentials: held.iter().map(|passkey| Base64UrlUnpadded::encode_string(&passkey.credential)).collect(),
        handle: Base64UrlUnpadded::encode_string(&handle(service, caller.person.id)),
    })
}

fn whose(caller: &Caller) -> [u8; 8] {
    caller.device.0.to_be_bytes()
}

/// Names a person to authenticators without saying who it is.
fn handle(service: &Service, person: PersonId) -> Vec<u8> {
    let mut mac = seal(&service.secret);
    mac.update(b"the holder of a passkey");
    mac.update(&person.0.to_be_bytes());
    mac.finalize().into_bytes()[..16].to_vec()
}

/// Whoever tries codes from one address waits after twenty, as at enrolment. Nobody guesses a signature, so whoever brings no code
/// waits for nobody's guesses.
async fn guarded<T>(
    service: &Service,
    from: IpAddr,
    code: Option<&String>,
    trial: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, ServiceError> {
    match code {
        Some(_) => enrolment::limited(service, from, trial).await,
        None => trial.await,
    }
}

/// Which of the office's own numbers, and nothing of the proof.
async fn note(
    service: &Service,
    tx: &mut Write<'_>,
    right: Right,
    caller: &Caller,
    from: IpAddr,
    number: u32,
) -> Result<(), ServiceError> {
    let (who, origin, what) = (Some((caller.person.id, caller.device)), from.to_string(), format!("passkey {number}"));
    trail::append(service, tx, &Note { act: right.code(), who, origin: &origin, what: &what, result: trail::DONE })
        .await
}

/// A restored office has forgotten who was put out since: nobody is confirmed by what it remembers.
pub async fn restored(tx: &mut Write<'_>) -> Result<(), ServiceError> {
    Ok(passkeys::forget_confirmed(tx, Timestamp(i64::MAX)).await?)
}

pub async fn sweep(service: &Service) -> Result<(), ServiceError> {
    let now = service.now();
    let mut tx = service.write().await?;
    challenges::forget(&mut tx, now + -HOUR).await?;
    passkeys::forget_confirmed(&mut tx, now).await?;
    tx.commit().await
}
