//! The supervisor's desk from outside: counts and lists agree to the number, and nobody sees what is not his.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_server::store::projection::{self, BroughtBy, Context, Rewrite, Rows, Told};
use xiaohao_server::store::{begin, tallies};
use xiaohao_shared::api::{IssuePage, ProblemKind, Tally};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Entry, Issue, Part, Place, Role, Severity, Step, Supervision, SupervisionLevel};
use xiaohao_shared::time::{DAY, HOUR, Timestamp};
use xiaohao_tests::workload::Chance;
use xiaohao_tests::{TestDevice, TestServer};

// Generated issues

fn some<T>(chance: &mut Chance, share: f64, value: impl FnOnce(&mut Chance) -> T) -> Option<T> {
    (chance.draw() < share).then(|| value(chance))
}

fn invented(number: u8, now: Timestamp, chance: &mut Chance) -> Issue {
    let hours = |chance: &mut Chance, span: usize| chance.below(span) as i64 * HOUR;
    let reported_at = now + -hours(chance, 90 * 24);
    let state = State::ALL[chance.below(State::ALL.len())];
    let mut last = Step::new(PersonId(1), reported_at + hours(chance, 240), Action::Report);
    last.to = Some(state);
    let by = PersonId(1 + chance.below(4) as u32);
    let level = [SupervisionLevel::Office, SupervisionLevel::City][chance.below(2)];
    Issue {
        id: IssueId([number; 16]),
        schema: 1,
        zone: ZoneId(1 + chance.below(3) as u32),
        kind: CATALOGUE[chance.below(4)].kind,
        place_type: PlaceType::ALL[chance.below(3)],
        description: ["门口堆放", "Heaped 50%_off", "后巷"][chance.below(3)].into(),
        place: Place { address: format!("幸福路 {} 号", chance.below(5)), ..Place::default() },
        severity: Severity::Ordinary,
        reporter: by,
        reported_at,
        state,
        assignee: some(chance, 0.6, |chance| PersonId(1 + chance.below(4) as u32)),
        responsible: (0..chance.below(3)).map(|_| (PersonId(1 + chance.below(4) as u32), Part::Support)).collect(),
        due: some(chance, 0.8, |chance| now + 10 * DAY + -hours(chance, 480)),
        extensions: 0,
        priority: false,
        supervision: some(chance, 0.2, |_| Supervision {
            level,
            number: String::new(),
            by,
            at: reported_at,
            due: None,
        }),
        duplicate_of: None,
        recurrence_of: None,
        steps: vec![Entry { id: "last".into(), record: last }],
        remarks: vec![],
        photos: BTreeMap::new(),
    }
}

/// Issues with their rows in the store, as the projection makes them.
async fn generated(server: &TestServer, seed: u32, now: Timestamp) -> Vec<Summary> {
    let mut chance = Chance::new(seed);
    let issues: Vec<Issue> = (1..=200).map(|number| invented(number, now, &mut chance)).collect();
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    let fresh = projection::issues(&mut tx).await.expect("issues").is_empty();
    let mut all = Vec::new();
    for issue in &issues {
        let context = Context { number: &format!("2026-{:04}", issue.id.0[0]), received: &BTreeMap::new() };
        let after = projection::project(&Told { issue: issue.clone(), conflicts: vec![] }, &BroughtBy::new(), &context);
        // Whether the writer knows that nothing stands there makes no difference.
        let before = (fresh && chance.draw() < 0.5).then(Rows::new);
        all.push(Rewrite { issue: issue.id, before, after });
    }
    projection::write(&mut tx, &all).await.expect("written");
    tx.commit().await.expect("committed");
    let summary = |issue: &Issue| Summary::of(issue, Some(format!("2026-{:04}", issue.id.0[0])), false);
    issues.iter().map(summary).collect()
}

fn any_filter(now: Timestamp, chance: &mut Chance) -> Filter {
    let time = |chance: &mut Chance| now + 10 * DAY + -(chance.below(100 * 24) as i64 * HOUR);
    let states = State::ALL.into_iter().filter(|_| chance.draw() < 0.3).collect();
    let texts = ["", "", "幸福路 3", "50%_OFF", "旱厕", "%", "2026-0007"];
    Filter {
        states: some(chance, 0.3, |_| states).unwrap_or_default(),
        zone: some(chance, 0.2, |chance| ZoneId(1 + chance.below(3) as u32)),
        kind: some(chance, 0.2, |chance| CATALOGUE[chance.below(4)].kind),
        place_type: some(chance, 0.2, |chance| PlaceType::ALL[chance.below(3)]),
        assignee: some(chance, 0.2, |chance| PersonId(1 + chance.below(4) as u32)),
        reporter: some(chance, 0.1, |chance| PersonId(1 + chance.below(4) as u32)),
        supervised: chance.draw() < 0.1,
        overdue: chance.draw() < 0.1,
        undecided: chance.draw() < 0.03,
        open: chance.draw() < 0.2,
        pressing: chance.draw() < 0.1,
        due_before: some(chance, 0.1, time),
        reported_from: some(chance, 0.1, time),
        reported_before: some(chance, 0.1, time),
        closed_from: some(chance, 0.1, time),
        closed_before: some(chance, 0.1, time),
        text: texts[chance.below(texts.len())].into(),
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

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_every_count_of_sql_is_what_memory_says() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let mut chance = Chance::new(11);
    for _ in 0..120 {
        let filter = any_filter(now, &mut chance);
        let matching: Vec<&Summary> = rows.iter().filter(|row| filter.matches(row, now)).collect();
        let listed = list(&desk, &filter).await;
        assert_eq!(listed.len(), listed.iter().collect::<BTreeSet<_>>().len(), "a row twice: {filter:?}");
        assert_eq!(
            listed.into_iter().collect::<BTreeSet<_>>(),
            matching.iter().map(|row| row.id).collect(),
            "{filter:?}"
        );
        let by = Grouping::ALL[chance.below(Grouping::ALL.len())];
        let tally = tally(&desk, &filter, by).await;
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
    let elsewhere = Filter { zone: Some(ZoneId(1)), ..Filter::default() };
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
