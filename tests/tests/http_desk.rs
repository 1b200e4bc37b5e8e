//! The supervisor's desk from outside: counts and lists agree to the number, and nobody sees what is not his.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use xiaohao_server::store::{begin, search, tallies};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::views::{View, ViewWish};
use xiaohao_shared::api::{
    Board, BulletinReads, Concern, Freeze, Office, OwnedDevice, ProblemKind, SaveBulletin, Settlement, Tally,
    WeeklyHead,
};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::rules::{OwnKind, RuleWish, Rules};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::model::{Issue, Place, Role};
use xiaohao_shared::sync::wire::{Condition, Request, pack};
use xiaohao_shared::time::{DAY, HOUR, MINUTE, Timestamp};
use xiaohao_tests::desk::{list, posted, supervisor};
use xiaohao_tests::invented::{generated, generated_as, some};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::workload::Chance;
use xiaohao_tests::{TestDevice, TestServer, million};

// Lists and counts

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
    let texts = [
        "",
        "",
        "幸福路 3",
        "50%_OFF",
        "旱厕",
        "%",
        "2026-0007",
        "单车",
        "乱放 后巷",
        "北门",
        "Gate 幸福",
        "北",
        "stall occupying",
        "latrine 幸福",
    ];
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
        // Asked of each office, so that what was counted of the last one must not be told of the next.
        for (text, by) in texts.into_iter().flat_map(|text| Grouping::ALL.map(|by| (text, by))) {
            let filter = Filter { text: text.into(), ..Filter::default() }.knowing(&rules);
            let matching: Vec<&Summary> = rows.iter().filter(|row| filter.matches(row, now)).collect();
            every_group_is_what_memory_says(&desk, &filter, by, &matching, now).await;
        }
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
        assert!(search::is_right(&mut tx).await.expect("looked up"));
    }
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    sqlx::query("UPDATE person_tallies SET issue_count = issue_count + 1").execute(&mut *tx).await.expect("spoiled");
    assert!(!tallies::are_right(&mut tx).await.expect("counted"));
    tallies::recount(&mut tx).await.expect("mended");
    assert!(tallies::are_right(&mut tx).await.expect("counted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_the_search_lacks_has_too_little_of_or_has_too_many_is_found_and_mended() {
    let server = TestServer::start().await;
    generated(&server, 1, server.service.now()).await;
    for spoil in [
        "DELETE FROM search_rows WHERE id = (SELECT MIN(id) FROM search_rows)",
        "INSERT INTO search_rows SELECT id + 1000, 'nobody', zone_id, state, is_open, reported_at, due_at, closed_at, assignee_id, \
         responsible_ids, supervision_level, kind, place_type FROM search_rows LIMIT 1",
        "UPDATE search_rows SET state = 'void' WHERE id = (SELECT MIN(id) FROM search_rows WHERE state <> 'void')",
        "INSERT OR REPLACE INTO search_grams (rowid, grams) SELECT MAX(id), '61' FROM search_rows",
    ] {
        let mut tx = begin(&server.service.store).await.expect("a transaction");
        assert!(search::is_right(&mut tx).await.expect("looked up"));
        sqlx::query(spoil).execute(&mut *tx).await.expect("spoiled");
        assert!(!search::is_right(&mut tx).await.expect("looked up"), "{spoil}");
        search::refill(&mut tx).await.expect("mended");
        assert!(search::is_right(&mut tx).await.expect("looked up"), "{spoil}");
        tx.commit().await.expect("mended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_of_an_older_version_is_searched_as_soon_as_it_is_open() {
    let server = TestServer::start().await;
    generated(&server, 1, server.service.now()).await;
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    for statement in [
        "DELETE FROM office WHERE key = 'search'",
        // As a start leaves it that was cut off.
        "DELETE FROM search_grams WHERE rowid > 3",
        "DELETE FROM search_rows WHERE id > 3",
    ] {
        sqlx::query(statement).execute(&mut *tx).await.expect("made old");
    }
    assert!(!search::is_right(&mut tx).await.expect("looked up"));
    tx.commit().await.expect("made old");
    let again = server.restart().await;
    let mut tx = begin(&again.service.store).await.expect("a transaction");
    assert!(search::is_right(&mut tx).await.expect("looked up"));
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
    let last = Month::of(Month::of(now).start() + -1);
    assert_eq!(desk.post_json("/api/settlements", &BTreeMap::from([("month", last)])).await.status, 200);
    let list: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    for (what, path) in million::weekly(&list.number).into_iter().chain(million::behind(now, last)) {
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

// Who may, whose phone is silent, and what the phones are told

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

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sees_who_is_not_syncing_as_the_phone_said_it() {
    let server = TestServer::start().await;
    let (desk, cadre) = (supervisor(&server).await, server.person("张三", Role::Cadre, &[1]).await);
    let phone = server.enrol(&cadre).await;
    let now = server.service.now();
    let condition = Condition {
        oldest: Some(now + -2 * DAY),
        photos: 3,
        storage: 9,
        version: "v".repeat(99),
        storage_untold: false,
    };
    let request = Request { unsent: 7, condition: Some(condition), ..nothing() };
    assert_eq!(phone.post("/api/sync", pack(&request)).await.status, 200);
    let devices: Vec<OwnedDevice> = desk.get("/api/devices").await.json();
    let seen = devices.iter().find(|owned| owned.person == cadre.id).expect("the phone");
    assert_eq!((seen.device.unsent, seen.device.photos, seen.device.storage), (7, 3, Some(9)));
    assert_eq!(seen.device.app_version.len(), 40, "no device fills the office's table");
    assert_eq!(seen.device.concerns(now), [Concern::Stuck, Concern::Full]);
    assert_eq!(seen.device.concerns(now + 4 * DAY), [Concern::Silent, Concern::Stuck, Concern::Full]);

    // A browser that does not tell is not said to be empty.
    let untold = Condition { version: "v".into(), storage_untold: true, ..Condition::default() };
    let request = Request { unsent: 0, condition: Some(untold), ..nothing() };
    assert_eq!(phone.post("/api/sync", pack(&request)).await.status, 200);
    let devices: Vec<OwnedDevice> = desk.get("/api/devices").await.json();
    let seen = devices.iter().find(|owned| owned.person == cadre.id).expect("the phone");
    assert_eq!((seen.device.storage, seen.device.concerns(now)), (None, vec![]));

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
