//! How often and how many at once: requests of each device, failed ones of each address, and lines that refusals may take in the
//! audit. In memory: a restart forgives. Knows no request.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use xiaohao_shared::id::DeviceId;
use xiaohao_shared::time::{HOUR, MINUTE, Timestamp};

use crate::address::network;
use crate::service::ServiceError;

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
}

impl Default for Rates {
    fn default() -> Self {
        Self { inside: 32, burst: 3_000, refill: 50, failures: 300 }
    }
}

/// Lines that the refusals of one device or network may take in an hour, and those of everybody.
const LINES: u32 = 20;
const ALL_LINES: u32 = 2_000;

#[derive(Clone, Default)]
pub struct Turnstile {
    rates: Rates,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    devices: BTreeMap<DeviceId, Count>,
    failures: (i64, BTreeMap<IpAddr, u32>),
    lines: Lines,
}

/// Of this hour.
#[derive(Default)]
struct Lines {
    hour: i64,
    all: u32,
    each: BTreeMap<(IpAddr, Option<DeviceId>), u32>,
}

#[derive(Default)]
struct Count {
    inside: u32,
    /// When the burst will be whole again: later than now by what was used of it.
    whole_at: i64,
}

/// A request that is inside; out when dropped.
pub struct Place(Turnstile, DeviceId);

impl Turnstile {
    pub fn with(rates: Rates) -> Self {
        Self { rates, counts: Arc::default() }
    }

    /// For a device whose signature was verified.
    pub fn enter(&self, device: DeviceId, now: Timestamp) -> Result<Place, ServiceError> {
        let mut counts = self.counts();
        let minute_ago = now.0 - MINUTE;
        if counts.devices.len() > 10_000 {
            counts.devices.retain(|_, count| count.inside > 0 || count.whole_at > minute_ago);
        }
        let count = counts.devices.entry(device).or_default();
        let whole_at = count.whole_at.max(now.0) + self.rates.refill;
        if count.inside >= self.rates.inside || whole_at - now.0 > self.rates.burst * self.rates.refill {
            return Err(ServiceError::TooMany);
        }
        (count.inside, count.whole_at) = (count.inside + 1, whole_at);
        drop(counts);
        Ok(Place(self.clone(), device))
    }

    /// Before anything is looked up: a network that has failed too often is heard only for devices that were here before.
    pub fn may_try(&self, from: IpAddr, device: DeviceId, now: Timestamp) -> Result<(), ServiceError> {
        let counts = self.counts();
        let (minute, failures) = &counts.failures;
        let exhausted = *minute == now.0 / MINUTE
            && failures.get(&network(from)).is_some_and(|count| *count >= self.rates.failures);
        if exhausted && !counts.devices.contains_key(&device) { Err(ServiceError::TooMany) } else { Ok(()) }
    }

    pub fn failed(&self, from: IpAddr, now: Timestamp) {
        let minute = now.0 / MINUTE;
        let mut counts = self.counts();
        if counts.failures.0 != minute {
            counts.failures = (minute, BTreeMap::new());
        }
        *counts.failures.1.entry(network(from)).or_insert(0) += 1;
    }

    /// Whether one more refusal may take a line. Whoever fills the audit would hide in it.
    pub fn may_note(&self, from: IpAddr, device: Option<DeviceId>, now: Timestamp) -> bool {
        let hour = now.0 / HOUR;
        let lines = &mut self.counts().lines;
        if lines.hour != hour {
            *lines = Lines { hour, ..Lines::default() };
        }
        let one = lines.each.entry((network(from), device)).or_insert(0);
        let free = *one < LINES && lines.all < ALL_LINES;
        (*one, lines.all) = (*one + u32::from(free), lines.all + u32::from(free));
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
        assert!(come(NOON + refill) && !come(NOON + refill));
        assert!(turnstile.enter(DeviceId(8), NOON).is_ok(), "others are not concerned");
        assert!((0..burst).all(|_| come(NOON + burst * refill * 2)));
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
    fn an_address_that_fails_too_often_is_heard_only_for_devices_that_were_here_before() {
        let turnstile = Turnstile::default();
        drop(turnstile.enter(PHONE, NOON).unwrap());
        for _ in 0..Rates::default().failures {
            assert!(turnstile.may_try(here(), DeviceId(9), NOON).is_ok());
            turnstile.failed(here(), NOON);
        }
        assert!(turnstile.may_try(here(), DeviceId(9), NOON).is_err());
        assert!(turnstile.may_try(here(), PHONE, NOON).is_ok());
        assert!(turnstile.may_try("192.0.2.2".parse().unwrap(), DeviceId(9), NOON).is_ok());
        assert!(turnstile.may_try(here(), DeviceId(9), NOON + MINUTE).is_ok());
    }

    #[test]
    fn refusals_do_not_fill_the_audit() {
        let turnstile = Turnstile::default();
        let noted = (0..100).filter(|_| turnstile.may_note(here(), None, NOON)).count();
        assert_eq!(noted, LINES as usize);
        assert!(turnstile.may_note(here(), Some(PHONE), NOON), "a device is counted for itself");
        let far = |host: u32| IpAddr::V4(host.into());
        let all = (0..5_000).filter(|host| turnstile.may_note(far(*host), None, NOON)).count();
        assert_eq!(all, (ALL_LINES - LINES - 1) as usize);
        assert!(turnstile.may_note(here(), None, NOON + HOUR));
    }
}
