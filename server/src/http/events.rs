//! `GET /api/events`: says that there is something new, never what. Optional: everything works without it.

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
        news,
        stop,
        ping: Instant::now() + PING,
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
    news: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    ping: Instant,
    seat: Seat,
}

impl Watcher {
    /// Nothing ends the stream but the end of the server, or of the device's welcome, or newer streams of the same device.
    async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            changed = self.news.changed() => changed.ok()?,
            () = stopped(&mut self.stop) => return None,
            () = self.seat.is_taken() => return None,
            () = sleep_until(self.ping) => return self.ping().await,
        }
        let position = *self.news.borrow_and_update();
        Some(Event::default().data(position.to_string()))
    }

    async fn ping(&mut self) -> Option<Event> {
        self.ping = Instant::now() + PING;
        let welcome = directory::is_welcome(&self.service, self.device).await;
        welcome.then(|| Event::default().comment("ping"))
    }
}
