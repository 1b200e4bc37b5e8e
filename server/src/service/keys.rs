//! The key of a device is replaced by a newer one: who may say so, what it takes, and for how long files by the former one still count.
//! Knows nothing of requests: by which key one was signed is told.

use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use xiaohao_shared::api::{ChangeKey, Enrol, Kept};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::policy::Right;
use xiaohao_shared::signature::{possession, succession};
use xiaohao_shared::time::{DAY, Timestamp};

use super::directory::Caller;
use super::trail::{self, Note};
use super::{Service, ServiceError, Write, enrolment, remembered};
use crate::store::devices;

/// How long a file that was signed by a former key may be on its way, from the change on.
const UNDER_WAY: i64 = 90 * DAY;

const MAX_NONCE: usize = 32;

/// Between two changes that a device asks for itself. It does once in half a year, and each key that it had is kept.
const BETWEEN: i64 = DAY;

/// A device that asks for another key.
pub struct Change<'a> {
    pub caller: &'a Caller,
    /// The key that signed the request: the device's own at that moment.
    pub signed_by: &'a [u8],
    pub from: IpAddr,
}

/// From here on only the new key speaks for the device. Asked once more by the new key, because the answer was lost, it changes nothing.
pub async fn change(service: &Service, change: &Change<'_>, wish: &ChangeKey) -> Result<(), ServiceError> {
    let (key, verifying) = enrolment::public_key(&wish.public_key)?;
    is_held(wish, change.caller.device, &verifying)?;
    if key == change.signed_by {
        return Ok(());
    }
    let mut tx = service.write().await?;
    swap(service, &mut tx, change, wish, &key).await?;
    note(service, &mut tx, change, &key).await?;
    tx.commit().await
}

/// Whoever asks has the new key, too, and not only seen it somewhere.
fn is_held(wish: &ChangeKey, device: DeviceId, key: &VerifyingKey) -> Result<(), ServiceError> {
    if wish.nonce.is_empty() || wish.nonce.len() > MAX_NONCE {
        return Err(ServiceError::invalid("a nonce has up to 32 letters"));
    }
    let no_signature = || ServiceError::invalid("the proof is no signature");
    let proof = Base64UrlUnpadded::decode_vec(&wish.proof).map_err(|_| no_signature())?;
    let proof = Signature::from_slice(&proof).map_err(|_| no_signature())?;
    let text = possession(device, &wish.nonce, &wish.public_key);
    key.verify(text.as_bytes(), &proof).map_err(|_| ServiceError::invalid("the new key has not signed for this device"))
}

/// A key that is or was a device's is no new one; and of two changes that were asked for at once the second is by a former key.
async fn swap(
    service: &Service,
    tx: &mut Write<'_>,
    change: &Change<'_>,
    wish: &ChangeKey,
    key: &[u8],
) -> Result<(), ServiceError> {
    let (device, now) = (change.caller.device, service.now());
    may_change(tx, change).await?;
    if devices::is_known_key(tx, key).await? {
        return Err(ServiceError::invalid("the key is not a new one"));
    }
    let since = devices::key_changed_at(tx, device).await?.map(|at| (now - at).abs());
    if let Some(since) = since.filter(|since| *since < BETWEEN) {
        return Err(ServiceError::TooMany { wait: BETWEEN - since });
    }
    match devices::spend_nonce(tx, device, &wish.nonce, now).await {
        Err(error) if error.is_duplicate() => return Err(ServiceError::Replayed),
        other => other?,
    }
    Ok(devices::change_key(tx, device, change.signed_by, key, now).await?)
}

/// It was let in before this transaction began: what happened since counts.
async fn may_change(tx: &mut Write<'_>, change: &Change<'_>) -> Result<(), ServiceError> {
    match devices::find(tx, change.caller.device).await? {
        Some(known) if known.revoked_at.is_some() => Err(ServiceError::DeviceRevoked),
        Some(known) if known.public_key != change.signed_by => {
            Err(ServiceError::NotSigned("the signature is by a key that this device had before"))
        }
        Some(known) if known.unproven => Err(ServiceError::Unproven),
        Some(_) => Ok(()),
        None => Err(ServiceError::DeviceUnknown),
    }
}

async fn note(service: &Service, tx: &mut Write<'_>, change: &Change<'_>, key: &[u8]) -> Result<(), ServiceError> {
    let who = Some((change.caller.person.id, change.caller.device));
    let what = format!("key changed to {}", fingerprint(key));
    let origin = &change.from.to_string();
    trail::append(service, tx, &Note { act: Right::ChangeKey.code(), who, origin, what: &what, result: trail::DONE })
        .await
}

/// By which the audit tells keys apart.
pub(super) fn fingerprint(key: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(key)[..8])
}

/// Keys of which somebody who enrols a device anew may say that he has kept them. An app keeps two.
const MAX_KEPT: usize = 4;

/// Whether somebody who brings a new key for a device holds one that is or was its own: a code alone is no device. After a restore it
/// may be that the office knows none of those that the device has; then it is believed as long as nobody has spoken by the one it knows.
pub(super) async fn may_follow(
    tx: &mut Write<'_>,
    device: DeviceId,
    last_contact: Option<Timestamp>,
    wish: &Enrol,
) -> Result<bool, ServiceError> {
    let own = devices::keys_since(tx, device, Timestamp(i64::MIN)).await?;
    let is_own = |kept: &Kept| vouched(kept, device, &wish.public_key).is_some_and(|key| own.contains(&key));
    if wish.kept.iter().take(MAX_KEPT).any(is_own) {
        return Ok(true);
    }
    let restored = remembered::restored_at(tx).await?;
    Ok(!wish.kept.is_empty() && restored.is_some_and(|at| last_contact.is_none_or(|last| last < at)))
}

/// Whether the key by which the device speaks has signed for the one that is to follow. If not, somebody else may have given it to the
/// device, and nothing that it signed is let in any more.
pub(super) fn is_vouched_by(key: &[u8], device: DeviceId, wish: &Enrol) -> bool {
    let by = |kept: &Kept| vouched(kept, device, &wish.public_key);
    wish.kept.iter().take(MAX_KEPT).any(|kept| by(kept).as_deref() == Some(key))
}

/// The kept key, where it has signed for the one that is to follow.
fn vouched(kept: &Kept, device: DeviceId, public_key: &str) -> Option<Vec<u8>> {
    let (key, verifying) = enrolment::public_key(&kept.public_key).ok()?;
    let proof = Signature::from_slice(&Base64UrlUnpadded::decode_vec(&kept.proof).ok()?).ok()?;
    verifying.verify(succession(device, public_key).as_bytes(), &proof).is_ok().then_some(key)
}

/// The keys by which a device may have signed a file that comes now.
pub async fn of_files(service: &Service, device: DeviceId) -> Result<Vec<Vec<u8>>, ServiceError> {
    let mut connection = service.store.acquire().await?;
    Ok(devices::keys_since(&mut connection, device, service.now() + -UNDER_WAY).await?)
}
