//! `GET /api/events`: says that there is something new, never what: where the log stands (`12`), and which version of the office's
//! people, rules and notices there is (`office 3`). Optional: everything works without it.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::stream::{self, Stream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use xiaohao_shared::id::DeviceId;

use super::House;
use super::auth::Signed;
use super::doors::Visit;
use super::turnstile::Seat;
use crate::service::{Service, directory};

/// Below the idle limits of common proxies, and of our own listener.
const PING: Duration = Duration::from_secs(25);

pub async fn events(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    signed: Signed,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut news = house.service.live.subscribe();
    // The first thing said is where the log stands, so that nothing falls between the last sync and this.
    news.mark_changed();
    let stop = house.site.stop.clone();
    let watcher = Watcher {
        service: house.service,
        device: signed.caller.device,
        key: signed.key,
        news,
        stop,
        ping: Instant::now() + PING,
        said: None,
        office: None,
        asks: false,
        seat: visit.turnstile.listen(signed.caller.device),
    };
    Sse::new(stream::unfold(watcher, |mut watcher| async { Some((Ok(watcher.next().await?), watcher)) }))
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

struct Watcher {
    service: Service,
    device: DeviceId,
    /// By which it asked: one that was replaced hears nothing more.
    key: Vec<u8>,
    news: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    ping: Instant,
    /// Where the log stood when it was said last.
    said: Option<u64>,
    /// The version of the office that was said last.
    office: Option<u64>,
    /// Whether to ask for it: at first, when the office says so, and with every ping; not at every change of an issue.
    asks: bool,
    seat: Seat,
}

impl Watcher {
    /// Nothing ends the stream but the end of the server, or of the device's welcome, or newer streams of the same device.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if std::mem::take(&mut self.asks)
                && let Some(version) = self.new_office().await
            {
                return Some(Event::default().data(format!("office {version}")));
            }
            tokio::select! {
                changed = self.news.changed() => changed.ok()?,
                () = stopped(&mut self.stop) => return None,
                () = self.seat.is_taken() => return None,
                () = sleep_until(self.ping) => return self.ping().await,
            }
            let position = *self.news.borrow_and_update();
            self.asks |= self.office.is_none();
            if self.said.replace(position) != Some(position) {
                return Some(Event::default().data(position.to_string()));
            }
            // The log stands where it stood: it is the office itself that has changed, perhaps by sending this device away.
            self.asks = true;
            directory::is_welcome_by(&self.service, self.device, &self.key).await.then_some(())?;
        }
    }

    async fn new_office(&mut self) -> Option<u64> {
        let version = directory::version(&self.service).await.ok()?;
        (self.office.replace(version) != Some(version)).then_some(version)
    }

    async fn ping(&mut self) -> Option<Event> {
        self.ping = Instant::now() + PING;
        self.asks = true;
        let welcome = directory::is_welcome_by(&self.service, self.device, &self.key).await;
        welcome.then(|| Event::default().comment("ping"))
    }
}
