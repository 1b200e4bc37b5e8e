//! How often and how many at once: requests of each device, failed and unsigned ones of each address, signatures that counted, and
//! lines that refusals may take in the audit. In memory: a restart forgives. Knows no request.

mod spent;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use futures_util::{Stream, StreamExt, stream};
use spent::Spent;
use tokio::sync::watch;
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::time::{HOUR, MINUTE, Timestamp};

use crate::address::network;
use crate::listen::crowd::{self, Crowd};
use crate::service::ServiceError;

/// As much as a connection holds of an answer that nobody reads.
const PIECE: usize = 64 * 1024;

#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Requests of one device at once. A browser has six connections, and one of them listens for news.
    pub inside: u32,
    /// Requests that a device may have ahead: a month of work that comes at once is two thousand small pieces of photos.
    pub burst: i64,
    /// Milliseconds until there is one more.
    pub refill: i64,
    /// Requests of one network in a minute that nobody signed, or nobody whom we know. A whole office may share an address.
    pub failures: u32,
    /// Requests of one network at once, until their answers were taken: also where a proxy stands in front, to whose connections we
    /// see no end. A thousand phones behind one address, each with one for its pages and one for news.
    pub crowd: usize,
    /// Requests of one network in a minute that nobody has to sign: a thousand phones fetch a new app at once.
    pub unsigned: u32,
    /// Signatures that are remembered at once, so that none counts twice; 0 remembers none. About 20 bytes each.
    pub remembered: usize,
}

impl Default for Rates {
    fn default() -> Self {
        let (crowd, unsigned, remembered) = (2_500, 60_000, 1_000_000);
        Self { inside: 32, burst: 3_000, refill: 50, failures: 300, crowd, unsigned, remembered }
    }
}

/// Lines that the refusals of one device or network may take in an hour; and those of all devices, and of all strangers. They are
/// counted apart: no stranger makes a device's refusals unseen.
const LINES: u32 = 20;
const ALL_LINES: u32 = 2_000;
/// Networks whose failures are counted in a minute; who has so many of them could fill the memory.
const NETWORKS: usize = 100_000;
/// Streams of news that a device may hold. The newest ones count: the end of a stream whose network went is heard of late.
const LISTENERS: u64 = 4;

#[derive(Clone)]
pub struct Turnstile {
    rates: Rates,
    counts: Arc<Mutex<Counts>>,
    crowd: Crowd,
}

#[derive(Default)]
struct Counts {
    devices: BTreeMap<DeviceId, Count>,
    failures: Minute,
    unsigned: Minute,
    spent: Spent,
    lines: Lines,
}

/// How often each network did something in this minute.
#[derive(Default)]
struct Minute {
    number: i64,
    networks: BTreeMap<IpAddr, u32>,
}

impl Minute {
    fn of(&self, from: IpAddr, now: Timestamp) -> u32 {
        let known = self.networks.get(&network(from)).filter(|_| self.number == now.0 / MINUTE);
        known.copied().unwrap_or_default()
    }

    fn count(&mut self, from: IpAddr, now: Timestamp) {
        if self.number != now.0 / MINUTE {
            *self = Self { number: now.0 / MINUTE, networks: BTreeMap::new() };
        }
        if self.networks.len() < NETWORKS || self.networks.contains_key(&network(from)) {
            *self.networks.entry(network(from)).or_insert(0) += 1;
        }
    }
}

/// Of this hour.
#[derive(Default)]
struct Lines {
    hour: i64,
    strangers: u32,
    devices: u32,
    each: BTreeMap<(IpAddr, Option<DeviceId>), u32>,
}

#[derive(Default)]
struct Count {
    inside: u32,
    /// When the burst will be whole again: later than now by what was used of it.
    whole_at: i64,
    /// Streams of news that were ever begun.
    listeners: watch::Sender<u64>,
}

/// A request that is inside; out when dropped.
pub struct Place(Turnstile, DeviceId);

impl Place {
    /// A file that somebody reads slowly counts as inside until he has it.
    pub fn until_the_end_of<S: Stream>(self, body: S) -> impl Stream<Item = S::Item> {
        body.map(move |item| {
            let _inside = &self;
            item
        })
    }

    /// The same of an answer whose length is known. In pieces: what a connection has taken over already is no longer counted.
    pub fn until_all_of(self, bytes: Bytes) -> ([(HeaderName, HeaderValue); 1], Body) {
        let length = bytes.len();
        let piece = move |from: usize| Ok::<_, Infallible>(bytes.slice(from..length.min(from + PIECE)));
        let pieces = stream::iter((0..length).step_by(PIECE).map(piece));
        ([(header::CONTENT_LENGTH, length.into())], Body::from_stream(self.until_the_end_of(pieces)))
    }
}

/// One of the streams of news of a device, which takes no place: it is its own until newer ones have come.
pub struct Seat {
    newest: watch::Receiver<u64>,
    number: u64,
}

impl Seat {
    /// Ends when it is somebody else's, or when nobody has heard of the device for so long that it is forgotten.
    pub async fn is_taken(&mut self) {
        let _ = self.newest.wait_for(|newest| *newest >= self.number + LISTENERS).await;
    }
}

impl Default for Turnstile {
    fn default() -> Self {
        Self::with(Rates::default())
    }
}

impl Turnstile {
    pub fn with(rates: Rates) -> Self {
        Self { rates, counts: Arc::default(), crowd: Crowd::new(rates.crowd) }
    }

    /// For whoever comes from there, before anything is known of him. `None` where too many from there are inside.
    pub fn come_in(&self, from: IpAddr) -> Option<crowd::Seat> {
        self.crowd.seat(from)
    }

    /// For a request that nobody has to sign.
    pub fn pass_unsigned(&self, from: IpAddr, now: Timestamp) -> Result<(), ServiceError> {
        let unsigned = &mut self.counts().unsigned;
        if unsigned.of(from, now) >= self.rates.unsigned {
            return Err(ServiceError::too_many_until_next(MINUTE, now));
        }
        unsigned.count(from, now);
        Ok(())
    }

    /// For a request that arrived whole from a device that is inside: its signature counts this once.
    pub fn spend(&self, device: DeviceId, nonce: &str, now: Timestamp) -> Result<(), ServiceError> {
        match self.rates.remembered {
            0 => Ok(()),
            most => self.counts().spent.spend(device, nonce, most, now),
        }
    }

    /// For a device whose signature was verified.
    pub fn enter(&self, device: DeviceId, now: Timestamp) -> Result<Place, ServiceError> {
        let mut counts = self.counts();
        let minute_ago = now.0 - MINUTE;
        if counts.devices.len() > 10_000 {
            counts.devices.retain(|_, count| count.inside > 0 || count.whole_at > minute_ago);
        }
        let count = counts.devices.entry(device).or_default();
        let ahead = self.rates.burst * self.rates.refill;
        if count.whole_at > now.0 + ahead {
            // Nobody can have used so much: the clock was set back.
            count.whole_at = now.0;
        }
        let whole_at = count.whole_at.max(now.0) + self.rates.refill;
        // Where the burst is not used up, one of those inside goes at any moment.
        let wait = whole_at - now.0 - ahead;
        if count.inside >= self.rates.inside || wait > 0 {
            return Err(ServiceError::TooMany { wait });
        }
        (count.inside, count.whole_at) = (count.inside + 1, whole_at);
        drop(counts);
        Ok(Place(self.clone(), device))
    }

    /// For a device that is inside.
    pub fn listen(&self, device: DeviceId) -> Seat {
        let mut counts = self.counts();
        let count = counts.devices.entry(device).or_default();
        count.listeners.send_modify(|listeners| *listeners += 1);
        Seat { newest: count.listeners.subscribe(), number: *count.listeners.borrow() }
    }

    /// A network that has failed too often learns nothing more of what fails. Whoever proves his key is heard all the same: a whole
    /// office may share the address of somebody who guesses.
    pub fn is_exhausted(&self, from: IpAddr, now: Timestamp) -> bool {
        self.counts().failures.of(from, now) >= self.rates.failures
    }

    pub fn failed(&self, from: IpAddr, now: Timestamp) {
        self.counts().failures.count(from, now);
    }

    /// Whether one more refusal may take a line. Whoever fills the audit would hide in it.
    pub fn may_note(&self, from: IpAddr, device: Option<DeviceId>, now: Timestamp) -> bool {
        let hour = now.0 / HOUR;
        let lines = &mut self.counts().lines;
        if lines.hour != hour {
            *lines = Lines { hour, ..Lines::default() };
        }
        let all = if device.is_some() { &mut lines.devices } else { &mut lines.strangers };
        if *all >= ALL_LINES {
            return false;
        }
        // A device is known by its key, however many networks it comes from.
        let from = device.map_or(network(from), |_| Ipv4Addr::UNSPECIFIED.into());
        let one = lines.each.entry((from, device)).or_insert(0);
        let free = *one < LINES;
        (*one, *all) = (*one + u32::from(free), *all + u32::from(free));
        free
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(count) = self.0.counts().devices.get_mut(&self.1) {
            count.inside = count.inside.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const PHONE: DeviceId = DeviceId(7);
    const NOON: Timestamp = Timestamp(12 * HOUR);

    fn here() -> IpAddr {
        "192.0.2.1".parse().unwrap()
    }

    #[test]
    fn a_device_may_come_at_once_with_much_and_then_as_often_as_anybody_needs() {
        let (turnstile, Rates { burst, refill, .. }) = (Turnstile::default(), Rates::default());
        let come = |at| turnstile.enter(PHONE, at).is_ok();
        assert!((0..burst).all(|_| come(NOON)));
        assert!(!come(NOON) && !come(NOON + (refill - 1)));
        let refused = turnstile.enter(PHONE, NOON + 1).err();
        assert!(matches!(refused, Some(ServiceError::TooMany { wait }) if wait == refill - 1), "{refused:?}");
        assert!(come(NOON + refill) && !come(NOON + refill));
        assert!(turnstile.enter(DeviceId(8), NOON).is_ok(), "others are not concerned");
        assert!((0..burst).all(|_| come(NOON + burst * refill * 2)));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_out() {
        let turnstile = Turnstile::default();
        assert!(turnstile.enter(PHONE, NOON + 24 * HOUR).is_ok());
        assert!((0..Rates::default().burst).all(|_| turnstile.enter(PHONE, NOON).is_ok()));
        assert!(turnstile.enter(PHONE, NOON).is_err(), "and the limit still holds");
    }

    #[test]
    fn a_device_is_inside_only_so_many_times_at_once() {
        let turnstile = Turnstile::default();
        let mut inside: Vec<_> = (0..Rates::default().inside).map(|_| turnstile.enter(PHONE, NOON).unwrap()).collect();
        assert!(turnstile.enter(PHONE, NOON).is_err());
        inside.pop();
        assert!(turnstile.enter(PHONE, NOON).is_ok());
    }

    #[test]
    fn streams_of_news_take_no_place_and_old_ones_give_way() {
        let turnstile = Turnstile::default();
        let mut seats: Vec<_> = (0..40)
            .map(|_| {
                let _place = turnstile.enter(PHONE, NOON).unwrap();
                turnstile.listen(PHONE)
            })
            .collect();
        let is_taken = |seat: &mut Seat| seat.is_taken().now_or_never().is_some();
        let left = seats.iter_mut().map(is_taken).position(|taken| !taken);
        assert_eq!(left, Some(40 - LISTENERS as usize), "the newest stay");
        assert!(!seats.iter_mut().rev().take(LISTENERS as usize).any(is_taken));
        assert!(!is_taken(&mut turnstile.listen(DeviceId(8))) && !is_taken(&mut seats[39]), "others are not concerned");
        assert!(turnstile.enter(PHONE, NOON).is_ok());
    }

    #[tokio::test]
    async fn an_answer_whose_length_is_known_counts_as_inside_until_somebody_has_it() {
        let turnstile = Turnstile::with(Rates { inside: 1, ..Rates::default() });
        let bytes = Bytes::from(vec![7; 2 * PIECE + 1]);
        let ([(_, length)], body) = turnstile.enter(PHONE, NOON).unwrap().until_all_of(bytes.clone());
        assert_eq!(length, (2 * PIECE + 1).to_string());
        assert!(turnstile.enter(PHONE, NOON).is_err());
        assert_eq!(axum::body::to_bytes(body, 3 * PIECE).await.unwrap(), bytes);
        assert!(turnstile.enter(PHONE, NOON).is_ok());
    }

    #[test]
    fn a_file_that_is_read_slowly_counts_as_inside_until_it_is_over() {
        let turnstile = Turnstile::with(Rates { inside: 1, ..Rates::default() });
        let body = turnstile.enter(PHONE, NOON).unwrap().until_the_end_of(futures_util::stream::pending::<()>());
        assert!(turnstile.enter(PHONE, NOON).is_err());
        drop(body);
        assert!(turnstile.enter(PHONE, NOON).is_ok());
    }

    #[test]
    fn a_network_has_so_many_failures_in_a_minute_and_its_neighbours_are_not_concerned() {
        let turnstile = Turnstile::default();
        for _ in 0..Rates::default().failures {
            assert!(!turnstile.is_exhausted(here(), NOON));
            turnstile.failed(here(), NOON);
        }
        assert!(turnstile.is_exhausted(here(), NOON));
        assert!(!turnstile.is_exhausted("192.0.2.2".parse().unwrap(), NOON));
        assert!(!turnstile.is_exhausted(here(), NOON + MINUTE));
    }

    #[test]
    fn a_network_has_so_many_unsigned_requests_in_a_minute_and_its_neighbours_are_not_concerned() {
        let turnstile = Turnstile::with(Rates { unsigned: 3, ..Rates::default() });
        let ask = |from: &str, at| turnstile.pass_unsigned(from.parse().unwrap(), at).is_ok();
        assert!((0..3).all(|_| ask("192.0.2.1", NOON)) && !ask("192.0.2.1", NOON));
        assert!(ask("192.0.2.2", NOON) && ask("192.0.2.1", NOON + MINUTE));
    }

    #[test]
    fn refusals_do_not_fill_the_audit() {
        let turnstile = Turnstile::default();
        let noted = (0..100).filter(|_| turnstile.may_note(here(), None, NOON)).count();
        assert_eq!(noted, LINES as usize);
        assert!(turnstile.may_note(here(), Some(PHONE), NOON), "a device is counted for itself");
        let far = |host: u32| IpAddr::V4(host.into());
        let all = (0..5_000).filter(|host| turnstile.may_note(far(*host), None, NOON)).count();
        assert_eq!(all, (ALL_LINES - LINES) as usize);
        let known = turnstile.counts().lines.each.len();
        assert!(!turnstile.may_note(far(9_999), None, NOON));
        assert_eq!(turnstile.counts().lines.each.len(), known, "whoever takes no line takes no memory");
        assert!(turnstile.may_note(here(), Some(DeviceId(8)), NOON), "what strangers use up is not the devices'");
        assert!(turnstile.may_note(here(), None, NOON + HOUR));
    }
}
