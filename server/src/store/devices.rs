//! Devices and the nonces that they used up. A device is written once, then only contacted and revoked; its key may be
//! replaced, also by enrolling it anew, and the former ones stay.

use std::collections::BTreeSet;

use sqlx::Row;
use xiaohao_shared::api::{Device, Way};
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::{Duty, Role};
use xiaohao_shared::sync::wire::Condition;
use xiaohao_shared::time::Timestamp;

use super::people::role_code;
use super::{Connection, Pool, StoreError, number};

/// What a request is checked against.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub person: PersonId,
    /// Uncompressed point, 65 bytes.
    pub public_key: Vec<u8>,
    pub last_contact: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// It was taken out of service because its key spoke from two places.
    pub cloned: bool,
    /// Its vault was thrown away, and nobody has proven himself at it since.
    pub unproven: bool,
}

/// Why a device was revoked, where no administrator did it.
const CLONED: &str = "cloned";

pub async fn find(tx: &mut Connection, id: DeviceId) -> Result<Option<Enrolment>, StoreError> {
    let sql =
        "SELECT person, public_key, last_contact, revoked_at, revoked_why, unproven_at FROM devices WHERE id = $1";
    let Some(row) = sqlx::query(sql).bind(number(id.0)).fetch_optional(tx).await? else { return Ok(None) };
    Ok(Some(Enrolment {
        person: PersonId(row.try_get(0)?),
        public_key: row.try_get(1)?,
        last_contact: row.try_get::<Option<i64>, _>(2)?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>(3)?.map(Timestamp),
        cloned: row.try_get::<String, _>(4)? == CLONED,
        unproven: row.try_get::<Option<i64>, _>(5)?.is_some(),
    }))
}

pub async fn insert(
    tx: &mut Connection,
    id: DeviceId,
    person: PersonId,
    public_key: &[u8],
    label: &str,
    way: Way,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO devices (id, person, public_key, label, way, enrolled_at, proven_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $6)";
    let query = sqlx::query(sql).bind(number(id.0)).bind(person.0).bind(public_key).bind(label);
    query.bind(word(way)).bind(now.0).execute(tx).await?;
    Ok(())
}

fn word(way: Way) -> &'static str {
    match way {
        Way::Code => "code",
        Way::Passkey => "passkey",
        Way::SignOn => "sign_on",
    }
}

fn way(word: &str) -> Way {
    match word {
        "passkey" => Way::Passkey,
        "sign_on" => Way::SignOn,
        _ => Way::Code,
    }
}

/// The device in service that a key of this person is; where it has been several, the one that it says it is.
pub async fn in_service_with(
    tx: &mut Connection,
    person: PersonId,
    public_key: &[u8],
    told: Option<DeviceId>,
) -> Result<Option<DeviceId>, StoreError> {
    let sql = "SELECT id FROM devices WHERE person = $1 AND public_key = $2 AND revoked_at IS NULL \
               ORDER BY CASE WHEN id = $3 THEN 0 ELSE 1 END, id LIMIT 1";
    let told = told.and_then(|id| i64::try_from(id.0).ok());
    let query = sqlx::query_scalar(sql).bind(person.0).bind(public_key).bind(told);
    let id: Option<i64> = query.fetch_optional(tx).await?;
    Ok(id.map(|id| DeviceId(id.unsigned_abs())))
}

/// Whether a key was that of any device.
pub async fn is_former_key(tx: &mut Connection, public_key: &[u8]) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) FROM former_keys WHERE public_key = $1";
    let count: i64 = sqlx::query_scalar(sql).bind(public_key).fetch_one(tx).await?;
    Ok(count > 0)
}

/// When it got the key by which it speaks, where it had another one before.
pub async fn key_changed_at(tx: &mut Connection, id: DeviceId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT MAX(until_time) FROM former_keys WHERE device = $1";
    let at: Option<i64> = sqlx::query_scalar(sql).bind(number(id.0)).fetch_one(tx).await?;
    Ok(at.map(Timestamp))
}

/// Whether a key is or was that of any device.
pub async fn is_known_key(tx: &mut Connection, public_key: &[u8]) -> Result<bool, StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM devices WHERE public_key = $1) \
               + (SELECT COUNT(*) FROM former_keys WHERE public_key = $1)";
    let count: i64 = sqlx::query_scalar(sql).bind(public_key).fetch_one(tx).await?;
    Ok(count > 0)
}

/// From one key to the next, which the caller has found to be new. A key that two devices had is kept of the first.
pub async fn change_key(
    tx: &mut Connection,
    id: DeviceId,
    former: &[u8],
    public_key: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let keep = sqlx::query(
        "INSERT INTO former_keys (public_key, device, until_time) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    );
    keep.bind(former).bind(number(id.0)).bind(now.0).execute(&mut *tx).await?;
    let change = sqlx::query("UPDATE devices SET public_key = $2 WHERE id = $1").bind(number(id.0)).bind(public_key);
    change.execute(tx).await?;
    Ok(())
}

/// Its person has enrolled it once more, by a key that nobody had: it is as new as any that was just enrolled. The former one was good
/// until then.
pub async fn enrol_anew(
    tx: &mut Connection,
    id: DeviceId,
    (former, until): (&[u8], Timestamp),
    public_key: &[u8],
    by: Way,
    now: Timestamp,
) -> Result<(), StoreError> {
    change_key(tx, id, former, public_key, until).await?;
    let sql = "UPDATE devices SET enrolled_at = $2, way = $3, code_at = NULL WHERE id = $1";
    sqlx::query(sql).bind(number(id.0)).bind(now.0).bind(word(by)).execute(tx).await?;
    Ok(())
}

/// The key by which it speaks, and those that were replaced since then.
pub async fn keys_since(tx: &mut Connection, id: DeviceId, since: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT public_key FROM devices WHERE id = $1 \
               UNION ALL SELECT public_key FROM former_keys WHERE device = $1 AND until_time >= $2";
    Ok(sqlx::query_scalar(sql).bind(number(id.0)).bind(since.0).fetch_all(tx).await?)
}

/// How many a person has.
pub async fn in_service(tx: &mut Connection, person: PersonId) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM devices WHERE person = $1 AND revoked_at IS NULL";
    Ok(sqlx::query_scalar(sql).bind(person.0).fetch_one(tx).await?)
}

/// When a code made this device, or last proved whose it is, where one did.
pub async fn code_used_at(tx: &mut Connection, id: DeviceId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT COALESCE(code_at, CASE WHEN way = 'code' THEN enrolled_at END) FROM devices WHERE id = $1";
    let at: Option<Option<i64>> = sqlx::query_scalar(sql).bind(number(id.0)).fetch_optional(tx).await?;
    Ok(at.flatten().map(Timestamp))
}

/// Nothing comes down to it until somebody has proven himself at it. Answers whether that is new: since when stays, should it be said
/// twice; what was said before the last proof and came late says nothing, nor does what a proof has ended. It is said in whole seconds.
pub async fn doubt(
    tx: &mut Connection,
    id: DeviceId,
    thrown: Option<u64>,
    said_at: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let thrown = thrown.map(u64::cast_signed);
    let again = "UPDATE devices SET thrown = COALESCE($2, thrown) WHERE id = $1 AND unproven_at IS NOT NULL";
    sqlx::query(again).bind(number(id.0)).bind(thrown).execute(&mut *tx).await?;
    let sql = "UPDATE devices SET unproven_at = $2, thrown = $4 WHERE id = $1 AND unproven_at IS NULL \
               AND COALESCE(proven_at / 1000 <= $3, TRUE) AND COALESCE(settled <> $4, TRUE)";
    let query = sqlx::query(sql).bind(number(id.0)).bind(now.0).bind(said_at).bind(thrown);
    Ok(query.execute(tx).await?.rows_affected() > 0)
}

/// Its person has proven himself at it, which ends the doubt that it says, or else the one that was told last.
pub async fn prove(
    tx: &mut Connection,
    id: DeviceId,
    way: Way,
    thrown: Option<u64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let code_at = (way == Way::Code).then_some(now.0);
    let sql = "UPDATE devices SET unproven_at = NULL, proven_at = $3, code_at = COALESCE($2, code_at), \
               settled = COALESCE($4, thrown, settled) WHERE id = $1";
    let query = sqlx::query(sql).bind(number(id.0)).bind(code_at).bind(now.0);
    query.bind(thrown.map(u64::cast_signed)).execute(tx).await?;
    Ok(())
}

/// All devices with their owners, the oldest first.
pub async fn all(pool: &Pool) -> Result<Vec<(PersonId, Device)>, StoreError> {
    let sql = "SELECT person, id, label, enrolled_at, last_contact, revoked_at, revoked_why, unsent, app_version, \
               oldest_unsent, photos, storage, way, unproven_at FROM devices ORDER BY enrolled_at, id";
    sqlx::query(sql).fetch_all(pool).await?.iter().map(read).collect()
}

/// Those of one person that are in service, the oldest first.
pub async fn serving(pool: &Pool, person: PersonId) -> Result<Vec<Device>, StoreError> {
    let sql = "SELECT person, id, label, enrolled_at, last_contact, revoked_at, revoked_why, unsent, app_version, \
               oldest_unsent, photos, storage, way, unproven_at FROM devices WHERE person = $1 AND revoked_at IS NULL \
               ORDER BY enrolled_at, id";
    let rows = sqlx::query(sql).bind(person.0).fetch_all(pool).await?;
    rows.iter().map(|row| Ok(read(row)?.1)).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<(PersonId, Device), StoreError> {
    let device = Device {
        id: DeviceId(row.try_get("id")?),
        label: row.try_get("label")?,
        enrolled_at: Timestamp(row.try_get("enrolled_at")?),
        last_contact: row.try_get::<Option<i64>, _>("last_contact")?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp),
        cloned: row.try_get::<String, _>("revoked_why")? == CLONED,
        unsent: row.try_get("unsent")?,
        app_version: row.try_get("app_version")?,
        oldest_unsent: row.try_get::<Option<i64>, _>("oldest_unsent")?.map(Timestamp),
        photos: row.try_get("photos")?,
        storage: storage(row.try_get("storage")?, row.try_get("app_version")?),
        way: way(row.try_get("way")?),
        unproven_at: row.try_get::<Option<i64>, _>("unproven_at")?.map(Timestamp),
    };
    Ok((PersonId(row.try_get("person")?), device))
}

/// In the column of the storage, where the browser does not tell.
const UNTOLD: i64 = -1;

/// Tenths, of a device that has ever said how it is: it says its version with it.
fn storage(column: i64, version: &str) -> Option<u8> {
    u8::try_from(column).ok().filter(|_| !version.is_empty())
}

/// Those that are out of service.
pub async fn revoked(pool: &Pool) -> Result<Vec<DeviceId>, StoreError> {
    let ids = sqlx::query_scalar::<_, i64>("SELECT id FROM devices WHERE revoked_at IS NOT NULL ORDER BY id");
    Ok(ids.fetch_all(pool).await?.into_iter().map(|id| DeviceId(id.unsigned_abs())).collect())
}

/// The duties of those administrators who have a device in service.
pub async fn duties_with_device(tx: &mut Connection) -> Result<BTreeSet<Duty>, StoreError> {
    let sql = "SELECT p.duties FROM people p WHERE p.role = $1 AND p.active = 1 \
               AND EXISTS (SELECT 1 FROM devices d WHERE d.person = p.id AND d.revoked_at IS NULL \
               AND d.unproven_at IS NULL)";
    let query = sqlx::query_scalar(sql).bind(role_code(Role::Administrator));
    let duties: Vec<String> = query.fetch_all(tx).await?;
    Ok(duties.iter().flat_map(|duties| duties.split_whitespace()).filter_map(Duty::from_code).collect())
}

pub async fn count(pool: &Pool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM devices").fetch_one(pool).await?)
}

pub async fn touch(tx: &mut Connection, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE devices SET last_contact = $2 WHERE id = $1").bind(number(id.0)).bind(now.0);
    query.execute(tx).await?;
    Ok(())
}

/// What a device said of itself at a sync.
pub async fn report(tx: &mut Connection, id: DeviceId, unsent: u32) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE devices SET unsent = $2 WHERE id = $1").bind(number(id.0)).bind(unsent);
    query.execute(tx).await?;
    Ok(())
}

/// The longest name of an app's version that is kept, in characters.
const MAX_VERSION: usize = 40;

/// How it said that it is.
pub async fn is_in(tx: &mut Connection, id: DeviceId, condition: &Condition) -> Result<(), StoreError> {
    let version: String = condition.version.chars().take(MAX_VERSION).collect();
    let sql = "UPDATE devices SET oldest_unsent = $2, photos = $3, storage = $4, app_version = $5 WHERE id = $1";
    let query = sqlx::query(sql).bind(number(id.0)).bind(condition.oldest.map(|at| at.0)).bind(condition.photos);
    let storage = if condition.storage_untold { UNTOLD } else { i64::from(condition.storage.min(10)) };
    query.bind(storage).bind(version).execute(tx).await?;
    Ok(())
}

/// Unsent count as last reported.
pub async fn reported(tx: &mut Connection, id: DeviceId) -> Result<Option<u32>, StoreError> {
    let query = sqlx::query_scalar("SELECT unsent FROM devices WHERE id = $1").bind(number(id.0));
    Ok(query.fetch_optional(tx).await?)
}

/// The first revocation stays: when it happened is a fact.
pub async fn revoke(tx: &mut Connection, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE devices SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    sqlx::query(sql).bind(number(id.0)).bind(now.0).execute(tx).await?;
    Ok(())
}

/// The same by the office itself.
pub async fn stop_clones(tx: &mut Connection, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE devices SET revoked_at = $2, revoked_why = $3 WHERE id = $1 AND revoked_at IS NULL";
    sqlx::query(sql).bind(number(id.0)).bind(now.0).bind(CLONED).execute(tx).await?;
    Ok(())
}

/// Spends a nonce; a second time is a duplicate row.
pub async fn spend_nonce(tx: &mut Connection, id: DeviceId, nonce: &str, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO nonces (device, nonce, at) VALUES ($1, $2, $3)");
    query.bind(number(id.0)).bind(nonce).bind(now.0).execute(tx).await?;
    Ok(())
}

pub async fn forget_nonces(tx: &mut Connection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM nonces WHERE at < $1").bind(before.0).execute(tx).await?;
    Ok(())
}
