//! The server as a process of its own: started, killed, asked to verify. Knows its command line and nothing of its inside.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

/// How often it is asked whether a tracer has let go, every 20 ms.
const MOST_WAITS: u32 = 250;

/// How it is started.
#[derive(Debug, Clone)]
pub struct Launch {
    pub binary: PathBuf,
    /// What stands before the program on the command line, such as `strace` with its options.
    pub through: Vec<String>,
    /// Further options of `serve`.
    pub options: Vec<String>,
}

impl Launch {
    pub fn of(binary: &Path) -> Self {
        Self { binary: binary.to_owned(), through: Vec::new(), options: Vec::new() }
    }

    fn command(&self) -> Command {
        let mut words = self.through.iter().map(AsRef::as_ref).chain([self.binary.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// A running server. Dropped, it is killed.
pub struct Hub {
    child: Child,
    /// `http://127.0.0.1:port`
    pub origin: String,
    /// Closed, it would make the server fail at its next word.
    _says: BufReader<ChildStdout>,
}

impl Hub {
    /// Serves the office in `data` on a free port. Returns when it listens, or fails when it gives up.
    pub fn start(launch: &Launch, data: &Path) -> anyhow::Result<Self> {
        let mut command = launch.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--app", "none", "--data"]).arg(data).args(&launch.options);
        let mut child = command.stdout(Stdio::piped()).stderr(log(data)?).spawn().context("the program")?;
        let mut says = BufReader::new(child.stdout.take().context("its output")?);
        let mut line = String::new();
        says.read_line(&mut line)?;
        let Some((_, port)) = line.trim().rsplit_once(':') else {
            let status = child.wait()?;
            anyhow::bail!("it did not start: {status}");
        };
        Ok(Self { child, origin: format!("http://127.0.0.1:{port}"), _says: says })
    }

    /// As `kill -9` does. Returns when it is dead.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Lets go of it whoever traces it, so that its system calls work again.
    pub async fn release(&self) -> anyhow::Result<()> {
        let Some(tracer) = self.tracer()? else { return Ok(()) };
        ensure!(Command::new("kill").arg(tracer).status()?.success(), "the tracer stays");
        for _ in 0..MOST_WAITS {
            if self.tracer()?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("the tracer does not let go")
    }

    fn tracer(&self) -> anyhow::Result<Option<String>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:")).map(str::trim);
        Ok(tracer.filter(|tracer| *tracer != "0").map(String::from))
    }

    /// Seconds of CPU so far, user and system; the kernel counts hundredths.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let rest = stat.rsplit_once(')').context("stat")?.1;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / 100.0)
    }

    /// Megabytes that it holds now.
    pub fn memory_mb(&self) -> anyhow::Result<u64> {
        self.status_mb("VmRSS:")
    }

    /// The most megabytes that it ever held.
    pub fn peak_mb(&self) -> anyhow::Result<u64> {
        self.status_mb("VmHWM:")
    }

    fn status_mb(&self, name: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        Ok(line.split_whitespace().next().context("kB")?.parse::<u64>()? / 1024)
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `xiaohao-server verify` says; fails unless it finds nothing.
pub fn verify(binary: &Path, data: &Path) -> anyhow::Result<String> {
    let output = Command::new(binary).arg("verify").arg("--data").arg(data).stderr(log(data)?).output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(output.status.success() && said.ends_with(" 0 findings"), "verify: {said}");
    Ok(said)
}

/// A panic is a bug, whatever the disk did.
pub fn never_panicked(data: &Path) -> anyhow::Result<()> {
    let log = std::fs::read_to_string(log_path(data)).unwrap_or_default();
    let panic = log.lines().find(|line| line.contains("panicked at"));
    ensure!(panic.is_none(), "the server panicked: {}", panic.unwrap_or_default());
    Ok(())
}

/// The end of what the server logged, for whoever has to find out why.
pub fn last_words(data: &Path) -> String {
    let log = std::fs::read_to_string(log_path(data)).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

fn log_path(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// Beside the data: on the same disk it would fail with it.
fn log(data: &Path) -> anyhow::Result<File> {
    Ok(OpenOptions::new().create(true).append(true).open(log_path(data))?)
}
