//! What a hostile client can send: each kind once, refused with its reason, and nothing of it stored. Evidence in `held` and lines
//! in the audit are all that stays.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use base64ct::{Base64, Encoding};
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer;
use reqwest::header::HeaderValue;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xiaohao_shared::api::{Enrol, Problem, ProblemKind as Kind, SaveZone};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{Actor, DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Person, Role, Stage, Supervision, SupervisionLevel};
use xiaohao_shared::signature::{NEW_KEY, Params, content_digest, signature_header};
use xiaohao_shared::sync::handover;
use xiaohao_shared::sync::wire::{self, Push, Request as Page, Response, Verdict};
use xiaohao_shared::time::{DAY, MINUTE, Timestamp};
use xiaohao_tests::edits::{new_issue, photo, picture, remark, report, step};
use xiaohao_tests::handover::hash;
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

/// One kind of forgery, and what is said to it.
struct Forged(&'static str, reqwest::Request, u16, Kind);

fn spoiled(request: &reqwest::Request, spoil: impl FnOnce(&mut reqwest::Request)) -> reqwest::Request {
    let mut other = request.try_clone().expect("a copy");
    spoil(&mut other);
    other
}

fn set(request: &mut reqwest::Request, name: &'static str, value: &str) {
    request.headers_mut().insert(name, HeaderValue::try_from(value).expect("a value"));
}

fn zone(name: &str) -> Call {
    Call::json(
        "POST",
        "/api/admin/zones",
        &SaveZone { id: None, name: name.into(), code: String::new(), bearers: None },
    )
}

/// The same request, with any text for what it says of its signature, truly signed.
fn signed_as(admin: &TestDevice, call: Call, spell: impl FnOnce(&Params) -> String) -> reqwest::Request {
    let request = admin.sign(call);
    let header = request.headers()["signature-input"].to_str().expect("text").to_owned();
    let header = spell(&Params::parse(&header).expect("our own form"));
    let digest = request.headers()["content-digest"].to_str().expect("text").to_owned();
    let base = format!(
        "\"@method\": {}\n\"@target-uri\": {}\n\"content-digest\": {digest}\n\"@signature-params\": {}",
        request.method(),
        request.url(),
        header.trim_start_matches("s=")
    );
    let signature: Signature = admin.key.sign(base.as_bytes());
    spoiled(&request, |request| {
        set(request, "signature-input", &header);
        set(request, "signature", &signature_header(&signature.to_bytes()));
    })
}

/// An administrator's request that would be done, spoiled in every way that a signature must notice.
fn of_signatures(admin: &TestDevice, other: &TestDevice) -> Vec<Forged> {
    let good = || admin.sign(zone("偷来的"));
    let header = |name: &'static str, value: &'static str| spoiled(&good(), |request| set(request, name, value));
    let without = |name: &'static str| spoiled(&good(), |request| drop(request.headers_mut().remove(name)));
    let spelled = |spell: fn(&Params) -> String| signed_as(admin, zone("偷来的"), spell);
    // Truly signed, by a key that is not that of the device which is named.
    let mixed =
        |keyid: String| signed_as(other, zone("偷来的"), |params| Params { keyid, ..params.clone() }.header());
    let body = |bytes: Vec<u8>| spoiled(&good(), |request| *request.body_mut() = Some(bytes.into()));
    let whole = || {
        serde_json::to_vec(&SaveZone { id: None, name: "偷来的".into(), code: String::new(), bearers: None })
            .expect("JSON")
    };
    let not_signed = |name, request| Forged(name, request, 401, Kind::NotSigned);
    let mut all: Vec<Forged> = vec![
        not_signed("no headers of a signature", zone("偷来的").unsigned(admin.origin())),
        not_signed("no signature", without("signature")),
        not_signed("no account of the signature", without("signature-input")),
        not_signed("no digest", without("content-digest")),
        not_signed("an empty signature", header("signature", "s=::")),
        not_signed("a signature that is no base64", header("signature", "s=:###:")),
        not_signed("a signature that is too short", header("signature", "s=:AAAA:")),
        not_signed("a signature of zeros", spoiled(&good(), |r| set(r, "signature", &signature_header(&[0; 64])))),
        not_signed("a signature of ones", spoiled(&good(), |r| set(r, "signature", &signature_header(&[255; 64])))),
        not_signed("the signature of another request", {
            let foreign = admin.sign(zone("别的")).headers()["signature"].clone();
            spoiled(&good(), |request| drop(request.headers_mut().insert("signature", foreign)))
        }),
        not_signed("by the key of another device", mixed(admin.device().to_string())),
        not_signed(
            "in the name of another device",
            spoiled(&good(), |request| {
                let params = Params { created: now(), nonce: "n".into(), keyid: other.device().to_string() };
                set(request, "signature-input", &params.header());
            }),
        ),
        not_signed("by a key that calls itself new", mixed(NEW_KEY.into())),
        not_signed("by a number that is none", mixed("x7".into())),
        Forged("by a device that nobody knows", mixed("4294967295".into()), 401, Kind::DeviceUnknown),
        not_signed("another algorithm", spelled(|p| format!("{};alg=\"hmac-sha256\"", p.header()))),
        not_signed("another label", spelled(|p| p.header().replacen("s=", "t=", 1))),
        not_signed(
            "components in another order",
            spelled(|p| p.header().replace("\"@method\" \"@target-uri\"", "\"@target-uri\" \"@method\"")),
        ),
        not_signed(
            "without the digest among the components",
            spelled(|p| p.header().replace(" \"content-digest\"", "")),
        ),
        not_signed(
            "no component at all",
            spelled(|p| p.header().replace("\"@method\" \"@target-uri\" \"content-digest\"", "")),
        ),
        not_signed("no time", spelled(|p| p.header().replace(&format!(";created={}", p.created), ""))),
        not_signed("a time with a plus", spelled(|p| p.header().replace("created=", "created=+"))),
        not_signed("a time beyond all numbers", spelled(|p| p.header().replace("created=", "created=99999999999"))),
        not_signed("no nonce", spelled(|p| p.header().replace(&format!(";nonce=\"{}\"", p.nonce), ""))),
        not_signed("an empty nonce", spelled(|p| p.header().replace(&p.nonce, ""))),
        not_signed("a nonce without end", spelled(|p| p.header().replace(&p.nonce, &"n".repeat(33)))),
        not_signed("a nonce with a quotation mark", spelled(|p| p.header().replace(&p.nonce, "a\"b"))),
        not_signed(
            "the nonce changed on the way",
            spoiled(&good(), |request| {
                let text =
                    request.headers()["signature-input"].to_str().expect("text").replace("nonce=\"", "nonce=\"z");
                set(request, "signature-input", &text);
            }),
        ),
        not_signed("another body", body(br#"{"id":1,"name":"x","code":""}"#.to_vec())),
        not_signed("a body that was cut", body(whole()[..10].to_vec())),
        not_signed("a body with something behind it", body([whole(), b" ".to_vec()].concat())),
        not_signed(
            "another body with its digest",
            spoiled(&good(), |request| {
                *request.body_mut() = Some("{}".into());
                set(request, "content-digest", &content_digest(b"{}"));
            }),
        ),
        not_signed("a digest by another algorithm", header("content-digest", "sha-512=:AAAA:")),
        not_signed("another path", spoiled(&good(), |request| request.url_mut().set_path("/api/admin/calendar"))),
        not_signed("a query behind the path", spoiled(&good(), |request| request.url_mut().set_query(Some("x=1")))),
        not_signed("another host", header("host", "elsewhere.example")),
        not_signed(
            "another method",
            spoiled(&admin.sign(Call::get("/api/admin/people")), |request| {
                *request.method_mut() = reqwest::Method::POST;
            }),
        ),
    ];
    for (name, skew) in [("from the past", -310), ("from the future", 310), ("from another century", -3_000_000_000)] {
        all.push(Forged(name, admin.sign(zone("偷来的").skewed(skew)), 401, Kind::ClockSkew));
    }
    for (name, header, value) in [
        ("by a page of another site", "sec-fetch-site", "cross-site"),
        ("by a page of a neighbour", "sec-fetch-site", "same-site"),
        ("by a page of another origin", "origin", "https://elsewhere.example"),
        ("by a page without an origin", "origin", "null"),
    ] {
        all.push(Forged(name, admin.sign(zone("偷来的").header(header, value)), 403, Kind::Forbidden));
    }
    all
}

fn now() -> i64 {
    xiaohao_server::service::system_clock().0 / 1000
}

/// Well signed, and not to be done: by whom it is, or for what it says.
async fn of_requests(server: &TestServer, admin: &TestDevice, cadre: &TestDevice) -> Vec<Forged> {
    let bad = |name, call: Call| Forged(name, admin.sign(call), 400, Kind::BadRequest);
    let people = |text: &str| Call::new("POST", "/api/admin/people").body(text);
    let gone = server.person("离任", Role::Administrator, &[]).await;
    let revoked = server.enrol(&gone).await;
    let path = format!("/api/admin/devices/{}/revoke", revoked.device());
    assert_eq!(admin.post(&path, "").await.status, 200);
    let once = admin.sign(Call::json(
        "POST",
        "/api/admin/zones",
        &SaveZone { id: Some(ZoneId(1)), name: "1号片区".into(), code: String::new(), bearers: None },
    ));
    assert_eq!(Answer::of(once.try_clone().expect("a copy")).await.status, 200);
    let tus = |path: &str| Call::new("POST", path).header("tus-resumable", "1.0.0");
    let promise = |bytes: &[u8]| format!("sha256 {}", Base64::encode_string(&Sha256::digest(bytes)));
    let whole = |bytes: &[u8], told: &[u8]| {
        let call = tus("/api/uploads").header("upload-length", &bytes.len().to_string());
        call.header("upload-metadata", &promise(told))
            .header("content-type", "application/offset+octet-stream")
            .body(bytes)
    };
    let enrol = |code: &str, key: &str| {
        let wish = Enrol { code: Some(code.into()), public_key: key.into(), ..Enrol::default() };
        server.stranger().sign(Call::json("POST", "/api/enrol", &wish))
    };
    let code = server.code(PersonId(1)).await;
    let stolen = cadre.public_key();
    let compressed =
        base64ct::Base64UrlUnpadded::encode_string(cadre.key.verifying_key().to_sec1_point(true).as_bytes());
    let page = |bytes: Vec<u8>| cadre.sign(Call::new("POST", wire::PATH).body(bytes));
    let packed = wire::pack(&nothing());
    let not_a_picture = b"<svg onload=alert(1)>".as_slice();
    vec![
        Forged("the same request once more", once, 409, Kind::Replayed),
        Forged("an administrator's act by a cadre", cadre.sign(zone("偷来的")), 403, Kind::Forbidden),
        Forged("the audit by a cadre", cadre.sign(Call::get("/api/admin/audit")), 403, Kind::Forbidden),
        Forged("by a device that was revoked", revoked.sign(zone("偷来的")), 403, Kind::DeviceRevoked),
        bad("JSON that breaks off", people("{\"id\":null")),
        bad("JSON of another kind", people("[1,2]")),
        bad("JSON without end", people(&"[".repeat(60_000))),
        bad("bytes that are no text", Call::new("POST", "/api/admin/people").body([0xff; 40])),
        bad("a role that nobody has", people(r#"{"id":null,"name":"x","role":"root","zones":[],"active":true}"#)),
        bad("a zone that is not there", people(r#"{"id":null,"name":"x","role":"cadre","zones":[99],"active":true}"#)),
        bad("a name with a control character", zone("x\u{7}")),
        bad("a name without letters", zone("  ")),
        bad("a query that is none", Call::get("/api/admin/audit?before=x")),
        Forged("a body without end", admin.sign(people(&"x".repeat(70_000))), 413, Kind::TooLarge),
        Forged(
            "a person who is not there",
            admin.sign(Call::new("POST", "/api/admin/people/99/invite")),
            404,
            Kind::NotFound,
        ),
        Forged(
            "a number that is none",
            admin.sign(Call::new("POST", "/api/admin/people/0x1/invite")),
            404,
            Kind::NotFound,
        ),
        Forged("a path that climbs", cadre.sign(Call::get("/api/photos/..%2f..%2foffice.db")), 404, Kind::NotFound),
        Forged("an address that is not there", cadre.sign(Call::get("/api/admin/shell")), 404, Kind::NotFound),
        Forged("a method that nobody waits for", cadre.sign(Call::new("PUT", "/api/office")), 404, Kind::NotFound),
        Forged("a wrong code", enrol("0000000000", &stolen), 403, Kind::CodeUnknown),
        Forged("somebody else's key", enrol(&code, &stolen), 401, Kind::NotSigned),
        Forged("a key in another spelling", enrol(&code, &compressed), 400, Kind::BadRequest),
        Forged("a key that is no point", enrol(&code, &"A".repeat(87)), 400, Kind::BadRequest),
        Forged("a page that is none", page(b"<html>".to_vec()), 400, Kind::BadRequest),
        Forged("an empty page", page(Vec::new()), 400, Kind::BadRequest),
        Forged("a page that breaks off", page(packed[..packed.len() - 1].to_vec()), 400, Kind::BadRequest),
        Forged("a page of another version", page(b"X\x09\x00\x80".to_vec()), 426, Kind::AppTooOld),
        Forged("a page that is too large", page(vec![b'X'; 3_000_000]), 413, Kind::TooLarge),
        Forged(
            "a parcel that is none",
            cadre.sign(Call::new("POST", handover::PATH).body("x")),
            400,
            Kind::HandoverDamaged,
        ),
        Forged(
            "a photo without a name",
            cadre.sign(tus("/api/uploads").header("upload-length", "9")),
            400,
            Kind::BadRequest,
        ),
        Forged(
            "a photo without end",
            cadre.sign(
                tus("/api/uploads").header("upload-length", "999999999").header("upload-metadata", &promise(b"x")),
            ),
            413,
            Kind::TooLarge,
        ),
        Forged("another photo than was promised", cadre.sign(whole(&picture(1), b"x")), 460, Kind::ChecksumMismatch),
        Forged(
            "a script that calls itself a photo",
            cadre.sign(whole(not_a_picture, not_a_picture)),
            415,
            Kind::NotAPhoto,
        ),
        Forged(
            "an upload of somebody else",
            cadre.sign(Call::new("DELETE", "/api/uploads/0123456789abcdef").header("tus-resumable", "1.0.0")),
            404,
            Kind::NotFound,
        ),
    ]
}

/// Changes that a hostile phone writes, with the word by which each is refused.
fn of_changes(
    me: PersonId,
    device: DeviceId,
    good: IssueId,
    document: &Document,
) -> Vec<(&'static str, IssueId, Vec<u8>, &'static str)> {
    let write = |document: &mut Document, device, edit: &Edit| {
        let nonce = u64::from_be_bytes(xiaohao_server::service::random());
        document.edit(Actor { device, nonce }, edit).expect("an edit").bytes
    };
    let alone = |edit: Edit| (new_issue(), write(&mut Document::default(), device, &edit));
    let fork = |edit: Edit| (good, write(&mut document.clone(), device, &edit));
    let foreign = (new_issue(), write(&mut Document::default(), DeviceId(999), &report(me, 1, "别的手机")));
    let honest = alone(report(me, 1, "好的")).1;
    let flipped = |at: usize| {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        (new_issue(), bytes)
    };
    let at = xiaohao_server::service::system_clock();
    let pressed = Supervision { level: SupervisionLevel::Office, number: "1".into(), by: PersonId(1), at, due: None };
    let mut adopted = remark(me, "代写");
    adopted.remark.as_mut().expect("a remark").record.adopted_by = Some(PersonId(1));
    let mut late = step(me, Action::AskExtension, State::Handling, None);
    late.step.as_mut().expect("a step").record.until = Some(Timestamp(at.0 + DAY));
    let other = PersonId(me.0 + 100);
    let void = |by| step(by, Action::Void, State::Reported, Some(State::Void));
    let beginnings: [(&'static str, Edit, &'static str); 5] = [
        ("a report in a foreign zone", report(me, 2, "别人的"), "not_your_zone"),
        ("a report in a zone that is not there", report(me, 99, "没有的"), "unknown_zone"),
        ("a report in another's name", report(other, 1, "冒名"), "not_your_name"),
        (
            "a report with a photo by another",
            report(me, 1, "x").with_photos(photo(other, Stage::Before)),
            "not_your_name",
        ),
        (
            "a report that names who has to do it",
            report(me, 1, "x").with(Value::Assignee(Some(me))),
            "field_not_allowed",
        ),
    ];
    let steps: [(&'static str, Edit, &'static str); 11] = [
        ("an act of the desk", void(me), "role_may_not"),
        ("an act in another's name", void(other), "not_your_name"),
        ("an act in a state that is not", late, "not_in_this_state"),
        (
            "an end without a way to it",
            step(me, Action::Close, State::Reported, Some(State::Closed)),
            "not_in_this_state",
        ),
        (
            "a step that leads elsewhere",
            step(me, Action::Photograph, State::Reported, Some(State::Closed)),
            "not_in_this_state",
        ),
        ("a field that is smuggled into a remark", remark(me, "夹带").with(Value::Priority(true)), "field_not_allowed"),
        (
            "a state that is smuggled into a remark",
            remark(me, "夹带").with(Value::State(State::Closed)),
            "field_not_allowed",
        ),
        (
            "a deadline that is smuggled into a photo",
            step(me, Action::Photograph, State::Reported, None).with(Value::Due(Some(at))),
            "field_not_allowed",
        ),
        ("a remark in another's name", remark(other, "冒名"), "not_your_name"),
        ("a remark that somebody had adopted", adopted, "not_your_name"),
        (
            "a pressing in another's name",
            step(me, Action::Supervise, State::Reported, None).with(Value::Supervision(Some(pressed))),
            "not_your_name",
        ),
    ];
    let mut all = vec![
        ("a change by another device", foreign.0, foreign.1, "foreign_actor"),
        ("a change with a flipped bit", flipped(honest.len() - 1).0, flipped(honest.len() - 1).1, "damaged"),
        ("a change with another checksum", flipped(5).0, flipped(5).1, "damaged"),
        ("a change without end", new_issue(), vec![0; 70_000], "change_too_long"),
        ("a change that is none", new_issue(), b"<html>".to_vec(), "not_a_change"),
    ];
    all.extend(beginnings.into_iter().map(|(name, edit, why)| {
        let (issue, bytes) = alone(edit);
        (name, issue, bytes, why)
    }));
    all.extend(steps.into_iter().map(|(name, edit, why)| {
        let (issue, bytes) = fork(edit);
        (name, issue, bytes, why)
    }));
    all
}

/// What is no HTTP, or is meant to be read differently by two who read it.
const RAW: [(&str, &str); 8] = [
    ("two lengths", "POST /api/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
    (
        "a length and chunks",
        "POST /api/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    ("a length that is none", "POST /api/sync HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"),
    ("chunks twice", "POST /api/sync HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("a name with a blank", "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n"),
    ("a line that goes on", "GET /api/office HTTP/1.1\r\nHost: a\r\nSignature: s\r\n folded\r\n\r\n"),
    ("no version that there is", "GET /api/office HTTP/9.9\r\nHost: a\r\n\r\n"),
    ("bytes that are nothing", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"),
];

async fn raw(server: &TestServer, text: &str) -> String {
    let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("sent");
    stream.shutdown().await.expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

/// Everything that a request could write, but for evidence and the audit.
async fn stored(server: &TestServer) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "changes",
        "documents",
        "issues",
        "steps",
        "remarks",
        "photos",
        "blobs",
        "people",
        "zones",
        "devices",
        "weekly_lists",
    ] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        counts.push(sqlx::query_scalar(sql).fetch_one(&server.service.store).await.expect("SQL answers"));
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_forged_or_malformed_request_is_refused_and_none_is_stored() {
    let server = TestServer::start().await;
    let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let person: Person = server.person("干部", Role::Cadre, &[1]).await;
    let cadre = server.enrol(&person).await;
    let mut forged = of_signatures(&admin, &cadre);
    forged.extend(of_requests(&server, &admin, &cadre).await);
    let (good, mut document) = (new_issue(), Document::default());
    let actor = Actor { device: cadre.device(), nonce: 1 };
    let begun = document.edit(actor, &report(person.id, 1, "好的")).expect("an edit").bytes;
    let mut said = remark(person.id, "说过的");
    let spoken = document.clone().edit(actor, &said).expect("an edit").bytes;
    let verdicts = push(&cadre, vec![(good, begun), (good, spoken)]).await;
    assert!(matches!(verdicts[..], [Verdict::Accepted { .. }, Verdict::Accepted { .. }]));
    let before = stored(&server).await;
    let mut kinds = BTreeSet::new();
    for Forged(name, request, status, kind) in forged {
        let answer = Answer::of(request).await;
        let problem: Problem = answer.problem();
        assert_eq!((answer.status, problem.kind), (status, kind), "{name}: {problem:?}");
        assert_eq!(stored(&server).await, before, "{name}");
        assert!(kinds.insert(name), "{name} is counted once");
    }
    let mut changes = of_changes(person.id, cadre.device(), good, &document);
    said.remark.as_mut().expect("a remark").record.text = "从没说过".into();
    let beside = Actor { nonce: 2, ..actor };
    let hidden = document.edit(beside, &said).expect("an edit").bytes;
    changes.push(("a remark that hides one written beside it", good, hidden, "unexplained_operation"));
    let verdicts = push(&cadre, changes.iter().map(|(_, issue, bytes, _)| (*issue, bytes.clone())).collect()).await;
    for ((name, _, _, why), verdict) in changes.iter().zip(&verdicts) {
        assert!(matches!(verdict, Verdict::Refused(refusal) if refusal.0 == *why), "{name}: {verdict:?}, not {why}");
        assert!(kinds.insert(name), "{name} is counted once");
    }
    assert_eq!(verdicts.len(), changes.len());
    for (name, text) in RAW {
        let answer = raw(&server, text).await;
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(refused, "{name}: {answer}");
        assert!(kinds.insert(name), "{name} is counted once");
    }
    assert_eq!(stored(&server).await, before);
    println!("{} kinds of forged or malformed requests refused, none stored", kinds.len());
    assert!(kinds.len() >= 60, "{kinds:?}");
}

/// His phone says that it is the year 2200.
#[tokio::test]
async fn a_suspension_ends_a_year_after_the_office_got_it_whatever_its_phone_says() {
    let server = TestServer::start().await;
    let desk: Person = server.person("指挥", Role::Supervisor, &[1]).await;
    let phone = server.enrol(&desk).await;
    let (issue, mut document, actor) = (new_issue(), Document::default(), Actor { device: phone.device(), nonce: 1 });
    let now = xiaohao_server::service::system_clock();
    let far = now + 170 * 365 * DAY;
    let due = |mut edit: Edit, at: Timestamp, until: Timestamp| {
        let step = &mut edit.step.as_mut().expect("a step").record;
        (step.at, step.until) = (at, Some(until));
        edit.with(Value::Due(Some(until)))
    };
    let stage = |action, from, to| step(desk.id, action, from, Some(to));
    let dispatch = stage(Action::Dispatch, State::Filed, State::Dispatched).with(Value::Assignee(Some(desk.id)));
    let way = [
        report(desk.id, 1, "挂账"),
        stage(Action::File, State::Reported, State::Filed),
        due(dispatch, now, now + DAY),
        stage(Action::Start, State::Dispatched, State::Handling),
    ];
    let begun = way.iter().map(|edit| (issue, document.edit(actor, edit).expect("an edit").bytes)).collect();
    let verdicts = push(&phone, begun).await;
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Accepted { .. })), "{verdicts:?}");
    let suspend = || stage(Action::Suspend, State::Handling, State::Suspended);
    let longest = 366 * DAY;
    let too_long = document.clone().edit(actor, &due(suspend(), now, now + longest + DAY)).expect("an edit").bytes;
    let verdicts = push(&phone, vec![(issue, too_long)]).await;
    assert!(matches!(&verdicts[..], [Verdict::Refused(why)] if why.0 == "suspension_too_long"), "{verdicts:?}");
    let forged = document.edit(actor, &due(suspend(), far, far + longest)).expect("an edit").bytes;
    let verdicts = push(&phone, vec![(issue, forged)]).await;
    assert!(matches!(verdicts[..], [Verdict::Accepted { .. }]), "{verdicts:?}");
    let ends: i64 =
        sqlx::query_scalar("SELECT due_at FROM issues").fetch_one(&server.service.store).await.expect("SQL");
    assert!((now.0 + longest..now.0 + longest + DAY).contains(&ends), "by the office's clock: {ends}");
}

static AHEAD: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    xiaohao_server::service::system_clock() + AHEAD.load(Ordering::Relaxed)
}

/// He has read the headers in the log of a proxy.
#[tokio::test]
async fn a_signature_that_somebody_read_in_a_log_opens_nothing_once_more() {
    let server = TestServer::start_at(Usual { clock: later, ..Usual::default() }).await;
    let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let desk: Person = server.person("指挥", Role::Supervisor, &[1]).await;
    let phone = server.enrol(&desk).await;
    let (issue, picture) = (new_issue(), picture(3));
    let actor = Actor { device: phone.device(), nonce: 1 };
    let begun = Document::default().edit(actor, &report(desk.id, 1, "好的")).expect("an edit").bytes;
    push(&phone, vec![(issue, begun)]).await;
    assert_eq!(phone.upload(&picture).await.status, 201);
    let tipster = format!("/api/issues/{issue}/tipster");
    let get = |device: &TestDevice, path: &str| device.sign(Call::get(path));
    let requests = [
        get(&phone, "/api/export?format=csv"),
        get(&phone, &tipster),
        get(&phone, &format!("{tipster}/whole")),
        get(&phone, &format!("/api/photos/{}", hash(&picture))),
        get(&phone, "/api/issues"),
        get(&phone, "/api/office"),
        get(&admin, "/api/admin/people"),
        get(&admin, "/api/admin/audit"),
        get(&admin, "/api/admin/audit/export"),
        phone.sign(Call::new("POST", wire::PATH).body(wire::pack(&nothing()))),
    ];
    let copy = |request: &reqwest::Request| request.try_clone().expect("a copy");
    for request in &requests {
        assert_eq!(Answer::of(copy(request)).await.status, 200, "{}", request.url());
        for header in ["x-unused", "accept"] {
            let again = spoiled(request, |request| set(request, header, "x"));
            let problem = Answer::of(again).await.problem();
            assert_eq!((problem.status, problem.kind), (409, Kind::Replayed), "{}", request.url());
        }
    }
    AHEAD.store(11 * MINUTE, Ordering::Relaxed);
    for request in &requests {
        assert_eq!(Answer::of(copy(request)).await.problem().kind, Kind::ClockSkew, "{}", request.url());
    }
}

#[tokio::test]
async fn a_request_that_broke_off_may_come_whole_with_the_same_signature() {
    let server = TestServer::start().await;
    let phone = server.enrol(&server.person("干部", Role::Cadre, &[1]).await).await;
    let request = phone.sign(Call::new("POST", wire::PATH).body(wire::pack(&nothing())));
    let length = request.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
    let mut head = format!("POST {} HTTP/1.1\r\nhost: {}\r\n", wire::PATH, request.url().authority());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().expect("text"));
    }
    raw(&server, &format!("{head}content-length: {length}\r\n\r\nX")).await;
    assert_eq!(Answer::of(request.try_clone().expect("a copy")).await.status, 200);
    assert_eq!(Answer::of(request).await.problem().kind, Kind::Replayed);
}

async fn push(device: &TestDevice, pushes: Vec<(IssueId, Vec<u8>)>) -> Vec<Verdict> {
    let pushes = pushes.into_iter().map(|(issue, change)| Push { issue, change }).collect();
    let answer = device.post(wire::PATH, wire::pack(&Page { pushes, ..nothing() })).await;
    wire::unpack::<Response>(&answer.body).expect("a page").verdicts
}

/// He reads what others wrote, and tries to have it sealed as the history of an issue of his own choice.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_one_issue_proves_nothing_under_the_name_of_another() {
    let server = TestServer::start().await;
    let author: Person = server.person("干部", Role::Cadre, &[1]).await;
    let author_device = server.enrol(&author).await;
    let forger = server.enrol(&server.person("巡查", Role::Inspector, &[2]).await).await;
    let (one, other) = (new_issue(), new_issue());
    let change = |nonce, words| {
        let actor = Actor { device: author_device.device(), nonce };
        Document::default().edit(actor, &report(author.id, 1, words)).expect("an edit").bytes
    };
    let (begun, elsewhere) = (change(1, "一处"), change(2, "另一处"));
    push(&author_device, vec![(one, begun.clone()), (other, elsewhere)]).await;

    let verdicts = push(&forger, vec![(other, begun.clone()), (one, begun.clone()), (other, begun)]).await;
    let receipt = |verdict: &Verdict| match verdict {
        Verdict::Known { receipt } => *receipt,
        verdict => panic!("{verdict:?}"),
    };
    assert_eq!((receipt(&verdicts[0]), receipt(&verdicts[2])), (None, None));
    assert!(receipt(&verdicts[1]).is_some(), "of the issue that it stands in, it does");
}
