//! A filter as the query of an address, so that every list can be bookmarked: `zone=3&states=filed,rework&text=%E5%9E%83`.
//! One codec for the app's pages and the office's API. Names that it does not know belong to others and are left alone.

use std::fmt::Write as _;

use super::Filter;
use crate::id::ZoneId;
use crate::model::catalogue::PlaceType;
use crate::model::workflow::State;
use crate::time::Timestamp;

impl Filter {
    /// Only what narrows the list stands in it: a filter that shows everything is empty.
    pub fn query(&self) -> String {
        let states = self.states.iter().map(|state| state.code()).collect::<Vec<_>>().join(",");
        let zones = self.zones.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let flag = |on: bool| if on { "true".into() } else { String::new() };
        let parts = [
            ("states", states),
            ("zone", zones),
            ("kind", said(self.kind)),
            ("place_type", self.place_type.map(|it| it.code().to_owned()).unwrap_or_default()),
            ("assignee", said(self.assignee)),
            ("unassigned", flag(self.unassigned)),
            ("reporter", said(self.reporter)),
            ("supervised", flag(self.supervised)),
            ("overdue", flag(self.overdue)),
            ("undecided", flag(self.undecided)),
            ("asked", flag(self.asked)),
            ("linked", said(self.linked)),
            ("open", flag(self.open)),
            ("pressing", flag(self.pressing)),
            ("due_before", time(self.due_before)),
            ("reported_from", time(self.reported_from)),
            ("reported_before", time(self.reported_before)),
            ("closed_from", time(self.closed_from)),
            ("closed_before", time(self.closed_before)),
            ("text", self.text.trim().to_owned()),
        ];
        let pairs = parts.iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
    }

    /// `Err` names what is not understood.
    pub fn from_query(query: &str) -> Result<Self, String> {
        let mut filter = Self::default();
        for (name, value) in pairs(query).filter(|(_, value)| !value.is_empty()) {
            filter.take(&name, &value).ok_or_else(|| format!("{name} cannot be {:?}", excerpt(&value)))?;
        }
        Ok(filter)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "states" => self.states = value.split(',').map(State::from_code).collect::<Option<_>>()?,
            // Named several times, or with commas between: all of them.
            "zone" => self.zones.extend(value.split(',').map(|id| id.parse().ok()).collect::<Option<Vec<ZoneId>>>()?),
            "kind" => self.kind = Some(value.parse().ok()?),
            "place_type" => self.place_type = Some(PlaceType::from_code(value)?),
            "assignee" => self.assignee = Some(value.parse().ok()?),
            "unassigned" => self.unassigned = value.parse().ok()?,
            "reporter" => self.reporter = Some(value.parse().ok()?),
            "supervised" => self.supervised = value.parse().ok()?,
            "overdue" => self.overdue = value.parse().ok()?,
            "undecided" => self.undecided = value.parse().ok()?,
            "asked" => self.asked = value.parse().ok()?,
            "linked" => self.linked = Some(value.parse().ok()?),
            "open" => self.open = value.parse().ok()?,
            "pressing" => self.pressing = value.parse().ok()?,
            "due_before" => self.due_before = Some(Timestamp(value.parse().ok()?)),
            "reported_from" => self.reported_from = Some(Timestamp(value.parse().ok()?)),
            "reported_before" => self.reported_before = Some(Timestamp(value.parse().ok()?)),
            "closed_from" => self.closed_from = Some(Timestamp(value.parse().ok()?)),
            "closed_before" => self.closed_before = Some(Timestamp(value.parse().ok()?)),
            "text" => self.text = value.chars().take(MAX_SEARCH).collect(),
            _ => {}
        }
        Some(())
    }
}

/// Longest search text, in characters.
pub const MAX_SEARCH: usize = 100;

/// The value of one name in a query.
pub fn value_of(query: &str, name: &str) -> Option<String> {
    pairs(query).find(|(found, _)| found == name).map(|(_, value)| value)
}

fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let pairs = query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (plain(name), plain(value)))
}

fn said<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn time(at: Option<Timestamp>) -> String {
    said(at.map(|at| at.0))
}

fn excerpt(value: &str) -> String {
    value.chars().take(20).collect()
}

/// As RFC 3986 wants it; what is written plainly here is plain in every browser, too.
pub fn escaped(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' | b'/' => text.push(byte.into()),
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

fn plain(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| base16ct::mixed::decode_vec(two).ok()).filter(|_| *first == b'%');
        rest = if hex.is_some() { &tail[2..] } else { tail };
        let plus = if *first == b'+' { b' ' } else { *first };
        bytes.push(hex.map_or(plus, |hex| hex[0]));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{IssueId, PersonId};
    use crate::model::catalogue::CATALOGUE;
    use proptest::prelude::*;

    type Flags = (bool, bool, bool, bool, bool);

    fn filter(
        states: u16,
        ids: (Option<u32>, Option<usize>, Option<u32>),
        flags: Flags,
        times: [Option<i64>; 5],
    ) -> Filter {
        let (zone, kind, person) = ids;
        let [due_before, reported_from, reported_before, closed_from, closed_before] =
            times.map(|at| at.map(Timestamp));
        let chosen = |(at, state): (usize, State)| (states >> at & 1 == 1).then_some(state);
        Filter {
            states: State::ALL.into_iter().enumerate().filter_map(chosen).collect(),
            zones: zone.into_iter().flat_map(|zone| [ZoneId(zone), ZoneId(zone / 2)]).collect(),
            kind: kind.map(|at| CATALOGUE[at % CATALOGUE.len()].kind),
            place_type: kind.map(|at| PlaceType::ALL[at % PlaceType::ALL.len()]),
            assignee: person.map(PersonId),
            unassigned: flags.0 != flags.4,
            reporter: person.map(PersonId),
            supervised: flags.0,
            overdue: flags.1,
            undecided: flags.2,
            asked: flags.2 != flags.3,
            linked: person.map(|person| IssueId([person as u8; 16])),
            open: flags.3,
            pressing: flags.4,
            due_before,
            reported_from,
            reported_before,
            closed_from,
            closed_before,
            text: String::new(),
            own: vec![],
        }
    }

    proptest! {
        #[test]
        fn every_filter_reads_back_from_its_address(
            states in any::<u16>(), ids in any::<(Option<u32>, Option<usize>, Option<u32>)>(), flags in any::<Flags>(),
            times in any::<[Option<i64>; 5]>(), text in ".{0,40}"
        ) {
            let filter = Filter { text: text.trim().into(), ..filter(states, ids, flags, times) };
            let query = filter.query();
            prop_assert!(query.is_ascii() && !query.contains(' '));
            prop_assert_eq!(Filter::from_query(&query), Ok(filter));
        }

        #[test]
        fn no_address_is_too_strange_to_be_read(query in ".{0,200}") {
            let _ = Filter::from_query(&query);
        }
    }

    #[test]
    fn what_a_browser_writes_is_read_too_and_what_belongs_to_others_is_left_alone() {
        let filter = Filter::from_query("?text=%e6%97%b1%E5%8E%95+%31&view=zone&zone=&open=true").unwrap();
        assert_eq!(filter, Filter { text: "旱厕 1".into(), open: true, ..Filter::default() });
        assert_eq!(value_of("view=zone&zone=3", "zone").as_deref(), Some("3"));
        let zones = |query| Filter::from_query(query).map(|filter| filter.zones);
        assert_eq!(zones("zone=3,5&zone=4"), Ok([3, 4, 5].map(ZoneId).into()));
        assert_eq!(zones("zone=3,x"), Err("zone cannot be \"3,x\"".into()));
        assert_eq!(Filter::from_query("overdue=perhaps"), Err("overdue cannot be \"perhaps\"".into()));
    }
}
