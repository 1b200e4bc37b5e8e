//! Backup and restore: what is damaged is refused before anything is touched, by the name of the file; and a backup that was made
//! while everybody writes has all that was acknowledged before it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;
use tokio::sync::Mutex;
use xiaohao_server::service::backup::{self, Refused};
use xiaohao_server::service::{Service, audit, system_clock};
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::{Role, Stage};
use xiaohao_tests::TestServer;
use xiaohao_tests::edits::{new_issue, photographed, picture, report};
use xiaohao_tests::handover::hash;
use xiaohao_tests::phone::Phone;

const LIST: &str = "SHA256SUMS";
/// Where in the database a bit is flipped, evenly spread over it.
const PLACES: usize = 97;

/// An office with an issue, two photos and a certificate, and a copy of it.
struct Case {
    server: TestServer,
    phone: Phone,
    copy: TempDir,
    photo: PathBuf,
}

impl Case {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let tls = server.data.path().join("tls");
        fs::create_dir_all(&tls).expect("a folder");
        fs::write(tls.join("key.pem"), "a key").expect("a file");
        let mut phone = cadre(&server, "甲").await;
        for shade in [1, 2] {
            bring(&mut phone, &format!("备份前{shade}"), &picture(shade)).await;
        }
        let copy = server.backup().await;
        let photo = photo_in(hash(&picture(1)));
        Self { server, phone, copy, photo }
    }

    /// The copy, with something done to it.
    fn spoilt(&self, spoil: impl FnOnce(&Path)) -> TempDir {
        let spoilt = TempDir::new().expect("a folder");
        for (name, bytes) in tree(self.copy.path()) {
            let file = spoilt.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, bytes).expect("a file");
        }
        spoil(spoilt.path());
        spoilt
    }
}

async fn cadre(server: &TestServer, name: &str) -> Phone {
    let person = server.person(name, Role::Cadre, &[1]).await;
    Phone::new(server.enrol(&person).await, &person)
}

/// Reports with a photo, and comes back when the office has acknowledged both.
async fn bring(phone: &mut Phone, description: &str, photo: &[u8]) {
    let by = phone.person.id;
    let edit = photographed(by, Stage::Before, report(by, 1, description), photo);
    phone.save(new_issue(), edit).expect("saved");
    assert_eq!((phone.sync().await, phone.status.unsent), (None, 0));
    assert_eq!(phone.device.upload(photo).await.status, 201);
}

fn photo_in(photo: PhotoId) -> PathBuf {
    let name = photo.to_string();
    Path::new("blobs/photos").join(&name[..2]).join(name)
}

/// Every file below a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut open, mut found) = (vec![folder.to_owned()], BTreeMap::new());
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).expect("below").to_owned(), fs::read(&path).expect("bytes"));
            }
        }
    }
    found
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).expect("bytes");
    bytes[at] ^= 1 << (at % 8);
    fs::write(file, bytes).expect("written");
}

fn cut(file: &Path, length: usize) {
    let bytes = fs::read(file).expect("bytes");
    fs::write(file, &bytes[..length]).expect("written");
}

fn length(file: &Path) -> usize {
    fs::metadata(file).expect("a file").len() as usize
}

/// Tries to put a copy into a folder that holds something else already. Gives the name of the file that is to blame.
async fn refused(copy: &Path, target: &Path) -> String {
    let before = tree(target);
    let blamed = match backup::restore(copy, target).await {
        Err(Refused::Damaged { file, .. }) => file,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(tree(target), before, "the target is as it was");
    assert!(!target.join("restore.part").exists());
    blamed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_is_refused_by_the_name_of_the_file_and_a_good_one_goes_into_the_same_folder_after_it() {
    let case = Case::begin().await;
    let target = TempDir::new().expect("a folder");
    fs::write(target.path().join("notes.txt"), "not ours").expect("a file");
    let (database, photo) = (Path::new("office.db"), case.photo.as_path());
    let size = length(&case.copy.path().join(database));
    for left in [0, 1, size / 2, size - 4_096, size - 1] {
        let copy = case.spoilt(|copy| cut(&copy.join(database), left));
        assert_eq!(refused(copy.path(), target.path()).await, "office.db", "cut to {left}");
    }
    let name = photo.to_string_lossy();
    for at in [0, 9, length(&case.copy.path().join(photo)) - 1] {
        let copy = case.spoilt(|copy| flip(&copy.join(photo), at));
        assert_eq!(refused(copy.path(), target.path()).await, name, "bit in byte {at}");
    }
    let copy = case.spoilt(|copy| cut(&copy.join(photo), 20));
    assert_eq!(refused(copy.path(), target.path()).await, name);
    let copy = case.spoilt(|copy| fs::remove_file(copy.join(photo)).expect("removed"));
    assert_eq!(refused(copy.path(), target.path()).await, name);
    let copy = case.spoilt(|copy| fs::write(copy.join("tls/key.pem"), "b key").expect("written"));
    assert_eq!(refused(copy.path(), target.path()).await, "tls/key.pem");

    let restored = backup::restore(case.copy.path(), target.path()).await.expect("a good copy");
    assert!(restored.listed && restored.report.findings.is_empty(), "{restored:?}");
    assert_eq!((restored.report.issues, restored.report.photos), (2, 2));
    let now = tree(target.path());
    assert!(now.contains_key(photo) && now.contains_key(Path::new("tls/key.pem")));
    assert_eq!(now[Path::new("notes.txt")], b"not ours");
    assert!(!target.path().join("restore.part").exists());
    assert!(matches!(backup::restore(case.copy.path(), target.path()).await, Err(Refused::Occupied)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bit_that_flipped_anywhere_in_the_database_is_noticed_before_anything_is_brought_back() {
    let case = Case::begin().await;
    let folder = TempDir::new().expect("a folder");
    let (target, database) = (folder.path().join("office"), case.copy.path().join("office.db"));
    let whole = fs::read(&database).expect("bytes");
    for place in 0..PLACES {
        let at = place * (whole.len() - 1) / (PLACES - 1);
        flip(&database, at);
        let refused = backup::restore(case.copy.path(), &target).await;
        assert!(matches!(refused, Err(Refused::Damaged { file, .. }) if file == "office.db"), "byte {at}");
        assert!(!target.exists(), "not even the folder");
        fs::write(&database, &whole).expect("written");
    }
    let restored = backup::restore(case.copy.path(), &target).await.expect("a good copy");
    assert!(restored.report.findings.is_empty(), "{restored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_edited_is_no_list() {
    let case = Case::begin().await;
    let target = TempDir::new().expect("a folder");
    let list = fs::read_to_string(case.copy.path().join(LIST)).expect("a list");
    assert_eq!(list.lines().count(), 1 + 4, "{list}");
    let without =
        |word: &str| list.lines().filter(|line| !line.contains(word)).map(|line| format!("{line}\n")).collect();
    let edited: [String; 6] = [
        without("office.db"),
        without(&case.photo.to_string_lossy()),
        without("key.pem"),
        list.replace("office.db", "../office.db"),
        list[..list.len() - 20].to_owned(),
        String::new(),
    ];
    for text in edited {
        let copy = case.spoilt(|copy| fs::write(copy.join(LIST), &text).expect("written"));
        assert_eq!(refused(copy.path(), target.path()).await, LIST, "{text}");
    }
    let copy = case.spoilt(|copy| flip(&copy.join(LIST), list.len() / 2));
    assert_eq!(refused(copy.path(), target.path()).await, LIST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_a_list_as_older_versions_made_them_has_to_agree_with_itself() {
    let case = Case::begin().await;
    let target = TempDir::new().expect("a folder");
    let older = |spoil: &dyn Fn(&Path)| {
        case.spoilt(|copy| {
            fs::remove_file(copy.join(LIST)).expect("removed");
            spoil(copy);
        })
    };
    let size = length(&case.copy.path().join("office.db"));
    for left in [0, 1, size / 2, size - 4_096] {
        let copy = older(&|copy| cut(&copy.join("office.db"), left));
        assert_eq!(refused(copy.path(), target.path()).await, "office.db", "cut to {left}");
    }
    let copy = older(&|copy| flip(&copy.join(&case.photo), 9));
    assert_eq!(refused(copy.path(), target.path()).await, case.photo.to_string_lossy());
    let copy = older(&|copy| fs::remove_file(copy.join(&case.photo)).expect("removed"));
    assert_eq!(refused(copy.path(), target.path()).await, "office.db", "it names a photo that is not there");
    let restored = backup::restore(older(&|_| ()).path(), target.path()).await.expect("restored");
    assert!(!restored.listed && restored.report.findings.is_empty(), "{restored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_backup_into_the_same_folder_replaces_the_list_and_heals_what_rotted_there() {
    let mut case = Case::begin().await;
    bring(&mut case.phone, "第二次备份", &picture(3)).await;
    flip(&case.copy.path().join(&case.photo), 9);
    for half in ["office.db.part", "SHA256SUMS.part", "blobs/photos/copy.part"] {
        fs::write(case.copy.path().join(half), "a backup that was stopped").expect("written");
    }
    let again =
        backup::backup(&case.server.service, case.server.data.path(), case.copy.path()).await.expect("a backup");
    assert_eq!((again.files, again.damaged), (2, 0), "the new photo and the one that rotted");
    let server = case.server.restore(&case.copy).await;
    let issues: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM issues").fetch_one(&server.service.store).await.unwrap();
    assert_eq!(issues, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_is_damaged_in_the_office_is_told_at_its_backup_and_keeps_nobody_from_restoring_it() {
    let case = Case::begin().await;
    flip(&case.server.data.path().join(&case.photo), 9);
    let copy = TempDir::new().expect("a folder");
    let copied = backup::backup(&case.server.service, case.server.data.path(), copy.path()).await.expect("a backup");
    assert_eq!((copied.files, copied.damaged), (2, 1), "the other photo and the key");
    let target = TempDir::new().expect("a folder");
    let restored = backup::restore(copy.path(), target.path()).await.expect("as the office was");
    let finding = format!("photo {}: its file is missing or damaged", hash(&picture(1)));
    assert_eq!(restored.report.findings, [finding]);
    assert!(target.path().join("office.db").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_in_one_line_which_file_is_damaged_and_what_to_do() {
    let case = Case::begin().await;
    let copy = case.spoilt(|copy| cut(&copy.join("office.db"), 5_000));
    let target = TempDir::new().expect("a folder");
    let mut restore = Command::new(env!("CARGO_BIN_EXE_hub"));
    restore.env("RUST_BACKTRACE", "1").arg("restore").arg("--from").arg(copy.path()).arg("--data").arg(target.path());
    let output = restore.output().expect("it ran");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    for words in ["office.db of the copy is damaged", "nothing was restored", "take another one"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(tree(target.path()), BTreeMap::new());
}

/// What writers were told is safe.
#[derive(Default)]
struct Acknowledged(Mutex<Vec<(String, PhotoId)>>);

async fn write_on(mut phone: Phone, all: Arc<Acknowledged>, stop: Arc<AtomicBool>, writer: u8) {
    for number in 0_u8.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let (description, photo) =
            (format!("写入{writer}之{number}"), picture(number.wrapping_mul(5).wrapping_add(writer)));
        bring(&mut phone, &description, &photo).await;
        all.0.lock().await.push((description, hash(&photo)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_while_everybody_writes_has_all_that_was_acknowledged_before_it_began() {
    let server = TestServer::start().await;
    let (all, stop) = (Arc::new(Acknowledged::default()), Arc::new(AtomicBool::new(false)));
    let mut writers = Vec::new();
    for writer in 0..5 {
        let phone = cadre(&server, &format!("写者{writer}")).await;
        writers.push(tokio::spawn(write_on(phone, all.clone(), stop.clone(), writer)));
    }
    let copy = TempDir::new().expect("a folder");
    // Over and over into the same folder, until some work was acknowledged while one of them ran.
    let (mut before, mut during) = (Vec::new(), 0);
    while during == 0 || before.is_empty() {
        before = all.0.lock().await.clone();
        backup::backup(&server.service, server.data.path(), copy.path()).await.expect("a backup");
        during = all.0.lock().await.len() - before.len();
        assert!(writers.iter().all(|writer| !writer.is_finished()), "they all still write");
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("no writer was refused anything");
    }
    let target = TempDir::new().expect("a folder");
    let restored = backup::restore(copy.path(), target.path()).await.expect("a restore");
    assert!(restored.listed && restored.report.findings.is_empty(), "{restored:?}");
    let office = Service::open(target.path(), system_clock).await.expect("an office");
    let mut there: Vec<String> =
        sqlx::query_scalar("SELECT description FROM issues").fetch_all(&office.store).await.expect("SQL answers");
    there.sort();
    let twice = there.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None);
    for (description, photo) in before {
        assert!(there.binary_search(&description).is_ok(), "{description} was acknowledged before the backup began");
        assert!(office.blobs.get(photo).await.expect("read").is_some(), "and so was its photo");
    }
    assert_eq!(audit::verify(&office).await.expect("verify").findings, Vec::<String>::new());
    office.close().await;
}
