//! The server is killed with SIGKILL again and again while everybody works, and started again over the same data.

use std::path::Path;
use std::time::Duration;

use xiaohao_server::service::random;

use super::hub::{self, Hub, Launch};
use super::street::{self, Compared};

/// Milliseconds that a server lives at least and at most before it is killed.
const SHORTEST: u64 = 30;
const LONGEST: u64 = 400;
const ZONES: u32 = 3;

#[derive(Debug, Clone, Copy, Default)]
pub struct Killed {
    pub kills: u32,
    pub compared: Compared,
}

/// Fails where something that was acknowledged is missing or doubled, or somebody disagrees in the end.
pub async fn run(binary: &Path, kills: u32) -> anyhow::Result<Killed> {
    let (folder, mut walkers) = street::begin(ZONES).await;
    let (launch, data) = (Launch::of(binary), folder.path());
    for _ in 0..kills {
        let hub = Hub::start(&launch, data)?;
        street::holds_what_it_acknowledged(data, &walkers).await?;
        street::all_to(&mut walkers, &hub.origin);
        let life = Duration::from_millis(SHORTEST + u64::from_be_bytes(random()) % (LONGEST - SHORTEST));
        let death = async {
            tokio::time::sleep(life).await;
            hub.kill()
        };
        (walkers, ()) = street::meanwhile(walkers, death).await?;
    }
    let hub = Hub::start(&launch, data)?;
    street::all_to(&mut walkers, &hub.origin);
    street::settle(&mut walkers).await?;
    hub.kill()?;
    hub::verify(binary, data)?;
    hub::never_panicked(data)?;
    Ok(Killed { kills, compared: street::compare(data, &walkers).await? })
}
