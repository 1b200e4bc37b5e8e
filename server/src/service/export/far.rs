//! How far the workbooks are that are being written, for those who wait for them: nothing of one is sent before its last row stands.
//! Only in memory; knows no rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use xiaohao_shared::api::Writing;
use xiaohao_shared::id::DeviceId;

/// Of one workbook; whoever writes it holds it.
#[derive(Debug, Default)]
pub struct Far {
    written: AtomicU64,
    of: AtomicU64,
}

impl Far {
    pub(super) fn is_of(&self, rows: u64) {
        self.of.store(rows, Ordering::Relaxed);
    }

    pub(super) fn one_more(&self) {
        self.written.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> Writing {
        Writing { written: self.written.load(Ordering::Relaxed), of: self.of.load(Ordering::Relaxed) }
    }
}

/// The latest of each device that still waits for one.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<BTreeMap<DeviceId, Weak<Far>>>);

impl Waiting {
    pub fn begin(&self, device: DeviceId) -> Arc<Far> {
        let far = Arc::new(Far::default());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, far| far.strong_count() > 0);
        all.insert(device, Arc::downgrade(&far));
        far
    }

    /// `None` where nothing is written for it at this moment.
    pub fn of(&self, device: DeviceId) -> Option<Writing> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&device).and_then(Weak::upgrade).map(|far| far.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_hears_how_far_its_own_workbook_is_until_nobody_writes_it_any_more() {
        let (waiting, [mine, other]) = (Waiting::default(), [DeviceId(1), DeviceId(2)]);
        let far = waiting.begin(mine);
        far.is_of(3);
        far.one_more();
        assert_eq!((waiting.of(mine), waiting.of(other)), (Some(Writing { written: 1, of: 3 }), None));
        drop(far);
        assert_eq!(waiting.of(mine), None);
    }
}
