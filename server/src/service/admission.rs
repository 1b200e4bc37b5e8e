//! What may join the log: every foreign change is screened, recognised, judged and tried on a copy before a byte of it is
//! stored as admitted. Knows no SQL; the caller brings the document and what the office knows.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use xiaohao_shared::doc::admit::{self, AdmitError};
use xiaohao_shared::doc::screen::{Screened, screen};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::policy::{Before, Denied, Known, judge};
use xiaohao_shared::model::rules::Rules;
use xiaohao_shared::model::{Issue, Person};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::MAX_CHANGES;

/// A document that grew beyond this is not merged any further; a successor issue has to be opened.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;
/// Nor one of more changes: a thousand of them may be as short as one, and no phone could bring back more after a restore.
const MAX_DOCUMENT_CHANGES: usize = MAX_CHANGES;

/// Who pushes, and what the office knows of him and of itself.
#[derive(Clone)]
pub struct Bench {
    pub device: DeviceId,
    pub person: Person,
    /// What this person was before, newest first.
    pub former: Vec<Person>,
    pub known: Arc<Known>,
    pub calendar: Arc<Calendar>,
    pub rules: Arc<Rules>,
    pub way: Way,
}

/// How changes came here. A device that brings its own writes anew what built on something that was held; what somebody
/// carried in a file cannot be written anew, so it is held too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Own,
    Carried,
    /// The device is out of service, whoever brings what it made: all of it waits for the desk.
    FromRevoked,
}

/// What becomes of one change.
pub enum Outcome {
    Admitted(Box<Admitted>),
    MissingDependencies,
    Stands(Edit),
    Refused(Refusal, Option<Edit>),
    Held(Refusal, Edit),
}

pub struct Admitted {
    pub document: Document,
    pub issue: Issue,
    pub edit: Edit,
    /// The document as it is saved: the bytes that were loaded again for the trial.
    pub saved: Vec<u8>,
}

/// What is said of one change before it is tried.
pub enum Judgement {
    /// Recognised and allowed. Whether it spoils the document, only the trial tells.
    Apt(Edit),
    MissingDependencies,
    /// Its record is in the document already, by another change: somebody at the desk adopted it, or a phone whose storage was put
    /// back has written it again.
    Stands(Edit),
    Refused(Refusal, Option<Edit>),
    Held(Refusal, Edit),
}

/// Judges one change as it came. `held` are the changes of this issue and device that were held.
pub fn receive(
    bench: &Bench,
    id: IssueId,
    document: &Document,
    held: &[Vec<u8>],
    screened: &Screened,
    bytes: &[u8],
) -> Judgement {
    let judgement = consider(bench, id, document, screened, bytes);
    match judgement {
        Judgement::MissingDependencies if !held.is_empty() => {
            let (begins, changes) = ancestors(held, &screened.deps);
            // Whoever adopted the report began the document; what its maker wrote after it belongs to his own beginning.
            let ground = if begins { Document::default() } else { document.clone() };
            // Held changes were recognised, but nobody has tried them yet.
            match catch_unwind(AssertUnwindSafe(|| trial(id, &ground, &changes))) {
                Ok(Some((with_held, ..))) => match consider(bench, id, &with_held, screened, bytes) {
                    Judgement::Apt(edit) | Judgement::Held(_, edit) if admit::stands_in(&edit, document) => {
                        Judgement::Stands(edit)
                    }
                    judgement => hold(id, &with_held, bytes, judgement, Refusal::builds_on_held()),
                },
                _ => judgement,
            }
        }
        Judgement::Apt(_) if bench.way == Way::FromRevoked => {
            hold(id, document, bytes, judgement, Refusal::device_revoked())
        }
        judgement => judgement,
    }
}

/// Those on which it builds, and whether the document's beginning is among them. Of the others one may have been adopted: under
/// another name it is in the document already, and both together would be a document of two beginnings.
fn ancestors<'a>(held: &'a [Vec<u8>], deps: &[ChangeHash]) -> (bool, Vec<&'a [u8]>) {
    let screened = held.iter().filter_map(|bytes| Some((screen(bytes).ok()?, bytes.as_slice())));
    let known: BTreeMap<ChangeHash, (Vec<ChangeHash>, &[u8])> =
        screened.map(|(screened, bytes)| (screened.hash, (screened.deps, bytes))).collect();
    let (mut open, mut found, mut begins) = (deps.to_vec(), BTreeMap::new(), false);
    while let Some(hash) = open.pop() {
        if let Some((deps, bytes)) = known.get(&hash)
            && found.insert(hash, *bytes).is_none()
        {
            begins |= deps.is_empty();
            open.extend(deps);
        }
    }
    (begins, found.into_values().collect())
}

/// What could be admitted waits for a supervisor instead.
fn hold(id: IssueId, document: &Document, bytes: &[u8], judgement: Judgement, why: Refusal) -> Judgement {
    let Judgement::Apt(edit) = judgement else { return judgement };
    match join(id, document, bytes, edit) {
        Outcome::Admitted(admitted) => Judgement::Held(why, admitted.edit),
        Outcome::Held(why, edit) => Judgement::Held(why, edit),
        Outcome::Refused(why, edit) => Judgement::Refused(why, edit),
        Outcome::MissingDependencies => Judgement::MissingDependencies,
        Outcome::Stands(edit) => Judgement::Stands(edit),
    }
}

/// Judges one change against a document and tries it. Runs for about a millisecond; call it where blocking is allowed.
pub fn admit(bench: &Bench, id: IssueId, document: &Document, bytes: &[u8]) -> Outcome {
    let screened = match screen(bytes) {
        Ok(screened) => screened,
        Err(error) => return Outcome::Refused(error.into(), None),
    };
    match consider(bench, id, document, &screened, bytes) {
        Judgement::Apt(edit) => join(id, document, bytes, edit),
        Judgement::MissingDependencies => Outcome::MissingDependencies,
        Judgement::Stands(edit) => Outcome::Stands(edit),
        Judgement::Refused(why, edit) => Outcome::Refused(why, edit),
        Judgement::Held(why, edit) => Outcome::Held(why, edit),
    }
}

/// Whose it is, what it says, and whether this person may say it here and now.
fn consider(bench: &Bench, id: IssueId, document: &Document, screened: &Screened, bytes: &[u8]) -> Judgement {
    if screened.actor.device != bench.device {
        return Judgement::Refused(Refusal::foreign_actor(), None);
    }
    // Automerge's decoder panics on some hostile bytes; this process must not.
    let recognised = catch_unwind(AssertUnwindSafe(|| {
        let begun_anew = begun_anew(document, screened, bytes);
        begun_anew.map_or_else(|| admit::recognise(document, screened, bytes), Ok)
    }));
    let edit = match recognised {
        Ok(Ok(edit)) if admit::stands_in(&edit, document) => return Judgement::Stands(edit),
        Ok(Ok(edit)) => edit,
        Ok(Err(AdmitError::MissingDependencies)) => return Judgement::MissingDependencies,
        Ok(Err(error)) => return Judgement::Refused(error.into(), None),
        Err(_) => return Judgement::Refused(Refusal::poisoned(), None),
    };
    match judged(bench, id, document, screened, &edit) {
        Ok(()) => Judgement::Apt(edit),
        Err(denied) if was_allowed(bench, id, document, screened, &edit, denied) => {
            Judgement::Held(denied.into(), edit)
        }
        Err(denied) => Judgement::Refused(denied.into(), Some(edit)),
    }
}

/// A first change for a document that has begun, where that has its step already.
fn begun_anew(document: &Document, screened: &Screened, bytes: &[u8]) -> Option<Edit> {
    if !screened.deps.is_empty() || document.heads().is_empty() {
        return None;
    }
    let edit = admit::recognise(&Document::default(), screened, bytes).ok()?;
    admit::stands_in(&edit, document).then_some(edit)
}

fn judged(bench: &Bench, id: IssueId, document: &Document, screened: &Screened, edit: &Edit) -> Result<(), Denied> {
    judged_as(&bench.person, bench, id, document, screened, edit)
}

fn judged_as(
    person: &Person,
    bench: &Bench,
    id: IssueId,
    document: &Document,
    screened: &Screened,
    edit: &Edit,
) -> Result<(), Denied> {
    if edit.genesis {
        return judge(person, None, edit, &bench.known);
    }
    let issue = document.read_at(id, &screened.deps).map_err(|_| Denied::NotInThisState)?;
    let conflicts = document.conflicts_at(&screened.deps);
    judge(person, Some(Before { issue: &issue, conflicts: &conflicts }), edit, &bench.known)
}

/// Allowed to what the person was before, and not any more: the one mercy for work done in good faith.
fn was_allowed(
    bench: &Bench,
    id: IssueId,
    document: &Document,
    screened: &Screened,
    edit: &Edit,
    denied: Denied,
) -> bool {
    let allowed = |person: &Person| judged_as(person, bench, id, document, screened, edit).is_ok();
    denied.depends_on_grant() && bench.former.iter().any(allowed)
}

/// The trial: on a copy, saved, loaded again and compared. A change that would spoil the document stops here.
pub fn join(id: IssueId, document: &Document, bytes: &[u8], edit: Edit) -> Outcome {
    let poisoned = |edit| Outcome::Refused(Refusal::poisoned(), Some(edit));
    let Ok(Some((document, issue, saved))) = catch_unwind(AssertUnwindSafe(|| trial(id, document, &[bytes]))) else {
        return poisoned(edit);
    };
    if is_full(&document, &saved) {
        return Outcome::Refused(Refusal::document_full(), Some(edit));
    }
    Outcome::Admitted(Box::new(Admitted { document, issue, edit, saved }))
}

pub fn is_full(document: &Document, saved: &[u8]) -> bool {
    saved.len() > MAX_DOCUMENT_BYTES || document.change_count() > MAX_DOCUMENT_CHANGES
}

/// Applies to a copy, then proves that what is saved loads and says the same.
pub fn trial(id: IssueId, document: &Document, changes: &[&[u8]]) -> Option<(Document, Issue, Vec<u8>)> {
    let mut copy = document.clone();
    copy.apply(changes.iter().copied()).ok()?;
    let (issue, saved) = proof(id, &copy)?;
    Some((copy, issue, saved))
}

/// What a document says and how it is saved, if it loads again and says the same.
pub fn proof(id: IssueId, document: &Document) -> Option<(Issue, Vec<u8>)> {
    let issue = document.read(id).ok()?;
    let saved = document.save();
    let loaded = Document::load(&saved).ok()?;
    let same = loaded.heads() == document.heads() && loaded.read(id).ok().as_ref() == Some(&issue);
    same.then_some((issue, saved))
}

#[cfg(test)]
mod tests {
    use xiaohao_shared::doc::Report;
    use xiaohao_shared::doc::value::Value;
    use xiaohao_shared::id::{Actor, PersonId, ZoneId};
    use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
    use xiaohao_shared::model::{Place, Severity};
    use xiaohao_shared::time::Timestamp;

    use super::*;

    const ISSUE: IssueId = IssueId([7; 16]);
    const ACTOR: Actor = Actor { device: DeviceId(1), nonce: 1 };

    fn reported() -> Document {
        let report = Report {
            zone: ZoneId(1),
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: String::new(),
            place: Place::default(),
            severity: Severity::Ordinary,
            photos: [].into(),
        };
        let mut document = Document::default();
        document.edit(ACTOR, &Edit::report("report00".into(), PersonId(1), Timestamp(1), report)).unwrap();
        document
    }

    #[test]
    fn a_document_of_too_many_changes_is_full_however_few_bytes_they_are() {
        let mut document = reported();
        let next = |document: &mut Document, at: usize| {
            let edit = Edit::default().with(Value::Priority(at.is_multiple_of(2)));
            (document.edit(ACTOR, &edit).unwrap().bytes, edit)
        };
        (2..MAX_DOCUMENT_CHANGES).for_each(|at| drop(next(&mut document, at)));
        let before = document.clone();
        let (bytes, edit) = next(&mut document, MAX_DOCUMENT_CHANGES);
        assert!(before.save().len() < 16 * 1024, "small all the same");
        assert!(matches!(join(ISSUE, &before, &bytes, edit), Outcome::Admitted(_)), "the last that fits");
        let before = document.clone();
        let (bytes, edit) = next(&mut document, MAX_DOCUMENT_CHANGES + 1);
        let full = Refusal::document_full();
        assert!(matches!(join(ISSUE, &before, &bytes, edit), Outcome::Refused(why, _) if why == full));
    }
}
