//! 月结账: opening + new − struck off − void = closing, per zone and kind. The books take every issue in once and let it out
//! once, under the zone and kind that it had when it was taken in; a month that is frozen never changes, so what comes late is
//! booked in the next one, with a mark. So is what stands again after the books let it out, as a merged issue whose merging was
//! undone: it enters once more. Pure; what the office knows is an argument.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalogue::Kind;
use super::workflow::State;
use crate::id::ZoneId;
use crate::time::{Date, Timestamp};

/// A civil month, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    pub fn of(at: Timestamp) -> Self {
        let (year, month, _) = at.date().civil();
        Self { year, month }
    }

    pub fn start(self) -> Timestamp {
        Date::new(self.year, self.month, 1).map_or(Timestamp::MAX, Date::start)
    }

    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        self.next().start()
    }

    pub fn holds(self, at: Timestamp) -> bool {
        self.start() <= at && at < self.end()
    }

    pub fn before(self) -> Self {
        if self.month == 1 { Self { year: self.year - 1, month: 12 } } else { Self { month: self.month - 1, ..self } }
    }

    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let date = format!("{text}-01").parse::<Date>().ok().filter(|_| text.len() == 7);
        let (year, month, _) = date.ok_or_else(|| "not a month like 2026-11".to_owned())?.civil();
        Ok(Self { year, month })
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Struck,
    Void,
}

impl Ending {
    pub fn of(state: State) -> Option<Self> {
        match state {
            State::Closed => Some(Self::Struck),
            State::Void => Some(Self::Void),
            _ => None,
        }
    }
}

/// An issue as the office knows it when a month is frozen. A time is the earlier of what the phone said and of the receipt: a clock
/// that is ahead must not keep an issue out of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub zone: ZoneId,
    pub kind: Kind,
    pub reported: Timestamp,
    pub ended: Option<(Timestamp, Ending)>,
}

impl Known {
    /// Whether its report, and whether its end, happened before a month: what that month books of them comes late.
    pub fn is_late(&self, month: Month) -> [bool; 2] {
        let late = |at: Timestamp| at < month.start();
        [late(self.reported), self.ended.is_some_and(|(at, _)| late(at))]
    }
}

/// When the books moved an issue: `None` is before they began.
pub type Booked = Option<Month>;

/// What the books say of an issue, since it entered them last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub zone: ZoneId,
    pub kind: Kind,
    pub entered: Booked,
    pub ended: Option<(Booked, Ending)>,
}

impl Posting {
    /// The books let it out, and it stands again, or ended since then, or in another way than they say.
    fn is_overtaken(&self, known: &Known, month: Month) -> bool {
        let overtaken = |booked| known.ended.is_none_or(|(at, ending)| at >= month.start() || ending != booked);
        self.ended.is_some_and(|(_, booked)| overtaken(booked))
    }
}

/// What the books say of an issue once this month is frozen; `is_first` where no month was frozen before. What was booked stays:
/// a posting that entered in another month than the one before stands beside that.
pub fn post(known: &Known, booked: Option<Posting>, month: Month, is_first: bool) -> Option<Posting> {
    let when = |at: Timestamp| if is_first && at < month.start() { None } else { Some(month) };
    let mut posting = match booked {
        Some(posting) if posting.is_overtaken(known, month) => {
            Posting { zone: known.zone, kind: known.kind, entered: Some(month), ended: None }
        }
        Some(posting) => posting,
        None if known.reported >= month.end() => return None,
        None => Posting { zone: known.zone, kind: known.kind, entered: when(known.reported), ended: None },
    };
    if posting.ended.is_none() {
        // Nothing leaves the books before it entered them, whatever the clocks say.
        let ended = known.ended.filter(|(at, _)| *at < month.end());
        posting.ended = ended.map(|(at, ending)| (when(at).max(posting.entered), ending));
    }
    Some(posting)
}

/// One line of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub opening: u64,
    pub entered: u64,
    /// Of those: happened before this month, but came after that one was frozen.
    pub entered_late: u64,
    pub struck: u64,
    pub struck_late: u64,
    pub voided: u64,
    pub voided_late: u64,
    pub closing: u64,
}

impl Line {
    /// In the order of the columns.
    pub fn counts(&self) -> [u64; 8] {
        let Self { opening, entered, entered_late, struck, struck_late, voided, voided_late, closing } = *self;
        [opening, entered, entered_late, struck, struck_late, voided, voided_late, closing]
    }

    pub fn is_balanced(&self) -> bool {
        self.opening + self.entered == self.closing + self.struck + self.voided
    }
}

pub type Lines = BTreeMap<(ZoneId, Kind), Line>;

/// Adds one issue to the lines of a month.
pub fn count(lines: &mut Lines, known: &Known, posting: &Posting, month: Month) {
    let ended = posting.ended.filter(|(at, _)| *at <= Some(month));
    if posting.entered > Some(month) || ended.is_some_and(|(at, _)| at < Some(month)) {
        return;
    }
    let line = lines.entry((posting.zone, posting.kind)).or_default();
    let [entered_late, ended_late] = known.is_late(month).map(u64::from);
    if posting.entered == Some(month) {
        line.entered += 1;
        line.entered_late += entered_late;
    } else {
        line.opening += 1;
    }
    match ended {
        None => line.closing += 1,
        Some((_, Ending::Struck)) => (line.struck, line.struck_late) = (line.struck + 1, line.struck_late + ended_late),
        Some((_, Ending::Void)) => (line.voided, line.voided_late) = (line.voided + 1, line.voided_late + ended_late),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue::CATALOGUE;
    use crate::time::DAY;
    use proptest::prelude::*;

    const NOVEMBER: Month = Month { year: 2026, month: 11 };
    const MONTHS: i64 = 4;

    fn month(at: i64) -> Month {
        (0..at).fold(NOVEMBER, |month, _| month.next())
    }

    /// An issue, and before which freeze the office hears of its report and of its end; perhaps the end is undone later, and the
    /// issue ends once more, or not.
    #[derive(Debug, Clone)]
    struct Story {
        known: Known,
        heard: i64,
        heard_of_end: i64,
        moves: bool,
        back: Option<(i64, Option<(Timestamp, Ending)>)>,
    }

    impl Story {
        fn at(&self, freeze: i64) -> Option<Known> {
            let ended = self.known.ended.filter(|_| self.heard_of_end.max(self.heard) <= freeze);
            let ended = match self.back {
                Some((back, again)) if back.max(self.heard_of_end) <= freeze => again,
                _ => ended,
            };
            // A later zone is none of the books' business.
            let zone = if self.moves && freeze > self.heard { ZoneId(9) } else { self.known.zone };
            (self.heard <= freeze).then_some(Known { ended, zone, ..self.known })
        }
    }

    fn story() -> impl Strategy<Value = Story> {
        let span = -40i64..130;
        let end = || prop::option::of((0i64..60, any::<bool>()));
        let back = prop::option::of((0..MONTHS, end()));
        (span, end(), 1u32..3, 0usize..2, 0..MONTHS, 0..MONTHS, any::<bool>(), back).prop_map(
            |(day, end, zone, kind, heard, heard_of_end, moves, back)| {
                let reported = NOVEMBER.start() + day * DAY;
                let ending = |void| if void { Ending::Void } else { Ending::Struck };
                let ended = end.map(|(days, void)| (reported + days * DAY, ending(void)));
                let from = ended.map_or(reported, |(at, _)| at);
                let again = |end: Option<(i64, bool)>| end.map(|(days, void)| (from + days * DAY, ending(void)));
                let known = Known { zone: ZoneId(zone), kind: CATALOGUE[kind].kind, reported, ended };
                Story { known, heard, heard_of_end, moves, back: back.map(|(heard, end)| (heard, again(end))) }
            },
        )
    }

    /// The lines of each month, and what the books say of each issue after it, the last entry last.
    fn books(stories: &[Story]) -> Vec<(Lines, Vec<Vec<Posting>>)> {
        let mut postings: Vec<Vec<Posting>> = vec![Vec::new(); stories.len()];
        let mut books = Vec::new();
        for freeze in 0..MONTHS {
            let mut lines = Lines::new();
            for (story, entries) in stories.iter().zip(&mut postings) {
                let Some(known) = story.at(freeze) else { continue };
                let before = entries.last().copied();
                let Some(now) = post(&known, before, month(freeze), freeze == 0) else { continue };
                count(&mut lines, &known, &now, month(freeze));
                if before.is_some_and(|before| before.entered == now.entered) {
                    entries.pop();
                }
                entries.push(now);
            }
            books.push((lines, postings.clone()));
        }
        books
    }

    proptest! {
        #[test]
        fn every_line_balances_and_opens_with_what_the_month_before_closed_with(stories in prop::collection::vec(story(), 0..60)) {
            let books = books(&stories);
            for (lines, _) in &books {
                prop_assert!(lines.values().all(Line::is_balanced), "{lines:?}");
            }
            for pair in books.windows(2) {
                let standing = |lines: &Lines, of: fn(&Line) -> u64| {
                    let counts = lines.iter().map(|(key, line)| (*key, of(line)));
                    counts.filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>()
                };
                prop_assert_eq!(standing(&pair[0].0, |line| line.closing), standing(&pair[1].0, |line| line.opening));
            }
        }

        #[test]
        fn what_is_booked_stays_and_every_issue_leaves_before_it_enters_again(stories in prop::collection::vec(story(), 0..60)) {
            let books = books(&stories);
            for pair in books.windows(2) {
                for (before, after) in pair[0].1.iter().zip(&pair[1].1) {
                    for (before, after) in before.iter().zip(after) {
                        prop_assert_eq!((before.zone, before.kind, before.entered), (after.zone, after.kind, after.entered));
                        prop_assert!(before.ended.is_none() || before.ended == after.ended);
                    }
                    prop_assert!(before.len() <= after.len());
                }
            }
            let (_, last) = &books[books.len() - 1];
            let in_order = |pair: &[Posting]| pair[0].ended.is_some_and(|(at, _)| at < pair[1].entered);
            prop_assert!(last.iter().all(|entries| entries.windows(2).all(in_order)), "{last:?}");
            let entered: u64 = books.iter().flat_map(|(lines, _)| lines.values()).map(|line| line.entered).sum();
            let new = last.iter().flatten().filter(|posting| posting.entered.is_some()).count();
            prop_assert_eq!(entered, new as u64);
        }

        #[test]
        fn what_the_books_hold_in_the_end_is_what_is_open_as_the_office_knows_it(stories in prop::collection::vec(story(), 0..60)) {
            let books = books(&stories);
            let (lines, _) = &books[books.len() - 1];
            let closing: u64 = lines.values().map(|line| line.closing).sum();
            let known = stories.iter().filter_map(|story| story.at(MONTHS - 1));
            let end = month(MONTHS - 1).end();
            let stands = |known: &Known| known.reported < end && known.ended.is_none_or(|(at, _)| at >= end);
            prop_assert_eq!(closing, known.filter(stands).count() as u64);
        }

        #[test]
        fn what_comes_back_after_the_freeze_enters_the_next_month_with_a_mark(day in 0i64..29, back in 1..MONTHS, again in any::<bool>()) {
            let reported = NOVEMBER.start() + day * DAY;
            let known = Known { zone: ZoneId(1), kind: CATALOGUE[0].kind, reported, ended: Some((reported, Ending::Void)) };
            let end = again.then(|| (month(back).start() + DAY, Ending::Struck));
            let books = books(&[Story { known, heard: 0, heard_of_end: 0, moves: true, back: Some((back, end)) }]);
            let line = |at: i64, zone| books[at as usize].0.get(&(ZoneId(zone), CATALOGUE[0].kind)).copied().unwrap_or_default();
            prop_assert_eq!((line(0, 1).entered, line(0, 1).voided, line(0, 1).closing), (1, 1, 0));
            // Under the zone that it has by then.
            let after = line(back, 9);
            prop_assert_eq!((after.opening, after.entered, after.entered_late), (0, 1, 1));
            prop_assert_eq!((after.struck, after.struck_late, after.closing), if again { (1, 0, 0) } else { (0, 0, 1) });
        }

        #[test]
        fn what_comes_after_the_freeze_is_booked_in_the_next_month_with_a_mark(day in 0i64..29, heard in 1..MONTHS) {
            let known = Known { zone: ZoneId(1), kind: CATALOGUE[0].kind, reported: NOVEMBER.start() + day * DAY, ended: None };
            let books = books(&[Story { known, heard, heard_of_end: 0, moves: false, back: None }]);
            let (lines, postings) = &books[heard as usize];
            prop_assert_eq!(postings[0].last().and_then(|posting| posting.entered), Some(month(heard)));
            let line = lines[&(ZoneId(1), CATALOGUE[0].kind)];
            prop_assert_eq!((line.entered, line.entered_late, line.opening), (1, 1, 0));
        }
    }

    #[test]
    fn a_month_reads_back_and_ends_where_the_next_begins() {
        assert_eq!("2026-11".parse(), Ok(NOVEMBER));
        assert_eq!(month(2).to_string(), "2027-01");
        assert_eq!((NOVEMBER.end(), Month::of(NOVEMBER.end())), (month(1).start(), month(1)));
        for text in ["2026-13", "2026-1", "2026-11-", "x", "2026-011"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
