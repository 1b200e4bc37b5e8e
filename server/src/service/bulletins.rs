//! Notices of the office (今日提示): written by the desk, carried to phones by the directory, and read by those whom they concern.

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Bulletin, BulletinReads, MAX_BULLETIN, SaveBulletin};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::Person;
use xiaohao_shared::time::DAY;

use super::directory::Caller;
use super::{Service, ServiceError};
use crate::store::{bulletins, office, people};

/// The directory of every phone carries them all.
const MOST_STANDING: usize = 20;
/// How long one may stand.
const LONGEST: i64 = 90 * DAY;
/// How many the desk looks back upon.
const LATEST: u32 = 50;

/// What the desk asks for by `POST /api/bulletins`.
pub async fn write(service: &Service, caller: &Caller, wish: SaveBulletin) -> Result<BulletinReads, ServiceError> {
    let now = service.now();
    let mut tx = service.write().await?;
    if wish.until <= now || wish.until - now > LONGEST {
        return Err(ServiceError::Unfit(Reason::NoticeEnd));
    }
    for zone in &wish.zones {
        if !people::zone_exists(&mut tx, *zone).await? {
            return Err(ServiceError::Unfit(Reason::NoSuchZone));
        }
    }
    if bulletins::standing(&mut *tx, now).await?.len() >= MOST_STANDING {
        return Err(ServiceError::Conflict(Reason::TooManyNotices));
    }
    let bulletin = Bulletin {
        id: bulletins::next_id(&mut tx).await?,
        text: text_of(&wish.text)?,
        zones: wish.zones.into_iter().collect(),
        until: wish.until,
        made_at: now,
        made_by: caller.person.id,
    };
    bulletins::insert(&mut tx, &bulletin).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    service.tell_of_office();
    one(service, bulletin.id).await
}

fn text_of(wish: &str) -> Result<String, ServiceError> {
    let text = wish.trim();
    let is_text = !text.is_empty() && text.chars().count() <= MAX_BULLETIN;
    let is_text = is_text && !text.chars().any(|letter| letter.is_control() && letter != '\n');
    if is_text { Ok(text.to_owned()) } else { Err(ServiceError::Unfit(Reason::NoticeLength)) }
}

pub async fn withdraw(service: &Service, id: u32) -> Result<BulletinReads, ServiceError> {
    let mut tx = service.write().await?;
    bulletins::find(&mut tx, id).await?.ok_or(ServiceError::NotFound)?;
    bulletins::withdraw(&mut tx, id, service.now()).await?;
    office::grow_version(&mut tx).await?;
    tx.commit().await?;
    service.tell_of_office();
    one(service, id).await
}

/// What stands for a person now.
pub async fn of(service: &Service, person: &Person) -> Result<Vec<Bulletin>, ServiceError> {
    let mut standing = bulletins::standing(&service.store, service.now()).await?;
    standing.retain(|bulletin| bulletin.is_for(person));
    Ok(standing)
}

/// Says that the caller has read it; said twice it is true once.
pub async fn read(service: &Service, caller: &Caller, id: u32) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    let found = bulletins::find(&mut tx, id).await?.ok_or(ServiceError::NotFound)?;
    if !found.is_for(&caller.person) {
        return Err(ServiceError::Hidden);
    }
    bulletins::mark_read(&mut tx, id, caller.person.id, service.now()).await?;
    tx.commit().await
}

/// The latest, with who has read them and who has not.
pub async fn all(service: &Service) -> Result<Vec<BulletinReads>, ServiceError> {
    let people = people::all(&service.store).await?;
    let mut connection = service.store.acquire().await?;
    let mut all = Vec::new();
    for (bulletin, withdrawn_at) in bulletins::latest(&mut connection, LATEST).await? {
        let read = bulletins::readers(&mut connection, bulletin.id).await?;
        let waits = |person: &&Person| bulletin.is_for(person) && read.iter().all(|(reader, _)| *reader != person.id);
        let unread: Vec<PersonId> = people.iter().filter(waits).map(|person| person.id).collect();
        all.push(BulletinReads { bulletin, withdrawn_at, read, unread });
    }
    Ok(all)
}

async fn one(service: &Service, id: u32) -> Result<BulletinReads, ServiceError> {
    let found = all(service).await?.into_iter().find(|reads| reads.bulletin.id == id);
    found.ok_or(ServiceError::NotFound)
}
