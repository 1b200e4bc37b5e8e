//! What a list shows and in which order: one meaning, executed in memory on the phone and as SQL at the office.

pub mod address;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalogue::{Kind, PlaceType, kind_info};
use super::rules::{OwnKind, Rules};
use super::summary::Summary;
use super::workflow::State;
use crate::id::{IssueId, PersonId, ZoneId};
use crate::time::Timestamp;

/// Empty sets and `None` mean: any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub states: BTreeSet<State>,
    pub zones: BTreeSet<ZoneId>,
    pub kind: Option<Kind>,
    pub place_type: Option<PlaceType>,
    pub assignee: Option<PersonId>,
    /// Nobody is in charge.
    pub unassigned: bool,
    pub reporter: Option<PersonId>,
    pub supervised: bool,
    pub overdue: bool,
    pub undecided: bool,
    /// Somebody waits for an answer: to an extension, a suspension or an appeal.
    pub asked: bool,
    /// Merged into this one, or come back from it.
    pub linked: Option<IssueId>,
    pub open: bool,
    /// What the weekly 督办 list is made of: see [`Summary::is_pressing`].
    pub pressing: bool,
    /// Still to be handed back, and due before this moment.
    pub due_before: Option<Timestamp>,
    /// From the first moment on, and before the second.
    pub reported_from: Option<Timestamp>,
    pub reported_before: Option<Timestamp>,
    /// When it was struck off or voided; what is open matches neither.
    pub closed_from: Option<Timestamp>,
    pub closed_before: Option<Timestamp>,
    pub text: String,
    /// The office's own kinds as they are called today, so that a text finds them: see [`Filter::knowing`]. Travels nowhere.
    #[serde(skip)]
    pub own: Vec<OwnKind>,
}

impl Filter {
    /// With the names of the office's own kinds, where somebody searches for a text. They are not kept with the rows: a kind that
    /// is named anew is found by its new name at once.
    #[must_use]
    pub fn knowing(self, rules: &Rules) -> Self {
        let own = if self.text.trim().is_empty() { Vec::new() } else { rules.own.clone() };
        Self { own, ..self }
    }

    /// The office's own kinds in whose name a word occurs, both in small letters.
    pub fn own_called<'a>(&'a self, word: &'a str) -> impl Iterator<Item = Kind> + 'a {
        self.own.iter().filter(move |own| own.name.to_lowercase().contains(word)).map(|own| own.kind)
    }

    pub fn matches(&self, row: &Summary, now: Timestamp) -> bool {
        (self.states.is_empty() || self.states.contains(&row.state))
            && (self.zones.is_empty() || self.zones.contains(&row.zone))
            && self.kind.is_none_or(|kind| row.kind == kind)
            && self.place_type.is_none_or(|place_type| row.place_type == place_type)
            && self.assignee.is_none_or(|person| row.assignee == Some(person) || row.responsible.contains(&person))
            && (!self.unassigned || row.is_unassigned())
            && self.reporter.is_none_or(|person| row.reporter == person)
            && (!self.supervised || row.supervision.is_some())
            && (!self.overdue || row.is_overdue(now))
            && (!self.undecided || row.undecided)
            && (!self.asked || row.asked)
            && self.linked.is_none_or(|issue| [row.merged_into, row.recurrence_of].contains(&Some(issue)))
            && (!self.open || row.state.is_open())
            && (!self.pressing || row.is_pressing(now))
            && self.matches_times(row)
            && self.matches_text(row)
    }

    fn matches_times(&self, row: &Summary) -> bool {
        let closed = |matches: &dyn Fn(Timestamp) -> bool| row.closed_at.is_some_and(matches);
        self.due_before.is_none_or(|end| row.state.clock_runs() && row.due.is_some_and(|due| due < end))
            && self.reported_from.is_none_or(|from| row.reported_at >= from)
            && self.reported_before.is_none_or(|end| row.reported_at < end)
            && self.closed_from.is_none_or(|from| closed(&|at| at >= from))
            && self.closed_before.is_none_or(|end| closed(&|at| at < end))
    }

    /// Every word must occur somewhere: in the description, address, number, or the kind's names and aliases.
    fn matches_text(&self, row: &Summary) -> bool {
        let info = kind_info(row.kind);
        let (zh, en, aliases) = info.map_or(("", "", ""), |info| (info.zh, info.en, info.aliases));
        let fields = [&row.description, &row.address, row.number.as_deref().unwrap_or(""), zh, en, aliases];
        let own = |word: &str| self.own_called(word).any(|kind| kind == row.kind);
        let found = |word: &str| own(word) || fields.iter().any(|field| field.to_lowercase().contains(word));
        self.words().iter().all(|spellings| spellings.iter().any(|word| found(word)))
    }

    /// The words that are searched for, in small letters: each as it was typed and, where the keyboard gave wide signs (１２号), also
    /// with the usual ones.
    pub fn words(&self) -> Vec<Vec<String>> {
        let spellings = |word: &str| {
            let narrow: String = word.chars().map(narrow).collect();
            if narrow == word { vec![narrow] } else { vec![word.to_string(), narrow] }
        };
        self.text.to_lowercase().split_whitespace().map(spellings).collect()
    }
}

/// The usual sign for a wide one: Unicode has U+FF01 to U+FF5E in the order of ASCII.
fn narrow(sign: char) -> char {
    match u32::from(sign) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(sign),
        _ => sign,
    }
}

/// The key of the group of issues that nobody is in charge of.
pub const NOBODY: &str = "0";

/// By what a board counts. Each group is a list of its own: [`Filter::within`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    #[default]
    State,
    Zone,
    /// Whoever is in charge, alone or with others: an issue counts for each of them, and for [`NOBODY`] where there is none.
    Person,
    Kind,
    PlaceType,
}

impl Grouping {
    pub const ALL: [Self; 5] = [Self::State, Self::Zone, Self::Person, Self::Kind, Self::PlaceType];

    pub fn code(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Zone => "zone",
            Self::Person => "person",
            Self::Kind => "kind",
            Self::PlaceType => "place_type",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }

    /// The groups that an issue counts in.
    pub fn keys(self, row: &Summary) -> BTreeSet<String> {
        match self {
            Self::State => [row.state.code().into()].into(),
            Self::Zone => [row.zone.to_string()].into(),
            Self::Person if row.is_unassigned() => [NOBODY.into()].into(),
            Self::Person => row.assignee.iter().chain(&row.responsible).map(ToString::to_string).collect(),
            Self::Kind => [row.kind.to_string()].into(),
            Self::PlaceType => [row.place_type.code().into()].into(),
        }
    }
}

impl Filter {
    /// The list of one group.
    pub fn within(&self, by: Grouping, key: &str) -> Self {
        let mut filter = self.clone();
        match by {
            Grouping::State => filter.states = State::from_code(key).into_iter().collect(),
            Grouping::Zone => filter.zones = key.parse().into_iter().collect(),
            Grouping::Person if key == NOBODY => (filter.assignee, filter.unassigned) = (None, true),
            Grouping::Person => (filter.assignee, filter.unassigned) = (key.parse().ok(), false),
            Grouping::Kind => filter.kind = key.parse().ok(),
            Grouping::PlaceType => filter.place_type = PlaceType::from_code(key),
        }
        filter
    }

    /// Whether it shows only what is still to do: such a list is looked at by deadline, any other by date.
    pub fn is_of_open(&self) -> bool {
        let states = !self.states.is_empty() && self.states.iter().all(|state| state.is_open());
        states || self.open || self.overdue || self.pressing || self.due_before.is_some()
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Sort {
    /// Earliest deadline first, issues without one last.
    #[default]
    Deadline,
    Newest,
    /// Nearest to (latitude, longitude) first.
    Distance(f64, f64),
}

impl Sort {
    /// One sort for all orders: each with its own would be in the download once more.
    pub fn sort(self, rows: &mut [Summary]) {
        rows.sort_by(|a, b| self.compare(a, b));
    }

    fn compare(self, a: &Summary, b: &Summary) -> Ordering {
        let deadline = |row: &Summary| (row.due.unwrap_or(Timestamp::MAX), row.reported_at, row.id);
        match self {
            Self::Deadline => deadline(a).cmp(&deadline(b)),
            Self::Newest => b.reported_at.cmp(&a.reported_at).then(a.id.cmp(&b.id)),
            Self::Distance(lat, lon) => {
                let metres = |row: &Summary| row.position.map_or(f64::MAX, |at| distance_m((lat, lon), at));
                metres(a).total_cmp(&metres(b)).then(a.id.cmp(&b.id))
            }
        }
    }
}

/// Metres between two positions given in degrees; flat-earth within a city, wrong by under one per cent.
pub fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_320.0;
    let (north, east) = (b.0 - a.0, (b.1 - a.1) * a.0.to_radians().cos());
    north.hypot(east) * METRES_PER_DEGREE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Issue, SupervisionLevel};
    use crate::testing::{ISSUE, reported};

    fn row(number: u8) -> Summary {
        let issue = Issue { id: IssueId([number; 16]), ..reported().0.read(ISSUE).unwrap() };
        Summary::of(&issue, Some(format!("2026-{number:04}")), false)
    }

    fn sorted(mut rows: Vec<Summary>, sort: Sort) -> Vec<u8> {
        sort.sort(&mut rows);
        rows.into_iter().map(|row| row.id.0[0]).collect()
    }

    fn finds(text: &str) -> bool {
        Filter { text: text.into(), ..Filter::default() }.matches(&row(7), Timestamp(0))
    }

    #[test]
    fn the_earliest_deadline_comes_first_and_none_last() {
        let due = |number, due: Option<i64>| Summary { due: due.map(Timestamp), ..row(number) };
        let older = Summary { reported_at: Timestamp(-1), ..due(5, None) };
        let rows = vec![due(1, None), due(2, Some(9)), due(3, Some(-9)), due(4, None), older];
        assert_eq!(sorted(rows, Sort::Deadline), [3, 2, 5, 1, 4]);
    }

    #[test]
    fn the_newest_comes_first_and_equals_keep_one_order() {
        let at = |number, at| Summary { reported_at: Timestamp(at), ..row(number) };
        let rows = vec![at(1, 5), at(4, 7), at(3, 7), at(2, 9)];
        assert_eq!(sorted(rows.clone(), Sort::Newest), [2, 3, 4, 1]);
        assert_eq!(sorted(rows.into_iter().rev().collect(), Sort::Newest), [2, 3, 4, 1]);
    }

    #[test]
    fn the_nearest_comes_first_and_what_has_no_position_last() {
        let at = |number, position| Summary { position, ..row(number) };
        let rows =
            vec![at(1, None), at(2, Some((39.92, 116.40))), at(3, Some((39.90, 116.42))), at(4, Some((f64::NAN, 0.0)))];
        assert_eq!(sorted(rows, Sort::Distance(39.90, 116.40)), [3, 2, 1, 4]);
    }

    #[test]
    fn a_degree_is_shorter_to_the_east_than_to_the_north() {
        assert!((distance_m((40.0, 116.0), (41.0, 116.0)) - 111_320.0).abs() < 1.0);
        assert!((distance_m((40.0, 116.0), (40.0, 117.0)) - 85_277.0).abs() < 500.0);
    }

    #[test]
    fn a_search_finds_every_word_somewhere_also_in_what_people_call_the_kind() {
        for text in ["", "  ", "门口", "幸福路", "2026-0007", "暴露垃圾", "exposed RUBBISH", "卫生死角", "死角 12 门口"]
        {
            assert!(finds(text), "{text:?}");
        }
        for text in ["１２", "２０２６－０００７", "ＥＸＰＯＳＥＤ　门口"] {
            assert!(finds(text), "{text:?}: typed with wide signs");
        }
        for text in ["牛皮癣", "门口 牛皮癣", "2026-0008", "１３"] {
            assert!(!finds(text), "{text:?}");
        }
    }

    #[test]
    fn a_kind_of_a_newer_catalogue_is_still_found_by_its_description() {
        let row = Summary { kind: Kind { edition: 2031, code: 1 }, ..row(7) };
        assert!(Filter { text: "门口".into(), ..Filter::default() }.matches(&row, Timestamp(0)));
    }

    #[test]
    fn a_kind_of_the_offices_own_is_found_by_the_name_that_it_has_today() {
        let kind = Rules::default().free_kind().unwrap();
        let called = |name: &str| Rules { own: vec![OwnKind { kind, name: name.into() }], ..Rules::default() };
        let row = Summary { kind, ..row(7) };
        let finds = |rules: &Rules, text: &str| {
            Filter { text: text.into(), ..Filter::default() }.knowing(rules).matches(&row, Timestamp(0))
        };
        let (first, anew) = (called("共享单车乱放"), called("Bike heaps"));
        assert!(finds(&first, "单车") && finds(&first, "门口 单车") && finds(&anew, "bike"));
        assert!(!finds(&anew, "单车") && !finds(&first, "单车 牛皮癣"));
    }

    #[test]
    fn an_empty_filter_shows_everything_and_each_field_narrows_it() {
        let mine = Summary {
            state: State::Handling,
            assignee: Some(PersonId(3)),
            responsible: vec![PersonId(4)],
            due: Some(Timestamp(1)),
            reported_at: Timestamp(10),
            supervision: Some(SupervisionLevel::City),
            undecided: true,
            asked: true,
            merged_into: Some(IssueId([9; 16])),
            ..row(1)
        };
        let other = Summary {
            state: State::Closed,
            zone: ZoneId(2),
            kind: Kind { edition: 2026, code: 6901 },
            place_type: PlaceType::Water,
            reporter: PersonId(9),
            due: Some(Timestamp(1)),
            reported_at: Timestamp(5),
            closed_at: Some(Timestamp(20)),
            recurrence_of: Some(IssueId([8; 16])),
            ..row(2)
        };
        let any = Filter::default();
        let narrow = [
            Filter { states: [State::Handling].into(), ..any.clone() },
            Filter { zones: [mine.zone, ZoneId(77)].into(), ..any.clone() },
            Filter { kind: Some(mine.kind), ..any.clone() },
            Filter { place_type: Some(mine.place_type), ..any.clone() },
            Filter { assignee: Some(PersonId(3)), ..any.clone() },
            Filter { assignee: Some(PersonId(4)), ..any.clone() },
            Filter { reporter: Some(mine.reporter), ..any.clone() },
            Filter { supervised: true, ..any.clone() },
            Filter { overdue: true, ..any.clone() },
            Filter { undecided: true, ..any.clone() },
            Filter { asked: true, ..any.clone() },
            Filter { linked: Some(IssueId([9; 16])), ..any.clone() },
            Filter { open: true, ..any.clone() },
            Filter { pressing: true, ..any.clone() },
            Filter { due_before: Some(Timestamp(2)), ..any.clone() },
            Filter { reported_from: Some(Timestamp(10)), ..any.clone() },
        ];
        let others = [
            Filter { reported_before: Some(Timestamp(10)), ..any.clone() },
            Filter { closed_from: Some(Timestamp(20)), ..any.clone() },
            Filter { closed_before: Some(Timestamp(21)), ..any.clone() },
            Filter { linked: Some(IssueId([8; 16])), ..any.clone() },
            Filter { unassigned: true, ..any.clone() },
        ];
        assert!(any.matches(&mine, Timestamp(2)) && any.matches(&other, Timestamp(2)));
        for filter in narrow {
            assert!(filter.matches(&mine, Timestamp(2)) && !filter.matches(&other, Timestamp(2)), "{filter:?}");
        }
        for filter in others {
            assert!(filter.matches(&other, Timestamp(2)) && !filter.matches(&mine, Timestamp(2)), "{filter:?}");
        }
    }
}
