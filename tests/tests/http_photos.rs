//! Photos from outside: how they are brought, cut off, refused, swept and shown. Every test has its own server.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use xiaohao_server::service::{backup, directory, random};
use xiaohao_shared::api::{Held, HeldDecision, MAX_PHOTO_BYTES, ProblemKind, SavePerson};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::{Person, Role, Stage};
use xiaohao_shared::signature::content_digest;
use xiaohao_shared::sync::wire::Verdict;
use xiaohao_tests::changes::{push, write};
use xiaohao_tests::edits::{new_issue, photographed, report};
use xiaohao_tests::faults::street::photo_file;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer};

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_stood() {
    let (_server, phone) = cadre_phone().await;
    let photo = noise();
    let upload = create(&phone, &photo).await;
    let (first, second) = photo.split_at(40_000);
    assert_eq!(patch(&phone, &upload, 0, first).await.header("upload-offset"), "40000");
    // The connection breaks in the middle of the next piece: nothing of it counts.
    cut_short(&phone, &upload, second).await;
    let status = phone.send(tus("HEAD", &upload)).await;
    assert_eq!((status.status, status.header("upload-offset")), (200, "40000"));
    assert_eq!(status.header("upload-length"), photo.len().to_string());
    assert_eq!(patch(&phone, &upload, 39_999, second).await.problem().kind, ProblemKind::Conflict);
    assert_eq!(patch(&phone, &upload, 40_000, second).await.status, 204);
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
    // The answer to the last piece was lost: asked again, the upload is complete.
    assert_eq!(phone.send(tus("HEAD", &upload)).await.header("upload-offset"), photo.len().to_string());
}

#[tokio::test]
async fn an_upload_survives_a_restart_of_the_server() {
    let (server, phone) = cadre_phone().await;
    let photo = noise();
    let upload = create(&phone, &photo).await;
    patch(&phone, &upload, 0, &photo[..1000]).await;
    let server = server.restart().await;
    let phone = phone.at(&server);
    assert_eq!(phone.send(tus("HEAD", &upload)).await.header("upload-offset"), "1000");
    assert_eq!(patch(&phone, &upload, 1000, &photo[1000..]).await.status, 204);
    assert_eq!(phone.get(&photo_path(&photo)).await.status, 200);
}

#[tokio::test]
async fn a_backup_made_while_serving_has_every_photo_and_goes_only_where_no_office_is() {
    let (server, mut phone) = cadre_phone().await;
    let (first, second) = (png(64, 64), png(65, 64));
    upload(&phone, &first).await;
    let copy = server.backup().await;
    upload(&phone, &second).await;
    let again = backup::backup(&server.service, server.data.path(), copy.path()).await.unwrap();
    assert_eq!((again.files, again.bytes), (1, second.len() as u64), "only what is new is copied again");
    let refused = backup::restore(copy.path(), server.data.path()).await;
    assert!(matches!(refused, Err(backup::Refused::Occupied)), "{refused:?}");
    let server = server.restore(&copy).await;
    phone = phone.at(&server);
    for photo in [first, second] {
        assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
    }
}

#[tokio::test]
async fn a_known_photo_is_not_sent_twice() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let again = phone.send(creation(&photo)).await;
    assert_eq!((again.status, again.header("upload-offset")), (201, photo.len().to_string().as_str()));
}

#[tokio::test]
async fn a_small_photo_arrives_with_its_creation() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    let call = creation(&photo).header("content-type", PIECE).body(photo.clone());
    let answer = phone.send(call).await;
    assert_eq!((answer.status, answer.header("upload-offset")), (201, photo.len().to_string().as_str()));
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn a_piece_that_does_not_match_its_checksum_is_not_kept() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    let location = create(&phone, &photo).await;
    let checksum = format!("sha256 {}", Base64::encode_string(&[0; 32]));
    let piece = tus("PATCH", &location).header("upload-offset", "0").header("content-type", PIECE);
    let answer = phone.send(piece.header("upload-checksum", &checksum).body(photo.clone())).await;
    assert_eq!((answer.status, answer.problem().kind), (460, ProblemKind::ChecksumMismatch));
    assert_eq!(phone.send(tus("HEAD", &location)).await.header("upload-offset"), "0");
    assert_eq!(patch(&phone, &location, 0, &photo).await.status, 204);
}

#[tokio::test]
async fn bytes_that_are_not_those_promised_are_thrown_away() {
    let (_server, phone) = cadre_phone().await;
    let (promised, mut sent) = (png(20, 10), png(20, 10));
    *sent.last_mut().unwrap() ^= 1;
    let location = create(&phone, &promised).await;
    assert_eq!(patch(&phone, &location, 0, &sent).await.problem().kind, ProblemKind::ChecksumMismatch);
    assert_eq!(phone.send(tus("HEAD", &location)).await.status, 404);
    assert_eq!(phone.get(&photo_path(&promised)).await.status, 404);
    upload(&phone, &promised).await;
}

#[tokio::test]
async fn what_is_no_photo_is_refused_by_its_content() {
    let (_server, phone) = cadre_phone().await;
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let mut dressed = vec![0xff, 0xd8, 0xff, 0xe0];
    dressed.extend_from_slice(&page);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
    let half = png(300, 300)[..200].to_vec();
    let follows = [png(20, 10), b"PK\x03\x04 an archive".to_vec()].concat();
    let mut comment = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut comment);
    encoder.encode_image(&image::DynamicImage::new_rgb8(40, 30)).unwrap();
    comment.splice(2..2, *b"\xff\xfe\x00\x0ctaken by x");
    for bytes in [page, dressed, svg, half, follows, comment] {
        let location = create(&phone, &bytes).await;
        assert_eq!(patch(&phone, &location, 0, &bytes).await.problem().kind, ProblemKind::NotAPhoto);
        assert_eq!(phone.get(&photo_path(&bytes)).await.status, 404);
    }
}

/// A sound picture with a block of EXIF.
fn telling(exif: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    image::ImageEncoder::set_exif_metadata(&mut encoder, exif.to_vec()).unwrap();
    encoder.encode_image(&image::DynamicImage::new_rgb8(40, 30)).unwrap();
    bytes
}

#[tokio::test]
async fn a_photo_that_says_where_it_was_taken_is_refused_and_one_that_says_how_it_lies_is_kept() {
    let (_server, phone) = cadre_phone().await;
    let block = |tag: [u8; 2]| [b"II*\0\x08\0\0\0\x01\0", &tag[..], &[3, 0, 1, 0, 0, 0, 1, 0, 0, 0], &[0; 4]].concat();
    let (position, camera, upright) = ([0x25, 0x88], [0x10, 0x01], [0x12, 0x01]);
    for tag in [position, camera] {
        let bytes = telling(&block(tag));
        let location = create(&phone, &bytes).await;
        assert_eq!(patch(&phone, &location, 0, &bytes).await.problem().kind, ProblemKind::NotAPhoto);
        assert_eq!(phone.get(&photo_path(&bytes)).await.status, 404);
    }
    let bytes = telling(&block(upright));
    upload(&phone, &bytes).await;
    assert_eq!(phone.get(&photo_path(&bytes)).await.status, 200);
}

#[tokio::test]
async fn a_photo_that_is_too_large_is_refused_before_it_is_sent() {
    let (_server, phone) = cadre_phone().await;
    let big = creation(&png(1, 1)).header("x-unused", "");
    let call = tus("POST", "/api/uploads").header("upload-length", &(MAX_PHOTO_BYTES + 1).to_string());
    let metadata = format!("sha256 {}", Base64::encode_string(&random::<32>()));
    let answer = phone.send(call.header("upload-metadata", &metadata)).await;
    assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
    let answer = phone.send(big.header("content-type", PIECE).body(vec![0; 1024 * 1024 + 1])).await;
    assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
    let small = create(&phone, &png(1, 1)).await;
    assert_eq!(patch(&phone, &small, 0, &[0; 4096]).await.problem().kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn a_photo_that_rotted_at_the_office_is_not_served_and_can_be_brought_again() {
    let (server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let file = photo_file(server.data.path(), sha(&photo));
    let mut rotten = std::fs::read(&file).unwrap();
    rotten[30] ^= 1;
    std::fs::write(&file, rotten).unwrap();
    assert_eq!(phone.get(&photo_path(&photo)).await.problem().kind, ProblemKind::Internal);
    upload(&phone, &photo).await;
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn an_upload_belongs_to_its_device_and_can_be_given_up() {
    let (server, phone) = cadre_phone().await;
    let other = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let location = create(&phone, &png(20, 10)).await;
    assert_eq!(other.send(tus("HEAD", &location)).await.status, 404);
    assert_eq!(other.send(tus("DELETE", &location)).await.status, 404);
    assert_eq!(phone.send(tus("DELETE", &location)).await.status, 204);
    assert_eq!(phone.send(tus("HEAD", &location)).await.status, 404);
}

#[tokio::test]
async fn a_device_cannot_open_uploads_without_end() {
    let (_server, phone) = cadre_phone().await;
    let mut last = 201;
    for width in 1..=65 {
        last = phone.send(creation(&png(width, 1))).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_promise_that_the_browser_repeated_goes_on_with_the_first_and_leaves_no_orphan() {
    let (server, phone) = cadre_phone().await;
    let photo = noise();
    let first = create(&phone, &photo).await;
    assert_eq!(patch(&phone, &first, 0, &photo[..40_000]).await.status, 204);
    let again = phone.send(creation(&photo).header("content-type", PIECE).body(&photo[..10_000])).await;
    assert_eq!((again.status, again.header("location"), again.header("upload-offset")), (201, &*first, "40000"));
    for _ in 0..100 {
        assert_eq!(create(&phone, &photo).await, first);
    }
    assert_eq!(patch(&phone, &first, 40_000, &photo[40_000..]).await.status, 204);
    let open: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM uploads WHERE finished_at IS NULL")
        .fetch_one(&server.service.store)
        .await
        .unwrap();
    assert_eq!(open, 0);
}

#[tokio::test]
async fn uploads_that_expired_do_not_count_and_are_swept() {
    let (server, phone) = cadre_phone().await;
    for width in 1..=64 {
        create(&phone, &png(width, 1)).await;
    }
    assert_eq!(phone.send(creation(&png(65, 1))).await.status, 429);
    sql(&server, "UPDATE uploads SET expires_at = 1").await;
    assert_eq!(phone.send(creation(&png(65, 1))).await.status, 201);
    server.service.sweep().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM uploads").fetch_one(&server.service.store).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn what_a_killed_server_left_of_photos_is_swept() {
    let (server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let name = sha(&photo).to_string();
    let folder = server.data.path().join("blobs/photos").join(&name[..2]);
    let (old, fresh) = (folder.join(format!("{name}#1")), folder.join(format!("{name}#2")));
    let orphan = server.data.path().join("uploads/00112233445566778899aabbccddeeff");
    for file in [&old, &fresh, &orphan] {
        std::fs::write(file, b"half a photo").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(7_200);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    server.service.sweep().await.unwrap();
    assert_eq!([&old, &fresh, &orphan].map(|file| file.exists()), [false, true, false], "one may be being written");
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn uploads_speak_tus() {
    let (server, phone) = cadre_phone().await;
    let answer = server.plain("OPTIONS", "/api/uploads", &[]).await;
    assert_eq!((answer.status, answer.header("tus-version")), (204, "1.0.0"));
    assert!(answer.header("tus-extension").contains("termination"));
    let other = phone.send(Call::new("POST", "/api/uploads").header("tus-resumable", "0.2.0")).await;
    assert_eq!((other.status, other.header("tus-version")), (412, "1.0.0"));
}

#[tokio::test]
async fn a_photo_is_sent_in_ranges_and_never_twice_to_whoever_has_it() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(64, 64);
    upload(&phone, &photo).await;
    let path = photo_path(&photo);
    let whole = phone.get(&path).await;
    assert_eq!((whole.header("content-type"), whole.header("x-content-type-options")), ("image/png", "nosniff"));
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert!(whole.header("cache-control").contains("immutable"));
    let part = phone.send(Call::get(&path).header("range", "bytes=10-19")).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &photo[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", photo.len()));
    assert_eq!(phone.send(Call::get(&path).header("range", "bytes=999999-")).await.status, 416);
    let again = phone.send(Call::get(&path).header("if-none-match", whole.header("etag"))).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_photo_that_may_not_be_seen_is_answered_as_one_that_does_not_exist() {
    let (server, phone) = cadre_phone().await;
    let other = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let (hidden, absent) = (other.get(&photo_path(&photo)).await, other.get(&photo_path(b"nothing")).await);
    assert_eq!((hidden.status, hidden.body), (404, absent.body));
}

/// A report of what these two pictures show, large and small, as it is offered to the office.
fn shown(by: PersonId, pictures: [&[u8]; 2]) -> Edit {
    let mut edit = photographed(by, Stage::Before, report(by, 1, "门口垃圾"), pictures[0]);
    edit.photos.get_mut(&sha(pictures[0])).unwrap().thumb = Some(sha(pictures[1]));
    edit
}

async fn reports(server: &TestServer, phone: &TestDevice, by: PersonId, pictures: [&[u8]; 2]) -> Verdict {
    let change = write(&mut Document::default(), phone, &shown(by, pictures));
    let verdict = push(phone, vec![(new_issue(), change)]).await.remove(0);
    for picture in pictures {
        upload(phone, picture).await;
        assert_eq!(phone.get(&photo_path(picture)).await.status, 200, "what he has just brought, in {}", server.origin);
    }
    verdict
}

async fn goes_to_zone(server: &TestServer, person: &Person, zone: u32) {
    let (id, name, role) = (Some(person.id), person.name.clone(), person.role);
    let wish = SavePerson { id, name, role, zones: vec![ZoneId(zone)], active: true };
    directory::put_person(&server.service, wish).await.expect("saved");
}

async fn sees(device: &TestDevice, pictures: [&[u8]; 2]) -> [u16; 2] {
    [device.get(&photo_path(pictures[0])).await.status, device.get(&photo_path(pictures[1])).await.status]
}

#[tokio::test]
async fn a_photo_is_served_to_whoever_sees_its_issue_and_not_to_whoever_brought_it_and_lost_the_zone() {
    let server = TestServer::start().await;
    let person = server.person("王强", Role::Cadre, &[1]).await;
    let (phone, beside) =
        (server.enrol(&person).await, server.enrol(&server.person("同片", Role::Cadre, &[1]).await).await);
    let (pictures, alone) = ([&png(20, 10)[..], &png(5, 4)], png(9, 9));
    assert!(matches!(reports(&server, &phone, person.id, pictures).await, Verdict::Accepted { .. }));
    upload(&phone, &alone).await;
    assert_eq!(sees(&beside, pictures).await, [200, 200]);
    goes_to_zone(&server, &person, 2).await;
    assert_eq!(sees(&phone, pictures).await, [404, 404], "he has lost the zone");
    assert_eq!(phone.get(&photo_path(&alone)).await.status, 200, "what no issue names is still his");
    assert_eq!(sees(&beside, pictures).await, [200, 200]);
    goes_to_zone(&server, &person, 1).await;
    assert_eq!(sees(&phone, pictures).await, [200, 200]);
}

#[tokio::test]
async fn the_photos_of_what_waits_for_the_desk_are_seen_by_whoever_decides_and_by_nobody_else() {
    let server = TestServer::start().await;
    let person = server.person("王强", Role::Cadre, &[1]).await;
    let phone = server.enrol(&person).await;
    let mut others = Vec::new();
    for (name, role) in [("同片", Role::Cadre), ("督查", Role::Inspector), ("管理员", Role::Administrator)] {
        others.push(server.enrol(&server.person(name, role, &[1]).await).await);
    }
    let desk = server.enrol(&server.person("指挥", Role::Supervisor, &[]).await).await;
    // His report was made while the zone was his.
    goes_to_zone(&server, &person, 2).await;
    let (kept, dropped) = ([&png(20, 10)[..], &png(5, 4)], [&png(21, 10)[..], &png(6, 4)]);
    for pictures in [kept, dropped] {
        assert!(matches!(reports(&server, &phone, person.id, pictures).await, Verdict::Held(_)));
        assert_eq!(sees(&desk, pictures).await, [200, 200], "before he decides");
        for other in &others {
            assert_eq!(sees(other, pictures).await, [404, 404]);
        }
    }
    // A photo is not seen by being spoken of in a held change.
    let strange = png(7, 7);
    upload(&others[0], &strange).await;
    let spoken = report(person.id, 1, &format!("看看 {}", sha(&strange)));
    let change = write(&mut Document::default(), &phone, &spoken);
    assert!(matches!(push(&phone, vec![(new_issue(), change)]).await[..], [Verdict::Held(_)]));
    assert_eq!(desk.get(&photo_path(&strange)).await.status, 404);
    let held: Vec<Held> = desk.get("/api/held").await.json();
    let of = |pictures: [&[u8]; 2]| {
        let name = sha(pictures[0]).to_string();
        held.iter().find(|held| held.content.contains(&name)).expect("it is held").hash.clone()
    };
    for (pictures, decision) in [(kept, HeldDecision::Adopt), (dropped, HeldDecision::Discard)] {
        assert_eq!(desk.post_json(&format!("/api/held/{}", of(pictures)), &decision).await.status, 200);
    }
    assert_eq!(sees(&others[0], kept).await, [200, 200], "it is an issue of his zone now");
    assert_eq!(sees(&phone, kept).await, [404, 404]);
    assert_eq!(sees(&desk, dropped).await, [404, 404], "nobody has to decide about it any more");
}

// Tools of these tests

const PIECE: &str = "application/offset+octet-stream";

async fn cadre_phone() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let person = server.person("李梅", Role::Cadre, &[1]).await;
    let device = server.enrol(&person).await;
    (server, device)
}

async fn sql(server: &TestServer, statement: &'static str) {
    sqlx::query(statement).execute(&server.service.store).await.unwrap();
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encode(&image::DynamicImage::new_rgb8(width, height))
}

/// A picture that does not compress, so that it comes in several pieces.
fn noise() -> Vec<u8> {
    let pixels = std::iter::repeat_with(random::<32>).flatten().take(200 * 200 * 3).collect();
    encode(&image::RgbImage::from_raw(200, 200, pixels).unwrap().into())
}

fn encode(picture: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn sha(bytes: &[u8]) -> PhotoId {
    let digest = content_digest(bytes);
    let base64 = digest.trim_start_matches("sha-256=:").trim_end_matches(':');
    PhotoId(Base64::decode_vec(base64).unwrap().try_into().unwrap())
}

fn photo_path(photo: &[u8]) -> String {
    format!("/api/photos/{}", sha(photo))
}

fn tus(method: &str, path: &str) -> Call {
    Call::new(method, path).header("tus-resumable", "1.0.0")
}

fn creation(photo: &[u8]) -> Call {
    let metadata = format!("sha256 {}", Base64::encode_string(&sha(photo).0));
    let call = tus("POST", "/api/uploads").header("upload-length", &photo.len().to_string());
    call.header("upload-metadata", &metadata)
}

async fn create(phone: &TestDevice, photo: &[u8]) -> String {
    let answer = phone.send(creation(photo)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").to_owned()
}

fn piece(location: &str, offset: usize, bytes: &[u8]) -> Call {
    let call = tus("PATCH", location).header("upload-offset", &offset.to_string());
    call.header("content-type", PIECE).body(bytes)
}

async fn patch(phone: &TestDevice, location: &str, offset: usize, bytes: &[u8]) -> Answer {
    phone.send(piece(location, offset, bytes)).await
}

async fn upload(phone: &TestDevice, photo: &[u8]) {
    let location = create(phone, photo).await;
    assert_eq!(patch(phone, &location, 0, photo).await.status, 204);
}

/// Sends a piece that breaks off after 20,000 bytes.
async fn cut_short(phone: &TestDevice, location: &str, bytes: &[u8]) {
    let request = phone.sign(piece(location, 40_000, bytes));
    let mut head = format!("PATCH {location} HTTP/1.1\r\nhost: {}\r\n", request.url().authority());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head += &format!("content-length: {}\r\n\r\n", bytes.len());
    let mut stream = TcpStream::connect(request.url().authority()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..20_000]).await.unwrap();
    drop(stream);
}
