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
