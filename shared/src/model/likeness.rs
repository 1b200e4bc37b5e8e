//! Whether what somebody is about to report is on the books already: the same kind at the same place. Made of rows alone, because a
//! phone has those of every issue that it may know, without a network.

use super::catalogue::{Kind, nearness};
use super::filter::distance_m;
use super::summary::Summary;
use super::workflow::State;
use crate::id::ZoneId;
use crate::time::{DAY, Timestamp};

/// What is known of a report while it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    pub kind: Kind,
    pub zone: Option<ZoneId>,
    /// Degrees (latitude, longitude).
    pub position: Option<(f64, f64)>,
    /// Address and landmark.
    pub words: Vec<String>,
}

/// How many are offered: more would not be looked at.
const MOST: usize = 3;

/// Days within which an issue that was struck off counts as come back (反弹), where the office says nothing else.
pub const RECURRENCE_DAYS: u16 = 90;

impl Spot {
    /// Open issues that are probably the same, the nearest first.
    pub fn same<'a>(&self, rows: &'a [Summary]) -> Vec<&'a Summary> {
        let mut found: Vec<_> = rows.iter().filter(|row| row.state.is_open() && self.is_at(row)).collect();
        found.sort_by(|a, b| self.metres(a).total_cmp(&self.metres(b)).then(b.reported_at.cmp(&a.reported_at)));
        found.truncate(MOST);
        found
    }

    /// The last issue that was struck off here not longer ago than so many days.
    pub fn recurs<'a>(&self, rows: &'a [Summary], now: Timestamp, days: u16) -> Option<&'a Summary> {
        let since = now + -(i64::from(days) * DAY);
        let struck = |row: &&Summary| row.state == State::Closed && row.closed_at.is_some_and(|at| at >= since);
        rows.iter().filter(struck).filter(|row| self.is_at(row)).max_by_key(|row| (row.closed_at, row.id))
    }

    /// By position where both have one; otherwise the same zone and a like address.
    fn is_at(&self, row: &Summary) -> bool {
        let like = || self.zone == Some(row.zone) && self.words.iter().any(|words| are_alike(words, &row.address));
        let here = match (self.position, row.position) {
            (Some(_), Some(_)) => self.metres(row) <= nearness(self.kind),
            _ => like(),
        };
        self.kind == row.kind && here
    }

    fn metres(&self, row: &Summary) -> f64 {
        self.position.zip(row.position).map_or(f64::MAX, |(a, b)| distance_m(a, b))
    }
}

/// One says what the other says, or more: `幸福路12号` and `幸福路 12 号（东门）`.
fn are_alike(a: &str, b: &str) -> bool {
    let bare = |text: &str| text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let (a, b) = (bare(a), bare(b));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // A digit after it makes it another house: `幸福路1` is not `幸福路12`.
    let ends_there = |at: usize| !long[at + short.len()..].starts_with(|next: char| next.is_ascii_digit());
    short.chars().count() >= 2 && long.match_indices(&short).any(|(at, _)| ends_there(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IssueId;
    use crate::model::{Fix, FixSource, Issue, Place};
    use crate::testing::{ISSUE, reported};

    const HERE: (f64, f64) = (39.9000, 116.4000);

    /// Metres to the north.
    fn north(metres: f64) -> (f64, f64) {
        (HERE.0 + metres / 111_320.0, HERE.1)
    }

    fn row(number: u8, position: Option<(f64, f64)>, address: &str) -> Summary {
        let issue = reported().0.read(ISSUE).unwrap();
        let fix = position.map(|(lat, lon)| Fix {
            lat,
            lon,
            accuracy_m: 5.0,
            datum: "wgs84".into(),
            source: FixSource::Gps,
            fixed_at: Timestamp(0),
        });
        let place = Place { address: address.into(), fix, ..Place::default() };
        Summary::of(&Issue { id: IssueId([number; 16]), place, ..issue }, None, false)
    }

    fn spot(position: Option<(f64, f64)>, words: &str) -> Spot {
        let row = row(0, None, "");
        Spot { kind: row.kind, zone: Some(row.zone), position, words: vec![words.into(), String::new()] }
    }

    fn numbers(found: Vec<&Summary>) -> Vec<u8> {
        found.into_iter().map(|row| row.id.0[0]).collect()
    }

    #[test]
    fn open_issues_of_the_kind_within_its_radius_are_the_same_the_nearest_first() {
        let closed = Summary { state: State::Closed, ..row(5, Some(HERE), "") };
        let other = Summary { kind: Kind { edition: 2026, code: 9006 }, ..row(6, Some(HERE), "") };
        let rows = [
            row(1, Some(north(29.0)), ""),
            row(2, Some(north(31.0)), ""),
            row(3, Some(north(-8.0)), ""),
            closed,
            other,
        ];
        assert_eq!(numbers(spot(Some(HERE), "").same(&rows)), [3, 1]);
        let river = |row: Summary| Summary { kind: Kind { edition: 2026, code: 6025 }, ..row };
        let rows = rows.map(river);
        let along = Spot { kind: rows[0].kind, ..spot(Some(HERE), "") };
        assert_eq!(numbers(along.same(&rows)), [6, 3, 1], "a river is dirty over some length");
    }

    #[test]
    fn without_a_position_the_zone_and_a_like_address_say_it() {
        let elsewhere = Summary { zone: ZoneId(9), ..row(3, None, "幸福路 12 号") };
        let rows =
            [row(1, None, "幸福路 12 号（东门）"), row(2, Some(HERE), "幸福路120号"), elsewhere, row(4, None, "")];
        assert_eq!(numbers(spot(None, "幸福路12号").same(&rows)), [1]);
        assert_eq!(numbers(spot(Some(HERE), "幸福路 12号 ").same(&rows)), [2, 1]);
        assert!(spot(None, "").same(&rows).is_empty() && spot(None, "路").same(&rows).is_empty());
        assert!(!are_alike("幸福路1", "幸福路12号") && are_alike("xingfu lu 1", "Xingfu Lu 1, gate"));
    }

    #[test]
    fn what_was_struck_off_here_lately_has_come_back() {
        let struck = |number, days: i64| {
            let closed_at = Some(Timestamp(100 * DAY) + -(days * DAY));
            Summary { state: State::Closed, closed_at, ..row(number, Some(north(3.0)), "") }
        };
        let void = Summary { state: State::Void, ..struck(9, 1) };
        let rows = [struck(1, 91), struck(2, 60), struck(3, 20), void, row(8, Some(HERE), "")];
        let back = |days| spot(Some(HERE), "").recurs(&rows, Timestamp(100 * DAY), days).map(|row| row.id.0[0]);
        assert_eq!((back(RECURRENCE_DAYS), back(10), back(30)), (Some(3), None, Some(3)));
    }
}
