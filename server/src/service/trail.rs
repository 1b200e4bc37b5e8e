//! The audit: who did what, when, from where, with what result. Rows are only added; the hash of each covers the one before it.
//! Knows no requests: whoever notes something says what.
//!
//! A chain shows every edit, gap and change of order, but not that its end was cut off, and not that somebody wrote all of it anew.
//! For this its head, [`Head`], is kept where whoever can write the database cannot: in the log of the system each hour, on the
//! paper of a backup, in an export.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use xiaohao_shared::id::{DeviceId, OfficeId, PersonId};
use xiaohao_shared::time::{DAY, Timestamp};

use super::{Service, ServiceError, Write, directory};
use crate::store::Connection;
use crate::store::trail::{self, Line};

/// Longest account of what was asked for; a longer one is named by its hash. The longest calendar fits.
pub const MAX_WHAT: usize = 6_000;
const STEP: u32 = 500;
/// For as long rows are kept, whatever the clock says: the law asks for six months.
const KEPT: i64 = 184 * DAY;
/// Most that is let go in a day: a clock that runs far ahead is seen before everything is gone.
const AT_ONCE: i64 = 7 * DAY;
/// How the row begins that says what was let go.
const LET_GO: &str = "let go up to ";

/// Acts that are no request.
pub const COMMAND: &str = "command";
const KEEPING: &str = "keep_audit";

pub const BEGUN: &str = "begun";
pub const DONE: &str = "done";
/// Nobody waited for the end: it is done or it is not.
pub const CUT: &str = "cut off";

/// What is to be noted.
#[derive(Debug, Clone)]
pub struct Note<'a> {
    pub act: &'a str,
    pub who: Option<(PersonId, DeviceId)>,
    /// The address on the network, or a word for whoever needs none.
    pub origin: &'a str,
    pub what: &'a str,
    pub result: &'a str,
}

impl<'a> Note<'a> {
    /// By whoever holds the server in hands.
    pub fn of_command(what: &'a str) -> Self {
        Self { act: COMMAND, who: None, origin: "console", what, result: DONE }
    }
}

/// How long the chain is, and the hash that covers all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub count: u64,
    pub hash: [u8; 32],
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, base16ct::lower::encode_string(&self.hash))
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (count, hash) = text.trim().split_once([' ', ':']).ok_or("a head is a number and a hash")?;
        let hash = base16ct::lower::decode_vec(hash.as_bytes()).ok().and_then(|hash| hash.try_into().ok());
        let count = count.parse().map_err(|_| "the number of a head is none")?;
        Ok(Self { count, hash: hash.ok_or("the hash of a head has 64 hex digits")? })
    }
}

/// What was found by reading the whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub head: Head,
    pub rows: usize,
    pub findings: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        write!(f, "{} rows, {} findings, head {}", self.rows, self.findings.len(), self.head)
    }
}

/// Before the first row: an office's chain is no other office's.
fn beginning(office: OfficeId) -> Head {
    let hash = Sha256::new().chain_update(b"xiaohao audit 1").chain_update(office.0).finalize().into();
    Head { count: 0, hash }
}

/// Each text with its length before it, so that no two rows are the same bytes.
fn seal(before: &[u8], line: &Line) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(before);
    for part in [line.number, line.at.0.cast_unsigned(), u64::from(line.person), line.device] {
        hash.update(part.to_be_bytes());
    }
    for text in [&line.act, &line.origin, &line.what, &line.result] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// Writes a row in the transaction of what it tells of.
pub async fn append(service: &Service, tx: &mut Write<'_>, note: &Note<'_>) -> Result<(), ServiceError> {
    let before = head_in(service, tx).await?;
    let (person, device) = note.who.map_or((0, 0), |(person, device)| (person.0, device.0));
    let mut line = Line {
        number: before.count + 1,
        at: service.now(),
        act: note.act.into(),
        person,
        device,
        origin: note.origin.into(),
        what: within(note.what, MAX_WHAT),
        result: note.result.into(),
        hash: Vec::new(),
    };
    line.hash = seal(&before.hash, &line).to_vec();
    Ok(trail::insert(tx, &line).await?)
}

pub fn within(what: &str, bound: usize) -> String {
    if what.len() <= bound {
        return what.into();
    }
    let begin: String = what.chars().take(100).collect();
    format!("{begin}… sha256 {}", base16ct::lower::encode_string(&Sha256::digest(what)))
}

/// The same in a transaction of its own.
pub async fn note(service: &Service, note: &Note<'_>) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    append(service, &mut tx, note).await?;
    tx.commit().await
}

pub async fn head(service: &Service) -> Result<Head, ServiceError> {
    let mut connection = service.store.acquire().await?;
    head_in(service, &mut connection).await
}

async fn head_in(service: &Service, tx: &mut Connection) -> Result<Head, ServiceError> {
    let Some(last) = trail::last(tx).await? else { return Ok(beginning(directory::id(service))) };
    Ok(Head { count: last.number, hash: hash_of(&last) })
}

/// A hash of another length is a damaged one, which nothing matches.
fn hash_of(line: &Line) -> [u8; 32] {
    line.hash.as_slice().try_into().unwrap_or_default()
}

/// Reads the whole chain, and looks whether the heads that were kept elsewhere lie on it.
pub async fn verify(service: &Service, kept: &[Head]) -> Result<Report, ServiceError> {
    let mut tx = service.store.begin().await?;
    let mut chain = Chain { at: beginning(directory::id(service)), rows: 0, kept, findings: Vec::new() };
    if let Some(first) = trail::after(&mut *tx, 0, 1).await?.pop().filter(|first| first.number > 1) {
        chain.take_up(&first, trail::last_of(&mut tx, KEEPING).await?, service.now());
    }
    loop {
        let lines = trail::after(&mut *tx, chain.at.count, STEP).await?;
        if lines.is_empty() {
            return Ok(chain.end());
        }
        lines.iter().for_each(|line| chain.link(line));
    }
}

/// The chain as far as it was read.
struct Chain<'a> {
    at: Head,
    rows: usize,
    kept: &'a [Head],
    findings: Vec<String>,
}

impl Chain<'_> {
    /// Where the first row that is there is not the first that was written, a later one says what was let go; being a row of the
    /// chain, it cannot be changed. But whoever has the disk can add one: what shows him is the first row that is left, which was
    /// old enough to go, too, and whose time its hash covers.
    fn take_up(&mut self, first: &Line, told: Option<Line>, now: Timestamp) {
        let let_go = |line: &Line| line.what.strip_prefix(LET_GO)?.parse::<Head>().ok();
        let told = told.and_then(|line| Some((line.at, let_go(&line)?)));
        match told.filter(|(_, head)| head.count + 1 == first.number) {
            Some((at, _)) if at.min(now) - first.at < KEPT => {
                self.findings.push(format!("rows before row {} were let go before their time", first.number));
            }
            Some((_, head)) => self.at = head,
            None => self.findings.push(format!("rows before row {} are missing, and nobody let them go", first.number)),
        }
        for kept in self.kept.iter().filter(|kept| kept.count < first.number) {
            self.findings.push(format!("the head of row {} cannot be checked any more", kept.count));
        }
    }

    fn link(&mut self, line: &Line) {
        self.rows += 1;
        match line.number - self.at.count - 1 {
            0 if seal(&self.at.hash, line) == hash_of(line) => {}
            0 => self.findings.push(format!("row {} is not as it was written, or the one before it", line.number)),
            gap => self.findings.push(format!("{gap} rows are missing before row {}", line.number)),
        }
        self.at = Head { count: line.number, hash: hash_of(line) };
        if self.kept.iter().any(|kept| kept.count == line.number && kept.hash != self.at.hash) {
            self.findings.push(format!("row {} is not the one whose head was kept", line.number));
        }
    }

    fn end(mut self) -> Report {
        for kept in self.kept.iter().filter(|kept| kept.count > self.at.count) {
            let missing = kept.count - self.at.count;
            self.findings.push(format!("the end is cut off: {missing} rows more were there when a head was kept"));
        }
        Report { head: self.at, rows: self.rows, findings: self.findings }
    }
}

/// Lets rows go that are older than the office keeps them, all but the last of them, and says so in a row.
pub async fn forget(service: &Service, older_than: Timestamp) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    let today = |line: &Line| (service.now() - line.at).abs() < DAY;
    if trail::last_of(&mut tx, KEEPING).await?.as_ref().is_some_and(today) {
        return Ok(());
    }
    // The first row stays from the last time; the second one is the next to go.
    let Some(next) = trail::after(&mut *tx, 0, 2).await?.pop() else { return Ok(()) };
    let Some(stays) = trail::last_older(&mut tx, older_than.min(next.at + AT_ONCE)).await? else { return Ok(()) };
    let Some(last) = trail::before(&mut *tx, stays.number, 1).await?.pop() else { return Ok(()) };
    let what = format!("{LET_GO}{}", Head { count: last.number, hash: hash_of(&last) });
    append(service, &mut tx, &Note { act: KEEPING, who: None, origin: "hub", what: &what, result: DONE }).await?;
    trail::forget(&mut tx, last.number).await?;
    tx.commit().await
}

/// The newest rows before a number.
pub async fn page(service: &Service, before: u64) -> Result<Vec<Line>, ServiceError> {
    Ok(trail::before(&service.store, before, 100).await?)
}

/// The next rows after a number, the oldest first.
pub async fn next(service: &Service, after: u64) -> Result<Vec<Line>, ServiceError> {
    Ok(trail::after(&service.store, after, STEP).await?)
}
