//! How a browser becomes a device of a person: by a one-time code, a passkey or a sign-on, their limits, and the answer that can be
//! asked for again. Knows nothing of requests: whether the new key was proven is told.

use base64ct::{Base64UrlUnpadded, Encoding};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use p256::ecdsa::VerifyingKey;
use qrcode::QrCode;
use qrcode::render::svg;
use sha2::{Digest, Sha256};
use xiaohao_shared::api::passkeys::Assertion;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::sign_on::SignedOn;
use xiaohao_shared::api::{Enrol, Enrolled, Invite, SavePerson, Way};
use xiaohao_shared::id::{DeviceId, HUB, PersonId};
use xiaohao_shared::model::Role;
use xiaohao_shared::model::policy::Right;
use xiaohao_shared::time::{DAY, HOUR, MINUTE, Timestamp};

use super::directory::Caller;
use super::passkeys::proof::Place;
use super::trail::{self, Note};
use super::{Service, ServiceError, Write, directory, keys, passkeys, random, sign_on};
use crate::address::network;
use crate::store::codes::{self, Code, Use};
use crate::store::devices::{self, Enrolment};
use crate::store::{passkeys as confirmed, people};

const CODE_LIFE: i64 = DAY;
const MAX_TRIES: i64 = 5;
/// How long the same code with the same key gets the same answer: a lost reply must strand nobody.
const REPEAT: i64 = 15 * MINUTE;
/// Failed attempts from one address in an hour. Successes do not count: a whole office enrols behind one address.
const MAX_FAILURES: u32 = 20;
/// Networks that are counted in an hour; who has so many of them could fill the memory.
const MAX_NETWORKS: usize = 100_000;
const MAX_LABEL: usize = 60;
/// Devices in service that a person can have made by himself. Codes are given by somebody who sees how many there are.
const MAX_DEVICES: i64 = 10;
/// Nonces outlive the window in which their signatures are timely, also where the office's clock is set back. Only acts that count
/// once leave one, so they are few.
const NONCE_LIFE: i64 = 90 * DAY;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 10;

/// Failed attempts per address in the running hour. In memory: a restart forgives.
#[derive(Default)]
pub struct Attempts(Mutex<(i64, BTreeMap<IpAddr, u32>)>);

impl Attempts {
    pub(super) fn exhausted(&self, from: IpAddr, now: Timestamp) -> bool {
        let attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.0 == now.0 / HOUR && attempts.1.get(&network(from)).is_some_and(|count| *count >= MAX_FAILURES)
    }

    pub(super) fn count(&self, from: IpAddr, now: Timestamp) {
        let hour = now.0 / HOUR;
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.0 != hour {
            *attempts = (hour, BTreeMap::new());
        }
        if attempts.1.len() < MAX_NETWORKS || attempts.1.contains_key(&network(from)) {
            *attempts.1.entry(network(from)).or_insert(0) += 1;
        }
    }
}

/// A code for a person, shown once.
pub async fn issue_code(service: &Service, person: PersonId, origin: &str) -> Result<Invite, ServiceError> {
    let code = new_code();
    let expires_at = service.now() + CODE_LIFE;
    let mut tx = service.write().await?;
    let known = people::find(&mut tx, person).await?.ok_or(ServiceError::NotFound)?;
    if !known.active {
        return Err(ServiceError::Conflict(Reason::PersonInactive));
    }
    codes::insert(&mut tx, &hash(&code), person, expires_at).await?;
    tx.commit().await?;
    let link = format!("{origin}/#enrol={code}");
    Ok(Invite { qr_svg: qr_svg(&link), code, link, expires_at })
}

fn new_code() -> String {
    random::<CODE_LETTERS>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).iter().collect()
}

fn qr_svg(link: &str) -> String {
    let code = QrCode::new(link).map(|code| code.render::<svg::Color>().min_dimensions(240, 240).build());
    code.unwrap_or_default()
}

/// Only the hash is stored. 50 random bits behind a counter of tries need no slow hash.
fn hash(code: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(normalised(code)))
}

/// What a person types for a code: any case, blanks and hyphens, and the letters that look like digits.
fn normalised(code: &str) -> String {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
    letters
        .map(|c| {
            if c == 'O' {
                '0'
            } else if matches!(c, 'I' | 'L') {
                '1'
            } else {
                c
            }
        })
        .collect()
}

/// The key that an enrolment brings, if it is a point of the curve in the one spelling that we accept.
pub fn public_key(text: &str) -> Result<(Vec<u8>, VerifyingKey), ServiceError> {
    let not_a_key = || ServiceError::invalid("the public key is not an uncompressed P-256 point");
    let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| not_a_key())?;
    let key = VerifyingKey::from_sec1_bytes(&bytes).map_err(|_| not_a_key())?;
    if bytes.len() == 65 { Ok((bytes, key)) } else { Err(not_a_key()) }
}

/// A key that wants to be a device.
pub struct Newcomer<'a> {
    pub key: Vec<u8>,
    /// Whether the request was signed with it.
    pub proven: bool,
    /// Where passkeys are shown, if they can be.
    pub place: Option<Place<'a>>,
    /// The origin of its page.
    pub origin: &'a str,
    pub from: IpAddr,
}

impl Newcomer<'_> {
    pub(super) fn is_proven(&self) -> Result<(), ServiceError> {
        let refusal = ServiceError::NotSigned("the signature is not by the key in the body");
        if self.proven { Ok(()) } else { Err(refusal) }
    }
}

/// Whoever failed twenty times from one address waits, whatever he brings then.
pub(super) async fn limited<T>(
    service: &Service,
    from: IpAddr,
    trial: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, ServiceError> {
    if service.attempts.exhausted(from, service.now()) {
        return Err(ServiceError::too_many_until_next(HOUR, service.now()));
    }
    let result = trial.await;
    // Who signed on, but is unknown here, has guessed nothing.
    use ServiceError::{CodeUnknown, NotSigned, ProofRefused, SignOnRefused};
    if matches!(result, Err(CodeUnknown | NotSigned(_) | ProofRefused(_) | SignOnRefused(_))) {
        service.attempts.count(from, service.now());
    }
    result
}

/// Makes a device of a key.
pub async fn enrol(service: &Service, wish: &Enrol, newcomer: Newcomer<'_>) -> Result<Enrolled, ServiceError> {
    let device = limited(service, newcomer.from, async {
        match (&wish.code, &wish.proof, &wish.sign_on) {
            (Some(code), None, None) => use_code(service, wish, code, &newcomer).await,
            (None, Some(proof), None) => use_passkey(service, wish, proof, &newcomer).await,
            (None, None, Some(signed)) => use_sign_on(service, wish, signed, &newcomer).await,
            _ => Err(ServiceError::invalid("it takes a code, a passkey or a sign-on, and one of them only")),
        }
    });
    enrolled(service, device.await?, wish).await
}

/// The device that the code made, in one transaction with its use and with its row in the audit.
async fn use_code(
    service: &Service,
    wish: &Enrol,
    code: &str,
    newcomer: &Newcomer<'_>,
) -> Result<DeviceId, ServiceError> {
    let (now, hash) = (service.now(), hash(code));
    let mut tx = service.write().await?;
    let code = codes::find(&mut tx, &hash).await?.ok_or(ServiceError::CodeUnknown)?;
    match judge(&code, newcomer, now) {
        Ok(Some(device)) => Ok(device),
        Ok(None) => {
            let admitted = Admission { person: code.person, way: Way::Code, what: "POST /api/enrol" };
            let by = admitted.admit(service, &mut tx, wish, newcomer).await?;
            codes::mark_used(&mut tx, &hash, &by).await?;
            tx.commit().await?;
            Ok(by.device)
        }
        Err(refusal) => {
            codes::count_try(&mut tx, &hash).await?;
            tx.commit().await?;
            Err(refusal)
        }
    }
}

/// The same by a passkey. A key that is a device of this person already is told which: the answer may have been lost.
async fn use_passkey(
    service: &Service,
    wish: &Enrol,
    proof: &Assertion,
    newcomer: &Newcomer<'_>,
) -> Result<DeviceId, ServiceError> {
    newcomer.is_proven()?;
    let shown = passkeys::shown_by(service, newcomer, proof).await?;
    let mut tx = service.write().await?;
    let passkey = shown.holder(service, &mut tx).await?;
    let person = PersonId(passkey.person);
    if let Some(device) = shown.came_of_it(&mut tx, &newcomer.key, person).await? {
        return Ok(device);
    }
    let admitted = Admission { person, way: Way::Passkey, what: &format!("passkey {}", passkey.number) };
    let by = admitted.admit(service, &mut tx, wish, newcomer).await?;
    shown.use_up(service, &mut tx, &passkey, &by).await?;
    tx.commit().await?;
    Ok(by.device)
}

/// The same by a sign-on. The provider is asked before anything is begun here: nobody waits for it with a transaction open.
async fn use_sign_on(
    service: &Service,
    wish: &Enrol,
    signed: &SignedOn,
    newcomer: &Newcomer<'_>,
) -> Result<DeviceId, ServiceError> {
    newcomer.is_proven()?;
    let pass = sign_on::opened(service, newcomer, signed).await?;
    if let Some(device) = pass.came_of_it(service).await? {
        return Ok(device);
    }
    let name = pass.name(service).await?;
    let mut tx = service.write().await?;
    let person = sign_on::holder(service, &mut tx, &name).await?;
    let admitted = Admission { person, way: Way::SignOn, what: "sign-on" };
    let by = admitted.admit(service, &mut tx, wish, newcomer).await?;
    pass.use_up(&mut tx, &by).await?;
    tx.commit().await?;
    Ok(by.device)
}

/// What was proven of whoever wants to be in, however he did it.
struct Admission<'a> {
    person: PersonId,
    way: Way,
    /// As the audit says it.
    what: &'a str,
}

impl Admission<'_> {
    /// The device that is his now, noted in the same transaction; what was shown for it the caller uses up.
    async fn admit(
        &self,
        service: &Service,
        tx: &mut Write<'_>,
        wish: &Enrol,
        newcomer: &Newcomer<'_>,
    ) -> Result<Use, ServiceError> {
        let (now, key) = (service.now(), &newcomer.key);
        let (device, is_anew) = self.let_in(tx, wish, key, now).await?;
        let what = if is_anew {
            format!("{}; key changed to {}", self.what, keys::fingerprint(key))
        } else {
            self.what.into()
        };
        note(service, tx, (self.person, device), newcomer.from, &what).await?;
        Ok(Use { at: now, device, key: key.clone() })
    }

    /// The device that this key is already, proven anew; his that it says it is, which gets this key; or one that he may still have, and
    /// whether it got another key. Codes are given by somebody who sees how many he has.
    async fn let_in(
        &self,
        tx: &mut Write<'_>,
        wish: &Enrol,
        key: &[u8],
        now: Timestamp,
    ) -> Result<(DeviceId, bool), ServiceError> {
        let told = stays_whose_it_was(tx, wish, key, self.person).await?;
        if let Some(device) = devices::in_service_with(tx, self.person, key, wish.device).await? {
            devices::prove(tx, device, self.way, wish.thrown, now).await?;
            return Ok((device, false));
        }
        if let Some((device, before)) = told
            && keys::may_follow(tx, device, before.last_contact, wish).await?
        {
            self.give_key(tx, (device, &before.public_key), wish, key, now).await?;
            return Ok((device, true));
        }
        if self.way != Way::Code && devices::in_service(tx, self.person).await? >= MAX_DEVICES {
            return Err(ServiceError::Conflict(Reason::TooManyDevices));
        }
        Ok((take_in(tx, self.person, wish, key, self.way, now).await?, false))
    }

    /// A device whose key the office does not know goes on as the same, and no second one comes of it to which its unsent work would be
    /// foreign. By what proves the person, and has nothing that a new device would not have.
    async fn give_key(
        &self,
        tx: &mut Write<'_>,
        (device, former): (DeviceId, &[u8]),
        wish: &Enrol,
        key: &[u8],
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        if devices::is_known_key(tx, key).await? {
            return Err(KNOWN_KEY);
        }
        let until = if keys::is_vouched_by(former, device, wish) { now } else { Timestamp(0) };
        devices::enrol_anew(tx, device, (former, until), key, self.way, now).await?;
        devices::prove(tx, device, self.way, wish.thrown, now).await?;
        Ok(confirmed::end_confirmed(tx, device).await?)
    }
}

const KNOWN_KEY: ServiceError = ServiceError::NotSigned("the key is or was that of a device");

/// A key that says which device it is becomes nobody else's, in service or not: what is unsent there would be lost, and what he began
/// there would be shown to who comes. Of one that a restored office forgot only the phone knows whose it was. Out of service it becomes
/// no other device, either, to which its own unsent work would be foreign. Answers which device of this person speaks by another key.
async fn stays_whose_it_was(
    tx: &mut Write<'_>,
    wish: &Enrol,
    key: &[u8],
    person: PersonId,
) -> Result<Option<(DeviceId, Enrolment)>, ServiceError> {
    if devices::is_former_key(tx, key).await? {
        return Err(KNOWN_KEY);
    }
    let Some(told) = wish.device else { return Ok(None) };
    let found = devices::find(tx, told).await?;
    let by_key = found.as_ref().filter(|known| known.public_key == key);
    let whose = by_key.map(|known| known.person).or(wish.person);
    if whose.is_some_and(|whose| whose != person) {
        return Err(ServiceError::Conflict(Reason::DeviceOfAnother));
    }
    let own = found.filter(|known| known.person == person);
    if own.as_ref().is_some_and(|known| known.revoked_at.is_some()) {
        return Err(ServiceError::DeviceRevoked);
    }
    Ok(own.filter(|known| known.public_key != key).map(|known| (told, known)))
}

/// That the vault of a device was thrown away, so whoever holds it may be a finder.
pub struct Doubted<'a> {
    pub caller: &'a Caller,
    /// It is out of service anyway: the refusal that it gets stands in the audit.
    pub is_stopped: bool,
    /// Tells it from any other time.
    pub thrown: Option<u64>,
    /// In seconds, as it was signed.
    pub said_at: i64,
    pub from: IpAddr,
}

/// Said again, also after a proof, or said before one, it changes nothing and is not noted.
pub async fn doubt(service: &Service, doubted: &Doubted<'_>) -> Result<(), ServiceError> {
    let caller = doubted.caller;
    let mut tx = service.write().await?;
    let (thrown, said_at) = (doubted.thrown, doubted.said_at);
    let is_new = devices::doubt(&mut tx, caller.device, thrown, said_at, service.now()).await?;
    if is_new && !doubted.is_stopped {
        let (who, origin) = (Some((caller.person.id, caller.device)), &doubted.from.to_string());
        let note = Note { act: Right::Doubt.code(), who, origin, what: "POST /api/doubt", result: trail::DONE };
        trail::append(service, &mut tx, &note).await?;
    }
    tx.commit().await?;
    if doubted.is_stopped { Err(ServiceError::DeviceRevoked) } else { Ok(()) }
}

async fn take_in(
    tx: &mut Write<'_>,
    person: PersonId,
    wish: &Enrol,
    key: &[u8],
    way: Way,
    now: Timestamp,
) -> Result<DeviceId, ServiceError> {
    let device = numbered(tx, wish.device).await?;
    devices::insert(tx, device, person, key, &label(&wish.label), way, now).await?;
    Ok(device)
}

async fn note(
    service: &Service,
    tx: &mut Write<'_>,
    who: (PersonId, DeviceId),
    from: IpAddr,
    what: &str,
) -> Result<(), ServiceError> {
    let origin = &from.to_string();
    let note = Note { act: Right::Enrol.code(), who: Some(who), origin, what, result: trail::DONE };
    trail::append(service, tx, &note).await
}

/// A device with a number that nobody had.
pub async fn new_device(
    tx: &mut Write<'_>,
    person: PersonId,
    key: &[u8],
    label: &str,
    now: Timestamp,
) -> Result<DeviceId, ServiceError> {
    let id = numbered(tx, None).await?;
    devices::insert(tx, id, person, key, label, Way::Code, now).await?;
    Ok(id)
}

/// The number that a device had before the office forgot it, where nobody else has it, or a random one: counted ones would be given
/// twice after a restore from a backup, and the number is the first half of every actor. 32 bits, because it travels with each
/// request.
async fn numbered(tx: &mut Write<'_>, former: Option<DeviceId>) -> Result<DeviceId, ServiceError> {
    let mut wish = former.filter(|id| u32::try_from(id.0).is_ok());
    loop {
        let id = wish.take().unwrap_or_else(|| DeviceId(u64::from(u32::from_be_bytes(random()))));
        if id != HUB && devices::find(tx, id).await?.is_none() {
            return Ok(id);
        }
    }
}

/// The device that this code already made with this key, or `None` where it is still to be made.
fn judge(code: &Code, newcomer: &Newcomer<'_>, now: Timestamp) -> Result<Option<DeviceId>, ServiceError> {
    if code.tries >= MAX_TRIES || now > code.expires_at {
        return Err(ServiceError::CodeUnknown);
    }
    newcomer.is_proven()?;
    match &code.used {
        None => Ok(None),
        Some(used) if used.key == newcomer.key && now - used.at <= REPEAT => Ok(Some(used.device)),
        Some(_) => Err(ServiceError::CodeUnknown),
    }
}

/// The hash of a code of this person that nobody has used. Whoever brings another one has tried it.
pub(super) async fn own_code(
    service: &Service,
    tx: &mut Write<'_>,
    person: PersonId,
    code: &str,
) -> Result<String, ServiceError> {
    let hash = hash(code);
    let known = codes::find(tx, &hash).await?.ok_or(ServiceError::CodeUnknown)?;
    let fresh = known.used.is_none() && known.tries < MAX_TRIES && service.now() <= known.expires_at;
    if fresh && known.person == person {
        return Ok(hash);
    }
    codes::count_try(tx, &hash).await?;
    Err(ServiceError::CodeUnknown)
}

pub(super) fn label(wish: &str) -> String {
    wish.trim().chars().filter(|c| !c.is_control()).take(MAX_LABEL).collect()
}

/// The device of an answer that was asked for again may be out of service since, or in doubt: the same proof does not prove it twice.
async fn enrolled(service: &Service, id: DeviceId, wish: &Enrol) -> Result<Enrolled, ServiceError> {
    let (device, person) = directory::device(service, id).await?;
    if device.revoked_at.is_some() || !person.active {
        return Err(ServiceError::DeviceRevoked);
    }
    if device.unproven {
        return Err(is_spent(wish));
    }
    Ok(Enrolled { device: id, person, office: directory::name(service).await?, server_time: service.now() })
}

fn is_spent(wish: &Enrol) -> ServiceError {
    match (&wish.code, &wish.proof) {
        (Some(_), _) => ServiceError::CodeUnknown,
        (None, Some(_)) => passkeys::proof::Fault::Spent.into(),
        (None, None) => sign_on::Fault::Stale.into(),
    }
}

/// The code with which an office without any device is entered: for its first administrator, who is made if needed.
/// There is no default password to forget.
pub async fn first_code(service: &Service, name: &str, origin: &str) -> Result<Option<Invite>, ServiceError> {
    if devices::count(&service.store).await? > 0 {
        return Ok(None);
    }
    let people = people::all(&service.store).await?;
    let known = people.into_iter().find(|person| person.active && person.role == Role::Administrator);
    let id = match known {
        Some(person) => person.id,
        None => directory::put_person(service, first_administrator(name)).await?,
    };
    issue_code(service, id, origin).await.map(Some)
}

fn first_administrator(name: &str) -> SavePerson {
    SavePerson { id: None, name: name.to_owned(), role: Role::Administrator, zones: Vec::new(), active: true }
}

/// Forgets codes that nobody can use and nonces of signatures that are no longer timely.
pub async fn sweep(service: &Service) -> Result<(), ServiceError> {
    let now = service.now();
    let mut tx: Write<'_> = service.write().await?;
    codes::forget(&mut tx, now + -DAY).await?;
    devices::forget_nonces(&mut tx, now + -NONCE_LIFE).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        assert_eq!(hash("0abc1-defgh"), hash(" OABC L DEFGH "));
        assert_ne!(hash("0ABC1DEFGH"), hash("0ABC1DEFGJ"));
    }

    #[test]
    fn a_new_code_has_ten_letters_that_nobody_confuses() {
        let code = new_code();
        assert!(code.len() == 10 && code.bytes().all(|letter| ALPHABET.contains(&letter)), "{code}");
    }

    #[test]
    fn neighbours_of_one_ipv6_network_count_as_one() {
        let attempts = Attempts::default();
        for host in 0..MAX_FAILURES {
            attempts.count(format!("2001:db8::{host:x}").parse().unwrap(), Timestamp(1));
        }
        let from = "2001:db8::ffff".parse().unwrap();
        assert!(attempts.exhausted(from, Timestamp(2)));
        assert!(!attempts.exhausted(from, Timestamp(HOUR)));
        assert!(!attempts.exhausted("2001:db8:1::1".parse().unwrap(), Timestamp(2)));
    }
}
