//! Judging a whole page of pushes in one go, without SQL. What builds one document is tried together, and only where that fails
//! each change for itself: so a poisoned one costs nobody else anything, and a healthy page one trial a document.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use xiaohao_shared::doc::screen::{ScreenError, Screened};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit, RawChange};
use xiaohao_shared::id::{ChangeHash, HUB, IssueId, ZoneId};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::time::Timestamp;

use super::open::{Author, Entry, Open, State, pressed};
use super::receipts::receipt;
use crate::service::admission::{Bench, Judgement, Outcome, Way, is_full, join, proof, receive};

/// A change that nobody has judged yet, and its place among the pushes.
pub(super) struct Candidate {
    pub at: usize,
    pub hash: ChangeHash,
    pub screened: Result<Screened, ScreenError>,
    pub bytes: Vec<u8>,
}

/// The pushes of one issue.
#[derive(Default)]
pub(super) struct Case {
    /// Changes of this device that wait for the desk, where these cannot be written anew.
    pub held: Vec<Vec<u8>>,
    pub pushes: Vec<Candidate>,
}

/// What became of a push.
pub(super) enum Finding {
    Accepted { is_new: bool },
    MissingDependencies,
    Stands(Edit),
    Refused(Refusal, Option<Edit>),
    Held(Refusal, Edit),
}

/// What came of a case: of each push, and what is to be logged for it.
#[derive(Default)]
pub(super) struct Found {
    pub findings: Vec<(usize, Finding)>,
    pub entries: Vec<(usize, Entry)>,
}

/// What is judged by.
pub(super) struct Judge {
    pub bench: Bench,
    pub secret: [u8; 32],
    pub now: Timestamp,
    /// When the hub got what others had made, of that on which these changes build.
    pub witnessed: BTreeMap<ChangeHash, Timestamp>,
}

impl Judge {
    pub fn all(&self, open: &mut BTreeMap<IssueId, Open>, cases: BTreeMap<IssueId, Case>) -> Found {
        let mut found = Found::default();
        for (issue, case) in cases {
            let of_case = self.case(issue, open.entry(issue).or_default(), &case);
            found.findings.extend(of_case.findings);
            found.entries.extend(of_case.entries);
        }
        found.entries.sort_by_key(|(at, _)| *at);
        found
    }

    fn case(&self, issue: IssueId, open: &mut Open, case: &Case) -> Found {
        if open.damaged {
            let refused = |push: &Candidate| (push.at, Finding::Refused(Refusal::poisoned(), None));
            return Found { findings: case.pushes.iter().map(refused).collect(), entries: Vec::new() };
        }
        let together = || self.together(issue, open, case);
        if let Ok(Some((found, state))) = catch_unwind(AssertUnwindSafe(together)) {
            state.into_iter().for_each(|state| open.take_over(state));
            return found;
        }
        let (mut found, mut held) = (Found::default(), case.held.clone());
        for push in &case.pushes {
            let alone = catch_unwind(AssertUnwindSafe(|| self.alone(issue, open, &held, push)));
            let (finding, entries) =
                alone.unwrap_or_else(|_| (Finding::Refused(Refusal::poisoned(), None), Vec::new()));
            self.hold(&mut held, push, &finding);
            found.findings.push((push.at, finding));
            found.entries.extend(entries.into_iter().map(|entry| (push.at, entry)));
        }
        found
    }

    /// `None` where something in it does not fit the document.
    fn together(&self, issue: IssueId, open: &Open, case: &Case) -> Option<(Found, Option<State>)> {
        let mut trial = Trial { document: open.document.clone(), zone: open.zone, found: Found::default() };
        let mut held = case.held.clone();
        for push in &case.pushes {
            let finding = match self.judged(issue, &trial.document, &held, push) {
                Judgement::Apt(edit) => {
                    let due = self.due(issue, &trial.document, push, &edit);
                    let entry = trial.join(self, issue, self.author(), push.hash, &push.bytes, &edit)?;
                    trial.found.entries.push((push.at, entry));
                    if let Some((edit, change)) = due.and_then(|due| self.correction(&trial.document, due)) {
                        let entry = trial.join(self, issue, self.hub(), change.hash, &change.bytes, &edit)?;
                        trial.found.entries.push((push.at, entry));
                    }
                    Finding::Accepted { is_new: edit.genesis }
                }
                other => other.into(),
            };
            self.hold(&mut held, push, &finding);
            trial.found.findings.push((push.at, finding));
        }
        if trial.found.entries.is_empty() {
            return Some((trial.found, None));
        }
        let document = trial.document;
        let (issue, saved) = proof(issue, &document)?;
        (!is_full(&document, &saved)).then(|| (trial.found, Some(State { document, issue, saved })))
    }

    /// One change, tried for itself.
    fn alone(&self, issue: IssueId, open: &mut Open, held: &[Vec<u8>], push: &Candidate) -> (Finding, Vec<Entry>) {
        let edit = match self.judged(issue, &open.document, held, push) {
            Judgement::Apt(edit) => edit,
            other => return (other.into(), Vec::new()),
        };
        let due = self.due(issue, &open.document, push, &edit);
        let is_new = edit.genesis;
        let admitted = match join(issue, &open.document, &push.bytes, edit) {
            Outcome::Admitted(admitted) => admitted,
            Outcome::Refused(why, edit) => return (Finding::Refused(why, edit), Vec::new()),
            Outcome::Held(why, edit) => return (Finding::Held(why, edit), Vec::new()),
            Outcome::MissingDependencies => return (Finding::MissingDependencies, Vec::new()),
            Outcome::Stands(edit) => return (Finding::Stands(edit), Vec::new()),
        };
        let mut entries = vec![open.join(self.author(), issue, push.hash, &push.bytes, *admitted, &self.secret)];
        // A document that has no room for one more step keeps the deadline that it was given.
        if let Some((edit, change)) = due.and_then(|due| self.correction(&open.document, due))
            && let Outcome::Admitted(admitted) = join(issue, &open.document, &change.bytes, edit)
        {
            entries.push(open.join(self.hub(), issue, change.hash, &change.bytes, *admitted, &self.secret));
        }
        (Finding::Accepted { is_new }, entries)
    }

    /// What cannot be written anew waits with what it was built on.
    fn hold(&self, held: &mut Vec<Vec<u8>>, push: &Candidate, finding: &Finding) {
        if self.bench.way != Way::Own && matches!(finding, Finding::Held(..) | Finding::Stands(_)) {
            held.push(push.bytes.clone());
        }
    }

    fn judged(&self, issue: IssueId, document: &Document, held: &[Vec<u8>], push: &Candidate) -> Judgement {
        match &push.screened {
            Ok(screened) => receive(&self.bench, issue, document, held, screened, &push.bytes),
            Err(error) => Judgement::Refused((*error).into(), None),
        }
    }

    fn author(&self) -> Author {
        Author { device: self.bench.device, person: self.bench.person.id }
    }

    fn hub(&self) -> Author {
        Author { device: HUB, person: self.bench.person.id }
    }
}

/// A document on which changes are tried together.
struct Trial {
    document: Document,
    zone: Option<ZoneId>,
    found: Found,
}

impl Trial {
    fn join(
        &mut self,
        judge: &Judge,
        issue: IssueId,
        by: Author,
        hash: ChangeHash,
        bytes: &[u8],
        edit: &Edit,
    ) -> Option<Entry> {
        self.document = std::mem::take(&mut self.document).with([bytes]).ok()?;
        let moves = edit.genesis || edit.sets.iter().any(|value| matches!(value, Value::Zone(_)));
        let to = match self.zone {
            Some(zone) if !moves => zone,
            _ => self.document.read(issue).ok()?.zone,
        };
        let from = self.zone.replace(to);
        let receipt = receipt(&judge.secret, issue, &self.document.heads());
        let change = RawChange { hash, bytes: bytes.to_vec() };
        Some(Entry { by, issue, change, receipt, from, to, pressed: pressed(edit) })
    }
}

impl From<Judgement> for Finding {
    fn from(judgement: Judgement) -> Self {
        match judgement {
            Judgement::Apt(edit) => Self::Accepted { is_new: edit.genesis },
            Judgement::MissingDependencies => Self::MissingDependencies,
            Judgement::Stands(edit) => Self::Stands(edit),
            Judgement::Refused(why, edit) => Self::Refused(why, edit),
            Judgement::Held(why, edit) => Self::Held(why, edit),
        }
    }
}

#[cfg(test)]
mod tests {
    use xiaohao_shared::doc::Report;
    use xiaohao_shared::doc::screen::screen;
    use xiaohao_shared::id::{Actor, DeviceId, PersonId};
    use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
    use xiaohao_shared::model::policy::Known;
    use xiaohao_shared::model::{Duty, Person, Place, Remark, Role, Severity};

    use super::*;

    const ISSUE: IssueId = IssueId([7; 16]);
    const ACTOR: Actor = Actor { device: DeviceId(1), nonce: 1 };

    fn judge() -> Judge {
        let zones = [ZoneId(1)];
        let person = Person {
            id: PersonId(1),
            name: "甲".into(),
            role: Role::Cadre,
            zones: zones.into(),
            active: true,
            duties: Duty::all(),
        };
        let known = Known { zones: zones.into(), people: [(person.id, person.clone())].into() };
        let (device, way) = (ACTOR.device, Way::Own);
        let (former, calendar, rules) = Default::default();
        let bench = Bench { device, person, former, known: known.into(), calendar, rules, way };
        Judge { bench, secret: [7; 32], now: Timestamp(9), witnessed: BTreeMap::new() }
    }

    fn report() -> Edit {
        let report = Report {
            zone: ZoneId(1),
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: String::new(),
            place: Place { address: "解放路12号".into(), ..Place::default() },
            severity: Severity::Ordinary,
            photos: [].into(),
        };
        Edit::report("report00".into(), PersonId(1), Timestamp(1), report)
    }

    fn remark(at: usize, text: &str) -> Edit {
        let remark = Remark::new(PersonId(1), Timestamp(2), text.into());
        Edit::remark(format!("{at:08}"), remark)
    }

    fn case(changes: Vec<RawChange>) -> BTreeMap<IssueId, Case> {
        let candidate = |(at, change): (usize, RawChange)| Candidate {
            at,
            hash: change.hash,
            screened: screen(&change.bytes),
            bytes: change.bytes,
        };
        let pushes = changes.into_iter().enumerate().map(candidate).collect();
        BTreeMap::from([(ISSUE, Case { held: vec![], pushes })])
    }

    #[test]
    fn changes_that_came_together_make_the_document_that_they_make_one_by_one() {
        let mut phone = Document::default();
        let edits = [report(), remark(1, "已围挡"), remark(2, "已修复")];
        let changes: Vec<RawChange> = edits.iter().map(|edit| phone.edit(ACTOR, edit).unwrap()).collect();
        let mut together = BTreeMap::new();
        let found = judge().all(&mut together, case(changes.clone()));
        let (mut alone, mut entries) = (BTreeMap::new(), Vec::new());
        for change in changes {
            entries.extend(judge().all(&mut alone, case(vec![change])).entries);
        }
        let told = |entries: &[(usize, Entry)]| {
            entries
                .iter()
                .map(|(_, entry)| (entry.change.hash, entry.receipt, entry.from, entry.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&found.entries), told(&entries));
        assert_eq!(together[&ISSUE].new, alone[&ISSUE].new);
        assert_eq!(together[&ISSUE].document.heads(), phone.heads());
    }

    #[test]
    fn what_the_document_has_no_room_for_costs_only_itself() {
        let mut phone = Document::default();
        let long = "长".repeat(2_000);
        let mut changes = vec![phone.edit(ACTOR, &report()).unwrap()];
        changes.extend((0..60).map(|at| phone.edit(ACTOR, &remark(at, &long)).unwrap()));
        let mut open = BTreeMap::new();
        let found = judge().all(&mut open, case(changes));
        let accepted = |(_, finding): &&(usize, Finding)| matches!(finding, Finding::Accepted { .. });
        let count = found.findings.iter().filter(accepted).count();
        assert!((30..60).contains(&count), "{count} found room");
        let (_, refused) = &found.findings[count];
        assert!(matches!(refused, Finding::Refused(why, Some(_)) if *why == Refusal::document_full()));
        assert_eq!((found.entries.len(), open[&ISSUE].document.change_count()), (count, count));
    }

    #[test]
    fn a_change_that_is_no_change_leaves_its_neighbours_alone() {
        let mut phone = Document::default();
        let first = phone.edit(ACTOR, &report()).unwrap();
        let second = phone.edit(ACTOR, &remark(1, "已围挡")).unwrap();
        let mut spoiled = second.clone();
        spoiled.bytes[20] ^= 1;
        let mut open = BTreeMap::new();
        let found = judge().all(&mut open, case(vec![first, spoiled, second]));
        let verdicts: Vec<bool> =
            found.findings.iter().map(|(_, finding)| matches!(finding, Finding::Accepted { .. })).collect();
        assert_eq!(verdicts, [true, false, true]);
        assert_eq!(open[&ISSUE].document.heads(), phone.heads());
    }
}
