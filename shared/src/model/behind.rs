//! Which issues stand behind a figure of the desk's books: the words for it in addresses. What each of them counts is defined where it
//! is counted, in [`super::settlement`], in [`super::indicator`], and at the office for its weekly lists.

use std::fmt;
use std::str::FromStr;

use super::catalogue::Kind;
use super::filter::address::value_of;
use super::settlement::Month;
use crate::id::ZoneId;
use crate::time::DAY;

/// From when on a problem has waited for long.
pub const LONG_STANDING: i64 = 90 * DAY;

/// One month or several in their order, written `2026-11` or `2026-07_2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months {
    pub from: Month,
    pub to: Month,
}

impl From<Month> for Months {
    fn from(month: Month) -> Self {
        Self { from: month, to: month }
    }
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}_{}", self.from, self.to) }
    }
}

impl FromStr for Months {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once('_').unwrap_or((text, text));
        let (from, to) = (from.parse()?, to.parse()?);
        if from > to { Err("the months are not in their order".into()) } else { Ok(Self { from, to }) }
    }
}

/// A figure of a line of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Opening,
    Entered,
    EnteredLate,
    Struck,
    StruckLate,
    Voided,
    VoidedLate,
    Closing,
    /// What the closing stock would be by what is known today.
    Live,
}

impl Settled {
    pub const ALL: [Self; 9] = [
        Self::Opening,
        Self::Entered,
        Self::EnteredLate,
        Self::Struck,
        Self::StruckLate,
        Self::Voided,
        Self::VoidedLate,
        Self::Closing,
        Self::Live,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Entered => "entered",
            Self::EnteredLate => "entered_late",
            Self::Struck => "struck",
            Self::StruckLate => "struck_late",
            Self::Voided => "voided",
            Self::VoidedLate => "voided_late",
            Self::Closing => "closing",
            Self::Live => "live",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.code() == code)
    }
}

/// How the book of a month differs from what is known today, each issue under its zone and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The closing stock of the book has it, and by what is known today it was not there.
    Gone,
    /// It was there by what is known today, and the closing stock of the book does not have it.
    Come,
    /// It was reported in the month, and the book does not have it among what is new: it came after that was frozen.
    Missed,
    /// It ended in the month and the book does not say so, or the other way round, or not in this way. What the book has as late did
    /// not end in the month, and is as it says.
    Otherwise,
}

impl Drift {
    pub const ALL: [Self; 4] = [Self::Gone, Self::Come, Self::Missed, Self::Otherwise];

    pub fn code(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Come => "come",
            Self::Missed => "missed",
            Self::Otherwise => "otherwise",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|drift| drift.code() == code)
    }
}

/// A count that an indicator or a report is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    Due,
    Handled,
    InTime,
    HandedIn,
    Reworked,
    Overdue,
    Extended,
    Reported,
    Recurred,
    Struck,
    /// Found and neither struck off nor voided at the end of the time, or now.
    Open,
    /// Struck off after having waited for long.
    Solved,
    /// Struck off with pictures of before and of after.
    Pictured,
    /// With a note of a contact with residents; one may have several.
    Contacted,
    /// Illegal building that was known at the end of the time, the last one first: from its report the days are counted.
    Watched,
}

impl Measured {
    pub const ALL: [Self; 15] = [
        Self::Due,
        Self::Handled,
        Self::InTime,
        Self::HandedIn,
        Self::Reworked,
        Self::Overdue,
        Self::Extended,
        Self::Reported,
        Self::Recurred,
        Self::Struck,
        Self::Open,
        Self::Solved,
        Self::Pictured,
        Self::Contacted,
        Self::Watched,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Handled => "handled",
            Self::InTime => "in_time",
            Self::HandedIn => "handed_in",
            Self::Reworked => "reworked",
            Self::Overdue => "overdue",
            Self::Extended => "extended",
            Self::Reported => "reported",
            Self::Recurred => "recurred",
            Self::Struck => "struck",
            Self::Open => "open",
            Self::Solved => "solved",
            Self::Pictured => "pictured",
            Self::Contacted => "contacted",
            Self::Watched => "watched",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.code() == code)
    }
}

/// What became of the issues of a weekly list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    Struck,
    HandedIn,
    /// Neither handed in nor at its end.
    Unsettled,
    Void,
    /// Struck off or void.
    Ended,
    /// Not at its end: handed in, or not even that.
    Left,
}

impl Became {
    pub const ALL: [Self; 6] = [Self::Struck, Self::HandedIn, Self::Unsettled, Self::Void, Self::Ended, Self::Left];

    pub fn code(self) -> &'static str {
        match self {
            Self::Struck => "struck",
            Self::HandedIn => "handed_in",
            Self::Unsettled => "unsettled",
            Self::Void => "void",
            Self::Ended => "ended",
            Self::Left => "left",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|became| became.code() == code)
    }
}

/// Of which zone and kind; `None` is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Within {
    pub zone: Option<ZoneId>,
    pub kind: Option<Kind>,
}

impl Within {
    pub fn query(self) -> String {
        let zone = self.zone.map(|zone| format!("zone={zone}"));
        let kind = self.kind.map(|kind| format!("kind={kind}"));
        [zone, kind].into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    /// `None` where it names what cannot be.
    pub fn from_query(query: &str) -> Option<Self> {
        let (zone, kind) = (value_of(query, "zone"), value_of(query, "kind"));
        Some(Self {
            zone: zone.map(|it| it.parse()).transpose().ok()?,
            kind: kind.map(|it| it.parse()).transpose().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_and_every_place_reads_back_from_its_address() {
        for figure in Settled::ALL {
            assert_eq!(Settled::from_code(figure.code()), Some(figure));
        }
        for drift in Drift::ALL {
            assert_eq!(Drift::from_code(drift.code()), Some(drift));
        }
        for figure in Measured::ALL {
            assert_eq!(Measured::from_code(figure.code()), Some(figure));
        }
        for became in Became::ALL {
            assert_eq!(Became::from_code(became.code()), Some(became));
        }
        let kind = Kind { edition: 2026, code: 6901 };
        for within in [
            Within::default(),
            Within { zone: Some(ZoneId(3)), kind: None },
            Within { zone: Some(ZoneId(3)), kind: Some(kind) },
        ] {
            assert_eq!(Within::from_query(&within.query()), Some(within));
        }
        assert_eq!(Within::from_query("zone=x"), None);
        for months in ["2026-11", "2026-07_2026-11"] {
            assert_eq!(months.parse::<Months>().map(|it| it.to_string()).as_deref(), Ok(months));
        }
        for wrong in ["2026-11_2026-07", "2026-13", "", "2026-01_"] {
            assert!(wrong.parse::<Months>().is_err(), "{wrong}");
        }
    }
}
