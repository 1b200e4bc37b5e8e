//! An office of a million issues, written straight into the projection, and how fast its boards and lists answer. The rows are
//! plausible and the same each time; there are no documents behind them, so only what reads the projection can be measured.

use std::time::{Duration, Instant};

use anyhow::ensure;
use sqlx::AssertSqlSafe;
use xiaohao_server::store::{Pool, begin, search, tallies};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::{DAY, Timestamp};

use crate::TestDevice;

pub struct Size {
    pub issues: u32,
    pub zones: u32,
    pub people: u32,
}

/// Issues in a thousand of each state; what is left of the thousand is closed.
const SHARES: [(State, u32); 9] = [
    (State::Reported, 8),
    (State::Verifying, 2),
    (State::Filed, 6),
    (State::Dispatched, 10),
    (State::Handling, 20),
    (State::Rework, 4),
    (State::ToCheck, 6),
    (State::Suspended, 4),
    (State::Void, 25),
];

/// Three years of reports until `now`.
pub async fn fill(store: &Pool, size: &Size, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = begin(store).await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'issues' AND sql <> ''",
    )
    .fetch_all(&mut *tx)
    .await?;
    for (name, _) in &indexes {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut *tx).await?;
    }
    for statement in [issues(size, now), responsible(size)] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    for (_, sql) in indexes {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    tallies::recount(&mut tx).await?;
    search::refill(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Which of a list a number from 0 to 999 means.
fn chosen(number: &str, values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<String> = values.into_iter().collect();
    let cases = values.iter().enumerate().map(|(at, value)| format!("WHEN {at} THEN '{value}' "));
    format!("CASE {number} % {} {}END", values.len(), cases.collect::<String>())
}

fn state() -> String {
    let mut below = 0;
    let cases = SHARES.iter().map(|(state, share)| {
        below += share;
        format!("WHEN b % 1000 < {below} THEN '{}' ", state.code())
    });
    format!("CASE {}ELSE 'closed' END", cases.collect::<String>())
}

fn issues(Size { issues, zones, people }: &Size, Timestamp(now): Timestamp) -> String {
    let span = 3 * 365 * DAY;
    let kind = chosen("c", CATALOGUE.iter().map(|info| info.kind.to_string()));
    let name = chosen("c", CATALOGUE.iter().map(|info| info.zh.to_owned()));
    let place = chosen("d", PlaceType::ALL.iter().map(|place| place.code().to_owned()));
    // Four numbers that look like chance; the remainders are of primes, so that they do not follow one another.
    let chance = |prime: u32, modulus: u32| format!("(i * {prime} + 12345) % {modulus} / 7");
    let (a, b) = (chance(48_271, 999_983), chance(69_621, 999_979));
    let (c, d) = (chance(39_373, 999_961), chance(16_807, 999_959));
    let state = state();
    format!(
        "INSERT INTO issues (issue_id, number, zone_id, kind, kind_name, place_type, description, address, landmark, datum, \
         severity, state, is_open, clock_runs, reporter_id, reported_at, received_at, assignee_id, due_at, extensions, priority, \
         supervision_level, is_undecided, is_asked, self_handled, closed_at, touched_at, photo_count, responsible_ids, search, \
         recurrence_of, handed_in_at, reworks, closed_received_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {issues}), \
         r AS (SELECT i, {a} AS a, {b} AS b, {c} AS c, {d} AS d FROM n), \
         s AS (SELECT *, {state} AS state, {now} - {span} + i * ({span} / {issues}) AS at FROM r), \
         t AS (SELECT *, state NOT IN ('closed', 'void') AS open, state NOT IN ('closed', 'void', 'to_check', 'suspended') AS runs, \
               CASE WHEN state IN ('closed', 'void', 'to_check', 'suspended') THEN at ELSE {now} - a % 240 * 3600000 END AS born FROM s) \
         SELECT printf('%08x-%04x-7%03x-8%03x-%012x', born / 65536, born % 65536, a % 4096, d % 4096, i), \
         printf('2026-%07d', i), 1 + a % {zones}, {kind}, {name}, {place}, \
         '幸福里小区 ' || (c % 90) || ' 号楼后有垃圾堆放，住户多次反映', '人民路 ' || (d % 400) || ' 号', '', '', 'ordinary', state, open, runs, \
         1 + d % {people}, born, born + 60000, CASE WHEN state IN ('reported', 'verifying', 'filed', 'void') THEN NULL ELSE 1 + c % {people} END, \
         CASE WHEN state IN ('reported', 'verifying', 'void') THEN NULL ELSE born + (1 + d % 12) * {DAY} END, a % 20 = 0, 0, \
         CASE WHEN b % 500 = 7 THEN 'office' END, 0, 0, 0, CASE WHEN open THEN NULL ELSE born + (1 + c % 14) * {DAY} END, \
         born + {DAY}, d % 5, '', \
         lower('幸福里小区 ' || (c % 90) || ' 号楼后有垃圾堆放，住户多次反映 人民路 ' || (d % 400) || ' 号 ' || {name}), \
         CASE WHEN b % 40 = 3 THEN '00000000-0000-7000-8000-000000000001' END, CASE WHEN state IN ('closed', 'to_check') THEN born + (1 + c % 13) * {DAY} END, b % 30 = 1, \
         CASE WHEN open THEN NULL ELSE born + (1 + c % 14) * {DAY} + 60000 END FROM t"
    )
}

fn responsible(Size { people, .. }: &Size) -> String {
    format!(
        "INSERT INTO responsible SELECT issue_id, 1 + (reporter_id + 3) % {people}, 'support' FROM issues WHERE photo_count = 4"
    )
}

/// What an address of the desk takes, from the request to the whole answer: the first time, and of all later ones half of the time and
/// 95 times of a hundred.
pub async fn time(device: &TestDevice, path: &str, rounds: usize) -> anyhow::Result<[Duration; 3]> {
    let mut taken = Vec::new();
    for _ in 0..=rounds {
        let began = Instant::now();
        let answer = device.get(path).await;
        taken.push(began.elapsed());
        ensure!(answer.status == 200, "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    let first = taken.remove(0);
    taken.sort_unstable();
    Ok([first, taken[rounds / 2], taken[(rounds * 95 / 100).min(rounds - 1)]])
}

/// The pages of a desk, and how each is asked for.
pub fn paths(Timestamp(now): Timestamp) -> Vec<(&'static str, String)> {
    let kind = CATALOGUE[6].kind;
    let month = now - 30 * DAY;
    [
        ("counts by state", "/api/tally?by=state".to_owned()),
        ("counts by zone", "/api/tally?by=zone".into()),
        ("counts by person", "/api/tally?by=person".into()),
        ("counts by kind", "/api/tally?by=kind".into()),
        ("counts by place type", "/api/tally?by=place_type".into()),
        ("counts by zone, of one kind", format!("/api/tally?by=zone&kind={kind}")),
        ("counts by kind, one zone, open", "/api/tally?by=kind&zone=3&open=true".into()),
        ("counts by zone, reported in 30 days", format!("/api/tally?by=zone&reported_from={month}")),
        ("counts by zone, closed in 30 days", format!("/api/tally?by=zone&closed_from={month}")),
        ("board: ten columns of fifty", "/api/board".into()),
        ("board of one zone", "/api/board?zone=3".into()),
        ("board of one person", "/api/board?assignee=9".into()),
        ("list: all, newest", "/api/issues".into()),
        ("list: open, by deadline", "/api/issues?open=true".into()),
        ("list: overdue", "/api/issues?overdue=true".into()),
        ("list: pressing", "/api/issues?pressing=true".into()),
        ("list: one zone, newest", "/api/issues?zone=3".into()),
        ("list: three zones, newest", "/api/issues?zone=3,4,5".into()),
        ("list: nobody in charge, newest", "/api/issues?unassigned=true".into()),
        ("list: nobody in charge, two zones, open", "/api/issues?zone=3,4&open=true&unassigned=true".into()),
        ("counts by state, nobody in charge, one kind", format!("/api/tally?unassigned=true&kind={kind}")),
        ("list: one zone, open", "/api/issues?zone=3&open=true".into()),
        ("list: closed, newest", "/api/issues?states=closed".into()),
        ("list: one kind, closed", format!("/api/issues?kind={kind}&states=closed")),
        ("list: one kind, open", format!("/api/issues?kind={kind}&open=true")),
        ("list: one person, all", "/api/issues?assignee=9".into()),
        ("list: one person, open", "/api/issues?assignee=9&open=true".into()),
        ("list: zone and kind and place, all", format!("/api/issues?zone=3&kind={kind}&place_type=water")),
        ("list: closed in 30 days, one zone", format!("/api/issues?zone=3&closed_from={month}")),
        ("list: closed in 30 days", format!("/api/issues?closed_from={month}")),
        ("list: pressed", "/api/issues?supervised=true".into()),
        ("list: nothing decided", "/api/issues?undecided=true".into()),
        ("list: waiting for an answer, open", "/api/issues?asked=true&open=true".into()),
        ("list: void, one zone", "/api/issues?zone=3&states=void".into()),
        ("list: a zone that has nothing", "/api/issues?zone=999".into()),
        ("indicators of this month", format!("/api/indicators?month={}", Month::of(Timestamp(now)))),
        ("list: text, open", "/api/issues?open=true&text=%E6%97%B1%E5%8E%95".into()),
        ("list: text, all", "/api/issues?text=%E6%97%B1%E5%8E%95".into()),
        ("list: text that nothing has, all", "/api/issues?text=zzzz".into()),
        (
            "list: text that nothing has, two words that many have",
            "/api/issues?text=%E6%97%B1%E5%8E%95+%E5%8D%A0%E9%81%93".into(),
        ),
        ("list: text that ten thousand have, the oldest of all", "/api/issues?text=2026-000".into()),
        ("list: one number", "/api/issues?text=2026-0123456".into()),
        ("list: part of a number that a hundred have", "/api/issues?text=01234".into()),
        ("list: text that few have, of one kind, open", format!("/api/issues?text=012&kind={kind}&open=true")),
        ("board of one number", "/api/board?text=2026-0123456".into()),
        ("board of a text that some have", "/api/board?text=0123".into()),
        ("counts by zone of a text that nothing has", "/api/tally?by=zone&text=zzzz".into()),
        ("counts by zone of a text that a fortieth has", "/api/tally?by=zone&text=%E6%97%B1%E5%8E%95".into()),
        (
            "counts by zone of a long text that a fortieth has",
            "/api/tally?by=zone&text=%E5%B0%8F%E5%9C%B0%E5%9D%97%E7%A7%8D%E8%8F%9C".into(),
        ),
        ("counts by zone of a text that a tenth has", "/api/tally?by=zone&text=%E9%81%93".into()),
        ("counts by zone of a text that a third has", "/api/tally?by=zone&text=5".into()),
        ("counts by person of a text that a third has", "/api/tally?by=person&text=5".into()),
        ("list: text that a third has, all", "/api/issues?text=5".into()),
        ("list: text that a third has, of some states", "/api/issues?text=5&states=filed,verifying".into()),
        ("board of a text that a third has", "/api/board?text=5".into()),
        ("board of a text that all have", "/api/board?text=%E5%9E%83%E5%9C%BE".into()),
        ("counts by zone of a text that all have", "/api/tally?by=zone&text=%E5%9E%83%E5%9C%BE".into()),
        ("map: what is open", "/api/map?open=true".into()),
        ("map: one zone, all", "/api/map?zone=3".into()),
        ("trends of a year", format!("/api/trends?month={}", Month::of(Timestamp(now)))),
        ("report of half a year", {
            let months = [now - 150 * DAY, now].map(|at| Month::of(Timestamp(at)));
            format!("/api/halfyear?from={}&to={}", months[0], months[1])
        }),
    ]
    .into()
}

/// The issues behind figures: of this month's indicators, and of a frozen month and what differs from it since.
pub fn behind(now: Timestamp, frozen: Month) -> Vec<(String, String)> {
    let month = Month::of(now);
    let measured = ["due", "handled", "in_time", "overdue", "recurred", "open", "contacted"].map(|figure| {
        let path = format!("/api/indicators/issues?month={month}&figure={figure}");
        (format!("behind an indicator: {figure}"), path)
    });
    let all = ["opening", "entered", "struck", "closing", "live", "gone", "come", "missed", "otherwise"];
    let settled = all.map(|figure| {
        let path = format!("/api/settlements/{frozen}/issues?figure={figure}");
        (format!("behind a frozen month: {figure}"), path)
    });
    let of_zone = ["opening", "closing", "live"].map(|figure| {
        let path = format!("/api/settlements/{frozen}/issues?figure={figure}&zone=3");
        (format!("behind a frozen month, one zone: {figure}"), path)
    });
    measured.into_iter().chain(settled).chain(of_zone).collect()
}

/// A weekly list, one person's part of it, and what of it is still to do.
pub fn weekly(number: &str) -> Vec<(String, String)> {
    let of = |what: &str, rest: &str| (what.to_owned(), format!("/api/weekly/{number}{rest}"));
    vec![
        of("weekly list", ""),
        of("weekly list: one person's notice", "/9"),
        of("weekly list: what is left of it", "/issues?became=left"),
    ]
}
