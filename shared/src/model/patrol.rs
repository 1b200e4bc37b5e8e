//! 巡查: rounds through a zone, each a record of its own that a phone makes and the office takes once, and which hours of the day
//! they cover. Nobody's way is recorded: a zone, a beginning, an end, and how much was found.

use std::collections::BTreeMap;
use std::ops::Range;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::indicator::Span;
use crate::id::{PatrolId, ZoneId};
use crate::time::{CHINA_OFFSET, DAY, HOUR, MINUTE, Timestamp};

/// A day has so many bands…
pub const BANDS: usize = 6;
/// … of this length, the first from midnight on.
pub const BAND: i64 = DAY / BANDS as i64;
/// Whoever passes through for less has not patrolled a band.
pub const ENOUGH: i64 = 10 * MINUTE;
/// No round is longer: somebody forgot to close it.
pub const LONGEST: i64 = 24 * HOUR;
/// From here on a round that still runs was probably forgotten, and the app asks when it ended.
pub const FORGOTTEN: i64 = 12 * HOUR;
/// More is a slip of the finger.
pub const MOST_FOUND: u32 = 999;

/// A round that ended. One without findings counts like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Patrol {
    #[n(0)]
    pub id: PatrolId,
    #[n(1)]
    pub zone: ZoneId,
    /// By the phone's clock, as both ends were written.
    #[n(2)]
    pub begun_at: Timestamp,
    #[n(3)]
    pub ended_at: Timestamp,
    /// Issues that were found on the way.
    #[n(4)]
    pub found: u32,
    /// Milliseconds by which that clock was behind the office's, as the phone has learned since.
    #[serde(default)]
    #[n(5)]
    pub skew: i64,
}

/// Why the office does not take a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a round ends after it began")]
    Backwards,
    #[error("no round lasts longer than a day")]
    TooLong,
    #[error("nobody finds that many issues on a round")]
    TooMany,
}

/// Why a round is on the books and counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It ended after it was received, or long before anybody could have walked it: the clock was wrong.
    Clock,
    /// It came from a device that was out of service by then.
    Stopped,
}

impl Doubt {
    pub const ALL: [Self; 2] = [Self::Clock, Self::Stopped];

    pub fn code(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Stopped => "stopped",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doubt| doubt.code() == code)
    }
}

impl Patrol {
    /// Clocks that agree within this agree.
    const TOLERANCE: i64 = 5 * MINUTE;
    /// Nobody is offline for longer.
    const OLDEST: i64 = 400 * DAY;

    pub fn check(&self) -> Result<(), Fault> {
        match self.ended_at - self.begun_at {
            ..=0 => Err(Fault::Backwards),
            length if length > LONGEST => Err(Fault::TooLong),
            _ if self.found > MOST_FOUND => Err(Fault::TooMany),
            _ => Ok(()),
        }
    }

    /// By the office's clock, as far as the phone knew it.
    pub fn span(&self) -> Span {
        Span { from: self.begun_at + self.skew, before: self.ended_at + self.skew }
    }

    pub fn is_clock_doubtful(&self, received_at: Timestamp) -> bool {
        let span = self.span();
        span.before > received_at + Self::TOLERANCE || span.from < received_at + -Self::OLDEST
    }
}

/// Bands are counted from an epoch on, in the civil time of China.
fn band_at(at: Timestamp) -> i64 {
    at.0.saturating_add(CHINA_OFFSET).div_euclid(BAND)
}

fn beginning(band: i64) -> Timestamp {
    Timestamp(band.saturating_mul(BAND).saturating_sub(CHINA_OFFSET))
}

/// Which of the bands of a day: 0 begins at midnight.
fn of_day(band: i64) -> usize {
    band.rem_euclid(BANDS as i64) as usize
}

/// The hours at which a band of the day begins and ends.
pub fn hours(band: usize) -> (i64, i64) {
    let from = band as i64 * BAND / HOUR;
    (from, from + BAND / HOUR)
}

/// The bands that are over by `now`: what can have been patrolled. Nothing is due before the office's first round.
pub fn due(period: Span, first: Option<Timestamp>, now: Timestamp) -> Range<i64> {
    let first = band_at(period.from.max(first.unwrap_or(period.before)));
    first..band_at(period.before.min(now)).max(first)
}

/// How often each band of the day occurs among these.
pub fn count_by_day(bands: Range<i64>) -> [u64; BANDS] {
    let mut counts = [0; BANDS];
    bands.for_each(|band| counts[of_day(band)] += 1);
    counts
}

/// How long each band was patrolled in one zone, by how many people soever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<i64, i64>);

impl Coverage {
    /// Adds what of a round lies in the bands that are asked for.
    pub fn add(&mut self, round: Span, within: &Range<i64>) {
        let last = band_at(round.before + -1);
        for band in band_at(round.from).max(within.start)..(last + 1).min(within.end) {
            *self.0.entry(band).or_default() += overlap(round, band);
        }
    }

    /// How often each band of the day was patrolled.
    pub fn by_day(&self) -> [u64; BANDS] {
        let mut counts = [0; BANDS];
        self.0.iter().filter(|(_, walked)| **walked >= ENOUGH).for_each(|(band, _)| counts[of_day(*band)] += 1);
        counts
    }
}

/// What of a round lies in a period.
pub fn within(round: Span, period: Span) -> Span {
    Span { from: round.from.max(period.from), before: round.before.min(period.before) }
}

/// Whether a round touches a band of the day at all.
pub fn touches(round: Span, band: usize) -> bool {
    (band_at(round.from)..=band_at(round.before + -1)).any(|at| of_day(at) == band)
}

fn overlap(round: Span, band: i64) -> i64 {
    round.before.min(beginning(band + 1)) - round.from.max(beginning(band))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IssueId;
    use crate::time::Date;
    use proptest::prelude::*;

    const DAYS: i64 = 7;

    fn monday() -> Timestamp {
        Date::new(2026, 11, 23).unwrap().start()
    }

    fn week() -> Span {
        Span { from: monday(), before: monday() + DAYS * DAY }
    }

    fn from_to(from: i64, before: i64) -> Span {
        Span { from: monday() + from, before: monday() + before }
    }

    fn covered(rounds: &[Span], within: &Range<i64>) -> [u64; BANDS] {
        let mut coverage = Coverage::default();
        rounds.iter().for_each(|round| coverage.add(*round, within));
        coverage.by_day()
    }

    fn patrol(length: i64) -> Patrol {
        let id = PatrolId(IssueId::new(1, [7; 10]));
        Patrol { id, zone: ZoneId(1), begun_at: monday(), ended_at: monday() + length, found: 0, skew: 0 }
    }

    proptest! {
        #[test]
        fn a_round_counts_the_same_in_one_piece_or_in_two_and_in_any_order(
            from in -2 * DAY..8 * DAY, length in 1..LONGEST, at in 0.0..1.0f64, other in 0..6 * DAY,
        ) {
            let within = due(week(), Some(monday()), Timestamp::MAX);
            let cut = from + (length as f64 * at) as i64;
            let (whole, other) = (from_to(from, from + length), from_to(other, other + HOUR));
            let pieces = [from_to(cut, from + length), other, from_to(from, cut)];
            prop_assert_eq!(covered(&[whole, other], &within), covered(&pieces, &within));
        }

        #[test]
        fn the_time_in_all_bands_is_the_time_of_the_round(from in -DAY..DAY, length in 1..LONGEST) {
            let mut coverage = Coverage::default();
            coverage.add(from_to(from, from + length), &(i64::MIN..i64::MAX));
            prop_assert_eq!(coverage.0.values().sum::<i64>(), length);
            prop_assert!(coverage.0.values().all(|walked| (1..=BAND).contains(walked)));
        }

        #[test]
        fn nobody_covers_more_than_was_due(
            rounds in proptest::collection::vec((-DAY..8 * DAY, 1..LONGEST), 0..20), now in 0..9 * DAY,
        ) {
            let within = due(week(), Some(monday()), monday() + now);
            let rounds: Vec<_> = rounds.into_iter().map(|(from, length)| from_to(from, from + length)).collect();
            let (found, due) = (covered(&rounds, &within), count_by_day(within));
            prop_assert!(found.iter().zip(due).all(|(found, due)| *found <= due && due <= DAYS as u64));
        }

        #[test]
        fn a_round_of_any_time_whatever_is_judged_without_harm(begun: i64, ended: i64, skew: i64, received: i64) {
            let patrol = Patrol { begun_at: Timestamp(begun), ended_at: Timestamp(ended), skew, ..patrol(1) };
            let fits = patrol.check().is_ok();
            prop_assert_eq!(fits, ended > begun && ended.saturating_sub(begun) <= LONGEST);
            let _ = patrol.is_clock_doubtful(Timestamp(received));
        }
    }

    #[test]
    fn a_round_across_midnight_covers_the_last_band_of_one_day_and_the_first_of_the_next() {
        let within = due(week(), Some(monday()), Timestamp::MAX);
        assert_eq!(covered(&[from_to(22 * HOUR, 26 * HOUR)], &within), [1, 0, 0, 0, 0, 1]);
        assert_eq!(covered(&[from_to(22 * HOUR, DAY + ENOUGH - 1)], &within), [0, 0, 0, 0, 0, 1]);
        assert!(touches(from_to(22 * HOUR, 26 * HOUR), 0) && !touches(from_to(22 * HOUR, DAY), 0));
        assert_eq!(covered(&[from_to(0, DAY)], &within), [1; BANDS]);
        assert_eq!([hours(0), hours(5)], [(0, 4), (20, 24)]);
    }

    #[test]
    fn only_bands_that_are_over_are_due() {
        assert_eq!(count_by_day(due(week(), Some(monday()), Timestamp::MAX)), [7; BANDS]);
        assert_eq!(count_by_day(due(week(), Some(monday()), monday() + 9 * HOUR)), [1, 1, 0, 0, 0, 0]);
        assert!(due(week(), Some(monday()), monday() + -DAY).is_empty());
        assert!(due(week(), None, Timestamp::MAX).is_empty());
        let first = Some(monday() + 6 * DAY + 5 * HOUR);
        assert_eq!(count_by_day(due(week(), first, Timestamp::MAX)), [0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn a_clock_that_was_found_to_be_wrong_is_set_right_and_one_that_was_not_is_doubted() {
        let received = monday() + 10 * HOUR;
        let early = Patrol { skew: 2 * HOUR, ..patrol(HOUR) };
        assert_eq!(early.span(), from_to(2 * HOUR, 3 * HOUR));
        assert!(!early.is_clock_doubtful(received));
        assert!(Patrol { skew: DAY, ..patrol(HOUR) }.is_clock_doubtful(received));
        assert!(Patrol { skew: -50 * 365 * DAY, ..patrol(HOUR) }.is_clock_doubtful(received));
    }

    #[test]
    fn a_round_has_a_length_and_its_findings_a_bound() {
        assert_eq!(patrol(0).check(), Err(Fault::Backwards));
        assert_eq!(patrol(LONGEST + 1).check(), Err(Fault::TooLong));
        assert_eq!(Patrol { found: MOST_FOUND + 1, ..patrol(HOUR) }.check(), Err(Fault::TooMany));
        assert_eq!(patrol(LONGEST).check(), Ok(()));
    }
}
