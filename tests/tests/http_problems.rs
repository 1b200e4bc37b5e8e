//! What is said to a request that cannot be read: a problem in words of the office, which tell an honest user what to do and an attacker
//! nothing of what reads him. `Answer::problem` knows the words of libraries, here and in every other test.

use std::collections::BTreeSet;

use xiaohao_shared::api::{ChangeKey, ProblemKind};
use xiaohao_shared::id::PatrolId;
use xiaohao_shared::model::Role;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::{handover, wire};
use xiaohao_shared::time::{DAY, HOUR};
use xiaohao_tests::edits::{new_issue, picture};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

/// Bodies that are no JSON, or not that which is asked for.
const BODIES: [(&str, &[u8]); 10] = [
    ("nothing", b""),
    ("JSON that breaks off", b"{\"id\":null,"),
    ("JSON of another kind", b"[[1,2]]"),
    ("a number", b"7"),
    ("a text", b"\"adopt_all\""),
    ("a number beyond all numbers", b"{\"id\":1e999}"),
    ("values that nobody asked for", b"[\"root\",{\"kind\":-1}]"),
    ("something behind", b"{}}"),
    ("bytes that are no text", &[0xff; 12]),
    ("JSON without end", &[b'['; 20_000]),
];

/// Where the administrator, the desk and everybody bring JSON.
const OF_ADMINISTRATORS: [&str; 7] = [
    "/api/admin/people",
    "/api/admin/zones",
    "/api/admin/calendar",
    "/api/admin/catalogue",
    "/api/admin/retention",
    "/api/admin/lock",
    "/api/admin/remembered",
];
const OF_THE_DESK: [&str; 6] = [
    "/api/bulletins",
    "/api/settlements",
    "/api/indicators/thresholds",
    "/api/indicators/recurrence",
    "/api/photos/wanted",
    "/api/patrols",
];
const OF_EVERYBODY: [&str; 4] = ["/api/views", "/api/key", "/api/passkeys", "/api/confirm"];

/// Addresses that ask for what cannot be read.
const ADDRESSES: [&str; 16] = [
    "/api/indicators",
    "/api/indicators?month=x",
    "/api/indicators?month=2026-13",
    "/api/halfyear",
    "/api/halfyear?from=x&to=y",
    "/api/halfyear/document?from=2026-01&to=2026-06&lang=xx",
    "/api/patrols?from=x&to=y",
    "/api/patrols?from=2026-01-01&to=2026-01-02&band=-1",
    "/api/patrols/book?from=2026-01-01",
    "/api/export?format=exe",
    "/api/export?photos=perhaps",
    "/api/issues?zone=x",
    "/api/issues?overdue=perhaps",
    "/api/photos/%ff",
    "/api/weekly/%ff",
    "/api/issues/%ff/tipster",
];

/// Whoever reads it should know neither what read it nor what it is made of.
fn said(name: &str, answer: &Answer) -> String {
    let problem = answer.problem();
    assert!(matches!(problem.status, 400 | 404 | 413 | 415 | 426), "{name}: {problem:?}");
    problem.detail.unwrap_or_else(|| panic!("{name} hears nothing"))
}

fn upload(bytes: &[u8]) -> Call {
    let call = Call::new("POST", "/api/uploads").header("tus-resumable", "1.0.0");
    call.header("upload-length", &bytes.len().to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes)
}

/// Pages, parcels, keys, rounds and headers.
fn calls() -> Vec<(&'static str, Call)> {
    let page = |bytes: &[u8]| Call::new("POST", wire::PATH).body(bytes);
    let packed = wire::pack(&nothing());
    let broken = |rest: &[u8]| page(&[&[b'X', wire::PROTOCOL, 0], rest].concat());
    let key = |proof: &str| {
        let wish = ChangeKey { public_key: "A".repeat(87), nonce: "n".into(), proof: proof.into() };
        Call::json("POST", "/api/key", &wish)
    };
    let now = xiaohao_server::service::system_clock();
    let round = |begun_at, ended_at| {
        let id = PatrolId(new_issue());
        let zone = xiaohao_shared::id::ZoneId(1);
        Call::json("POST", "/api/patrols", &Patrol { id, zone, begun_at, ended_at, found: 0, skew: 0 })
    };
    vec![
        ("a page that is none", page(b"<html>")),
        ("an empty page", page(b"")),
        ("a page that breaks off", page(&packed[..packed.len() - 1])),
        ("a page of nothing", broken(b"")),
        ("a page of a text", broken(b"\x63abc")),
        ("a page of 2^62 fields", broken(&[0x9B, 0x40, 0, 0, 0, 0, 0, 0, 0])),
        ("a page that does not inflate", page(&[b'X', wire::PROTOCOL, 1, 0xff, 0xff, 0xff])),
        ("a page of another version", page(b"X\x09\x00\x80")),
        ("a parcel that is none", Call::new("POST", handover::PATH).body("{}")),
        ("a key that is none", key("AAAA")),
        ("a proof that is no text of bytes", key("###")),
        ("a round that ends before it began", round(now, now + -HOUR)),
        ("a round of three days", round(now + -3 * DAY, now)),
        ("a photo without a name", upload(b"x").header("upload-metadata", "filename eA==")),
        ("a photo with a name that is none", upload(b"x").header("upload-metadata", "sha256 ####")),
        ("a photo of no length", Call::new("POST", "/api/uploads").header("tus-resumable", "1.0.0")),
    ]
}

/// Bytes that call themselves photos.
fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let whole = picture(1);
    let spoilt = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        bytes
    };
    vec![
        ("a script", b"<svg onload=alert(1)>".to_vec()),
        ("another format", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec()),
        ("a head alone", whole[..8].to_vec()),
        ("a picture that breaks off", whole[..whole.len() / 2].to_vec()),
        ("a picture with other bytes", spoilt(whole.len() / 2)),
        ("a picture with another header", spoilt(20)),
        ("something behind a picture", [whole.as_slice(), b"PK"].concat()),
        ("a JPEG of its first bytes", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00".to_vec()),
        ("a WebP of its first bytes", b"RIFF\x10\x00\x00\x00WEBPVP8 ".to_vec()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_library_says_of_a_request_is_told_to_nobody() {
    let server = TestServer::start_at(Usual { host: "localhost", ..Usual::default() }).await;
    let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let desk = server.enrol(&server.person("指挥", Role::Supervisor, &[1]).await).await;
    let (mut asked, mut words) = (0, BTreeSet::new());
    let of = |paths: &'static [&'static str], device: TestDevice| paths.iter().map(move |path| (*path, device.clone()));
    let ways = of(&OF_ADMINISTRATORS, admin.clone())
        .chain(of(&OF_THE_DESK, desk.clone()))
        .chain(of(&OF_EVERYBODY, desk.clone()));
    for (path, device) in ways {
        for (name, body) in BODIES {
            words.insert(said(&format!("{name} at {path}"), &device.post(path, body).await));
            asked += 1;
        }
    }
    for path in ADDRESSES {
        words.insert(said(path, &desk.get(path).await));
        // Whoever has not signed is not even told that.
        assert!(server.plain("GET", path, &[]).await.problem().status != 200, "{path}");
        asked += 2;
    }
    for (name, call) in calls() {
        words.insert(said(name, &desk.send(call).await));
        asked += 1;
    }
    for (name, bytes) in pictures() {
        let answer = desk.upload(&bytes).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotAPhoto, "{name}");
        words.insert(said(name, &answer));
        asked += 1;
    }
    println!("{asked} requests that cannot be read hear {} sentences, none of a library: {words:#?}", words.len());
    assert!(asked > 200 && words.len() > 10);
}
