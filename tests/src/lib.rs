//! What tests from outside need: the real server on a free port over a fresh folder, and devices that sign as browsers
//! do. Knows the wire; touches the server's inside only to prepare and to look.

pub mod bombs;
pub mod changes;
pub mod desk;
pub mod edits;
pub mod faults;
pub mod handover;
pub mod holder;
pub mod invented;
pub mod load;
pub mod million;
pub mod passkey;
pub mod phone;
pub mod provider;
pub mod sim;
pub mod slow;
pub mod suite;
pub mod workload;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use std::path::Path;
use std::sync::Arc;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use xiaohao_server::ground::Plain;
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::http::{self, GroundFiles, House, Site};
use xiaohao_server::listen::{self, Limits};
use xiaohao_server::service::passkeys::StepUp;
use xiaohao_server::service::sign_on::{Options, SignOn};
use xiaohao_server::service::{Service, backup, directory, enrolment, random, system_clock};
use xiaohao_shared::api::{Enrol, Enrolled, Problem, SavePerson};
use xiaohao_shared::id::{DeviceId, PersonId, ZoneId};
use xiaohao_shared::model::{Person, Role, Zone};
use xiaohao_shared::signature::{NEW_KEY, Params, content_digest, signature_header};
use xiaohao_shared::time::Timestamp;

/// Zones that every test office has: 1 to this.
pub const ZONES: u32 = 12;

/// What most tests need of a site.
pub struct Usual {
    pub behind_proxy: bool,
    pub strict_transport: bool,
    pub rates: Rates,
    pub step_up: StepUp,
    /// The host of its address: a number, or a name to which passkeys can be bound.
    pub host: &'static str,
    /// What time it is there, and for the devices that enrol there.
    pub clock: fn() -> Timestamp,
    /// Where its people sign on, if they do.
    pub sign_on: Option<Options>,
}

impl Default for Usual {
    fn default() -> Self {
        // A test does in seconds what a phone does in months.
        let rates = Rates { burst: i64::from(u32::MAX), ..Rates::default() };
        let (step_up, host, clock) = (StepUp::Held, "127.0.0.1", system_clock as fn() -> Timestamp);
        Self { behind_proxy: false, strict_transport: false, rates, step_up, host, clock, sign_on: None }
    }
}

/// A real server in this process. Dropped, it stops (its stop signal has no sender any more) and its folder goes.
pub struct TestServer {
    pub service: Service,
    pub house: House,
    /// `http://127.0.0.1:port`
    pub origin: String,
    pub data: TempDir,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(Limits::default()).await
    }

    pub async fn start_with(limits: Limits) -> Self {
        Self::furnished(limits, Usual::default()).await
    }

    /// As a server stands that is reached otherwise, or is stricter, than that of most tests.
    pub async fn start_at(site: Usual) -> Self {
        Self::furnished(Limits::default(), site).await
    }

    async fn furnished(limits: Limits, site: Usual) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let server = Self::open(data, limits, site).await;
        let zone =
            |id| Zone { id: ZoneId(id), name: format!("{id}号片区"), code: String::new(), bearers: Vec::new() };
        let zones: Vec<_> = (1..=ZONES).map(zone).collect();
        directory::save_zones(&server.service, &zones).await.expect("zones");
        directory::set_name(&server.service, "测试街道").await.expect("name");
        server
    }

    async fn open(data: TempDir, limits: Limits, usual: Usual) -> Self {
        let service = Service::open(data.path(), usual.clock).await.expect("an office");
        if let Some(options) = usual.sign_on {
            service.signs_on_at(SignOn::new(options).expect("a sign-on"));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}:{}", usual.host, listener.local_addr().expect("an address").port());
        let (stop, stopped) = watch::channel(false);
        let app = data.path().join("app");
        let site = Site {
            public_url: None,
            tls: false,
            strict_transport: usual.strict_transport,
            behind_proxy: usual.behind_proxy,
            step_up: usual.step_up,
            app,
            base_map: base_map(data.path()),
            rates: usual.rates,
            audit_days: 366,
            stop: stopped.clone(),
        };
        let house = House { service: service.clone(), site: Arc::new(site) };
        let serving = tokio::spawn(listen::serve(listener, None, http::router(house.clone()), limits, stopped));
        Self { service, house, origin, data, stop, serving }
    }

    /// Stops as on SIGTERM and starts again over the same folder, at another port: devices follow by [`TestDevice::at`].
    pub async fn restart(self) -> Self {
        self.stop.send_replace(true);
        self.serving.await.expect("an orderly end");
        self.service.close().await;
        Self::open(self.data, Limits::default(), Usual::default()).await
    }

    /// A server over what another has left.
    pub async fn over(data: TempDir, site: Usual) -> Self {
        Self::open(data, Limits::default(), site).await
    }

    /// Stops, and leaves the folder for another to serve.
    pub async fn leave(self) -> TempDir {
        self.stop.send_replace(true);
        self.serving.await.expect("an orderly end");
        self.service.close().await;
        self.data
    }

    /// What `backup` copies at this moment.
    pub async fn backup(&self) -> TempDir {
        let copy = TempDir::new().expect("a temporary folder");
        backup::backup(&self.service, self.data.path(), copy.path()).await.expect("a backup");
        copy
    }

    /// The machine burns down, and the copy goes into a new one.
    pub async fn restore(self, copy: &TempDir) -> Self {
        self.stop.send_replace(true);
        self.serving.await.expect("an orderly end");
        self.service.close().await;
        drop(self.data);
        let data = TempDir::new().expect("a temporary folder");
        let restored = backup::restore(copy.path(), data.path()).await.expect("a restore");
        assert!(restored.listed && restored.report.findings.is_empty(), "{restored:?}");
        Self::open(data, Limits::default(), Usual::default()).await
    }

    /// The folder that is served as the app.
    pub fn app(&self) -> std::path::PathBuf {
        self.data.path().join("app")
    }

    pub async fn person(&self, name: &str, role: Role, zones: &[u32]) -> Person {
        let zones = zones.iter().copied().map(ZoneId).collect();
        let wish = SavePerson { id: None, name: name.to_owned(), role, zones, active: true };
        let id = directory::put_person(&self.service, wish).await.expect("a person");
        directory::person(&self.service, id).await.expect("the person").person
    }

    pub async fn code(&self, person: PersonId) -> String {
        enrolment::issue_code(&self.service, person, &self.origin).await.expect("a code").code
    }

    pub async fn enrol(&self, person: &Person) -> TestDevice {
        let code = self.code(person.id).await;
        let mut device = self.stranger();
        let enrolled: Enrolled = device.enrol(&code).await.json();
        device.id = Some(enrolled.device);
        device
    }

    /// A device with a key that the office does not know yet.
    pub fn stranger(&self) -> TestDevice {
        TestDevice { clock: self.service.now, ..TestDevice::stranger(&self.origin) }
    }

    /// A request that nobody signed.
    pub async fn plain(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut call = Call::new(method, path);
        for (name, value) in headers {
            call = call.header(name, value);
        }
        Answer::of(call.unsigned(&self.origin)).await
    }

    /// Whatever lies at these names in the data folder is the office's base map.
    pub fn base_map(&self) -> GroundFiles {
        base_map(self.data.path())
    }

    pub fn write_app(&self, name: &str, bytes: &[u8]) {
        let path = self.app().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
}

/// What the office of a test lays under its map as GeoJSON.
pub const GROUND: &str = r#"{"type":"Feature","properties":{},"geometry":null}"#;

fn base_map(data: &Path) -> GroundFiles {
    let plain = Plain { mark: "0123456789abcdef".into(), text: GROUND.as_bytes().into() };
    let [tiles, style] = ["map.pmtiles", "map.json"].map(|name| Some(data.join(name)));
    GroundFiles { tiles, style, plain: Some(plain), gcj02: true }
}

fn new_key() -> SigningKey {
    loop {
        // Nearly every 32 bytes are a key of this curve.
        if let Ok(key) = SigningKey::from_slice(&random::<32>()) {
            return key;
        }
    }
}

/// One request, before it is signed.
#[derive(Clone)]
pub struct Call {
    method: String,
    path: String,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
    /// Seconds by which the sender's clock is wrong.
    skew: i64,
    nonce: String,
}

impl Call {
    pub fn new(method: &str, path: &str) -> Self {
        let nonce = Base64UrlUnpadded::encode_string(&random::<6>());
        Self { method: method.into(), path: path.into(), body: Vec::new(), headers: Vec::new(), skew: 0, nonce }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn json(method: &str, path: &str, body: &impl Serialize) -> Self {
        let call = Self::new(method, path).header("content-type", "application/json");
        call.body(serde_json::to_vec(body).expect("JSON"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn skewed(mut self, seconds: i64) -> Self {
        self.skew = seconds;
        self
    }

    /// Through a proxy, each from another network, so that none waits for the failures of those before.
    pub fn from_elsewhere(self) -> Self {
        let [a, b, c] = random();
        self.header("x-forwarded-for", &format!("10.{a}.{b}.{c}"))
    }

    /// As somebody sends it who has no key.
    pub fn unsigned(self, origin: &str) -> reqwest::Request {
        self.request(origin, HeaderMap::new())
    }

    fn request(self, origin: &str, more: HeaderMap) -> reqwest::Request {
        let url = format!("{origin}{}", self.path).parse().expect("an address");
        let mut request = reqwest::Request::new(self.method.parse().expect("a method"), url);
        *request.headers_mut() = more;
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().expect("a header");
            request.headers_mut().append(name, value.parse().expect("a value"));
        }
        *request.body_mut() = (!self.body.is_empty()).then(|| self.body.into());
        request
    }
}

/// A phone or PC, as far as the wire can see.
#[derive(Clone)]
pub struct TestDevice {
    pub id: Option<DeviceId>,
    pub key: SigningKey,
    /// What it takes for the time.
    pub clock: fn() -> Timestamp,
    origin: String,
}

impl TestDevice {
    /// A device with a new key that no office knows yet.
    pub fn stranger(origin: &str) -> Self {
        Self::new(origin, new_key())
    }

    fn new(origin: &str, key: SigningKey) -> Self {
        Self { id: None, key, clock: system_clock, origin: origin.to_owned() }
    }

    /// The same device, talking to a server that moved, at the time that it is there.
    pub fn at(mut self, server: &TestServer) -> Self {
        self.origin = server.origin.clone();
        self.clock = server.service.now;
        self
    }

    /// The server has another address now.
    pub fn moved_to(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// Where it sends to, and what it signs for.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn device(&self) -> DeviceId {
        self.id.expect("this device is enrolled")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Call::get(path)).await
    }

    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.send(Call::new("POST", path).body(body)).await
    }

    pub async fn post_json(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(Call::json("POST", path, body)).await
    }

    pub async fn send(&self, call: Call) -> Answer {
        Answer::of(self.sign(call)).await
    }

    /// Brings a photo in one piece.
    pub async fn upload(&self, photo: &[u8]) -> Answer {
        let call = Call::new("POST", "/api/uploads").header("tus-resumable", "1.0.0");
        let call = call.header("upload-length", &photo.len().to_string());
        let sum = Base64::encode_string(&handover::hash(photo).0);
        let call = call.header("upload-metadata", &format!("sha256 {sum}"));
        self.send(call.header("content-type", "application/offset+octet-stream").body(photo)).await
    }

    /// What [`Self::send`] would send, to spoil or repeat it.
    pub fn sign(&self, call: Call) -> reqwest::Request {
        let keyid = self.id.map_or(NEW_KEY.to_owned(), |id| id.to_string());
        let params = Params { created: (self.clock)().0 / 1_000 + call.skew, nonce: call.nonce.clone(), keyid };
        let digest = content_digest(&call.body);
        let base = params.base(&call.method, &format!("{}{}", self.origin, call.path), &digest);
        let signature: Signature = self.key.sign(base.as_bytes());
        let mut headers = HeaderMap::new();
        let pairs = [
            ("signature-input", params.header()),
            ("signature", signature_header(&signature.to_bytes())),
            ("content-digest", digest),
        ];
        for (name, value) in pairs {
            headers.insert(name, HeaderValue::try_from(value).expect("a header value"));
        }
        call.request(&self.origin, headers)
    }

    pub fn public_key(&self) -> String {
        Base64UrlUnpadded::encode_string(self.key.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// What it says of itself when it enrols, before it has shown anything.
    pub fn newcomer(&self) -> Enrol {
        Enrol { public_key: self.public_key(), label: "测试手机".into(), ..Enrol::default() }
    }

    pub async fn enrol(&self, code: &str) -> Answer {
        let wish = Enrol { code: Some(code.to_owned()), device: self.id, ..self.newcomer() };
        Self { id: None, ..self.clone() }.post_json("/api/enrol", &wish).await
    }
}

/// By these it is known that a problem repeats what a reader of JSON, queries, pages, pictures, keys or rows said of the request.
const OF_LIBRARIES: [&str; 31] = [
    "missing field",
    "unknown field",
    "unknown variant",
    "duplicate field",
    "invalid type",
    "invalid value",
    "invalid length",
    "invalid digit",
    "number too large",
    "expected ",
    "at line ",
    "EOF while",
    "trailing characters",
    "recursion limit",
    "eserialize",
    "query string",
    "UTF-8",
    "minicbor",
    "end of input",
    "unexpected ",
    "automerge",
    "ormat error",
    "image format",
    "decoding",
    "Invalid ",
    "base64",
    "signature error",
    "sqlite",
    "SQL",
    "os error",
    "panicked",
];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn of(request: reqwest::Request) -> Self {
        Self::by(&reqwest::Client::new(), request).await.expect("an answer")
    }

    /// Over a connection that may be open already.
    pub async fn by(client: &reqwest::Client, request: reqwest::Request) -> reqwest::Result<Self> {
        let response = client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await?.to_vec() })
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json<T: DeserializeOwned>(&self) -> T {
        let read = serde_json::from_slice(&self.body);
        read.unwrap_or_else(|error| panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    /// The problem that this answer is; fails the test where it is none, or not in words of ours.
    pub fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let text = String::from_utf8_lossy(&self.body);
        let found: Vec<_> = OF_LIBRARIES.iter().filter(|words| text.contains(**words)).collect();
        assert!(found.is_empty(), "{found:?} are words of a library: {text}");
        self.json()
    }
}
