//! Becoming a device of the office, and ceasing to be one.

use base64ct::{Base64UrlUnpadded, Encoding};
use leptos::prelude::{GetUntracked, Set};
use serde::de::DeserializeOwned;
use xiaohao_shared::api::passkeys::Challenge;
use xiaohao_shared::api::sign_on::SignOn;
use xiaohao_shared::api::views::Mine;
use xiaohao_shared::api::{BeginEnrol, Enrol, Enrolled, Kept, Office, ProblemKind};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::signature::succession;
use xiaohao_shared::sync::engine::Failure;

use super::patrols::RUNNING;
use super::{CallError, Client, DRAFT, Opener, Phase, Stays, VIEWS};
use crate::browser;
use crate::net::{self, Net, NetError};
use crate::rotation::{self, Settled};
use crate::store::identity::{Identity, Key};
use crate::store::{Store, StoreError};

impl Client {
    /// What a passkey is to sign that opens the office to this browser's key.
    pub(super) async fn do_begin_enrolling(self) -> Result<Challenge, CallError> {
        self.begin_with_key("/api/enrol/begin").await
    }

    /// Where the owner of this browser's key signs on.
    pub(super) async fn do_begin_sign_on(self) -> Result<SignOn, CallError> {
        self.begin_with_key("/api/enrol/sign-on/begin").await
    }

    async fn begin_with_key<T: DeserializeOwned>(self, path: &str) -> Result<T, CallError> {
        let store = self.behind().store().ok_or(CallError::Offline)?;
        let key = self.own_key(&store).await?;
        let net = Net::new(None, key.private, self.behind().skew.get());
        Ok(net.post(path, &BeginEnrol { public_key: key.public }).await?)
    }

    /// The key is durable before the office hears of it: a lost answer is asked for again with the same key.
    pub(super) async fn do_enrol(self, opener: Opener, label: &str) -> Result<Enrolled, CallError> {
        let store = self.behind().store().ok_or(CallError::Offline)?;
        let key = self.own_key(&store).await?;
        let net = Net::new(None, key.private.clone(), self.behind().skew.get());
        let former = former(&store).await.map_err(|error| self.cannot(error))?;
        let kept = kept(&store, &key, former.device).await.map_err(|error| self.cannot(error))?;
        let mut enrol = Enrol { public_key: key.public.clone(), label: label.into(), kept, ..former };
        match opener {
            Opener::Code(code) => enrol.code = Some(code),
            Opener::Passkey(shown) => enrol.proof = Some(shown),
            Opener::SignOn(signed) => enrol.sign_on = Some(signed),
        }
        let passkey = enrol.proof.as_ref().map(|shown| shown.credential.clone());
        // From here on the office may know this key, whatever comes back.
        let was_online = browser::is_online();
        let is_first = store.note_asked(browser::device_time()).await.map_err(|error| self.cannot(error))?;
        let enrolled: Enrolled = match net.post("/api/enrol", &enrol).await {
            Ok(enrolled) => enrolled,
            Err(error) => {
                let unheard = matches!(error, NetError::Problem(_)) || (error == NetError::Offline && !was_online);
                if is_first && unheard {
                    let _ = store.forget_asked().await;
                }
                return Err(self.refused(&store, &key, error).await);
            }
        };
        let skew = enrolled.server_time - browser::device_time();
        let identity = Identity { device: enrolled.device };
        self.sit_down(&enrolled.person.name).await.map_err(|error| self.cannot(error))?;
        let begun = self.settle_in(&store, key, identity, skew).await;
        let begun = begun.map_err(|error| self.cannot(error))?;
        if let Some(passkey) = passkey {
            self.passkey_is_here(passkey).await;
        }
        match enrol.device {
            None => self.phase.set(begun),
            // Pages and workers have begun as the device that was forgotten, or is in doubt, in other tabs, too.
            Some(_) => {
                self.behind().say_logged_out();
                self.leave();
            }
        }
        Ok(enrolled)
    }

    /// The one by which the office knows this device, if it was one before: by another it would become a second one, or its lost answer
    /// could not be asked for again. Where the office knows it by none of those that are here, a new one beside them.
    async fn own_key(self, store: &Store) -> Result<Key, CallError> {
        let cannot = |error: StoreError| self.cannot(error);
        if let Some(identity) = store.identity().await.map_err(cannot)? {
            let found = rotation::find(store, identity.device, self.behind().skew.get()).await.map_err(cannot)?;
            match found {
                Settled::NotKnown => return rotation::prepare(store, self.now()).await.map_err(cannot),
                Settled::Unknown(error) if !is_forgotten(&error) => return Err(error.into()),
                _ => {}
            }
        }
        kept_key(store).await.map_err(cannot)
    }

    async fn settle_in(self, store: &Store, key: Key, identity: Identity, skew: i64) -> Result<Phase, StoreError> {
        if let Some(keys) = store.keys().await?
            && keys.next.is_some_and(|next| next.public == key.public)
        {
            store.key_is_changed(&keys.key, &key).await?;
        }
        store.set_skew(skew).await?;
        store.set_identity(identity).await?;
        store.forget_asked().await?;
        store.end_doubt().await?;
        wasm_bindgen_futures::spawn_local(ask_to_keep());
        // Without it the pages have no names; should it fail, the worker fetches it with the first sync.
        let net = Net::new(Some(identity.device), key.private.clone(), skew);
        if let Ok(office) = net.get::<Office>("/api/office").await {
            store.set_office(&office).await?;
        }
        match self.phase.get_untracked() {
            Phase::Stopped(_) | Phase::Unproven => Ok(Phase::Starting),
            _ => self.begin(store, key, identity).await,
        }
    }

    /// A device in doubt that is out of service meanwhile says so, and what its person can do. `is_first`: nothing was asked for before
    /// whose answer could have been lost.
    async fn refused(self, store: &Store, key: &Key, error: NetError) -> CallError {
        if net::is_not_known(&error) {
            let _ = store.drop_next(key).await;
        }
        let is_revoked = matches!(&error, NetError::Problem(problem) if problem.kind == ProblemKind::DeviceRevoked);
        if is_revoked && store.stop_in_doubt(Some(Failure::Revoked)).await.unwrap_or_default() {
            self.behind().say_logged_out();
            self.leave();
        }
        error.into()
    }

    fn cannot(self, error: StoreError) -> CallError {
        self.phase.set(Phase::Broken(error.into()));
        CallError::Offline
    }

    pub(super) async fn do_logout(self, also_unsent: bool) -> Result<(), Stays> {
        let unsent = self.unsent_work().await;
        match unsent {
            _ if also_unsent => {}
            Ok(0) => {}
            Ok(unsent) => return Err(Stays::Unsent(unsent)),
            Err(_) => return Err(Stays::Unknown),
        }
        let behind = self.behind();
        behind.keeper.stop();
        behind.say_logged_out();
        let store = behind.store.take();
        let wiped = match store {
            Some(store) => store.wipe().await,
            None => Ok(()),
        };
        // What could not be wiped keeps its place in the list, or nobody would find it again.
        match wiped {
            Ok(()) => self.get_up().await,
            Err(_) => self.leave(),
        }
        Ok(())
    }

    /// Changes, photos, rounds, views, what is begun and what is carried for others, from the store itself: the signals may be a moment
    /// behind.
    pub(super) async fn unsent_work(self) -> Result<u32, StoreError> {
        let Some(store) = self.behind().store() else { return Ok(0) };
        let found = store.found().await?;
        let photos = store.uploads().await?.iter().filter(|upload| !upload.thumb).count();
        let patrols = store.unheard().await?.iter().filter(|errand| errand.patrol().is_some()).count();
        let begun = usize::from(store.has_draft(DRAFT).await?) + usize::from(store.has_draft(RUNNING).await?);
        let carried = store.carried().await?.iter().filter(|parcel| !parcel.is_done()).count();
        let views = store.draft::<Mine>(VIEWS).await?.map_or(0, |mine| mine.unsent.len());
        // What the desk holds is not only here.
        let refused = found.refused.iter().filter(|refused| !refused.held).count();
        Ok((found.unsent.len() + refused + photos + patrols + views + begun + carried) as u32)
    }
}

async fn kept_key(store: &Store) -> Result<Key, StoreError> {
    match store.key().await? {
        Some(key) => Ok(key),
        None => store.keep_key(net::new_key().await?).await,
    }
}

/// The office knows no such device, so it knows no former key of it either.
fn is_forgotten(error: &NetError) -> bool {
    matches!(error, NetError::Problem(problem) if problem.kind == ProblemKind::DeviceUnknown)
}

/// The number that this key had already, and whose it was: the office has forgotten it, or doubts it, and what is unsent here bears it.
async fn former(store: &Store) -> Result<Enrol, StoreError> {
    let Some(before) = store.identity().await? else { return Ok(Enrol::default()) };
    let person = store.office().await?.map(|office| office.me.id);
    let thrown = store.doubt().await?.and_then(|thrown| thrown.id);
    Ok(Enrol { device: Some(before.device), person, thrown, ..Enrol::default() })
}

/// What the keys that are here say for the one that is to follow them, where the office knows none of them.
async fn kept(store: &Store, new: &Key, device: Option<DeviceId>) -> Result<Vec<Kept>, StoreError> {
    let (Some(keys), Some(device)) = (store.keys().await?, device) else { return Ok(Vec::new()) };
    if keys.key.public == new.public {
        return Ok(Vec::new());
    }
    let (text, mut kept) = (succession(device, &new.public), Vec::new());
    for key in [Some(keys.key), keys.former].into_iter().flatten() {
        let proof = Net::new(None, key.private, 0).sign(text.as_bytes()).await?;
        kept.push(Kept { public_key: key.public, proof: Base64UrlUnpadded::encode_string(&proof) });
    }
    Ok(kept)
}

/// Asks the browser not to clear this store by itself. It may say no, and the sync page says so.
async fn ask_to_keep() {
    let Some(window) = web_sys::window() else { return };
    if let Ok(promise) = window.navigator().storage().persist() {
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
}
