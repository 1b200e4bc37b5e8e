//! The outlines of zones. Every change here grows the office's version in the same transaction.

use xiaohao_shared::geo::ZoneOutline;
use xiaohao_shared::geo::outline::Outline;
use xiaohao_shared::id::ZoneId;

use super::{Connection, Pool, StoreError, office};

pub async fn all(pool: &Pool) -> Result<Vec<ZoneOutline>, StoreError> {
    let rows: Vec<(u32, String)> =
        sqlx::query_as("SELECT zone, outline FROM zone_outlines ORDER BY zone").fetch_all(pool).await?;
    let read = |(zone, json): (u32, String)| {
        let outline = serde_json::from_str(&json);
        let outline = outline.map_err(|error| StoreError::Damaged(format!("outline of zone {zone}: {error}")))?;
        Ok(ZoneOutline { zone: ZoneId(zone), outline })
    };
    rows.into_iter().map(read).collect()
}

/// Writes the outline of a zone, new or not.
pub async fn save(tx: &mut Connection, zone: ZoneId, outline: &Outline) -> Result<(), StoreError> {
    let json = serde_json::to_string(outline).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let update = sqlx::query("UPDATE zone_outlines SET outline = $2 WHERE zone = $1").bind(zone.0).bind(&json);
    if update.execute(&mut *tx).await?.rows_affected() == 0 {
        let insert = sqlx::query("INSERT INTO zone_outlines (zone, outline) VALUES ($1, $2)");
        insert.bind(zone.0).bind(&json).execute(&mut *tx).await?;
    }
    office::grow_version(tx).await
}
