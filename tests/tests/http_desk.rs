//! The supervisor's desk from outside: counts and lists agree to the number, and nobody sees what is not his.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::task::Poll;

use sha2::{Digest, Sha256};
use xiaohao_server::service::{audit, directory, settlement, system_clock};
use xiaohao_server::store::projection::{self, BroughtBy, Context, Rewrite, Rows, Told};
use xiaohao_server::store::{begin, tallies};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::views::{View, ViewWish};
use xiaohao_shared::api::{
    Board, BulletinReads, Concern, Doubled, Flow, Freeze, HalfYear, Indicators, IssuePage, NextNumbers, Notice, Office,
    OwnedDevice, Press, Previous, ProblemKind, SaveBulletin, Settlement, SettlementLine, Settlements, Sheets, Tally,
    Trends, Weekly, WeeklyHead,
};
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::doc::{Conflict, Edit, Version};
use xiaohao_shared::id::{IssueId, PatrolId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::behind::{Became, Drift, Measured, Months, Settled, Within};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::filter::address::escaped;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::indicator::{DEFINITIONS, Facts, Figures, Indicator, Span, Threshold, Thresholds, WATCHED};
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::model::rules::{OwnKind, RuleWish, Rules};
use xiaohao_shared::model::settlement::{Line, Month};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{
    Appeal, Contact, Entry, Issue, Manner, Outcome, Part, Photo, Place, Remark, Role, Severity, Stage, Step,
    Supervision, SupervisionLevel,
};
use xiaohao_shared::sync::wire::{Condition, Request, pack};
use xiaohao_shared::time::{DAY, Date, HOUR, MINUTE, Timestamp};
use xiaohao_tests::edits::{new_issue, report, step};
use xiaohao_tests::phone::{Phone, nothing};
use xiaohao_tests::workload::Chance;
use xiaohao_tests::{TestDevice, TestServer, million, suite};

// Generated issues

fn some<T>(chance: &mut Chance, share: f64, value: impl FnOnce(&mut Chance) -> T) -> Option<T> {
    (chance.draw() < share).then(|| value(chance))
}

fn invented(number: u8, now: Timestamp, chance: &mut Chance) -> Issue {
    let hours = |chance: &mut Chance, span: usize| chance.below(span) as i64 * HOUR;
    let reported_at = now + -hours(chance, 90 * 24);
    let state = State::ALL[chance.below(State::ALL.len())];
    let acts = [Action::Report, Action::HandIn, Action::Rework, Action::Merge];
    let mut last = Step::new(PersonId(1), reported_at + hours(chance, 240), acts[chance.below(acts.len())]);
    last.to = Some(state);
    let mut steps = vec![Entry { id: "last".into(), record: last }];
    let asks = if state.is_open() { &[Action::AskExtension][..] } else { &[Action::Appeal, Action::GrantAppeal] };
    for (action, id) in asks.iter().zip(["ask", "answer"]).take(chance.below(3)) {
        steps.push(Entry { id: id.into(), record: Step::new(PersonId(1), reported_at + 240 * HOUR, *action) });
    }
    let by = PersonId(1 + chance.below(4) as u32);
    let level = [SupervisionLevel::Office, SupervisionLevel::City][chance.below(2)];
    Issue {
        id: IssueId([number; 16]),
        schema: 1,
        zone: ZoneId(1 + chance.below(3) as u32),
        kind: CATALOGUE[chance.below(5)].kind,
        place_type: PlaceType::ALL[chance.below(3)],
        description: ["门口堆放", "Heaped 50%_off", "后巷"][chance.below(3)].into(),
        place: Place { address: format!("幸福路 {} 号", chance.below(5)), ..Place::default() },
        severity: Severity::Ordinary,
        reporter: by,
        reported_at,
        state,
        assignee: some(chance, 0.6, |chance| PersonId(1 + chance.below(4) as u32)),
        responsible: (0..chance.below(3)).map(|_| (PersonId(1 + chance.below(4) as u32), Part::Support)).collect(),
        due: some(chance, 0.8, |chance| now + 10 * DAY + -hours(chance, 1_200)),
        extensions: chance.below(2) as u32,
        priority: false,
        supervision: some(chance, 0.2, |_| Supervision {
            level,
            number: String::new(),
            by,
            at: reported_at,
            due: None,
        }),
        duplicate_of: some(chance, 0.7, |chance| IssueId([1 + chance.below(3) as u8; 16])),
        recurrence_of: some(chance, 0.2, |_| IssueId([2; 16])),
        steps,
        remarks: (0..chance.below(4)).map(|number| contact(number, now, chance)).collect(),
        photos: BTreeMap::new(),
    }
}

fn contact(number: usize, now: Timestamp, chance: &mut Chance) -> Entry<Remark> {
    let at = now + -(chance.below(90 * 24) as i64 * HOUR);
    let contact = some(chance, 0.7, |chance| Contact {
        at,
        manner: Manner::ALL[chance.below(Manner::ALL.len())],
        result: Outcome::ALL[chance.below(Outcome::ALL.len())],
    });
    let record = Remark { contact, ..Remark::new(PersonId(1), at, "说过了".into()) };
    Entry { id: format!("remark{number:02}"), record }
}

/// Issues with their rows in the store, as the projection makes them.
async fn generated(server: &TestServer, seed: u32, now: Timestamp) -> Vec<Summary> {
    generated_as(server, seed, now, |_| {}).await
}

/// Of some issues two people said something else at once.
fn undecided(issue: &Issue) -> Vec<Conflict> {
    let version = |value| Version { value: Value::Priority(value), by: Some(PersonId(1)), at: Some(issue.reported_at) };
    let versions = [false, true].map(version).into();
    if issue.id.0[0].is_multiple_of(9) { vec![Conflict { register: Register::Priority, versions }] } else { vec![] }
}

async fn generated_as(server: &TestServer, seed: u32, now: Timestamp, change: impl FnMut(&mut Issue)) -> Vec<Summary> {
    let mut chance = Chance::new(seed);
    let mut issues: Vec<Issue> = (1..=200).map(|number| invented(number, now, &mut chance)).collect();
    issues.iter_mut().for_each(change);
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    let fresh = projection::issues(&mut tx).await.expect("issues").is_empty();
    let mut all = Vec::new();
    for issue in &issues {
        let context = Context { number: &format!("2026-{:04}", issue.id.0[0]), received: &BTreeMap::new() };
        let told = Told { issue: issue.clone(), conflicts: undecided(issue) };
        let after = projection::project(&told, &BroughtBy::new(), &context);
        // Whether the writer knows that nothing stands there makes no difference.
        let before = (fresh && chance.draw() < 0.5).then(Rows::new);
        all.push(Rewrite { issue: issue.id, before, after });
    }
    projection::write(&mut tx, &all).await.expect("written");
    tx.commit().await.expect("committed");
    let number = |issue: &Issue| Some(format!("2026-{:04}", issue.id.0[0]));
    let summary = |issue: &Issue| Summary::of(issue, number(issue), !undecided(issue).is_empty());
    issues.iter().map(summary).collect()
}

fn any_filter(now: Timestamp, chance: &mut Chance) -> Filter {
    let time = |chance: &mut Chance| now + 10 * DAY + -(chance.below(100 * 24) as i64 * HOUR);
    let states = State::ALL.into_iter().filter(|_| chance.draw() < 0.3).collect();
    let texts = ["", "", "幸福路 3", "50%_OFF", "旱厕", "%", "2026-0007"];
    Filter {
        states: some(chance, 0.3, |_| states).unwrap_or_default(),
        zones: (0..chance.below(6).saturating_sub(3)).map(|_| ZoneId(1 + chance.below(3) as u32)).collect(),
        kind: some(chance, 0.2, |chance| CATALOGUE[chance.below(5)].kind),
        place_type: some(chance, 0.2, |chance| PlaceType::ALL[chance.below(3)]),
        assignee: some(chance, 0.2, |chance| PersonId(1 + chance.below(4) as u32)),
        unassigned: chance.draw() < 0.1,
        reporter: some(chance, 0.1, |chance| PersonId(1 + chance.below(4) as u32)),
        supervised: chance.draw() < 0.1,
        overdue: chance.draw() < 0.1,
        undecided: chance.draw() < 0.03,
        asked: chance.draw() < 0.1,
        linked: some(chance, 0.1, |chance| IssueId([1 + chance.below(3) as u8; 16])),
        open: chance.draw() < 0.2,
        pressing: chance.draw() < 0.1,
        due_before: some(chance, 0.1, time),
        reported_from: some(chance, 0.1, time),
        reported_before: some(chance, 0.1, time),
        closed_from: some(chance, 0.1, time),
        closed_before: some(chance, 0.1, time),
        text: texts[chance.below(texts.len())].into(),
        own: vec![],
    }
}

async fn supervisor(server: &TestServer) -> TestDevice {
    let person = server.person("指挥", Role::Supervisor, &[]).await;
    server.enrol(&person).await
}

/// All pages of a list.
async fn list(device: &TestDevice, filter: &Filter) -> Vec<IssueId> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page: IssuePage = device.get(&format!("/api/issues?{}&after={after}", filter.query())).await.json();
        ids.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            Some(next) => after = next,
            None => return ids,
        }
    }
}

async fn tally(device: &TestDevice, filter: &Filter, by: Grouping) -> Tally {
    device.get(&format!("/api/tally?{}&by={}", filter.query(), by.code())).await.json()
}

/// In the order of a list: what is to do by its deadline, anything else the latest first.
fn in_order<'a>(rows: impl Iterator<Item = &'a Summary>, filter: &Filter) -> Vec<IssueId> {
    let mut rows: Vec<&Summary> = rows.collect();
    match filter.is_of_open() {
        true => rows.sort_by_key(|row| (row.due.unwrap_or(Timestamp(i64::MAX)), row.id)),
        false => rows.sort_by_key(|row| (Reverse(row.reported_at), row.id)),
    }
    rows.into_iter().map(|row| row.id).collect()
}

/// The columns of the board and what waits for a decision, as memory has them under this filter.
async fn the_board_is_what_memory_says(desk: &TestDevice, filter: &Filter, rows: &[Summary], now: Timestamp) {
    let board: Board = desk.get(&format!("/api/board?{}", filter.query())).await.json();
    let ids = |cards: &[Summary]| cards.iter().map(|row| row.id).collect::<Vec<_>>();
    for column in &board.columns {
        let of_state = filter.within(Grouping::State, column.state.code());
        let matching = rows.iter().filter(|row| row.state == column.state && filter.matches(row, now));
        let expected = in_order(matching, &of_state);
        assert_eq!(column.count, expected.len() as u64, "{} {filter:?}", column.state.code());
        assert_eq!(ids(&column.cards), expected[..expected.len().min(50)], "{} {filter:?}", column.state.code());
    }
    let undecided = Filter { undecided: true, states: BTreeSet::new(), ..filter.clone() };
    let expected = in_order(rows.iter().filter(|row| undecided.matches(row, now)), &undecided);
    assert_eq!(ids(&board.undecided), expected[..expected.len().min(50)], "{filter:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_every_board_and_every_count_of_sql_is_what_memory_says() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let admin = server.enrol(&server.person("管理", Role::Administrator, &[]).await).await;
    // Whole hours from there: nothing becomes due while this test runs.
    let half = now + 30 * MINUTE;
    let kind = Rules::default().free_kind().expect("a free code");
    let wish = RuleWish::Own { own: OwnKind { kind, name: "共享单车乱放".into() }, was: None };
    let rules: Rules = admin.post_json("/api/admin/catalogue", &wish).await.json();
    let texts =
        ["", "", "幸福路 3", "50%_OFF", "旱厕", "%", "2026-0007", "单车", "乱放 后巷", "北门", "Gate 幸福", "北"];
    for (seed, of_filters) in [(7, 11), (19, 23), (31, 37)] {
        let elsewhere = |issue: &mut Issue| match issue.id.0[0] % 7 {
            0 => issue.kind = kind,
            // Where no address is known, the landmark is what a list shows and finds.
            1 => issue.place = Place { landmark: "北门 Gate".into(), ..Place::default() },
            2 => issue.place.landmark = "北门 Gate".into(),
            _ => {}
        };
        let rows = generated_as(&server, seed, half, elsewhere).await;
        assert!(rows.iter().any(|row| row.undecided) && rows.iter().any(|row| row.kind == kind));
        let mut chance = Chance::new(of_filters);
        for _ in 0..50 {
            let filter = any_filter(half, &mut chance);
            let filter = Filter { text: texts[chance.below(texts.len())].into(), ..filter }.knowing(&rules);
            let matching: Vec<&Summary> = rows.iter().filter(|row| filter.matches(row, now)).collect();
            let expected = in_order(matching.iter().copied(), &filter);
            assert_eq!(list(&desk, &filter).await, expected, "{seed} {filter:?}");
            let by = Grouping::ALL[chance.below(Grouping::ALL.len())];
            every_group_is_what_memory_says(&desk, &filter, by, &matching, now).await;
            if chance.draw() < 0.3 {
                the_board_is_what_memory_says(&desk, &filter, &rows, now).await;
            }
        }
    }
}

async fn every_group_is_what_memory_says(
    desk: &TestDevice,
    filter: &Filter,
    by: Grouping,
    matching: &[&Summary],
    now: Timestamp,
) {
    let tally = tally(desk, filter, by).await;
    assert_eq!(tally.total, matching.len() as u64, "{filter:?}");
    let mut expected: BTreeMap<(String, State), u64> = BTreeMap::new();
    for (row, key) in matching.iter().flat_map(|row| by.keys(row).into_iter().map(move |key| (row, key))) {
        *expected.entry((key, row.state)).or_default() += 1;
    }
    let groups = tally.groups.iter();
    let found =
        groups.flat_map(|group| group.counts.iter().map(|(state, count)| ((group.key.clone(), *state), *count)));
    assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "{by:?} {filter:?}");
    for group in tally.groups {
        let late = matching.iter().filter(|row| row.is_overdue(now) && by.keys(row).contains(&group.key));
        assert_eq!(group.overdue, late.count() as u64, "{by:?} {} {filter:?}", group.key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_the_offices_own_kinds_by_the_name_that_they_have_today() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let admin = server.enrol(&server.person("管理", Role::Administrator, &[]).await).await;
    let kind = Rules::default().free_kind().expect("a free code");
    let called = async |name: &str, was: Option<&str>| {
        let wish = RuleWish::Own { own: OwnKind { kind, name: name.into() }, was: was.map(Into::into) };
        admin.post_json("/api/admin/catalogue", &wish).await.json::<Rules>();
    };
    let of_own = |issue: &mut Issue| issue.kind = if issue.id.0[0] <= 3 { kind } else { CATALOGUE[0].kind };
    generated_as(&server, 7, now, of_own).await;
    let found = async |text: &str| {
        let filter = Filter { text: text.into(), ..Filter::default() };
        let (listed, counted) = (list(&desk, &filter).await.len(), tally(&desk, &filter, Grouping::Kind).await.total);
        assert_eq!(listed as u64, counted, "{text}");
        counted
    };
    called("共享单车乱放", None).await;
    assert_eq!((found("单车").await, found("共享 乱放").await, found("电动车").await), (3, 3, 0));
    called("电动车乱放", Some("共享单车乱放")).await;
    assert_eq!((found("单车").await, found("电动车").await), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_views_follow_the_person_to_another_device_and_nobody_else_has_them() {
    let server = TestServer::start().await;
    let person = server.person("指挥", Role::Supervisor, &[]).await;
    let (one, other) = (server.enrol(&person).await, server.enrol(&person).await);
    let view = |name: &str, address: &str| View { name: name.into(), address: address.into() };
    let keep = |name: &str, address: &str| ViewWish::Keep(view(name, address));
    let saved = async |device: &TestDevice| device.get("/api/views").await.json::<Vec<View>>();
    assert_eq!(saved(&one).await, []);
    let first: Vec<View> = posted(&one, "/api/views", &[keep("例会", "/list?zone=1"), keep("看板", "/board")]).await;
    assert_eq!((first.len(), saved(&other).await), (2, first));
    let wishes = [keep("周一例会", "/list?zone=1"), ViewWish::Forget("/board".into())];
    let after: Vec<View> = posted(&other, "/api/views", &wishes).await;
    assert_eq!((&after, saved(&one).await), (&vec![view("周一例会", "/list?zone=1")], after.clone()));
    let elsewhere = [keep("好", "/list"), keep("坏", "https://elsewhere.example/")];
    assert_eq!(one.post_json("/api/views", &elsewhere).await.problem().reason, Some(Reason::Views));
    assert_eq!(saved(&one).await, after, "all of it or nothing");
    let somebody = server.enrol(&server.person("别人", Role::Inspector, &[]).await).await;
    assert_eq!(saved(&somebody).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counters_follow_every_change_and_a_wrong_one_is_found_and_mended() {
    let server = TestServer::start().await;
    let now = server.service.now();
    for seed in [1, 2, 3] {
        // The same issues, each time as something else.
        generated(&server, seed, now).await;
        let mut tx = begin(&server.service.store).await.expect("a transaction");
        assert!(tallies::are_right(&mut tx).await.expect("counted"));
    }
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    sqlx::query("UPDATE person_tallies SET issue_count = issue_count + 1").execute(&mut *tx).await.expect("spoiled");
    assert!(!tallies::are_right(&mut tx).await.expect("counted"));
    tallies::recount(&mut tx).await.expect("mended");
    assert!(tallies::are_right(&mut tx).await.expect("counted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_filled_by_the_thousand_answers_every_address_that_is_timed_at_a_million() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let size = million::Size { issues: 3_000, zones: 3, people: 20 };
    million::fill(&server.service.store, &size, now).await.expect("rows");
    for (what, path) in million::paths(now) {
        million::time(&desk, &path, 1).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cadre_counts_and_lists_only_his_own_zones() {
    let server = TestServer::start().await;
    let now = server.service.now();
    let rows = generated(&server, 7, now).await;
    let li = server.person("李梅", Role::Cadre, &[2]).await;
    let phone = server.enrol(&li).await;
    let own = rows.iter().filter(|row| row.zone == ZoneId(2)).count() as u64;
    for by in Grouping::ALL {
        assert_eq!(tally(&phone, &Filter::default(), by).await.total, own);
    }
    let zones = tally(&phone, &Filter::default(), Grouping::Zone).await;
    assert_eq!(zones.groups.iter().map(|group| group.key.as_str()).collect::<Vec<_>>(), ["2"]);
    let elsewhere = Filter { zones: [ZoneId(1)].into(), ..Filter::default() };
    assert_eq!((list(&phone, &elsewhere).await.len(), tally(&phone, &elsewhere, Grouping::Kind).await.total), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_people_and_devices_counts_no_issues_and_a_question_that_makes_no_sense_is_refused() {
    let server = TestServer::start().await;
    let keeper = server.person("管理员", Role::Administrator, &[]).await;
    let keeper = server.enrol(&keeper).await;
    assert_eq!(keeper.get("/api/tally?by=zone").await.problem().kind, ProblemKind::Forbidden);
    assert_eq!(server.plain("GET", "/api/tally", &[]).await.problem().kind, ProblemKind::NotSigned);
    let desk = supervisor(&server).await;
    for path in ["/api/tally?by=weather", "/api/tally?zone=x", "/api/issues?pressing=perhaps"] {
        assert_eq!(desk.get(path).await.problem().kind, ProblemKind::BadRequest, "{path}");
    }
}

// The weekly list

async fn posted<T: serde::de::DeserializeOwned>(device: &TestDevice, path: &str, wish: &impl serde::Serialize) -> T {
    device.post_json(path, wish).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weekly_list_is_what_is_pressing_and_the_next_one_shows_what_became_of_it() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let pressing = rows.iter().filter(|row| row.is_pressing(now)).count() as u64;
    assert!(pressing > 10);
    assert_eq!((head.entries, head.ended, head.number.ends_with("-001")), (pressing, 0, true));
    let list: Weekly = desk.get(&format!("/api/weekly/{}", head.number)).await.json();
    assert_eq!(list.units.iter().map(|unit| unit.entries).sum::<u64>(), pressing);
    for unit in &list.units {
        let person = unit.person.map_or(0, |person| person.0);
        let notice: Notice = desk.get(&format!("/api/weekly/{}/{person}", head.number)).await.json();
        assert_eq!(notice.entries.len() as u64, unit.entries);
        assert!(notice.entries.iter().all(|entry| entry.now.assignee == unit.person && entry.state == entry.now.state));
    }
    // Everything is struck off; the kept list still says how it was.
    generated_as(&server, 7, now, |issue| issue.state = State::Closed).await;
    let next: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    assert_eq!((next.entries, next.number.ends_with("-002")), (0, true));
    let lists: Vec<WeeklyHead> = desk.get("/api/weekly").await.json();
    assert_eq!(lists.iter().map(|list| (list.entries, list.ended)).collect::<Vec<_>>(), [(0, 0), (pressing, pressing)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_list_says_what_became_of_the_last_one_and_how_often_each_issue_was_on_one() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let listed: BTreeSet<IssueId> = rows.iter().filter(|row| row.is_pressing(now)).map(|row| row.id).collect();
    let first: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let list: Weekly = desk.get(&format!("/api/weekly/{}", first.number)).await.json();
    assert_eq!(list.previous, None);
    let became = |issue: &mut Issue| {
        issue.state = [State::Closed, State::ToCheck, State::Void, issue.state][usize::from(issue.id.0[0] % 4)];
    };
    let rows = generated_as(&server, 7, now, became).await;
    let second: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let list: Weekly = desk.get(&format!("/api/weekly/{}", second.number)).await.json();
    let count =
        |is: fn(State) -> bool| rows.iter().filter(|row| listed.contains(&row.id) && is(row.state)).count() as u64;
    let expected = Previous {
        number: first.number,
        struck: count(|state| state == State::Closed),
        handed_in: count(|state| state == State::ToCheck),
        void: count(|state| state == State::Void),
        open: count(|state| !matches!(state, State::Closed | State::ToCheck | State::Void)),
    };
    assert!(expected.struck.min(expected.handed_in).min(expected.void).min(expected.open) > 0, "{expected:?}");
    let (mut sum, mut again) =
        (Previous { number: expected.number.clone(), struck: 0, handed_in: 0, open: 0, void: 0 }, 0);
    for person in 0..=4 {
        let notice: Notice = desk.get(&format!("/api/weekly/{}/{person}", second.number)).await.json();
        let part = notice.previous.expect("there was a list before");
        sum.struck += part.struck;
        sum.handed_in += part.handed_in;
        sum.open += part.open;
        sum.void += part.void;
        for entry in notice.entries {
            assert_eq!(entry.times, 1 + u64::from(listed.contains(&entry.now.id)));
            again += u64::from(entry.times == 2);
        }
    }
    assert_eq!((&sum, list.previous), (&expected, Some(expected.clone())));
    assert!(again > 0);
    every_figure_of_the_list_leads_to_its_issues(&desk, &expected).await;
    // What is asked of the older list later is still what it was then.
    let notice: Notice = desk.get(&format!("/api/weekly/{}/1", sum.number)).await.json();
    assert!(!notice.entries.is_empty() && notice.entries.iter().all(|entry| entry.times == 1));
}

/// Of the whole list, and of each unit's part of it.
async fn every_figure_of_the_list_leads_to_its_issues(desk: &TestDevice, whole: &Previous) {
    let number = &whole.number;
    let list: Weekly = desk.get(&format!("/api/weekly/{number}")).await.json();
    let count = async |person: Option<u32>, became: Became| {
        let person = person.map(|person| format!("&person={person}")).unwrap_or_default();
        behind(desk, &format!("/api/weekly/{number}/issues?became={}{person}", became.code())).await
    };
    let Previous { struck, handed_in, open, void, .. } = *whole;
    for (became, expected) in [
        (Became::Struck, struck),
        (Became::HandedIn, handed_in),
        (Became::Unsettled, open),
        (Became::Void, void),
        (Became::Ended, list.head.ended),
        (Became::Left, list.head.entries - list.head.ended),
    ] {
        assert_eq!(count(None, became).await, expected, "{became:?}");
    }
    for unit in list.units {
        let person = Some(unit.person.map_or(0, |person| person.0));
        let found = (count(person, Became::Ended).await, count(person, Became::Left).await);
        assert_eq!(found, (unit.ended, unit.entries - unit.ended), "{person:?}");
    }
    for wrong in [format!("{number}/issues?became=weather"), "1999-001/issues?became=left".into()] {
        assert!([400, 404].contains(&desk.get(&format!("/api/weekly/{wrong}")).await.status), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_weekly_lists_are_found_behind_the_latest_ones() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    for number in 1..=60 {
        let sql = sqlx::query("INSERT INTO weekly_lists (number, made_at, made_by) VALUES ($1, $2, 1)");
        let list = sql.bind(format!("2026-{number:03}")).bind(number).execute(&server.service.store).await;
        assert!(list.is_ok(), "{list:?}");
    }
    let latest: Vec<WeeklyHead> = desk.get("/api/weekly").await.json();
    let last = &latest.last().expect("a list").number;
    assert_eq!((latest.len(), latest[0].number.as_str(), last.as_str()), (53, "2026-060", "2026-008"));
    let earlier: Vec<WeeklyHead> = desk.get(&format!("/api/weekly?before={last}")).await.json();
    assert_eq!(earlier.iter().map(|head| &head.number[5..]).collect::<String>(), "007006005004003002001");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_how_many_wait_for_a_decision_also_where_it_shows_the_first_of_them_alone() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    generated(&server, 7, now).await;
    let run = async |sql: &'static str| sqlx::query(sql).execute(&server.service.store).await.expect("SQL");
    run("UPDATE issues SET is_undecided = issue_id IN (SELECT issue_id FROM issues ORDER BY issue_id LIMIT 60)").await;
    run("INSERT INTO held (hash, issue_id, zone, device, person, received_at, reason, content, bytes, adoptable) \
         WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 503) \
         SELECT printf('%064x', at), '01920000-0001-7fff-bfff-ffffffffffff', 1, 1, 1, at, 'not_assigned', '{}', x'00', 1 FROM n")
        .await;
    let board: Board = desk.get("/api/board").await.json();
    assert_eq!((board.undecided.len(), board.undecided_count), (50, 60));
    assert_eq!((board.held.len(), board.held_count, board.waiting()), (500, 503, [60, 503]));
    let whole = Filter { undecided: true, ..Filter::default() };
    assert_eq!(list(&desk, &whole).await.len(), 60, "the list that the count leads to");
    let filter = Filter { zones: [ZoneId(1)].into(), undecided: true, ..Filter::default() };
    let of_zone: Board = desk.get(&format!("/api/board?{}", filter.query())).await.json();
    assert_eq!(of_zone.undecided_count, list(&desk, &filter).await.len() as u64);
    let inspector = server.person("督查", Role::Inspector, &[]).await;
    let board: Board = server.enrol(&inspector).await.get("/api/board").await.json();
    assert_eq!(board.waiting(), [60, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_carries_what_the_dispatch_asked_the_press_and_the_photos_and_says_where_it_is_cut() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let [before, after] = [PhotoId([1; 32]), PhotoId([2; 32])];
    let pressed = |issue: &mut Issue| {
        (issue.state, issue.assignee, issue.due) = (State::Handling, Some(PersonId(1)), Some(now + -DAY));
        for (at, reason) in ["周五前清净", "周三前清净"].into_iter().enumerate() {
            let step = Step { reason: reason.into(), ..Step::new(PersonId(2), now, Action::Dispatch) };
            issue.steps.push(Entry { id: format!("sent{at:03}"), record: step });
        }
        let (level, by, due) = (SupervisionLevel::City, PersonId(2), Some(now + DAY));
        issue.supervision = Some(Supervision { level, number: "市督7".into(), by, at: now, due });
        for (thumb, stage) in [(before, Stage::Before), (after, Stage::After)] {
            let (by, mime, thumb) = (PersonId(1), "image/jpeg".into(), Some(thumb));
            let shot = Photo { stage, by, taken_at: now, w: 64, h: 48, size: 900, mime, thumb };
            issue.photos.insert(PhotoId([stage as u8 + 10; 32]), shot);
        }
    };
    generated_as(&server, 7, now, pressed).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let path = format!("/api/weekly/{}/1", head.number);
    let notice: Notice = desk.get(&path).await.json();
    assert_eq!((notice.total, notice.entries.len()), (200, 200));
    let press = Some(Press { number: "市督7".into(), due: Some(now + DAY), shared: true });
    for entry in &notice.entries {
        assert_eq!((entry.demand.as_str(), &entry.press), ("周三前清净", &press));
        assert_eq!((entry.before, entry.after), (Some(before), Some(after)));
    }
    let more = "INSERT INTO weekly_entries SELECT list, position + $1, issue_id, assignee_id, state, due_at, \
                supervision_level FROM weekly_entries WHERE position <= 200";
    for further in [1000, 2000] {
        sqlx::query(more).bind(further).execute(&server.service.store).await.expect("more");
    }
    let notice: Notice = desk.get(&path).await.json();
    assert_eq!((notice.total, notice.entries.len()), (600, 500));

    // A list is printed with the same.
    let cadre = server.person("王建国", Role::Cadre, &[2]).await;
    let cadre = server.enrol(&cadre).await;
    for (device, zone) in [(&desk, None), (&cadre, Some(ZoneId(2)))] {
        let printed: Sheets = device.get("/api/sheets?state=handling").await.json();
        let page: IssuePage = device.get("/api/issues?state=handling").await.json();
        let tally: Tally = device.get("/api/tally?state=handling").await.json();
        assert_eq!((printed.total, printed.sheets.len() as u64), (tally.total, tally.total));
        assert!(page.rows.iter().zip(&printed.sheets).all(|(row, sheet)| *row == sheet.row) && !page.rows.is_empty());
        for sheet in &printed.sheets {
            assert!(zone.is_none_or(|zone| zone == sheet.row.zone));
            assert_eq!((sheet.demand.as_str(), sheet.before, sheet.after), ("周三前清净", Some(before), Some(after)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_shows_what_was_answered_to_the_last_pressing() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let pressed = |issue: &mut Issue, acts: &[(Action, &str)]| {
        (issue.state, issue.assignee, issue.due) = (State::Handling, Some(PersonId(1)), Some(now + -DAY));
        for (at, (action, reason)) in acts.iter().enumerate() {
            let step = Step { reason: (*reason).into(), ..Step::new(PersonId(2), now, *action) };
            issue.steps.push(Entry { id: format!("press{at:03}"), record: step });
        }
    };
    let once = [(Action::Supervise, "快办"), (Action::Reply, "明天清运")];
    let twice = [once[0], once[1], (Action::Supervise, "还没办")];
    generated_as(&server, 7, now, |issue| pressed(issue, if issue.id.0[0] == 1 { &twice } else { &once })).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let notice: Notice = desk.get(&format!("/api/weekly/{}/1", head.number)).await.json();
    let reply = |number: u8| {
        let entry = notice.entries.iter().find(|entry| entry.now.id.0[0] == number).expect("on the notice");
        entry.reply.as_ref().map(|reply| (reply.by, reply.text.as_str()))
    };
    assert_eq!(reply(2), Some((PersonId(2), "明天清运")));
    assert_eq!(reply(1), None, "pressed again, and not yet answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_number_of_a_year_and_level_is_the_first_after_the_last_and_asking_takes_none() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let year = Month::of(now).year;
    let next = async || desk.get("/api/supervision/next").await.json::<NextNumbers>();
    let expected = |office: &str, city: &str| NextNumbers {
        office: format!("街督{year}-{office}"),
        city: format!("市督{year}-{city}"),
        taken: None,
    };
    assert_eq!((next().await, next().await), (expected("001", "001"), expected("001", "001")));
    let pressed = |issue: &mut Issue| {
        let (level, number) = match issue.id.0[0] {
            1 => (SupervisionLevel::Office, format!("街督{year}-009")),
            2 => (SupervisionLevel::Office, format!("街督{year}-004")),
            3 => (SupervisionLevel::Office, format!("街督{}-099", year - 1)),
            4 => (SupervisionLevel::City, format!("市督{year}-1200")),
            _ => (SupervisionLevel::City, "市创卫办 12 号".into()),
        };
        issue.supervision = Some(Supervision { level, number, by: PersonId(2), at: now, due: None });
    };
    generated_as(&server, 7, now, pressed).await;
    assert_eq!(next().await, expected("010", "1201"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_an_issue_once_had_is_proposed_to_no_other_when_the_issue_goes_to_the_city() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let year = Month::of(now).year;
    let pressed = |level, number: &str| {
        let supervision = Supervision { level, number: number.into(), by: PersonId(2), at: now, due: None };
        move |issue: &mut Issue| issue.supervision = (issue.id.0[0] == 1).then(|| supervision.clone())
    };
    let [office, city] = [format!("街督{year}-009"), format!("市督{year}-001")];
    generated_as(&server, 7, now, pressed(SupervisionLevel::Office, &office)).await;
    generated_as(&server, 7, now, pressed(SupervisionLevel::City, &city)).await;
    let next: NextNumbers = desk.get("/api/supervision/next").await.json();
    assert_eq!([next.office, next.city], [format!("街督{year}-010"), format!("市督{year}-002")]);
    let taken = async |number: &str, issue: u8| {
        let issue = IssueId([issue; 16]);
        let path = format!("/api/supervision/next?number={}&issue={issue}", escaped(number));
        desk.get(&path).await.json::<NextNumbers>().taken
    };
    for number in [&office, &city] {
        assert_eq!(taken(number, 2).await.as_deref(), Some("2026-0001"), "{number} is the first issue's");
        assert_eq!(taken(number, 1).await, None, "and may be written there again");
    }
    assert_eq!(taken("市创卫办 12 号", 2).await, None);
    let figures = |text: &str| text.replace('-', "－").replace("009", " ９");
    assert!(taken(&figures(&office), 2).await.is_some(), "however it is written");
}

/// Presses an open issue under this number.
fn press(by: PersonId, number: &str) -> Edit {
    let (level, at) = (SupervisionLevel::Office, system_clock());
    let supervision = Supervision { level, number: number.into(), by, at, due: None };
    step(by, Action::Supervise, State::Reported, None).with(Value::Supervision(Some(supervision)))
}

async fn taken(device: &TestDevice, number: &str, issue: IssueId) -> Option<String> {
    let path = format!("/api/supervision/next?number={}&issue={issue}", escaped(number));
    device.get(&path).await.json::<NextNumbers>().taken
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_replaced_before_it_was_sent_is_noted_all_the_same() {
    let server = TestServer::start().await;
    let person = server.person("指挥", Role::Supervisor, &[1]).await;
    let mut desk = Phone::new(server.enrol(&person).await, &person);
    let (issue, year) = (new_issue(), Month::of(server.service.now()).year);
    let [first, second] = [1, 2].map(|serial| format!("街督{year}-{serial:03}"));
    for edit in [report(person.id, 1, "门口"), press(person.id, &first), press(person.id, &second)] {
        desk.save(issue, edit).expect("saved");
    }
    assert_eq!((desk.sync().await, desk.refused().len()), (None, 0));
    assert!(taken(&desk.device, &first, new_issue()).await.is_some(), "it stands on paper");
    assert_eq!(desk.device.get("/api/supervision/next").await.json::<NextNumbers>().office, format!("街督{year}-003"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_two_desks_gave_while_neither_could_ask_is_told_to_them_until_one_issue_gets_another() {
    let server = TestServer::start().await;
    let (mut one, mut other) = {
        let people = [
            server.person("指挥", Role::Supervisor, &[1]).await,
            server.person("副指挥", Role::Supervisor, &[1]).await,
        ];
        let [one, other] = &people;
        (Phone::new(server.enrol(one).await, one), Phone::new(server.enrol(other).await, other))
    };
    let [first, second, third] = [new_issue(), new_issue(), new_issue()];
    for (issue, words) in [(second, "后巷"), (first, "门口"), (third, "桥下")] {
        one.save(issue, report(one.person.id, 1, words)).expect("saved");
    }
    assert_eq!((one.sync().await, other.sync().await), (None, None));
    one.save(first, press(one.person.id, "街督2026-007")).expect("saved");
    other.save(second, press(other.person.id, "街督２０２６－７")).expect("saved");
    one.save(third, press(one.person.id, "街督2026-8")).expect("saved");
    assert_eq!((one.sync().await, other.sync().await), (None, None));
    assert_eq!((one.refused().len(), other.refused().len()), (0, 0));
    let doubles = async |device: &TestDevice| {
        let board: Board = device.get("/api/board").await.json();
        assert_eq!(board.held, []);
        let ids = |one: Doubled| (one.number, one.issues.into_iter().map(|row| row.id).collect::<Vec<_>>());
        board.doubles.into_iter().map(ids).collect::<Vec<_>>()
    };
    let both = vec![("街督2026-007".to_owned(), vec![first, second])];
    assert_eq!(doubles(&one.device).await, both, "who had it first stands first");
    audit::rebuild(&server.service).await.expect("rebuilt");
    assert_eq!(doubles(&one.device).await, both);
    sqlx::query("DELETE FROM supervision_numbers").execute(&server.service.store).await.expect("lost");
    audit::rebuild(&server.service).await.expect("rebuilt");
    assert_eq!(doubles(&other.device).await, both);
    for (name, role, sees) in [("李梅", Role::Cadre, false), ("督查", Role::Inspector, true)] {
        let device = server.enrol(&server.person(name, role, &[1]).await).await;
        assert_eq!(doubles(&device).await == both, sees, "{name}");
        assert_eq!(doubles(&device).await.is_empty(), !sees, "{name}");
    }
    let head: WeeklyHead = posted(&one.device, "/api/weekly", &()).await;
    let notice: Notice = one.device.get(&format!("/api/weekly/{}/0", head.number)).await.json();
    let shared: BTreeMap<IssueId, bool> =
        notice.entries.into_iter().filter_map(|entry| Some((entry.now.id, entry.press?.shared))).collect();
    assert_eq!(shared, [(first, true), (second, true), (third, false)].into());
    one.save(second, press(one.person.id, "街督2026-9")).expect("saved");
    assert_eq!((one.sync().await, one.refused().len()), (None, 0));
    assert_eq!(doubles(&one.device).await, []);
    assert!(taken(&one.device, "街督2026-7", third).await.is_some(), "and nobody else gets it");
    assert!(taken(&one.device, "街督2026-7", first).await.is_some(), "the second issue had it");
    assert_eq!(doubles(&other.device).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_books_are_made_by_the_desk_read_by_inspectors_and_seen_by_nobody_else() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    let list: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let freeze = Freeze { month: Month { year: 2026, month: 1 } };
    let _: Settlement = posted(&desk, "/api/settlements", &freeze).await;
    let reads = [
        "/api/weekly".to_owned(),
        format!("/api/weekly/{}", list.number),
        format!("/api/weekly/{}/0", list.number),
        "/api/settlements".into(),
        "/api/settlements/2026-01".into(),
    ];
    for (name, role, may_read) in
        [("李梅", Role::Cadre, false), ("督查", Role::Inspector, true), ("管理员", Role::Administrator, false)]
    {
        let person = server.person(name, role, &[1]).await;
        let device = server.enrol(&person).await;
        for path in &reads {
            assert_eq!(device.get(path).await.status == 200, may_read, "{name} {path}");
            assert_eq!(server.plain("GET", path, &[]).await.problem().kind, ProblemKind::NotSigned);
        }
        assert_eq!(device.post_json("/api/weekly", &()).await.problem().kind, ProblemKind::Forbidden, "{name}");
        assert_eq!(
            device.post_json("/api/settlements", &freeze).await.problem().kind,
            ProblemKind::Forbidden,
            "{name}"
        );
    }
    for path in ["/api/weekly/2026-009", "/api/settlements/2026-02", "/api/settlements/x", "/api/weekly/2026-001/x"] {
        assert_eq!(desk.get(path).await.problem().kind, ProblemKind::NotFound, "{path}");
    }
}

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
    let mut zones: BTreeMap<ZoneId, Figures> = BTreeMap::new();
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
        let contacts = issue.remarks.iter().filter_map(|entry| entry.record.contact);
        contacts.for_each(|contact| figures.add_contact(issue.state, contact.at, span));
    }
    zones.retain(|_, figures| *figures != Figures::default());
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
        let there = |issue: &&Issue| issue.state != State::Void && within.holds(issue.zone, issue.kind);
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

/// How many issues a list has, by its pages as by its own word.
async fn behind(device: &TestDevice, path: &str) -> u64 {
    let (mut ids, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page: IssuePage = device.get(&format!("{path}&after={after}")).await.json();
        assert!(page.rows.iter().all(|row| ids.insert(row.id)), "a row twice: {path}");
        match page.next {
            Some(next) => after = next,
            None => {
                assert_eq!(page.total, Some(ids.len() as u64), "{path}");
                return ids.len() as u64;
            }
        }
    }
}

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
    let path = format!("/api/settlements/{first}");
    let again: Settlement = desk.get(&path).await.json();
    let lines = |settlement: &Settlement| {
        let counted = settlement.lines.iter().filter(|line| line.line != Line::default());
        counted.map(|line| (line.zone, line.kind, line.line)).collect::<Vec<_>>()
    };
    assert_eq!(lines(&again), lines(&frozen), "a frozen month never changes");
    // One report and one strike-off are as many more as less, and still two differences.
    let drifts = |drift: fn(&SettlementLine) -> u64| again.lines.iter().map(drift).sum::<u64>();
    assert_eq!((drifts(|line| line.gone), drifts(|line| line.come)), (1, 2));
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

async fn every_figure_leads_to_its_issues(desk: &TestDevice, settlement: &Settlement) {
    let months = &settlement.head.month;
    let mut sums: BTreeMap<Within, [u64; 11]> = BTreeMap::new();
    for line in &settlement.lines {
        let (zone, kind) = (Some(line.zone), Some(line.kind));
        let [opening, entered, entered_late, struck, struck_late, voided, voided_late, closing] = line.line.counts();
        let SettlementLine { live, gone, come, .. } = *line;
        let counts =
            [opening, entered, entered_late, struck, struck_late, voided, voided_late, closing, live, gone, come];
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

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sees_who_is_not_syncing_as_the_phone_said_it() {
    let server = TestServer::start().await;
    let (desk, cadre) = (supervisor(&server).await, server.person("张三", Role::Cadre, &[1]).await);
    let phone = server.enrol(&cadre).await;
    let now = server.service.now();
    let condition = Condition { oldest: Some(now + -2 * DAY), photos: 3, storage: 9, version: "v".repeat(99) };
    let request = Request { unsent: 7, condition: Some(condition), ..nothing() };
    assert_eq!(phone.post("/api/sync", pack(&request)).await.status, 200);
    let devices: Vec<OwnedDevice> = desk.get("/api/devices").await.json();
    let seen = devices.iter().find(|owned| owned.person == cadre.id).expect("the phone");
    assert_eq!((seen.device.unsent, seen.device.photos, seen.device.storage), (7, 3, 9));
    assert_eq!(seen.device.app_version.len(), 40, "no device fills the office's table");
    assert_eq!(seen.device.concerns(now), [Concern::Stuck, Concern::Full]);
    assert_eq!(seen.device.concerns(now + 4 * DAY), [Concern::Silent, Concern::Stuck, Concern::Full]);

    let request = Request { unsent: 0, condition: Some(Condition::default()), ..nothing() };
    assert_eq!(phone.post("/api/sync", pack(&request)).await.status, 200);
    let devices: Vec<OwnedDevice> = desk.get("/api/devices").await.json();
    let seen = devices.iter().find(|owned| owned.person == cadre.id).expect("the phone");
    assert_eq!(seen.device.concerns(now), []);
    assert_eq!(phone.get("/api/devices").await.status, 403);

    let administrator = server.person("管理员", Role::Administrator, &[]).await;
    let administrator = server.enrol(&administrator).await;
    let path = format!("/api/admin/devices/{}/revoke", phone.device());
    assert_eq!(desk.post_json(&path, &()).await.status, 403);
    assert_eq!(administrator.post_json(&path, &()).await.status, 200);
    let devices: Vec<OwnedDevice> = administrator.get("/api/devices").await.json();
    assert!(devices.iter().all(|owned| owned.device.id != phone.device()), "out of service is out of sight");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_reaches_the_phones_of_its_zones_and_the_desk_sees_who_has_read_it() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    let (one, two) = (server.person("张三", Role::Cadre, &[1]).await, server.person("李四", Role::Cadre, &[2]).await);
    let (phone, other) = (server.enrol(&one).await, server.enrol(&two).await);
    let version = phone.get("/api/office").await.json::<Office>().version;
    let until = server.service.now() + DAY;
    let wish = SaveBulletin { text: " 明天检查公厕 ".into(), zones: vec![ZoneId(1)], until };
    assert_eq!(phone.post_json("/api/bulletins", &wish).await.status, 403);
    let sent: BulletinReads = desk.post_json("/api/bulletins", &wish).await.json();
    assert_eq!((sent.bulletin.text.as_str(), sent.unread.clone()), ("明天检查公厕", vec![one.id]));

    let told: Office = phone.get("/api/office").await.json();
    assert!(told.version > version, "phones fetch the directory again");
    assert_eq!(told.bulletins, std::slice::from_ref(&sent.bulletin));
    assert!(other.get("/api/office").await.json::<Office>().bulletins.is_empty());
    let path = format!("/api/bulletins/{}/read", sent.bulletin.id);
    assert_eq!(other.post_json(&path, &()).await.status, 404, "it is not for him");
    for _ in 0..2 {
        assert_eq!(phone.post_json(&path, &()).await.status, 200, "an answer may be lost");
    }
    let seen: Vec<BulletinReads> = desk.get("/api/bulletins").await.json();
    assert_eq!(seen[0].read.iter().map(|(person, _)| *person).collect::<Vec<_>>(), [one.id]);
    assert!(seen[0].unread.is_empty());

    let path = format!("/api/bulletins/{}/withdraw", sent.bulletin.id);
    let gone: BulletinReads = desk.post_json(&path, &()).await.json();
    assert!(gone.withdrawn_at.is_some());
    assert!(phone.get("/api/office").await.json::<Office>().bulletins.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_without_words_without_an_end_or_for_no_zone_is_refused() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let good = SaveBulletin { text: "通知".into(), zones: vec![], until: now + DAY };
    let bad = [
        SaveBulletin { text: " ".into(), ..good.clone() },
        SaveBulletin { text: "长".repeat(501), ..good.clone() },
        SaveBulletin { text: "\u{7}".into(), ..good.clone() },
        SaveBulletin { until: now + -1, ..good.clone() },
        SaveBulletin { until: now + 91 * DAY, ..good.clone() },
        SaveBulletin { zones: vec![ZoneId(999)], ..good.clone() },
    ];
    for wish in bad {
        assert_eq!(desk.post_json("/api/bulletins", &wish).await.status, 400, "{wish:?}");
    }
    for _ in 0..20 {
        assert_eq!(desk.post_json("/api/bulletins", &good).await.status, 200);
    }
    assert_eq!(desk.post_json("/api/bulletins", &good).await.status, 409, "the directory stays small");
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
