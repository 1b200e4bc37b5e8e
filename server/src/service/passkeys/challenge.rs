//! Challenges that nobody has to keep: the office knows its own by their seal, and notes only those that were used up. Strangers ask
//! for some of them, so asking must not write a row.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::proof::Fault;
use crate::service::{Service, ServiceError, random, seal};
use crate::store::office;

/// How long somebody looks for his glasses.
const LIFE: i64 = 5 * MINUTE;

/// What it is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Add,
    Confirm,
    Enrol,
}

impl Purpose {
    fn word(self) -> &'static [u8] {
        match self {
            Self::Add => b"add a passkey",
            Self::Confirm => b"confirm by a passkey",
            Self::Enrol => b"enrol by a passkey",
        }
    }
}

const TIME: usize = 8;
const NONCE: usize = 16;
const SEAL: usize = 32;

/// For one purpose of whoever has these bytes: a device's number, or its key.
pub async fn new(service: &Service, purpose: Purpose, whose: &[u8]) -> Result<String, ServiceError> {
    let mut bytes = (service.now() + LIFE).0.to_be_bytes().to_vec();
    bytes.extend(random::<NONCE>());
    let seal = mac(service, purpose, whose, &bytes).await?.finalize().into_bytes();
    bytes.extend(seal);
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}

/// What tells this challenge from all others, if we gave it, for this, to this one, and lately.
pub async fn open(service: &Service, purpose: Purpose, whose: &[u8], challenge: &[u8]) -> Result<String, ServiceError> {
    let (told, seal) = challenge.split_last_chunk::<SEAL>().ok_or(Fault::Challenge)?;
    let (until, nonce) = told.split_first_chunk::<TIME>().ok_or(Fault::Challenge)?;
    let genuine = mac(service, purpose, whose, told).await?.verify_slice(seal).is_ok();
    if !genuine || nonce.len() != NONCE {
        return Err(Fault::Challenge.into());
    }
    let left = Timestamp(i64::from_be_bytes(*until)) - service.now();
    // A clock that was set back makes no challenge live longer.
    if (0..=LIFE).contains(&left) { Ok(base16ct::lower::encode_string(nonce)) } else { Err(Fault::Expired.into()) }
}

/// The log has another identity after a restore, which has forgotten what was used up: what was given before is void.
async fn mac(
    service: &Service,
    purpose: Purpose,
    whose: &[u8],
    told: &[u8],
) -> Result<hmac::Hmac<sha2::Sha256>, ServiceError> {
    let log = office::value(&service.store, office::LOG).await?.unwrap_or_default();
    let mut mac = seal(&service.secret);
    mac.update(b"a challenge for a passkey");
    for part in [purpose.word(), log.as_bytes(), whose, told] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Ok(mac)
}
