//! The key of this device is replaced by a newer one, so that no answer of the office, and none that is lost, leaves the device without
//! a key that the office knows. Knows the office's way in for it and the kept keys; when it is time, somebody else says.
//!
//! Kept are the key that signs and, while the office is asked, the next one beside it; after that the former one until the next change.
//! The office is asked by the older of both. Where it does not know that one it knows the newer, unless it was restored from a backup
//! that knows neither.

use base64ct::{Base64UrlUnpadded, Encoding};
use xiaohao_shared::api::{ChangeKey, ProblemKind};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::signature::possession;
use xiaohao_shared::time::Timestamp;

use crate::browser::random;
use crate::net::{self, Net, NetError};
use crate::store::identity::Key;
use crate::store::{Store, StoreError};

/// How the device and the office stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// There is one key only.
    Nothing,
    /// The office knows the newer one.
    Changed,
    /// It knows the older one, and gives this device no other now.
    NotYet,
    /// It was not reached, or knows neither.
    Unknown,
}

/// What the office says to somebody who asks by one of the keys.
enum Said {
    Done,
    /// That it knows the key, and will not have a change now.
    NotNow,
    NotKnown,
    Nothing,
}

/// A new key, kept beside the one that signs before the office hears of it.
pub async fn prepare(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let new = Key { made_at: Some(now), ..net::new_key().await? };
    store.keep_next(&new).await
}

/// Asks the office for the change that is under way, or was made last. Twice is as good as once.
pub async fn settle(store: &Store, device: DeviceId, skew: i64) -> Result<Settled, StoreError> {
    let Some((old, new)) = store.keys().await?.and_then(|keys| keys.change()) else { return Ok(Settled::Nothing) };
    let said = match ask(device, &old, &new, skew).await {
        Said::NotKnown => match ask(device, &new, &new, skew).await {
            Said::Done | Said::NotNow => Said::Done,
            other => other,
        },
        other => other,
    };
    match said {
        Said::Done => store.key_is_changed(&old, &new).await.map(|()| Settled::Changed),
        Said::NotNow => store.key_is_not_changed(&old, &new).await.map(|()| Settled::NotYet),
        Said::NotKnown | Said::Nothing => Ok(Settled::Unknown),
    }
}

async fn ask(device: DeviceId, by: &Key, new: &Key, skew: i64) -> Said {
    let Some(wish) = wish(device, new).await else { return Said::Nothing };
    let net = Net::new(Some(device), by.private.clone(), skew);
    match net.post::<_, ()>("/api/key", &wish).await {
        Ok(()) => Said::Done,
        Err(NetError::Problem(problem)) => match problem.kind {
            ProblemKind::NotSigned => Said::NotKnown,
            // Said only after the signature was verified.
            ProblemKind::ProveFirst | ProblemKind::DeviceRevoked => Said::NotNow,
            _ => Said::Nothing,
        },
        Err(_) => Said::Nothing,
    }
}

/// With the proof that the new key is here.
async fn wish(device: DeviceId, new: &Key) -> Option<ChangeKey> {
    let (public_key, nonce) = (new.public.clone(), Base64UrlUnpadded::encode_string(&random::<12>()));
    let text = possession(device, &nonce, &public_key);
    let proof = Net::new(None, new.private.clone(), 0).sign(text.as_bytes()).await.ok()?;
    Some(ChangeKey { public_key, nonce, proof: Base64UrlUnpadded::encode_string(&proof) })
}
