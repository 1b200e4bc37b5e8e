//! Where the book of a frozen month and what is known today do not agree about one issue. Pure; the months and the store are somebody
//! else's.

use super::behind::Drift;
use super::catalogue::Kind;
use super::settlement::{Known, Month, Posting};
use crate::id::ZoneId;

/// A posting, and whether its end came late to the month that booked it.
pub type Entered = (Posting, bool);

/// Each difference, under the zone and kind of whoever has the issue: the book where it is gone from there, else today.
pub fn drifts(known: &Known, entered: &[Entered], month: Month) -> Vec<(Drift, ZoneId, Kind)> {
    let gone = entered.iter().filter(|(posting, _)| is_gone(known, posting, month));
    let mut found: Vec<_> = gone.map(|(posting, _)| (Drift::Gone, posting.zone, posting.kind)).collect();
    let others = [
        (Drift::Come, has_come(known, entered, month)),
        (Drift::Missed, is_missed(known, entered, month)),
        (Drift::Otherwise, ended_otherwise(known, entered, month)),
    ];
    found.extend(others.into_iter().filter(|(_, differs)| *differs).map(|(drift, _)| (drift, known.zone, known.kind)));
    found
}

/// In the closing stock of the book.
fn stands_in_book(posting: &Posting, month: Month) -> bool {
    posting.entered <= Some(month) && posting.ended.is_none_or(|(at, _)| at > Some(month))
}

/// In what the closing stock would be today.
fn stands_today(known: &Known, month: Month) -> bool {
    known.reported < month.end() && known.ended.is_none_or(|(at, _)| at >= month.end())
}

fn has_its_place(known: &Known, posting: &Posting) -> bool {
    (posting.zone, posting.kind) == (known.zone, known.kind)
}

/// An issue that is on both sides, but under another zone or kind, is gone from the one and has come to the other.
fn is_gone(known: &Known, posting: &Posting, month: Month) -> bool {
    stands_in_book(posting, month) && !(stands_today(known, month) && has_its_place(known, posting))
}

fn has_come(known: &Known, entered: &[Entered], month: Month) -> bool {
    let has_it = |(posting, _): &Entered| stands_in_book(posting, month) && has_its_place(known, posting);
    stands_today(known, month) && !entered.iter().any(has_it)
}

fn is_missed(known: &Known, entered: &[Entered], month: Month) -> bool {
    month.holds(known.reported) && entered.iter().all(|(posting, _)| posting.entered != Some(month))
}

fn ended_otherwise(known: &Known, entered: &[Entered], month: Month) -> bool {
    let today = known.ended.filter(|(at, _)| month.holds(*at)).map(|(_, how)| how);
    let booked =
        |(posting, late): &Entered| posting.ended.filter(|(at, _)| *at == Some(month)).map(|(_, how)| (how, *late));
    let told = today.is_none_or(|how| entered.iter().filter_map(booked).any(|(booked, _)| booked == how));
    // What the book has as late did not end in this month, and is as it says.
    !told || entered.iter().filter_map(booked).any(|(booked, late)| !late && today != Some(booked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue::CATALOGUE;
    use crate::model::settlement::{Ending, count, post};
    use crate::time::{DAY, Timestamp};
    use proptest::prelude::*;

    const OCTOBER: Month = Month { year: 2026, month: 10 };

    fn known() -> impl Strategy<Value = Known> {
        let end = prop::option::of((0i64..70, any::<bool>()));
        (-40i64..70, end, 1u32..3, 0usize..2).prop_map(|(day, end, zone, kind)| {
            let reported = OCTOBER.start() + day * DAY;
            let ending = |void| if void { Ending::Void } else { Ending::Struck };
            let ended = end.map(|(days, void)| (reported + days * DAY, ending(void)));
            Known { zone: ZoneId(zone), kind: CATALOGUE[kind].kind, reported, ended }
        })
    }

    fn entered(known: &Known, month: Month, is_first: bool) -> Vec<Entered> {
        post(known, None, month, is_first).map(|posting| (posting, known.is_late(month)[1])).into_iter().collect()
    }

    proptest! {
        #[test]
        fn what_has_not_changed_since_its_first_month_was_frozen_does_not_differ(known in known()) {
            prop_assert_eq!(drifts(&known, &entered(&known, OCTOBER, true), OCTOBER), []);
        }

        #[test]
        fn the_stock_of_today_is_that_of_the_book_without_what_is_gone_and_with_what_has_come(
            then in prop::option::of(known()), today in known(), is_first in any::<bool>(),
        ) {
            let booked = then.as_ref().map(|then| entered(then, OCTOBER, is_first)).unwrap_or_default();
            let mut lines = Default::default();
            if let (Some(then), Some((posting, _))) = (&then, booked.first()) {
                count(&mut lines, then, posting, OCTOBER);
            }
            let mut stock: std::collections::BTreeMap<_, i64> =
                lines.into_iter().map(|(key, line)| (key, line.closing as i64)).collect();
            for (drift, zone, kind) in drifts(&today, &booked, OCTOBER) {
                *stock.entry((zone, kind)).or_default() += match drift {
                    Drift::Gone => -1,
                    Drift::Come => 1,
                    Drift::Missed | Drift::Otherwise => 0,
                };
            }
            for (key, count) in stock {
                let stands = stands_today(&today, OCTOBER) && key == (today.zone, today.kind);
                prop_assert_eq!(count, i64::from(stands));
            }
        }

        #[test]
        fn what_is_reported_after_a_month_and_stands_in_no_book_differs_from_none(known in known()) {
            let known = Known { reported: known.reported.max(OCTOBER.end()), ended: None, ..known };
            prop_assert_eq!(drifts(&known, &[], OCTOBER), []);
        }
    }

    #[test]
    fn an_end_that_the_book_does_not_have_or_has_otherwise_is_told_and_one_that_came_late_is_not() {
        let at = |day: i64| OCTOBER.start() + day * DAY;
        let known = |ended| Known { zone: ZoneId(1), kind: CATALOGUE[0].kind, reported: at(-3), ended };
        let booked = |ended: Option<(Timestamp, Ending)>| entered(&known(ended), OCTOBER, false);
        let otherwise = |today, booked: &[Entered]| {
            drifts(&known(today), booked, OCTOBER).iter().any(|(drift, ..)| *drift == Drift::Otherwise)
        };
        let (struck, void) = (Some((at(5), Ending::Struck)), Some((at(5), Ending::Void)));
        assert!(
            otherwise(struck, &booked(None)) && otherwise(struck, &booked(void)) && otherwise(None, &booked(struck))
        );
        assert!(!otherwise(struck, &booked(struck)));
        let late = Some((at(-1), Ending::Struck));
        assert!(!otherwise(late, &booked(late)), "the book says that it came late");
    }
}
