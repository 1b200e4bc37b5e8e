//! Numbers that another list used already for something else: two lists that both begin at 1 are two lists. Knows the documents of
//! the issues that came in under these numbers, not where they are stored.

use std::collections::BTreeMap;

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::import::{Draft, Fault, Field, MAX_FAULTS, Sheet, Why};
use xiaohao_shared::model::Issue;

use crate::store::documents::Stored;

/// Makes faults of the rows that say something else than the issue that has their number.
pub fn tell(sheet: &mut Sheet, others: &[Stored]) {
    let first: BTreeMap<IssueId, Issue> = others.iter().filter_map(|it| Some((it.issue, as_reported(it)?))).collect();
    let column = sheet.columns.at(Field::Number).map(|column| column as u32);
    let is_taken = |draft: &Draft| first.get(&draft.issue).is_some_and(|first| !draft.is_report_of(first));
    let (taken, drafts): (Vec<Draft>, _) = std::mem::take(&mut sheet.drafts).into_iter().partition(is_taken);
    sheet.drafts = drafts;
    sheet.fault_count += taken.len() as u32;
    let fault = |draft: Draft| Fault {
        row: draft.row,
        column,
        field: Field::Number,
        why: Why::NumberTaken,
        said: draft.number,
        other: Some(draft.issue),
    };
    sheet.faults.extend(taken.into_iter().map(fault));
    sheet.faults.sort_by_key(|fault| fault.row);
    sheet.faults.truncate(MAX_FAULTS);
}

/// What the first change said. What was corrected since makes no other issue of it.
fn as_reported(stored: &Stored) -> Option<Issue> {
    let document = Document::load(&stored.bytes).ok()?;
    let (first, _) = *document.authors().first()?;
    document.read_at(stored.issue, &[first]).ok()
}
