//! Whose issues are asked for, and the way by which they are found where their order alone would find them late. Knows how many
//! something is of all, and no SQL of conditions.

use sqlx::QueryBuilder;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::time::Timestamp;

use super::conditions::push_sorts;
use super::counts::sort_tallies;
use crate::store::{Pool, StoreError, search};

/// Whose issues are asked for, and when; and how they are found where they are few of all.
pub struct Asked<'a> {
    pub zones: Option<&'a [ZoneId]>,
    pub filter: &'a Filter,
    pub now: Timestamp,
    pub narrow: Option<Narrow>,
}

/// How issues are found that are few of all, or some of all.
#[derive(Clone)]
pub enum Narrow {
    /// By this condition of `search`, each of them.
    Words(String),
    /// By this condition of `search`, in the order of their reports, until a page is full.
    WordsInOrder(String),
    /// By this condition of `search`, which is the word itself, from what stands beside it there.
    Exactly(String),
    /// As [`Narrow::Exactly`]; but first in the order of the list, not far.
    Soon(String),
    /// By the counters, which know where the few of a sort are.
    Sorts,
}

/// Of a page: where more issues have the words, each of them is looked at only until it is full.
const FEW: u32 = 2_000;
/// Of a page: where more have the words, its order is read sooner than they are put into it.
pub const MANY: u32 = 20_000;
/// Of what is read to its end: a row that is looked up costs several that are read one after the other.
pub const SOME: u32 = 50_000;
/// How far the order of a list is read for words that many have: most often it is full by then.
pub const SOON: u32 = 4_000;
/// Issues of a zone, kind or place type that are so few that their lists are not full before nearly all are read.
const RARE: i64 = 300;

impl<'a> Asked<'a> {
    /// Where at most so many issues can have the words, each of them is looked at, whatever its place in the order.
    pub async fn of(
        pool: &Pool,
        zones: Option<&'a [ZoneId]>,
        filter: &'a Filter,
        now: Timestamp,
        most: u32,
    ) -> Result<Self, StoreError> {
        let narrow = search::narrowed(pool, filter, most).await?.map(Narrow::Words);
        Ok(Self { zones, filter, now, narrow })
    }

    /// A count looks at each of them.
    pub async fn counted(
        pool: &Pool,
        zones: Option<&'a [ZoneId]>,
        filter: &'a Filter,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        match exactly(filter) {
            Some(words) => Ok(Self { zones, filter, now, narrow: Some(Narrow::Exactly(words)) }),
            None => Self::of(pool, zones, filter, now, SOME).await,
        }
    }

    /// A page is read in its order where it is soon full.
    pub async fn page_of(
        pool: &Pool,
        zones: Option<&'a [ZoneId]>,
        filter: &'a Filter,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let narrow = match search::narrowed(pool, filter, FEW).await? {
            Some(words) => Some(Narrow::Words(words)),
            None => narrow_page(pool, zones, filter).await?,
        };
        Ok(Self { zones, filter, now, narrow })
    }

    /// The same, found in another way.
    pub fn by(&self, narrow: Narrow) -> Self {
        Self { narrow: Some(narrow), ..*self }
    }
}

/// How a page is found whose words more than a few have.
async fn narrow_page(pool: &Pool, zones: Option<&[ZoneId]>, filter: &Filter) -> Result<Option<Narrow>, StoreError> {
    // What is open is never so much that its order is not read soon.
    if !filter.is_of_open() && is_rare(pool, zones, filter).await? {
        return Ok(Some(Narrow::Sorts));
    }
    if let Some(words) = exactly(filter) {
        let many = search::narrowed(pool, filter, MANY).await?.is_none();
        return Ok(Some(if many { Narrow::Soon(words) } else { Narrow::Exactly(words) }));
    }
    // What somebody reported or has in charge, and what is linked, is less than that, and has indexes of its own.
    if filter.is_of_open() || filter.reporter.is_some() || filter.assignee.is_some() || filter.linked.is_some() {
        return Ok(None);
    }
    Ok(search::narrowed(pool, filter, MANY).await?.map(Narrow::WordsInOrder))
}

/// The condition of `search` that says all of the words, where what stands beside them there says all the rest.
fn exactly(filter: &Filter) -> Option<String> {
    let Filter { reporter, assignee, linked, undecided, asked, .. } = filter;
    let elsewhere = reporter.is_some() || assignee.is_some() || linked.is_some() || *undecided || *asked;
    search::exactly(filter).filter(|_| !elsewhere)
}

/// Whether the counters know that hardly any issue is of these zones, this kind and this place type.
pub async fn is_rare(pool: &Pool, zones: Option<&[ZoneId]>, filter: &Filter) -> Result<bool, StoreError> {
    let sorts =
        Filter { zones: filter.zones.clone(), kind: filter.kind, place_type: filter.place_type, ..Filter::default() };
    if zones.is_none() && sorts == Filter::default() {
        return Ok(false);
    }
    let from = sort_tallies(&sorts, Grouping::State);
    let mut query = QueryBuilder::new(format!("SELECT COALESCE(SUM(issue_count), 0) FROM {from} WHERE {EVERY_ZONE}"));
    push_sorts(&mut query, zones, &sorts, false);
    Ok(query.build_query_scalar::<i64>().fetch_one(pool).await? <= RARE)
}

/// Every zone that the counters know. Says no more, but so that a key which begins with the zone serves.
pub const EVERY_ZONE: &str = "zone_id IN (SELECT DISTINCT zone_id FROM kind_tallies) AND ";
