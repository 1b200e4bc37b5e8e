//! A saved document from elsewhere: loaded within bounds, and whatever loads can be read, stored and loaded again.

use xiaohao_shared::doc::Document;
use xiaohao_shared::model::summary::Summary;

use crate::caught;
use crate::chunk::{Parts, body, sealed};
use crate::office::{self, ISSUE};

/// Actors and heads; then the columns of the changes and those of the operations.
pub const PARTS: Parts = Parts { head: "ah", layouts: 2, before: 0 };

/// Documents as inputs: empty, new, and with work of three people in it.
pub fn seeds() -> Vec<Vec<u8>> {
    let (new, _) = office::reported();
    let mut worked = new.clone();
    for (id, person) in office::people().iter().take(3).enumerate() {
        let mut own = new.clone();
        own.edit(office::actor(person), &office::remark(person.id, id + 1, "到现场了")).expect("an edit");
        worked.merge(&mut own).expect("a merge");
    }
    [Document::default(), new, worked].iter().map(|document| body(&document.save()).to_vec()).collect()
}

/// `data` is the body of a document.
pub fn document(data: &[u8]) {
    let Some(Ok(document)) = caught(|| Document::load(&sealed(0, data))) else { return };
    if let Ok(issue) = document.read(ISSUE) {
        let conflicts = document.conflicts();
        let summary = Summary::of(&issue, None, !conflicts.is_empty());
        assert_eq!(summary.zone, issue.zone);
    }
    document.brought_by();
    document.authors();
    // A forged count of operations passes Automerge's check of the heads and makes it panic only here. No document comes from a
    // stranger: phones take them from the hub, the hub makes its own from changes.
    if let Some(changes) = caught(|| document.changes()) {
        assert_eq!(changes.len(), document.change_count());
    }
    let again = Document::load(&document.save()).expect("what loads also loads after saving");
    assert_eq!(again.heads(), document.heads());
    assert_eq!(again.read(ISSUE), document.read(ISSUE));
}
