//! How SQLite carries out what boards and lists ask: by the plans that it makes, because a million issues are not at hand here.

use std::collections::BTreeMap;

use xiaohao_shared::model::catalogue::CATALOGUE;
use xiaohao_shared::model::filter::Grouping;

use super::asked::is_rare;
use super::counts::{Count, from_counters, from_issues, from_words};
use super::*;
use crate::store::search;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// What a person asks for by the board and its filter, each by itself and together with others.
fn asked() -> BTreeMap<&'static str, Filter> {
    let day = |days: i64| Some(NOW + -days * 86_400_000);
    let of = |change: fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        filter
    };
    let span = Filter { reported_from: day(30), reported_before: day(0), ..Filter::default() };
    let sort = of(|it| (it.zones, it.kind) = ([ZoneId(3)].into(), Some(CATALOGUE[0].kind)));
    [
        ("all", Filter::default()),
        ("open", of(|it| it.open = true)),
        ("a state", of(|it| it.states = [State::ToCheck].into())),
        ("closed", of(|it| it.states = [State::Closed].into())),
        ("zones", of(|it| it.zones = [ZoneId(3), ZoneId(4)].into())),
        ("a kind", of(|it| it.kind = Some(CATALOGUE[0].kind))),
        ("a place", of(|it| it.place_type = Some(PlaceType::BackStreet))),
        ("a zone and a kind", sort.clone()),
        ("a zone and a kind, open", Filter { open: true, ..sort }),
        ("overdue", of(|it| it.overdue = true)),
        ("overdue in a zone", of(|it| (it.overdue, it.zones) = (true, [ZoneId(3)].into()))),
        ("due soon", Filter { due_before: day(-3), ..Filter::default() }),
        ("reported in a span", span.clone()),
        ("reported since", Filter { reported_from: day(30), ..Filter::default() }),
        ("overdue, reported since", Filter { overdue: true, reported_from: day(30), ..Filter::default() }),
        ("open, reported in a span", Filter { open: true, ..span.clone() }),
        ("closed in a span", Filter { closed_from: day(30), closed_before: day(0), ..Filter::default() }),
        ("nobody's", of(|it| it.unassigned = true)),
        ("nobody's, open", of(|it| (it.unassigned, it.open) = (true, true))),
        ("nobody's, a kind", of(|it| (it.unassigned, it.kind) = (true, Some(CATALOGUE[0].kind)))),
        ("nobody's, open, in a span", Filter { unassigned: true, open: true, ..span.clone() }),
        ("nobody's, overdue", of(|it| (it.unassigned, it.overdue) = (true, true))),
        ("pressing", of(|it| it.pressing = true)),
        ("undecided", of(|it| it.undecided = true)),
        ("undecided, open", of(|it| (it.undecided, it.open) = (true, true))),
        ("asked", of(|it| it.asked = true)),
        ("asked, open, in a zone", of(|it| (it.asked, it.open, it.zones) = (true, true, [ZoneId(3)].into()))),
        ("pressed", of(|it| it.supervised = true)),
        ("void", of(|it| it.states = [State::Void].into())),
        ("void in a zone", of(|it| (it.states, it.zones) = ([State::Void].into(), [ZoneId(3)].into()))),
        ("somebody's", of(|it| it.assignee = Some(PersonId(7)))),
        ("somebody's, open", of(|it| (it.assignee, it.open) = (Some(PersonId(7)), true))),
        ("reported by", of(|it| it.reporter = Some(PersonId(7)))),
        ("linked", of(|it| it.linked = Some(IssueId([1; 16])))),
        ("words", of(|it| it.text = "垃圾".into())),
        ("words, open", of(|it| (it.text, it.open) = ("垃圾".into(), true))),
    ]
    .into()
}

/// As it is asked where many issues have the words.
fn all<'a>(zones: Option<&'a [ZoneId]>, filter: &'a Filter) -> Asked<'a> {
    Asked { zones, filter, now: NOW, narrow: None }
}

/// How a count is asked for.
fn question(asked: &Asked, by: Grouping) -> QueryBuilder<Db> {
    let told = match asked.narrow {
        Some(Narrow::Exactly(_)) => from_words(asked, by, 0..9),
        _ => from_issues(asked, by),
    };
    from_counters(asked.zones, asked.filter, by).unwrap_or(told)
}

async fn plan(pool: &Pool, query: &QueryBuilder<Db>) -> Vec<String> {
    // A plan does not hang on the values.
    let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", query.sql().as_str()));
    let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

async fn office() -> (tempfile::TempDir, Pool) {
    let folder = tempfile::tempdir().unwrap();
    let pool = crate::store::open(&folder.path().join("office.db")).await.unwrap();
    (folder, pool)
}

const SIGHTS: [Option<&[ZoneId]>; 2] = [None, Some(&[ZoneId(1), ZoneId(2)])];

/// What is found by something narrower than an order, and then sorted: these are few.
const SORTED: [&str; 9] = [
    "undecided",
    "undecided, open",
    "asked",
    "asked, open, in a zone",
    "a zone and a kind",
    "closed in a span",
    "linked",
    "somebody's",
    "somebody's, open",
];

#[tokio::test]
async fn no_list_reads_all_issues_or_sorts_what_it_could_read_in_its_order() {
    let (_folder, pool) = office().await;
    for ((name, filter), zones) in asked().iter().flat_map(|it| SIGHTS.map(|zones| (it, zones))) {
        for after in [None, Some((5, "0123".to_owned()))] {
            let plan = plan(&pool, &list(&all(zones, filter), after.as_ref(), 50)).await;
            assert!(!plan.contains(&"SCAN issues".into()), "{name}: {plan:?}");
            // The page itself is sorted.
            let sorts = plan.iter().filter(|step| step.contains("FOR ORDER BY")).count();
            assert!(sorts <= 1 || SORTED.contains(name), "{name}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn somebodys_page_is_read_in_its_order_from_what_he_has_in_charge() {
    let (_folder, pool) = office().await;
    let asked = asked();
    let expected = [("somebody's", "charges_by_report"), ("somebody's, open", "charges_by_deadline")];
    for ((name, index), zones) in expected.into_iter().flat_map(|it| SIGHTS.map(|zones| (it, zones))) {
        for after in [None, Some((5, "0123".to_owned()))] {
            let plan = plan(&pool, &list(&all(zones, &asked[name]), after.as_ref(), 50)).await;
            let searched = format!("INDEX {index} (person_id=?");
            assert!(plan.iter().any(|step| step.contains(&searched)), "{name}: {plan:?}");
            let sorts = plan.iter().filter(|step| step.contains("FOR ORDER BY")).count();
            assert_eq!(sorts, 1, "only the page itself: {name}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn no_count_reads_all_issues_but_for_words_and_for_the_people_of_one_kind() {
    let (_folder, pool) = office().await;
    let groupings = [Grouping::State, Grouping::Zone, Grouping::Kind, Grouping::PlaceType, Grouping::Person];
    for ((name, filter), zones) in asked().iter().flat_map(|it| SIGHTS.map(|zones| (it, zones))) {
        for by in
            groupings.into_iter().filter(|by| *name != "words" && !(*by == Grouping::Person && name.starts_with("a ")))
        {
            let plan = plan(&pool, &question(&all(zones, filter), by)).await;
            assert!(!plan.contains(&"SCAN issues".into()), "{name} by {by:?}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn counts_within_a_span_of_time_come_from_an_index_alone_and_nobodys_from_the_index_of_those() {
    let (_folder, pool) = office().await;
    let asked = asked();
    let expected = [
        ("reported in a span", "USING COVERING INDEX issues_by_report (reported_at>? AND reported_at<?)"),
        ("overdue, reported since", "USING INDEX issues_by_deadline (<expr><?)"),
        ("reported since", "USING COVERING INDEX issues_by_report (reported_at>?)"),
        ("closed in a span", "USING COVERING INDEX issues_by_close (closed_at>? AND closed_at<?)"),
        ("nobody's, open, in a span", "USING INDEX issues_unassigned (reported_at>? AND reported_at<?)"),
    ];
    for ((name, index), zones) in expected.into_iter().flat_map(|it| SIGHTS.map(|zones| (it, zones))) {
        for by in [Grouping::State, Grouping::Zone, Grouping::Kind, Grouping::PlaceType] {
            let plan = plan(&pool, &question(&all(zones, &asked[name]), by)).await;
            assert!(plan.iter().any(|step| step.contains(index)), "{name} by {by:?}: {plan:?}");
            assert!(!plan.iter().any(|step| step.contains("B-TREE")), "nothing is sorted: {name} by {by:?}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn rare_words_are_looked_up_and_each_issue_that_may_have_them_once_whatever_else_is_asked() {
    let (_folder, pool) = office().await;
    // What is linked with an issue is still less.
    let asked = asked().into_iter().filter(|(name, _)| *name != "linked");
    for ((name, filter), zones) in asked.flat_map(|it| SIGHTS.map(|zones| (it.clone(), zones))) {
        let filter = Filter { text: "垃圾".into(), ..filter };
        let asked = Asked { zones, filter: &filter, now: NOW, narrow: Some(Narrow::Words("5783x573e".into())) };
        let counted = question(&asked, Grouping::State);
        for query in [counted, list(&asked, None, 50), list(&asked, Some(&(5, "0123".to_owned())), 50)] {
            let plan = plan(&pool, &query).await;
            let by_id = plan
                .iter()
                .any(|step| step.starts_with("SEARCH issues USING INDEX sqlite_autoindex_issues_1 (issue_id=?)"));
            assert!(by_id, "{name}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn what_is_pressed_void_or_asked_for_is_found_by_its_own_index() {
    let (_folder, pool) = office().await;
    let asked = asked();
    let expected = [
        ("undecided", "issues_undecided"),
        ("undecided, open", "issues_undecided"),
        ("asked", "issues_asked"),
        ("asked, open, in a zone", "issues_asked"),
        ("pressed", "issues_pressed"),
        ("void", "issues_void"),
        ("void in a zone", "issues_void"),
    ];
    for (name, index) in expected {
        let plan = plan(&pool, &list(&all(None, &asked[name]), None, 50)).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{name}: {plan:?}");
    }
}

#[tokio::test]
async fn few_of_a_sort_are_found_by_the_counters_and_many_words_in_the_order_of_the_reports() {
    let (_folder, pool) = office().await;
    let asked = asked();
    for (name, zones) in
        ["zones", "a kind", "a place", "a zone and a kind"].iter().flat_map(|it| SIGHTS.map(|zones| (it, zones)))
    {
        let rare = Asked { narrow: Some(Narrow::Sorts), ..all(zones, &asked[name]) };
        let plan = plan(&pool, &list(&rare, None, 50)).await;
        let stretch = "SEARCH i USING COVERING INDEX issues_by_sort (zone_id=? AND kind=? AND place_type=?)";
        assert!(plan.iter().any(|step| step == stretch), "{name}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("issues_by_report")), "{name}: {plan:?}");
    }
    for (name, after) in ["words", "reported in a span"]
        .iter()
        .flat_map(|it| [None, Some((5, "0123".to_owned()))].map(|after| (it, after)))
    {
        let words = Asked { narrow: Some(Narrow::WordsInOrder("5783x573e".into())), ..all(None, &asked[name]) };
        let plan = plan(&pool, &list(&words, after.as_ref(), 50)).await;
        let sorts = plan.iter().filter(|step| step.contains("FOR ORDER BY")).count();
        assert_eq!(sorts, 2, "those that have the words, and the page: {name}: {plan:?}");
        let looked_up =
            plan.iter().filter(|step| step.starts_with("SEARCH issues USING INDEX sqlite_autoindex_issues_1")).count();
        assert_eq!(looked_up, 2, "{name}: {plan:?}");
    }
}

#[tokio::test]
async fn what_a_word_says_exactly_is_counted_and_put_into_order_beside_the_words_without_a_row_of_an_issue() {
    let (_folder, pool) = office().await;
    let elsewhere = ["undecided", "asked", "somebody's", "reported by", "linked"];
    let asked = asked().into_iter().filter(|(name, _)| !elsewhere.iter().any(|part| name.starts_with(part)));
    for ((name, filter), zones) in asked.flat_map(|it| SIGHTS.map(|zones| (it.clone(), zones))) {
        let filter = Filter { text: "垃圾".into(), ..filter };
        let asked = Asked::counted(&pool, zones, &filter, NOW).await.unwrap();
        assert!(matches!(asked.narrow, Some(Narrow::Exactly(_))), "{name}");
        let counts = Grouping::ALL.map(|by| (question(&asked, by), 0));
        for (query, rows) in counts.into_iter().chain([(list(&asked, None, 50), 1)]) {
            let plan = plan(&pool, &query).await;
            let beside =
                plan.iter().filter(|step| *step == "SEARCH issues USING INTEGER PRIMARY KEY (rowid=?)").count();
            assert_eq!(beside, 1, "{name}: {plan:?}");
            let read = plan.iter().filter(|step| step.contains("sqlite_autoindex_issues_1")).count();
            assert_eq!(read, rows, "{name}: {plan:?}");
        }
    }
}

fn id(at: i64) -> String {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&at.to_be_bytes());
    IssueId(bytes).to_string()
}

/// Open issues with these texts, later ones reported and due earlier, and two at once.
async fn written(pool: &Pool, count: i64, text: impl Fn(i64) -> &'static str) {
    let mut tx = crate::store::begin(pool).await.unwrap();
    for at in 0..count {
        let insert = "INSERT INTO issues (issue_id, number, zone_id, kind, kind_name, place_type, description, address, landmark, datum, \
            severity, state, is_open, clock_runs, reporter_id, reported_at, due_at, received_at, extensions, priority, is_undecided, \
            is_asked, self_handled, touched_at, photo_count, responsible_ids, search) VALUES ($1, '', 1 + $2 % 2, '2026/06001', '', '', '', \
            '', '', '', '', 'handling', 1, 1, 1, $3, $3, $3, 0, 0, 0, 0, 0, 0, 0, '', $4)";
        let insert = sqlx::query(insert).bind(id(at)).bind(at).bind((count - at) / 2);
        insert.bind(text(at)).execute(&mut *tx).await.unwrap();
    }
    search::refill(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// All that is found in this way, a page after the other.
async fn found(pool: &Pool, filter: &Filter, narrow: Option<Narrow>) -> Vec<String> {
    let asked = Asked { zones: None, filter, now: NOW, narrow };
    let (mut ids, mut last) = (Vec::new(), None);
    loop {
        let rows = list(&asked, last.as_ref(), 4).build().fetch_all(pool).await.unwrap();
        let Some(row) = rows.last() else { return ids };
        last = Some((row.get("reported_at"), row.get("issue_id")));
        ids.extend(rows.iter().map(|row| row.get::<String, _>("issue_id")));
    }
}

#[tokio::test]
async fn words_that_many_have_are_listed_alike_whichever_way_they_are_found() {
    let (_folder, pool) = office().await;
    written(&pool, 40, |at| if at % 3 == 0 { "占道" } else { "桥下旱厕" }).await;
    for (zones, open) in
        [([].into(), false), ([ZoneId(1)].into(), false), ([].into(), true), ([ZoneId(2)].into(), true)]
    {
        let filter = Filter { text: "旱厕".into(), zones, open, ..Filter::default() };
        let words = search::narrowed(&pool, &filter, 100).await.unwrap().unwrap();
        let expected = found(&pool, &filter, None).await;
        assert!(expected.len() > 10);
        let mut ways: Vec<fn(String) -> Narrow> = vec![Narrow::Words, Narrow::Exactly, Narrow::Soon];
        if !open {
            ways.push(Narrow::WordsInOrder);
        }
        for (at, way) in ways.into_iter().enumerate() {
            assert_eq!(found(&pool, &filter, Some(way(words.clone()))).await, expected, "{at} {filter:?}");
        }
    }
}

#[tokio::test]
async fn a_word_that_many_have_but_nobody_of_late_is_found_beyond_what_is_read_soon() {
    let (_folder, pool) = office().await;
    let more = i64::from(MANY) + 100;
    let late = i64::from(SOON) + 100;
    written(&pool, more + late, |at| if at < late { "占道" } else { "桥下旱厕" }).await;
    for open in [false, true] {
        // What is due is listed from its earliest deadline on, so that its end is what came first.
        let (text, first) = if open { ("占道", late - 1) } else { ("旱厕", late) };
        let filter = Filter { text: text.into(), open, ..Filter::default() };
        let asked = Asked { zones: None, filter: &filter, now: NOW, narrow: Some(Narrow::Soon(String::new())) };
        assert!(list(&asked, None, 50).build().fetch_all(&pool).await.unwrap().is_empty());
        assert!(!is_all_soon(&asked, None).build_query_scalar::<bool>().fetch_one(&pool).await.unwrap());
        let rows = page(&pool, None, &filter, NOW, None, 50).await.unwrap();
        let whole = page(&pool, None, &filter, NOW, Some(&after(&rows[24], &filter)), 25).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id.to_string()).next(), Some(id(first)), "{text}");
        assert_eq!(whole, rows[25..], "the second half goes on from the first");
    }
}

#[tokio::test]
async fn the_long_name_of_a_kind_counts_what_is_of_it_and_whatever_else_says_it_and_not_what_only_has_its_parts() {
    let (_folder, pool) = office().await;
    let texts = ["小地块种菜", "小地块种 地块种菜", "旁边小地块种菜"];
    written(&pool, 9, |at| texts[at as usize % 3]).await;
    let mut tx = crate::store::begin(&pool).await.unwrap();
    let of_kind = "UPDATE issues SET kind = '2026/06902' WHERE search = '小地块种菜'";
    sqlx::query(of_kind).execute(&mut *tx).await.unwrap();
    search::refill(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let filter = Filter { text: "小地块种菜".into(), ..Filter::default() };
    assert!(search::exactly(&filter).is_some());
    let (total, counts) = Counter::of(pool.clone()).tally(None, &filter, NOW, Grouping::Kind).await.unwrap();
    let by_kind: Vec<(&str, Count)> = counts.iter().map(|((kind, _), count)| (kind.as_str(), *count)).collect();
    let three = Count { all: 3, overdue: 3 };
    assert_eq!((total, by_kind), (6, vec![("2026/06001", three), ("2026/06902", three)]));
    let words = search::exactly(&filter).unwrap();
    assert_eq!(found(&pool, &filter, Some(Narrow::Exactly(words))).await, found(&pool, &filter, None).await);
}

#[tokio::test]
async fn what_was_counted_of_a_word_is_remembered_until_something_changes_or_is_due() {
    let (_folder, pool) = office().await;
    written(&pool, 10, |_| "占道").await;
    let run = async |sql: &'static str| sqlx::query(sql).execute(&pool).await.unwrap();
    let (counter, filter) = (Counter::of(pool.clone()), Filter { text: "占道".into(), ..Filter::default() });
    let told = async |now: i64| {
        let (all, counts) = counter.tally(None, &filter, Timestamp(now), Grouping::Zone).await.unwrap();
        (all, counts.into_iter().map(|((zone, _), count)| (zone, count.all, count.overdue)).collect::<Vec<_>>())
    };
    let zones = |[one, two]: [u64; 2]| (10, vec![("1".to_owned(), 5, one), ("2".to_owned(), 5, two)]);
    assert_eq!(told(1).await, zones([0, 1]));
    assert_eq!(told(3).await, zones([2, 3]), "two more of each are due since");
    // Past the code that writes it, so that nothing knows of it.
    run("UPDATE search_rows SET zone_id = 1").await;
    assert_eq!(told(3).await, zones([2, 3]), "remembered");
    assert_eq!(told(2).await, (10, vec![("1".to_owned(), 10, 3)]), "at another time nothing is known");
    run("UPDATE search_rows SET zone_id = 2").await;
    run("UPDATE search_stretches SET version = version + 1").await;
    assert_eq!(told(2).await, (10, vec![("2".to_owned(), 10, 3)]));
}

#[tokio::test]
async fn a_list_that_is_read_whole_is_not_looked_for_once_more() {
    let (_folder, pool) = office().await;
    written(&pool, 40, |_| "占道").await;
    let filter = Filter { text: "占道".into(), ..Filter::default() };
    let asked = Asked { zones: None, filter: &filter, now: NOW, narrow: Some(Narrow::Soon(String::new())) };
    assert!(is_all_soon(&asked, None).build_query_scalar::<bool>().fetch_one(&pool).await.unwrap());
}

#[tokio::test]
async fn few_issues_of_a_zone_that_the_office_does_not_know_any_more_are_listed() {
    let (_folder, pool) = office().await;
    written(&pool, 10, |_| "占道").await;
    crate::store::tallies::recount(&mut pool.acquire().await.unwrap()).await.unwrap();
    let closed = Filter { zones: [ZoneId(2)].into(), ..Filter::default() };
    let kind = Filter { kind: "2026/06001".parse().ok(), ..Filter::default() };
    for (filter, count) in [(closed, 5), (kind, 10)] {
        assert!(is_rare(&pool, None, &filter).await.unwrap());
        let asked = Asked { narrow: Some(Narrow::Sorts), ..all(None, &filter) };
        let rows = list(&asked, None, 50).build().fetch_all(&pool).await.unwrap();
        assert_eq!(rows.len(), count);
    }
}
