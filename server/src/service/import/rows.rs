//! From rows of cells to issues, and what is wrong with each cell that cannot be one. Knows the office's names; writes nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::Report;
use xiaohao_shared::id::{IssueId, OfficeId, PersonId, ZoneId};
use xiaohao_shared::import::{
    Columns, Dispatch, Draft, Ended, Fault, Field, FileFault, MAX_FAULTS, MAX_ROWS, Sheet, Standing, Why,
};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::{CATALOGUE, EDITION, Kind, KindInfo, PlaceType};
use xiaohao_shared::model::deadline::Terms;
use xiaohao_shared::model::policy::{MAX_ADDRESS, MAX_TEXT, may_see_zone};
use xiaohao_shared::model::rules::Rules;
use xiaohao_shared::model::{Fix, FixSource, Person, Place, Severity, Zone};
use xiaohao_shared::time::Timestamp;

use super::cell::{self, When};
use super::file::{Cell, PREAMBLE, Row};
use crate::service::encoding::LOST;

/// Minutes of a day: when a problem was found, and when a deadline ends, where the list says only the day.
const MORNING: u32 = 8 * 60;
const EVENING: u32 = 18 * 60;
/// Whatever is of no other kind.
const OTHER: Kind = Kind { edition: EDITION, code: 6999 };
const SAMPLE: usize = 3;
const EXCERPT: usize = 40;

/// Which file comes into which office, and what that office knows.
pub struct Judge {
    pub office: OfficeId,
    pub known: Vec<Person>,
    pub zones: Vec<Zone>,
    pub calendar: Calendar,
    pub rules: Rules,
    pub name: String,
    pub now: Timestamp,
}

impl Judge {
    pub fn sheet(&self, table: &[Row], columns: Option<Columns>) -> Result<Sheet, FileFault> {
        let (at, headings) = headings(table).ok_or(FileFault::Empty)?;
        if are_lost(&headings) {
            return Err(FileFault::Encoding);
        }
        let rows = &table[at + 1..];
        let columns = columns.unwrap_or_else(|| Columns::guess_of(&headings, |column| holds_days(rows, column)));
        match rows.len() {
            0 => return Err(FileFault::Empty),
            1..=MAX_ROWS => {}
            _ => return Err(FileFault::TooManyRows),
        }
        let (mut drafts, mut ended, mut faults, mut seen) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
        for (number, cells) in rows {
            let mut line = Line::of(self, (&columns, &headings), (*number, cells));
            let standing = line.standing();
            if standing == Some(Standing::Ended) {
                // Whatever else is wrong with it: nobody has to put right what stays in the old list.
                ended.push(Ended { row: *number, said: excerpt(&line.said(Field::State)) });
                continue;
            }
            let draft = line.draft(standing, &mut seen);
            line.lost_cells();
            drafts.extend(draft.filter(|_| line.faults.is_empty()));
            faults.append(&mut line.faults);
        }
        let fault_count = faults.len() as u32;
        faults.truncate(MAX_FAULTS);
        let texts = |(_, cells): &Row| cells.iter().map(|cell| excerpt(&cell::text(cell))).collect();
        let sample = rows.iter().take(SAMPLE).map(texts).collect();
        Ok(Sheet {
            heading_row: table[at].0,
            headings,
            columns,
            sample,
            drafts,
            ended,
            notes: Vec::new(),
            note_count: 0,
            faults,
            fault_count,
        })
    }

    /// The issues that rows would be which the list calls struck off or void, as far as the rows say which.
    pub fn ended(&self, table: &[Row], sheet: &Sheet) -> Vec<Struck> {
        let mut rows = Vec::new();
        for (number, cells) in table.iter().filter(|(number, _)| *number > sheet.heading_row) {
            let mut line = Line::of(self, (&sheet.columns, &sheet.headings), (*number, cells));
            let standing = line.standing();
            if standing == Some(Standing::Ended) {
                let draft = line.draft(standing, &mut BTreeMap::new());
                let issue = line.named_issue().or_else(|| draft.as_ref().map(|draft| draft.issue));
                let said = excerpt(&line.said(Field::State));
                // Who names an issue of ours by its id means that one, whatever was corrected in it since.
                let draft = draft.filter(|_| line.id().is_none());
                rows.extend(issue.map(|issue| Struck { row: *number, issue, said, draft }));
            }
        }
        rows
    }
}

/// A row that stays in the old list, and the issue of ours that it may be.
pub struct Struck {
    pub row: u32,
    pub issue: IssueId,
    pub said: String,
    /// `None` where the row says too little for a whole issue, or names one of ours by its id.
    pub draft: Option<Draft>,
}

/// The row that sounds most like headings, and where it stands; a title and notes may lie above it. One word alone proves nothing:
/// it may be a title, or what is said in a row.
fn headings(table: &[Row]) -> Option<(usize, Vec<String>)> {
    let texts = |(_, cells): &Row| cells.iter().map(cell::text).collect::<Vec<_>>();
    let candidates = table.iter().take(PREAMBLE).map(texts).enumerate();
    let score = |headings: &[String]| {
        let understood = Columns::guess(headings).0.iter().flatten().count();
        let filled = headings.iter().filter(|heading| !heading.is_empty()).count();
        (if understood > 1 { understood } else { 0 }, filled.min(2))
    };
    // Of equals the first.
    candidates.rev().max_by_key(|(_, headings)| score(headings))
}

/// Whether the headings are in an encoding that is not ours: then so is all below them. One that is spoilt among others is one cell.
fn are_lost(headings: &[String]) -> bool {
    let understood = Columns::guess(headings).0.iter().flatten().count();
    understood < 2 && headings.iter().any(|heading| heading.contains(LOST))
}

/// Whether days stand in a column, and nothing else.
fn holds_days(rows: &[Row], column: usize) -> bool {
    let cells = rows.iter().filter_map(|(_, cells)| cells.get(column)).filter(|cell| !cell::text(cell).is_empty());
    let mut cells = cells.map(|cell| matches!(cell::when(cell), Ok(_) | Err(Why::AmbiguousDate))).peekable();
    cells.peek().is_some() && cells.all(|is_day| is_day)
}

pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

struct Line<'a> {
    judge: &'a Judge,
    columns: &'a Columns,
    headings: &'a [String],
    number: u32,
    cells: &'a [Cell],
    faults: Vec<Fault>,
}

impl<'a> Line<'a> {
    fn of(
        judge: &'a Judge,
        (columns, headings): (&'a Columns, &'a [String]),
        (number, cells): (u32, &'a [Cell]),
    ) -> Self {
        Self { judge, columns, headings, number, cells, faults: Vec::new() }
    }

    /// Reads every cell, so that all faults of a row are told at once.
    fn draft(&mut self, standing: Option<Standing>, seen: &mut BTreeMap<IssueId, u32>) -> Option<Draft> {
        let (kind, description) = self.kind_and_words();
        let severity = self.severity();
        let place = self.place();
        let zone = self.zone();
        let place_type = self.named(Field::PlaceType, Why::UnknownPlaceType, place_type);
        let found_at = self.found_at();
        let demand = self.words(Field::Demand, MAX_TEXT / 2);
        let deadline = self.when(Field::Deadline).map(|when| cell::moment(when, EVENING));
        let (assignee, not_in_charge) = self.assignee(zone);
        let number = self.words(Field::Number, MAX_ADDRESS);
        let kind = kind?;
        let plain = match self.reading(&Rules::default()) {
            (Some(kind), words) => (kind, words),
            (None, _) => (kind, description.clone()),
        };
        let report = Report {
            zone: zone?,
            kind,
            place_type: place_type.unwrap_or_default(),
            description,
            place,
            severity,
            photos: BTreeMap::new(),
        };
        let issue = self.issue(&report, plain.0);
        let plain = Some(plain).filter(|(kind, words)| (*kind, words) != (report.kind, &report.description));
        if seen.insert(issue, self.number).is_some() {
            let field = if number.is_empty() { Field::Problem } else { Field::Number };
            self.fault(field, Why::Twice);
        }
        let terms = Terms { calendar: &self.judge.calendar, rules: &self.judge.rules };
        // What is done was not late because it comes in late: the time for its pictures and its check begins now.
        let handled = standing == Some(Standing::Handled);
        let past = deadline.is_some_and(|until| handled && until < self.judge.now);
        let deadline = deadline.filter(|_| !past);
        let until = deadline.unwrap_or_else(|| terms.deadline(self.judge.now, kind, report.place_type, severity));
        let dispatch = assignee.map(|assignee| Dispatch { assignee, until, demand: demand.clone() });
        let said = [
            (dispatch.is_none(), demand),
            (dispatch.is_none() || past, self.said(Field::Deadline)),
            (true, not_in_charge.clone()),
            (true, self.said(Field::State)),
        ];
        let said = said.into_iter().filter(|(is_kept, words)| *is_kept && !words.is_empty()).map(|(_, words)| words);
        let source = self.source(&number, said.collect());
        let dated = !self.said(Field::FoundAt).is_empty();
        let number = if self.id().is_some() { String::new() } else { number };
        Some(Draft {
            row: self.number,
            issue,
            known: false,
            number,
            report,
            found_at,
            dated,
            handled,
            source,
            dispatch,
            not_in_charge,
            plain,
        })
    }

    fn cell(&mut self, field: Field) -> Cell {
        let cell = self.columns.at(field).and_then(|column| self.cells.get(column)).cloned().unwrap_or_default();
        if cell == Cell::Failed {
            self.fault(field, Why::FormulaFailed);
        }
        cell
    }

    fn said(&self, field: Field) -> String {
        self.columns.at(field).and_then(|column| self.cells.get(column)).map(cell::text).unwrap_or_default()
    }

    /// Characters that could not be decoded, in cells that are not at fault already.
    fn lost_cells(&mut self) {
        for field in self.columns.0.iter().flatten() {
            let is_told = self.faults.iter().any(|fault| fault.field == Some(*field));
            if !is_told && self.said(*field).contains(LOST) {
                self.fault(*field, Why::Undecodable);
            }
        }
    }

    fn fault(&mut self, field: Field, why: Why) {
        let column = self.columns.at(field).map(|column| column as u32);
        let said = self.said(field);
        // What else is wrong with it shows when it can be read.
        let why = if said.contains(LOST) { Why::Undecodable } else { why };
        let (said, field) = (excerpt(&said), Some(field));
        self.faults.push(Fault { row: self.number, column, field, why, said, other: None });
    }

    fn words(&mut self, field: Field, most: usize) -> String {
        let text = cell::text(&self.cell(field));
        if text.chars().count() > most {
            self.fault(field, Why::TooLong);
        }
        text
    }

    fn standing(&mut self) -> Option<Standing> {
        let headings = self.headings;
        let heading = self.columns.at(Field::State).and_then(|column| headings.get(column)).map_or("", String::as_str);
        self.named(Field::State, Why::UnknownState, |words| Standing::below(heading, words))
    }

    /// `None` where nothing stands, or what stands there is not known; the latter is a fault.
    fn named<T>(&mut self, field: Field, why: Why, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = cell::text(&self.cell(field));
        if text.is_empty() {
            return None;
        }
        let found = find(&text);
        if found.is_none() {
            self.fault(field, why);
        }
        found
    }

    fn kind_and_words(&mut self) -> (Option<Kind>, String) {
        let words = self.words(Field::Problem, MAX_TEXT);
        let rules = &self.judge.rules;
        self.named(Field::Kind, Why::UnknownKind, |text| kind(rules, text));
        if words.is_empty() && self.said(Field::Kind).is_empty() {
            self.fault(Field::Problem, Why::Missing);
            return (None, words);
        }
        self.reading(rules)
    }

    /// `暴露垃圾：门口` is how an export says both at once.
    fn reading(&self, rules: &Rules) -> (Option<Kind>, String) {
        let (words, text) = (self.said(Field::Problem), self.said(Field::Kind));
        let said = Some(text.as_str()).filter(|text| !text.is_empty()).and_then(|text| kind(rules, text));
        let (before, after) = words.split_once(['：', ':']).unwrap_or((&words, ""));
        let named = kind(rules, before.trim());
        let rest = match named {
            Some(named) if said.is_none_or(|said| said == named) => after.trim().to_owned(),
            _ => words.clone(),
        };
        let found = if text.is_empty() { named.or_else(|| kind_within(rules, &words)).or(Some(OTHER)) } else { said };
        (found, rest)
    }

    fn severity(&mut self) -> Severity {
        let find = |text: &str| {
            let names = |severity: &Severity| severity.code() == text || is_one(severity.names(), text);
            Severity::ALL.into_iter().find(names)
        };
        self.named(Field::Severity, Why::UnknownSeverity, find).unwrap_or_default()
    }

    fn place(&mut self) -> Place {
        let (address, landmark) = (self.words(Field::Address, MAX_ADDRESS), self.words(Field::Landmark, MAX_ADDRESS));
        let fix = self.degrees(Field::Latitude, 90.0).zip(self.degrees(Field::Longitude, 180.0));
        let fixed_at = self.judge.now;
        let fix = fix.map(|(lat, lon)| {
            // Somebody wrote the figures down: nothing says how exactly.
            Fix { lat, lon, accuracy_m: 0.0, datum: "wgs84".into(), source: FixSource::Hand, fixed_at }
        });
        Place { address, landmark, fix }
    }

    fn degrees(&mut self, field: Field, most: f64) -> Option<f64> {
        let cell = self.cell(field);
        if matches!(cell, Cell::Empty | Cell::Failed) {
            return None;
        }
        let degrees = cell::number(&cell).ok().filter(|degrees| degrees.abs() <= most);
        if degrees.is_none() {
            self.fault(field, Why::NotANumber);
        }
        degrees
    }

    fn zone(&mut self) -> Option<ZoneId> {
        let zones = &self.judge.zones;
        let said = self.said(Field::Zone);
        if said.is_empty() && self.columns.at(Field::Zone).is_none() && zones.len() == 1 {
            return Some(zones[0].id);
        }
        if said.is_empty() {
            self.fault(Field::Zone, Why::Missing);
            return None;
        }
        self.named(Field::Zone, Why::UnknownZone, |text| {
            let is = |zone: &&Zone| is_same(&zone.name, text) || (!zone.code.is_empty() && zone.code == text);
            zones.iter().find(is).map(|zone| zone.id)
        })
    }

    fn when(&mut self, field: Field) -> Option<When> {
        match self.cell(field) {
            Cell::Empty | Cell::Failed => None,
            cell => cell::when(&cell).map_err(|why| self.fault(field, why)).ok(),
        }
    }

    fn found_at(&mut self) -> Timestamp {
        let now = self.judge.now;
        let Some((date, minute)) = self.when(Field::FoundAt) else { return now };
        if date > now.date() {
            self.fault(Field::FoundAt, Why::InFuture);
        }
        // Of today the list may say an hour that is still to come.
        cell::moment((date, minute), MORNING).min(now)
    }

    /// By name, as far as it is the name of one person only; a unit that has no account stays in words, and so do those who are named
    /// after the first.
    fn assignee(&mut self, zone: Option<ZoneId>) -> (Option<PersonId>, String) {
        let text = cell::text(&self.cell(Field::Assignee));
        let (first, others) = text.split_once(['、', ',', '，', ';', '；', '\n']).unwrap_or((&text, ""));
        let people: Vec<&Person> =
            self.judge.known.iter().filter(|person| person.active && is_same(&person.name, first)).collect();
        let why = match people[..] {
            [] => return (None, text),
            [person] if zone.is_none_or(|zone| may_see_zone(person, zone)) => {
                return (Some(person.id), others.trim().to_owned());
            }
            [_] => Why::PersonElsewhere,
            _ => Why::Ambiguous,
        };
        self.fault(Field::Assignee, why);
        (None, text)
    }

    /// The issue of ours that the row names.
    fn id(&self) -> Option<IssueId> {
        self.said(Field::Id).parse().ok()
    }

    /// The issue that the row names, by our id or by its number in the old list.
    fn named_issue(&self) -> Option<IssueId> {
        let number = self.said(Field::Number);
        self.id().or_else(|| (!number.is_empty()).then(|| self.keyed(&format!("number\n{number}"))))
    }

    /// The same row makes the same issue, in this office and for ever: its number in the old list, or else what it says. Its kind is
    /// taken as it reads without the office's own, which may get their names after the row came in.
    fn issue(&self, report: &Report, kind: Kind) -> IssueId {
        self.named_issue().unwrap_or_else(|| {
            let (place, said) = (&report.place, [Field::Problem, Field::FoundAt].map(|field| self.said(field)));
            let [zone, kind] = [report.zone.to_string(), kind.to_string()];
            self.keyed(&format!("{zone}\n{kind}\n{}\n{}\n{}", place.address, place.landmark, said.join("\n")))
        })
    }

    fn keyed(&self, key: &str) -> IssueId {
        let mut hash = Sha256::new_with_prefix(b"an issue of an imported list\n");
        hash.update(self.judge.office.0);
        hash.update(key);
        let mut random = [0; 10];
        random.copy_from_slice(&hash.finalize()[..10]);
        // Its time is not known the same way twice, so it has none.
        IssueId::new(0, random)
    }

    fn source(&self, number: &str, said: Vec<String>) -> String {
        let number = if number.is_empty() { String::new() } else { format!("，原编号 {number}") };
        let said = if said.is_empty() { String::new() } else { format!("。原表写明：{}", said.join("；")) };
        let name: String = self.judge.name.chars().take(80).collect();
        format!("导入自 {name} 第 {} 行{number}{said}", self.number).chars().take(MAX_TEXT).collect()
    }
}

fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    plain(one) == plain(other)
}

fn is_one((zh, en): (&str, &str), text: &str) -> bool {
    is_same(zh, text) || is_same(en, text)
}

fn place_type(text: &str) -> Option<PlaceType> {
    PlaceType::ALL.into_iter().find(|it| it.code() == text || is_one(it.names(), text))
}

/// By code, by name, or as people call it; the office's own by code or name.
fn kind(rules: &Rules, text: &str) -> Option<Kind> {
    let coded = |kind: Kind| kind.to_string() == text || is_code(text, kind);
    let known = CATALOGUE.iter().find(|info| coded(info.kind) || is_one((info.zh, info.en), text));
    let called = || CATALOGUE.iter().find(|info| info.aliases.split(' ').any(|alias| alias == text));
    let own = || rules.own.iter().find(|own| coded(own.kind) || is_same(&own.name, text)).map(|own| own.kind);
    known.map(|info| info.kind).or_else(own).or_else(|| called().map(|info| info.kind))
}

/// `06950`; a spreadsheet leaves out the nought.
fn is_code(text: &str, kind: Kind) -> bool {
    let figures = (4..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    figures && text.parse() == Ok(kind.code)
}

/// The kind whose longest name occurs in a description; a true name counts before what people call it, and the office's own before
/// the catalogue's.
fn kind_within(rules: &Rules, words: &str) -> Option<Kind> {
    let aliases = |info: &'static KindInfo| info.aliases.split(' ').map(move |alias| (alias, 0, info.kind));
    let national = CATALOGUE.iter().flat_map(|info| aliases(info).chain([(info.zh, 1, info.kind)]));
    let own = rules.own.iter().map(|own| (own.name.as_str(), 2, own.kind));
    let named = national.chain(own).filter(|(name, ..)| name.chars().count() > 1 && words.contains(name));
    // Of equals the first.
    let rank = |(at, (name, rank, _)): &(usize, (&str, u8, Kind))| (name.chars().count(), *rank, Reverse(*at));
    named.enumerate().max_by_key(rank).map(|(_, (.., kind))| kind)
}
