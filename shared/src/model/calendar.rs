//! The office's working time: hours of the day, holidays and make-up workdays (调休), and the deadlines that follow from them
//! (domain.md section 2.2). Pure arithmetic over a calendar that the office sets.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalogue::{Limit, LimitUnit};
use crate::time::{DAY, Date, HOUR, MINUTE, Timestamp};

/// When the office works. Times are minutes since midnight in China.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Disjoint, ascending `(from, to)` of a working day.
    pub hours: Vec<(u16, u16)>,
    /// Days off although they fall on Monday to Friday.
    pub holidays: BTreeSet<Date>,
    /// Working days although they fall on a weekend.
    pub makeup_days: BTreeSet<Date>,
}

impl Default for Calendar {
    /// 8:30–12:00 and 14:00–18:00, Monday to Friday.
    fn default() -> Self {
        Self {
            hours: vec![(8 * 60 + 30, 12 * 60), (14 * 60, 18 * 60)],
            holidays: BTreeSet::new(),
            makeup_days: BTreeSet::new(),
        }
    }
}

/// A calendar without a working minute would never reach a deadline: counting stops here and the limit falls due.
const HORIZON_DAYS: i32 = 3660;

/// Most days off and make-up days that a calendar lists.
pub const MAX_DATES: usize = 400;

impl Calendar {
    /// Whether an office can work by it: spans in order within a day, and no day that is off and made up at once.
    pub fn is_sensible(&self) -> bool {
        let ends = self.hours.iter().flat_map(|(from, to)| [*from, *to]).collect::<Vec<_>>();
        let ordered = !ends.is_empty() && ends.windows(2).all(|two| two[0] < two[1]);
        let within_a_day = ends.iter().all(|end| *end <= 24 * 60);
        let listed = self.holidays.len() + self.makeup_days.len() <= MAX_DATES;
        let in_our_time = |date: &Date| (2000..2200).contains(&date.civil().0);
        let dates = self.holidays.iter().chain(&self.makeup_days).all(in_our_time);
        ordered && within_a_day && listed && dates && self.holidays.is_disjoint(&self.makeup_days)
    }

    pub fn is_workday(&self, date: Date) -> bool {
        (date.weekday() < 5 && !self.holidays.contains(&date)) || self.makeup_days.contains(&date)
    }

    /// When a limit that starts now runs out.
    ///
    /// Working days end at the close of business of the last day, and the day of the start does not count;
    /// calendar days and emergency hours run on through nights and holidays.
    pub fn deadline(&self, start: Timestamp, limit: Limit) -> Timestamp {
        let amount = i64::from(limit.amount);
        match limit.unit {
            LimitUnit::EmergencyHour => start + amount * HOUR,
            LimitUnit::CalendarDay => start + amount * DAY,
            LimitUnit::WorkingHour => self.after_working_minutes(start, amount * 60),
            LimitUnit::WorkingDay => self.end_of_workday(start, amount),
        }
    }

    /// Working minutes between two points in time; zero if `to` lies before `from`.
    pub fn working_minutes(&self, from: Timestamp, to: Timestamp) -> i64 {
        let mut total = 0;
        for (begin, end) in self.spans(from.date()).take_while(|(begin, _)| *begin < to) {
            total += ((end.min(to) - begin.max(from)) / MINUTE).max(0);
        }
        total
    }

    fn after_working_minutes(&self, start: Timestamp, minutes: i64) -> Timestamp {
        let mut left = minutes * MINUTE;
        for (begin, end) in self.spans(start.date()) {
            let begin = begin.max(start);
            if end - begin >= left {
                return begin + left;
            }
            left -= (end - begin).max(0);
        }
        start + minutes * MINUTE
    }

    fn end_of_workday(&self, start: Timestamp, days: i64) -> Timestamp {
        let first = start.date().next();
        let workdays = (first.0..first.0.saturating_add(HORIZON_DAYS)).map(Date).filter(|day| self.is_workday(*day));
        let close = i64::from(self.hours.last().map_or(24 * 60, |(_, to)| *to)) * MINUTE;
        let last = workdays.take(usize::try_from(days).unwrap_or(0)).last();
        last.map_or(start, |day| day.start() + close)
    }

    /// The working spans from a day on, in order.
    fn spans(&self, from: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let days = (from.0..from.0.saturating_add(HORIZON_DAYS)).map(Date).filter(|day| self.is_workday(*day));
        days.flat_map(|day| {
            let at = move |minute: u16| day.start() + i64::from(minute) * MINUTE;
            self.hours.iter().map(move |(from, to)| (at(*from), at(*to)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(day: u32, hour: i64, minute: i64) -> Timestamp {
        Date::new(2026, 10, day).unwrap().start() + hour * HOUR + minute * MINUTE
    }

    /// National Day 2026: 1–7 October off, Saturday 10 October made up.
    fn october() -> Calendar {
        let days = |from, to| (from..=to).filter_map(|day| Date::new(2026, 10, day)).collect();
        Calendar { holidays: days(1, 7), makeup_days: days(10, 10), ..Calendar::default() }
    }

    fn limit(amount: u32, unit: LimitUnit) -> Limit {
        Limit { amount, unit }
    }

    #[test]
    fn working_hours_stop_at_noon_and_go_on_the_next_morning() {
        let calendar = Calendar::default();
        assert_eq!(calendar.deadline(at(12, 11, 0), limit(2, LimitUnit::WorkingHour)), at(12, 15, 0));
        assert_eq!(calendar.deadline(at(12, 17, 0), limit(2, LimitUnit::WorkingHour)), at(13, 9, 30));
        assert_eq!(calendar.deadline(at(17, 10, 0), limit(1, LimitUnit::WorkingHour)), at(19, 9, 30), "Saturday");
    }

    #[test]
    fn a_holiday_is_skipped_and_a_makeup_saturday_counts() {
        let calendar = october();
        let before_the_holiday = Date::new(2026, 9, 30).unwrap().start() + 10 * HOUR;
        assert_eq!(calendar.deadline(before_the_holiday, limit(1, LimitUnit::WorkingDay)), at(8, 18, 0));
        assert_eq!(calendar.deadline(before_the_holiday, limit(3, LimitUnit::WorkingDay)), at(10, 18, 0));
    }

    #[test]
    fn emergency_hours_run_at_night_and_calendar_days_through_holidays() {
        let calendar = october();
        assert_eq!(calendar.deadline(at(2, 23, 0), limit(4, LimitUnit::EmergencyHour)), at(3, 3, 0));
        assert_eq!(calendar.deadline(at(2, 9, 0), limit(30, LimitUnit::CalendarDay)) - at(2, 9, 0), 30 * DAY);
    }

    #[test]
    fn a_calendar_without_working_time_still_gives_a_deadline() {
        let never = Calendar { hours: vec![], ..Calendar::default() };
        assert_eq!(never.deadline(at(12, 9, 0), limit(2, LimitUnit::WorkingHour)), at(12, 11, 0));
    }

    #[test]
    fn a_calendar_by_which_nobody_can_work_is_not_sensible() {
        assert!(october().is_sensible() && Calendar::default().is_sensible());
        let hours = |hours: &[(u16, u16)]| Calendar { hours: hours.to_vec(), ..october() };
        for wrong in [&[][..], &[(600, 600)], &[(700, 600)], &[(600, 1441)], &[(800, 900), (600, 700)]] {
            assert!(!hours(wrong).is_sensible(), "{wrong:?}");
        }
        let both = Calendar { makeup_days: october().holidays, ..october() };
        let many = Calendar { holidays: (20_000..20_401).map(Date).collect(), ..Calendar::default() };
        let absurd = Calendar { holidays: [Date(i32::MAX / 2)].into(), ..Calendar::default() };
        assert!(!both.is_sensible() && !many.is_sensible() && !absurd.is_sensible());
    }

    proptest! {
        #[test]
        fn a_working_hour_deadline_leaves_exactly_its_minutes(start in 0i64..60 * DAY, hours in 1u32..80) {
            let start = Timestamp(at(1, 0, 0).0 + start / MINUTE * MINUTE);
            let deadline = october().deadline(start, limit(hours, LimitUnit::WorkingHour));
            prop_assert_eq!(october().working_minutes(start, deadline), i64::from(hours) * 60);
        }

        #[test]
        fn more_time_never_falls_due_earlier(start in 0i64..60 * DAY, amount in 1u32..60, more in 1u32..20) {
            let start = Timestamp(at(1, 0, 0).0 + start);
            for unit in [LimitUnit::EmergencyHour, LimitUnit::WorkingHour, LimitUnit::WorkingDay, LimitUnit::CalendarDay] {
                let (short, long) = (limit(amount, unit), limit(amount + more, unit));
                prop_assert!(october().deadline(start, short) < october().deadline(start, long));
                prop_assert!(october().deadline(start, short) > start);
            }
        }
    }
}
