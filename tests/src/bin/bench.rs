//! The figures that this product promises, on a real server process over real HTTP: bytes on the wire, what a storm of edits
//! costs, memory, restart. Prints a table; run it by `./x bench`, never in tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
use xiaohao_tests::TestDevice;
use xiaohao_tests::edits::{photo, record_id};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::workload::{self, Chance};

const PORT: u16 = 18_473;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = std::env::var("XIAOHAO_SERVER").unwrap_or_else(|_| "target/release/xiaohao-server".into());
    println!("| what | figure |\n|---|---|");
    zone_and_storm(&server).await?;
    memory(&server).await
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// An office of 2,000 issues in 20 zones; one phone, then a hundred.
async fn zone_and_storm(server: &str) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut office = Office::fill(data.path(), 2_000).await?;
    let mut phones = office.phones().await?;
    office.service.close().await;
    let mut process = Process::start(server, data.path()).await?;
    first_sync(&mut phones[0]).await?;
    for phone in &mut phones[1..] {
        ensure!(phone.sync().await.is_none(), "first sync");
    }
    let made = storm_edits(&mut phones)?;
    twenty_edits(&mut phones[0]).await?;
    storm(&process, &mut phones, &made).await?;
    nothing_changed(&mut phones[0]).await?;
    process.stop()?;
    let output = Command::new(server).args(["verify", "--data"]).arg(data.path()).output()?;
    row("verify after the storm", String::from_utf8_lossy(&output.stdout).trim().replace('\n', "; "));
    Ok(())
}

async fn first_sync(phone: &mut Phone) -> anyhow::Result<()> {
    let first = phone.sync_once().await;
    ensure!(first.is_none(), "first page");
    let (page, documents) = (phone.traffic.down, phone.storage.documents.len());
    row("first page of a zone of 100, bytes down", format!("{page} ({documents} issues)"));
    ensure!(phone.sync().await.is_none(), "first sync");
    ensure!(phone.storage.documents.len() == workload::ZONE_SIZE, "the whole zone");
    let traffic = phone.traffic;
    row(
        "first sync of a zone of 100 with history, bytes down + up",
        format!(
            "{} + {} in {} requests",
            traffic.down + traffic.down_headers,
            traffic.up + traffic.up_headers,
            traffic.requests
        ),
    );
    Ok(())
}

async fn twenty_edits(phone: &mut Phone) -> anyhow::Result<()> {
    ensure!(phone.status.unsent == 20, "twenty edits wait: {}", phone.status.unsent);
    let before = phone.traffic;
    ensure!(phone.sync().await.is_none() && phone.status.unsent == 0, "pushed");
    ensure!(phone.refused().is_empty(), "refused: {:?}", phone.refused()[0]);
    let after = phone.traffic;
    row("20 offline edits pushed, body up", after.up - before.up);
    row("… headers that we control", after.up_headers - before.up_headers);
    row("… bytes down", after.down - before.down);
    Ok(())
}

async fn nothing_changed(phone: &mut Phone) -> anyhow::Result<()> {
    ensure!(phone.sync().await.is_none(), "quiet");
    let before = phone.traffic;
    ensure!(phone.sync().await.is_none(), "quiet");
    let after = phone.traffic;
    let (up_headers, down_headers) = (after.up_headers - before.up_headers, after.down_headers - before.down_headers);
    let bytes = (after.up - before.up) + up_headers + (after.down - before.down) + down_headers;
    row("nothing changed: requests", after.requests - before.requests);
    row(
        "nothing changed: body and our headers up + body and our headers down",
        format!("{} + {up_headers} + {} + {down_headers} = {bytes}", after.up - before.up, after.down - before.down),
    );
    Ok(())
}

/// A hundred phones at once, until each holds everything of its zone.
async fn storm(process: &Process, phones: &mut [Phone], made: &[Made]) -> anyhow::Result<()> {
    let (began, cpu) = (Instant::now(), process.cpu()?);
    let up: usize = phones.iter().map(|phone| phone.traffic.up + phone.traffic.down).sum();
    // Twice: what a zone mate pushed later has to come down, too.
    for _ in 0..2 {
        let failures = futures_util::future::join_all(phones.iter_mut().map(Phone::sync)).await;
        ensure!(failures.iter().all(Option::is_none), "a phone was not answered");
    }
    let bytes: usize = phones.iter().map(|phone| phone.traffic.up + phone.traffic.down).sum::<usize>() - up;
    row("2,000 edits of 100 phones at once: seconds until all agree", format!("{:.1}", began.elapsed().as_secs_f64()));
    row("… server CPU per edit, ms", format!("{:.2}", (process.cpu()? - cpu) * 1000.0 / made.len() as f64));
    row("… bytes up and down in all", bytes);
    ensure!(phones.iter().all(|phone| phone.refused().is_empty()), "something was refused");
    row("… server memory after it, MB", process.memory_mb()?);
    agree(phones, made)
}

/// Every record of the storm is on every phone of its zone, and those phones hold the same.
fn agree(phones: &[Phone], made: &[Made]) -> anyhow::Result<()> {
    let mut zones: BTreeMap<ZoneId, Vec<&Phone>> = BTreeMap::new();
    for phone in phones {
        zones.entry(zone_of(phone)).or_default().push(phone);
    }
    for (zone, mates) in &zones {
        let prints: BTreeSet<Vec<(IssueId, u64)>> = mates.iter().map(|phone| prints(phone)).collect();
        ensure!(prints.len() == 1, "the phones of zone {zone} differ");
        // They agree, so what one holds all hold.
        let held = records(mates[0])?;
        let lost = made.iter().filter(|made| made.zone == *zone && !held.contains(&made.record)).count();
        ensure!(lost == 0, "{lost} edits of zone {zone} are lost");
    }
    row("… edits found on every phone of their zone, phones that differ", format!("{} of {0}, 0", made.len()));
    Ok(())
}

fn zone_of(phone: &Phone) -> ZoneId {
    phone.person.zones.first().copied().unwrap_or(ZoneId(0))
}

fn prints(phone: &Phone) -> Vec<(IssueId, u64)> {
    phone.storage.documents.values().map(|document| (document.issue, document.fingerprint)).collect()
}

fn records(phone: &Phone) -> anyhow::Result<BTreeSet<(IssueId, String)>> {
    let mut records = BTreeSet::new();
    for document in phone.storage.documents.values() {
        let issue = Document::load(&document.bytes)?.read(document.issue)?;
        let ids = issue.steps.into_iter().map(|step| step.id).chain(issue.remarks.into_iter().map(|remark| remark.id));
        records.extend(ids.map(|id| (document.issue, id)));
    }
    Ok(records)
}

async fn memory(server: &str) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let began = Instant::now();
    let mut office = Office::fill(data.path(), 20_000).await?;
    let took = began.elapsed().as_secs_f64();
    row(
        "20,000 issues filled through the admission, changes per second",
        format!("{:.0}", office.changes as f64 / took),
    );
    let mut phone = office.phone(0).await?;
    office.service.close().await;
    let began = Instant::now();
    let mut process = Process::start(server, data.path()).await?;
    row("restart to serving with 20,000 issues, ms", began.elapsed().as_millis());
    ensure!(phone.sync().await.is_none(), "a zone");
    row("server memory with 20,000 issues after a first sync, MB", process.memory_mb()?);
    let size = std::fs::metadata(data.path().join("office.db"))?.len();
    row("database per issue, bytes", size / 20_000);
    process.stop()
}

struct Process(Child);

impl Process {
    async fn start(server: &str, data: &Path) -> anyhow::Result<Self> {
        let listen = format!("127.0.0.1:{PORT}");
        let mut command = Command::new(server);
        command.args(["serve", "--listen", &listen, "--data"]).arg(data);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("the server binary")?;
        let process = Self(child);
        for _ in 0..2_000 {
            let answer = reqwest::get(format!("http://{listen}/readyz")).await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return Ok(process);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        anyhow::bail!("the server does not answer")
    }

    fn memory_mb(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("kB")?.parse::<u64>()? / 1024)
    }

    /// Seconds of CPU so far; the kernel counts hundredths.
    fn cpu(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let rest = stat.rsplit_once(')').context("stat")?.1;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / 100.0)
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

/// The office before the storm, brought in through the admission like everything else.
struct Office {
    service: Service,
    zones: usize,
    cadres: Vec<Caller>,
    desk: Caller,
    /// Closes what the desk itself handed in, where a zone has no cadre.
    checker: Caller,
    changes: usize,
}

impl Office {
    async fn fill(data: &Path, issues: usize) -> anyhow::Result<Self> {
        let service = Service::open(data, system_clock).await?;
        let zones = issues / workload::ZONE_SIZE;
        let zone = |id| Zone { id: ZoneId(id), name: format!("网格{id:03}"), code: String::new() };
        directory::save_zones(&service, &(1..=zones as u32).map(zone).collect::<Vec<_>>()).await?;
        let mut office = Self {
            desk: caller(&service, "指挥", Role::Supervisor, zones).await?,
            checker: caller(&service, "督查", Role::Supervisor, zones).await?,
            zones,
            service,
            cadres: vec![],
            changes: 0,
        };
        for cadre in 0..workload::CADRES {
            office
                .cadres
                .push(caller(&office.service, &format!("干部{cadre:03}"), Role::Cadre, cadre % zones + 1).await?);
        }
        for zone in 0..zones {
            office.zone(zone, &workload::issues(issues)).await?;
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
        let request = Request {
            log: None,
            process: 0,
            unsent: 0,
            page_bytes: 0,
            scopes: vec![],
            pushes,
            want: vec![],
            heal: vec![],
            repair: None,
            held: None,
            turn: None,
        };
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
            let remark = Remark { by: by.person.id, at: told.at, text: comment.clone(), adopted_by: None };
            told.push(by, Edit::remark(record_id(), remark));
        }
        told.pushes
    }

    async fn phones(&mut self) -> anyhow::Result<Vec<Phone>> {
        let mut phones = Vec::new();
        for cadre in 0..workload::CADRES.min(self.zones * 5) {
            phones.push(self.phone(cadre).await?);
        }
        Ok(phones)
    }

    /// A phone of a cadre, with a key of its own; its zone mates are the responsible ones for nothing yet.
    async fn phone(&mut self, cadre: usize) -> anyhow::Result<Phone> {
        let person = self.cadres[cadre].person.clone();
        let mut device = TestDevice::stranger(&format!("http://127.0.0.1:{PORT}"));
        let mut tx = self.service.write().await?;
        let key = device.key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        device.id = Some(enrolment::new_device(&mut tx, person.id, &key, "手机", system_clock()).await?);
        tx.commit().await?;
        Ok(Phone::new(device, &person))
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

fn issue_id(at: Timestamp, chance: &mut Chance) -> IssueId {
    let mut random = [0; 10];
    random.iter_mut().for_each(|byte| *byte = chance.below(256) as u8);
    IssueId::new(at.0.unsigned_abs(), random)
}

fn report_of(issue: &workload::Issue, by: PersonId, at: Timestamp) -> Edit {
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
                let remark = Remark { by: desk.person.id, at: self.at, text: note.into(), adopted_by: None };
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

/// What was saved on a phone before the storm.
struct Made {
    zone: ZoneId,
    record: (IssueId, String),
}

/// Every phone makes its twenty edits offline; an update is a step where this cadre may take one, else a remark.
fn storm_edits(phones: &mut [Phone]) -> anyhow::Result<Vec<Made>> {
    let zones = phones.iter().flat_map(|phone| &phone.person.zones).collect::<BTreeSet<_>>().len();
    let mut chance = Chance::new(7);
    let mut made = Vec::new();
    for (phone, edits) in phones.iter_mut().zip(workload::edits(zones)) {
        let ids: Vec<IssueId> = phone.storage.documents.keys().copied().collect();
        for edit in edits {
            let (by, at) = (phone.person.id, phone.now());
            let (issue, edit) = match edit {
                workload::Edit::New(issue) => (issue_id(at, &mut chance), report_of(&issue, by, at)),
                workload::Edit::Update(target, note) => (ids[target], update(phone, ids[target], note)),
                workload::Edit::Comment(target, text) => {
                    (ids[target], Edit::remark(record_id(), Remark { by, at, text, adopted_by: None }))
                }
            };
            let step = edit.step.as_ref().map(|step| step.id.clone());
            let id = step.or_else(|| edit.remark.as_ref().map(|remark| remark.id.clone())).unwrap_or_default();
            made.push(Made { zone: zone_of(phone), record: (issue, id) });
            phone.save(issue, edit).map_err(|reason| anyhow::anyhow!("not saved: {reason:?}"))?;
        }
    }
    Ok(made)
}

fn update(phone: &Phone, id: IssueId, note: String) -> Edit {
    let (by, at) = (phone.person.id, phone.now());
    let issue = phone.read(id);
    let mine = issue.as_ref().is_some_and(|issue| issue.assignee == Some(by));
    let step = |action, from, to: Option<State>| {
        Edit::step(record_id(), Step { from: Some(from), to, reason: note.clone(), ..Step::new(by, at, action) })
    };
    match issue.map(|issue| (issue.state, issue.rectified_by() == Some(by))) {
        Some((State::Dispatched, _)) if mine => step(Action::Start, State::Dispatched, Some(State::Handling)),
        Some((State::ToCheck, false)) => step(Action::Rework, State::ToCheck, Some(State::Rework)),
        Some((state, _)) if state.is_open() => step(Action::Photograph, state, None),
        _ => Edit::remark(record_id(), Remark { by, at, text: note, adopted_by: None }),
    }
}
