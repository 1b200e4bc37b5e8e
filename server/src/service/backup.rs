//! A copy of the office, made while it serves, and the way back from it. Knows the folder's layout and the log's identity;
//! what is in the tables is not its business.

use std::fs;
use std::io;
use std::path::Path;

use super::audit::{self, Report};
use super::trail::{self, Head, Note};
use super::{Service, ServiceError, sync, system_clock};
use crate::store::{self, StoreError};

const DATABASE: &str = "office.db";
/// What stands beside the database and is only ever added to.
const FOLDERS: [&str; 2] = ["blobs", "tls"];

/// What a backup copied anew; what an earlier one into the same folder had copied already is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub files: usize,
    pub bytes: u64,
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
    move_in(&part, &to.join(DATABASE)).map_err(StoreError::from)?;
    let (files, bytes) = copy_folders(data, to).map_err(StoreError::from)?;
    Ok(Copied { files, bytes, audit })
}

/// Puts a copy where no office is, gives its log a new identity, by which phones know that they have to compare, and verifies.
pub async fn restore(from: &Path, data: &Path) -> Result<Report, ServiceError> {
    if data.join(DATABASE).exists() {
        return Err(ServiceError::Conflict("there is an office in this folder; move it away first"));
    }
    if !from.join(DATABASE).is_file() {
        return Err(ServiceError::NotFound);
    }
    bring_back(from, data).map_err(StoreError::from)?;
    let service = Service::open(data, system_clock).await?;
    sync::new_log(&service).await?;
    trail::note(&service, &Note::of_command("restore")).await?;
    let report = audit::verify(&service).await?;
    service.close().await;
    Ok(report)
}

/// The database last: a restore that was stopped leaves a folder without an office.
fn bring_back(from: &Path, data: &Path) -> io::Result<()> {
    fs::create_dir_all(data)?;
    copy_folders(from, data)?;
    for leftover in ["office.db-wal", "office.db-shm"] {
        remove(&data.join(leftover))?;
    }
    let part = data.join("office.db.part");
    fs::copy(from.join(DATABASE), &part)?;
    move_in(&part, &data.join(DATABASE))
}

/// How many files and bytes were new.
fn copy_folders(from: &Path, to: &Path) -> io::Result<(usize, u64)> {
    let mut copied = (0, 0);
    for folder in FOLDERS {
        if from.join(folder).is_dir() {
            copy_new(&from.join(folder), &to.join(folder), &mut copied)?;
        }
    }
    Ok(copied)
}

/// Photos are named by their content: what stands there at its full length is the same.
fn copy_new(from: &Path, to: &Path, copied: &mut (usize, u64)) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_new(&source, &target, copied)?;
            continue;
        }
        let length = entry.metadata()?.len();
        if fs::metadata(&target).is_ok_and(|there| there.len() == length) {
            continue;
        }
        let part = to.join("copy.part");
        fs::copy(&source, &part)?;
        move_in(&part, &target)?;
        *copied = (copied.0 + 1, copied.1 + length);
    }
    Ok(())
}

/// Durable under its own name, or not there.
fn move_in(part: &Path, target: &Path) -> io::Result<()> {
    fs::File::open(part)?.sync_all()?;
    fs::rename(part, target)?;
    target.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
