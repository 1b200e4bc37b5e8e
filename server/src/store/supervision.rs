//! The numbers of 督办单 as the issues have them. Decides nothing about how they are made.

use xiaohao_shared::model::SupervisionLevel;

use super::projection::level_code;
use super::{Pool, StoreError};

/// All numbers of a level that begin like this.
pub async fn numbers(pool: &Pool, level: SupervisionLevel, begin: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT supervision_number FROM issues WHERE supervision_level = $1 AND supervision_number LIKE $2";
    let query = sqlx::query_scalar(sql).bind(level_code(level)).bind(format!("{begin}%"));
    Ok(query.fetch_all(pool).await?)
}
