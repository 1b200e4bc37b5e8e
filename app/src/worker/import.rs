//! An old list comes in as one batch: its rows are written beside the engine, some at a time, and become durable in one transaction
//! or not at all. Then the engine begins anew from the storage, as after any start. Must not know where the rows come from.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use xiaohao_shared::api::Office;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{DeviceId, IssueId};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Before, Known, judge};
use xiaohao_shared::sync::engine::{Batch, Engine, Found, Input, Output, StoredDocument, Unsent};
use xiaohao_shared::time::Timestamp;

use super::Writer;
use crate::browser::random_u64;
use crate::client::{Imported, NewIssue, Unfit};
use crate::messages::{FromWriter, Name};
use crate::store::StoreError;

/// Rows between two looks at what else happens: somebody may stop it.
const SLICE: usize = 20;

/// In whose name the rows are written, and what the office knows.
struct Author {
    device: DeviceId,
    me: Person,
    known: Known,
}

/// An import that is under way. Dropped, it has never been.
pub struct Staging {
    name: Name,
    rows: VecDeque<NewIssue>,
    of: u32,
    author: Author,
    batch: Batch,
    unfit: Vec<(u32, Unfit)>,
    /// Where each issue stands in the list.
    places: BTreeMap<IssueId, u32>,
    /// Rows that are left out, because their issues are here.
    left: Vec<u32>,
}

impl Staging {
    fn of(name: Name, rows: Vec<NewIssue>, device: DeviceId, office: Office) -> Self {
        let zones = office.zones.iter().map(|zone| zone.id).collect();
        let people = office.people.into_iter().map(|person| (person.id, person)).collect();
        Self {
            name,
            of: rows.len() as u32,
            places: rows.iter().map(|row| (row.issue, row.row)).collect(),
            rows: rows.into(),
            author: Author { device, me: office.me, known: Known { zones, people } },
            batch: Batch::default(),
            unfit: Vec::new(),
            left: Vec::new(),
        }
    }

    /// What is here already is neither written over nor passed over in silence.
    fn leave_out(&mut self, here: &BTreeSet<IssueId>) {
        self.batch.documents.retain(|document| !here.contains(&document.issue));
        self.batch.unsent.retain(|unsent| !here.contains(&unsent.issue));
        self.left.extend(here.iter().filter_map(|issue| self.places.get(issue)));
    }

    fn done(mut self) -> (Batch, Imported) {
        self.left.sort_unstable();
        let new = self.batch.documents.len() as u32;
        (self.batch, Imported::Done { new, left: self.left })
    }

    fn write(&mut self, now: Timestamp, seed: u64, NewIssue { row, issue, edits }: NewIssue) {
        match self.author.written(now, seed, issue, edits) {
            Ok((document, unsent)) => {
                self.batch.documents.push(document);
                self.batch.unsent.extend(unsent);
            }
            Err(unfit) => self.unfit.push((row, unfit)),
        }
    }
}

impl Author {
    /// A new document with these edits, by an engine of its own that never speaks to anybody.
    fn written(
        &self,
        now: Timestamp,
        seed: u64,
        issue: IssueId,
        edits: Vec<Edit>,
    ) -> Result<(StoredDocument, Vec<Unsent>), Unfit> {
        let mut engine = Engine::new(self.device, seed, Found::default());
        let (mut stored, mut unsent) = (None, Vec::new());
        for edit in edits {
            self.may(issue, stored.as_ref(), &edit)?;
            engine.handle(now, Input::Edit { ticket: 0, issue, edit });
            while let Some(output) = engine.poll_output() {
                match output {
                    Output::Load { ticket, .. } => {
                        engine.handle(now, Input::Loaded { ticket, documents: vec![(issue, stored.clone())] });
                    }
                    Output::Store { ticket, mut batch } => {
                        stored = batch.documents.pop();
                        unsent.append(&mut batch.unsent);
                        engine.handle(now, Input::Stored { ticket });
                    }
                    Output::NotSaved { .. } => return Err(Unfit::Unreadable),
                    _ => {}
                }
            }
        }
        Ok((stored.ok_or(Unfit::Unreadable)?, unsent))
    }

    /// As the office will judge it.
    fn may(&self, issue: IssueId, stored: Option<&StoredDocument>, edit: &Edit) -> Result<(), Unfit> {
        let allowed = match stored {
            None => judge(&self.me, None, edit, &self.known),
            Some(stored) => {
                let document = Document::load(&stored.bytes).map_err(|_| Unfit::Unreadable)?;
                let issue = document.read(issue).map_err(|_| Unfit::Unreadable)?;
                let before = Before { issue: &issue, conflicts: &document.conflicts() };
                judge(&self.me, Some(before), edit, &self.known)
            }
        };
        allowed.map_err(Unfit::Denied)
    }
}

impl Writer {
    pub(super) async fn import(&mut self, name: Name, rows: Vec<NewIssue>) -> Result<(), StoreError> {
        let known = self.answers.iter().find(|(known, _)| *known == name).map(|(_, answer)| answer.clone());
        match (known, self.store.office().await?) {
            (Some(Some(answer)), _) => self.voice.say(answer),
            (Some(None), _) => {}
            (None, None) => self.end_import(name, Imported::NotSaved),
            (None, Some(office)) => {
                self.answers.push((name.clone(), None));
                self.imports.push_back(Staging::of(name, rows, self.device, office));
            }
        }
        Ok(())
    }

    pub(super) fn stop_import(&mut self, name: &Name) {
        if let Some(at) = self.imports.iter().position(|staging| staging.name == *name) {
            self.imports.remove(at);
            self.end_import(name.clone(), Imported::Stopped);
        }
    }

    fn end_import(&mut self, name: Name, end: Imported) {
        self.answer(name.clone(), FromWriter::Imported { name, end });
    }

    /// Some rows more, or the end. Rows whose issues are here are left alone: an import that was answered to nobody is asked again.
    pub(super) async fn stage(&mut self) -> Result<(), StoreError> {
        let Some(mut staging) = self.imports.pop_front() else { return Ok(()) };
        if staging.rows.is_empty() {
            return self.land(staging).await;
        }
        let slice: Vec<NewIssue> = staging.rows.drain(..SLICE.min(staging.rows.len())).collect();
        let issues: Vec<IssueId> = slice.iter().map(|row| row.issue).collect();
        self.journaled = true;
        let here = self.load(&issues).await?;
        let here = held(here);
        staging.leave_out(&here);
        for row in slice.into_iter().filter(|row| !here.contains(&row.issue)) {
            staging.write(self.net.now(), random_u64(), row);
        }
        let (name, at) = (staging.name.clone(), staging.of - staging.rows.len() as u32);
        self.voice.say(FromWriter::Importing { name, at, of: staging.of });
        self.imports.push_front(staging);
        Ok(())
    }

    /// The engine is at rest here: everything that it wanted was carried out.
    async fn land(&mut self, mut staging: Staging) -> Result<(), StoreError> {
        let name = staging.name.clone();
        if !staging.unfit.is_empty() {
            self.end_import(name, Imported::Unfit(staging.unfit));
            return Ok(());
        }
        self.leave_alone(&mut staging).await?;
        let (batch, end) = staging.done();
        if self.store.apply(&batch).await.is_err() {
            self.make_room_for_records();
            self.end_import(name, Imported::NotSaved);
            return Ok(());
        }
        self.outbox.extend(batch.unsent.iter().map(|unsent| unsent.hash));
        self.voice.say(FromWriter::Changed { issues: batch.documents.iter().map(|document| document.issue).collect() });
        self.end_import(name, end);
        // An answer that is still on its way to the old engine is lost, which costs a repeat.
        self.epoch += 1;
        self.engine = Engine::new(self.device, random_u64(), self.store.found().await?);
        self.input(Input::Nudge);
        self.drain().await
    }

    /// What the office has sent since a row was looked at came from another desk that imports the same list.
    async fn leave_alone(&mut self, staging: &mut Staging) -> Result<(), StoreError> {
        let issues: Vec<IssueId> = staging.batch.documents.iter().map(|document| document.issue).collect();
        self.journaled = true;
        let here = held(self.load(&issues).await?);
        staging.leave_out(&here);
        Ok(())
    }
}

fn held(found: Vec<(IssueId, Option<StoredDocument>)>) -> BTreeSet<IssueId> {
    found.into_iter().filter(|(_, stored)| stored.is_some()).map(|(issue, _)| issue).collect()
}

#[cfg(test)]
mod tests {
    use xiaohao_shared::doc::{Report, value::Value};
    use xiaohao_shared::id::{PersonId, ZoneId};
    use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
    use xiaohao_shared::model::policy::Denied;
    use xiaohao_shared::model::workflow::{Action, State};
    use xiaohao_shared::model::{Duty, Place, Role, Severity, Step};

    use super::*;

    const ME: PersonId = PersonId(1);
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn author() -> Author {
        let zones = [ZoneId(1)].into();
        let me =
            Person { id: ME, name: "指挥".into(), role: Role::Supervisor, zones, active: true, duties: Duty::all() };
        let known = Known { zones: [ZoneId(1)].into(), people: [(ME, me.clone())].into() };
        Author { device: DeviceId(7), me, known }
    }

    fn row(number: u8, zone: u32) -> NewIssue {
        let report = Report {
            zone: ZoneId(zone),
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: "门口有垃圾".into(),
            place: Place { address: "解放路12号".into(), ..Place::default() },
            severity: Severity::Ordinary,
            photos: BTreeMap::new(),
        };
        let step = |action, from, to| Step { from: Some(from), to: Some(to), ..Step::new(ME, NOW, action) };
        let until = NOW + 86_400_000;
        let dispatch = Step { until: Some(until), ..step(Action::Dispatch, State::Filed, State::Dispatched) };
        let dispatch =
            Edit::step("i2000000".into(), dispatch).with(Value::Assignee(Some(ME))).with(Value::Due(Some(until)));
        let file = Edit::step("i1000000".into(), step(Action::File, State::Reported, State::Filed));
        let edits = vec![Edit::report("i0000000".into(), ME, NOW, report), file, dispatch];
        NewIssue { row: u32::from(number) + 2, issue: IssueId([number; 16]), edits }
    }

    fn staging() -> Staging {
        Staging {
            name: "x".into(),
            rows: VecDeque::new(),
            of: 2,
            author: author(),
            batch: Batch::default(),
            unfit: vec![],
            places: [1, 2, 3].map(|number| (IssueId([number; 16]), u32::from(number) + 2)).into(),
            left: vec![],
        }
    }

    #[test]
    fn a_row_becomes_one_document_with_all_of_its_changes_in_their_order() {
        let mut staging = staging();
        staging.write(NOW, 1, row(1, 1));
        staging.write(NOW, 2, row(2, 1));
        assert_eq!((staging.batch.documents.len(), staging.unfit.len()), (2, 0));
        let states = staging.batch.documents.iter().map(|it| it.summary.state).collect::<Vec<_>>();
        assert_eq!(states, [State::Dispatched, State::Dispatched]);
        let issues = staging.batch.unsent.iter().map(|unsent| unsent.issue.0[0]).collect::<Vec<_>>();
        assert_eq!(issues, [1, 1, 1, 2, 2, 2]);
        let mut again = Document::default();
        for unsent in &staging.batch.unsent[..3] {
            again.apply([unsent.change.as_slice()]).unwrap();
        }
        assert_eq!(again.read(IssueId([1; 16])).unwrap().state, State::Dispatched, "what is sent is what is here");
    }

    #[test]
    fn a_row_whose_issue_is_here_is_not_counted_as_stored_and_is_named() {
        let mut staging = staging();
        let issue = |number: u8| IssueId([number; 16]);
        staging.leave_out(&[issue(3)].into());
        staging.write(NOW, 1, row(1, 1));
        staging.write(NOW, 2, row(2, 1));
        // Another desk was faster with the first of them.
        staging.leave_out(&[issue(1)].into());
        let (batch, end) = staging.done();
        assert_eq!(end, Imported::Done { new: 1, left: vec![3, 5] });
        assert_eq!(batch.documents.iter().map(|it| it.issue).collect::<Vec<_>>(), [issue(2)]);
        assert!(batch.unsent.iter().all(|unsent| unsent.issue == issue(2)));
    }

    #[test]
    fn a_row_that_the_office_would_refuse_is_named_and_is_no_part_of_the_batch() {
        let mut staging = staging();
        staging.write(NOW, 1, row(1, 9));
        staging.write(NOW, 2, row(2, 1));
        assert_eq!(staging.unfit, [(3, Unfit::Denied(Denied::UnknownZone))]);
        assert_eq!(staging.batch.documents.len(), 1, "which nobody makes durable then");
    }
}
