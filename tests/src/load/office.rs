//! An office as it is before the storm, made by a fixed generator and brought in through the admission like everything else.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use xiaohao_server::service::directory::{self, Caller};
use xiaohao_server::service::{Service, enrolment, sync, system_clock};
use xiaohao_server::store::people;
use xiaohao_shared::api::SavePerson;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit, Report};
use xiaohao_shared::id::{Actor, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Fix, FixSource, Place, Remark, Role, Severity, Stage, Step, Zone};
use xiaohao_shared::sync::wire::{Push, Request, Verdict};
use xiaohao_shared::time::{DAY, Timestamp};

use crate::TestDevice;
use crate::edits::{photo, record_id};
use crate::phone::{Phone, nothing};
use crate::workload::{self, Chance};

/// The office before the storm, brought in through the admission like everything else.
pub struct Office {
    pub service: Service,
    cadres: Vec<Caller>,
    desk: Caller,
    /// Closes what the desk itself handed in, where a zone has no cadre.
    checker: Caller,
    /// How many changes came in while it was filled.
    pub changes: usize,
}

impl Office {
    /// An office of so many issues in so many zones, with cadres spread over these.
    pub async fn fill(data: &Path, issues: usize, zones: usize, cadres: usize) -> anyhow::Result<Self> {
        let service = Service::open(data, system_clock).await?;
        let zone =
            |id| Zone { id: ZoneId(id), name: format!("网格{id:03}"), code: String::new(), bearers: Vec::new() };
        directory::save_zones(&service, &(1..=zones as u32).map(zone).collect::<Vec<_>>()).await?;
        let mut office = Self {
            desk: caller(&service, "指挥", Role::Supervisor, zones).await?,
            checker: caller(&service, "督查", Role::Supervisor, zones).await?,
            service,
            cadres: vec![],
            changes: 0,
        };
        for cadre in 0..cadres {
            office
                .cadres
                .push(caller(&office.service, &format!("干部{cadre:03}"), Role::Cadre, cadre % zones + 1).await?);
        }
        let issues = workload::issues(issues, zones);
        for zone in 0..zones {
            office.zone(zone, &issues).await?;
        }
        Ok(office)
    }

    async fn zone(&mut self, zone: usize, issues: &[workload::Issue]) -> anyhow::Result<()> {
        let mut told: Vec<Vec<(Caller, Push)>> = Vec::new();
        let mut chance = Chance::new(zone as u32);
        for issue in issues.iter().filter(|issue| issue.zone == zone) {
            told.push(self.history(issue, &mut chance));
        }
        // One step of every issue after the other, so that a page holds many issues, as it would on a busy day.
        let longest = told.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..longest {
            let mut by_caller: BTreeMap<u64, (Caller, Vec<Push>)> = BTreeMap::new();
            for (caller, push) in told.iter().filter_map(|pushes| pushes.get(at)).cloned() {
                by_caller.entry(caller.device.0).or_insert_with(|| (caller, Vec::new())).1.push(push);
            }
            for (caller, pushes) in by_caller.into_values() {
                self.bring(&caller, pushes).await?;
            }
        }
        Ok(())
    }

    async fn bring(&mut self, caller: &Caller, pushes: Vec<Push>) -> anyhow::Result<()> {
        self.changes += pushes.len();
        let request = Request { pushes, ..nothing() };
        for verdict in sync::push_only(&self.service, caller, &request).await? {
            ensure!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
        }
        Ok(())
    }

    fn history(&self, issue: &workload::Issue, chance: &mut Chance) -> Vec<(Caller, Push)> {
        let mates: Vec<&Caller> =
            self.cadres.iter().filter(|cadre| cadre.person.zones.contains(&ZoneId(issue.zone as u32 + 1))).collect();
        let desk = &self.desk;
        let mate = |chance: &mut Chance| if mates.is_empty() { desk } else { mates[chance.below(mates.len())] };
        let (reporter, worker) = (mate(chance), mate(chance));
        let at = Timestamp(1_788_192_000_000 + issue.reported_at * 1000);
        let mut told = Told { id: issue_id(at, chance), document: Document::default(), pushes: vec![], at };
        told.push(reporter, report_of(issue, reporter.person.id, at));
        for (entry, note) in issue.timeline.iter().enumerate().skip(1) {
            told.at = told.at + DAY;
            told.entry(desk, worker, &self.checker, entry, note);
        }
        for comment in &issue.comments {
            let by = mate(chance);
            let remark = Remark::new(by.person.id, told.at, comment.clone());
            told.push(by, Edit::remark(record_id(), remark));
        }
        told.pushes
    }

    /// A phone for each of the first cadres.
    pub async fn phones(&mut self, count: usize) -> anyhow::Result<Vec<Phone>> {
        let mut phones = Vec::new();
        for cadre in 0..count.min(self.cadres.len()) {
            phones.push(self.phone(cadre).await?);
        }
        Ok(phones)
    }

    /// A phone of a cadre, with a key of its own; enrolled without HTTP, and told where the server is when that runs.
    pub async fn phone(&mut self, cadre: usize) -> anyhow::Result<Phone> {
        let person = self.cadres[cadre].person.clone();
        Ok(Phone::new(self.enrolled(person.id).await?, &person))
    }

    /// The supervisor's PC.
    pub async fn pc(&self) -> anyhow::Result<TestDevice> {
        self.enrolled(self.desk.person.id).await
    }

    async fn enrolled(&self, person: PersonId) -> anyhow::Result<TestDevice> {
        let mut device = TestDevice::stranger("http://not-started.invalid");
        let mut tx = self.service.write().await?;
        let key = device.key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        device.id = Some(enrolment::new_device(&mut tx, person, &key, "手机", system_clock()).await?);
        tx.commit().await?;
        Ok(device)
    }
}

async fn caller(service: &Service, name: &str, role: Role, zone: usize) -> anyhow::Result<Caller> {
    let zones = if role == Role::Cadre { vec![ZoneId(zone as u32)] } else { (1..=zone as u32).map(ZoneId).collect() };
    let id =
        directory::put_person(service, SavePerson { id: None, name: name.into(), role, zones, active: true }).await?;
    let mut tx = service.write().await?;
    let device = enrolment::new_device(&mut tx, id, &[], "", system_clock()).await?;
    let person = people::find(&mut tx, id).await?.context("the person")?;
    tx.commit().await?;
    Ok(Caller { device, person })
}

pub fn issue_id(at: Timestamp, chance: &mut Chance) -> IssueId {
    let mut random = [0; 10];
    random.iter_mut().for_each(|byte| *byte = chance.below(256) as u8);
    IssueId::new(at.0.unsigned_abs(), random)
}

pub fn report_of(issue: &workload::Issue, by: PersonId, at: Timestamp) -> Edit {
    let (lat, lon) = issue.position;
    let fix = Fix { lat, lon, accuracy_m: 12.0, datum: "wgs84".into(), source: FixSource::Gps, fixed_at: at };
    let report = Report {
        zone: ZoneId(issue.zone as u32 + 1),
        kind: CATALOGUE[issue.kind].kind,
        place_type: PlaceType::ALL[issue.kind % PlaceType::ALL.len()],
        description: issue.description.clone(),
        place: Place { address: issue.address.clone(), landmark: String::new(), fix: Some(fix) },
        severity: Severity::ALL[issue.severity % 3],
        photos: BTreeMap::new(),
    };
    let mut edit = Edit::report(record_id(), by, at, report);
    if let Some(step) = &mut edit.step {
        step.record.reason = issue.timeline.first().cloned().unwrap_or_default();
    }
    edit
}

struct Told {
    id: IssueId,
    document: Document,
    pushes: Vec<(Caller, Push)>,
    at: Timestamp,
}

impl Told {
    /// 派单 · 到场 · 处置 · 复核 · 办结, in the steps of our workflow.
    fn entry(&mut self, desk: &Caller, worker: &Caller, checker: &Caller, entry: usize, note: &str) {
        match entry {
            1 => {
                self.step(desk, Action::File, State::Reported, State::Filed, "", |edit| edit);
                let due = self.at + 7 * DAY;
                let assignee = Some(worker.person.id);
                self.step(desk, Action::Dispatch, State::Filed, State::Dispatched, note, |mut edit| {
                    if let Some(step) = &mut edit.step {
                        step.record.until = Some(due);
                    }
                    edit.with(Value::Assignee(assignee)).with(Value::Due(Some(due)))
                });
            }
            2 => self.step(worker, Action::Start, State::Dispatched, State::Handling, note, |edit| edit),
            3 => {
                let after = photo(worker.person.id, Stage::After);
                self.step(worker, Action::HandIn, State::Handling, State::ToCheck, note, |edit| {
                    edit.with_photos(after)
                });
            }
            4 => self.step(checker, Action::Close, State::ToCheck, State::Closed, note, |edit| edit),
            _ => {
                let remark = Remark::new(desk.person.id, self.at, note.into());
                self.push(desk, Edit::remark(record_id(), remark));
            }
        }
    }

    fn step(
        &mut self,
        by: &Caller,
        action: Action,
        from: State,
        to: State,
        note: &str,
        more: impl FnOnce(Edit) -> Edit,
    ) {
        let step = Step::new(by.person.id, self.at, action);
        let step = Step { from: Some(from), to: Some(to), reason: note.into(), ..step };
        self.push(by, more(Edit::step(record_id(), step)));
    }

    fn push(&mut self, by: &Caller, edit: Edit) {
        let actor = Actor { device: by.device, nonce: u64::from_be_bytes(xiaohao_server::service::random()) };
        if let Ok(change) = self.document.edit(actor, &edit) {
            self.pushes.push((by.clone(), Push { issue: self.id, change: change.bytes }));
        }
    }
}
