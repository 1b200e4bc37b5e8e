//! Single bits flip in what the office stored: in changes of the log, in saved documents, in photos. Each must be found by
//! `verify`, and none may be served: what can be made again from the other half is, what cannot stays alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use xiaohao_server::service::directory::{self, Caller};
use xiaohao_server::service::{audit, sync};
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::Role;
use xiaohao_shared::sync::wire::{Body, Item, PAGE_BYTES, Position, Request};

use super::camera::Shot;
use super::street::{Walker, photo_file};
use crate::phone::Phone;
use crate::workload::Chance;
use crate::{Call, TestServer};

const ISSUES: usize = 12;
const PHOTOS: usize = 4;

/// What is stored and may rot.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    /// A column of one row of the log, by position.
    Change(&'static str, i64),
    /// A column of one saved document.
    Document(&'static str, IssueId),
    Photo(PhotoId),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flipped {
    pub changes: usize,
    pub documents: usize,
    pub photos: usize,
}

impl Flipped {
    pub fn total(&self) -> usize {
        self.changes + self.documents + self.photos
    }
}

/// An office at rest, and what is true in it.
struct Case {
    server: TestServer,
    walker: Walker,
    caller: Caller,
    truth: BTreeMap<IssueId, Vec<ChangeHash>>,
    raw: BTreeSet<Vec<u8>>,
    cells: Vec<Cell>,
}

/// One flip after the other, each put back before the next. Fails with the first that was not found, or was served.
pub async fn run(flips: usize) -> anyhow::Result<Flipped> {
    let case = Case::begin().await?;
    let (mut chance, mut flipped) = (Chance::new(20_261_124), Flipped::default());
    for _ in 0..flips {
        let cell = case.cells[chance.below(case.cells.len())].clone();
        let before = case.read(&cell).await?;
        let mut after = before.clone();
        let (byte, bit) = (chance.below(after.len()), chance.below(8));
        after[byte] ^= 1 << bit;
        case.write(&cell, &after).await?;
        case.judge(&cell).await.with_context(|| format!("{cell:?}, bit {bit} of byte {byte}"))?;
        case.write(&cell, &before).await?;
        match cell {
            Cell::Change(..) => flipped.changes += 1,
            Cell::Document(..) => flipped.documents += 1,
            Cell::Photo(_) => flipped.photos += 1,
        }
    }
    let report = audit::verify(&case.server.service).await?;
    ensure!(report.findings.is_empty(), "after the last bit was put back: {report}");
    Ok(flipped)
}

impl Case {
    async fn begin() -> anyhow::Result<Self> {
        let server = TestServer::start().await;
        let person = server.person("李红", Role::Cadre, &[1]).await;
        let device = server.enrol(&person).await;
        let caller =
            Caller { device: device.device(), person: directory::person(&server.service, person.id).await?.person };
        let mut walker = Walker::new(Phone::new(device, &person));
        for at in 0..ISSUES {
            walker.report((at < PHOTOS).then(|| Shot::new(30)));
            walker.remark();
            walker.remark();
        }
        ensure!(walker.sync().await.is_none(), "the office is at rest");
        walker.bring_photos().await?;
        ensure!(walker.roll.is_empty(), "the photos are there");
        let stored = walker.phone.storage.documents.values();
        let documents = stored.map(|stored| Ok((stored.issue, Document::load(&stored.bytes)?)));
        let documents: Vec<(IssueId, Document)> = documents.collect::<anyhow::Result<_>>()?;
        let truth = documents.iter().map(|(issue, document)| (*issue, document.heads())).collect();
        let raw = documents.iter().flat_map(|(_, document)| document.changes()).map(|change| change.bytes).collect();
        let cells = cells(&server, &walker).await?;
        Ok(Self { server, walker, caller, truth, raw, cells })
    }

    async fn judge(&self, cell: &Cell) -> anyhow::Result<()> {
        let report = audit::verify(&self.server.service).await?;
        ensure!(!report.findings.is_empty(), "verify did not find it");
        for position in
            [Position { after: 0, pull: None, own: None }, Position { after: 0, pull: Some(FROM_THE_START), own: None }]
        {
            self.nothing_wrong_is_served_from(position).await?;
        }
        if let Cell::Photo(photo) = cell {
            let answer = self.walker.phone.device.send(Call::get(&format!("/api/photos/{photo}"))).await;
            ensure!(answer.status >= 400, "a damaged photo was served");
        }
        Ok(())
    }

    /// Reads everything as a phone that stands at this position: it must end with what is true, and see nothing else.
    async fn nothing_wrong_is_served_from(&self, position: Position) -> anyhow::Result<()> {
        let log = sync::log_id(&self.server.service).await?;
        let mut request = quiet(log, position);
        let mut got: BTreeMap<IssueId, Document> = BTreeMap::new();
        loop {
            let response = sync::page(&self.server.service, &self.caller, request.clone()).await?;
            for item in &response.items {
                self.take(&mut got, item)?;
            }
            request.scopes = response.scopes.iter().filter_map(|scope| Some((scope.zone, scope.position?))).collect();
            if !response.more {
                break;
            }
        }
        let got: BTreeMap<IssueId, Vec<ChangeHash>> =
            got.iter().map(|(issue, document)| (*issue, document.heads())).collect();
        ensure!(
            got == self.truth,
            "{} of {} documents are right",
            got.iter().filter(|(issue, heads)| self.truth.get(*issue) == Some(*heads)).count(),
            self.truth.len()
        );
        Ok(())
    }

    fn take(&self, got: &mut BTreeMap<IssueId, Document>, item: &Item) -> anyhow::Result<()> {
        match &item.body {
            Body::Change(bytes) => {
                ensure!(self.raw.contains(bytes), "a damaged change was served");
                // After a snapshot it is there already; applying it again changes nothing.
                got.entry(item.issue).or_default().apply([bytes.as_slice()])?;
            }
            Body::Snapshot(bytes) => {
                let mut document = Document::load(bytes).context("a damaged document was served")?;
                ensure!(Some(&document.heads()) == self.truth.get(&item.issue), "an untrue document was served");
                got.entry(item.issue).or_default().merge(&mut document)?;
            }
            Body::LetGo => {}
        }
        Ok(())
    }

    async fn read(&self, cell: &Cell) -> anyhow::Result<Vec<u8>> {
        let store = &self.server.service.store;
        let (sql, key) = match cell {
            Cell::Photo(photo) => return Ok(std::fs::read(photo_file(self.server.data.path(), *photo))?),
            Cell::Change(column, seq) => (format!("SELECT {column} FROM changes WHERE seq = $1"), seq.to_string()),
            Cell::Document(column, issue) => {
                (format!("SELECT {column} FROM documents WHERE issue_id = $1"), issue.to_string())
            }
        };
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(key).fetch_one(store).await?)
    }

    async fn write(&self, cell: &Cell, bytes: &[u8]) -> anyhow::Result<()> {
        let store = &self.server.service.store;
        let (sql, key) = match cell {
            Cell::Photo(photo) => return Ok(std::fs::write(photo_file(self.server.data.path(), *photo), bytes)?),
            Cell::Change(column, seq) => (format!("UPDATE changes SET {column} = $2 WHERE seq = $1"), seq.to_string()),
            Cell::Document(column, issue) => {
                (format!("UPDATE documents SET {column} = $2 WHERE issue_id = $1"), issue.to_string())
            }
        };
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(key).bind(bytes).execute(store).await?;
        Ok(())
    }
}

async fn cells(server: &TestServer, walker: &Walker) -> anyhow::Result<Vec<Cell>> {
    let seqs: Vec<i64> = sqlx::query_scalar("SELECT seq FROM changes").fetch_all(&server.service.store).await?;
    let mut cells = Vec::new();
    for seq in seqs {
        // The long columns as often as the short ones together.
        cells.extend(["bytes", "bytes", "hash", "receipt"].map(|column| Cell::Change(column, seq)));
    }
    for issue in walker.phone.storage.documents.keys() {
        for _ in 0..4 {
            cells.extend(["bytes", "bytes", "receipt"].map(|column| Cell::Document(column, *issue)));
        }
    }
    for photo in &walker.delivered {
        cells.extend(std::iter::repeat_n(Cell::Photo(*photo), 24));
    }
    Ok(cells)
}

const FROM_THE_START: xiaohao_shared::sync::wire::Cursor = xiaohao_shared::sync::wire::Cursor { rank: 0, last: None };

fn quiet(log: xiaohao_shared::sync::wire::LogId, position: Position) -> Request {
    Request {
        log: Some(log),
        process: 0,
        unsent: 0,
        page_bytes: *PAGE_BYTES.end(),
        scopes: vec![(ZoneId(1), position)],
        pushes: Vec::new(),
        want: Vec::new(),
        heal: Vec::new(),
        repair: None,
        held: None,
        turn: None,
        condition: None,
    }
}
