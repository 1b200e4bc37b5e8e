//! Which signatures have counted already: each device's nonces, for as long as a signature is timely. What counts once for ever is
//! spent in the database; this is for everything else. Knows no request.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use xiaohao_shared::id::DeviceId;
use xiaohao_shared::signature::WINDOW_SECONDS;
use xiaohao_shared::time::Timestamp;

use crate::service::ServiceError;

/// A signature may be made so far ahead of our clock, and is timely for as long after it; seconds have fractions on both ends.
const LIFE: i64 = (2 * WINDOW_SECONDS + 2) * 1_000;
/// What a device may have among them when all are so many that nobody else gets more.
const SHARE: usize = 1_000;

/// The hash of a nonce is enough, by a key that nobody outside can know.
type Kept = BTreeMap<DeviceId, HashSet<u64>>;

/// Each nonce stays for one life at least, and for two at most.
#[derive(Default)]
pub struct Spent {
    begun: i64,
    now: Kept,
    before: Kept,
    /// Of both.
    count: usize,
    key: RandomState,
}

impl Spent {
    /// Once for each device and nonce, as long as a signature with it is timely. `most` bounds the memory, about 20 bytes each, and what
    /// each device has as its share beyond that.
    pub fn spend(&mut self, device: DeviceId, nonce: &str, most: usize, at: Timestamp) -> Result<(), ServiceError> {
        // A clock that was set back goes on from there: what is kept would fill the memory until it had caught up.
        self.begun = self.begun.min(at.0);
        if at.0 - self.begun >= LIFE {
            self.turn(at);
        }
        let hash = self.key.hash_one(nonce);
        let has = |kept: &Kept| kept.get(&device).is_some_and(|spent| spent.contains(&hash));
        if has(&self.now) || has(&self.before) {
            return Err(ServiceError::Replayed);
        }
        let own = |kept: &Kept| kept.get(&device).map_or(0, HashSet::len);
        if self.count >= most && own(&self.now) + own(&self.before) >= SHARE {
            // Then what was spent before this life is forgotten.
            return Err(ServiceError::TooMany { wait: self.begun + LIFE - at.0 });
        }
        self.now.entry(device).or_default().insert(hash);
        self.count += 1;
        Ok(())
    }

    fn turn(&mut self, at: Timestamp) {
        let old = at.0 - self.begun >= 2 * LIFE;
        let ended = std::mem::take(&mut self.now);
        self.before = if old { Kept::default() } else { ended };
        self.begun = at.0;
        self.count = self.before.values().map(HashSet::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use xiaohao_shared::time::HOUR;

    use super::*;

    const PHONE: DeviceId = DeviceId(7);
    const NOON: Timestamp = Timestamp(12 * HOUR);
    const MANY: usize = 1_000_000;
    const SECOND: i64 = 1_000;

    #[test]
    fn a_nonce_counts_once_for_its_device_as_long_as_its_signature_is_timely() {
        for beginning in [0, 1, 300, 601, 602, 603] {
            let mut spent = Spent::default();
            spent.spend(DeviceId(8), "other", MANY, NOON).unwrap();
            let at = NOON + beginning * SECOND;
            spent.spend(PHONE, "a", MANY, at).unwrap();
            // Made by a clock that is five minutes ahead, it is timely for ten minutes.
            for later in [0, 1, 300, 601] {
                let again = spent.spend(PHONE, "a", MANY, at + later * SECOND);
                assert!(matches!(again, Err(ServiceError::Replayed)), "{beginning} {later}");
            }
            spent.spend(PHONE, "b", MANY, at).unwrap();
            spent.spend(DeviceId(9), "a", MANY, at).unwrap();
        }
    }

    #[test]
    fn what_is_out_of_its_time_takes_no_memory() {
        let mut spent = Spent::default();
        for minute in 0..600 {
            for nonce in 0..100 {
                spent.spend(PHONE, &format!("{minute} {nonce}"), MANY, NOON + minute * 60 * SECOND).unwrap();
            }
        }
        assert!(spent.count <= 2_300, "{}", spent.count);
    }

    #[test]
    fn a_clock_that_was_set_back_fills_no_memory_and_lets_nothing_count_twice() {
        let mut spent = Spent::default();
        spent.spend(PHONE, "a", MANY, NOON + 365 * 24 * HOUR).unwrap();
        for second in 0..10_000 {
            spent.spend(PHONE, &format!("{second}"), MANY, NOON + second * SECOND).unwrap();
            let again = spent.spend(PHONE, &format!("{}", (second - 600).max(0)), MANY, NOON + second * SECOND);
            assert!(matches!(again, Err(ServiceError::Replayed)), "{second}");
        }
        assert!(spent.count <= 1_300, "{}", spent.count);
    }

    #[test]
    fn whoever_filled_the_memory_waits_and_nobody_else() {
        let mut spent = Spent::default();
        let mut ask = |device, nonce: usize| spent.spend(DeviceId(device), &nonce.to_string(), 1_500, NOON);
        assert!((0..1_500).all(|nonce| ask(1, nonce).is_ok()));
        assert!(matches!(ask(1, 1_500), Err(ServiceError::TooMany { wait: LIFE })));
        assert!((0..SHARE).all(|nonce| ask(2, nonce).is_ok()));
        assert!(matches!(ask(2, SHARE), Err(ServiceError::TooMany { .. })));
    }
}
