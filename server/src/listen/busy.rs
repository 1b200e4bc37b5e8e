//! Whether a request of a connection is being answered: while it is, nothing moves because we work. Knows no stream and no request;
//! how long we may work is not said here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Clone, Default)]
pub struct Busy(Arc<AtomicBool>);

/// Until it is dropped, also where the answer is given up.
pub struct Work(Busy);

impl Busy {
    pub fn begin(&self) -> Work {
        self.0.store(true, Ordering::Relaxed);
        Work(self.clone())
    }

    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}
