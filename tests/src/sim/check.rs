//! What must be true when everything is quiet (design, section 3), said against the reference model. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::Document;
use xiaohao_shared::doc::value::Register;
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::sync::engine::Refused;
use xiaohao_shared::sync::wire::Stop;

use super::model::Saved;
use super::office::{Kept, record_of};
use super::phone::Phone;
use super::world::World;

pub type All = BTreeMap<IssueId, Kept>;

/// Refusals that no honest phone earns, however its storage was treated.
const TECHNICAL: [&str; 11] = [
    "foreign_actor",
    "poisoned",
    "change_too_long",
    "too_many_operations",
    "not_a_change",
    "damaged",
    "missing_dependencies",
    "wrong_sequence",
    "wrong_start_op",
    "not_canonical",
    "unexplained_operation",
];

pub async fn everything(world: &World) -> Vec<String> {
    let all = world.office.everything().await;
    let aside = world.office.set_aside().await;
    let mut found = world.office.findings().await;
    found.extend(world.model.saved.iter().filter_map(|(record, saved)| lost(world, &all, &aside, record, *saved)));
    found.extend(never_said(world, &all));
    found.extend(twice(world, &all));
    found.extend(rings(&all));
    for (at, phone) in world.phones.iter().enumerate() {
        let told = |finding: String| format!("phone {at}: {finding}");
        found.extend(intact(phone, &all).into_iter().map(told));
        found.extend(one_of_two(world, phone).await.map(told));
        match world.office.stopped(phone.device).await {
            Some(_) => found.extend(has_spoken(world, phone).into_iter().map(told)),
            None if world.office.is_welcome(phone.device).await => {
                found.extend(agrees(world, phone, &all).await.into_iter().map(told));
            }
            None => {}
        }
    }
    found.extend(pictures(world, &all).await);
    if world.repairs > 0 && !world.model.turned_back && !world.model.moved {
        found.push(format!("{} repairs, although nothing was put back", world.repairs));
    }
    found
}

/// An edit that somebody was told is saved is at the office, or waits somewhere with a reason, or its last copy was destroyed.
fn lost(world: &World, all: &All, aside: &BTreeSet<String>, record: &str, saved: Saved) -> Option<String> {
    let merged = all.get(&saved.issue).is_some_and(|kept| kept.records.contains_key(record));
    let model = &world.model;
    let excused = model.destroyed.contains(record) || model.dismissed.contains(record);
    let waits = world.phones.iter().filter(|phone| phone.device == saved.device).any(|phone| waits(phone, record));
    let again = model.lost_again.contains(&(saved.issue, record.to_owned()));
    let set_aside = world.phones.iter().flat_map(|phone| phone.aside.values()).any(|records| records.contains(record));
    let kept = merged || excused || waits || again || set_aside || aside.contains(record);
    (!kept).then(|| format!("record {record} of {} was saved and is nowhere", saved.issue))
}

/// Refused with a reason, unsent, or set aside with the document that killed the worker. That nothing stays unsent without need is another rule.
fn waits(phone: &Phone, record: &str) -> bool {
    let found = &phone.storage.found;
    let refused = found.refused.iter().map(|refused| &refused.intent);
    let unsent = found.unsent.iter().map(|unsent| &unsent.intent);
    let mut aside = phone.aside.values();
    refused.chain(unsent).any(|edit| record_of(edit).as_deref() == Some(record))
        || aside.any(|records| records.contains(record))
}

fn never_said(world: &World, all: &All) -> Vec<String> {
    let records = all.values().flat_map(|kept| kept.records.keys());
    let appeared = records.filter(|record| world.model.not_saved.contains(*record));
    appeared.map(|record| format!("record {record} was not saved, and yet it is there")).collect()
}

fn twice(world: &World, all: &All) -> Vec<String> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for (record, times) in all.values().flat_map(|kept| &kept.records) {
        let again = *times > 1 && !world.model.doubled && !world.model.turned_back;
        if !seen.insert(record) || again {
            found.push(format!("record {record} is there twice"));
        }
    }
    let numbers: BTreeSet<&str> = all.values().map(|kept| kept.number.as_str()).collect();
    if numbers.len() < all.len() {
        found.push("two issues have one number".into());
    }
    found
}

/// Of issues that were merged into each other, one must stay, unless people still have to decide about one of them.
fn rings(all: &All) -> Vec<String> {
    let merged = |(issue, kept): (&IssueId, &Kept)| {
        let undecided = kept.document.conflicts().iter().any(|conflict| conflict.register == Register::State);
        let into = kept.document.read(*issue).ok()?.merged_into();
        into.filter(|_| !undecided).map(|into| (*issue, into))
    };
    let merged: BTreeMap<IssueId, IssueId> = all.iter().filter_map(merged).collect();
    let goes_round = |issue: &&IssueId| {
        let mut at = merged.get(*issue);
        for _ in 0..merged.len() {
            at = at.filter(|at| at != issue).and_then(|at| merged.get(at)).or(at.filter(|at| at == issue));
        }
        at == Some(*issue)
    };
    merged.keys().filter(goes_round).map(|issue| format!("{issue} was merged into itself")).collect()
}

/// What a phone knows of itself is what it has, and nothing of it is damaged.
fn intact(phone: &Phone, all: &All) -> Vec<String> {
    let aside = phone.storage.set_aside.iter().filter(|(issue, bytes)| !began_otherwise(*issue, bytes, all));
    let mut found: Vec<String> = aside.map(|(issue, _)| format!("something of {issue} was set aside")).collect();
    let technical = |refused: &&Refused| TECHNICAL.contains(&refused.refusal.0.as_str());
    let technical = phone.storage.found.refused.iter().filter(technical);
    found.extend(
        technical.map(|refused| format!("refused for {:?}: {:?}", refused.refusal.0, record_of(&refused.intent))),
    );
    let index = &phone.storage.found.documents;
    let print = |issue: &IssueId| index.get(issue).map(|(_, print)| *print);
    if phone.storage.documents.values().any(|stored| print(&stored.issue) != Some(stored.fingerprint)) {
        found.push("its index is not what it stores".into());
    }
    found
}

/// A restored office adopted the issue anew before this phone could bring it back what it had: all that was written there
/// stands at the office, under another beginning.
fn began_otherwise(issue: IssueId, bytes: &[u8], all: &All) -> bool {
    let (Some(kept), records) = (all.get(&issue), records_in(issue, bytes)) else { return false };
    let first = Document::load(bytes).ok().and_then(|document| document.authors().first().copied());
    let otherwise = first.is_some_and(|(first, _)| !kept.document.contains(first));
    otherwise && !records.is_empty() && records.iter().all(|record| kept.records.contains_key(record))
}

/// Two storages with one key are both out of service, and nobody else is for that reason.
async fn one_of_two(world: &World, phone: &Phone) -> Option<String> {
    let (stopped, welcome) = (world.office.stopped(phone.device).await, world.office.is_welcome(phone.device).await);
    match twins(world, phone).filter(|twin| !twin.old).count() {
        2.. if welcome => Some("somebody else speaks with its key, and nobody noticed".into()),
        1 if stopped == Some(Stop::Cloned) && !world.model.doubled => Some("it was taken for two".into()),
        _ => None,
    }
}

/// Every storage that its key was seen with.
fn twins<'a>(world: &'a World, phone: &Phone) -> impl Iterator<Item = &'a Phone> + use<'a> {
    let device = phone.device;
    world.phones.iter().filter(move |other| other.device == device)
}

/// A phone that is out of service has brought what it had. What builds on something that waited at the desk of an office which
/// was then restored has lost its ground; so has what builds on a document that killed the worker, where only this device had it.
fn has_spoken(world: &World, phone: &Phone) -> Option<String> {
    let found = &phone.storage.found;
    let is_aside = |issue| world.model.turned_back && twins(world, phone).any(|twin| twin.aside.contains_key(&issue));
    let on_held = |issue| world.model.turned_back && found.refused.iter().any(|it| it.held && it.issue == issue);
    let mut unsent = found.unsent.iter();
    let has_ground = |issue| !world.model.lost_its_ground(issue) && !on_held(issue) && !is_aside(issue);
    let keeps = unsent.any(|unsent| has_ground(unsent.issue));
    keeps.then(|| "it is out of service, and keeps its work to itself".into())
}

/// A photo that was taken is somewhere, and at the office where an issue names it and somebody has it who may see the issue.
async fn pictures(world: &World, all: &All) -> Vec<String> {
    let at_office = world.office.photos().await;
    let somewhere = |photo: &PhotoId| world.phones.iter().any(|phone| phone.album.has.contains(photo));
    let photos = |kept: &Kept| kept.document.read(IssueId([0; 16])).map(|read| read.photos).unwrap_or_default();
    let named: Vec<(PhotoId, ZoneId)> =
        all.values().flat_map(|kept| photos(kept).into_keys().map(|id| (id, kept.zone))).collect();
    let mut found = Vec::new();
    for photo in world.model.taken.keys() {
        let id: PhotoId = photo.parse().expect("a photo");
        if !at_office.contains(&id) && !somewhere(&id) && !world.model.destroyed.contains(photo) {
            found.push(format!("photo {photo} was taken and is nowhere"));
        }
    }
    for phone in &world.phones {
        if world.office.is_welcome(phone.device).await {
            let person = world.office.person(phone.device).await;
            let lacks = |(id, zone): &&(PhotoId, ZoneId)| {
                let may = may_see_zone(&person, *zone) && world.model.taken.contains_key(&id.to_string());
                may && phone.album.has.contains(id) && !at_office.contains(id)
            };
            found.extend(named.iter().filter(lacks).map(|(id, _)| format!("photo {id} is only on a phone")));
        }
    }
    found
}

/// A phone holds its zones as the office has them, nothing else, and nothing that the office lacks.
async fn agrees(world: &World, phone: &Phone, all: &All) -> Vec<String> {
    let person = world.office.person(phone.device).await;
    let mine = |zone: ZoneId| person.zones.contains(&zone) && may_see_zone(&person, zone);
    let expected = all.iter().filter(|(_, kept)| mine(kept.zone));
    let mut expected: BTreeMap<IssueId, Vec<ChangeHash>> =
        expected.map(|(issue, kept)| (*issue, kept.document.heads())).collect();
    let mut held = heads(phone);
    held.extend(phone.storage.shed().into_iter().map(|issue| (issue, heads_of_row(phone, issue, all))));
    // Where what it builds on was destroyed, it waits.
    let waits = |issue: &IssueId| phone.storage.found.unsent.iter().any(|unsent| unsent.issue == *issue);
    // Whoever is in charge of an issue elsewhere may keep it until his app starts anew.
    let takes_part = |issue: &IssueId| {
        let read = all.get(issue).and_then(|kept| kept.document.read(*issue).ok());
        read.is_some_and(|read| read.assignee == Some(person.id) || read.responsible.contains_key(&person.id))
    };
    held.retain(|issue, _| expected.contains_key(issue) || !(waits(issue) || takes_part(issue)));
    let beyond: BTreeSet<IssueId> = lost_again(world, all).into_iter().map(|(issue, _)| issue).collect();
    held.retain(|issue, _| !beyond.contains(issue));
    expected.retain(|issue, _| !beyond.contains(issue));
    let mut found = differences(&expected, &held);
    found.extend(phone.storage.documents.values().filter_map(|stored| {
        let kept = all.get(&stored.issue).filter(|kept| mine(kept.zone))?;
        let wrong = stored.number.as_ref() != Some(&kept.number);
        wrong.then(|| format!("{} is {}, not {:?}", stored.issue, kept.number, stored.number))
    }));
    // An app of the first days does not ask what became of it.
    for refused in phone.storage.found.refused.iter().filter(|refused| refused.held && !phone.old) {
        if !world.office.holds(refused.hash).await {
            found.push(format!("{:?} waits for a desk that knows nothing of it", record_of(&refused.intent)));
        }
    }
    // Written on what the desk has not decided about yet, it waits for that.
    let on_held = |issue| phone.storage.found.refused.iter().any(|it| it.held && it.issue == issue);
    let without_ground = |issue| {
        beyond.contains(&issue)
            || world.model.lost_its_ground(issue)
            || phone.aside.contains_key(&issue)
            || on_held(issue)
    };
    let unsent = phone.storage.found.unsent.iter().filter(|unsent| !without_ground(unsent.issue)).count();
    if unsent > 0 {
        found.push(format!("{unsent} changes are still unsent"));
    }
    found
}

/// A known limit: what an office admitted between two restores, beside work that it had lost in the first, is proven by no
/// receipt that a phone keeps. Where it stays in the document of its author, that is ahead of the office.
pub fn lost_again(world: &World, all: &All) -> Vec<(IssueId, String)> {
    let is_there =
        |(issue, record): &&(IssueId, String)| all.get(issue).is_some_and(|it| it.records.contains_key(record));
    world.model.lost_again.iter().filter(|lost| !is_there(lost)).cloned().collect()
}

fn differences(office: &BTreeMap<IssueId, Vec<ChangeHash>>, phone: &BTreeMap<IssueId, Vec<ChangeHash>>) -> Vec<String> {
    let issues: BTreeSet<&IssueId> = office.keys().chain(phone.keys()).collect();
    let told = |issue: &IssueId| match (office.get(issue), phone.get(issue)) {
        (Some(_), None) => Some(format!("{issue} is missing")),
        (None, Some(_)) => Some(format!("{issue} is none of its business")),
        (theirs, ours) if theirs != ours => Some(format!("{issue} has other heads than at the office")),
        _ => None,
    };
    issues.into_iter().filter_map(told).collect()
}

fn heads(phone: &Phone) -> BTreeMap<IssueId, Vec<ChangeHash>> {
    let heads = |bytes: &[u8]| Document::load(bytes).map(|document| document.heads()).unwrap_or_default();
    phone.storage.documents.values().map(|stored| (stored.issue, heads(&stored.bytes))).collect()
}

/// A row without its document stands for what the office has, where the fingerprints say so.
fn heads_of_row(phone: &Phone, issue: IssueId, all: &All) -> Vec<ChangeHash> {
    let print = phone.storage.found.documents.get(&issue).map(|(_, print)| *print);
    let kept = all.get(&issue).filter(|kept| Some(kept.document.fingerprint(issue)) == print);
    kept.map(|kept| kept.document.heads()).unwrap_or_default()
}

/// The records in the documents that a phone holds of some zones.
pub fn records_on(phone: &Phone, of: impl Fn(ZoneId) -> bool) -> BTreeSet<String> {
    let documents = phone.storage.documents.values().filter(|stored| of(stored.zone) && phone.follows(stored.zone));
    documents.flat_map(|stored| records_in(stored.issue, &stored.bytes)).collect()
}

pub fn records_in(issue: IssueId, bytes: &[u8]) -> Vec<String> {
    let read = Document::load(bytes).ok().and_then(|document| document.read(issue).ok());
    let records = read.into_iter().flat_map(|issue| {
        let steps = issue.steps.into_iter().map(|entry| entry.id);
        steps.chain(issue.remarks.into_iter().map(|entry| entry.id)).collect::<Vec<_>>()
    });
    records.collect()
}

/// How the world stands at the end, for the trace. Without hashes: those of the hub's own changes are drawn anew each time.
pub async fn picture(world: &World) -> Vec<String> {
    let issue = |(issue, kept): (IssueId, Kept)| {
        let state = kept.document.read(issue).map(|read| read.state);
        format!("{issue} {} {} {state:?} {:?}", kept.number, kept.zone, kept.records)
    };
    let phone = |phone: &Phone| {
        let found = &phone.storage.found;
        let refused: Vec<_> = found.refused.iter().map(|refused| &refused.refusal.0).collect();
        format!("{} documents, {} unsent, refused {refused:?}", found.documents.len(), found.unsent.len())
    };
    let all = world.office.everything().await.into_iter().map(issue);
    all.chain(world.phones.iter().map(phone)).collect()
}
