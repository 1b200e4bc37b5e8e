//! What a list says of issues that came in under its numbers: two lists that both begin at 1 are two lists, and a row that was put
//! right is still its issue. Knows the documents of those issues, not where they are stored.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::import::{Draft, Fault, Field, Kinship, MAX_FAULTS, Note, Noted, Sheet, Why};
use xiaohao_shared::model::Issue;

use super::rows::{Struck, excerpt};
use crate::store::documents::Stored;

/// Makes faults of the rows that say something else than the issue that has their number, and notes of those that were corrected and
/// say something else than the issue does today.
pub fn tell(sheet: &mut Sheet, here: &BTreeMap<IssueId, Reads>) {
    let column = sheet.columns.at(Field::Number).map(|column| column as u32);
    let kinship = |draft: &Draft| here.get(&draft.issue).map_or(Kinship::Same, |it| draft.against(&it.first));
    let (taken, drafts): (Vec<Draft>, _) =
        std::mem::take(&mut sheet.drafts).into_iter().partition(|draft| kinship(draft) == Kinship::Other);
    let is_so = |draft: &Draft| {
        let now = here.get(&draft.issue).and_then(|it| it.now.as_ref());
        now.is_some_and(|now| draft.against(now) == Kinship::Same)
    };
    let corrected = drafts.iter().filter(|draft| kinship(draft) == Kinship::Corrected && !is_so(draft));
    sheet.notes.extend(corrected.map(|draft| Note {
        row: draft.row,
        what: Noted::Corrected,
        said: draft.number.clone(),
        issue: draft.issue,
    }));
    sheet.drafts = drafts;
    sheet.fault_count += taken.len() as u32;
    let fault = |draft: Draft| Fault {
        row: draft.row,
        column,
        field: Some(Field::Number),
        why: Why::NumberTaken,
        said: draft.number,
        other: Some(draft.issue),
    };
    sheet.faults.extend(taken.into_iter().map(fault));
    sheet.faults.sort_by_key(|fault| fault.row);
    sheet.faults.truncate(MAX_FAULTS);
}

/// Notes whom the rows that are new name as responsible without his being put in charge.
pub fn tell_not_in_charge(sheet: &mut Sheet) {
    let named = sheet.drafts.iter().filter(|draft| !draft.known && !draft.not_in_charge.is_empty());
    let note = |draft: &Draft| Note {
        row: draft.row,
        what: Noted::NotInCharge,
        said: excerpt(&draft.not_in_charge),
        issue: draft.issue,
    };
    sheet.notes.extend(named.map(note));
}

/// Notes the rows that the list calls struck off while their issues stand open here.
pub fn tell_open(sheet: &mut Sheet, struck: Vec<Struck>, here: &BTreeMap<IssueId, Reads>) {
    let stands_open = |row: &Struck| here.get(&row.issue).is_some_and(|reads| is_open(row, reads));
    let note = |row: Struck| Note { row: row.row, what: Noted::StillOpen, said: row.said, issue: row.issue };
    sheet.notes.extend(struck.into_iter().filter(stands_open).map(note));
    // Those to whom a person was not put in charge are often all rows of a list; the others are what somebody has to look at.
    sheet.notes.sort_by_key(|note| (note.what == Noted::NotInCharge, note.row));
    sheet.note_count = sheet.notes.len() as u32;
    sheet.notes.truncate(MAX_FAULTS);
}

/// Open, and not the issue of another list that numbers its rows the same way.
fn is_open(row: &Struck, reads: &Reads) -> bool {
    let other = |draft: &Draft| draft.against(&reads.first) == Kinship::Other;
    reads.now.as_ref().is_some_and(|now| now.state.is_open()) && !row.draft.as_ref().is_some_and(other)
}

/// Reads documents until nobody waits for them any more.
pub fn read(stored: &[Stored], gone: &AtomicBool) -> Vec<(IssueId, Reads)> {
    let awaited = stored.iter().take_while(|_| !gone.load(Ordering::Relaxed));
    awaited.filter_map(|stored| Some((stored.issue, Reads::of(stored)?))).collect()
}

/// What a document says.
pub struct Reads {
    /// What the first change said. What was corrected since makes no other issue of it.
    first: Issue,
    now: Option<Issue>,
}

impl Reads {
    fn of(stored: &Stored) -> Option<Self> {
        let document = Document::load(&stored.bytes).ok()?;
        let (first, _) = *document.authors().first()?;
        let first = document.read_at(stored.issue, &[first]).ok()?;
        Some(Self { first, now: document.read(stored.issue).ok() })
    }
}
