//! People and zones. Every change here grows the office's version in the same transaction.

use std::collections::BTreeSet;

use sqlx::Row;
use xiaohao_shared::api::About;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::policy::Known;
use xiaohao_shared::model::{Bearer, Duty, Person, Role, Zone};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError, office};

/// How many records name somebody.
pub async fn about(tx: &mut Connection, person: PersonId) -> Result<About, StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM issues WHERE reporter_id = $1), (SELECT COUNT(*) FROM steps WHERE by_id = $1), \
               (SELECT COUNT(*) FROM photos WHERE by_id = $1), (SELECT COUNT(*) FROM patrols WHERE person_id = $1), \
               (SELECT COUNT(*) FROM devices WHERE person = $1), (SELECT COUNT(*) FROM audit WHERE person = $1), \
               (SELECT COUNT(*) FROM passkeys WHERE person = $1) + (SELECT COUNT(*) FROM sign_on_names WHERE person = $1)";
    let row = sqlx::query(sql).bind(person.0).fetch_one(&mut *tx).await?;
    let mut counts = [0_i64; 7];
    for (at, count) in counts.iter_mut().enumerate() {
        *count = row.try_get(at)?;
    }
    let [reported, steps, photos, rounds, devices, audit, proofs] = counts.map(i64::unsigned_abs);
    let views = super::views::of(tx, person).await?.len() as u64;
    Ok(About { reported, steps, photos, rounds, devices, audit, proofs, views })
}

/// How a role is spelled in SQL; the same words as in JSON.
pub fn role_code(role: Role) -> &'static str {
    match role {
        Role::Cadre => "cadre",
        Role::Inspector => "inspector",
        Role::Supervisor => "supervisor",
        Role::Administrator => "administrator",
    }
}

fn role_from(code: &str) -> Result<Role, StoreError> {
    let role = Role::ALL.into_iter().find(|role| role_code(*role) == code);
    role.ok_or_else(|| StoreError::Damaged(format!("role {code:?}")))
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: PersonId(row.try_get("id")?),
        name: row.try_get("name")?,
        role: role_from(row.try_get("role")?)?,
        zones: BTreeSet::new(),
        active: row.try_get::<i64, _>("active")? != 0,
        duties: row.try_get::<String, _>("duties")?.split_whitespace().filter_map(Duty::from_code).collect(),
    })
}

pub async fn find(tx: &mut Connection, id: PersonId) -> Result<Option<Person>, StoreError> {
    let query = sqlx::query("SELECT id, name, role, active, duties FROM people WHERE id = $1").bind(id.0);
    let Some(row) = query.fetch_optional(&mut *tx).await? else { return Ok(None) };
    let zones: Vec<u32> =
        sqlx::query_scalar("SELECT zone FROM person_zones WHERE person = $1").bind(id.0).fetch_all(&mut *tx).await?;
    Ok(Some(Person { zones: zones.into_iter().map(ZoneId).collect(), ..read(&row)? }))
}

/// Everybody, by number.
pub async fn all(pool: &Pool) -> Result<Vec<Person>, StoreError> {
    everybody(&mut *pool.acquire().await?).await
}

async fn everybody(tx: &mut Connection) -> Result<Vec<Person>, StoreError> {
    let rows = sqlx::query("SELECT id, name, role, active, duties FROM people ORDER BY id").fetch_all(&mut *tx).await?;
    let mut people = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let places: Vec<(u32, u32)> = sqlx::query_as("SELECT person, zone FROM person_zones").fetch_all(tx).await?;
    for (person, zone) in places {
        if let Ok(at) = people.binary_search_by_key(&PersonId(person), |person| person.id) {
            people[at].zones.insert(ZoneId(zone));
        }
    }
    Ok(people)
}

pub async fn next_id(tx: &mut Connection) -> Result<PersonId, StoreError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM people").fetch_one(&mut *tx).await?;
    let last = last.max(office::given(tx).await?);
    Ok(PersonId(u32::try_from(last + 1).map_err(|_| StoreError::Damaged("people.id".into()))?))
}

/// Writes a person as he now is, new or not.
pub async fn save(tx: &mut Connection, person: &Person) -> Result<(), StoreError> {
    let sql = "UPDATE people SET name = $2, role = $3, active = $4, duties = $5 WHERE id = $1";
    if write(tx, sql, person).await? == 0 {
        write(tx, "INSERT INTO people (id, name, role, active, duties) VALUES ($1, $2, $3, $4, $5)", person).await?;
    }
    sqlx::query("DELETE FROM person_zones WHERE person = $1").bind(person.id.0).execute(&mut *tx).await?;
    for zone in &person.zones {
        let insert = sqlx::query("INSERT INTO person_zones (person, zone) VALUES ($1, $2)");
        insert.bind(person.id.0).bind(zone.0).execute(&mut *tx).await?;
    }
    office::grow_version(tx).await
}

async fn write(tx: &mut Connection, sql: &'static str, person: &Person) -> Result<u64, StoreError> {
    let query = sqlx::query(sql).bind(person.id.0).bind(&person.name).bind(role_code(person.role));
    let duties = person.duties.iter().map(|duty| duty.code()).collect::<Vec<_>>().join(" ");
    Ok(query.bind(i64::from(person.active)).bind(duties).execute(tx).await?.rows_affected())
}

/// What the active administrators other than `person` answer for.
pub async fn duties_of_others(tx: &mut Connection, person: PersonId) -> Result<BTreeSet<Duty>, StoreError> {
    let sql = "SELECT duties FROM people WHERE role = $1 AND active = 1 AND id <> $2";
    let query = sqlx::query_scalar(sql).bind(role_code(Role::Administrator)).bind(person.0);
    let duties: Vec<String> = query.fetch_all(tx).await?;
    Ok(duties.iter().flat_map(|duties| duties.split_whitespace()).filter_map(Duty::from_code).collect())
}

pub async fn zones(pool: &Pool) -> Result<Vec<Zone>, StoreError> {
    let rows: Vec<(u32, String, String)> =
        sqlx::query_as("SELECT id, name, code FROM zones ORDER BY id").fetch_all(pool).await?;
    let zone = |(id, name, code)| Zone { id: ZoneId(id), name, code, bearers: Vec::new() };
    let mut zones: Vec<Zone> = rows.into_iter().map(zone).collect();
    let sql = "SELECT zone_id, person_id, part FROM zone_people ORDER BY zone_id, position";
    let bearers: Vec<(u32, u32, String)> = sqlx::query_as(sql).fetch_all(pool).await?;
    for (zone, person, part) in bearers {
        if let Ok(at) = zones.binary_search_by_key(&ZoneId(zone), |zone| zone.id) {
            zones[at].bearers.push(Bearer { person: PersonId(person), part });
        }
    }
    Ok(zones)
}

/// Who bears which part in one zone.
pub async fn bearers(tx: &mut Connection, zone: ZoneId) -> Result<Vec<Bearer>, StoreError> {
    let sql = "SELECT person_id, part FROM zone_people WHERE zone_id = $1 ORDER BY position";
    let rows: Vec<(u32, String)> = sqlx::query_as(sql).bind(zone.0).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(person, part)| Bearer { person: PersonId(person), part }).collect())
}

pub async fn zone_ids(tx: &mut Connection) -> Result<Vec<ZoneId>, StoreError> {
    Ok(zones_since(tx).await?.into_iter().map(|(zone, _)| zone).collect())
}

/// Every zone, and since when it is there.
pub async fn zones_since(tx: &mut Connection) -> Result<Vec<(ZoneId, Timestamp)>, StoreError> {
    let zones: Vec<(u32, i64)> = sqlx::query_as("SELECT id, since FROM zones ORDER BY id").fetch_all(tx).await?;
    Ok(zones.into_iter().map(|(zone, since)| (ZoneId(zone), Timestamp(since))).collect())
}

/// Writes a zone as it now is; a new one is there from `since` on.
pub async fn save_zone(tx: &mut Connection, zone: &Zone, since: Timestamp) -> Result<(), StoreError> {
    let update = sqlx::query("UPDATE zones SET name = $2, code = $3 WHERE id = $1");
    let update = update.bind(zone.id.0).bind(&zone.name).bind(&zone.code).execute(&mut *tx).await?;
    if update.rows_affected() == 0 {
        let insert = sqlx::query("INSERT INTO zones (id, name, code, since) VALUES ($1, $2, $3, $4)");
        insert.bind(zone.id.0).bind(&zone.name).bind(&zone.code).bind(since.0).execute(&mut *tx).await?;
    }
    sqlx::query("DELETE FROM zone_people WHERE zone_id = $1").bind(zone.id.0).execute(&mut *tx).await?;
    for (position, Bearer { person, part }) in (0_i64..).zip(&zone.bearers) {
        let sql = "INSERT INTO zone_people (zone_id, person_id, part, position) VALUES ($1, $2, $3, $4)";
        let insert = sqlx::query(sql).bind(zone.id.0).bind(person.0).bind(part).bind(position);
        insert.execute(&mut *tx).await?;
    }
    office::grow_version(tx).await
}

pub async fn next_zone_id(tx: &mut Connection) -> Result<ZoneId, StoreError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM zones").fetch_one(&mut *tx).await?;
    let last = last.max(office::given(tx).await?);
    Ok(ZoneId(u32::try_from(last + 1).map_err(|_| StoreError::Damaged("zones.id".into()))?))
}

/// Whether another zone has this name.
pub async fn is_name_taken(tx: &mut Connection, zone: &Zone) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT id FROM zones WHERE name = $1 AND id <> $2 LIMIT 1");
    Ok(query.bind(&zone.name).bind(zone.id.0).fetch_optional(tx).await?.is_some())
}

pub async fn zone_exists(tx: &mut Connection, zone: ZoneId) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT id FROM zones WHERE id = $1").bind(zone.0);
    Ok(query.fetch_optional(tx).await?.is_some())
}

/// The zones and people that there are, for the policy.
pub async fn known(tx: &mut Connection) -> Result<Known, StoreError> {
    let zones = zone_ids(tx).await?.into_iter().collect();
    let people = everybody(tx).await?.into_iter().map(|person| (person.id, person)).collect();
    Ok(Known { zones, people })
}

/// Keeps what a person was until now; work begun under it is held for review and not lost.
pub async fn remember(tx: &mut Connection, was: &Person, until: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO person_history (person, until, was) VALUES ($1, $2, $3)");
    let json = serde_json::to_string(was).map_err(|error| StoreError::Damaged(error.to_string()))?;
    query.bind(was.id.0).bind(until.0).bind(json).execute(tx).await?;
    Ok(())
}

/// Since when a person is what he is; `None` where he never was anything else.
pub async fn changed_at(tx: &mut Connection, person: PersonId) -> Result<Option<Timestamp>, StoreError> {
    let query =
        sqlx::query_scalar::<_, Option<i64>>("SELECT MAX(until) FROM person_history WHERE person = $1").bind(person.0);
    Ok(query.fetch_one(tx).await?.map(Timestamp))
}

/// What a person was before, newest first.
pub async fn former(tx: &mut Connection, person: PersonId) -> Result<Vec<Person>, StoreError> {
    let sql = "SELECT was FROM person_history WHERE person = $1 ORDER BY until DESC LIMIT 20";
    let rows: Vec<String> = sqlx::query_scalar(sql).bind(person.0).fetch_all(tx).await?;
    let read = |json: String| serde_json::from_str(&json).map_err(|error| StoreError::Damaged(error.to_string()));
    rows.into_iter().map(read).collect()
}
