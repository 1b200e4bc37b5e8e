//! By which name a sign-on calls whom. A name counts only at the issuer, and in the claim, for which it was written down.

use std::collections::BTreeMap;

use xiaohao_shared::id::PersonId;

use super::{Connection, Pool, StoreError};

/// Where names are given: an issuer, and which of its claims is the name.
#[derive(Debug, Clone, Copy)]
pub struct Realm<'a> {
    pub issuer: &'a str,
    pub claim: &'a str,
}

pub async fn find(tx: &mut Connection, realm: Realm<'_>, name: &str) -> Result<Option<PersonId>, StoreError> {
    let sql = "SELECT person FROM sign_on_names WHERE issuer = $1 AND claim = $2 AND name = $3";
    let query = sqlx::query_scalar(sql).bind(realm.issuer).bind(realm.claim).bind(name);
    Ok(query.fetch_optional(tx).await?.map(PersonId))
}

pub async fn all(pool: &Pool, realm: Realm<'_>) -> Result<BTreeMap<PersonId, String>, StoreError> {
    let sql = "SELECT person, name FROM sign_on_names WHERE issuer = $1 AND claim = $2";
    let query = sqlx::query_as(sql).bind(realm.issuer).bind(realm.claim);
    let rows: Vec<(u32, String)> = query.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(person, name)| (PersonId(person), name)).collect())
}

/// A name that somebody else has is a duplicate row.
pub async fn bind(tx: &mut Connection, realm: Realm<'_>, name: &str, person: PersonId) -> Result<(), StoreError> {
    let sql = "INSERT INTO sign_on_names (issuer, claim, name, person) VALUES ($1, $2, $3, $4)";
    let query = sqlx::query(sql).bind(realm.issuer).bind(realm.claim).bind(name).bind(person.0);
    query.execute(tx).await?;
    Ok(())
}

pub async fn unbind(tx: &mut Connection, realm: Realm<'_>, person: PersonId) -> Result<(), StoreError> {
    let sql = "DELETE FROM sign_on_names WHERE issuer = $1 AND claim = $2 AND person = $3";
    sqlx::query(sql).bind(realm.issuer).bind(realm.claim).bind(person.0).execute(tx).await?;
    Ok(())
}
