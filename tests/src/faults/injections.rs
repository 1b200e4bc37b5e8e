//! The disk fails at its k-th write or fsync: strace makes the system call answer EIO or ENOSPC without doing it, once in each
//! thread. The server may refuse, and even not start; it must not lose, must go on without a restart, and be healthy after one.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use tempfile::TempDir;

use super::hub::{self, Hub, Launch};
use super::street::{self, Compared, Walker};

/// What SQLite and the photo store do to a disk, in two runs: a start writes before it syncs, and would never come to that.
/// Not `write`: tokio wakes its own threads by it.
const CALLS: [&str; 2] =
    ["fsync,fdatasync", "pwrite64,ftruncate,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat"];
/// Rounds of work in which the k-th call has to come.
const MOST_ROUNDS: u32 = 400;
/// Few, so that few threads share the calls and the k-th of one comes soon.
const ZONES: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Eio,
    Enospc,
}

impl Fault {
    pub const ALL: [Self; 2] = [Self::Eio, Self::Enospc];

    fn name(self) -> &'static str {
        match self {
            Self::Eio => "EIO",
            Self::Enospc => "ENOSPC",
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Injected {
    pub runs: u32,
    /// Calls that were made to fail.
    pub calls: usize,
    /// Of them by an fsync or fdatasync.
    pub syncs: usize,
    /// Runs in which the server gave up at its start, as it may.
    pub not_started: u32,
    pub compared: Compared,
}

impl Injected {
    fn add(&mut self, one: Self) {
        self.runs += one.runs;
        self.calls += one.calls;
        self.syncs += one.syncs;
        self.not_started += one.not_started;
        self.compared.changes += one.compared.changes;
        self.compared.photos += one.compared.photos;
        self.compared.phones += one.compared.phones;
    }
}

/// Whether system calls can be made to fail here; if not, why.
pub fn possible() -> Result<(), String> {
    let trial = ["-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"];
    match Command::new("strace").args(trial).stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("strace may not trace here ({status})")),
        Err(error) => Err(format!("strace: {error}")),
    }
}

/// One run for each fault, each kind of call and each k.
pub async fn run(binary: &Path, ks: impl Iterator<Item = u32>) -> anyhow::Result<Injected> {
    let (office, walkers) = street::begin(ZONES).await;
    let mut all = Injected::default();
    for k in ks {
        for (fault, calls) in Fault::ALL.into_iter().flat_map(|fault| CALLS.map(|calls| (fault, calls))) {
            let rule = format!("inject={calls}:error={}:when={k}", fault.name());
            all.add(once(binary, office.path(), &walkers, calls, &rule).await.context(rule)?);
        }
    }
    Ok(all)
}

async fn once(binary: &Path, office: &Path, people: &[Walker], calls: &str, rule: &str) -> anyhow::Result<Injected> {
    let folder = TempDir::new()?;
    let (data, trace) = (folder.path().join("data"), folder.path().join("trace"));
    copy(office, &data)?;
    let mut walkers: Vec<Walker> = people.iter().map(Walker::twin).collect();
    let not_started = under_the_fault(through_strace(binary, &trace, calls, rule), &data, &trace, &mut walkers).await?;
    let hub = Hub::start(&Launch::of(binary), &data)?;
    street::holds_what_it_acknowledged(&data, &walkers).await?;
    street::all_to(&mut walkers, &hub.origin);
    street::settle(&mut walkers).await?;
    hub.kill()?;
    hub::verify(binary, &data)?;
    hub::never_panicked(&data)?;
    let compared = street::compare(&data, &walkers).await?;
    let (calls, syncs) = injected(&trace)?;
    Ok(Injected { runs: 1, calls, syncs, not_started: u32::from(not_started), compared })
}

/// Works until the fault has happened and a little longer; then everything must come to rest without a restart.
async fn under_the_fault(launch: Launch, data: &Path, trace: &Path, walkers: &mut [Walker]) -> anyhow::Result<bool> {
    let Ok(mut hub) = Hub::start(&launch, data) else { return Ok(true) };
    street::all_to(walkers, &hub.origin);
    let mut rest = MOST_ROUNDS;
    while rest > 0 {
        for walker in &mut *walkers {
            walker.work();
            walker.sync().await;
            walker.bring_photos().await?;
        }
        rest = if injected(trace)?.0 > 0 { rest.min(4) - 1 } else { rest - 1 };
    }
    anyhow::ensure!(hub.lives(), "the server died");
    // Every thread counts for itself: a new connection, which is a new thread, would meet the fault again.
    hub.release().await?;
    let settled = street::settle(walkers).await;
    settled.with_context(|| format!("without a restart; it said\n{}", hub::last_words(data)))?;
    hub.kill()?;
    Ok(false)
}

/// As a grandchild of ours, so that the server is our child and can be killed.
fn through_strace(binary: &Path, trace: &Path, calls: &str, rule: &str) -> Launch {
    let (trace, calls) = (trace.to_string_lossy(), format!("trace={calls}"));
    // With a file to write to, strace would otherwise heed no signal.
    let words = ["strace", "-D", "-I", "2", "-f", "-qq", "-o", &trace, "-e", &calls, "-e", rule];
    Launch { through: words.iter().map(ToString::to_string).collect(), ..Launch::of(binary) }
}

/// How many calls failed because we wanted it, and how many of them were to make something durable.
fn injected(trace: &Path) -> anyhow::Result<(usize, usize)> {
    let trace = std::fs::read_to_string(trace).unwrap_or_default();
    let made = trace.lines().filter(|line| line.ends_with("(INJECTED)"));
    let syncs = made.clone().filter(|line| line.contains("sync(")).count();
    Ok((made.count(), syncs))
}

/// A folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
