//! IndexedDB as futures: a write is done when its transaction is complete with `durability: "strict"`, not before.
//! Knows nothing of what is stored.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbVersionChangeEvent};

use crate::browser::{self, object, words};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The phone is full, or the browser gives no more.
    NoRoom,
    /// A newer app has been here.
    Newer,
    /// It lies in the vault, and the key is not here.
    Sealed,
    Failed(String),
}

impl From<JsValue> for StoreError {
    fn from(error: JsValue) -> Self {
        match browser::text_field(&error, "name").as_deref() {
            Some("QuotaExceededError") => Self::NoRoom,
            Some("VersionError") => Self::Newer,
            _ => Self::Failed(words(&error)),
        }
    }
}

// web-sys has the call with options only behind a compiler flag for the whole build.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = IdbDatabase)]
    type Database;
    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with(
        this: &Database,
        stores: &Array,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// A step from one version of the schema to the next.
pub type Upgrade = fn(&IdbDatabase) -> Result<(), JsValue>;

#[derive(Clone)]
pub struct Db(IdbDatabase);

impl Db {
    /// Opens a database, or brings it up to the newest version, which is the number of upgrades.
    pub async fn open(name: &str, upgrades: &'static [Upgrade]) -> Result<Self, StoreError> {
        let factory = browser::indexed_db().ok_or_else(|| StoreError::Failed("IndexedDB".into()))?;
        let request = factory.open_with_u32(name, upgrades.len() as u32)?;
        let opened = request.clone();
        let upgrade = handler(move |event: IdbVersionChangeEvent| run_upgrades(&opened, &event, upgrades));
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database: IdbDatabase = settled(&request).await?.unchecked_into();
        // Another tab wants to upgrade or to wipe: whoever holds on would block it for ever.
        let closing = database.clone();
        let close = handler(move |_: IdbVersionChangeEvent| closing.close());
        database.set_onversionchange(Some(close.as_ref().unchecked_ref()));
        close.forget();
        Ok(Self(database))
    }

    pub fn close(self) {
        self.0.close();
    }

    pub async fn delete(self, name: &str) -> Result<(), StoreError> {
        self.0.close();
        let factory = browser::indexed_db().ok_or_else(|| StoreError::Failed("IndexedDB".into()))?;
        let request: IdbRequest = factory.delete_database(name)?.into();
        settled(&request).await.map(drop)
    }

    pub fn read(&self, stores: &[&str]) -> Result<Tx, StoreError> {
        self.begin(stores, "readonly", "default")
    }

    pub fn write(&self, stores: &[&str]) -> Result<Tx, StoreError> {
        self.begin(stores, "readwrite", "strict")
    }

    /// For what may get lost when the power fails, but not when the tab dies.
    pub fn write_relaxed(&self, stores: &[&str]) -> Result<Tx, StoreError> {
        self.begin(stores, "readwrite", "relaxed")
    }

    fn begin(&self, stores: &[&str], mode: &str, durability: &str) -> Result<Tx, StoreError> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let options = object([("durability", durability.into())]);
        let transaction = self.0.unchecked_ref::<Database>().transaction_with(&names, mode, &options)?;
        Ok(Tx { transaction, writes: mode == "readwrite" })
    }
}

/// Whether there is a database of this name, without making one; `None` where the browser does not tell.
pub async fn is_there(name: &str) -> Option<bool> {
    let factory = browser::indexed_db()?;
    let ask = Reflect::get(&factory, &"databases".into()).ok()?.dyn_into::<Function>().ok()?;
    let promise = ask.call0(&factory).ok()?.dyn_into::<Promise>().ok()?;
    let found = Array::from(&JsFuture::from(promise).await.ok()?);
    Some(found.iter().any(|one| browser::text_field(&one, "name").as_deref() == Some(name)))
}

/// A transaction. One that writes takes everything back unless [`Tx::done`] is reached.
/// Await nothing else while it is open: IndexedDB commits a transaction that has nothing to do.
pub struct Tx {
    transaction: IdbTransaction,
    writes: bool,
}

impl Tx {
    fn store(&self, name: &str) -> Result<IdbObjectStore, StoreError> {
        Ok(self.transaction.object_store(name)?)
    }

    pub fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), StoreError> {
        self.store(store)?.put_with_key(value, &key.into())?;
        Ok(())
    }

    pub fn delete(&self, store: &str, key: &str) -> Result<(), StoreError> {
        self.store(store)?.delete(&key.into())?;
        Ok(())
    }

    pub fn clear(&self, store: &str) -> Result<(), StoreError> {
        self.store(store)?.clear()?;
        Ok(())
    }

    pub async fn get(&self, store: &str, key: &str) -> Result<Option<JsValue>, StoreError> {
        let value = settled(&self.store(store)?.get(&key.into())?).await?;
        Ok(Some(value).filter(|value| !value.is_undefined()))
    }

    /// Asks for all at once, then waits: one round trip to the database's thread instead of one per key.
    pub async fn get_many(&self, store: &str, keys: &[String]) -> Result<Vec<Option<JsValue>>, StoreError> {
        let store = self.store(store)?;
        let requests = keys.iter().map(|key| Ok(settlement(&store.get(&key.as_str().into())?)));
        let requests = requests.collect::<Result<Vec<_>, JsValue>>()?;
        let mut values = Vec::with_capacity(requests.len());
        for (request, promise) in requests {
            let value = result(&request, promise).await?;
            values.push(Some(value).filter(|value| !value.is_undefined()));
        }
        Ok(values)
    }

    /// Every key with its value, in the order of the keys.
    pub async fn all(&self, store: &str) -> Result<Vec<(String, JsValue)>, StoreError> {
        let store = self.store(store)?;
        let (keys, values) = (store.get_all_keys()?, store.get_all()?);
        let (keys, values) = (settlement(&keys), settlement(&values));
        let keys = Array::from(&result(&keys.0, keys.1).await?);
        let values = Array::from(&result(&values.0, values.1).await?);
        Ok(keys.iter().zip(values.iter()).filter_map(|(key, value)| Some((key.as_string()?, value))).collect())
    }

    pub async fn keys(&self, store: &str) -> Result<Vec<String>, StoreError> {
        let keys = settled(&self.store(store)?.get_all_keys()?).await?;
        Ok(Array::from(&keys).iter().filter_map(|key| key.as_string()).collect())
    }

    /// The keys of a store in the order of an index.
    pub async fn keys_by(&self, store: &str, index: &str) -> Result<Vec<String>, StoreError> {
        let keys = settled(&self.store(store)?.index(index)?.get_all_keys()?).await?;
        Ok(Array::from(&keys).iter().filter_map(|key| key.as_string()).collect())
    }

    /// Waits until everything is durable.
    pub async fn done(mut self) -> Result<(), StoreError> {
        self.writes = false;
        let transaction = &self.transaction;
        let end = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        match JsFuture::from(end).await {
            Ok(_) => Ok(()),
            Err(_) => Err(self
                .transaction
                .error()
                .map_or_else(|| StoreError::Failed("aborted".into()), |error| JsValue::from(error).into())),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.writes {
            // Fails where the browser has aborted it already.
            let _ = self.transaction.abort();
        }
    }
}

fn handler(call: impl FnMut(IdbVersionChangeEvent) + 'static) -> Closure<dyn FnMut(IdbVersionChangeEvent)> {
    Closure::new(call)
}

fn run_upgrades(request: &IdbOpenDbRequest, event: &IdbVersionChangeEvent, upgrades: &[Upgrade]) {
    let Ok(database) = request.result() else { return };
    let database: IdbDatabase = database.unchecked_into();
    let from = event.old_version() as usize;
    let failed = upgrades.iter().skip(from).find_map(|upgrade| upgrade(&database).err());
    if let (Some(_), Some(transaction)) = (failed, request.transaction()) {
        // Half an upgrade would be worse than none: the old data stays as it was.
        let _ = transaction.abort();
    }
}

fn settlement(request: &IdbRequest) -> (IdbRequest, Promise) {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    (request.clone(), promise)
}

async fn result(request: &IdbRequest, promise: Promise) -> Result<JsValue, StoreError> {
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => match request.error() {
            Ok(Some(error)) => Err(JsValue::from(error).into()),
            _ => Err(StoreError::Failed("a request failed".into())),
        },
    }
}

async fn settled(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let (request, promise) = settlement(request);
    result(&request, promise).await
}
