//! A filtered list as a file for the office's other programs: workbook, CSV or GeoJSON, written a page of issues at a time.
//! Knows the columns and their words; knows no HTTP, and not who may ask.

mod columns;
mod csv;
mod far;
mod geojson;
mod patrols;
mod xlsx;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

pub use patrols::patrols;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::Deserialize;
use xiaohao_shared::api::{BookFormat, MAX_BOOK_ROWS, MAX_PICTURED_ROWS};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{Kind, PlaceType, kind_info};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::rules::Rules;

pub use csv::{heading, row};
pub use far::{Far, Waiting};

use super::{Service, ServiceError, catalogue};
use crate::store::export::{Line, ids, lines};
use crate::store::people;

/// Issues that are in memory at once.
const PAGE: usize = 512;

/// The language of headings and names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Tongue {
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    #[serde(rename = "en")]
    En,
}

impl Tongue {
    pub(super) fn of<T>(self, (zh, en): (T, T)) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// What somebody wants to have in his hands.
#[derive(Debug, Clone)]
pub struct Wish {
    pub filter: Filter,
    pub format: BookFormat,
    pub tongue: Tongue,
    /// Thumbnails of before and after beside each issue, in a workbook.
    pub pictures: bool,
}

/// A file that is being written while it is read. Dropped, it is not written on.
pub struct Book {
    /// How many issues are in it.
    pub rows: u64,
    pub name: String,
    pub body: BoxStream<'static, io::Result<Bytes>>,
}

/// The names that lines are filled with.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) tongue: Tongue,
    zones: BTreeMap<ZoneId, String>,
    people: BTreeMap<PersonId, String>,
    rules: Rules,
}

impl Names {
    pub(super) async fn read(service: &Service, tongue: Tongue) -> Result<Self, ServiceError> {
        let people = people::all(&service.store).await?;
        let zones = people::zones(&service.store).await?;
        Ok(Self {
            tongue,
            zones: zones.into_iter().map(|zone| (zone.id, zone.name)).collect(),
            people: people.into_iter().map(|person| (person.id, person.name)).collect(),
            rules: catalogue::rules(&service.store).await?,
        })
    }

    pub(super) fn zone(&self, id: ZoneId) -> String {
        self.zones.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// Also one of the office's own. `None` for what only a newer catalogue has.
    pub(super) fn kind(&self, kind: Kind) -> Option<String> {
        let own = self.rules.own_name(kind).map(str::to_owned);
        own.or_else(|| kind_info(kind).map(|info| self.tongue.of((info.zh, info.en)).to_owned()))
    }

    /// When an issue counts as done: by the office's own words, else by the catalogue's.
    fn close_when(&self, kind: Kind, place_type: PlaceType) -> String {
        let usual = || kind_info(kind).map_or("", |info| self.tongue.of((info.close_when_zh, info.close_when_en)));
        self.rules.closes_when(kind, place_type).unwrap_or_else(usual).to_owned()
    }

    fn person(&self, id: PersonId) -> String {
        self.people.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }
}

pub async fn book(service: &Service, zones: Option<&[ZoneId]>, wish: Wish) -> Result<Book, ServiceError> {
    told(service, zones, wish, Arc::default()).await
}

/// The same, saying how far it is while nothing of it can be sent.
pub async fn told(
    service: &Service,
    zones: Option<&[ZoneId]>,
    wish: Wish,
    far: Arc<Far>,
) -> Result<Book, ServiceError> {
    let now = service.now();
    let filter = catalogue::knowing(service, wish.filter).await?;
    let ids = ids(&service.store, zones, &filter, now).await?;
    let rows = ids.len() as u64;
    let most = if wish.pictures { MAX_PICTURED_ROWS } else { MAX_BOOK_ROWS };
    if wish.format == BookFormat::Xlsx && rows > most {
        return Err(ServiceError::TooLarge);
    }
    far.is_of(rows);
    let names = Arc::new(Names::read(service, wish.tongue).await?);
    let stamp = format!("{}-{:02}{:02}", now.date(), now.minute_of_day() / 60, now.minute_of_day() % 60);
    let name = format!("{}-{stamp}.{}", wish.tongue.of(("问题清单", "issues")), wish.format.code());
    let body = match wish.format {
        BookFormat::Xlsx => xlsx::body(service.clone(), ids, names, wish.pictures, far)?,
        BookFormat::Csv => {
            text(service.clone(), ids, csv::head(wish.tongue), move |_, line| csv::line(line, &names), "")
        }
        BookFormat::Geojson => {
            let feature = move |is_first, line: &Line| geojson::feature(line, &names, is_first);
            text(service.clone(), ids, geojson::HEAD.into(), feature, geojson::END)
        }
    };
    Ok(Book { rows, name, body })
}

/// Texts need no end before their beginning is sent: a page is read when the reader has taken the one before.
fn text(
    service: Service,
    ids: Vec<IssueId>,
    head: String,
    write: impl Fn(bool, &Line) -> String + Send + Sync + 'static,
    end: &'static str,
) -> BoxStream<'static, io::Result<Bytes>> {
    let write = Arc::new(write);
    let pages = pages(ids).enumerate().then(move |(number, page)| {
        let (service, write) = (service.clone(), write.clone());
        async move {
            let lines = lines(&service.store, &page).await.map_err(io::Error::other)?;
            let texts = lines.iter().enumerate().map(|(at, line)| write(number + at == 0, line));
            Ok(Bytes::from(texts.collect::<String>()))
        }
    });
    let around = |text: String| stream::iter([Ok(Bytes::from(text))]);
    around(head).chain(pages).chain(around(end.into())).boxed()
}

fn pages(ids: Vec<IssueId>) -> impl futures_util::Stream<Item = Vec<IssueId>> + Send {
    let count = ids.len().div_ceil(PAGE);
    stream::iter((0..count).map(move |page| ids[page * PAGE..ids.len().min((page + 1) * PAGE)].to_vec()))
}
