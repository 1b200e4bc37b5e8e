//! Saved views of a person. Knows what they are written as, not what they may be.

use xiaohao_shared::api::views::View;
use xiaohao_shared::id::PersonId;

use super::{Connection, Db, StoreError};

pub async fn of<'a>(store: impl sqlx::Executor<'a, Database = Db>, person: PersonId) -> Result<Vec<View>, StoreError> {
    let query = sqlx::query_scalar::<_, String>("SELECT views FROM saved_views WHERE person = $1").bind(person.0);
    let Some(json) = query.fetch_optional(store).await? else { return Ok(Vec::new()) };
    serde_json::from_str(&json).map_err(damaged)
}

pub async fn set(tx: &mut Connection, person: PersonId, views: &[View]) -> Result<(), StoreError> {
    let sql = "INSERT INTO saved_views (person, views) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET views = excluded.views";
    let json = serde_json::to_string(views).map_err(damaged)?;
    sqlx::query(sql).bind(person.0).bind(json).execute(tx).await?;
    Ok(())
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Damaged(format!("saved_views: {error}"))
}
