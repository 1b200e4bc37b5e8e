//! `faults [--kills N] [--injections N [--from K]] [--flips N] [--disk N]`: real faults against the real server, and what was found. Without
//! an option everything is done, at the counts that the figures are given for.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use xiaohao_tests::faults::{disk, flips, injections, is_strict, kills, not_done};

struct Wish {
    kills: u32,
    injections: u32,
    /// The first call that fails.
    from: u32,
    flips: usize,
    disk: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    let wish = match wish() {
        Ok(wish) => wish,
        Err(error) => {
            eprintln!("{error}\nfaults [--kills N] [--injections N [--from K]] [--flips N] [--disk N]");
            return ExitCode::from(2);
        }
    };
    match run(&wish).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("FAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn wish() -> anyhow::Result<Wish> {
    let mut wish = Wish { kills: 0, injections: 0, from: 1, flips: 0, disk: 0 };
    let mut words = std::env::args().skip(1).peekable();
    if words.peek().is_none() {
        return Ok(Wish { kills: 200, injections: 300, flips: 1_000, disk: 1, ..wish });
    }
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a number"))?;
        match word.as_str() {
            "--kills" => wish.kills = value.parse()?,
            "--injections" => wish.injections = value.parse()?,
            "--from" => wish.from = value.parse()?,
            "--flips" => wish.flips = value.parse()?,
            "--disk" => wish.disk = value.parse()?,
            _ => anyhow::bail!("{word} is not known"),
        }
    }
    Ok(wish)
}

async fn run(wish: &Wish) -> anyhow::Result<()> {
    let hub = hub()?;
    let began = Instant::now();
    if wish.kills > 0 {
        let killed = kills::run(&hub, wish.kills).await?;
        println!("{killed:?}, {:.0} s", began.elapsed().as_secs_f64());
    }
    match injections::possible() {
        _ if wish.injections == 0 => {}
        Ok(()) => {
            let began = Instant::now();
            let injected = injections::run(&hub, wish.from..=wish.injections).await?;
            println!("{injected:?}, {:.0} s", began.elapsed().as_secs_f64());
        }
        Err(why) => not_done("injections", why, is_strict())?,
    }
    for _ in 0..wish.disk {
        match disk::SmallDisk::mount() {
            Ok(disk) => println!("{:?}", disk::run(&hub, &disk).await?),
            Err(why) => not_done("full disk", why, is_strict())?,
        }
    }
    if wish.flips > 0 {
        let began = Instant::now();
        let flipped = flips::run(wish.flips).await?;
        println!("{flipped:?}, {:.0} s", began.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Built beside this program.
fn hub() -> anyhow::Result<PathBuf> {
    let hub = std::env::current_exe()?.with_file_name("hub");
    anyhow::ensure!(hub.is_file(), "{} is not built", hub.display());
    Ok(hub)
}
