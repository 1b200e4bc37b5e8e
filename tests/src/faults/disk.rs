//! The disk fills up under a running server, and has room again later: photos have to wait first, then changes, nothing is
//! refused for ever, and nobody restarts anything. The disk is a small one in memory of its own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use tempfile::TempDir;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::sync::engine::Failure;

use super::camera::{Sent, Shot};
use super::hub::{self, Hub, Launch};
use super::injections::copy;
use super::street::{self, Compared, Walker};

const DISK: &str = "size=24m";
/// Megabytes that photos leave to records.
const RESERVE: u64 = 8;
const MEGABYTE: u64 = 1024 * 1024;
/// Reports after which a full disk must have been noticed.
const MOST_REPORTS: u32 = 400;
const STORAGE_FULL: u16 = 507;

/// What was seen on the way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filled {
    /// Photos that had to wait while records went through.
    pub photos_waited: usize,
    /// Changes that had to wait.
    pub changes_waited: usize,
    pub compared: Compared,
}

/// A file system in memory; gone when dropped.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Fails with the reason where nobody may mount anything.
    pub fn mount() -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("mount: {error}")),
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// What takes the room away.
struct Ballast {
    file: PathBuf,
    length: u64,
}

impl Ballast {
    /// Writes until only so much is left, or until nothing more fits.
    fn leave(&mut self, disk: &Path, bytes: u64) -> std::io::Result<()> {
        let mut file = File::options().create(true).append(true).open(&self.file)?;
        while rustix::fs::statvfs(disk).map(|room| room.f_bavail * room.f_frsize)? > bytes {
            if file.write_all(&[0; 4096]).is_err() {
                break;
            }
            self.length += 4096;
        }
        Ok(())
    }

    fn give_back(self) -> std::io::Result<()> {
        fs::remove_file(self.file)
    }
}

pub async fn run(binary: &Path, disk: &SmallDisk) -> anyhow::Result<Filled> {
    let (office, mut walkers) = street::begin(1).await;
    let data = disk.path().join("data");
    copy(office.path(), &data)?;
    let options = vec!["--photo-reserve-mb".into(), RESERVE.to_string()];
    let mut hub = Hub::start(&Launch { options, ..Launch::of(binary) }, &data)?;
    street::all_to(&mut walkers, &hub.origin);
    walkers.iter_mut().for_each(|walker| walker.report(Some(Shot::new(200))));
    street::settle(&mut walkers).await?;

    let mut ballast = Ballast { file: disk.path().join("ballast"), length: 0 };
    ballast.leave(disk.path(), RESERVE * MEGABYTE)?;
    let photos_waited = photos_wait_and_records_do_not(&mut walkers).await?;
    ballast.leave(disk.path(), 0)?;
    let changes_waited = changes_wait(&mut walkers).await?;
    ensure!(hub.lives(), "the server died");

    ballast.give_back()?;
    street::settle(&mut walkers).await?;
    hub.kill()?;
    hub::verify(binary, &data)?;
    hub::never_panicked(&data)?;
    Ok(Filled { photos_waited, changes_waited, compared: street::compare(&data, &walkers).await? })
}

async fn photos_wait_and_records_do_not(walkers: &mut [Walker]) -> anyhow::Result<usize> {
    let mut waited = 0;
    for walker in walkers {
        walker.report(Some(Shot::new(200)));
        ensure!(walker.sync().await.is_none(), "records still fit: {}", walker.phone.last_status);
        // More often than a device may have uploads open: none may be left behind.
        for _ in 0..70 {
            let sent = walker.bring_photos().await?;
            ensure!(sent == [Sent::NotNow(Some(ProblemKind::StorageFull))], "{sent:?}");
        }
        waited += walker.roll.len();
    }
    Ok(waited)
}

/// Reports until the office has no room for one; what it says then, the phone must take for "later". Reading goes on.
async fn changes_wait(walkers: &mut [Walker]) -> anyhow::Result<usize> {
    let [writer, reader, ..] = walkers else { anyhow::bail!("two people are needed") };
    for _ in 0..MOST_REPORTS {
        writer.report(None);
        let Some(failure) = writer.sync().await else { continue };
        let status = writer.phone.last_status;
        ensure!((failure, status) == (Failure::Unavailable, STORAGE_FULL), "{failure:?} {status}");
        ensure!(writer.phone.refused().is_empty(), "refused: {:?}", writer.phone.refused());
        let read = reader.sync().await;
        ensure!(read.is_none(), "reading needs no room: {read:?} {}", reader.phone.last_status);
        return Ok(writer.phone.storage.found.unsent.len());
    }
    anyhow::bail!("the disk never was full")
}
