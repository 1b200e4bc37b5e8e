//! What a phone lets go of where its storage runs full, and in which order: photos, and the documents of issues that were closed
//! long ago, whose rows stay. Knows no storage.

use crate::id::PhotoId;
use crate::model::summary::Summary;
use crate::time::{DAY, Timestamp};

/// Hundredths of the storage from which on photos go, and people are told.
pub const TIGHT: u64 = 80;
/// Hundredths at which it is enough.
const EASED: u64 = 70;

/// A photo on this phone, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub id: PhotoId,
    pub bytes: u64,
    /// Nobody else has it yet: an upload waits, or a begun report names it.
    pub only_here: bool,
    /// Somebody still has to work with the issue.
    pub is_open: bool,
    pub worth: Worth,
}

/// What a photo is worth to this phone, and to an office that is restored from a backup. The least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Somebody else took it.
    Foreign,
    Mine,
    /// Taken here less than [`FRESH`] ago: the newest backup of the office may not hold it yet.
    Fresh,
}

/// Milliseconds in which an office surely makes a backup.
pub const FRESH: i64 = 7 * DAY;

/// Milliseconds after which an issue that was closed is hardly opened again, and is in every backup of the office.
const SPENT: i64 = 30 * DAY;

/// Whether its document is worth so little that a phone which is nearly full may fetch it again when it is opened.
pub fn is_spent(row: &Summary, now: Timestamp) -> bool {
    let is_closed = row.closed_at.is_some_and(|at| now - at > SPENT);
    is_closed && now - row.touched_at > SPENT && !row.undecided && !row.asked
}

pub fn is_tight(used: u64, quota: u64) -> bool {
    // Some browsers do not tell.
    quota > 0 && used / TIGHT >= quota / 100
}

/// Bytes to free.
pub fn excess(used: u64, quota: u64) -> u64 {
    if is_tight(used, quota) { used.saturating_sub(quota / 100 * EASED) } else { 0 }
}

/// What goes so that at most `most` stay and `excess` bytes are free: photos of closed issues first, then those that others took,
/// each the oldest first, which is how they come; those of the last days after all others. One that is only here stays, however
/// full it is.
pub fn let_go(oldest_first: Vec<Kept>, most: usize, excess: u64) -> Vec<PhotoId> {
    let (surplus, mut freed) = (oldest_first.len().saturating_sub(most), 0);
    let mut may_go: Vec<Kept> = oldest_first.into_iter().filter(|photo| !photo.only_here).collect();
    may_go.sort_by_key(|photo| (photo.worth == Worth::Fresh, photo.is_open, photo.worth));
    let mut gone = Vec::new();
    for photo in may_go {
        if gone.len() >= surplus && freed >= excess {
            break;
        }
        freed += photo.bytes;
        gone.push(photo.id);
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUE, reported};

    const OLD: Kept =
        Kept { id: PhotoId([0; 32]), bytes: 100, only_here: false, is_open: false, worth: Worth::Foreign };

    fn named(name: u8, photo: Kept) -> Kept {
        Kept { id: PhotoId([name; 32]), ..photo }
    }

    fn gone(photos: &[Kept], most: usize, excess: u64) -> Vec<u8> {
        let_go(photos.to_vec(), most, excess).into_iter().map(|id| id.0[0]).collect()
    }

    #[test]
    fn closed_issues_go_first_then_what_others_took_and_the_oldest_of_each() {
        let mine = Kept { worth: Worth::Mine, ..OLD };
        let fresh = Kept { worth: Worth::Fresh, ..OLD };
        let all = [
            named(1, Kept { is_open: true, ..mine }),
            named(2, Kept { is_open: true, ..OLD }),
            named(6, fresh),
            named(3, mine),
            named(4, OLD),
            named(5, OLD),
        ];
        assert_eq!(gone(&all, 9, 1_000), [4, 5, 3, 2, 1, 6], "what no backup may hold yet goes last");
        assert_eq!(gone(&all, 9, 101), [4, 5], "no more than is needed");
        assert_eq!(gone(&all, 3, 0), [4, 5, 3], "too many are too many, whatever room there is");
        assert_eq!(gone(&all, 9, 0), [0; 0]);
    }

    #[test]
    fn what_nobody_else_has_stays_however_full_the_phone_is() {
        let unsent = Kept { only_here: true, ..OLD };
        assert_eq!(gone(&[named(1, unsent), named(2, OLD), named(3, unsent)], 0, u64::MAX), [2]);
    }

    #[test]
    fn a_document_is_spent_when_its_issue_was_closed_long_ago_and_nobody_touched_it_since() {
        let (document, _) = reported();
        let open = Summary::of(&document.read(ISSUE).expect("an issue"), None, false);
        let now = open.touched_at + 100 * DAY;
        let closed = Summary { closed_at: Some(now + -40 * DAY), touched_at: now + -40 * DAY, ..open.clone() };
        assert!(is_spent(&closed, now));
        assert!(!is_spent(&closed, now + -11 * DAY), "a backup may not hold it yet");
        assert!(!is_spent(&open, now), "somebody still has to work with it");
        assert!(!is_spent(&Summary { touched_at: now, ..closed.clone() }, now), "somebody remarked on it today");
        assert!(!is_spent(&Summary { undecided: true, ..closed }, now));
    }

    #[test]
    fn four_fifths_are_tight_and_a_browser_that_does_not_tell_is_not() {
        assert_eq!([is_tight(799, 1_000), is_tight(800, 1_000), is_tight(9, 0)], [false, true, false]);
        assert_eq!([excess(700, 1_000), excess(900, 1_000)], [0, 200]);
    }
}
