//! A world: an office, its phones, and the operations that a plan may name. Carries requests and answers, and tells the
//! model what people were told. Decides nothing by chance: that was done when the plan was made.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_server::service::{ServiceError, directory};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{Actor, DeviceId, IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::sync::handover::Maker;
use xiaohao_shared::sync::wire::{Body, Heal, Push, Receipt, Request, Response, Stop, Verdict};
use xiaohao_shared::time::{DAY, MINUTE};

use super::chance::mix;
use super::check::records_in;
use super::deeds::{Deed, picture};
use super::model::Model;
use super::office::{Office, key_of, record_of};
use super::phone::{Phone, Said};
use super::plan::{Grant, Op, Plan, ZONES};
use super::plant::Plant;
use super::{Outcome, check, clock};
use crate::handover;
use crate::phone::nothing;

/// Requests after which a sync that does not end is taken for one that never will.
const MOST_REQUESTS: usize = 300;
/// Rounds after which everybody has spoken often enough.
const SPOKEN_IN_TURN: usize = 3;
/// Rounds in which everybody syncs until nothing moves any more.
const MOST_ROUNDS: usize = 12;
/// A world does not grow without end.
const MOST_PHONES: usize = 60;

pub struct World {
    pub office: Office,
    pub phones: Vec<Phone>,
    pub model: Model,
    pub violations: Vec<String>,
    /// Whether the plan is about photos: they take long.
    with_photos: bool,
    /// Requests that compared a whole zone.
    pub repairs: usize,
    /// The bytes of photos. Empty where the plan is not about them.
    pictures: BTreeMap<PhotoId, Vec<u8>>,
    trace: Vec<String>,
    enrolled: u64,
    deeds: usize,
    pushes: usize,
    seed: u64,
    plant: Option<Plant>,
}

impl World {
    pub async fn begin(plan: &Plan, plant: Option<Plant>) -> Self {
        let setup = &plan.setup;
        clock::begin();
        let mut world = Self {
            office: Office::begin().await,
            phones: Vec::new(),
            model: Model::default(),
            violations: Vec::new(),
            with_photos: plan.ops.iter().any(|op| matches!(op, Op::Photos { .. } | Op::Evict { .. })),
            repairs: 0,
            pictures: BTreeMap::new(),
            trace: Vec::new(),
            enrolled: 0,
            deeds: 0,
            pushes: 0,
            seed: setup.seed,
            plant,
        };
        for grant in &setup.people {
            world.enrol(grant).await;
        }
        world
    }

    async fn enrol(&mut self, grant: &Grant) {
        if self.phones.len() < MOST_PHONES {
            self.enrolled += 1;
            let device = DeviceId(1_000 + self.enrolled);
            let person = self.office.welcome(grant, device).await;
            let phone = Phone::new(device, person, Default::default(), self.seed_of_phone(), self.plant);
            self.phones.push(phone);
        }
    }

    fn seed_of_phone(&self) -> u64 {
        mix(mix(self.seed) + ((self.phones.len() as u64) << 32))
    }

    fn at(&self, phone: usize) -> usize {
        phone % self.phones.len()
    }

    /// Does one operation; what came of it is one line of the trace.
    pub async fn apply(&mut self, op: &Op) {
        clock::advance(7_000);
        let told = self.happen(op).await;
        self.trace.push(format!("{op:?}: {told}"));
    }

    async fn happen(&mut self, op: &Op) -> String {
        match op {
            Op::Report { phone, zone } => self.report(*phone, *zone),
            Op::Remark { phone, issue } => self.write(*phone, *issue, |deed, _, _, _| Some(deed.remark())),
            Op::Step { phone, issue, choice } => self.step(*phone, *issue, *choice),
            Op::Move { phone, issue, zone } => self.moved(*phone, *issue, *zone),
            Op::Dismiss { phone } => self.dismiss(*phone),
            Op::Sync { phone } => self.sync(self.at(*phone)).await,
            Op::Ask { phone } => self.ask(self.at(*phone)).await,
            Op::Cut { phone } => self.cut(self.at(*phone)),
            Op::LoseAnswer { phone } => self.lose_answer(self.at(*phone)).await,
            Op::Repeat { phone } => self.repeat(self.at(*phone)).await,
            Op::Poison { phone, issue, kind } => self.poison(self.at(*phone), *issue, *kind).await,
            Op::Photos { phone } => self.photos(self.at(*phone)).await,
            Op::Evict { phone } => self.evict(self.at(*phone)).await,
            Op::Shed { phone, odd } => self.shed(self.at(*phone), *odd).await,
            Op::Open { phone, issue } => format!("{}", self.phone(*phone).open(*issue)),
            Op::Handover { phone, courier } => self.hand_over(self.at(*phone), self.at(*courier)).await,
            Op::Forge { phone, issue, victim } => self.forge(self.at(*phone), *issue, self.at(*victim)).await,
            Op::Away { phone, days } => self.away(self.at(*phone), *days).await,
            Op::DieServing { phone } => self.die_serving(self.at(*phone)).await,
            Op::Adopt => format!("{}", self.office.adopt(self.phones[0].device).await),
            Op::Wait { minutes } => self.wait(*minutes).await,
            fault => self.fault(fault).await,
        }
    }

    async fn fault(&mut self, op: &Op) -> String {
        let before = self.whereabouts_before(op).await;
        let told = self.strike(op).await;
        if let Some(before) = before {
            let after = self.whereabouts().await;
            self.model.destroyed(&before, &after);
        }
        told
    }

    /// Where something may be destroyed for good, everything is counted before and after.
    async fn whereabouts_before(&self, op: &Op) -> Option<BTreeSet<String>> {
        let destroys = matches!(
            op,
            Op::Restore { .. } | Op::RestoreOffice | Op::Grant { .. } | Op::Revoke { .. } | Op::Leave { .. }
        );
        if destroys { Some(self.whereabouts().await) } else { None }
    }

    async fn strike(&mut self, op: &Op) -> String {
        match op {
            Op::Crash { phone } => self.phone(*phone).crash(),
            Op::Fuse { phone, effects } => self.phone(*phone).fuse = Some(*effects),
            Op::Full { phone, writes } => self.phone(*phone).full = *writes,
            Op::Clock { phone, days } => self.phone(*phone).days_wrong = *days,
            Op::Keep { phone } => self.phone(*phone).keep(),
            Op::Restore { phone } => self.model.turned_back |= self.phone(*phone).restore(),
            Op::OldPosition { phone, other_log } => {
                self.model.turned_back = true;
                self.phone(*phone).forget_position(*other_log);
            }
            Op::Clone { phone } => self.clone_phone(*phone),
            Op::Grant { phone, grant } => {
                let person = self.phone(*phone).person.id;
                self.office.grant(person, grant).await;
            }
            Op::Revoke { phone } => {
                let device = self.phone(*phone).device;
                self.office.revoke(device).await;
            }
            Op::Leave { phone, gone } => {
                let person = self.phone(*phone).person.clone();
                self.office.leave(&person, *gone).await;
            }
            Op::Slow { phone, bytes } => self.phone(*phone).line = Some(*bytes),
            Op::Torn { phone } => self.phone(*phone).torn = true,
            Op::Trap { phone, issue } => self.trap(self.at(*phone), *issue),
            Op::Tabs { phone } => self.phone(*phone).tabs = true,
            Op::OldApp { phone } => self.phone(*phone).old = true,
            Op::Enrol { grant } => self.enrol(grant).await,
            Op::Backup => self.office.backup(),
            Op::RestoreOffice => {
                // Nobody puts a backup back in the moment in which an answer travels.
                (0..self.phones.len()).for_each(|at| drop(self.cut(at)));
                let before = self.office.records().await;
                if self.office.restore().await {
                    self.model.restored(&before, &self.office.records().await);
                }
            }
            _ => self.office.crash().await,
        }
        String::new()
    }

    fn phone(&mut self, phone: usize) -> &mut Phone {
        let at = self.at(phone);
        &mut self.phones[at]
    }

    fn clone_phone(&mut self, phone: usize) {
        if self.phones.len() < MOST_PHONES {
            let twin = self.phones[self.at(phone)].cloned(self.seed_of_phone());
            self.phones.push(twin);
            self.model.doubled = true;
        }
    }

    fn report(&mut self, phone: usize, zone: usize) -> String {
        self.deeds += 1;
        let at = self.at(phone);
        let phone = &self.phones[at];
        let zones: Vec<ZoneId> = phone.person.zones.iter().copied().collect();
        let deed = Deed { number: self.deeds, by: &phone.person, at: phone.now() };
        let zone = zones.get(zone % zones.len().max(1)).copied().unwrap_or(ZoneId(1));
        let (issue, edit) = (deed.new_issue(), deed.report(zone));
        self.save(at, issue, edit)
    }

    fn step(&mut self, phone: usize, issue: usize, choice: usize) -> String {
        self.write(phone, issue, |deed, id, document, other| {
            deed.step(&document.read(id).ok()?, &document.conflicts(), other, choice)
        })
    }

    fn moved(&mut self, phone: usize, issue: usize, zone: u32) -> String {
        self.model.moved = true;
        self.write(phone, issue, |deed, id, document, _| {
            Some(deed.moved(&document.read(id).ok()?, ZoneId(1 + zone % ZONES)))
        })
    }

    fn write(
        &mut self,
        phone: usize,
        issue: usize,
        edit: impl FnOnce(Deed<'_>, IssueId, &Document, IssueId) -> Option<Edit>,
    ) -> String {
        self.deeds += 1;
        let at = self.at(phone);
        let phone = &self.phones[at];
        let deed = Deed { number: self.deeds, by: &phone.person, at: phone.now() };
        let Some((id, document)) = phone.nth(issue) else { return "no issue".into() };
        let other = phone.nth(issue + 1).map_or(id, |(other, _)| other);
        let Some(edit) = edit(deed, id, &document, other) else { return "nothing to do".into() };
        self.save(at, id, edit)
    }

    fn save(&mut self, at: usize, issue: IssueId, edit: Edit) -> String {
        let record = record_of(&edit).unwrap_or_default();
        let phone = &mut self.phones[at];
        let mut said = phone.save(issue, edit.clone());
        if said == Said::Nothing && phone.tabs {
            said = phone.save_again(issue, edit.clone());
        }
        let device = phone.device;
        self.model.told(record.clone(), issue, device, said);
        if said == Said::Saved && self.with_photos {
            let taken = edit.photos.iter().map(|(id, photo)| (*id, picture(self.deeds, photo.stage)));
            self.pictures.extend(taken);
            self.model.taken.extend(edit.photos.keys().map(|id| (id.to_string(), record.clone())));
        }
        format!("{said:?}")
    }

    fn trap(&mut self, at: usize, issue: usize) {
        if let Some((issue, _)) = self.phones[at].nth(issue) {
            self.model.turned_back = true;
            self.phones[at].trap(issue);
        }
    }

    /// What the office still must get goes there, then it is asked what it lacks.
    async fn photos(&mut self, at: usize) -> String {
        let (ready, device) =
            (self.phones[at].album.ready(&self.phones[at].storage.found.unsent), self.phones[at].device);
        let mut arrived = 0;
        for photo in ready {
            let Some(bytes) = self.pictures.get(&photo) else { continue };
            if self.office.upload(device, photo, bytes.clone()).await {
                self.phones[at].album.arrived(photo);
                arrived += 1;
            }
        }
        let status = &self.phones[at].status;
        let in_step = status.complete && !status.syncing && status.failure.is_none();
        if let Some(log) = self.phones[at].storage.found.reached.log.filter(|_| in_step) {
            let about = self.phones[at].album.to_ask(log);
            if let Some(wanted) = self.office.wanted(device, about).await {
                self.phones[at].album.answered(log, wanted, self.plant);
            }
        }
        format!("{arrived} arrived")
    }

    /// What the office said that it has may go, also where it was restored since and the phone has not heard of that yet.
    async fn evict(&mut self, at: usize) -> String {
        let plant = self.plant;
        let album = &mut self.phones[at].album;
        let gone = album.evict(plant);
        let delivered: Vec<PhotoId> = gone.iter().copied().filter(|photo| album.is_delivered(photo)).collect();
        let at_office = self.office.photos().await;
        let unlucky = delivered.iter().filter(|photo| self.model.turned_back && !at_office.contains(photo));
        self.model.destroyed.extend(unlucky.map(PhotoId::to_string));
        format!("{} went", gone.len())
    }

    /// As with photos: an office that was restored may have lost what the phone still counts on.
    async fn shed(&mut self, at: usize, odd: bool) -> String {
        let half = |issue: &&IssueId| (issue.0[0] % 2 == 1) == odd;
        let issues: Vec<IssueId> = self.phones[at].storage.documents.keys().filter(half).copied().collect();
        let before = self.phones[at].storage.clone();
        self.phones[at].shed(issues);
        let gone = self.phones[at].storage.shed();
        if self.model.turned_back && !gone.is_empty() {
            let left = self.whereabouts().await;
            let lost = gone.iter().filter_map(|issue| Some((*issue, before.documents.get(issue)?)));
            let lost = lost.flat_map(|(issue, stored)| records_in(issue, &stored.bytes));
            self.model.destroyed.extend(lost.filter(|record| !left.contains(record)));
        }
        format!("{} are rows only", gone.len())
    }

    /// A file is made, signed, read and brought, photos and all. What came of it the phone hears at its own next sync.
    async fn hand_over(&mut self, at: usize, courier: usize) -> String {
        let Phone { device, person, storage, album, .. } = &self.phones[at];
        if storage.found.unsent.is_empty() {
            return "nothing to bring".into();
        }
        let office = Some(directory::id(&self.office.service));
        let maker = Maker { office, device: *device, person: person.id, at: self.phones[at].now() };
        let named = storage.found.unsent.iter().flat_map(|unsent| unsent.intent.photos.keys());
        let photos = named.filter(|photo| album.has.contains(photo)).filter_map(|photo| self.pictures.get(photo));
        let photos: Vec<Vec<u8>> = photos.cloned().collect();
        let file = handover::file(&key_of(*device), maker, &handover::unsent(storage), &photos);
        let parcels = handover::read(&file).expect("a file that was just made");
        let mut told = Vec::new();
        for parcel in &parcels {
            told.push(self.office.carried(self.phones[courier].device, parcel).await);
        }
        told.join(", ")
    }

    /// The others go on, and the office tidies up.
    async fn away(&mut self, at: usize, days: i64) -> String {
        clock::advance(days * DAY);
        for other in (0..self.phones.len()).filter(|other| *other != at) {
            self.sync(other).await;
        }
        self.office.service.sweep().await.expect("tidied up");
        String::new()
    }

    /// What was written in the transaction that was open is gone, and nobody gets an answer.
    async fn die_serving(&mut self, at: usize) -> String {
        self.phones[at].nudge();
        let Some(request) = self.phones[at].request.take() else { return "nothing to ask".into() };
        let before = self.office.image();
        let served = self.office.serve(self.phones[at].device, &request).await.is_ok();
        self.office.replace(before).await;
        self.phones[at].failed(Failure::Offline);
        format!("{served}")
    }

    fn dismiss(&mut self, phone: usize) -> String {
        let record = self.phone(phone).dismiss().and_then(|edit| record_of(&edit));
        self.model.dismissed.extend(record.clone());
        format!("{record:?}")
    }

    /// Until there is nothing more to do at once.
    pub async fn sync(&mut self, at: usize) -> String {
        let mut told = Vec::new();
        self.phones[at].nudge();
        if let Some(answer) = self.phones[at].answer.take() {
            self.answered(at, answer).await;
        }
        while let Some(request) = self.phones[at].request.take() {
            told.push(self.exchange(at, request).await);
            if told.len() > MOST_REQUESTS {
                self.violations.push(format!("the sync of phone {at} never ends"));
                break;
            }
        }
        told.join(", ")
    }

    async fn exchange(&mut self, at: usize, request: Request) -> String {
        let line = self.phones[at].line.unwrap_or(usize::MAX);
        if weight_up(&request) > line {
            self.phones[at].failed(Failure::Offline);
            return "too long for the line".into();
        }
        match self.serve(at, &request).await {
            Ok(response) if weight_down(&response) > line => {
                self.phones[at].failed(Failure::Offline);
                "the answer was too long for the line".into()
            }
            Ok(response) => {
                let told = in_short(&request, &response);
                self.answered(at, response).await;
                told
            }
            Err(failure) => {
                self.phones[at].failed(failure);
                format!("{failure:?}")
            }
        }
    }

    async fn answered(&mut self, at: usize, response: Response) {
        let person = self.office.person(self.phones[at].device).await;
        self.phones[at].knows(person);
        self.phones[at].answered(response);
    }

    async fn serve(&mut self, at: usize, request: &Request) -> Result<Response, Failure> {
        // Who died without some documents cannot know whether what is missing is only that.
        self.repairs += usize::from(request.repair.is_some() && !self.phones[at].died_lean);
        let before = self.forgotten_later(request);
        let device = self.phones[at].device;
        let drops = self.plant == Some(Plant::RevokedWorkDropped);
        let response = match self.office.stopped(device).await.filter(|_| drops) {
            Some(why) => Ok(dropped(why, request)),
            None => self.office.serve(device, request).await,
        };
        if let Some(before) = before {
            self.office.replace(before).await;
        }
        response.map_err(|error| self.not_served(at, &error))
    }

    /// The planted office forgets every third page that brought something.
    fn forgotten_later(&mut self, request: &Request) -> Option<tempfile::TempDir> {
        self.pushes += usize::from(!request.pushes.is_empty());
        let forgets = self.plant == Some(Plant::AcknowledgeBeforeCommit) && self.pushes.is_multiple_of(3);
        (forgets && !request.pushes.is_empty()).then(|| self.office.image())
    }

    fn not_served(&mut self, at: usize, error: &ServiceError) -> Failure {
        match error {
            ServiceError::DeviceRevoked => return Failure::Revoked,
            ServiceError::DeviceUnknown => return Failure::Unknown,
            _ => {}
        }
        self.violations.push(format!("the office cannot serve phone {at}: {error}"));
        Failure::Unavailable
    }

    async fn ask(&mut self, at: usize) -> String {
        self.phones[at].nudge();
        let Some(request) = self.phones[at].request.take() else { return "nothing to ask".into() };
        match self.serve(at, &request).await {
            Ok(response) => {
                let told = in_short(&request, &response);
                self.phones[at].answer = Some(response);
                told
            }
            Err(failure) => {
                self.phones[at].failed(failure);
                format!("{failure:?}")
            }
        }
    }

    fn cut(&mut self, at: usize) -> String {
        let phone = &mut self.phones[at];
        let under_way = phone.request.take().is_some() | phone.answer.take().is_some();
        if under_way {
            phone.failed(Failure::Offline);
        }
        format!("{under_way}")
    }

    async fn lose_answer(&mut self, at: usize) -> String {
        let told = self.ask(at).await;
        self.cut(at);
        told
    }

    async fn repeat(&mut self, at: usize) -> String {
        let Some(request) = self.phones[at].last.clone() else { return "nothing to repeat".into() };
        match self.office.serve(self.phones[at].device, &request).await {
            Ok(response) => in_short(&request, &response),
            Err(error) => format!("{:?}", self.not_served(at, &error)),
        }
    }

    /// Bytes that no honest phone makes: none of them may be accepted.
    async fn poison(&mut self, at: usize, issue: usize, kind: usize) -> String {
        self.deeds += 1;
        let phone = &self.phones[at];
        let Some((issue, document)) = phone.nth(issue) else { return "no issue".into() };
        let deed = Deed { number: self.deeds, by: &phone.person, at: phone.now() };
        let change = poisoned(phone.device, document, deed, kind);
        let request = Request { pushes: vec![Push { issue, change }], ..nothing() };
        let verdicts = self.office.push(phone.device, &request).await;
        if verdicts.as_ref().is_ok_and(|verdicts| matches!(verdicts[0], Verdict::Accepted { .. })) {
            self.violations.push(format!("poison of kind {} was accepted", kind % POISONS));
        }
        verdicts.map_or_else(|error| error.to_string(), |verdicts| word(&verdicts[0]).into())
    }

    /// Somebody says that the office had admitted a change of another person before it was restored, which it never had.
    async fn forge(&mut self, at: usize, issue: usize, victim: usize) -> String {
        self.deeds += 1;
        let (forger, victim) = (self.phones[at].device, &self.phones[victim]);
        let Some((issue, mut document)) = self.phones[at].nth(issue) else { return "no issue".into() };
        let deed = Deed { number: self.deeds, by: &victim.person, at: victim.now() };
        let forged =
            document.edit(Actor { device: victim.device, nonce: 3 }, &deed.remark()).map(|change| change.bytes);
        let (Ok(change), victim) = (forged, victim.device) else { return "no room".into() };
        if self.plant == Some(Plant::ReceiptsUnchecked) {
            let pushes = vec![Push { issue, change: change.clone() }];
            let _ = self.office.push(victim, &Request { pushes, ..nothing() }).await;
        }
        let changes = document.changes().into_iter().map(|change| change.bytes.into()).collect();
        let heal = vec![Heal { issue, changes, receipt: Receipt([7; 16]), number: None }];
        let told = self.office.push(forger, &Request { heal, ..nothing() }).await;
        if self.office.has(&change).await {
            self.violations.push("the office took back what it never had".into());
        }
        told.map_or_else(|error| error.to_string(), |_| String::new())
    }

    async fn wait(&mut self, minutes: u32) -> String {
        clock::advance(i64::from(minutes) * MINUTE);
        let mut told = Vec::new();
        for at in 0..self.phones.len() {
            self.phones[at].wake();
            if let Some(request) = self.phones[at].request.take() {
                told.push(format!("{at}: {}", self.exchange(at, request).await));
            }
        }
        told.join(", ")
    }

    /// All faults end, everybody is online, and time goes by until nothing moves any more.
    pub async fn quiet(&mut self) {
        for phone in &mut self.phones {
            (phone.full, phone.fuse, phone.days_wrong) = (0, None, 0);
            (phone.line, phone.torn) = (None, false);
        }
        self.hear_what_is_on_the_way().await;
        for phone in &mut self.phones {
            // Who was told that he is out opens the app again some day: a restored office may know him again.
            if phone.status.failure.is_some_and(Failure::is_stop) || !phone.avoided.is_empty() {
                phone.open_anew();
            }
        }
        self.enrol_again().await;
        self.settle().await;
        // What was only opened or made for others goes when the app is closed.
        for phone in self.phones.iter_mut().filter(|phone| phone.ever_roamed) {
            phone.open_anew();
        }
        self.settle().await;
    }

    async fn hear_what_is_on_the_way(&mut self) {
        for at in 0..self.phones.len() {
            if let Some(answer) = self.phones[at].answer.take() {
                self.answered(at, answer).await;
            }
        }
    }

    /// Whom a restored office has forgotten gets a new code: his device gets back its number, and he is a new person.
    async fn enrol_again(&mut self) {
        for at in 0..self.phones.len() {
            let Phone { device, person, .. } = &self.phones[at];
            if !self.office.knows(*device).await {
                let grant = Grant { role: person.role, zones: person.zones.iter().map(|zone| zone.0).collect() };
                self.phones[at].person = self.office.welcome(&grant, *device).await;
                self.phones[at].open_anew();
            }
        }
    }

    async fn settle(&mut self) {
        // Two storages with one key are noticed when each has spoken in turn.
        let at_least = if self.model.doubled { SPOKEN_IN_TURN } else { 0 };
        for round in 0..MOST_ROUNDS {
            let before = self.standing().await;
            clock::advance(10 * MINUTE);
            for at in 0..self.phones.len() {
                let told = self.sync(at).await;
                self.trace.push(format!("in quiet, {at}: {told}"));
                if self.with_photos {
                    self.photos(at).await;
                }
            }
            if round >= at_least && before == self.standing().await {
                return self.trace.push(format!("quiet after {round} rounds"));
            }
        }
        self.violations.push("it never becomes quiet".into());
    }

    /// What moves as long as there is something to do.
    async fn standing(&self) -> String {
        let newest = xiaohao_server::store::log::newest(&self.office.service.store).await.expect("SQL");
        let phone = |phone: &Phone| {
            let found = &phone.storage.found;
            let unsent: Vec<_> = found.unsent.iter().map(|unsent| unsent.hash).collect();
            let photos = phone.album.ready(&found.unsent).len();
            format!("{:?} {unsent:?} {} {photos}", found.documents, found.refused.len())
        };
        format!("{newest} {}", self.phones.iter().map(phone).collect::<Vec<_>>().join("; "))
    }

    /// Records that are somewhere from where they can still come: at the office, waiting on a phone, or in a document that
    /// a phone holds of a zone that its owner still has.
    async fn whereabouts(&self) -> BTreeSet<String> {
        let mut all = self.office.set_aside().await;
        all.extend(self.office.everything().await.into_values().flat_map(|kept| kept.records.into_keys()));
        all.extend(self.office.photos().await.iter().map(PhotoId::to_string));
        for phone in &self.phones {
            let found = &phone.storage.found;
            all.extend(phone.album.has.iter().map(PhotoId::to_string));
            let unsent = found.unsent.iter().map(|unsent| &unsent.intent);
            all.extend(unsent.chain(found.refused.iter().map(|refused| &refused.intent)).filter_map(record_of));
            if self.office.is_welcome(phone.device).await {
                let person = self.office.person(phone.device).await;
                let mine = |zone: ZoneId| person.zones.contains(&zone) && may_see_zone(&person, zone);
                all.extend(check::records_on(phone, mine));
            }
        }
        all
    }

    pub async fn end(mut self) -> Outcome {
        let found = check::everything(&self).await;
        self.violations.extend(found);
        self.trace.extend(check::picture(&self).await);
        // Most plans need not read the office a second time.
        let excused = match self.model.lost_again.is_empty() {
            true => 0,
            false => check::lost_again(&self, &self.office.everything().await).len(),
        };
        self.office.service.close().await;
        Outcome { trace: self.trace, violations: self.violations, excused }
    }
}

const POISONS: usize = 5;

fn poisoned(device: DeviceId, mut document: Document, deed: Deed<'_>, kind: usize) -> Vec<u8> {
    let actor = |device, nonce| Actor { device, nonce };
    let mut write = |device, deed: Deed<'_>| document.edit(actor(device, 1), &deed.remark()).map(|change| change.bytes);
    let mut change = match kind % POISONS {
        // Builds on what nobody has.
        0 => write(device, deed).and_then(|_| write(device, Deed { number: deed.number + 50_000_000, ..deed })),
        // In another device's name.
        1 => write(DeviceId(device.0 + 1), deed),
        _ => write(device, deed),
    }
    .unwrap_or_default();
    match kind % POISONS {
        2 => change.truncate(change.len() / 2),
        3 => change.iter_mut().skip(20).step_by(7).for_each(|byte| *byte ^= 0x11),
        4 => change = vec![b'<'; 70_000],
        _ => {}
    }
    change
}

/// What a page weighs on the line: compression would depend on what is random in it.
fn weight_up(request: &Request) -> usize {
    let pushes = request.pushes.iter().map(|push| push.change.len());
    let heals = request.heal.iter().flat_map(|heal| heal.changes.iter().map(|change| change.len()));
    let repair = request.repair.as_ref().map_or(0, |repair| 24 * repair.fingerprints.len());
    pushes.chain(heals).sum::<usize>() + repair
}

fn weight_down(response: &Response) -> usize {
    let weight = |body: &Body| match body {
        Body::Change(bytes) | Body::Snapshot(bytes) => bytes.len(),
        Body::LetGo => 0,
    };
    response.items.iter().map(|item| weight(&item.body)).sum()
}

/// The planted office says that it knows what it threw away.
fn dropped(why: Stop, request: &Request) -> Response {
    Response {
        log: None,
        time: clock::now(),
        office: 0,
        verdicts: request.pushes.iter().map(|_| Verdict::Known { receipt: None }).collect(),
        scopes: Vec::new(),
        items: Vec::new(),
        more: false,
        lacking: Vec::new(),
        decided: None,
        stopped: Some(why),
    }
}

fn in_short(request: &Request, response: &Response) -> String {
    let verdicts: Vec<&str> = response.verdicts.iter().map(word).collect();
    let (heal, repair) = (request.heal.len(), request.repair.is_some());
    let (items, lacking) = (response.items.len(), response.lacking.len());
    format!("[{}] {items} items, heal {heal}, repair {repair}, lacking {lacking}", verdicts.join(" "))
}

fn word(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Accepted { .. } => "accepted",
        Verdict::Known { .. } => "known",
        Verdict::MissingDependencies => "missing",
        Verdict::Refused(why) | Verdict::Held(why) => &why.0,
    }
}
