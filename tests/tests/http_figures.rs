//! Indicators, books and the report from outside: SQL says what memory says, every figure leads to its issues, and a frozen month does not change.

use std::collections::{BTreeMap, BTreeSet};
use std::task::Poll;

use sha2::{Digest, Sha256};
use xiaohao_server::service::{audit, directory, settlement};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    Flow, Freeze, HalfYear, Indicators, ProblemKind, Settlement, SettlementLine, Settlements, Trends,
};
use xiaohao_shared::id::{IssueId, PatrolId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::behind::{Drift, Measured, Months, Settled, Within};
use xiaohao_shared::model::indicator::{
    DEFINITIONS, Facts, Figures, Indicator, Span, Threshold, Thresholds, WATCHED, first_report,
};
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::model::settlement::{Line, Month};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Appeal, Issue, Photo, Role, Stage, Step};
use xiaohao_shared::time::{DAY, Date, HOUR};
use xiaohao_tests::desk::{behind, compared, posted, supervisor};
use xiaohao_tests::invented::{generated, generated_as, invented};
use xiaohao_tests::workload::Chance;
use xiaohao_tests::{TestDevice, TestServer, suite};

// The indicators

#[tokio::test(flavor = "multi_thread")]
async fn every_indicator_of_sql_is_what_memory_says() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    for seed in [7, 19, 31] {
        let mut chance = Chance::new(seed);
        let issues: Vec<Issue> = (1..=200).map(|number| invented(number, now, &mut chance)).collect();
        generated(&server, seed, now).await;
        for back in [0, 31] {
            indicators_are_those_of(&desk, &issues, Month::of(now + -back * DAY)).await;
        }
    }
}

async fn indicators_are_those_of(desk: &TestDevice, issues: &[Issue], month: Month) {
    let found: Indicators = desk.get(&format!("/api/indicators?month={month}")).await.json();
    let span = Span { from: month.start(), before: month.end() };
    let (mut zones, mut all): (BTreeMap<ZoneId, Figures>, Vec<Facts>) = Default::default();
    for issue in issues {
        let row = Summary::of(issue, None, false);
        let facts = Facts {
            kind: issue.kind,
            state: issue.state,
            reported_at: issue.reported_at,
            due: issue.due,
            handed_in: issue.handed_in().map(|step| step.at),
            closed_at: row.closed_at,
            reworked: issue.steps.iter().any(|step| step.record.action == Action::Rework),
            extended: issue.extensions > 0,
            recurs: issue.recurrence_of.is_some(),
            exempt: issue.appeal() == Some(Appeal::Granted),
        };
        let figures = zones.entry(issue.zone).or_default();
        figures.add(&facts, span, found.server_time);
        all.push(facts);
        let contacts = issue.remarks.iter().filter_map(|entry| entry.record.contact);
        contacts.for_each(|contact| figures.add_contact(issue.state, contact.at, span));
    }
    zones.retain(|_, figures| *figures != Figures::default());
    zones.values_mut().for_each(|figures| figures.since = first_report(all.iter().copied(), span));
    assert_eq!(found.zones.iter().map(|zone| (zone.zone, zone.figures)).collect::<BTreeMap<_, _>>(), zones);
    assert_eq!(found.whole, zones.values().fold(Figures::default(), Figures::plus));
    assert!(found.whole.due > 0 && found.whole.reported > 0 && found.whole.contacts > 0);
    let whole = (Within::default(), found.whole);
    let zones = zones.into_iter().map(|(zone, figures)| (Within { zone: Some(zone), kind: None }, figures));
    for (within, figures) in zones.chain([whole]) {
        let count = async |figure: Measured| {
            let path = format!("/api/indicators/issues?month={month}&figure={}&{}", figure.code(), within.query());
            behind(desk, &path).await
        };
        for figure in Measured::ALL.into_iter().filter(|it| !OF_REPORT.contains(it) && !OF_NOTHING.contains(it)) {
            assert_eq!(count(figure).await, measured(&figures, figure), "{month} {figure:?} {within:?}");
        }
        let of_zone = |issue: &Issue| within.zone.is_none_or(|zone| zone == issue.zone);
        let of_kind = |issue: &Issue| within.kind.is_none_or(|kind| kind == issue.kind);
        let there = |issue: &&Issue| issue.state != State::Void && of_zone(issue) && of_kind(issue);
        let told = |issue: &&Issue| {
            let mut contacts = issue.remarks.iter().filter_map(|entry| entry.record.contact);
            contacts.any(|contact| span.holds(contact.at))
        };
        let watched = |issue: &&Issue| issue.kind == WATCHED && issue.reported_at < span.before;
        let contacted = issues.iter().filter(there).filter(told).count() as u64;
        assert_eq!(count(Measured::Contacted).await, contacted, "{month} {within:?}");
        assert_eq!(contacted > 0, figures.contacts > 0, "{month} {within:?}");
        let known = issues.iter().filter(there).filter(watched).count() as u64;
        assert_eq!(count(Measured::Watched).await, known, "{month} {within:?}");
        assert_eq!(known > 0, figures.last_new.is_some(), "{month} {within:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trend_of_a_year_is_the_indicators_of_its_months_of_the_office_and_of_a_zone() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    generated(&server, 7, now).await;
    let this = Month::of(now);
    let begun_at = this.before().start();
    let id = PatrolId(IssueId::new(1, [1; 10]));
    let round = Patrol { id, zone: ZoneId(2), begun_at, ended_at: begun_at + HOUR, found: 0, skew: 0 };
    assert_eq!(desk.post_json("/api/patrols", &round).await.status, 200);
    let trends: Trends = desk.get(&format!("/api/trends?month={this}")).await.json();
    let of_zone: Trends = desk.get(&format!("/api/trends?month={this}&zone=2")).await.json();
    assert_eq!((trends.months.len(), trends.trends.len()), (12, DEFINITIONS.len()));
    assert!(trends.months.windows(2).all(|two| two[0].0.next() == two[1].0), "in their order");
    for ((month, whole), (_, zone)) in trends.months.iter().zip(&of_zone.months) {
        let found: Indicators = desk.get(&format!("/api/indicators?month={month}")).await.json();
        let expected = found.zones.iter().find(|it| it.zone == ZoneId(2)).map(|it| it.figures).unwrap_or_default();
        assert_eq!((*whole, *zone), (found.whole, expected), "{month}");
    }
    assert!(trends.months.iter().any(|(_, figures)| figures.due > 0));
    assert!(of_zone.months.iter().any(|(_, figures)| figures.bands_covered > 0));
    assert!(trends.trends.iter().all(|trend| trend.chart.starts_with("<svg")));
    assert_eq!(desk.get("/api/trends?month=x").await.problem().kind, ProblemKind::BadRequest);
    let cadre = server.person("李梅", Role::Cadre, &[1]).await;
    let cadre = server.enrol(&cadre).await;
    assert_eq!(cadre.get(&format!("/api/trends?month={this}")).await.problem().kind, ProblemKind::Forbidden);
}

fn measured(figures: &Figures, figure: Measured) -> u64 {
    match figure {
        Measured::Due => figures.due,
        Measured::Handled => figures.handled,
        Measured::InTime => figures.in_time,
        Measured::HandedIn => figures.handed_in,
        Measured::Reworked => figures.reworked,
        Measured::Overdue => figures.overdue,
        Measured::Extended => figures.extended,
        Measured::Reported => figures.reported,
        Measured::Recurred => figures.recurred,
        Measured::Struck => figures.struck,
        Measured::Open | Measured::Solved | Measured::Pictured => unreachable!("a figure of the report"),
        Measured::Contacted | Measured::Watched => unreachable!("issues behind something else than their count"),
    }
}

/// Figures of the report alone.
const OF_REPORT: [Measured; 3] = [Measured::Open, Measured::Solved, Measured::Pictured];

/// Behind a count of notes, and of days.
const OF_NOTHING: [Measured; 2] = [Measured::Contacted, Measured::Watched];

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sets_thresholds_and_nobody_else_and_none_that_make_no_sense() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    let of = |yellow, red| Thresholds::from([(Indicator::Rework, Threshold { yellow, red })]);
    let set = async |device: &TestDevice, wish: Thresholds| device.post_json("/api/indicators/thresholds", &wish).await;
    assert_eq!(set(&desk, of(0.2, 0.1)).await.problem().kind, ProblemKind::BadRequest);
    assert_eq!(set(&desk, of(0.1, 0.2)).await.json::<Thresholds>(), of(0.1, 0.2));
    let found: Indicators = desk.get("/api/indicators?month=2026-11").await.json();
    assert_eq!(found.thresholds, of(0.1, 0.2));
    for (name, role, may_read) in [("李梅", Role::Cadre, false), ("督查", Role::Inspector, true)] {
        let person = server.person(name, role, &[1]).await;
        let device = server.enrol(&person).await;
        assert_eq!(set(&device, of(0.1, 0.2)).await.problem().kind, ProblemKind::Forbidden);
        assert_eq!(device.get("/api/indicators?month=2026-11").await.status == 200, may_read);
    }
}

// The books

#[tokio::test(flavor = "multi_thread")]
async fn frozen_months_balance_never_change_and_what_comes_late_goes_to_the_next_with_a_mark() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let last = Month::of(Month::of(now).start() + -1);
    let first = Month::of(last.start() + -1);
    generated(&server, 7, now).await;
    // The office heard of everything when it happened.
    let heard = "UPDATE issues SET received_at = reported_at, closed_received_at = closed_at";
    sqlx::query(heard).execute(&server.service.store).await.expect("heard");
    let frozen: Settlement = posted(&desk, "/api/settlements", &Freeze { month: first }).await;
    assert!(frozen.lines.len() > 5 && frozen.lines.iter().all(|line| line.line.is_balanced()));
    assert!(frozen.lines.iter().all(|line| line.live == line.line.closing), "nothing has changed yet: {frozen:?}");
    // One issue of that month comes only now, and one that the books hold is struck off within it.
    let late = "UPDATE issues SET reported_at = $1, received_at = $1, closed_at = NULL, closed_received_at = NULL, \
                state = 'handling', is_open = 1 WHERE issue_id = \
                (SELECT issue_id FROM issues WHERE issue_id NOT IN (SELECT issue_id FROM postings) LIMIT 1)";
    let in_first = first.start() + DAY;
    sqlx::query(late).bind(in_first.0).execute(&server.service.store).await.expect("late");
    let struck = "UPDATE issues SET state = 'closed', is_open = 0, closed_at = $1, closed_received_at = $1 WHERE issue_id = \
                  (SELECT issue_id FROM postings WHERE ended IS NULL LIMIT 1)";
    sqlx::query(struck).bind((first.end() + -HOUR).0).execute(&server.service.store).await.expect("struck");
    // And one that they let out was merged by mistake: it stands again.
    let back = "UPDATE issues SET state = 'handling', is_open = 1, closed_at = NULL, closed_received_at = NULL \
                WHERE issue_id = (SELECT issue_id FROM postings WHERE ended = $1 LIMIT 1)";
    sqlx::query(back).bind(first.to_string()).execute(&server.service.store).await.expect("back");
    compared(&server).await;
    let path = format!("/api/settlements/{first}");
    let again: Settlement = desk.get(&path).await.json();
    let lines = |settlement: &Settlement| {
        let counted = settlement.lines.iter().filter(|line| line.line != Line::default());
        counted.map(|line| (line.zone, line.kind, line.line)).collect::<Vec<_>>()
    };
    assert_eq!(lines(&again), lines(&frozen), "a frozen month never changes");
    let book: Settlement = desk.get(&format!("{path}?part=book")).await.json();
    assert_eq!((&book.head, lines(&book)), (&frozen.head, lines(&frozen)));
    assert!(
        book.lines.iter().all(|line| line.live == 0 && line.drifts() == [0; 4]),
        "the book alone is compared with nothing"
    );
    // One report and one strike-off are as many more as less, and still two differences.
    let drifts = |drift: fn(&SettlementLine) -> u64| again.lines.iter().map(drift).sum::<u64>();
    assert_eq!((drifts(|line| line.gone), drifts(|line| line.come)), (1, 2));
    assert_eq!((drifts(|line| line.missed), drifts(|line| line.otherwise)), (1, 2));
    assert!(again.lines.iter().all(|line| line.live + line.gone == line.line.closing + line.come), "{again:?}");
    let next: Settlement = posted(&desk, "/api/settlements", &Freeze { month: last }).await;
    let sum = |of: fn(&Line) -> u64| next.lines.iter().map(|line| of(&line.line)).sum::<u64>();
    assert_eq!((sum(|line| line.entered_late), sum(|line| line.struck_late)), (2, 1));
    assert_eq!(sum(|line| line.opening), frozen.lines.iter().map(|line| line.line.closing).sum::<u64>());
    assert!(next.lines.iter().all(|line| line.line.is_balanced()));
    let all: Settlements = desk.get("/api/settlements").await.json();
    assert_eq!((all.frozen.len(), all.next), (2, None));
    for month in [first, last] {
        let settlement: Settlement = desk.get(&format!("/api/settlements/{month}")).await.json();
        every_figure_leads_to_its_issues(&desk, &settlement).await;
    }
    let months = format!("/api/settlements/{}/issues?figure=opening", last.next());
    assert_eq!(desk.get(&months).await.problem().kind, ProblemKind::NotFound, "not frozen yet");
    let strange = format!("/api/settlements/{last}/issues?figure=weather");
    assert_eq!(desk.get(&strange).await.problem().kind, ProblemKind::BadRequest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_month_names_each_zone_that_had_nothing_in_it_and_none_that_came_later() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let month = Month::of(Month::of(now).start() + -1);
    let known: Vec<u32> =
        sqlx::query_scalar("SELECT id FROM zones ORDER BY id").fetch_all(&server.service.store).await.expect("zones");
    let known: Vec<ZoneId> = known.into_iter().map(ZoneId).collect();
    generated(&server, 7, now).await;
    let [empty, other] = [known[known.len() - 1], known[0]];
    let moved = sqlx::query("UPDATE issues SET zone_id = $1 WHERE zone_id = $2").bind(other.0).bind(empty.0);
    moved.execute(&server.service.store).await.expect("moved");
    let frozen: Settlement = posted(&desk, "/api/settlements", &Freeze { month }).await;
    assert!(frozen.idle.contains(&empty) && !frozen.idle.contains(&other), "{:?}", frozen.idle);
    let booked: BTreeSet<ZoneId> = frozen.lines.iter().map(|line| line.zone).collect();
    let named = |idle: &[ZoneId]| [booked.iter().copied().collect(), idle.to_vec()].concat();
    let sorted = |mut zones: Vec<ZoneId>| {
        zones.sort();
        zones
    };
    assert_eq!(sorted(named(&frozen.idle)), known, "each zone once, in the table or below it");
    let later = "INSERT INTO zones (id, name, code, since) VALUES (77, '后来的片区', '', $1)";
    sqlx::query(later).bind((now + DAY).0).execute(&server.service.store).await.expect("a zone");
    let path = format!("/api/settlements/{month}");
    for path in [format!("{path}?part=book"), path] {
        assert_eq!(desk.get(&path).await.json::<Settlement>().idle, frozen.idle, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reported_and_fixed_in_a_frozen_month_and_comes_later_differs_though_the_stock_agrees() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let month = Month::of(Month::of(now).start() + -1);
    generated(&server, 7, now).await;
    let heard = "UPDATE issues SET received_at = reported_at, closed_received_at = closed_at";
    sqlx::query(heard).execute(&server.service.store).await.expect("heard");
    let frozen: Settlement = posted(&desk, "/api/settlements", &Freeze { month }).await;
    assert!(frozen.lines.iter().all(|line| line.drifts() == [0; 4]), "{frozen:?}");
    let fixed = "UPDATE issues SET reported_at = $1, received_at = $2, closed_at = $1, closed_received_at = $2, \
                 state = 'closed', is_open = 0 WHERE issue_id = \
                 (SELECT issue_id FROM issues WHERE issue_id NOT IN (SELECT issue_id FROM postings) LIMIT 1)";
    let query = sqlx::query(fixed).bind((month.start() + DAY).0).bind((month.end() + DAY).0);
    query.execute(&server.service.store).await.expect("fixed");
    compared(&server).await;
    let again: Settlement = desk.get(&format!("/api/settlements/{month}")).await.json();
    let drifts = |at: usize| again.lines.iter().map(|line| line.drifts()[at]).sum::<u64>();
    assert_eq!([0, 1, 2, 3].map(drifts), [0, 0, 1, 1]);
    every_figure_leads_to_its_issues(&desk, &again).await;
}

async fn every_figure_leads_to_its_issues(desk: &TestDevice, settlement: &Settlement) {
    let months = &settlement.head.month;
    let mut sums: BTreeMap<Within, [u64; 13]> = BTreeMap::new();
    for line in &settlement.lines {
        let (zone, kind) = (Some(line.zone), Some(line.kind));
        let [opening, entered, entered_late, struck, struck_late, voided, voided_late, closing] = line.line.counts();
        let [gone, come, missed, otherwise] = line.drifts();
        let live = line.live;
        let counts = [
            opening,
            entered,
            entered_late,
            struck,
            struck_late,
            voided,
            voided_late,
            closing,
            live,
            gone,
            come,
            missed,
            otherwise,
        ];
        for within in [Within { zone, kind }, Within { zone, kind: None }, Within::default()] {
            let sum = sums.entry(within).or_default();
            *sum = std::array::from_fn(|at| sum[at] + counts[at]);
        }
    }
    for (within, counts) in sums {
        let figures = Settled::ALL.map(Settled::code).into_iter().chain(Drift::ALL.map(Drift::code));
        for (figure, count) in figures.zip(counts) {
            let path = format!("/api/settlements/{months}/issues?figure={figure}&{}", within.query());
            assert_eq!(behind(desk, &path).await, count, "{path}");
        }
    }
}

/// Drops a task after it was polled so often; `None` where it had not come to its end by then.
async fn polled<T>(times: usize, task: impl Future<Output = T>) -> Option<T> {
    let (mut task, mut polls) = (std::pin::pin!(task), 0);
    std::future::poll_fn(|context| {
        polls += 1;
        if polls > times { Poll::Ready(None) } else { task.as_mut().poll(context).map(Some) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_that_is_dropped_at_any_moment_leaves_nothing_frozen() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    generated(&server, 7, now).await;
    let (_, person) = directory::device(&server.service, desk.device()).await.expect("the desk");
    let caller = directory::Caller { device: desk.device(), person };
    let wish = Freeze { month: Month::of(Month::of(now).start() + -1) };
    let books = async || desk.get("/api/settlements").await.json::<Settlements>();
    let postings = async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM postings");
        count.fetch_one(&server.service.store).await.expect("a count")
    };
    let mut dropped = 0;
    while polled(dropped, settlement::freeze(&server.service, &caller, wish)).await.is_none() {
        let books = books().await;
        // Committed, and dropped while the answer was made: that is frozen, and says so.
        if books.frozen.len() == 1 {
            break;
        }
        assert_eq!((books.frozen.len(), books.freezing, postings().await), (0, None, 0), "after {dropped} polls");
        dropped += 1;
    }
    assert!(dropped > 5, "{dropped}");
    assert!(postings().await > 0 && books().await.frozen.len() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn months_are_frozen_in_order_once_and_when_they_have_ended_and_a_forged_one_is_found() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let (this, past) = (Month::of(now), Month { year: 2026, month: 1 });
    let freeze = async |month| desk.post_json("/api/settlements", &Freeze { month }).await;
    let problem = freeze(this).await.problem();
    assert_eq!((problem.kind, problem.reason), (ProblemKind::Conflict, Some(Reason::MonthRuns)));
    assert_eq!(freeze(past).await.status, 200);
    for wrong in [past, past.next().next()] {
        assert_eq!(freeze(wrong).await.problem().kind, ProblemKind::Conflict);
    }
    assert_eq!(freeze(past.next()).await.status, 200);
    let sound = audit::verify(&server.service).await.expect("verify").findings;
    assert_eq!(sound, Vec::<String>::new());
    let forge = "UPDATE settlements SET frozen_by = frozen_by + 1 WHERE month = '2026-01'";
    sqlx::query(forge).execute(&server.service.store).await.expect("forged");
    let found = audit::verify(&server.service).await.expect("verify").findings;
    assert_eq!(found.len(), 1, "{found:?}");
}

// The half-year report

/// A picture that the office has, unlike every other, and its name.
async fn stored(server: &TestServer, colour: [u8; 3]) -> PhotoId {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb(colour));
    picture.write_to(&mut file, image::ImageFormat::Png).expect("a picture");
    let id = PhotoId(Sha256::digest(file.get_ref()).into());
    server.service.blobs.put(id, file.into_inner().into()).await.expect("stored");
    id
}

/// In each of five months some were found; from the third on, what was found a hundred days before is struck off.
fn of_spring(issue: &mut Issue, shots: &[[PhotoId; 2]]) {
    let number = issue.id.0[0];
    let found = Date::new(2025, 1 + u32::from(number % 5), 10).expect("a date").start();
    issue.reported_at = found;
    issue.steps.truncate(1);
    // What was found in January had time enough, the rest had not.
    let limit = if number.is_multiple_of(5) { 120 * DAY } else { 20 * DAY };
    (issue.state, issue.due) = (State::Handling, Some(found + limit));
    if number % 5 < 2 {
        let struck = found + 100 * DAY;
        issue.state = State::Closed;
        issue.steps[0].record = Step { to: Some(State::Closed), ..Step::new(PersonId(1), struck, Action::Close) };
        for (photo, stage) in shots[usize::from(number)].into_iter().zip([Stage::Before, Stage::After]) {
            let (by, mime) = (PersonId(1), "image/jpeg".into());
            let shot = Photo { stage, by, taken_at: found, w: 64, h: 48, size: 900, mime, thumb: None };
            issue.photos.insert(photo, shot);
        }
    } else {
        issue.steps[0].record = Step::new(PersonId(1), found, Action::Report);
    }
}

async fn spring() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let mut shots = Vec::new();
    for number in 0..=200 {
        shots.push([stored(&server, [number, 90, 40]).await, stored(&server, [number, 90, 200]).await]);
    }
    generated_as(&server, 7, now, |issue| of_spring(issue, &shots)).await;
    (server, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_half_year_report_counts_by_month_kind_and_zone_and_shows_what_had_waited_for_long() {
    let (server, desk) = spring().await;
    let report: HalfYear = desk.get("/api/halfyear?from=2025-01&to=2025-06").await.json();
    let flow =
        |[found, struck]: [u64; 2], [due, handled, in_time]: [u64; 3]| Flow { found, struck, due, handled, in_time };
    let months: Vec<Flow> = report.months.iter().map(|(_, flow)| *flow).collect();
    let none = [0, 0, 0];
    let expected = [
        flow([40, 0], none),
        flow([40, 0], none),
        flow([40, 0], [80, 40, 0]),
        flow([40, 40], [40, 0, 0]),
        flow([40, 40], [80, 40, 40]),
        flow([0, 0], none),
    ];
    assert_eq!(months, expected);
    let may = months[4].figures();
    let rates = [Indicator::Handled, Indicator::InTime].map(|it| may.value(it, report.server_time));
    assert_eq!(rates, [Some(0.5), Some(0.5)]);
    assert_eq!(months[0].figures().value(Indicator::Handled, report.server_time), None, "nothing was due");
    assert_eq!(report.open, 120);
    let sum = |flows: &mut dyn Iterator<Item = Flow>| flows.fold(Flow::default(), |sum, flow| sum.plus(&flow));
    let whole = flow([200, 80], [200, 80, 40]);
    assert_eq!(sum(&mut report.kinds.iter().map(|(_, flow)| *flow)), whole);
    let zones = report.zones.iter().map(|zone| {
        let Figures { reported, struck, due, handled, in_time, .. } = zone.figures;
        flow([reported, struck], [due, handled, in_time])
    });
    assert_eq!(sum(&mut zones.into_iter()), whole);
    assert_eq!((report.whole.reported, report.whole.struck), (200, 80));
    assert_eq!((report.solved.len(), report.solved_count), (20, 80));
    assert_eq!((report.pairs.len(), report.pairs_count), (12, 80));
    assert!(report.chart.contains("2025-06"));
    let quarter: HalfYear = desk.get("/api/halfyear?from=2025-01&to=2025-03").await.json();
    assert_eq!((quarter.open, quarter.solved.len()), (120, 0), "nothing was struck off yet");

    every_figure_of_the_report_leads_to_its_issues(&desk, &report).await;

    for bad in ["from=2025-06&to=2025-01", "from=2024-01&to=2025-06", "from=x&to=2025-01", "from=2025-01"] {
        assert_eq!(desk.get(&format!("/api/halfyear?{bad}")).await.status, 400, "{bad}");
    }
    let cadre = server.person("张三", Role::Cadre, &[1]).await;
    let cadre = server.enrol(&cadre).await;
    for path in ["/api/halfyear", "/api/halfyear/document"] {
        assert_eq!(cadre.get(&format!("{path}?from=2025-01&to=2025-06")).await.status, 403);
    }
}

async fn every_figure_of_the_report_leads_to_its_issues(desk: &TestDevice, report: &HalfYear) {
    let whole = Months { from: report.from, to: report.to };
    let months = report.months.iter().map(|(month, flow)| (Months::from(*month), Within::default(), flow.figures()));
    let kinds =
        report.kinds.iter().map(|(kind, flow)| (whole, Within { zone: None, kind: Some(*kind) }, flow.figures()));
    let zones = report.zones.iter().map(|zone| (whole, Within { zone: Some(zone.zone), kind: None }, zone.figures));
    let count = async |months: Months, figure: Measured, within: Within| {
        let path = format!("/api/indicators/issues?month={months}&figure={}&{}", figure.code(), within.query());
        behind(desk, &path).await
    };
    for (months, within, figures) in months.chain(kinds).chain(zones) {
        for it in [Measured::Reported, Measured::Struck, Measured::Due, Measured::Handled, Measured::InTime] {
            assert_eq!(count(months, it, within).await, measured(&figures, it), "{months} {it:?} {within:?}");
        }
    }
    let expected = [report.open, report.solved_count, report.pairs_count];
    for (figure, expected) in OF_REPORT.into_iter().zip(expected) {
        assert_eq!(count(whole, figure, Within::default()).await, expected, "{figure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn libreoffice_reads_the_report_as_a_document_and_the_list_as_a_workbook() {
    let (_server, desk) = spring().await;
    for (lang, figures, shown) in [
        ("zh-CN", "发现问题 200 件，销号 80 件，期末在办 120 件", "共 80 件，列出 12 件。"),
        ("en", "Found 200, struck off 80, open at the end 120", "12 of 80 are shown."),
    ] {
        let answer = desk.get(&format!("/api/halfyear/document?from=2025-01&to=2025-06&lang={lang}")).await;
        assert_eq!(answer.status, 200);
        let text = suite::read("report.docx", &answer.body, "txt:Text (encoded):UTF8");
        // The bars are a picture, and what they count stands below them as text; each pair is two. In an archive each name stands
        // twice, and that of the folder, too.
        let pictures = String::from_utf8_lossy(&answer.body).matches("word/media/").count() / 2 - 1;
        assert_eq!(pictures, 1 + 2 * 12);
        // May by month: half of what was due.
        for words in [figures, shown, "2025-01 — 2025-06", "1号片区", "2025-04  40 / 40", "50.0%"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        for it in &DEFINITIONS {
            let meaning = if lang == "en" { it.en_text } else { it.zh_text };
            assert!(text.contains(meaning), "{meaning}: {text}");
        }
    }
    let answer = desk.get("/api/export?format=xlsx&photos=true").await;
    let list = suite::read("list.xlsx", &answer.body, "csv:Text - txt - csv (StarCalc):44,34,76,1");
    assert!(list.starts_with(r#""问题","地点","责任单位","整改要求","期限","编号""#), "{list}");
    assert_eq!(list.lines().filter(|line| line.contains("2026-0")).count(), 200);
    let flat = suite::read("list.xlsx", &answer.body, "fods");
    assert!(flat.contains(r#"table:display-filter-buttons="true""#), "its columns can be filtered by");
}
