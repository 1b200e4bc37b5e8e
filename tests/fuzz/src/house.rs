//! Headers of strangers against the whole HTTP house, without a socket: who signed, and how an upload goes on. A request is text,
//! so that a mutation reaches what it means; key and clock stand still, so that a signature stays good for ever.

use base64ct::{Base64, Encoding};
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::http::{GroundFiles, House, Site, router};
use xiaohao_server::service::passkeys::StepUp;
use xiaohao_server::service::{Service, directory};
use xiaohao_server::store::devices;
use xiaohao_shared::api::{SavePerson, Way};
use xiaohao_shared::id::{DeviceId, PersonId, ZoneId};
use xiaohao_shared::model::{Role, Zone};
use xiaohao_shared::signature::{Params, content_digest, signature_header};

use crate::office::NOW;

const ORIGIN: &str = "https://office.example";
pub(crate) const DEVICE: DeviceId = DeviceId(1_001);
/// An answer of this house is never longer.
const ANSWER: usize = 1024 * 1024;
/// Between two requests of one input.
const NEXT: &[u8] = b"\n--\n";

/// A house with one cadre and his phone.
pub(crate) struct Open {
    runtime: Runtime,
    router: Router,
    pub key: SigningKey,
    /// Of its one cadre.
    pub person: PersonId,
    _folder: TempDir,
}

thread_local! {
    /// Opened once for each thread, because migrations take longer than a request.
    static HOUSE: RefCell<Option<Open>> = const { RefCell::new(None) };
}

pub(crate) struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    pub body: Bytes,
}

impl Open {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = folder();
        let key = SigningKey::from_slice(&[1; 32]).expect("a key");
        let (service, person) = runtime.block_on(furnished(folder.path(), &key));
        let (_, stop) = tokio::sync::watch::channel(false);
        let site = Site {
            public_url: Some(ORIGIN.into()),
            tls: true,
            strict_transport: false,
            behind_proxy: false,
            step_up: StepUp::default(),
            // The clock stands still here, a fuzzer never rests, and says the same again and again.
            rates: Rates {
                burst: i64::from(u32::MAX),
                failures: u32::MAX,
                unsigned: u32::MAX,
                remembered: 0,
                ..Rates::default()
            },
            audit_days: 366,
            base_map: GroundFiles::default(),
            app: folder.path().join("app"),
            stop,
        };
        let router = router(House { service, site: Arc::new(site) });
        Self { runtime, router, key, person, _folder: folder }
    }

    pub fn ask(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("a router never fails");
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, ANSWER).await.expect("a whole answer");
            assert!(parts.status.as_u16() < 500, "the house failed: {}", parts.status);
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    /// The three headers of a request of the phone.
    pub fn signed(&self, method: &str, path: &str, nonce: &str, body: &[u8]) -> [(&'static str, String); 3] {
        let params = Params { created: NOW.0 / 1000, nonce: nonce.into(), keyid: DEVICE.to_string() };
        let digest = content_digest(body);
        let base = params.base(method, &format!("{ORIGIN}{path}"), &digest);
        let signature: Signature = self.key.sign(base.as_bytes());
        [
            ("signature-input", params.header()),
            ("signature", signature_header(&signature.to_bytes())),
            ("content-digest", digest),
        ]
    }
}

/// In memory where there is such a folder: every request of a fuzzer would wait for a disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.expect("a temporary folder")
}

async fn furnished(folder: &Path, key: &SigningKey) -> (Service, PersonId) {
    let service = Service::open(folder, || NOW).await.expect("an office");
    let zone = Zone { id: ZoneId(1), name: "一号片区".into(), code: String::new(), bearers: Vec::new() };
    directory::save_zones(&service, &[zone]).await.expect("a zone");
    let wish =
        SavePerson { id: None, name: "王建国".into(), role: Role::Cadre, zones: vec![ZoneId(1)], active: true };
    let person: PersonId = directory::put_person(&service, wish).await.expect("a person");
    let point = key.verifying_key().to_sec1_point(false);
    let mut tx = service.write().await.expect("a turn");
    devices::insert(&mut tx, DEVICE, person, point.as_bytes(), "手机", Way::Code, NOW).await.expect("a device");
    tx.commit().await.expect("committed");
    (service, person)
}

pub(crate) fn with_house(work: impl FnOnce(&Open)) {
    HOUSE.with_borrow_mut(|house| work(house.get_or_insert_with(Open::new)));
}

/// Lines up to an empty one, then a body.
struct Text<'a> {
    first: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Text<'a> {
    fn read(mut data: &'a [u8]) -> Option<Self> {
        let mut lines = Vec::new();
        loop {
            let end = data.iter().position(|byte| *byte == b'\n')?;
            let (line, rest) = (&data[..end], &data[end + 1..]);
            data = rest;
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let first = std::str::from_utf8(lines.first()?).ok()?;
        let headers = lines[1..].iter().filter_map(|line| header(line)).collect();
        Some(Self { first, headers, body: data })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// `None` where HTTP itself has no such request.
    fn request(&self, method: &str, path: &str, more: &[(&str, String)]) -> Option<Request<Body>> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        for (name, value) in more {
            request = request.header(*name, value);
        }
        request.body(Body::from(self.body.to_vec())).ok()
    }
}

fn header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let value = &line[colon + 1..];
    Some((std::str::from_utf8(&line[..colon]).ok()?, value.strip_prefix(b" ").unwrap_or(value)))
}

/// What the phone signed: (method, path, body).
const SIGNED: [(&str, &str, &[u8]); 3] = [
    ("GET", "/api/office", b""),
    ("POST", "/api/photos/wanted", b"[]"),
    ("GET", "/api/board?state=reported&text=%E4%BA%95%E7%9B%96", b""),
];

/// One request as text. Only what the phone signed, letter by letter, may be served.
pub fn signature(data: &[u8]) {
    let Some(text) = Text::read(data) else { return };
    let Some((method, path)) = text.first.split_once(' ') else { return };
    let Some(request) = text.request(method, path, &[]) else { return };
    let open = request.uri().path();
    // What needs no signature: the app's files, and what says that the process lives.
    let public = !open.starts_with("/api/") || open == "/api/uploads" && method == "OPTIONS";
    with_house(|house| {
        let answer = house.ask(request);
        if answer.status.is_success() && !public {
            assert!(is_signed(house, &text, method, path), "served without a signature: {}", answer.status);
        }
    });
}

fn is_signed(house: &Open, text: &Text<'_>, method: &str, path: &str) -> bool {
    SIGNED.iter().any(|(of_method, of_path, body)| {
        let headers = house.signed(of_method, of_path, "nonce-1", body);
        let same = headers.iter().all(|(name, value)| text.get(name) == Some(value));
        same && *of_method == method && *of_path == path && *body == text.body
    })
}

/// Uploads that one input began: what the house must say of them.
#[derive(Default)]
struct Begun {
    id: String,
    size: u64,
    received: Vec<u8>,
    over: bool,
}

/// Requests as text, one after another: `create`, `append`, `status` or `cancel`, the last three of the newest upload or of one
/// that is named. Each is signed by the phone on its way.
pub fn upload(data: &[u8]) {
    with_house(|house| {
        let mut uploads = Vec::new();
        for (at, call) in split(data).into_iter().take(12).enumerate() {
            let Some(text) = Text::read(call) else { continue };
            step(house, &mut uploads, &text, at);
        }
        // The next input finds a phone without open uploads.
        for begun in &uploads {
            let text = Text { first: "cancel", headers: vec![("tus-resumable", b"1.0.0")], body: b"" };
            send(house, &text, "DELETE", &format!("/api/uploads/{}", begun.id), "last");
        }
    });
}

fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut calls = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(NEXT.len()).position(|window| window == NEXT) {
        calls.push(&rest[..at + 1]);
        rest = &rest[at + NEXT.len()..];
    }
    calls.push(rest);
    calls
}

fn send(house: &Open, text: &Text<'_>, method: &str, path: &str, nonce: &str) -> Option<Answer> {
    let request = text.request(method, path, &house.signed(method, path, nonce, text.body))?;
    Some(house.ask(request))
}

fn step(house: &Open, uploads: &mut Vec<Begun>, text: &Text<'_>, at: usize) {
    let (verb, named) = text.first.split_once(' ').unwrap_or((text.first, ""));
    let nonce = format!("n-{at}");
    if verb == "create" {
        let answer = send(house, text, "POST", "/api/uploads", &nonce);
        if let Some(answer) = answer.filter(|answer| answer.status.is_success()) {
            begun(uploads, text, &answer);
        }
        return;
    }
    let method = match verb {
        "append" => "PATCH",
        "status" => "HEAD",
        "cancel" => "DELETE",
        _ => return,
    };
    let newest = uploads.last().map(|begun| begun.id.clone()).unwrap_or_default();
    let id = if named.is_empty() { newest } else { named.to_owned() };
    let Some(answer) = send(house, text, method, &format!("/api/uploads/{id}"), &nonce) else { return };
    match uploads.iter_mut().find(|begun| begun.id == id) {
        Some(begun) => begun.follows(method, text, &answer),
        None => assert!(!answer.status.is_success(), "an upload that nobody began"),
    }
}

fn begun(uploads: &mut Vec<Begun>, text: &Text<'_>, answer: &Answer) {
    let location = answer.headers.get("location").and_then(|location| location.to_str().ok());
    let id = location.and_then(|location| location.strip_prefix("/api/uploads/")).expect("a location");
    let size = text.get("upload-length").and_then(|size| size.parse().ok()).expect("it promised a size");
    // The same photo once more goes on with the first upload, and a piece that came along counts only at its beginning.
    if let Some(before) = uploads.iter_mut().find(|begun| begun.id == id) {
        return if before.received.is_empty() { before.receives(text.body, answer) } else { before.stands(answer) };
    }
    let mut begun = Begun { id: id.to_owned(), size, ..Begun::default() };
    let known = offset(answer) == size && text.body.len() as u64 != size;
    if known {
        begun.over = true;
    } else {
        begun.receives(text.body, answer);
    }
    uploads.push(begun);
}

fn offset(answer: &Answer) -> u64 {
    let offset = answer.headers.get("upload-offset").and_then(|offset| offset.to_str().ok());
    offset.and_then(|offset| offset.parse().ok()).expect("an offset")
}

impl Begun {
    fn follows(&mut self, method: &str, text: &Text<'_>, answer: &Answer) {
        match (method, answer.status.is_success()) {
            ("PATCH", true) => self.receives(text.body, answer),
            ("HEAD", true) => self.stands(answer),
            ("DELETE", true) => self.over = true,
            _ => {}
        }
    }

    fn receives(&mut self, piece: &[u8], answer: &Answer) {
        if self.over {
            assert_eq!(offset(answer), self.size, "it was complete before");
            return;
        }
        self.received.extend(piece);
        self.stands(answer);
    }

    fn stands(&mut self, answer: &Answer) {
        if self.over {
            return;
        }
        assert_eq!(offset(answer), self.received.len() as u64, "what arrived counts, and nothing else");
        assert!(offset(answer) <= self.size, "more than was promised");
        if offset(answer) == self.size {
            let seen = xiaohao_server::service::photos::look(&self.received, None);
            assert!(seen.is_ok(), "complete without being a picture");
            self.over = true;
        }
    }
}

/// Signed requests as inputs, and some that nobody signed.
pub fn signatures() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    with_house(|house| {
        for (method, path, body) in SIGNED {
            let mut text = format!("{method} {path}\n").into_bytes();
            for (name, value) in house.signed(method, path, "nonce-1", body) {
                text.extend(format!("{name}: {value}\n").into_bytes());
            }
            seeds.push([&text, b"\n".as_slice(), body].concat());
        }
    });
    seeds.push(b"GET /healthz\n\n".to_vec());
    seeds.push(b"OPTIONS /api/uploads\n\n".to_vec());
    seeds
}

/// Uploads as inputs: whole, in pieces, with a first piece, given up, and of what is no picture.
pub fn uploads() -> Vec<Vec<u8>> {
    let picture = crate::photo::seeds().into_iter().min_by_key(Vec::len).expect("a picture");
    let promise = |bytes: &[u8]| {
        let name = Base64::encode_string(&Sha256::digest(bytes));
        format!("tus-resumable: 1.0.0\nupload-length: {}\nupload-metadata: sha256 {name}\n", bytes.len()).into_bytes()
    };
    let piece = |at: usize, bytes: &[u8]| {
        let sum = Base64::encode_string(&Sha256::digest(bytes));
        let head = format!(
            "append\ntus-resumable: 1.0.0\nupload-offset: {at}\ncontent-type: application/offset+octet-stream\nupload-checksum: sha256 {sum}\n\n"
        );
        [head.as_bytes(), bytes].concat()
    };
    let create = |bytes: &[u8]| [b"create\n".as_slice(), &promise(bytes), b"\n"].concat();
    let status = b"status\ntus-resumable: 1.0.0\n\n".to_vec();
    let cancel = b"cancel\ntus-resumable: 1.0.0\n\n".to_vec();
    let with_all =
        [b"create\ncontent-type: application/offset+octet-stream\n".as_slice(), &promise(&picture), b"\n", &picture]
            .concat();
    let half = picture.len() / 2;
    let noise = b"<svg onload='alert(1)'>";
    [
        vec![
            create(&picture),
            piece(0, &picture[..half]),
            status.clone(),
            piece(half, &picture[half..]),
            status.clone(),
        ],
        vec![with_all, status.clone()],
        vec![create(&picture), piece(0, &picture[..half]), piece(0, &picture[..half]), cancel, status.clone()],
        vec![create(noise), piece(0, noise), status],
        vec![create(&picture[..half]), piece(0, &picture)],
        vec![b"status ../../office.db\ntus-resumable: 1.0.0\n\n".to_vec()],
    ]
    .map(|calls| calls.join(NEXT))
    .to_vec()
}
