//! SQL and files: one module per table, one function per statement. Knows rows and ids, not who may see or change them.

pub mod blobs;
pub mod challenges;
pub mod codes;
pub mod devices;
pub mod office;
pub mod outlines;
pub mod passkeys;
pub mod people;
pub mod room;
pub mod sign_on;
pub mod trail;
pub mod uploads;
pub mod views;

// The issues: log, documents, projection, board.
pub mod behind;
pub mod board;
pub mod bulletins;
pub mod documents;
pub mod drifts;
pub mod export;
mod groups;
pub mod halfyear;
pub mod held;
pub mod indicators;
pub mod log;
pub mod patrols;
pub mod projection;
pub mod retention;
pub mod rules;
pub mod search;
pub mod settlements;
pub mod supervision;
pub mod tallies;
pub mod tipsters;
pub mod weekly;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

/// The database of this build. Everything below names these three, so that another database changes one place.
pub type Db = sqlx::Sqlite;
pub type Pool = sqlx::Pool<Db>;
pub type Connection = sqlx::SqliteConnection;
pub type Transaction = sqlx::Transaction<'static, Db>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("photo store: {0}")]
    Blobs(#[from] object_store::Error),
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// A row that we cannot have written.
    #[error("damaged row: {0}")]
    Damaged(String),
}

impl StoreError {
    /// SQLite says 13 (`SQLITE_FULL`), or 4874 (`SQLITE_IOERR_SHMSIZE`) where the index of its log cannot grow; files say it in
    /// their error kind; object_store wraps that kind.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => matches!(error.code().as_deref(), Some("13" | "4874")),
            Self::File(error) => is_full(error),
            Self::Blobs(error) => sources(error).filter_map(|error| error.downcast_ref()).any(is_full),
            _ => false,
        }
    }

    /// Whether a row with this key stood there already.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Opens the database file and brings it to the newest form.
pub async fn open(file: &Path) -> Result<Pool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL would lose acknowledged work in a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // One text for each size of a group of rows, see `groups`.
        .statement_cache_capacity(400)
        .pragma("cache_size", "-2000");
    let pool =
        SqlitePoolOptions::new().max_connections(6).after_release(|connection, _| Box::pin(is_usable(connection)));
    let pool = pool.connect_with(options).await?;
    sqlx::migrate!().run(&pool).await?;
    supervision::settle(&pool).await?;
    search::settle(&pool).await?;
    drifts::settle(&pool).await?;
    Ok(pool)
}

/// Where a commit fails on the disk, SQLite rolls back by itself, and sqlx, whose own rollback then fails, believes for ever that
/// it is in a transaction. Such a connection is closed: in the pool it would fail every request that gets it.
async fn is_usable(connection: &mut Connection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may still be under way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Whether a database file is as long as its head says. Of a file that was cut to nothing, SQLite would make a new office.
pub fn has_its_length(file: &Path) -> std::io::Result<bool> {
    let bytes = std::fs::metadata(file)?.len();
    let mut head = [0; 32];
    if bytes < 512 {
        return Ok(false);
    }
    std::fs::File::open(file)?.read_exact(&mut head)?;
    // 1 stands for 65,536, which two bytes do not hold.
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        page => u64::from(page),
    };
    let pages = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
    Ok(head.starts_with(b"SQLite format 3\0") && page * u64::from(pages) == bytes)
}

/// What SQLite itself finds wrong in its file, by its own words; nothing where all is well.
pub async fn damage(tx: &mut Connection) -> Result<Vec<String>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(tx).await?;
    Ok(found.into_iter().filter(|finding| finding != "ok").collect())
}

/// A transaction that will write: it takes the write lock at once, because SQLite refuses to upgrade a reader whose
/// snapshot has grown old.
pub async fn begin(pool: &Pool) -> Result<Transaction, StoreError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// Writes the database as it is at this moment into a new file, while others go on writing.
pub async fn copy_into(pool: &Pool, file: &Path) -> Result<(), StoreError> {
    sqlx::query("VACUUM INTO $1").bind(file.to_string_lossy().into_owned()).execute(pool).await?;
    Ok(())
}

/// Whether the database answers.
pub async fn answers(pool: &Pool) -> bool {
    office::value(pool, office::VERSION).await.is_ok()
}

/// SQL has signed numbers only; what we store fits.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
