//! What must never stand in a log: the server as a process of its own, asked for everything in which there is a secret, and its log
//! searched for each of them.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use base64ct::{Base64, Encoding};
use xiaohao_server::service::{Service, directory, enrolment, system_clock};
use xiaohao_shared::api::{Enrol, Enrolled, SavePerson, TipsterWish};
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::{Actor, PersonId, ZoneId};
use xiaohao_shared::model::tipster::Tipster;
use xiaohao_shared::model::{Role, Zone};
use xiaohao_shared::signature::Params;
use xiaohao_shared::sync::wire::{self, Push, Request};
use xiaohao_tests::edits::{new_issue, report};
use xiaohao_tests::faults::hub::{Hub, Launch};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Answer, Call, TestDevice};

const HUB: &str = env!("CARGO_BIN_EXE_hub");
const WRONG_CODE: &str = "7Q7Q7Q7Q7Q";
const NAME: &str = "欧阳听雨";
const NUMBER: &str = "13812345678";
const REPORT: &str = "三号楼后面的垃圾堆";

/// Everything that was said and must not be said again, with what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: impl Into<String>) {
        self.0.push((what, secret.into()));
    }

    /// Sends a request of the device whose every proof is a secret.
    async fn send(&mut self, device: &TestDevice, call: Call) -> Answer {
        let request = device.sign(call);
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        self.add("a signature", header("signature").trim_start_matches("s=:").trim_end_matches(':'));
        self.add("a nonce", Params::parse(&header("signature-input")).unwrap().nonce);
        Answer::of(request).await
    }
}

/// An office with a supervisor, and the code for him.
async fn office(data: &Path, secrets: &mut Secrets) -> (PersonId, String) {
    let service = Service::open(data, system_clock).await.unwrap();
    let zone = Zone { id: ZoneId(1), name: "1号片区".into(), code: String::new(), bearers: Vec::new() };
    directory::save_zones(&service, &[zone]).await.unwrap();
    let (name, role, zones) = ("指挥".into(), Role::Supervisor, vec![ZoneId(1)]);
    let person =
        directory::put_person(&service, SavePerson { id: None, name, role, zones, active: true }).await.unwrap();
    let code = enrolment::issue_code(&service, person, "http://localhost").await.unwrap().code;
    let hex: String = service.secret.iter().map(|byte| format!("{byte:02x}")).collect();
    secrets.add("the office's secret", hex);
    secrets.add("the office's secret", Base64::encode_string(&service.secret));
    service.close().await;
    (person, code)
}

async fn everything(hub: &Hub, person: PersonId, code: &str, secrets: &mut Secrets) {
    let mut phone = TestDevice::stranger(&hub.origin);
    let enrol = |code: &str| Enrol { code: Some(code.into()), ..phone.newcomer() };
    let (wrong, right) = (enrol(WRONG_CODE), enrol(code));
    assert_eq!(secrets.send(&phone, Call::json("POST", "/api/enrol", &wrong)).await.status, 403);
    let enrolled: Enrolled = secrets.send(&phone, Call::json("POST", "/api/enrol", &right)).await.json();
    phone.id = Some(enrolled.device);
    let (issue, actor) = (new_issue(), Actor { device: phone.device(), nonce: 1 });
    let change = Document::default().edit(actor, &report(person, 1, REPORT)).unwrap().bytes;
    let page = Request { pushes: vec![Push { issue, change }], ..nothing() };
    assert_eq!(secrets.send(&phone, Call::new("POST", wire::PATH).body(wire::pack(&page))).await.status, 200);
    let path = format!("/api/issues/{issue}/tipster");
    let wish = TipsterWish { tipster: Some(Tipster { name: NAME.into(), phone: NUMBER.into() }) };
    assert_eq!(secrets.send(&phone, Call::json("POST", &path, &wish)).await.status, 200);
    for path in [path.as_str(), &format!("{path}/whole"), "/api/export?format=csv", "/api/issues?text=垃圾堆"] {
        let path = path.replace("垃圾堆", "%E5%9E%83%E5%9C%BE%E5%A0%86");
        assert_eq!(secrets.send(&phone, Call::get(&path)).await.status, 200, "{path}");
    }
    // By nobody's key, and in a form that nobody understands.
    let mut stranger = TestDevice::stranger(&hub.origin);
    stranger.id = phone.id;
    assert_eq!(secrets.send(&stranger, Call::get("/api/office")).await.status, 401);
    assert_eq!(secrets.send(&phone, Call::new("POST", "/api/admin/people").body("{")).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_signature_name_of_a_tipster_or_secret_of_the_office_stands_in_the_servers_log() {
    for level in ["info", "debug"] {
        let folder = tempfile::tempdir().unwrap();
        let (data, mut secrets) = (folder.path().join("data"), Secrets::default());
        let (person, code) = office(&data, &mut secrets).await;
        let launch = Launch { options: vec!["--log".into(), level.into()], ..Launch::of(Path::new(HUB)) };
        let hub = Hub::start(&launch, &data).unwrap();
        everything(&hub, person, &code, &mut secrets).await;
        hub.kill().unwrap();
        secrets.add("a code", code);
        secrets.add("a wrong code", WRONG_CODE);
        secrets.add("who told of it", NAME);
        secrets.add("who told of it", NUMBER);
        secrets.add("what was reported", REPORT);
        secrets.add("what was searched for", "%E5%9E%83%E5%9C%BE%E5%A0%86");
        let log = std::fs::read_to_string(data.with_extension("log")).unwrap();
        // At the level of every day requests leave no line.
        let told = if level == "debug" { "/api/enrol" } else { "the audit stands here" };
        assert!(log.contains(told), "{level}: {log}");
        for (what, secret) in &secrets.0 {
            let line = log.lines().find(|line| line.contains(secret.as_str()));
            assert_eq!(line, None, "{level}: {what} stands in the log");
        }
        println!("{level}: {} secrets, none in {} lines", secrets.0.len(), log.lines().count());
    }
}
