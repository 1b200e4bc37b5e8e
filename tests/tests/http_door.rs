//! The door of the house: the app that it serves, news, whoever is slow or asks without end, TLS. Every test has its own server.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::listen::pace::Pace;
use xiaohao_server::listen::{self, Limits, files, tls};
use xiaohao_server::service::{directory, system_clock};
use xiaohao_shared::api::{ProblemKind, SaveBulletin};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::Role;
use xiaohao_shared::time::{DAY, HOUR};
use xiaohao_tests::slow::Crowd;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

// Live events

#[tokio::test]
async fn events_say_that_there_is_something_new_and_end_with_the_server() {
    let (server, phone) = cadre_phone().await;
    let mut stream = reqwest::Client::new().execute(phone.sign(Call::get("/api/events"))).await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(begins(&mut stream).await.starts_with("data: 0\n\n"));
    server.service.live.send_replace(7);
    assert_eq!(&stream.chunk().await.unwrap().unwrap()[..], b"data: 7\n\n");
    let began = Instant::now();
    server.restart().await;
    assert_eq!(stream.chunk().await.unwrap(), None);
    assert!(began.elapsed() < Duration::from_secs(5), "open streams delay the end");
}

/// Where the log stands, and which version of the office there is.
async fn begins(stream: &mut reqwest::Response) -> String {
    let mut said = String::new();
    while !said.contains("data: office ") {
        said += std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap();
    }
    said
}

#[tokio::test]
async fn a_notice_is_told_to_whoever_listens_and_who_is_sent_away_hears_no_more() {
    let (server, phone) = cadre_phone().await;
    let desk = server.person("指挥", Role::Supervisor, &[]).await;
    let desk = server.enrol(&desk).await;
    let mut stream = reqwest::Client::new().execute(phone.sign(Call::get("/api/events"))).await.unwrap();
    let before = begins(&mut stream).await;
    let wish = SaveBulletin { text: "今天查旱厕".into(), zones: vec![], until: server.service.now() + DAY };
    assert_eq!(desk.post_json("/api/bulletins", &wish).await.status, 200);
    let told = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(told.starts_with("data: office ") && !before.contains(&told), "{before:?} {told:?}");
    directory::revoke(&server.service, phone.device()).await.unwrap();
    assert_eq!(stream.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn streams_of_news_whose_network_went_keep_no_request_of_the_phone_out() {
    let (server, phone) = cadre_phone().await;
    let client = reqwest::Client::new();
    let mut streams = Vec::new();
    for _ in 0..40 {
        let mut stream = client.execute(phone.sign(Call::get("/api/events"))).await.unwrap();
        assert!(begins(&mut stream).await.starts_with("data: 0\n\n"));
        streams.push(stream);
    }
    assert_eq!(phone.get("/api/office").await.status, 200);
    server.service.live.send_replace(7);
    let mut told = 0;
    for stream in &mut streams {
        told += usize::from(stream.chunk().await.unwrap().is_some());
    }
    assert_eq!(told, 4, "a browser has one, and the newest ones count");
}

// The app and the rest

#[tokio::test]
async fn the_app_is_served_compressed_and_locked_down() {
    let server = TestServer::start().await;
    let page = b"<!doctype html><title>x</title>";
    server.write_app("index.html", page);
    server.write_app("index.html.br", &brotli(page));
    server.write_app("app-0123456789ab.wasm", b"\0asm");
    let squeezed = server.plain("GET", "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((squeezed.header("content-encoding"), &squeezed.body), ("br", &brotli(page)));
    for rule in [
        "script-src 'self' 'wasm-unsafe-eval';",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'; trusted-types default",
    ] {
        assert!(squeezed.header("content-security-policy").contains(rule), "{rule}");
    }
    let plain = server.plain("GET", "/issue/some-route", &[]).await;
    assert_eq!((plain.status, plain.body.as_slice(), plain.header("cache-control")), (200, &page[..], "no-cache"));
    assert_eq!((plain.header("referrer-policy"), plain.header("x-content-type-options")), ("no-referrer", "nosniff"));
    let wasm = server.plain("GET", "/app-0123456789ab.wasm", &[]).await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert!(wasm.header("cache-control").contains("immutable"));
    assert_eq!(server.plain("GET", "/app-gone.js", &[]).await.status, 404);
    let again = server.plain("GET", "/", &[("if-none-match", plain.headers["etag"].to_str().unwrap())]).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn nothing_outside_the_app_is_served() {
    let server = TestServer::start().await;
    server.write_app("index.html", b"app");
    for path in ["/../office.db", "/%2e%2e/office.db", "/..%2foffice.db", "//office.db"] {
        let text = raw(&server, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(!text.contains("SQLite"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem() {
    let server = TestServer::start().await;
    for (method, path) in [("GET", "/api/nothing"), ("DELETE", "/api/office"), ("POST", "/somewhere")] {
        assert_eq!(server.plain(method, path, &[]).await.problem().kind, ProblemKind::NotFound, "{method} {path}");
    }
}

#[tokio::test]
async fn the_server_says_that_it_is_alive_and_ready() {
    let server = TestServer::start().await;
    assert_eq!(server.plain("GET", "/healthz", &[]).await.status, 200);
    assert_eq!(server.plain("GET", "/readyz", &[]).await.status, 200);
    server.service.close().await;
    assert_eq!(server.plain("GET", "/healthz", &[]).await.status, 200);
    assert_eq!(server.plain("GET", "/readyz", &[]).await.status, 503);
}

#[tokio::test]
async fn a_client_that_sends_its_headers_slowly_or_never_is_cut_off() {
    let short = Limits { header: Duration::from_millis(300), idle: Duration::from_millis(900), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    for first in ["", "GET / HTTP/1.1\r\nhost:"] {
        let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.unwrap();
        let began = Instant::now();
        stream.write_all(first.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{first:?}");
    }
}

#[tokio::test]
async fn a_client_that_stops_in_its_body_is_cut_off() {
    let short = Limits { idle: Duration::from_millis(400), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    let began = Instant::now();
    let head = "POST /api/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n";
    let device = server.stranger().sign(Call::new("POST", "/api/enrol").body("x"));
    let signed: String =
        device.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    raw(&server, &format!("{head}{signed}\r\nx")).await;
    assert!(began.elapsed() < Duration::from_secs(3));
}

/// Reads a little at a time, as from a weak line; how much came until the other side had sent all or hung up.
async fn sips(server: &TestServer, path: &str) -> usize {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(server.origin.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let (mut all, mut sip) = (0, vec![0; 16 * 1024]);
    while let Ok(some @ 1..) = stream.read(&mut sip).await {
        all += some;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_its_answer_too_slowly_is_cut_off_and_one_that_is_only_slow_has_it_all() {
    const SIZE: usize = 4_000_000;
    // A sip takes ten milliseconds: at most 1.6 MB come in a second.
    for (least, is_cut) in [(8_000_000, true), (1, false)] {
        let pace = Pace { least, window: Duration::from_millis(400) };
        let server = TestServer::start_with(Limits { pace, ..Limits::default() }).await;
        server.write_app("large.wasm", &vec![7; SIZE]);
        let came = tokio::time::timeout(Duration::from_secs(60), sips(&server, "/large.wasm")).await.unwrap();
        assert_eq!(came < SIZE, is_cut, "{came} with at least {least}");
    }
}

#[tokio::test]
async fn news_that_say_nothing_for_long_are_not_behind() {
    let pace = Pace { least: usize::MAX, window: Duration::from_millis(100) };
    let server = TestServer::start_with(Limits { pace, ..Limits::default() }).await;
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let mut stream = reqwest::Client::new().execute(phone.sign(Call::get("/api/events"))).await.unwrap();
    begins(&mut stream).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.service.live.send_replace(7);
    assert_eq!(&stream.chunk().await.unwrap().unwrap()[..], b"data: 7\n\n");
}

#[tokio::test]
async fn nobody_without_a_key_makes_the_office_wait_for_a_body() {
    let server = TestServer::start().await;
    let mut stranger = server.stranger();
    stranger.id = Some(DeviceId(999));
    for (method, path) in [("POST", "/api/sync"), ("GET", "/api/events"), ("POST", "/api/uploads")] {
        let request = stranger.sign(Call::new(method, path).body("x"));
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n", request.url().authority());
        for (name, value) in request.headers() {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), raw(&server, &format!("{head}\r\n"))).await;
        assert!(answer.unwrap().starts_with("HTTP/1.1 401"), "{path}");
    }
}

#[tokio::test]
async fn one_address_does_not_take_the_places_of_all() {
    let server = TestServer::start_with(Limits { per_address: 2, ..Limits::default() }).await;
    let address = server.origin.trim_start_matches("http://");
    let first = TcpStream::connect(address).await.unwrap();
    let _second = TcpStream::connect(address).await.unwrap();
    let mut third = TcpStream::connect(address).await.unwrap();
    let hung_up = tokio::time::timeout(Duration::from_secs(5), third.read_to_end(&mut Vec::new())).await;
    assert!(hung_up.is_ok());
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(raw(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_three_hundred_slow_clients_hold_connections_an_honest_phone_is_answered() {
    files::allow_many();
    let short = Limits { header: Duration::from_secs(2), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    let honest = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let mut crowds = Vec::new();
    for number in 0..15 {
        let person = server.person(&format!("慢{number}"), Role::Cadre, &[1]).await;
        crowds.push(Crowd::of(20, &server.enrol(&person).await).await.unwrap());
    }
    for _ in 0..20 {
        assert_eq!(honest.get("/api/office").await.status, 200);
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    let left: usize = crowds.iter_mut().map(Crowd::left).sum();
    assert!(left <= 150, "headers that do not end are hung up on: {left}");
    assert_eq!(honest.get("/api/office").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_without_end_is_told_to_wait_and_others_are_not() {
    let server = TestServer::start().await;
    let (wild, calm) = (server.person("甲", Role::Cadre, &[1]).await, server.person("乙", Role::Cadre, &[1]).await);
    let (wild, calm) = (server.enrol(&wild).await, server.enrol(&calm).await);
    // Half of them are slow in their bodies: more than a device may have at once, also if a question below takes a place from one.
    let crowd = Crowd::of(80, &wild).await.unwrap();
    let mut waited = 0;
    while wild.get("/api/office").await.status == 200 {
        waited += 1;
        assert!(waited < 100, "all of them are let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(wild.get("/api/office").await.problem().kind, ProblemKind::TooManyRequests);
    assert_eq!(calm.get("/api/office").await.status, 200);
    drop(crowd);
    for _ in 0..100 {
        if wild.get("/api/office").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("who leaves makes room");
}

#[tokio::test]
async fn behind_a_proxy_the_requests_of_each_address_that_it_forwards_are_counted() {
    let rates = Rates { crowd: 2, ..Rates::default() };
    let server = TestServer::start_at(Usual { behind_proxy: true, rates, ..Usual::default() }).await;
    let person = server.person("李梅", Role::Cadre, &[1]).await;
    let (first, second) = (server.enrol(&person).await, server.enrol(&person).await);
    let news = |device: &TestDevice| device.sign(Call::get("/api/events").header("x-forwarded-for", "192.0.2.1"));
    let ask = async |from| first.send(Call::get("/api/office").header("x-forwarded-for", from)).await;
    let client = reqwest::Client::new();
    let listening = [client.execute(news(&first)).await.unwrap(), client.execute(news(&second)).await.unwrap()];
    assert_eq!(ask("192.0.2.1").await.problem().kind, ProblemKind::TooManyRequests);
    let app = server.plain("GET", "/", &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(app.problem().kind, ProblemKind::TooManyRequests, "the app's files, too");
    assert_eq!(ask("192.0.2.2").await.status, 200, "others are not concerned");
    drop(listening);
    for _ in 0..100 {
        if ask("192.0.2.1").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("who leaves makes room");
}

#[tokio::test]
async fn what_nobody_has_to_sign_has_a_rate_for_each_network() {
    let rates = Rates { unsigned: 4, ..Rates::default() };
    let server = TestServer::start_at(Usual { behind_proxy: true, rates, ..Usual::default() }).await;
    server.write_app("index.html", b"app");
    let ask = async |method, path, from| server.plain(method, path, &[("x-forwarded-for", from)]).await;
    // Of one minute, or of two.
    let mut refused = 0;
    for _ in 0..4 {
        for (method, path) in [("GET", "/"), ("GET", "/readyz"), ("OPTIONS", "/api/uploads")] {
            let answer = ask(method, path, "192.0.2.1").await;
            refused += usize::from(answer.status == 429);
        }
    }
    assert!((4..=8).contains(&refused), "{refused}");
    assert_eq!(ask("GET", "/", "192.0.2.2").await.status, 200);
}

#[tokio::test]
async fn whoever_has_to_wait_is_told_for_how_long_by_the_limit_that_he_met() {
    let rates = Rates { crowd: 2, unsigned: 60, ..Usual::default().rates };
    let server = TestServer::start_at(Usual { behind_proxy: true, rates, ..Usual::default() }).await;
    let told = |answer: &Answer| answer.header("retry-after").parse::<i64>().unwrap();
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;

    for _ in 0..20 {
        assert_eq!(server.stranger().enrol("0000000000").await.status, 403);
    }
    let wait = told(&server.stranger().enrol("0000000000").await);
    let left = (HOUR - system_clock().0 % HOUR) / 1_000;
    assert!((wait - left).abs() <= 5, "until the next hour: {wait}, {left}");

    let ask = async || server.plain("GET", "/readyz", &[("x-forwarded-for", "192.0.2.1")]).await;
    let mut answer = ask().await;
    while answer.status == 200 {
        answer = ask().await;
    }
    assert!((1..=60).contains(&told(&answer)), "until the next minute: {}", told(&answer));

    let client = reqwest::Client::new();
    let news = || phone.sign(Call::get("/api/events").header("x-forwarded-for", "192.0.2.2"));
    let _listening = [client.execute(news()).await.unwrap(), client.execute(news()).await.unwrap()];
    let answer = phone.send(Call::get("/api/office").header("x-forwarded-for", "192.0.2.2")).await;
    assert_eq!((answer.status, told(&answer)), (429, 5), "until somebody has gone");
}

#[tokio::test]
async fn a_device_with_too_many_requests_inside_is_told_to_come_again_at_once() {
    let rates = Rates { inside: 0, ..Usual::default().rates };
    let server = TestServer::start_at(Usual { rates, ..Usual::default() }).await;
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let answer = phone.get("/api/office").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
}

#[tokio::test]
async fn a_thousand_phones_behind_one_address_are_served_while_all_of_them_listen() {
    files::allow_many();
    let server = TestServer::start().await;
    let address = server.origin.trim_start_matches("http://");
    // Each holds one connection open for news and asks on another.
    let mut listening = Vec::new();
    for _ in 0..1_000 {
        listening.push(TcpStream::connect(address).await.unwrap());
    }
    let mut asking = Vec::new();
    for _ in 0..1_000 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        asking.push(stream);
    }
    for stream in &mut asking {
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
    }
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_a_problem_too() {
    let (_server, phone) = cadre_phone().await;
    for path in ["/api/board?zone=x", "/api/issues?overdue=perhaps", "/api/issues?states=flying"] {
        let answer = phone.get(path).await;
        assert_eq!((answer.status, answer.problem().kind), (400, ProblemKind::BadRequest), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_over_a_proven_name_is_told_to_insist_on_it_and_no_other() {
    for (strict_transport, told) in [(true, "max-age=31536000"), (false, "")] {
        let server = TestServer::start_at(Usual { strict_transport, ..Usual::default() }).await;
        server.write_app("index.html", b"<!doctype html><title>x</title>");
        for path in ["/", "/api/office", "/nowhere.js"] {
            let answer = server.plain("GET", path, &[]).await;
            assert_eq!(answer.header("strict-transport-security"), told, "{path}");
        }
    }
}

#[tokio::test]
async fn a_certificate_of_our_own_is_kept_and_speaks_for_this_machine() {
    let folder = tempfile::TempDir::new().unwrap();
    let names = ["localhost".to_owned(), "192.0.2.7".to_owned()];
    let acceptor = tls::self_signed(folder.path(), &names, system_clock()).unwrap();
    let made = std::fs::read(folder.path().join("cert.pem")).unwrap();
    tls::self_signed(folder.path(), &names, system_clock()).unwrap();
    assert_eq!(std::fs::read(folder.path().join("cert.pem")).unwrap(), made);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_stopper, stop) = tokio::sync::watch::channel(false);
    let app = axum::Router::new().route("/", axum::routing::get(async || "behind TLS"));
    tokio::spawn(listen::serve(listener, Some(acceptor), app, Limits::default(), stop));
    for name in ["localhost", "192.0.2.7"] {
        assert!(over_tls(address, &made, name).await.unwrap().ends_with("behind TLS"), "{name}");
    }
    assert!(over_tls(address, &made, "elsewhere.example").await.is_err());
    tls::self_signed(folder.path(), &names[..1], system_clock()).unwrap();
    assert_ne!(std::fs::read(folder.path().join("cert.pem")).unwrap(), made);
}

#[tokio::test]
async fn over_tls_too_whoever_says_nothing_is_cut_off_because_nobody_gets_the_protocol_in_which_that_cannot_be_seen() {
    let folder = tempfile::TempDir::new().unwrap();
    let acceptor = tls::self_signed(folder.path(), &["localhost".to_owned()], system_clock()).unwrap();
    let pem = std::fs::read(folder.path().join("cert.pem")).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_stopper, stop) = tokio::sync::watch::channel(false);
    let short = Limits { header: Duration::from_millis(500), ..Limits::default() };
    tokio::spawn(listen::serve(listener, Some(acceptor), axum::Router::new(), short, stop));
    assert!(tls_to(address, &pem, "localhost", &["h2"]).await.is_err(), "it is not spoken here");
    let mut stream = tls_to(address, &pem, "localhost", &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    // The preface of HTTP/2, settings, and then a PING now and then.
    let began = Instant::now();
    let mut said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    while stream.write_all(&said).await.is_ok() && began.elapsed() < Duration::from_secs(10) {
        said = [&b"\0\0\x08\x06\0\0\0\0\0"[..], &[7; 8]].concat();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    let mut silent = tls_to(address, &pem, "localhost", &["h2", "http/1.1"]).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut Vec::new())).await;
    assert!(ended.is_ok());
}

// Tools of these tests

async fn cadre_phone() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let person = server.person("李梅", Role::Cadre, &[1]).await;
    let device = server.enrol(&person).await;
    (server, device)
}

async fn raw(server: &TestServer, text: &str) -> String {
    let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

type Tls = tokio_rustls::client::TlsStream<TcpStream>;

/// As a client that trusts this certificate, means to speak to `name` and offers these protocols.
async fn tls_to(address: std::net::SocketAddr, pem: &[u8], name: &str, offered: &[&str]) -> std::io::Result<Tls> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let stream = TcpStream::connect(address).await?;
    connector.connect(name.to_owned().try_into().unwrap(), stream).await
}

/// What `/` answers there.
async fn over_tls(address: std::net::SocketAddr, pem: &[u8], name: &str) -> std::io::Result<String> {
    let mut stream = tls_to(address, pem, name, &[]).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    out
}
