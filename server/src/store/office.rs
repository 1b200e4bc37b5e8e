//! What the office says of itself, by key. Knows no people.

use super::{Connection, Db, StoreError};

pub const NAME: &str = "name";
pub const VERSION: &str = "version";
/// Hex of 32 random bytes; receipts are made with it.
pub const SECRET: &str = "secret";

/// Hex of the log's identity; another one after a restore.
pub const LOG: &str = "log";

/// JSON of the working time, where an administrator set one.
pub const CALENDAR: &str = "calendar";

/// JSON of what the office decided about the catalogue.
pub const RULES: &str = "rules";

/// JSON of the thresholds of the indicators, where the desk set some.
pub const THRESHOLDS: &str = "thresholds";

/// Days within which what was struck off counts as come back, where the desk set some.
pub const RECURRENCE: &str = "recurrence_days";

/// JSON of when phones hide what they show, where an administrator said so.
pub const LOCK: &str = "lock";

/// JSON of how long things are kept, where the office said so.
pub const RETENTION: &str = "retention";
/// The day on which that was last applied.
pub const RETENTION_DAY: &str = "retention_day";

/// Which form the index of searches has; absent until it is filled.
pub const SEARCH: &str = "search";

/// Present once the differences of frozen months are kept.
pub const DRIFTS: &str = "drifts";

/// The version of the directory and the time (milliseconds) of the last restore, with a blank between.
pub const RESTORED: &str = "restored";
/// People and zones get numbers above this one.
pub const NUMBERS: &str = "numbers";

/// In a transaction or outside of one.
pub async fn value<'a>(store: impl sqlx::Executor<'a, Database = Db>, key: &str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT value FROM office WHERE key = $1").bind(key).fetch_optional(store).await?)
}

pub async fn set(tx: &mut Connection, key: &str, value: &str) -> Result<(), StoreError> {
    let update = sqlx::query("UPDATE office SET value = $2 WHERE key = $1").bind(key).bind(value);
    if update.execute(&mut *tx).await?.rows_affected() == 0 {
        let insert = sqlx::query("INSERT INTO office (key, value) VALUES ($1, $2)").bind(key).bind(value);
        insert.execute(&mut *tx).await?;
    }
    Ok(())
}

pub async fn version<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<u64, StoreError> {
    let text = value(store, VERSION).await?.unwrap_or_default();
    text.parse().map_err(|_| StoreError::Damaged(format!("office version {text:?}")))
}

/// To be called in the transaction that changes what the directory shows.
pub async fn grow_version(tx: &mut Connection) -> Result<(), StoreError> {
    let version = version_in(tx).await?;
    set(tx, VERSION, &(version + 1).to_string()).await
}

pub async fn version_in(tx: &mut Connection) -> Result<u64, StoreError> {
    let text = value(&mut *tx, VERSION).await?.unwrap_or_default();
    text.parse().map_err(|_| StoreError::Damaged(format!("office version {text:?}")))
}

/// Numbers up to here may have been given, although nobody here remembers to whom.
pub async fn given(tx: &mut Connection) -> Result<i64, StoreError> {
    Ok(value(&mut *tx, NUMBERS).await?.and_then(|text| text.parse().ok()).unwrap_or(0))
}
