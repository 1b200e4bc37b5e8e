//! What the index of searches promises: it never leaves out an issue that has the words, and it follows what is written.

use proptest::prelude::*;
use xiaohao_shared::id::IssueId;

use super::*;

/// Signs of all kinds, few of them, so that words meet texts.
fn signs(most: usize) -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        '旱', '厕', '1', '2', '-', '%', '_', '\'', '"', 'a', '１', '🚽', ' ', '\n', '\u{3000}',
    ]);
    prop::collection::vec(sign, 0..most).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn whatever_has_a_word_has_all_parts_that_are_looked_up(text in signs(60), word in signs(8)) {
        let words = Filter { text: word, ..Filter::default() }.words();
        let kept: BTreeSet<String> = grams(&text).into_iter().collect();
        for word in words.into_iter().flatten().filter(|word| text.contains(word)) {
            let length = word.chars().count().min(LONGEST);
            prop_assert!(parts(&word, length).is_subset(&kept), "{text:?} has {word:?}");
        }
    }

    #[test]
    fn whatever_has_all_parts_of_a_word_that_is_one_has_the_word(text in signs(60), word in signs(6)) {
        let filter = Filter { text: word, ..Filter::default() };
        prop_assume!(exactly(&filter).is_some());
        prop_assert!(filter.words().iter().flatten().all(|word| is_part(word)), "no kind is called by such signs");
        let kept: BTreeSet<String> = grams(&text).into_iter().collect();
        for word in filter.words().into_iter().flatten() {
            let found = parts(&word, word.chars().count().min(LONGEST)).is_subset(&kept);
            prop_assert_eq!(found, text.contains(&word), "{:?} and {:?}", text, word);
        }
    }
}

struct Office {
    _folder: tempfile::TempDir,
    pool: Pool,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::store::open(&folder.path().join("office.db")).await.unwrap();
        Self { _folder: folder, pool }
    }

    /// An issue with this text, `None` for one that goes.
    async fn write(&self, issue: u8, before: Option<&str>, text: Option<&str>) {
        let mut tx = begin(&self.pool).await.unwrap();
        let id = IssueId([issue; 16]).to_string();
        sqlx::query("DELETE FROM issues WHERE issue_id = $1").bind(&id).execute(&mut *tx).await.unwrap();
        if let Some(text) = text {
            let insert = "INSERT INTO issues (issue_id, number, zone_id, kind, kind_name, place_type, description, address, landmark, datum, \
                severity, state, is_open, clock_runs, reporter_id, reported_at, received_at, extensions, priority, is_undecided, \
                is_asked, self_handled, touched_at, photo_count, responsible_ids, search) VALUES ($1, '', 1, '2026/06001', '', '', '', \
                '', '', '', '', 'handling', 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, '', $2)";
            sqlx::query(insert).bind(&id).bind(text).execute(&mut *tx).await.unwrap();
        }
        let (before, after) = (before.map(|text| rows(Some(text))), rows(text));
        keep(&mut tx, &[Rewrite { issue: IssueId([issue; 16]), before, after }]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn found(&self, text: &str) -> Vec<IssueId> {
        let filter = Filter { text: text.into(), ..Filter::default() };
        let condition = narrowed(&self.pool, &filter, 100).await.unwrap().unwrap();
        let sql =
            "SELECT r.issue_id FROM search_grams g JOIN search_rows r ON r.id = g.rowid WHERE search_grams MATCH $1";
        let ids: Vec<String> = sqlx::query_scalar(sql).bind(condition).fetch_all(&self.pool).await.unwrap();
        ids.iter().map(|id| super::super::log::issue_id(id).unwrap()).collect()
    }
}

fn rows(text: Option<&str>) -> Rows {
    let row = |text: &str| {
        let mut row = vec![Cell::Null; 64];
        row[projection::column("issues", "search")] = Cell::Text(text.into());
        row[projection::column("issues", "reported_at")] = Cell::Int(1);
        row
    };
    [("issues", text.map(row).into_iter().collect())].into()
}

#[tokio::test]
async fn an_issue_is_found_by_its_text_as_it_is_and_not_as_it_was() {
    let office = Office::open().await;
    office.write(1, None, Some("桥下旱厕 no. 12 \"o'clock\"")).await;
    office.write(2, None, Some("桥上 20260001234")).await;
    assert_eq!(office.found("旱厕").await, [IssueId([1; 16])]);
    assert_eq!(office.found("001234").await, [IssueId([2; 16])]);
    assert_eq!(office.found("桥 １２").await.len(), 2, "wide signs are the usual ones");
    assert_eq!(office.found("\"o'clock\"").await, [IssueId([1; 16])]);
    assert!(office.found("厕旱").await.is_empty());
    office.write(1, Some("桥下旱厕 no. 12 \"o'clock\""), Some("桥下公厕")).await;
    assert!(office.found("旱厕").await.is_empty());
    assert_eq!(office.found("公厕").await, [IssueId([1; 16])]);
    office.write(1, Some("桥下公厕"), None).await;
    assert!(office.found("公厕").await.is_empty());
}

#[tokio::test]
async fn where_more_have_a_word_than_asked_or_a_kind_of_the_offices_own_is_called_so_nothing_is_narrowed() {
    let office = Office::open().await;
    for issue in 1..=3 {
        office.write(issue, None, Some("堆物")).await;
    }
    let mut filter = Filter { text: "堆物".into(), ..Filter::default() };
    assert!(narrowed(&office.pool, &filter, 3).await.unwrap().is_some());
    assert!(narrowed(&office.pool, &filter, 2).await.unwrap().is_none());
    filter.own = vec![xiaohao_shared::model::rules::OwnKind {
        kind: "2026/06950".parse().unwrap(),
        name: "楼道堆物".into(),
    }];
    assert!(narrowed(&office.pool, &filter, 3).await.unwrap().is_none());
}

#[tokio::test]
async fn what_stands_beside_the_words_follows_the_row_and_whatever_does_not_is_noticed() {
    let office = Office::open().await;
    office.write(1, None, Some("桥下旱厕")).await;
    let mut tx = begin(&office.pool).await.unwrap();
    assert!(is_right(&mut tx).await.unwrap());
    for column in BESIDE {
        let change = format!("UPDATE issues SET {column} = 7");
        sqlx::query(AssertSqlSafe(change)).execute(&mut *tx).await.unwrap();
        assert!(!is_right(&mut tx).await.unwrap(), "{column}");
        let mut after = rows(Some("桥下旱厕"));
        after.get_mut("issues").unwrap()[0][projection::column("issues", column)] = Cell::Int(7);
        let rewrite = Rewrite { issue: IssueId([1; 16]), before: Some(rows(Some("桥下旱厕"))), after };
        keep(&mut tx, &[rewrite]).await.unwrap();
        assert!(is_right(&mut tx).await.unwrap(), "{column}");
    }
}

#[test]
fn a_word_is_exact_where_it_is_a_part_or_the_name_of_a_kind_and_not_of_one_of_the_offices_own() {
    let of = |text: &str| Filter { text: text.into(), ..Filter::default() };
    let [known, unknown] = [["占道经营 旱厕", "小地块种菜"], ["幸福里小区", "旱厕 2026-01"]];
    assert!(known.iter().all(|text| exactly(&of(text)).is_some()));
    assert!(unknown.iter().chain([&" "]).all(|text| exactly(&of(text)).is_none()));
    let kind = "2026/06950".parse().unwrap();
    let own = vec![xiaohao_shared::model::rules::OwnKind { kind, name: "楼道堆物".into() }];
    assert!(exactly(&Filter { own, ..of("堆物") }).is_none());
}

#[tokio::test]
async fn every_change_of_an_issue_is_one_of_its_stretch() {
    let office = Office::open().await;
    let version = async || versions(&office.pool).await.unwrap().iter().map(|(_, version)| version).sum::<i64>();
    office.write(1, None, Some("桥下旱厕")).await;
    let first = version().await;
    office.write(1, Some("桥下旱厕"), Some("桥下旱厕")).await;
    assert_eq!(version().await, first, "nothing changed");
    office.write(1, Some("桥下旱厕"), Some("桥下公厕")).await;
    let second = version().await;
    office.write(1, Some("桥下公厕"), None).await;
    let third = version().await;
    refill(&mut office.pool.acquire().await.unwrap()).await.unwrap();
    assert!(first < second && second < third && third < version().await);
}
