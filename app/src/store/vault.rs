//! The vault: what the office has, too, lies here under a key that only a person's passkey gives out. What only this phone has lies
//! outside, so that a lost passkey loses none of it. Knows no passkeys; a record says by itself whether it is sealed, so that a store
//! that is halfway in or out reads like any other.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use js_sys::{Object, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use xiaohao_shared::api::Thrown;
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::time::DAY;

use super::identity::PASSKEYS;
use super::{BY_AGE, DOCUMENTS, DRAFTS, KEYS, META, PHOTOS, ROWS, SET_ASIDE, Store, StoreError, Tx, UPLOADS, batch};
use crate::browser::{self, bytes, device_time, field, random, random_u64};

const VAULT: &str = "vault";
/// Whether everything has been brought under the key, or out from under it.
pub(super) const SWEPT: &str = "swept";
/// Since the vault was thrown away nobody has proven that he is the person of this device. Only a proof removes it, and each is
/// another one.
const DOUBT: &str = "doubt";
const SEALED: &str = "sealed";
const NONCE: usize = 24;
/// Of what is kept by name, these are pictures of the office's issues; the rest is a person's own.
const PRIVATE: [&str; 2] = ["board", "map"];
/// Records in one transaction while they are brought in or out.
const AT_ONCE: usize = 50;
/// The same for photos, which are large.
const PHOTOS_AT_ONCE: usize = 8;

pub type StoreKey = [u8; 32];

/// How the key of this store is come by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vault {
    /// The passkey that gives it out.
    pub credential: String,
    /// What the passkey is asked with. It also tells this vault from any other.
    pub salt: String,
    pub wrapped: String,
    /// Everything is being brought out of it.
    pub leaving: bool,
}

/// Seals and opens records, once it was given the key. Not asynchronous: an IndexedDB transaction would end meanwhile.
#[derive(Clone, Default)]
pub struct Sealer(Rc<RefCell<Option<Open>>>);

struct Open {
    cipher: XChaCha20Poly1305,
    /// Whether what is written from now on is sealed.
    seals: bool,
}

impl Sealer {
    /// A field of a record, under the key where there is one. Bound to the record: one that is moved to another place does not open.
    pub fn shut(&self, place: &str, name: &'static str, plain: &[u8]) -> (&'static str, JsValue) {
        self.sealed(place, plain).map_or_else(|| (name, bytes(plain)), |sealed| (SEALED, bytes(&sealed)))
    }

    pub fn shut_text(&self, place: &str, name: &'static str, plain: &str) -> (&'static str, JsValue) {
        self.sealed(place, plain.as_bytes()).map_or_else(|| (name, plain.into()), |sealed| (SEALED, bytes(&sealed)))
    }

    /// `None` where there is none, or where it is damaged. An error only where the key is not here.
    pub fn read(&self, place: &str, name: &str, record: &JsValue) -> Result<Option<Vec<u8>>, StoreError> {
        match browser::bytes_field(record, SEALED) {
            Some(sealed) => self.opened(place, &sealed),
            None => Ok(browser::bytes_field(record, name)),
        }
    }

    pub fn read_text(&self, place: &str, name: &str, record: &JsValue) -> Result<Option<String>, StoreError> {
        match browser::bytes_field(record, SEALED) {
            Some(sealed) => Ok(self.opened(place, &sealed)?.and_then(|plain| String::from_utf8(plain).ok())),
            None => Ok(browser::text_field(record, name)),
        }
    }

    fn sealed(&self, place: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let open = self.0.borrow();
        let open = open.as_ref().filter(|open| open.seals)?;
        let nonce: [u8; NONCE] = random();
        let sealed = open.cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: place.as_bytes() }).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    fn opened(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.0.borrow();
        let open = open.as_ref().ok_or(StoreError::Sealed)?;
        let parts = sealed.split_first_chunk::<NONCE>();
        Ok(parts.and_then(|(nonce, sealed)| {
            open.cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: place.as_bytes() }).ok()
        }))
    }

    /// A record as it should lie here now.
    fn turned(&self, place: &str, name: &'static str, record: &JsValue) -> Result<Turned, StoreError> {
        let old = if self.seals() { name } else { SEALED };
        if field(record, old).is_undefined() {
            return Ok(Turned::Lies);
        }
        let is_text = name == batch::SUMMARY;
        let (new, value) = if is_text {
            let Some(text) = self.read_text(place, name, record)? else { return Ok(Turned::Shut) };
            self.shut_text(place, name, &text)
        } else {
            let Some(plain) = self.read(place, name, record)? else { return Ok(Turned::Shut) };
            self.shut(place, name, &plain)
        };
        let turned = Object::assign(&Object::new(), record.unchecked_ref());
        Reflect::delete_property(&turned, &old.into())?;
        Reflect::set(&turned, &new.into(), &value)?;
        Ok(Turned::Into(turned.into()))
    }

    /// A record without its seal, whatever is sealed from now on; `None` where it has none, or does not open.
    pub fn brought_out(&self, place: &str, name: &str, record: &JsValue) -> Result<Option<JsValue>, StoreError> {
        if field(record, SEALED).is_undefined() {
            return Ok(None);
        }
        let Some(plain) = self.read(place, name, record)? else { return Ok(None) };
        let open = Object::assign(&Object::new(), record.unchecked_ref());
        Reflect::delete_property(&open, &SEALED.into())?;
        Reflect::set(&open, &name.into(), &bytes(&plain))?;
        Ok(Some(open.into()))
    }

    pub fn is_open(&self) -> bool {
        self.0.borrow().is_some()
    }

    fn seals(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(|open| open.seals)
    }
}

/// What is to be done with a record, so that it lies as everything should.
enum Turned {
    Into(JsValue),
    /// It does already.
    Lies,
    /// It does not open.
    Shut,
}

/// The name that binds a record to where it lies.
pub fn place(store: &str, key: &str) -> String {
    format!("{store}/{key}")
}

/// Whether something that is kept by name shows issues of the office.
pub fn is_private(store: &str, key: &str) -> bool {
    store == DRAFTS && PRIVATE.contains(&key)
}

impl Store {
    pub async fn vault(&self) -> Result<Option<Vault>, StoreError> {
        self.json(KEYS, VAULT).await
    }

    /// Keeps one where there is none, and gives the one that stands: of two tabs that make one at once, the second finds the first's.
    pub async fn keep_vault(&self, new: Vault) -> Result<Vault, StoreError> {
        let tx = self.db.write(&[KEYS])?;
        let before = tx.get(KEYS, VAULT).await?.and_then(|value| value.as_string());
        if let Some(before) = before.and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(before);
        }
        super::put_json(&tx, KEYS, VAULT, &new)?;
        tx.delete(KEYS, SWEPT)?;
        tx.done().await?;
        Ok(new)
    }

    /// Whoever threw the vault away may be a finder of the phone: until its person has proven himself, nothing is shown or fetched here.
    pub async fn doubt(&self) -> Result<Option<Thrown>, StoreError> {
        let note = self.db.read(&[KEYS])?.get(KEYS, DOUBT).await?;
        // An older app noted only that there is one.
        let id = |note: JsValue| note.as_string().and_then(|text| serde_json::from_str(&text).ok());
        Ok(note.map(|note| Thrown { id: id(note) }))
    }

    pub async fn is_in_doubt(&self) -> Result<bool, StoreError> {
        Ok(self.doubt().await?.is_some())
    }

    /// The office says so.
    pub async fn put_in_doubt(&self) -> Result<(), StoreError> {
        self.set_json(KEYS, DOUBT, &random_u64()).await
    }

    /// Its person has proven himself, so he works with this device.
    pub async fn end_doubt(&self) -> Result<(), StoreError> {
        let tx = self.db.write(&[META, KEYS])?;
        super::put_json(&tx, META, batch::STOPPED, &None::<Failure>)?;
        tx.delete(KEYS, DOUBT)?;
        tx.done().await
    }

    /// Why nobody works with a device that is in doubt. Should it be welcome again, its person has to prove himself all the same.
    /// Answers whether that is news.
    pub async fn stop_in_doubt(&self, stopped: Option<Failure>) -> Result<bool, StoreError> {
        if self.stopped().await? == stopped {
            return Ok(false);
        }
        let tx = self.db.write(&[META, KEYS])?;
        // Whoever learns late that it was stopped says nothing of a device that was proven meanwhile.
        if tx.get(KEYS, DOUBT).await?.is_none() {
            return Ok(false);
        }
        super::put_json(&tx, META, batch::STOPPED, &stopped)?;
        tx.done().await?;
        Ok(true)
    }

    /// Whether a writer may still go on: in another tab the vault may have been thrown away since it began.
    pub(super) async fn still_stands(&self, tx: &Tx) -> Result<(), StoreError> {
        let gone = self.sealer.seals() && tx.get(KEYS, VAULT).await?.is_none();
        if gone || tx.get(KEYS, DOUBT).await?.is_some() { Err(StoreError::Sealed) } else { Ok(()) }
    }

    /// What is written from now on is sealed, or is not any more; the rest follows by [`Self::sweep`].
    pub async fn set_vault(&self, vault: &Vault) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        super::put_json(&tx, KEYS, VAULT, vault)?;
        tx.delete(KEYS, SWEPT)?;
        tx.done().await
    }

    pub async fn drop_vault(&self) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        tx.delete(KEYS, VAULT)?;
        tx.delete(KEYS, SWEPT)?;
        tx.done().await
    }

    pub fn open_vault(&self, key: &StoreKey, seals: bool) {
        let cipher = XChaCha20Poly1305::new(key.into());
        self.sealer.0.replace(Some(Open { cipher, seals }));
    }

    pub async fn is_swept(&self) -> Result<bool, StoreError> {
        Ok(self.json(KEYS, SWEPT).await?.unwrap_or_default())
    }

    /// Brings everything in or out, a few records at a time. Whoever writes meanwhile is not in the way, nor is a death halfway.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        for (store, name) in [(DOCUMENTS, batch::BYTES), (ROWS, batch::SUMMARY), (SET_ASIDE, batch::BYTES)] {
            let keys = self.db.read(&[store])?.keys(store).await?;
            for keys in keys.chunks(AT_ONCE) {
                let tx = self.db.write(&[DOCUMENTS, ROWS, SET_ASIDE])?;
                self.turn(&tx, store, name, keys).await?;
                tx.done().await?;
            }
        }
        for name in PRIVATE {
            // Pictures of the board and the map come anew with the next look.
            self.drop_draft(name).await?;
        }
        if self.sweep_photos().await? {
            self.set_json(KEYS, SWEPT, &true).await?;
        }
        Ok(())
    }

    pub(super) async fn turn(
        &self,
        tx: &Tx,
        store: &str,
        name: &'static str,
        keys: &[String],
    ) -> Result<(), StoreError> {
        let records = tx.get_many(store, keys).await?;
        for (key, record) in keys.iter().zip(records) {
            let Some(record) = record else { continue };
            match self.sealer.turned(&place(store, key), name, &record)? {
                Turned::Into(turned) => tx.put(store, key, &turned)?,
                Turned::Lies => {}
                Turned::Shut => drop_shut(tx, store, key)?,
            }
        }
        Ok(())
    }

    /// Whether all is done: what was taken today and is named by nothing yet is looked at again at another start.
    async fn sweep_photos(&self) -> Result<bool, StoreError> {
        let keys = self.db.read(&[PHOTOS])?.keys_by(PHOTOS, BY_AGE).await?;
        let named = self.named_photos().await?;
        let mut young = false;
        for keys in keys.chunks(PHOTOS_AT_ONCE) {
            let tx = self.db.write(&[PHOTOS, UPLOADS, DRAFTS])?;
            let waiting = tx.keys(UPLOADS).await?;
            let drafts: Vec<String> = tx.all(DRAFTS).await?.iter().filter_map(|(_, it)| it.as_string()).collect();
            let only_here = |key: &String| waiting.contains(key) || drafts.iter().any(|it| it.contains(key.as_str()));
            let keys: Vec<String> = keys.iter().filter(|key| !only_here(key)).cloned().collect();
            let (old, new) = self.by_age(&tx, keys, &named).await?;
            self.turn(&tx, PHOTOS, batch::BYTES, &old).await?;
            young |= self.sealer.seals() && !new.is_empty();
            tx.done().await?;
        }
        Ok(!young)
    }

    /// Those that may be turned, and those of today that are named by nothing yet: a form that is open may still want them.
    async fn by_age(
        &self,
        tx: &Tx,
        keys: Vec<String>,
        named: &BTreeSet<String>,
    ) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let since = (device_time() + -DAY).0 as f64;
        let records = tx.get_many(PHOTOS, &keys).await?;
        let is_young = |record: &Option<JsValue>| {
            record.as_ref().is_some_and(|record| {
                field(record, BY_AGE).as_f64().is_some_and(|at| at > since) && field(record, SEALED).is_undefined()
            })
        };
        let all = keys.into_iter().zip(&records);
        let (young, old): (Vec<_>, Vec<_>) = all.partition(|(key, record)| is_young(record) && !named.contains(key));
        let keys = |all: Vec<(String, &Option<JsValue>)>| all.into_iter().map(|(key, _)| key).collect();
        Ok((keys(old), keys(young)))
    }

    /// What a document here names and nothing is waiting to send, the office has.
    async fn named_photos(&self) -> Result<BTreeSet<String>, StoreError> {
        let named = self.worth().await?.keys().map(ToString::to_string).collect();
        self.clear_journal().await?;
        Ok(named)
    }

    /// The passkey is lost: everything under its key goes, and comes again from the office once its person has proven himself, which is
    /// noted in the same transaction. What only this phone has stays; of the passkeys that were used here none is asked for any more.
    pub async fn throw_vault_away(&self) -> Result<(), StoreError> {
        let photos = self.db.read(&[PHOTOS])?.keys(PHOTOS).await?;
        let tx = self.db.write(&[META, DOCUMENTS, ROWS, SET_ASIDE, PHOTOS, DRAFTS, KEYS])?;
        for store in [DOCUMENTS, ROWS, SET_ASIDE] {
            tx.clear(store)?;
        }
        for key in batch::OF_DOCUMENTS {
            tx.delete(META, key)?;
        }
        for name in PRIVATE {
            tx.delete(DRAFTS, name)?;
        }
        for key in photos {
            let record = tx.get(PHOTOS, &key).await?;
            if record.is_some_and(|record| !field(&record, SEALED).is_undefined()) {
                tx.delete(PHOTOS, &key)?;
            }
        }
        for key in [VAULT, SWEPT, PASSKEYS] {
            tx.delete(KEYS, key)?;
        }
        super::put_json(&tx, KEYS, DOUBT, &random_u64())?;
        tx.done().await
    }
}

/// Nobody can open it any more. A document is nothing without its row, and without both it is fetched again.
fn drop_shut(tx: &Tx, store: &str, key: &str) -> Result<(), StoreError> {
    match store {
        DOCUMENTS | ROWS => {
            tx.delete(DOCUMENTS, key)?;
            tx.delete(ROWS, key)
        }
        _ => tx.delete(store, key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(key: u8, seals: bool) -> Sealer {
        let sealer = Sealer::default();
        sealer.0.replace(Some(Open { cipher: XChaCha20Poly1305::new(&[key; 32].into()), seals }));
        sealer
    }

    fn seal(sealer: &Sealer, place: &str, plain: &[u8]) -> Vec<u8> {
        let inner = sealer.0.borrow();
        let sealed =
            inner.as_ref().unwrap().cipher.encrypt(&[7; NONCE].into(), Payload { msg: plain, aad: place.as_bytes() });
        [&[7; NONCE][..], &sealed.unwrap()].concat()
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_with_its_key_and_nowhere_else() {
        let sealer = open(1, true);
        let sealed = seal(&sealer, "documents/a", b"secret");
        assert!(!sealed.windows(6).any(|some| some == b"secret"));
        assert_eq!(sealer.opened("documents/a", &sealed), Ok(Some(b"secret".to_vec())));
        assert_eq!(sealer.opened("documents/b", &sealed), Ok(None), "moved");
        assert_eq!(open(2, true).opened("documents/a", &sealed), Ok(None), "another key");
        assert_eq!(sealer.opened("documents/a", &sealed[..20]), Ok(None), "cut off");
    }

    #[test]
    fn without_the_key_nothing_sealed_seems_to_be_absent() {
        let sealed = seal(&open(1, true), "rows/a", b"secret");
        assert_eq!(Sealer::default().opened("rows/a", &sealed), Err(StoreError::Sealed));
    }

    #[test]
    fn where_there_is_no_vault_or_it_is_left_nothing_is_sealed() {
        assert_eq!(Sealer::default().sealed("rows/a", b"open"), None);
        assert_eq!(open(1, false).sealed("rows/a", b"open"), None);
    }

    #[test]
    fn what_a_person_has_begun_is_not_private_to_the_vault() {
        assert!(is_private(DRAFTS, "board") && is_private(DRAFTS, "map"));
        assert!(!is_private(DRAFTS, "report") && !is_private(DRAFTS, "patrol") && !is_private(DRAFTS, "views"));
    }
}
