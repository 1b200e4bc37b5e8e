//! Challenges that were used up, and which device came of each: none counts twice, and a lost answer can be given again. Those that
//! are open stand nowhere.

use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::time::Timestamp;

use super::codes::Use;
use super::{Connection, StoreError, number};

/// Uses a challenge up; a second time is a duplicate row.
pub async fn spend(tx: &mut Connection, nonce: &str, by: &Use) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO challenges (nonce, at, device, key) VALUES ($1, $2, $3, $4)");
    query.bind(nonce).bind(by.at.0).bind(number(by.device.0)).bind(&by.key).execute(tx).await?;
    Ok(())
}

/// The device that came of a challenge which this key had used up, and whose it is.
pub async fn came_of(tx: &mut Connection, nonce: &str, key: &[u8]) -> Result<Option<(DeviceId, PersonId)>, StoreError> {
    let sql = "SELECT c.device, d.person FROM challenges c JOIN devices d ON d.id = c.device \
               WHERE c.nonce = $1 AND c.key = $2";
    let row: Option<(i64, u32)> = sqlx::query_as(sql).bind(nonce).bind(key).fetch_optional(tx).await?;
    Ok(row.map(|(device, person)| (DeviceId(device.unsigned_abs()), PersonId(person))))
}

pub async fn forget(tx: &mut Connection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM challenges WHERE at < $1").bind(before.0).execute(tx).await?;
    Ok(())
}
