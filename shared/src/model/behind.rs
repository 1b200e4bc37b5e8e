//! Which issues stand behind a figure of the desk's books: the words for it in addresses. What each of them counts is defined where it
//! is counted, in [`super::settlement`] and [`super::indicator`].

use super::catalogue::Kind;
use super::filter::address::value_of;
use crate::id::ZoneId;

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

/// How the closing stock of the book differs from what is known today, each issue under its zone and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The book has it, and by what is known today it was not there.
    Gone,
    /// It was there by what is known today, and the book does not have it.
    Come,
}

impl Drift {
    pub const ALL: [Self; 2] = [Self::Gone, Self::Come];

    pub fn code(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Come => "come",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|drift| drift.code() == code)
    }
}

/// A count that an indicator is made of.
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
}

impl Measured {
    pub const ALL: [Self; 10] = [
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
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.code() == code)
    }
}

/// Of which zone and kind; `None` is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Within {
    pub zone: Option<ZoneId>,
    pub kind: Option<Kind>,
}

impl Within {
    pub fn holds(self, zone: ZoneId, kind: Kind) -> bool {
        self.zone.is_none_or(|it| it == zone) && self.kind.is_none_or(|it| it == kind)
    }

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
        let kind = Kind { edition: 2026, code: 6901 };
        for within in [
            Within::default(),
            Within { zone: Some(ZoneId(3)), kind: None },
            Within { zone: Some(ZoneId(3)), kind: Some(kind) },
        ] {
            assert_eq!(Within::from_query(&within.query()), Some(within));
        }
        assert_eq!(Within::from_query("zone=x"), None);
    }
}
