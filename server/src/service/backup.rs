//! A copy of the office, made while it serves, and the way back from it. Knows the folder's layout and the log's identity;
//! what is in the tables is not its business.

mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use xiaohao_shared::id::PhotoId;

use super::audit::{self, Report};
use super::trail::{self, Head, Note};
use super::{Service, ServiceError, sync, system_clock};
use crate::store::{self, StoreError};
use sums::{LIST, Sum, Sums};

const DATABASE: &str = "office.db";
const PHOTOS: &str = "blobs/photos";
const TLS: &str = "tls";
/// What is brought back stands here, within the office's folder, until it has been looked at: beside that folder the office's user
/// may write nothing, and another disk could not be renamed from.
const STAGE: &str = "restore.part";

/// What a backup copied anew; what an earlier one into the same folder had copied already is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub files: usize,
    pub bytes: u64,
    /// Photos that are damaged in the office itself and so are not in the copy; `verify` names them.
    pub damaged: usize,
    /// Where the audit stood before the copy was made: for the paper that goes with it.
    pub audit: Head,
}

/// Copies the office in `data` into a folder, which may hold an older copy. First the database, then the photos: a photo's
/// bytes stand before its row, so in this order the copy has every photo that it knows.
pub async fn backup(service: &Service, data: &Path, to: &Path) -> Result<Copied, ServiceError> {
    fs::create_dir_all(to).map_err(StoreError::from)?;
    let part = to.join("office.db.part");
    remove(&part).map_err(StoreError::from)?;
    trail::note(service, &Note::of_command("backup")).await?;
    let audit = trail::head(service).await?;
    store::copy_into(&service.store, &part).await?;
    Ok(finish(data, to, &part, audit).map_err(StoreError::from)?)
}

/// An older copy stays whole until all of the new one stands there. Between the two the database has no list, as the copies of
/// older versions: a backup that is stopped in this moment can still be restored.
fn finish(data: &Path, to: &Path, part: &Path, audit: Head) -> io::Result<Copied> {
    let mut sums = Sums::from([(DATABASE.to_owned(), sums::of_file(part)?)]);
    let mut copied = Copied { files: 0, bytes: 0, damaged: 0, audit };
    for name in holdings(data)? {
        copy_new(&name, data, to, &mut copied, &mut sums)?;
    }
    settle(sums.keys(), to)?;
    let list = to.join(format!("{LIST}.part"));
    fs::write(&list, sums::write(&sums))?;
    remove(&to.join(LIST))?;
    move_in(part, &to.join(DATABASE))?;
    move_in(&list, &to.join(LIST))?;
    Ok(copied)
}

/// A photo is not copied again where it stands whole, and not at all where it is damaged or, by the rule for keeping, gone meanwhile.
fn copy_new(name: &str, data: &Path, to: &Path, copied: &mut Copied, sums: &mut Sums) -> io::Result<()> {
    let (source, target) = (data.join(name), to.join(name));
    let sum = match sums::of_file(&source) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        sum => sum?,
    };
    if named(name).is_some_and(|promised| promised != sum) {
        copied.damaged += 1;
        return Ok(());
    }
    if !sums::of_file(&target).is_ok_and(|there| there == sum) {
        copied.bytes += copy_in(&source, &target)?;
        copied.files += 1;
    }
    sums.insert(name.to_owned(), sum);
    Ok(())
}

/// What came back, and how sure that is.
#[derive(Debug)]
pub struct Restored {
    pub report: Report,
    /// Whether the copy had a list of sums, which says that it is what was written. Those of older versions have none.
    pub listed: bool,
}

/// Why a copy was not put into the folder, which is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is an office in this folder; move it away first")]
    Occupied,
    #[error("there is no office.db in {}", .0.display())]
    NoCopy(PathBuf),
    #[error(
        "{file} of the copy is damaged ({why}); nothing was restored: fetch this copy anew from where it is kept, or take another one"
    )]
    Damaged { file: String, why: String },
    #[error("the copy could not be brought here ({0}); nothing was restored")]
    File(#[from] io::Error),
}

fn damaged(file: &str, why: impl ToString) -> Refused {
    Refused::Damaged { file: file.to_owned(), why: why.to_string() }
}

/// Puts a copy where no office is, and gives its log a new identity, by which phones know that they have to compare. All of it
/// is brought and looked at before anything gets its place.
///
/// A copy that is what its list says is the office as it was, also where that office already disagreed with itself: then the
/// report says so. Without a list, such a disagreement is taken for damage.
pub async fn restore(from: &Path, data: &Path) -> Result<Restored, Refused> {
    if data.join(DATABASE).exists() {
        return Err(Refused::Occupied);
    }
    if !from.join(DATABASE).is_file() {
        return Err(Refused::NoCopy(from.to_owned()));
    }
    let (is_new, stage) = (!data.exists(), data.join(STAGE));
    let restored = bring(from, data, &stage).await;
    let cleared = clear(&stage);
    if restored.is_err() && is_new {
        let _ = fs::remove_dir(data);
    }
    let restored = restored?;
    cleared?;
    Ok(restored)
}

async fn bring(from: &Path, data: &Path, stage: &Path) -> Result<Restored, Refused> {
    clear(stage)?;
    fs::create_dir_all(stage)?;
    let (listed, files) = contents(from)?;
    files.iter().try_for_each(|(name, sum)| fetch(name, *sum, from, stage))?;
    let report = open_and_verify(stage, listed).await?;
    take_place(&files, stage, data)?;
    Ok(Restored { report, listed })
}

/// The names in the copy, each with the sum that it must have where one is known.
fn contents(from: &Path) -> Result<(bool, BTreeMap<String, Option<Sum>>), Refused> {
    let bytes = match fs::read(from.join(LIST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let all = holdings(from)?.into_iter().chain([DATABASE.to_owned()]);
            return Ok((false, all.map(|name| (name.clone(), named(&name))).collect()));
        }
        bytes => bytes?,
    };
    let list = String::from_utf8(bytes).ok().and_then(|text| sums::read(&text));
    let list = list.filter(|list| list.contains_key(DATABASE));
    let list = list.ok_or_else(|| damaged(LIST, "it is not as it was written"))?;
    Ok((true, list.into_iter().map(|(name, sum)| (name, Some(sum))).collect()))
}

fn fetch(name: &str, sum: Option<Sum>, from: &Path, stage: &Path) -> Result<(), Refused> {
    let target = stage.join(name);
    match copy_in(&from.join(name), &target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged(name, "it is missing")),
        copied => copied?,
    };
    match sum {
        Some(sum) if sums::of_file(&target)? != sum => Err(damaged(name, "its bytes are not those that were written")),
        _ => Ok(()),
    }
}

async fn open_and_verify(stage: &Path, listed: bool) -> Result<Report, Refused> {
    if !store::has_its_length(&stage.join(DATABASE))? {
        return Err(damaged(DATABASE, "it is not as long as it says"));
    }
    let cannot = |error: ServiceError| damaged(DATABASE, format!("it cannot be read: {error}"));
    let service = Service::open(stage, system_clock).await.map_err(cannot)?;
    let report = begin_anew(&service, listed).await;
    service.close().await;
    // SQLite keeps quiet where it cannot bring its last words into the file.
    if stage.join("office.db-wal").exists() {
        return Err(io::Error::other("the database could not be closed").into());
    }
    let report = report.map_err(cannot)?;
    match report.findings.first().filter(|_| !listed) {
        Some(finding) => Err(damaged(DATABASE, finding)),
        None => Ok(report),
    }
}

async fn begin_anew(service: &Service, listed: bool) -> Result<Report, ServiceError> {
    let report = audit::verify(service).await?;
    if listed || report.findings.is_empty() {
        sync::new_log(service).await?;
        trail::note(service, &Note::of_command("restore")).await?;
    }
    Ok(report)
}

/// The database last: a restore that was stopped leaves a folder without an office.
fn take_place(files: &BTreeMap<String, Option<Sum>>, stage: &Path, data: &Path) -> io::Result<()> {
    for name in files.keys().filter(|name| *name != DATABASE) {
        let target = data.join(name);
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::rename(stage.join(name), target)?;
    }
    settle(files.keys(), data)?;
    for leftover in ["office.db-wal", "office.db-shm"] {
        remove(&data.join(leftover))?;
    }
    move_in(&stage.join(DATABASE), &data.join(DATABASE))
}

/// Makes durable that these files are in their folders, and these in theirs.
fn settle<'a>(names: impl Iterator<Item = &'a String>, root: &Path) -> io::Result<()> {
    let above = |name: &String| root.join(name).ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
    let folders: BTreeSet<_> = names.flat_map(above).filter(|folder| folder.starts_with(root)).collect();
    folders.iter().try_for_each(|folder| fs::File::open(folder)?.sync_all())
}

/// What belongs to an office beside its database, by the names that it has in both folders.
fn holdings(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for two in files_in(&folder.join(PHOTOS))? {
        // What is being written has another name.
        let photos = files_in(&folder.join(PHOTOS).join(&two))?.into_iter().filter(|name| is_photo(name));
        names.extend(photos.map(|name| format!("{PHOTOS}/{two}/{name}")));
    }
    let tls = files_in(&folder.join(TLS))?.into_iter().filter(|name| !name.ends_with(".part"));
    names.extend(tls.map(|name| format!("{TLS}/{name}")));
    Ok(names)
}

/// None where this is no folder.
fn files_in(folder: &Path) -> io::Result<Vec<String>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(Vec::new()),
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn is_photo(name: &str) -> bool {
    name.parse::<PhotoId>().is_ok()
}

/// Photos are named by their content.
fn named(name: &str) -> Option<Sum> {
    name.strip_prefix(PHOTOS)?.rsplit('/').next()?.parse::<PhotoId>().ok().map(|photo| photo.0)
}

/// How many bytes it has.
fn copy_in(source: &Path, target: &Path) -> io::Result<u64> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder)?;
    let part = folder.join("copy.part");
    let length = fs::copy(source, &part)?;
    move_in(&part, target)?;
    Ok(length)
}

/// Durable under its own name, or not there.
fn move_in(part: &Path, target: &Path) -> io::Result<()> {
    fs::File::open(part)?.sync_all()?;
    fs::rename(part, target)?;
    target.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

fn remove(file: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(file))
}

fn clear(folder: &Path) -> io::Result<()> {
    unless_missing(fs::remove_dir_all(folder))
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
