//! How SQLite carries out what boards and lists ask: by the plans that it makes, because a million issues are not at hand here.

use std::collections::BTreeMap;

use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::catalogue::CATALOGUE;

use super::*;

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
        ("open, reported in a span", Filter { open: true, ..span.clone() }),
        ("closed in a span", Filter { closed_from: day(30), closed_before: day(0), ..Filter::default() }),
        ("nobody's", of(|it| it.unassigned = true)),
        ("nobody's, open", of(|it| (it.unassigned, it.open) = (true, true))),
        ("nobody's, a kind", of(|it| (it.unassigned, it.kind) = (true, Some(CATALOGUE[0].kind)))),
        ("nobody's, open, in a span", Filter { unassigned: true, open: true, ..span.clone() }),
        ("nobody's, overdue", of(|it| (it.unassigned, it.overdue) = (true, true))),
        ("pressing", of(|it| it.pressing = true)),
        ("undecided", of(|it| it.undecided = true)),
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
const SORTED: [&str; 7] = [
    "a zone and a kind",
    "closed in a span",
    "linked",
    "nobody's, open, in a span",
    "open, reported in a span",
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
            let sorts = plan.iter().any(|step| step.contains("FOR ORDER BY"));
            assert!(!sorts || SORTED.contains(name), "{name}: {plan:?}");
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
            for query in questions(&all(zones, filter), by) {
                let plan = plan(&pool, &query).await;
                assert!(!plan.contains(&"SCAN issues".into()), "{name} by {by:?}: {plan:?}");
            }
        }
    }
}

#[tokio::test]
async fn counts_within_a_span_of_time_come_from_an_index_alone_and_nobodys_from_the_index_of_those() {
    let (_folder, pool) = office().await;
    let asked = asked();
    let expected = [
        ("reported in a span", "USING COVERING INDEX issues_by_report (reported_at>? AND reported_at<?)"),
        ("closed in a span", "USING COVERING INDEX issues_by_close (closed_at>? AND closed_at<?)"),
        ("nobody's, open, in a span", "USING INDEX issues_unassigned (reported_at>? AND reported_at<?)"),
    ];
    for ((name, index), zones) in expected.into_iter().flat_map(|it| SIGHTS.map(|zones| (it, zones))) {
        for query in questions(&all(zones, &asked[name]), Grouping::State) {
            let plan = plan(&pool, &query).await;
            assert!(plan.iter().any(|step| step.contains(index)), "{name}: {plan:?}");
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
        let asked = Asked { zones, filter: &filter, now: NOW, narrow: Some("5783x573e".into()) };
        let counts = questions(&asked, Grouping::State).into_iter();
        for query in counts.chain([list(&asked, None, 50), list(&asked, Some(&(5, "0123".to_owned())), 50)]) {
            let plan = plan(&pool, &query).await;
            let by_id = plan
                .iter()
                .any(|step| step.starts_with("SEARCH issues USING INDEX sqlite_autoindex_issues_1 (issue_id=?)"));
            assert!(by_id, "{name}: {plan:?}");
        }
    }
}
