//! The rules of the house, in words of the domain: who may do what, in which order it becomes true.
//! Knows the stores below; knows no HTTP, no headers, no status codes.

pub mod challenge;
pub mod directory;
mod encoding;
pub mod enrolment;
pub mod passkeys;
pub mod photos;
pub mod remembered;
pub mod sign_on;
pub mod trail;

// The issues: what is admitted, what goes out, what waits for the supervisor; and the maintenance of it all.
pub mod admission;
pub mod audit;
pub mod backup;
pub mod behind;
pub mod bulletins;
pub mod catalogue;
mod chart;
pub mod demo;
pub mod export;
pub mod halfyear;
pub mod handover;
pub mod held;
pub mod import;
pub mod indicators;
pub mod keys;
mod lives;
pub mod lock;
pub mod outlines;
pub mod patrols;
pub mod privacy;
pub mod retention;
pub mod settlement;
pub mod supervision;
pub mod sync;
pub mod tipsters;
pub mod trends;
pub mod views;
pub mod weekly;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit};
use sha2::Sha256;
use tokio::sync::{Mutex, MutexGuard, Semaphore, watch};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::model::patrol;
use xiaohao_shared::sync::handover::Fault;
use xiaohao_shared::time::Timestamp;

use crate::store::blobs::Blobs;
use crate::store::board::Counter;
use crate::store::{self, Pool, StoreError, office};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no such thing here")]
    NotFound,
    /// There is, but not for whoever asks. The audit hears of it; he hears what he would hear if there were none.
    #[error("there is no such thing here")]
    Hidden,
    #[error("this person may not do that")]
    Forbidden,
    #[error("only the office's own page may ask for this")]
    OtherPage,
    #[error("{0}")]
    Conflict(Reason),
    /// Somebody filled in what cannot be.
    #[error("{0}")]
    Unfit(Reason),
    /// Only a program can ask like this. A sentence of ours, never what a library says of the request: that helps nobody who is honest.
    #[error("{what}")]
    Invalid { what: &'static str },
    #[error(transparent)]
    Round(#[from] patrol::Fault),
    #[error("larger than the office accepts")]
    TooLarge,
    #[error("not a JPEG, PNG or WebP picture within the limits: {0}")]
    NotAPhoto(#[from] photos::NotAPhoto),
    #[error("the photo was removed by the rule for keeping")]
    PhotoRemoved,
    #[error("the bytes that arrived are not the bytes that were promised")]
    ChecksumMismatch,
    #[error("the request is not signed by an enrolled device: {0}")]
    NotSigned(&'static str),
    #[error("this office knows no such device")]
    DeviceUnknown,
    #[error("the clocks of device and office disagree")]
    ClockSkew { server_time: Timestamp },
    #[error("this request was already received once")]
    Replayed,
    #[error("this device was taken out of service")]
    DeviceRevoked,
    #[error("the code is unknown, used or too old")]
    CodeUnknown,
    /// What exactly is wrong stands in the log.
    #[error("this passkey proves nothing here")]
    ProofRefused(#[from] passkeys::proof::Fault),
    /// The same of what came back from the office's sign-on.
    #[error("this sign-on proves nothing here")]
    SignOnRefused(#[from] sign_on::Fault),
    /// Whoever signed on is told by which name, so that he can say it to the administrator.
    #[error("{name}")]
    SignOnUnknown { name: String },
    #[error("the office's sign-on does not answer")]
    SignOnUnreachable,
    #[error("show your passkey first")]
    NotConfirmed,
    #[error("the vault of this device was thrown away; its person has to prove himself first")]
    Unproven,
    /// For so many milliseconds more, as far as the limit knows.
    #[error("too many attempts; wait a while")]
    TooMany { wait: i64 },
    #[error("this version of the app is too old for the office")]
    AppTooOld,
    #[error("what room is left is kept for records; later again")]
    NoRoom,
    /// A parcel of a hand-over file is not taken in.
    #[error(transparent)]
    Handover(#[from] Fault),
    #[error("it took too long")]
    TimedOut,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ServiceError {
    pub fn invalid(what: &'static str) -> Self {
        Self::Invalid { what }
    }

    /// A body that is no JSON, or not that which was asked for. What serde says of it quotes it, so the log has the place alone.
    pub fn not_json(error: serde_json::Error) -> Self {
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        tracing::debug!(?kind, line, column, "JSON of another form");
        Self::invalid("the body is not of the form that this address takes")
    }

    /// Something of ours that cannot be written down.
    pub fn unwritable(_: impl std::error::Error) -> Self {
        Self::invalid("it cannot be written down")
    }

    /// So many as there may be in each `span`, which begin with the clock's.
    pub fn too_many_until_next(span: i64, now: Timestamp) -> Self {
        Self::TooMany { wait: span - now.0.rem_euclid(span) }
    }

    /// In a word that the app has in both languages.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Conflict(reason) | Self::Unfit(reason) => Some(*reason),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for ServiceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Bytes of the disk that photos leave to records, where the operator says nothing else: years of them.
pub const PHOTO_RESERVE: u64 = 256 * 1024 * 1024;

/// Workbooks that are written at once. The threads for this are those of photos and files, too.
const SCRIBES: usize = 8;

/// A running office. Cheap to clone; everything is behind one `Arc`.
#[derive(Clone)]
pub struct Service(Arc<Office>);

/// What all rules work with.
pub struct Office {
    pub store: Pool,
    pub blobs: Blobs,
    /// The newest position of the log, for those who wait for news.
    pub live: watch::Sender<u64>,
    /// The only clock.
    pub now: fn() -> Timestamp,
    /// Receipts are made with it; it never leaves the office.
    pub secret: [u8; 32],
    /// Counts what boards ask.
    pub counter: Counter,
    writer: Mutex<()>,
    lore: sync::lore::Kept,
    attempts: enrolment::Attempts,
    /// Where the office's people sign on, if they do; told once, at the start.
    sign_on: OnceLock<sign_on::SignOn>,
    lives: lives::Lives,
    uploads: photos::Uploads,
    /// Threads that write workbooks.
    scribes: Arc<Semaphore>,
    freezing: settlement::Running,
    /// Workbooks that are being written.
    pub writing: export::Waiting,
}

impl Deref for Service {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.0
    }
}

impl Service {
    /// Opens the office that lives in `data`, making an empty one where there is none.
    pub async fn open(data: &Path, now: fn() -> Timestamp) -> Result<Self, ServiceError> {
        Self::open_with_reserve(data, now, PHOTO_RESERVE).await
    }

    /// The same, with `reserve` bytes of the disk that photos leave to records.
    pub async fn open_with_reserve(data: &Path, now: fn() -> Timestamp, reserve: u64) -> Result<Self, ServiceError> {
        std::fs::create_dir_all(data).map_err(StoreError::from)?;
        let pool = store::open(&data.join("office.db")).await?;
        let secret = kept(&pool, office::SECRET).await?;
        kept::<8>(&pool, office::LOG).await?;
        let newest = store::log::newest(&pool).await?;
        Ok(Self(Arc::new(Office {
            counter: Counter::of(pool.clone()),
            store: pool,
            blobs: Blobs::in_folder(&data.join("blobs"))?,
            live: watch::Sender::new(newest),
            now,
            secret,
            writer: Mutex::default(),
            lore: sync::lore::Kept::default(),
            attempts: enrolment::Attempts::default(),
            sign_on: OnceLock::new(),
            lives: lives::Lives::default(),
            uploads: photos::Uploads::open(&data.join("uploads"), reserve)?,
            scribes: Arc::new(Semaphore::new(SCRIBES)),
            freezing: settlement::Running::default(),
            writing: export::Waiting::default(),
        })))
    }

    /// Begins a writing transaction when it is its turn. SQLite has one writer; queueing here is fair and cannot
    /// run into a busy timeout.
    pub async fn write(&self) -> Result<Write<'_>, ServiceError> {
        let turn = self.writer.lock().await;
        Ok(Write { tx: store::begin(&self.store).await?, _turn: turn })
    }

    /// Lets those who listen look for a new version of the office, after what they should not wait half a minute for.
    fn tell_of_office(&self) {
        self.live.send_modify(|_| ());
    }

    pub fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    /// Throws away what nobody can use any more. Safe at any time.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        photos::sweep(self).await?;
        passkeys::sweep(self).await?;
        enrolment::sweep(self).await
    }

    /// Waits for open statements and closes the database files properly.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

/// A writing transaction, rolled back unless committed. Dereferences to the connection that statements run on.
pub struct Write<'a> {
    // Before the turn: fields are dropped in this order, and the next writer must not begin before the rollback.
    tx: store::Transaction,
    _turn: MutexGuard<'a, ()>,
}

impl Write<'_> {
    pub async fn commit(self) -> Result<(), ServiceError> {
        Ok(self.tx.commit().await?)
    }
}

impl Deref for Write<'_> {
    type Target = store::Connection;

    fn deref(&self) -> &store::Connection {
        &self.tx
    }
}

impl DerefMut for Write<'_> {
    fn deref_mut(&mut self) -> &mut store::Connection {
        &mut self.tx
    }
}

/// What time it is, for everybody but tests.
pub fn system_clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// Random bytes. A system that has none cannot keep secrets, so there is nothing sensible to do but stop.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// What only this office can make of some text, by its secret.
fn seal(secret: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).unwrap_or_else(|_| unreachable!("any length is a key"))
}

/// Random bytes that are made once in the life of an office.
async fn kept<const N: usize>(pool: &Pool, key: &str) -> Result<[u8; N], StoreError> {
    if let Some(hex) = office::value(pool, key).await? {
        let bytes = base16ct::lower::decode_vec(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        return bytes.ok_or_else(|| StoreError::Damaged(format!("office {key}")));
    }
    let bytes = random();
    let mut tx = store::begin(pool).await?;
    office::set(&mut tx, key, &base16ct::lower::encode_string(&bytes)).await?;
    tx.commit().await?;
    Ok(bytes)
}
