//! Challenges that nobody has to keep: the office knows its own by their seal, and notes only those that were used up. Strangers ask
//! for some of them, so asking must not write a row.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::{Service, ServiceError, Write, random, seal};
use crate::store::codes::Use;
use crate::store::{challenges, office};

/// Why a challenge counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    #[error("it is not one of ours")]
    Foreign,
    #[error("it is too old")]
    Expired,
    #[error("it was used before")]
    Spent,
}

/// What it is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Add,
    Confirm,
    Enrol,
    SignOn,
}

impl Purpose {
    fn word(self) -> &'static [u8] {
        match self {
            Self::Add => b"add a passkey",
            Self::Confirm => b"confirm by a passkey",
            Self::Enrol => b"enrol by a passkey",
            Self::SignOn => b"sign on at the provider",
        }
    }

    /// How long somebody looks for his glasses; at a provider he may also wait for a message on his phone.
    fn life(self) -> i64 {
        if self == Self::SignOn { 10 * MINUTE } else { 5 * MINUTE }
    }
}

const TIME: usize = 8;
const NONCE: usize = 16;
const SEAL: usize = 32;

/// One that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What tells it from all others.
    pub nonce: String,
    pub given_at: Timestamp,
}

/// Why it was not opened, or not used up.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Void(#[from] Void),
    #[error(transparent)]
    Failed(#[from] ServiceError),
}

/// For one purpose of whoever has these bytes: a device's number, or its key.
pub async fn new(service: &Service, purpose: Purpose, whose: &[u8]) -> Result<String, ServiceError> {
    let mut bytes = (service.now() + purpose.life()).0.to_be_bytes().to_vec();
    bytes.extend(random::<NONCE>());
    let seal = mac(service, purpose, whose, &bytes).await?.finalize().into_bytes();
    bytes.extend(seal);
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}

/// If we gave it, for this, to this one, and lately.
pub async fn open(service: &Service, purpose: Purpose, whose: &[u8], challenge: &[u8]) -> Result<Opened, Refusal> {
    let (told, seal) = challenge.split_last_chunk::<SEAL>().ok_or(Void::Foreign)?;
    let (until, nonce) = told.split_first_chunk::<TIME>().ok_or(Void::Foreign)?;
    let genuine = mac(service, purpose, whose, told).await?.verify_slice(seal).is_ok();
    if !genuine || nonce.len() != NONCE {
        return Err(Void::Foreign.into());
    }
    let until = Timestamp(i64::from_be_bytes(*until));
    let given_at = until + -purpose.life();
    // A clock that was set back makes no challenge live longer.
    if !(0..=purpose.life()).contains(&(until - service.now())) {
        return Err(Void::Expired.into());
    }
    Ok(Opened { nonce: base16ct::lower::encode_string(nonce), given_at })
}

impl Opened {
    /// None counts twice.
    pub async fn spend(&self, tx: &mut Write<'_>, by: &Use) -> Result<(), Refusal> {
        match challenges::spend(tx, &self.nonce, by).await {
            Err(error) if error.is_duplicate() => Err(Void::Spent.into()),
            other => Ok(other.map_err(ServiceError::from)?),
        }
    }
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
