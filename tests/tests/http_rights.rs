//! The table of rights, asked from outside: every way in by everybody, with the answer that the table gives. Nothing here says who
//! may do what; of the kinds of changes `http_changes` asks.

#![allow(clippy::unwrap_used)]

use base64ct::{Base64, Encoding};
use serde::Serialize;
use sha2::{Digest, Sha256};
use xiaohao_server::http::doors;
use xiaohao_server::http::doors::{Door, Verb};
use xiaohao_server::service::trail;
use xiaohao_server::store::trail::Line;
use xiaohao_shared::api::passkeys::BeginPasskey;
use xiaohao_shared::api::sign_on::BindSignOn;
use xiaohao_shared::api::views::ViewWish;
use xiaohao_shared::api::{
    BeginEnrol, BulletinReads, Enrol, Freeze, PersonDetail, ProblemKind, Recurrence, Remembered, SaveBulletin,
    SavePerson, SaveZone, TipsterWish, WeeklyHead,
};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{IssueId, PatrolId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::CATALOGUE;
use xiaohao_shared::model::indicator::Thresholds;
use xiaohao_shared::model::lock::LockRule;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::model::policy::{Asker, Reach, Right, Sight, Sure, Trace, may, sight};
use xiaohao_shared::model::retention::Retention;
use xiaohao_shared::model::rules::RuleWish;
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::{Duty, Person, Photo, Role, Stage};
use xiaohao_shared::sync::handover;
use xiaohao_shared::sync::wire;
use xiaohao_shared::time::{DAY, HOUR};
use xiaohao_tests::changes::{OWN, ZONES, push, write};
use xiaohao_tests::edits::{new_issue, photo, picture, report};
use xiaohao_tests::passkey::Authenticator;
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

/// Somebody who asks.
struct Caller {
    name: &'static str,
    /// Who he is to the office; nobody where his signature proves nothing.
    person: Option<Person>,
    device: Option<TestDevice>,
    in_service: bool,
}

impl Caller {
    fn may(&self, right: Right) -> bool {
        self.in_service && self.person.as_ref().is_some_and(|person| may(person, right))
    }

    fn sees(&self, zone: u32) -> bool {
        self.person.as_ref().is_some_and(|person| match sight(person.role) {
            Sight::Office => true,
            Sight::OwnZones => person.zones.contains(&ZoneId(zone)),
            Sight::Nothing => false,
        })
    }
}

async fn everybody(server: &TestServer) -> Vec<Caller> {
    let mut all = vec![Caller { name: "nobody", person: None, device: None, in_service: false }];
    for (name, role, duties) in [
        ("cadre", Role::Cadre, &Duty::ALL[..]),
        ("inspector", Role::Inspector, &Duty::ALL),
        ("supervisor", Role::Supervisor, &Duty::ALL),
        ("administrator", Role::Administrator, &Duty::ALL),
        ("system officer", Role::Administrator, &[Duty::System]),
        ("security officer", Role::Administrator, &[Duty::Security]),
        ("audit officer", Role::Administrator, &[Duty::Audit]),
        ("relieved officer", Role::Administrator, &[]),
    ] {
        let person = server.person(name, role, &[OWN]).await;
        let device = server.enrol(&person).await;
        let person = Person { duties: duties.iter().copied().collect(), ..person };
        all.push(Caller { name, person: Some(person), device: Some(device), in_service: true });
    }
    for at in 5..all.len() {
        let (boss, officer) = (all[4].device.clone().unwrap(), all[at].person.clone().unwrap());
        let made = boss.post_json(&format!("/api/admin/people/{}/duties", officer.id), &officer.duties).await;
        assert_eq!(made.json::<PersonDetail>().person, officer);
    }
    let gone = server.person("revoked", Role::Supervisor, &[OWN]).await;
    let device = server.enrol(&gone).await;
    let boss = all[4].device.clone().unwrap();
    assert_eq!(boss.post(&format!("/api/admin/devices/{}/revoke", device.device()), "").await.status, 200);
    all.push(Caller { name: "revoked device", person: Some(gone), device: Some(device), in_service: false });
    let mut stranger = server.stranger();
    stranger.id = Some(xiaohao_shared::id::DeviceId(99));
    all.push(Caller { name: "unknown device", person: None, device: Some(stranger), in_service: false });
    all
}

/// What the requests are about, one of each for both zones.
struct Things {
    issues: [IssueId; 2],
    photos: [Vec<u8>; 2],
    people: [PersonId; 2],
    devices: [TestDevice; 2],
    bulletins: [u32; 2],
    list: String,
}

async fn things(server: &TestServer) -> Things {
    let desk = server.person("desk", Role::Supervisor, &ZONES).await;
    let phone = server.enrol(&desk).await;
    let list: WeeklyHead = phone.post_json("/api/weekly", &()).await.json();
    let mut all = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for zone in ZONES {
        let (issue, bytes) = (new_issue(), picture(zone as u8));
        let edit = with_photo(report(desk.id, zone, &format!("found in zone {zone}")), desk.id, &bytes);
        assert_eq!(push(&phone, vec![(issue, write(&mut Document::default(), &phone, &edit))]).await.len(), 1);
        assert_eq!(phone.send(upload(&bytes)).await.status, 201);
        let person = server.person("somebody", Role::Cadre, &[zone]).await;
        let wish = SaveBulletin { text: "notice".into(), zones: vec![ZoneId(zone)], until: server.service.now() + DAY };
        let bulletin: BulletinReads = phone.post_json("/api/bulletins", &wish).await.json();
        all.0.push(issue);
        all.1.push(bytes);
        all.2.push(person.id);
        all.3.push(server.enrol(&person).await);
        all.4.push(bulletin.bulletin.id);
    }
    let ground = server.base_map();
    std::fs::write(ground.tiles.unwrap(), b"PMTiles\x03 and the rest of it").expect("a file");
    std::fs::write(ground.style.unwrap(), "{}").expect("a file");
    Things {
        issues: all.0.try_into().expect("two"),
        photos: all.1.try_into().expect("two"),
        people: all.2.try_into().expect("two"),
        devices: all.3.try_into().unwrap_or_else(|_| panic!("two")),
        bulletins: all.4.try_into().expect("two"),
        list: list.number,
    }
}

fn with_photo(edit: Edit, by: PersonId, bytes: &[u8]) -> Edit {
    let taken = photo(by, Stage::Before).into_values().next().expect("a photo");
    let taken = Photo { size: bytes.len() as u64, mime: "image/png".into(), ..taken };
    Edit { photos: [(name(bytes), taken)].into(), ..edit }
}

fn name(bytes: &[u8]) -> PhotoId {
    PhotoId(Sha256::digest(bytes).into())
}

fn upload(bytes: &[u8]) -> Call {
    let metadata = format!("sha256 {}", Base64::encode_string(&name(bytes).0));
    let call = tus("POST", "/api/uploads").header("upload-length", &bytes.len().to_string());
    call.header("upload-metadata", &metadata).header("content-type", "application/offset+octet-stream").body(bytes)
}

fn tus(method: &str, path: &str) -> Call {
    Call::new(method, path).header("tus-resumable", "1.0.0")
}

fn post(path: &str, body: &impl Serialize) -> Call {
    Call::json("POST", path, body)
}

/// A round that nobody else has walked.
fn round(zone: u32, salt: usize) -> Patrol {
    let ended_at = xiaohao_server::service::system_clock();
    let id = PatrolId(IssueId::new(salt as u64, [zone as u8; 10]));
    Patrol { id, zone: ZoneId(zone), begun_at: ended_at + -HOUR, ended_at, found: 0, skew: 0 }
}

/// A request at this door that whoever may make it gets answered, and the statuses of such answers. A new door needs a line here.
fn sample(door: Door, things: &Things, zone: u32, salt: usize) -> (Call, &'static [u16]) {
    let at = usize::from(zone != OWN);
    let ok = &[200][..];
    let get = |path: String| (Call::get(&path), ok);
    let month = Month { year: 2026, month: 1 };
    match (door.verb, door.path) {
        (Verb::Get, "/api/photos/{sha}") => get(format!("/api/photos/{}", name(&things.photos[at]))),
        (Verb::Get, "/api/weekly/{number}") => get(format!("/api/weekly/{}", things.list)),
        (Verb::Get, "/api/weekly/{number}/issues") => get(format!("/api/weekly/{}/issues?became=left", things.list)),
        (Verb::Get, "/api/weekly/{number}/{person}") => get(format!("/api/weekly/{}/0", things.list)),
        (Verb::Get, "/api/settlements/{month}") => (Call::get("/api/settlements/2026-01"), &[200, 404]),
        (Verb::Get, "/api/indicators") => get("/api/indicators?month=2026-01".into()),
        (Verb::Get, "/api/halfyear") => get("/api/halfyear?from=2026-01&to=2026-06".into()),
        (Verb::Get, "/api/halfyear/document") => get("/api/halfyear/document?from=2026-01&to=2026-06".into()),
        (Verb::Get, "/api/export/progress") => get(door.path.into()),
        (Verb::Get, "/api/export") => get("/api/export?format=csv".into()),
        (Verb::Get, "/api/settlements/{month}/issues") => {
            (Call::get("/api/settlements/2026-01/issues?figure=opening"), &[200, 404])
        }
        (Verb::Get, "/api/indicators/issues") => get("/api/indicators/issues?month=2026-01&figure=due".into()),
        (Verb::Get, "/api/supervision/taken") => get(format!("{}?number=1&issue={}", door.path, things.issues[at])),
        (Verb::Get, "/api/trends") => get("/api/trends?month=2026-01".into()),
        (Verb::Get, "/api/patrols" | "/api/patrols/book") => {
            get(format!("{}?from=2026-01-01&to=2026-01-02", door.path))
        }
        (Verb::Get, "/api/map/tiles") => (Call::get(door.path).header("range", "bytes=0-6"), &[206]),
        (Verb::Get, path) if path.contains("/tipster") => get(path.replace("{id}", &things.issues[at].to_string())),
        (Verb::Post, "/api/issues/{id}/tipster") => {
            (post(&format!("/api/issues/{}/tipster", things.issues[at]), &TipsterWish::default()), ok)
        }
        (Verb::Get, path) if !path.contains('{') => get(path.into()),
        (Verb::Options, path) => (Call::new("OPTIONS", &path.replace("{id}", "x")), &[204]),
        (Verb::Post, "/api/uploads") => (upload(&picture(100 + zone as u8)), &[201]),
        // Nobody's upload has this name: whoever may ask is told so.
        (Verb::Patch, path) => {
            let call = tus("PATCH", &path.replace("{id}", "0123456789abcdef")).header("upload-offset", "0");
            (call.header("content-type", "application/offset+octet-stream"), &[404])
        }
        (verb @ (Verb::Head | Verb::Delete), path) => {
            (tus(verb.name(), &path.replace("{id}", "0123456789abcdef")), &[404])
        }
        (Verb::Post, "/api/enrol/begin" | "/api/enrol/sign-on/begin") => {
            (post(door.path, &BeginEnrol { public_key: things.devices[at].public_key() }).from_elsewhere(), ok)
        }
        (Verb::Post, "/api/doubt") => (post(door.path, &()), ok),
        // No key: whoever may bring one is told that this is none.
        (Verb::Post, "/api/key") => (post(door.path, &()), &[400]),
        (Verb::Post, "/api/passkeys/begin") => (post(door.path, &BeginPasskey::default()), ok),
        // No proof: whoever may bring one is told that this is none.
        (Verb::Post, "/api/passkeys" | "/api/confirm") => (post(door.path, &()), &[400]),
        (Verb::Post, "/api/passkeys/{number}/withdraw") => (post("/api/passkeys/999/withdraw", &()), &[404]),
        (Verb::Post, "/api/confirm/begin") => (post(door.path, &()), &[200, 409]),
        (Verb::Post, "/api/photos/wanted") => (post(door.path, &[name(&things.photos[at])]), ok),
        (Verb::Post, wire::PATH) => (Call::new("POST", wire::PATH).body(wire::pack(&nothing())), ok),
        // No parcel: whoever may bring one is told that this is none.
        (Verb::Post, handover::PATH) => (Call::new("POST", handover::PATH).body("no parcel"), &[400]),
        (Verb::Post, "/api/admin/people") => {
            let zones = vec![ZoneId(zone)];
            let wish = SavePerson { id: None, name: "new".into(), role: Role::Cadre, zones, active: true };
            (post(door.path, &wish), ok)
        }
        (Verb::Post, "/api/admin/people/{id}/invite") => {
            (post(&format!("/api/admin/people/{}/invite", things.people[at]), &()), ok)
        }
        // Those in question are no administrators, which only somebody who may appoint is told.
        (Verb::Post, "/api/admin/people/{id}/duties") => {
            (post(&format!("/api/admin/people/{}/duties", things.people[at]), &Duty::all()), &[409])
        }
        // This office has no sign-on, which only somebody who may write names of it down is told.
        (Verb::Post, "/api/admin/people/{id}/sign-on") => {
            let wish = BindSignOn { name: "somebody".into() };
            (post(&format!("/api/admin/people/{}/sign-on", things.people[at]), &wish), &[409])
        }
        (Verb::Post, "/api/admin/devices/{id}/revoke") => {
            (post(&format!("/api/admin/devices/{}/revoke", things.devices[at].device()), &()), ok)
        }
        (Verb::Post, "/api/admin/passkeys/{number}/withdraw") => {
            (post("/api/admin/passkeys/999/withdraw", &()), &[404])
        }
        (Verb::Post, "/api/admin/remembered") => {
            let told = Remembered { version: 1, people: vec![], zones: vec![], revoked: vec![], seal: None };
            (post(door.path, &told), ok)
        }
        (Verb::Post, "/api/admin/zones") => {
            let wish = SaveZone {
                id: Some(ZoneId(zone)),
                name: format!("zone {zone} {salt}"),
                code: String::new(),
                bearers: None,
            };
            (post(door.path, &wish), ok)
        }
        (Verb::Post, "/api/admin/catalogue") => (post(door.path, &RuleWish::Offer(CATALOGUE[0].kind, true)), ok),
        (Verb::Post, "/api/views") => (post(door.path, &Vec::<ViewWish>::new()), ok),
        (Verb::Post, "/api/admin/retention") => (post(door.path, &Retention::default()), ok),
        (Verb::Post, "/api/admin/lock") => (post(door.path, &LockRule::default()), ok),
        (Verb::Post, "/api/patrols") => (post(door.path, &round(zone, salt)), ok),
        (Verb::Post, "/api/admin/calendar") => (post(door.path, &Calendar::default()), ok),
        (Verb::Post, "/api/admin/outlines") => (Call::new("POST", door.path).body("no borders"), ok),
        (Verb::Post, "/api/import") => (Call::new("POST", "/api/import?name=list.csv").body("no list"), ok),
        (Verb::Post, "/api/weekly") => (post(door.path, &()), ok),
        (Verb::Post, "/api/settlements") => (post(door.path, &Freeze { month }), &[200, 409]),
        (Verb::Post, "/api/indicators/thresholds") => (post(door.path, &Thresholds::default()), ok),
        (Verb::Post, "/api/indicators/recurrence") => (post(door.path, &Recurrence { days: 90 }), ok),
        (Verb::Post, "/api/bulletins") => (
            post(
                door.path,
                &SaveBulletin {
                    text: "notice".into(),
                    zones: vec![ZoneId(zone)],
                    until: xiaohao_server::service::system_clock() + DAY,
                },
            ),
            ok,
        ),
        (Verb::Post, "/api/bulletins/{id}/read") => {
            (post(&format!("/api/bulletins/{}/read", things.bulletins[at]), &()), ok)
        }
        (Verb::Post, "/api/bulletins/{id}/withdraw") => (post("/api/bulletins/999/withdraw", &()), &[404]),
        (Verb::Post, "/api/held/{hash}") => (post(&format!("/api/held/{}", "ab".repeat(32)), &"discard"), &[404]),
        other => panic!("there is no sample for {other:?}"),
    }
}

/// What the table says to this caller at this door, and where the zone decides.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Problem(u16, ProblemKind),
    /// As if it were not there.
    Hidden,
    Answered,
}

fn expected(caller: &Caller, door: Door, zone: u32) -> Expected {
    use Expected::{Answered, Hidden, Problem};
    let grant = door.right.grant();
    let known = caller.person.is_some();
    match grant.asker {
        Asker::Anyone => return Answered,
        _ if caller.device.is_none() => return Problem(401, ProblemKind::NotSigned),
        // Whoever has a number is no newcomer.
        Asker::Newcomer => return Problem(401, ProblemKind::NotSigned),
        _ if !known => return Problem(401, ProblemKind::DeviceUnknown),
        Asker::EvenStopped if !caller.in_service => {}
        _ if !caller.in_service => return Problem(403, ProblemKind::DeviceRevoked),
        _ if !caller.may(door.right) => return Problem(403, ProblemKind::Forbidden),
        _ => {}
    }
    let one = door.path.contains('{') && grant.reach == Reach::Sight;
    let notice = door.right == Right::ConfirmBulletin;
    let reads = caller.person.as_ref().is_some_and(|person| person.role != Role::Administrator && zone == OWN);
    match door.right {
        _ if one && !caller.sees(zone) => Hidden,
        _ if notice && !reads => Hidden,
        Right::Patrol if !caller.sees(zone) => Problem(403, ProblemKind::Forbidden),
        // It is noted, and tells the device what it should know.
        Right::Doubt if !caller.in_service => Problem(403, ProblemKind::DeviceRevoked),
        // A device out of service brings photos of what waits for the desk, and no others.
        Right::BringPhoto if !caller.in_service && door.verb == Verb::Post => Problem(403, ProblemKind::DeviceRevoked),
        _ => Answered,
    }
}

/// The same of somebody who has a passkey, and has shown it in these minutes or has not. What he may not, he need not confirm.
fn expected_of_holder(caller: &Caller, door: Door, zone: u32, shown: bool) -> Expected {
    match expected(caller, door, zone) {
        Expected::Answered | Expected::Hidden if door.right.grant().sure == Sure::Fresh && !shown => {
            Expected::Problem(403, ProblemKind::ConfirmFirst)
        }
        other => other,
    }
}

fn request(server: &TestServer, caller: &Caller, call: Call) -> reqwest::Request {
    match &caller.device {
        Some(device) => device.sign(call),
        None => call.unsigned(&server.origin),
    }
}

async fn send(server: &TestServer, caller: &Caller, call: Call) -> reqwest::Response {
    let request = request(server, caller, call);
    let answer = reqwest::Client::new().execute(request).await.expect("an answer");
    // Whoever has just said that he must prove himself has done so before he asks for the next thing.
    let proven = sqlx::query("UPDATE devices SET unproven_at = NULL WHERE unproven_at IS NOT NULL");
    proven.execute(&server.service.store).await.expect("SQL");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_answers_everybody_as_the_table_of_rights_says() {
    let server = TestServer::start_at(Usual { host: "localhost", behind_proxy: true, ..Usual::default() }).await;
    let (callers, things) = (everybody(&server).await, things(&server).await);
    let (quick, slow) = doors(&server.house);
    let all: Vec<Door> = quick.list.into_iter().chain(slow.list).collect();
    let (mut asked, mut seen) = (0, std::collections::BTreeSet::new());
    for (door, caller) in all.iter().flat_map(|door| callers.iter().map(move |caller| (*door, caller))) {
        for zone in ZONES {
            let (call, answers) = match door.right {
                Right::Enrol => (enrolment(&server, caller, things.people[usize::from(zone != OWN)]).await, &[200][..]),
                _ => sample(door, &things, zone, asked),
            };
            // So many failures within a minute no network has.
            let call = if caller.person.is_none() { call.from_elsewhere() } else { call };
            let before = trail::head(&server.service).await.expect("a head").count;
            let answer = send(&server, caller, call).await;
            let status = answer.status().as_u16();
            let what = format!("{} at {:?} {} in zone {zone}: {status}", caller.name, door.verb, door.path);
            let rows = trail::next(&server.service, before).await.expect("rows");
            let (expected, trace) = (expected(caller, door, zone), door.right.grant().trace);
            let answered = matches!(expected, Expected::Answered);
            assert!(leaves(&rows, trace, answered, status), "{what}: {trace:?}, and these rows: {rows:?}");
            assert!(rows.iter().all(|row| row.act == door.right.code()), "{what}: {rows:?}");
            if answered && !rows.is_empty() {
                seen.insert(door.right);
            }
            match expected {
                Expected::Answered => assert!(answers.contains(&status), "{what}"),
                Expected::Hidden => assert_eq!(status, 404, "{what}"),
                Expected::Problem(expected, _) if door.verb == Verb::Head => assert_eq!(status, expected, "{what}"),
                Expected::Problem(expected, kind) => {
                    let problem: xiaohao_shared::api::Problem =
                        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("a problem");
                    assert_eq!((status, problem.kind), (expected, kind), "{what}");
                }
            }
            asked += 1;
        }
    }
    println!(
        "{} ways in × {} askers × {} zones: {asked} answers as the table says",
        all.len(),
        callers.len(),
        ZONES.len()
    );
    // Everybody here has a number already, so nobody enrols.
    let traced = Right::ALL.iter().copied();
    let traced = traced.filter(|right| right.grant().trace != Trace::Quiet && *right != Right::Enrol);
    assert_eq!(seen, traced.collect(), "each right that leaves a trace left one");
    let rights: std::collections::BTreeSet<Right> = all.iter().map(|door| door.right).collect();
    assert_eq!(rights.len(), Right::ALL.len(), "a right that no door serves is no right");
    let chain = trail::verify(&server.service, &[]).await.expect("a chain");
    assert!(chain.findings.is_empty() && chain.rows > 100, "{chain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_opens_to_a_page_of_somebody_else() {
    let server = TestServer::start_at(Usual { host: "localhost", behind_proxy: true, ..Usual::default() }).await;
    let (callers, things) = (everybody(&server).await, things(&server).await);
    let (quick, slow) = doors(&server.house);
    let mut asked = 0;
    for door in quick.list.into_iter().chain(slow.list) {
        // The desk, an officer, a device that was revoked, and nobody.
        for caller in callers.iter().step_by(3) {
            for (header, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://elsewhere.example"),
                ("origin", "null"),
            ] {
                let call = match door.right {
                    Right::Enrol => enrolment(&server, caller, things.people[0]).await,
                    _ => sample(door, &things, OWN, 2_000_000 + asked).0,
                };
                let answer = Answer::of(request(&server, caller, call.header(header, value))).await;
                let what = format!("{} at {:?} {}, {header}: {value}", caller.name, door.verb, door.path);
                assert_eq!(answer.status, 403, "{what}");
                if door.verb != Verb::Head {
                    assert_eq!(answer.problem().kind, ProblemKind::Forbidden, "{what}");
                }
                asked += 1;
            }
        }
    }
    println!("{asked} requests by pages of others refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_passkey_shows_it_for_what_the_table_names_and_for_nothing_else() {
    let server = TestServer::start_at(Usual { host: "localhost", behind_proxy: true, ..Usual::default() }).await;
    let (callers, things) = (everybody(&server).await, things(&server).await);
    let mut holders = Vec::new();
    for caller in callers.into_iter().filter(|caller| caller.in_service) {
        let mut authenticator = Authenticator::default();
        caller.device.as_ref().unwrap().add_passkey(&mut authenticator).await;
        holders.push((caller, authenticator));
    }
    let (quick, slow) = doors(&server.house);
    let all: Vec<Door> = quick.list.into_iter().chain(slow.list).filter(|door| door.right != Right::Enrol).collect();
    let (mut asked, mut waited) = (0, 0);
    for shown in [false, true, false] {
        for (caller, authenticator) in &mut holders {
            match shown {
                true => {
                    caller.device.as_ref().unwrap().confirm(authenticator).await;
                }
                // Five minutes and a moment later.
                false => {
                    let sql = "UPDATE confirmed SET until_time = until_time - 300001 WHERE until_time > $1";
                    let sql = sqlx::query(sql).bind(server.service.now().0);
                    sql.execute(&server.service.store).await.expect("SQL");
                }
            }
            for door in &all {
                let (call, answers) = sample(*door, &things, OWN, 1_000_000 + asked);
                let answer = send(&server, caller, call).await;
                let status = answer.status().as_u16();
                let what = format!("{} at {:?} {}, shown: {shown}: {status}", caller.name, door.verb, door.path);
                match expected_of_holder(caller, *door, OWN, shown) {
                    Expected::Answered => assert!(answers.contains(&status), "{what}"),
                    Expected::Hidden => assert_eq!(status, 404, "{what}"),
                    Expected::Problem(expected, _) if door.verb == Verb::Head => assert_eq!(status, expected, "{what}"),
                    Expected::Problem(expected, kind) => {
                        let body = answer.bytes().await.expect("a body");
                        let problem: xiaohao_shared::api::Problem = serde_json::from_slice(&body).expect("a problem");
                        assert_eq!((status, problem.kind), (expected, kind), "{what}");
                        waited += usize::from(kind == ProblemKind::ConfirmFirst);
                    }
                }
                asked += 1;
            }
        }
    }
    println!(
        "{asked} requests of holders of a passkey answered as the table says, {waited} of them first with a question"
    );
    assert!(waited > 30, "{waited}");
}

/// Whether these are the rows that the column of traces asks for. Refusals take one each, and not endlessly many.
fn leaves(rows: &[Line], trace: Trace, answered: bool, status: u16) -> bool {
    let results: Vec<_> = rows.iter().map(|row| row.result.as_str()).collect();
    let refused = |results: &[&str]| results.len() <= 1 && results.iter().all(|result| result.starts_with("refused: "));
    match trace {
        _ if !answered => refused(&results),
        Trace::Quiet => results.is_empty(),
        Trace::Noted if status < 400 => results == ["done"],
        Trace::Noted => refused(&results),
        Trace::Once if status < 400 => results == ["begun", "done"],
        Trace::Once => results.len() == 2 && results[0] == "begun" && refused(&results[1..]),
    }
}

async fn enrolment(server: &TestServer, caller: &Caller, person: PersonId) -> Call {
    let key = caller.device.as_ref().map_or_else(|| server.stranger().public_key(), TestDevice::public_key);
    let code = server.code(person).await;
    post("/api/enrol", &Enrol { code: Some(code), public_key: key, ..Enrol::default() }).from_elsewhere()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_the_zones_that_the_role_sees_and_no_others() {
    let server = TestServer::start().await;
    let (callers, things) = (everybody(&server).await, things(&server).await);
    let (quick, slow) = doors(&server.house);
    let lists = quick.list.into_iter().chain(slow.list).filter(|door| {
        let list = door.verb == Verb::Get && !door.path.contains('{') && !door.path.starts_with("/api/map");
        list && matches!(door.right, Right::SeeBoard | Right::Export)
            && !["/api/tally", "/api/export/progress"].contains(&door.path)
    });
    let mut looked = 0;
    for door in lists.collect::<Vec<_>>() {
        for caller in callers.iter().filter(|caller| caller.may(door.right)) {
            for (zone, issue) in ZONES.iter().zip(things.issues) {
                let (call, _) = sample(door, &things, *zone, 0);
                let body = send(&server, caller, call).await.bytes().await.expect("a body");
                let body = String::from_utf8_lossy(&body).into_owned();
                let there = body.contains(&issue.to_string());
                assert_eq!(there, caller.sees(*zone), "{} at {} in zone {zone}: {body}", caller.name, door.path);
                looked += 1;
            }
        }
    }
    println!("{looked} lists show what the role sees");
    assert!(looked >= 16, "{looked}");
}
