//! The books from outside against the pure functions: over months before each of which the same issues are something else, every line and
//! every list of SQL is what memory says.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_server::service::audit;
use xiaohao_server::store::{begin, drifts, weekly};
use xiaohao_shared::api::{Freeze, IssuePage, Settlement, WeeklyHead};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Edit, Report};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::behind::{Drift, Settled, Within};
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, PlaceType};
use xiaohao_shared::model::settlement::{Ending, Known, Line, Lines, Month, Posting, count, post};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Place, Role, Severity, Stage, Step};
use xiaohao_shared::time::{DAY, Timestamp};
use xiaohao_tests::desk::{compared, posted, supervisor};
use xiaohao_tests::edits::{new_issue, photo, record_id, remark};
use xiaohao_tests::invented::generated;
use xiaohao_tests::phone::Phone;
use xiaohao_tests::workload::Chance;
use xiaohao_tests::{TestDevice, TestServer};

const MONTHS: usize = 3;

/// When the office hears of something: mostly at once, or weeks later, or before the phone's clock says that it happened.
fn heard(at: Timestamp, chance: &mut Chance) -> Timestamp {
    let days = chance.below(50) as i64;
    match chance.below(10) {
        0..6 => at,
        6..9 => at + days * DAY,
        _ => at + -days * DAY,
    }
}

/// What the office knows of an issue, and the same written beside it.
async fn known(server: &TestServer, row: &Summary, chance: &mut Chance) -> Known {
    let (received, ended) = (heard(row.reported_at, chance), row.closed_at.map(|at| (at, heard(at, chance))));
    let sql = "UPDATE issues SET received_at = $1, closed_received_at = $2 WHERE issue_id = $3";
    let query = sqlx::query(sql).bind(received.0).bind(ended.map(|(_, heard)| heard.0)).bind(row.id.to_string());
    query.execute(&server.service.store).await.expect("heard");
    let ended = ended.map(|(at, heard)| at.min(heard)).zip(Ending::of(row.state));
    Known { zone: row.zone, kind: row.kind, reported: received.min(row.reported_at), ended }
}

/// The issues behind each figure of a line, in the order of its counts.
type Behind = BTreeMap<(ZoneId, Kind), [BTreeSet<IssueId>; 8]>;

#[derive(Default)]
struct Books {
    postings: BTreeMap<IssueId, Posting>,
    /// All that was ever booked, by when it entered; with whether the end came late.
    ever: BTreeMap<(IssueId, Option<Month>), (Posting, bool)>,
    months: Vec<(Month, Lines, Behind)>,
}

impl Books {
    fn freeze(&mut self, issues: &BTreeMap<IssueId, Known>, month: Month) {
        let (is_first, mut lines, mut behind) = (self.months.is_empty(), Lines::new(), Behind::new());
        for (id, known) in issues {
            let Some(now) = post(known, self.postings.get(id).copied(), month, is_first) else { continue };
            let ends = now.ended.is_some_and(|(at, _)| at == Some(month));
            let before = self.ever.get(&(*id, now.entered)).map(|(_, late)| *late);
            let late = if ends { known.is_late(month)[1] } else { before.unwrap_or_default() };
            self.ever.insert((*id, now.entered), (now, late));
            self.postings.insert(*id, now);
            count(&mut lines, known, &now, month);
            let mut alone = Lines::new();
            count(&mut alone, known, &now, month);
            for (key, line) in alone {
                let sets = behind.entry(key).or_default();
                for (_, set) in line.counts().into_iter().zip(sets).filter(|(count, _)| *count > 0) {
                    set.insert(*id);
                }
            }
        }
        self.months.push((month, lines, behind));
    }
}

impl Books {
    /// How many would be in the closing stock of a month today.
    fn live(issues: &BTreeMap<IssueId, Known>, month: Month) -> u64 {
        let stands =
            |known: &&Known| known.reported < month.end() && known.ended.is_none_or(|(at, _)| at >= month.end());
        issues.values().filter(stands).count() as u64
    }

    /// Reported in a month and not new in its book; and ended in it by the one and not, or otherwise, by the other.
    fn drifts(&self, issues: &BTreeMap<IssueId, Known>, month: Month) -> [BTreeSet<IssueId>; 2] {
        let within = |at: Timestamp| month.start() <= at && at < month.end();
        let ended = |known: &Known| known.ended.filter(|(at, _)| within(*at)).map(|(_, how)| how);
        let booked = |id: IssueId| self.ever.iter().filter(move |((other, _), _)| *other == id).map(|(_, it)| *it);
        let is_missed = |(id, known): &(&IssueId, &Known)| {
            within(known.reported) && booked(**id).all(|(posting, _)| posting.entered != Some(month))
        };
        let differs = |(id, known): &(&IssueId, &Known)| {
            let here =
                || booked(**id).filter_map(|(it, late)| Some((it.ended.filter(|(at, _)| *at == Some(month))?.1, late)));
            let untold = ended(known).is_some_and(|how| here().all(|(booked, _)| booked != how));
            untold || here().any(|(booked, late)| !late && ended(known) != Some(booked))
        };
        let ids =
            |of: &dyn Fn(&(&IssueId, &Known)) -> bool| issues.iter().filter(|it| of(it)).map(|(id, _)| *id).collect();
        [ids(&is_missed), ids(&differs)]
    }
}

async fn list(desk: &TestDevice, month: Month, figure: &str, within: Within) -> BTreeSet<IssueId> {
    let (mut ids, mut after) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/api/settlements/{month}/issues?figure={figure}&{}", within.query());
        let page: IssuePage = desk.get(&format!("{path}&after={after}")).await.json();
        assert!(page.rows.iter().all(|row| ids.insert(row.id)), "a row twice: {path}");
        match page.next {
            Some(next) => after = next,
            None => {
                assert_eq!(page.total, Some(ids.len() as u64), "{path}");
                return ids;
            }
        }
    }
}

/// A month as the office shows it today, to the last issue of each list.
async fn is_shown(desk: &TestDevice, (month, lines, behind): &(Month, Lines, Behind), seed: u32) {
    let shown: Settlement = desk.get(&format!("/api/settlements/{month}")).await.json();
    let shown = shown.lines.iter().filter(|line| line.line != Line::default());
    assert_eq!(shown.map(|line| ((line.zone, line.kind), line.line)).collect::<Lines>(), *lines, "{seed} {month}");
    for (at, figure) in Settled::ALL.into_iter().take(8).enumerate() {
        let mut all = BTreeSet::new();
        for ((zone, kind), sets) in behind {
            let within = Within { zone: Some(*zone), kind: Some(*kind) };
            let found = list(desk, *month, figure.code(), within).await;
            assert_eq!(found, sets[at], "{seed} {month} {figure:?} {zone} {kind}");
            all.extend(found);
        }
        assert_eq!(list(desk, *month, figure.code(), Within::default()).await, all, "{seed} {month} {figure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_and_every_list_of_the_books_is_what_memory_says_whatever_is_heard_later() {
    for seed in [7, 19, 31] {
        let server = TestServer::start().await;
        let (desk, now) = (supervisor(&server).await, server.service.now());
        let mut chance = Chance::new(seed);
        let earlier = |month: &Month| Some(Month::of(month.start() + -1));
        let mut months: Vec<Month> = std::iter::successors(earlier(&Month::of(now)), earlier).take(MONTHS).collect();
        months.reverse();
        let (mut books, mut drifted) = (Books::default(), 0);
        for (at, month) in months.into_iter().enumerate() {
            let rows = generated(&server, seed + 100 * at as u32, now).await;
            let mut tx = server.service.store.acquire().await.expect("a connection");
            assert!(drifts::are_right(&mut tx).await.expect("compared"), "kept as the rows changed: {seed} {month}");
            drop(tx);
            let mut issues = BTreeMap::new();
            for row in &rows {
                issues.insert(row.id, known(&server, row, &mut chance).await);
            }
            compared(&server).await;
            books.freeze(&issues, month);
            let frozen: Settlement = posted(&desk, "/api/settlements", &Freeze { month }).await;
            assert!(frozen.lines.iter().all(|line| line.line.is_balanced()), "{frozen:?}");
            // Also those that were frozen before.
            for month in &books.months {
                is_shown(&desk, month, seed).await;
                let drifts = books.drifts(&issues, month.0);
                let live = Books::live(&issues, month.0);
                assert_eq!(
                    list(&desk, month.0, "live", Within::default()).await.len() as u64,
                    live,
                    "{seed} {}",
                    month.0
                );
                for (drift, ids) in [Drift::Missed, Drift::Otherwise].into_iter().zip(drifts) {
                    drifted += ids.len();
                    assert_eq!(
                        list(&desk, month.0, drift.code(), Within::default()).await,
                        ids,
                        "{seed} {} {drift:?}",
                        month.0
                    );
                }
            }
        }
        assert!(drifted > 0, "{seed}");
        let sum =
            |of: fn(&Line) -> u64| books.months[1..].iter().flat_map(|(_, lines, _)| lines.values()).map(of).sum();
        let late: [u64; 3] =
            [sum(|line| line.entered_late), sum(|line| line.struck_late), sum(|line| line.voided_late)];
        assert!(late.iter().all(|count| *count > 0), "{seed}: {late:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_or_a_fate_that_is_not_as_the_issues_say_is_found_and_mended() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let month = Month::of(now).before();
    generated(&server, 7, now).await;
    let _: Settlement = posted(&desk, "/api/settlements", &Freeze { month }).await;
    let _: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    generated(&server, 8, now).await;
    for spoil in [
        "DELETE FROM drifts WHERE issue_id = (SELECT MIN(issue_id) FROM drifts)",
        "UPDATE drifts SET zone_id = zone_id + 1 WHERE issue_id = (SELECT MAX(issue_id) FROM drifts)",
        "INSERT INTO drifts SELECT 'nobody', month, drift, zone_id, kind, reported_at FROM drifts LIMIT 1",
        "UPDATE weekly_entries SET became = 'weather' WHERE position = 1",
    ] {
        let mut tx = begin(&server.service.store).await.expect("a transaction");
        assert!(
            drifts::are_right(&mut tx).await.expect("compared") && weekly::are_right(&mut tx).await.expect("compared")
        );
        sqlx::query(spoil).execute(&mut *tx).await.expect("spoiled");
        let right =
            drifts::are_right(&mut tx).await.expect("compared") && weekly::are_right(&mut tx).await.expect("compared");
        assert!(!right, "{spoil}");
        drifts::refill(&mut tx).await.expect("mended");
        weekly::refill(&mut tx).await.expect("mended");
        tx.commit().await.expect("mended");
    }
}

/// A report and a step, both of another moment than now.
fn reported(by: PersonId, at: Timestamp) -> Edit {
    let place = Place { address: "解放路12号".into(), ..Place::default() };
    let report = Report {
        zone: ZoneId(1),
        kind: CATALOGUE[0].kind,
        place_type: PlaceType::BackStreet,
        description: "门口堆放".into(),
        place,
        severity: Severity::Ordinary,
        photos: photo(by, Stage::Before),
    };
    Edit::report(record_id(), by, at, report)
}

fn voided(by: PersonId, at: Timestamp) -> Edit {
    let to = Some(State::Void);
    let step = Step { from: Some(State::Reported), to, reason: "不属实".into(), ..Step::new(by, at, Action::Void) };
    Edit::step(record_id(), step)
}

/// The differences of a month: gone, come, missed, otherwise.
async fn drifts_of(desk: &Phone, month: Month) -> [u64; 4] {
    let shown: Settlement = desk.device.get(&format!("/api/settlements/{month}")).await.json();
    shown.lines.iter().fold([0; 4], |sum, line| std::array::from_fn(|at| sum[at] + line.drifts()[at]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_phones_bring_after_a_month_was_frozen_differs_from_it_at_once_and_what_is_of_later_does_not() {
    let server = TestServer::start().await;
    let person = server.person("指挥", Role::Supervisor, &[1, 2]).await;
    let mut desk = Phone::new(server.enrol(&person).await, &person);
    let (me, now) = (person.id, server.service.now());
    let month = Month::of(now).before();
    let (within, late) = (month.start() + DAY, month.end() + -1);
    let issues = [new_issue(), new_issue(), new_issue(), new_issue(), new_issue()];
    for issue in &issues[..3] {
        desk.save(*issue, reported(me, within)).expect("saved");
    }
    assert_eq!(desk.sync().await, None);
    let _: Settlement = posted(&desk.device, "/api/settlements", &Freeze { month }).await;
    assert_eq!(drifts_of(&desk, month).await, [0; 4]);

    // Of now: what happens after a month is none of its business.
    desk.save(issues[0], remark(me, "去看过了")).expect("saved");
    desk.save(issues[0], voided(me, now)).expect("saved");
    desk.save(issues[3], reported(me, now)).expect("saved");
    assert_eq!(desk.sync().await, None);
    assert_eq!(drifts_of(&desk, month).await, [0; 4]);
    // Of then: one ended in the month, one is of another zone, one comes only now.
    desk.save(issues[1], voided(me, late)).expect("saved");
    let amend = Step::new(me, now, Action::Amend);
    let amend = Step { from: Some(State::Reported), reason: "现场情况属实".into(), ..amend };
    desk.save(issues[2], Edit::step(record_id(), amend).with(Value::Zone(ZoneId(2)))).expect("saved");
    desk.save(issues[4], reported(me, within)).expect("saved");
    assert_eq!(desk.sync().await, None);
    assert!(desk.refused().is_empty(), "{:?}", desk.refused());
    assert_eq!(drifts_of(&desk, month).await, [2, 2, 1, 1]);
    let findings = audit::verify(&server.service).await.expect("verify").findings;
    assert_eq!(findings, Vec::<String>::new());
    let rebuilt = audit::rebuild(&server.service).await.expect("rebuild").findings;
    assert_eq!((rebuilt, drifts_of(&desk, month).await), (Vec::new(), [2, 2, 1, 1]));
}
