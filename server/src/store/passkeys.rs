//! Passkeys, and which device was confirmed by one. A passkey is in force while it was not withdrawn and the
//! device that made it is in service.

use base64ct::{Base64UrlUnpadded, Encoding};
use xiaohao_shared::api::passkeys;
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError, number};

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Passkey {
    pub number: u32,
    pub person: u32,
    device: i64,
    pub credential: Vec<u8>,
    /// COSE.
    pub key: Vec<u8>,
    pub counter: u32,
    synced: bool,
    label: String,
    made_at: i64,
    used_at: Option<i64>,
}

impl Passkey {
    pub fn told(&self) -> passkeys::Passkey {
        passkeys::Passkey {
            number: self.number,
            label: self.label.clone(),
            device: DeviceId(self.device.unsigned_abs()),
            made_at: Timestamp(self.made_at),
            used_at: self.used_at.map(Timestamp),
            synced: self.synced,
            credential: Base64UrlUnpadded::encode_string(&self.credential),
        }
    }
}

/// What a new passkey is.
pub struct New<'a> {
    pub person: PersonId,
    pub device: DeviceId,
    pub relying_party: &'a str,
    pub credential: &'a [u8],
    pub key: &'a [u8],
    pub counter: u32,
    pub synced: bool,
    pub label: &'a str,
}

macro_rules! in_force {
    ($which:literal) => {
        concat!(
            "SELECT p.number, p.person, p.device, p.credential, p.key, p.counter, p.synced, p.label, p.made_at, p.used_at ",
            "FROM passkeys p JOIN devices d ON d.id = p.device ",
            "WHERE p.withdrawn_at IS NULL AND d.revoked_at IS NULL AND ",
            $which,
            " ORDER BY p.number"
        )
    };
}

pub async fn of(tx: &mut Connection, relying_party: &str, person: PersonId) -> Result<Vec<Passkey>, StoreError> {
    let query = sqlx::query_as(in_force!("p.relying_party = $1 AND p.person = $2")).bind(relying_party).bind(person.0);
    Ok(query.fetch_all(tx).await?)
}

pub async fn find(tx: &mut Connection, relying_party: &str, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
    let query =
        sqlx::query_as(in_force!("p.relying_party = $1 AND p.credential = $2")).bind(relying_party).bind(credential);
    Ok(query.fetch_optional(tx).await?)
}

/// Everybody's, whatever the office's address was when they were made.
pub async fn all(pool: &Pool) -> Result<Vec<Passkey>, StoreError> {
    Ok(sqlx::query_as(in_force!("TRUE")).fetch_all(pool).await?)
}

pub async fn numbered(tx: &mut Connection, number: u32) -> Result<Option<Passkey>, StoreError> {
    Ok(sqlx::query_as(in_force!("p.number = $1")).bind(number).fetch_optional(tx).await?)
}

/// Numbered in the order in which they were made. A credential that is here already is a duplicate row.
pub async fn insert(tx: &mut Connection, new: &New<'_>, now: Timestamp) -> Result<u32, StoreError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM passkeys").fetch_one(&mut *tx).await?;
    let sql = "INSERT INTO passkeys (number, person, device, relying_party, credential, key, counter, synced, label, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let query = sqlx::query(sql).bind(last + 1).bind(new.person.0).bind(number(new.device.0)).bind(new.relying_party);
    let query = query.bind(new.credential).bind(new.key).bind(new.counter).bind(i64::from(new.synced));
    query.bind(new.label).bind(now.0).execute(tx).await?;
    Ok(u32::try_from(last + 1).unwrap_or(u32::MAX))
}

pub async fn mark_used(tx: &mut Connection, passkey: u32, counter: u32, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE passkeys SET counter = $2, used_at = $3 WHERE number = $1");
    query.bind(passkey).bind(counter).bind(now.0).execute(tx).await?;
    Ok(())
}

pub async fn withdraw(tx: &mut Connection, passkey: u32, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE passkeys SET withdrawn_at = $2 WHERE number = $1");
    query.bind(passkey).bind(now.0).execute(tx).await?;
    Ok(())
}

// Who was confirmed

pub async fn confirm(tx: &mut Connection, device: DeviceId, passkey: u32, until: Timestamp) -> Result<(), StoreError> {
    end_confirmed(tx, device).await?;
    let query = sqlx::query("INSERT INTO confirmed (device, passkey, until_time) VALUES ($1, $2, $3)");
    query.bind(number(device.0)).bind(passkey).bind(until.0).execute(tx).await?;
    Ok(())
}

/// Until when, by a passkey that is still in force.
pub async fn confirmed_until(tx: &mut Connection, device: DeviceId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT c.until_time FROM confirmed c JOIN passkeys p ON p.number = c.passkey JOIN devices d ON d.id = p.device \
               WHERE c.device = $1 AND p.withdrawn_at IS NULL AND d.revoked_at IS NULL";
    let query = sqlx::query_scalar::<_, i64>(sql).bind(number(device.0));
    Ok(query.fetch_optional(tx).await?.map(Timestamp))
}

/// Whoever holds this device now has shown nothing at it.
pub async fn end_confirmed(tx: &mut Connection, device: DeviceId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM confirmed WHERE device = $1").bind(number(device.0)).execute(tx).await?;
    Ok(())
}

pub async fn forget_confirmed(tx: &mut Connection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM confirmed WHERE until_time < $1").bind(before.0).execute(tx).await?;
    Ok(())
}
