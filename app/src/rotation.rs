//! The key of this device is replaced by a newer one, so that no answer of the office, and none that is lost, leaves the device without
//! a key that the office knows. Knows the office's way in for it and the kept keys; when it is time, somebody else says.
//!
//! Kept are the key that signs and, while the office is asked, the next one beside it; after that the former one until the next change.
//! The office is asked by the older of both. Where it does not know that one it knows the newer, unless it was restored from a backup
//! that knows neither, or this browser was restored itself, or somebody else has changed the key.

use base64ct::{Base64UrlUnpadded, Encoding};
use xiaohao_shared::api::passkeys::Challenge;
use xiaohao_shared::api::{BeginEnrol, ChangeKey, ProblemKind};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::signature::possession;
use xiaohao_shared::time::Timestamp;

use crate::browser::random;
use crate::net::{self, Net, NetError};
use crate::store::identity::Key;
use crate::store::{Store, StoreError};

/// How the device and the office stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// There is one key only, and the office knows it.
    Nothing,
    /// The office knows the newer one.
    Changed,
    /// It knows the older one, and gives this device no other now.
    NotYet,
    /// It said of every key here that it is not this device's.
    NotKnown,
    /// It was not reached, or said something else.
    Unknown(NetError),
}

/// What the office says to somebody who asks by one of the keys.
enum Said {
    Done,
    /// That it knows the key, and will not have a change now.
    NotNow,
    NotKnown,
    Nothing(NetError),
}

/// What it says by both.
enum Heard {
    ByOld(Said),
    ByNew,
    ByNeither,
    Nothing(NetError),
}

impl Heard {
    fn settles(self, changes: bool) -> Settled {
        match self {
            Self::ByNeither => Settled::NotKnown,
            Self::Nothing(error) => Settled::Unknown(error),
            Self::ByOld(Said::Done) if changes => Settled::Changed,
            Self::ByNew => Settled::Changed,
            Self::ByOld(_) => Settled::NotYet,
        }
    }
}

/// A new key, kept beside the one that signs before the office hears of it. One that waits there already is as good.
pub async fn prepare(store: &Store, now: Timestamp) -> Result<Key, StoreError> {
    let new = Key { made_at: Some(now), ..net::new_key().await? };
    store.keep_next(new).await
}

/// Asks the office for the change that is under way, or was made last. Twice is as good as once.
pub async fn settle(store: &Store, device: DeviceId, skew: i64) -> Result<Settled, StoreError> {
    Asker { device, skew }.settle(store, true).await
}

/// Finds out by which key the office knows this device, and has nothing changed there: what was asked for by that key, and never
/// answered, can be asked for again.
pub async fn find(store: &Store, device: DeviceId, skew: i64) -> Result<Settled, StoreError> {
    Asker { device, skew }.settle(store, false).await
}

#[derive(Clone, Copy)]
struct Asker {
    device: DeviceId,
    skew: i64,
}

impl Asker {
    async fn settle(self, store: &Store, changes: bool) -> Result<Settled, StoreError> {
        let Some(keys) = store.keys().await? else { return Ok(Settled::Nothing) };
        let waits = keys.next.is_some();
        let (old, new) = keys.change();
        let heard = self.hear(&old, &new, if changes { &new } else { &old }).await;
        let settled = match heard {
            Heard::ByOld(_) | Heard::ByNew if old.public == new.public => Settled::Nothing,
            heard => heard.settles(changes),
        };
        match settled {
            Settled::Changed => store.key_is_changed(&old, &new).await?,
            Settled::NotYet if !waits => store.key_is_not_changed(&old, &new).await?,
            _ => {}
        }
        Ok(settled)
    }

    async fn hear(self, old: &Key, new: &Key, wished: &Key) -> Heard {
        let refused = match self.ask(old, wished).await {
            Said::NotKnown => None,
            // A key that is not known hears the same where somebody else at this address has failed too often.
            Said::Nothing(error) if is_too_many(&error) => Some(error),
            Said::Nothing(error) => return Heard::Nothing(error),
            known => return Heard::ByOld(known),
        };
        let by_new = if old.public == new.public { Said::NotKnown } else { self.ask(new, new).await };
        match (by_new, refused) {
            (Said::Done | Said::NotNow, _) => Heard::ByNew,
            (Said::Nothing(error), _) | (Said::NotKnown, Some(error)) => Heard::Nothing(error),
            (Said::NotKnown, None) => self.confirm(old).await,
        }
    }

    /// Whether the office can read signatures from here at all: where something in between spoils them it knows no key, and nobody is to
    /// be stopped by that.
    async fn confirm(self, key: &Key) -> Heard {
        let net = Net::new(None, key.private.clone(), self.skew);
        let begin = BeginEnrol { public_key: key.public.clone() };
        match net.post::<_, Challenge>("/api/enrol/begin", &begin).await {
            Ok(_) => Heard::ByNeither,
            // It takes no passkeys, and says so only after the signature was verified.
            Err(NetError::Problem(problem)) if problem.kind == ProblemKind::Conflict => Heard::ByNeither,
            Err(error) => Heard::Nothing(error),
        }
    }

    async fn ask(self, by: &Key, new: &Key) -> Said {
        let Some(wish) = self.wish(new).await else { return Said::Nothing(NetError::Offline) };
        let net = Net::new(Some(self.device), by.private.clone(), self.skew);
        match net.post::<_, ()>("/api/key", &wish).await {
            Ok(()) => Said::Done,
            Err(error) => match kind(&error) {
                Some(ProblemKind::NotSigned) => Said::NotKnown,
                // Said only after the signature was verified.
                Some(ProblemKind::ProveFirst | ProblemKind::DeviceRevoked) => Said::NotNow,
                _ => Said::Nothing(error),
            },
        }
    }

    /// With the proof that the new key is here.
    async fn wish(self, new: &Key) -> Option<ChangeKey> {
        let (public_key, nonce) = (new.public.clone(), Base64UrlUnpadded::encode_string(&random::<12>()));
        let text = possession(self.device, &nonce, &public_key);
        let proof = Net::new(None, new.private.clone(), 0).sign(text.as_bytes()).await.ok()?;
        Some(ChangeKey { public_key, nonce, proof: Base64UrlUnpadded::encode_string(&proof) })
    }
}

fn kind(error: &NetError) -> Option<ProblemKind> {
    match error {
        NetError::Problem(problem) => Some(problem.kind),
        _ => None,
    }
}

fn is_too_many(error: &NetError) -> bool {
    kind(error) == Some(ProblemKind::TooManyRequests)
}
