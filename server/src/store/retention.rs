//! What the rule for keeping finds old enough, and the note of photos that it took away. Decides nothing.

use xiaohao_shared::id::PhotoId;
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError};

/// A large picture whose small one is here, of issues that are all closed and were left alone since; and that is nobody's small one.
const OLD_PHOTO: &str = "FROM blobs b WHERE EXISTS (SELECT 1 FROM photos p JOIN blobs t ON t.sha = p.thumbnail WHERE p.sha256 = b.sha) \
     AND NOT EXISTS (SELECT 1 FROM photos p JOIN issues i ON i.issue_id = p.issue_id \
                     WHERE p.sha256 = b.sha AND (i.is_open = 1 OR i.touched_at >= $1)) \
     AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.thumbnail = b.sha)";
const OLD_EVIDENCE: &str = "decided_at < $1 AND length(bytes) > 0";

/// How many, and their bytes.
pub async fn count_photos(tx: &mut Connection, cut: Timestamp) -> Result<(u64, u64), StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*), COALESCE(SUM(b.size), 0) {OLD_PHOTO}"));
    let (count, bytes): (i64, i64) = sqlx::query_as(sql).bind(cut.0).fetch_one(tx).await?;
    Ok((count.unsigned_abs(), bytes.unsigned_abs()))
}

pub async fn old_photos(tx: &mut Connection, cut: Timestamp, most: u32) -> Result<Vec<(PhotoId, u64)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT b.sha, b.size {OLD_PHOTO} ORDER BY b.sha LIMIT $2"));
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(cut.0).bind(most).fetch_all(tx).await?;
    rows.into_iter().map(|(sha, size)| Ok((photo(&sha)?, size.unsigned_abs()))).collect()
}

fn photo(name: &str) -> Result<PhotoId, StoreError> {
    name.parse().map_err(|_| StoreError::Damaged(format!("photo {name:?}")))
}

pub async fn remove_photo(tx: &mut Connection, sha: PhotoId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM blobs WHERE sha = $1").bind(sha.to_string()).execute(&mut *tx).await?;
    let sql = "INSERT INTO removed_photos (sha, removed_at, file_gone) \
               SELECT $1, $2, 0 WHERE NOT EXISTS (SELECT 1 FROM removed_photos WHERE sha = $1)";
    sqlx::query(sql).bind(sha.to_string()).bind(at.0).execute(&mut *tx).await?;
    // After a restore it may be taken away for the second time.
    let sql = "UPDATE removed_photos SET file_gone = 0 WHERE sha = $1";
    sqlx::query(sql).bind(sha.to_string()).execute(tx).await?;
    Ok(())
}

/// Photos whose row is gone and whose bytes are not.
pub async fn lingering(pool: &Pool) -> Result<Vec<PhotoId>, StoreError> {
    let sql = "SELECT sha FROM removed_photos WHERE file_gone = 0 ORDER BY sha LIMIT 500";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await?;
    names.iter().map(|name| photo(name)).collect()
}

pub async fn files_are_gone(tx: &mut Connection, photos: &[PhotoId]) -> Result<(), StoreError> {
    for sha in photos {
        let sql = "UPDATE removed_photos SET file_gone = 1 WHERE sha = $1";
        sqlx::query(sql).bind(sha.to_string()).execute(&mut *tx).await?;
    }
    Ok(())
}

pub async fn is_removed(pool: &Pool, sha: PhotoId) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT 1 FROM removed_photos WHERE sha = $1").bind(sha.to_string());
    Ok(query.fetch_optional(pool).await?.is_some())
}

pub async fn count_evidence(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM held WHERE {OLD_EVIDENCE}"));
    Ok(sqlx::query_scalar::<_, i64>(sql).bind(cut.0).fetch_one(tx).await?.unsigned_abs())
}

/// The row stays, because a device may still ask what became of its change; what the change said goes.
pub async fn blank_evidence(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("UPDATE held SET bytes = $2, content = '' WHERE {OLD_EVIDENCE}"));
    Ok(sqlx::query(sql).bind(cut.0).bind(Vec::<u8>::new()).execute(tx).await?.rows_affected())
}

pub async fn count_patrols(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM patrols WHERE begun_at < $1 AND received_at < $1";
    Ok(sqlx::query_scalar::<_, i64>(sql).bind(cut.0).fetch_one(tx).await?.unsigned_abs())
}

pub async fn remove_patrols(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = "DELETE FROM patrols WHERE begun_at < $1 AND received_at < $1";
    Ok(sqlx::query(sql).bind(cut.0).execute(tx).await?.rows_affected())
}
