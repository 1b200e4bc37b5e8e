//! Points in time and civil dates, as plain arithmetic. Nobody here can ask what time it is.

use std::fmt;
use std::ops::{Add, Sub};

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Milliseconds in a day.
pub const DAY: i64 = 86_400_000;
/// Milliseconds in an hour.
pub const HOUR: i64 = 3_600_000;
/// Milliseconds in a minute.
pub const MINUTE: i64 = 60_000;
/// China has one civil time, UTC+8, without summer time. In milliseconds.
pub const CHINA_OFFSET: i64 = 8 * HOUR;

/// Milliseconds since the Unix epoch, UTC. May be negative or absurd when a phone claims it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

impl Timestamp {
    pub const MAX: Self = Self(i64::MAX);

    /// The civil day in China.
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.saturating_add(CHINA_OFFSET).div_euclid(DAY)).unwrap_or(0))
    }

    /// Minutes since midnight in China, 0 to 1439.
    pub fn minute_of_day(self) -> i64 {
        self.0.saturating_add(CHINA_OFFSET).rem_euclid(DAY) / MINUTE
    }

    /// `2026-11-23T09:05:00+08:00`, for exports, logs and the office's SQL.
    pub fn rfc3339(self) -> String {
        let second = self.0.saturating_add(CHINA_OFFSET).rem_euclid(DAY) / 1000 % 60;
        let minute = self.minute_of_day();
        format!("{}T{:02}:{:02}:{second:02}+08:00", self.date(), minute / 60, minute % 60)
    }
}

impl Add<i64> for Timestamp {
    type Output = Self;

    fn add(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl Sub for Timestamp {
    type Output = i64;

    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// A civil day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = Self(days_from_civil(year, month, day));
        (date.civil() == (year, month, day)).then_some(date)
    }

    /// (year, month, day) in the Gregorian calendar.
    pub fn civil(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
        let month = (if shifted < 10 { shifted + 3 } else { shifted - 9 }) as u32;
        let year = (year_of_era + era * 400) as i32 + i32::from(month <= 2);
        (year, month, day)
    }

    /// Monday is 0, Sunday 6.
    pub fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }

    /// Midnight in China at the beginning of this day.
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY - CHINA_OFFSET)
    }

    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Howard Hinnant's published algorithm for the proleptic Gregorian calendar.
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let (month, day) = (i64::from(month), i64::from(day));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as i32
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl std::str::FromStr for Date {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().map_err(|_| ()));
        let mut part = || parts.next().ok_or(())?;
        let (year, month, day) = (part()?, part()?, part()?);
        Self::new(i32::try_from(year).map_err(|_| ())?, month, day).ok_or(())
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(|()| serde::de::Error::custom("not a date yyyy-mm-dd"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_day_reads_back_from_its_civil_date(days in -800_000i32..800_000) {
            let (year, month, day) = Date(days).civil();
            prop_assert_eq!(Date::new(year, month, day), Some(Date(days)));
        }
    }

    #[test]
    fn a_known_day_has_its_weekday_and_its_local_clock() {
        let monday = Date::new(2026, 11, 23).unwrap();
        assert_eq!((monday.weekday(), monday.to_string()), (0, "2026-11-23".into()));
        assert_eq!((monday.start() + 9 * HOUR + 5 * MINUTE).rfc3339(), "2026-11-23T09:05:00+08:00");
        assert_eq!(Date::new(2026, 2, 29), None);
    }
}
