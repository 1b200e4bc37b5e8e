//! Whatever people do to an issue, each on his own phone and in any order of syncs: what the app allowed and wrote, the hub
//! admits; and in the end everybody has the same, also after storing it.

use arbitrary::{Result, Unstructured};
use sha2::{Digest, Sha256};
use xiaohao_server::service::admission::{Outcome, admit};
use xiaohao_shared::doc::{Document, RawChange};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Before, Known, judge};

use crate::office::{self, ISSUE};

/// More would make a document too large for the hub, which is another story.
const MOST_ACTS: usize = 24;

struct Phone {
    person: Person,
    document: Document,
    unsent: Vec<RawChange>,
}

struct World {
    hub: Document,
    phones: Vec<Phone>,
    known: Known,
}

/// Bytes without a pattern, the same each time: what people do is read from them.
pub fn seeds() -> Vec<Vec<u8>> {
    let noise = |seed: u8| (0..16u8).flat_map(|at| Sha256::digest([seed, at])).collect();
    (0..16).map(noise).collect()
}

/// `data` is what everybody does, one after another.
pub fn history(data: &[u8]) {
    let mut world = World::begin();
    let mut from = Unstructured::new(data);
    for id in 1..=MOST_ACTS {
        if from.is_empty() || world.act(&mut from, id).is_err() {
            break;
        }
    }
    world.end();
}

impl World {
    fn begin() -> Self {
        let (hub, _) = office::reported();
        let phone = |person| Phone { person, document: hub.clone(), unsent: Vec::new() };
        Self { phones: office::people().into_iter().map(phone).collect(), hub, known: office::known() }
    }

    fn act(&mut self, from: &mut Unstructured<'_>, id: usize) -> Result<()> {
        let at = from.choose_index(self.phones.len())?;
        if from.ratio(1, 4)? {
            self.sync(at);
            return Ok(());
        }
        let phone = &mut self.phones[at];
        let issue = phone.document.read(ISSUE).expect("a readable issue");
        let conflicts = phone.document.conflicts();
        let edit = office::edit(from, &phone.person, &issue, &conflicts, id)?;
        let before = Before { issue: &issue, conflicts: &conflicts };
        let allowed = judge(&phone.person, Some(before), &edit, &self.known).is_ok();
        let mut document = phone.document.clone();
        let Ok(change) = document.edit(office::actor(&phone.person), &edit) else { return Ok(()) };
        if allowed {
            phone.document = document;
            phone.unsent.push(change);
        } else if let Outcome::Admitted(admitted) =
            admit(&office::bench(&phone.person), ISSUE, &self.hub, &change.bytes)
        {
            // What the app would not have offered may still be harmless, because a value that stands there is not written.
            assert_eq!(admitted.document.read(ISSUE).as_ref(), Ok(&admitted.issue));
        }
        Ok(())
    }

    /// The whole outbox up, everything down.
    fn sync(&mut self, at: usize) {
        let phone = &mut self.phones[at];
        for change in std::mem::take(&mut phone.unsent) {
            match admit(&office::bench(&phone.person), ISSUE, &self.hub, &change.bytes) {
                Outcome::Admitted(admitted) => self.hub = admitted.document,
                Outcome::MissingDependencies => panic!("the outbox has a hole"),
                Outcome::Stands(_) => panic!("nobody adopted anything"),
                Outcome::Refused(why, edit) => panic!("the app allowed what the hub refuses: {} {edit:?}", why.0),
                Outcome::Held(why, edit) => panic!("the app allowed what the hub holds: {} {edit:?}", why.0),
            }
        }
        phone.document.merge(&mut self.hub).expect("a page that merges");
    }

    fn end(&mut self) {
        for _ in 0..2 {
            (0..self.phones.len()).for_each(|at| self.sync(at));
        }
        let stored = Document::load(&self.hub.save()).expect("the hub loads what it saved");
        for document in self.phones.iter().map(|phone| &phone.document).chain([&stored]) {
            assert_eq!(document.heads(), self.hub.heads());
            assert_eq!(document.read(ISSUE), self.hub.read(ISSUE));
            assert_eq!(document.conflicts(), self.hub.conflicts());
            assert_eq!(document.fingerprint(ISSUE), self.hub.fingerprint(ISSUE));
        }
    }
}
