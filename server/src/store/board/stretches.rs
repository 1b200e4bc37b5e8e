//! How many issues have words: counted a stretch of the index of searches after the other, and each remembered until something in it
//! changes, so that a board which is looked at again counts what has changed and no more. Knows no SQL.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::time::Timestamp;

use super::asked::Asked;
use super::counts::Counts;

/// Groups and states of all stretches that are remembered: some megabytes.
const MOST: usize = 100_000;

/// Questions that are remembered, whatever they cost: each is compared with what is asked.
const QUESTIONS: usize = 64;

/// What was counted of late, the newest first.
#[derive(Default)]
pub struct Remembered(Mutex<VecDeque<(Question, Stretches)>>);

/// What was counted of each stretch.
pub type Stretches = BTreeMap<i64, Arc<Stretch>>;

/// What was asked, but for when.
#[derive(Clone, PartialEq)]
pub struct Question {
    zones: Option<Vec<ZoneId>>,
    filter: Filter,
    by: Grouping,
}

/// What was counted of one stretch.
pub struct Stretch {
    /// How often something in it had changed before.
    pub version: i64,
    /// When it was counted, and when the next of its issues is due: what is overdue is the same until then.
    pub counted: Timestamp,
    pub due: Timestamp,
    pub total: u64,
    pub counts: Counts,
}

impl Question {
    pub fn of(asked: &Asked<'_>, by: Grouping) -> Self {
        Self { zones: asked.zones.map(<[_]>::to_vec), filter: asked.filter.clone(), by }
    }

    /// Whether only the moment may change the answer: which issues these are, and not only which of them are overdue.
    fn hangs_on_the_moment(&self) -> bool {
        self.filter.overdue || self.filter.pressing
    }
}

impl Stretch {
    fn holds(&self, version: i64, now: Timestamp) -> bool {
        self.version == version && (self.counted..=self.due).contains(&now)
    }
}

impl Remembered {
    /// What of an answer is known and still true.
    pub fn of(&self, question: &Question, versions: &[(i64, i64)], now: Timestamp) -> Stretches {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, stretches)) = remembered.iter().find(|(asked, _)| asked == question) else {
            return Stretches::new();
        };
        let known = versions.iter().filter_map(|(stretch, version)| {
            stretches.get(stretch).filter(|known| known.holds(*version, now)).map(|known| (*stretch, known.clone()))
        });
        known.collect()
    }

    /// Remembers an answer, and forgets those that were not asked for longest.
    pub fn keep(&self, question: Question, stretches: Stretches) {
        let size = |stretches: &Stretches| stretches.values().map(|stretch| 1 + stretch.counts.len()).sum::<usize>();
        if question.hangs_on_the_moment() || size(&stretches) > MOST {
            return;
        }
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.retain(|(asked, _)| *asked != question);
        remembered.push_front((question, stretches));
        remembered.truncate(QUESTIONS);
        let mut held = 0;
        remembered.retain(|(_, stretches)| {
            held += size(stretches);
            held <= MOST
        });
    }
}

/// The sum of all stretches: how many issues, and how many of each group and state.
pub fn sum(stretches: &Stretches) -> (u64, Counts) {
    let mut counts = Counts::new();
    for (at, count) in stretches.values().flat_map(|stretch| &stretch.counts) {
        let sum = counts.entry(at.clone()).or_default();
        sum.all += count.all;
        sum.overdue += count.overdue;
    }
    (stretches.values().map(|stretch| stretch.total).sum(), counts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xiaohao_shared::model::workflow::State;

    use super::super::counts::{Count, total};
    use super::*;

    fn question(text: &str) -> Question {
        Question { zones: None, filter: Filter { text: text.into(), ..Filter::default() }, by: Grouping::Zone }
    }

    fn stretch(version: i64, counted: i64, due: i64, groups: u64) -> Arc<Stretch> {
        let count = |group: u64| ((group.to_string(), State::Handling), Count { all: group, overdue: 1 });
        let counts: Counts = (1..=groups).map(count).collect();
        Arc::new(Stretch { version, counted: Timestamp(counted), due: Timestamp(due), total: total(&counts), counts })
    }

    #[test]
    fn a_stretch_is_known_until_it_changes_or_one_of_its_issues_is_due() {
        let (remembered, asked) = (Remembered::default(), question("旱厕"));
        remembered.keep(asked.clone(), [(0, stretch(3, 10, 20, 1)), (1, stretch(4, 10, 99, 1))].into());
        let known = |asked: &Question, versions: [i64; 2], now: i64| {
            let versions = [(0, versions[0]), (1, versions[1])];
            remembered.of(asked, &versions, Timestamp(now)).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(known(&asked, [3, 4], 20), [0, 1]);
        assert_eq!(known(&asked, [3, 4], 21), [1], "one is overdue now");
        assert_eq!(known(&asked, [3, 5], 15), [0], "something changed");
        assert!(known(&asked, [3, 4], 9).is_empty(), "the clock was set back");
        assert!(known(&question("占道"), [3, 4], 15).is_empty());
    }

    #[test]
    fn what_hangs_on_the_moment_is_not_remembered() {
        for filter in [Filter { overdue: true, ..Filter::default() }, Filter { pressing: true, ..Filter::default() }] {
            let (remembered, asked) = (Remembered::default(), Question { filter, ..question("") });
            remembered.keep(asked.clone(), [(0, stretch(3, 10, 20, 1))].into());
            assert!(remembered.of(&asked, &[(0, 3)], Timestamp(15)).is_empty());
        }
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_and_what_is_too_much_is_not_kept() {
        let remembered = Remembered::default();
        let keep = |text: &str, groups| remembered.keep(question(text), [(0, stretch(1, 0, 9, groups))].into());
        let knows = |text: &str| !remembered.of(&question(text), &[(0, 1)], Timestamp(5)).is_empty();
        let half = MOST as u64 / 2 - 1;
        keep("a", half);
        keep("b", half);
        assert!(knows("a") && knows("b"));
        keep("a", half);
        keep("c", half);
        assert!(knows("a") && !knows("b") && knows("c"));
        keep("d", MOST as u64);
        assert!(knows("a") && !knows("d"));
        (0..QUESTIONS).for_each(|at| keep(&at.to_string(), 1));
        assert!(knows("0") && !knows("a"), "however little each of them is");
    }

    proptest! {
        #[test]
        fn the_sum_is_that_of_all_stretches(groups in prop::collection::vec(0..9_u64, 0..9)) {
            let stretches: Stretches =
                (0..).zip(&groups).map(|(at, groups)| (at, stretch(1, 0, 9, *groups))).collect();
            let (all, counts) = sum(&stretches);
            prop_assert_eq!(all, total(&counts));
            prop_assert_eq!(all, groups.iter().map(|groups| groups * (groups + 1) / 2).sum::<u64>());
            let overdue: u64 = counts.values().map(|count| count.overdue).sum();
            prop_assert_eq!(overdue, groups.iter().sum::<u64>());
        }
    }
}
