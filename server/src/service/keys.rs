//! The key of a device is replaced by a newer one: who may say so, what it takes, and for how long files by the former one still count.
//! Knows nothing of requests: by which key one was signed is told.

use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use xiaohao_shared::api::ChangeKey;
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::policy::Right;
use xiaohao_shared::signature::possession;
use xiaohao_shared::time::DAY;

use super::directory::Caller;
use super::trail::{self, Note};
use super::{Service, ServiceError, Write, enrolment};
use crate::store::devices;

/// How long a file that was signed by a former key may be on its way, from the change on.
const UNDER_WAY: i64 = 90 * DAY;

const MAX_NONCE: usize = 32;

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
    let proof = Base64UrlUnpadded::decode_vec(&wish.proof).map_err(ServiceError::invalid)?;
    let proof = Signature::from_slice(&proof).map_err(ServiceError::invalid)?;
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
    if !devices::has_key(tx, device, change.signed_by).await? {
        return Err(ServiceError::NotSigned("the signature is by a key that this device had before"));
    }
    if devices::is_known_key(tx, key).await? {
        return Err(ServiceError::invalid("the key is not a new one"));
    }
    match devices::spend_nonce(tx, device, &wish.nonce, now).await {
        Err(error) if error.is_duplicate() => return Err(ServiceError::Replayed),
        other => other?,
    }
    Ok(devices::change_key(tx, device, change.signed_by, key, now).await?)
}

async fn note(service: &Service, tx: &mut Write<'_>, change: &Change<'_>, key: &[u8]) -> Result<(), ServiceError> {
    let who = Some((change.caller.person.id, change.caller.device));
    let what = format!("key changed to {}", fingerprint(key));
    let origin = &change.from.to_string();
    trail::append(service, tx, &Note { act: Right::ChangeKey.code(), who, origin, what: &what, result: trail::DONE })
        .await
}

/// By which the audit tells keys apart.
fn fingerprint(key: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(key)[..8])
}

/// The keys by which a device may have signed a file that comes now.
pub async fn of_files(service: &Service, device: DeviceId) -> Result<Vec<Vec<u8>>, ServiceError> {
    let mut connection = service.store.acquire().await?;
    Ok(devices::keys_since(&mut connection, device, service.now() + -UNDER_WAY).await?)
}
