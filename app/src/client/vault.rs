//! The vault of this phone, as its page has it: made, opened by what a passkey gives out, left, or thrown away because that passkey is
//! lost. The key lives in the pages' and the worker's memory and is handed from one to the other, never stored.

use base64ct::{Base64UrlUnpadded, Encoding};
use leptos::prelude::*;
use xiaohao_shared::sync::engine::Status;

use super::{Client, Phase, PhotosStatus};
use crate::browser::random;
use crate::messages::Message;
use crate::passkey::secret::Wrap;
use crate::store::vault::{StoreKey, Vault};
use crate::store::{Store, StoreError};

impl Client {
    /// Everything that is written from now on is under a new key; the worker brings in the rest.
    pub async fn make_vault(self, credential: String, salt: [u8; 32], wrap: &Wrap) -> Result<(), StoreError> {
        let store = self.behind().store().ok_or_else(|| StoreError::Failed("no store".into()))?;
        let key: StoreKey = random();
        let wrapped = Base64UrlUnpadded::encode_string(&wrap.close(&key).await?);
        let salt = Base64UrlUnpadded::encode_string(&salt);
        let vault = Vault { credential, salt, wrapped, leaving: false };
        if store.keep_vault(vault.clone()).await? != vault {
            // Another tab was faster: this one asks it for its key.
            self.leave();
            return Ok(());
        }
        self.begin_anew(key).await
    }

    /// What the passkey of the vault gave out opens it, and the app goes on.
    pub async fn open_vault(self, wrap: &Wrap) -> bool {
        let Some(vault) = self.vault.get_untracked() else { return false };
        let wrapped = Base64UrlUnpadded::decode_vec(&vault.wrapped).unwrap_or_default();
        let key = wrap.open(&wrapped).await.and_then(|key| key.try_into().ok());
        let Some(key) = key else { return false };
        self.unlock();
        self.enter(key).await;
        true
    }

    /// The office does not ask for it any more, and its person does not want it.
    pub async fn leave_vault(self) -> Result<(), StoreError> {
        let (Some(store), Some(vault)) = (self.behind().store(), self.vault.get_untracked()) else { return Ok(()) };
        let Some(key) = self.behind().key.get() else { return Ok(()) };
        store.set_vault(&Vault { leaving: true, ..vault }).await?;
        self.begin_anew(key).await
    }

    /// What only this phone has stays; all else comes again from the office, once its person has proven himself.
    pub async fn throw_vault_away(self) -> Result<(), StoreError> {
        let Some(store) = self.behind().store() else { return Ok(()) };
        store.throw_vault_away().await?;
        self.behind().say_logged_out();
        self.leave();
        Ok(())
    }

    /// No worker and no other tab goes on as before: they would write as if nothing had changed.
    async fn begin_anew(self, key: StoreKey) -> Result<(), StoreError> {
        self.keep_key(key).await?;
        self.behind().say_logged_out();
        self.behind().keeper.begin_anew(self);
        Ok(())
    }

    async fn keep_key(self, key: StoreKey) -> Result<(), StoreError> {
        let Some(store) = self.behind().store() else { return Ok(()) };
        let vault = store.vault().await?;
        store.open_vault(&key, vault.as_ref().is_some_and(|vault| !vault.leaving));
        self.behind().key.set(Some(key));
        self.vault.set(vault);
        Ok(())
    }

    /// Goes on to where this device stands, now that its store can be read.
    async fn enter(self, key: StoreKey) {
        if self.phase.with_untracked(|phase| *phase != Phase::Sealed) {
            return;
        }
        self.phase.set(Phase::Starting);
        let phase = match self.keep_key(key).await {
            Ok(()) => self.open().await,
            Err(error) => Err(error),
        };
        self.phase.set(phase.unwrap_or_else(|error| Phase::Broken(error.into())));
    }

    /// Of a closed vault: how much work lies outside of it, and whether another tab has the key.
    pub(super) async fn stand_before(self, store: &Store, vault: Vault) -> Result<Phase, StoreError> {
        self.vault.set(Some(vault));
        self.count_outside(store).await?;
        self.behind().post(&Message::NeedsKey);
        Ok(Phase::Sealed)
    }

    /// The vault is gone: what lies here is the work that was never in it, and it goes its way.
    pub(super) async fn stand_outside(self, store: &Store) -> Result<Phase, StoreError> {
        self.doubted.set(true);
        self.count_outside(store).await?;
        Ok(store.stopped().await?.map_or(Phase::Unproven, Phase::Stopped))
    }

    /// Another tab has made a vault just now; or there is none any more, and nobody can open this.
    pub(super) async fn stand_before_what_is_sealed(self, store: &Store) -> Result<Phase, StoreError> {
        if let Some(vault) = store.vault().await? {
            return self.stand_before(store, vault).await;
        }
        store.throw_vault_away().await?;
        self.stand_outside(store).await
    }

    /// The worker sends it meanwhile.
    async fn count_outside(self, store: &Store) -> Result<(), StoreError> {
        let unsent = store.unsent().await?.len() as u32;
        let waiting = store.uploads().await?.iter().filter(|upload| !upload.thumb).count() as u32;
        self.status.set(Status { unsent, ..Status::default() });
        self.photos_status.set(PhotosStatus { waiting, ..PhotosStatus::default() });
        self.errands.set(store.unheard().await?);
        self.carried.set(store.carried().await?);
        self.behind().keeper.start(self);
        Ok(())
    }

    /// Only to who is at work: a locked screen gives nothing out.
    pub(super) fn asked_for_key(self) {
        let key = self.behind().key.get().filter(|_| !self.locked.get_untracked());
        if let (Some(key), Some(vault)) = (key, self.vault.get_untracked()) {
            self.behind().post(&Message::Key { vault: vault.salt, key });
        }
    }

    pub(super) async fn given_key(self, vault: String, key: StoreKey) {
        let mine = self.vault.with_untracked(|mine| mine.as_ref().is_some_and(|mine| mine.salt == vault));
        if mine {
            self.enter(key).await;
        }
    }

    /// The worker has brought everything out of it.
    pub(super) async fn read_vault(self) {
        let Some(store) = self.behind().store() else { return };
        if let Ok(vault) = store.vault().await {
            self.vault.set(vault);
        }
    }
}
