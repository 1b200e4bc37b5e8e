//! For how long bytes have waited for the other side to take some, and how many it took meanwhile. Only such time counts: a stream of
//! news, which says little, is never behind. Knows no stream.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Who lets bytes wait has to take `least` of them in each `window` of waiting.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub least: usize,
    pub window: Duration,
}

pub struct Waiting {
    pace: Pace,
    /// Since when bytes wait, where they do.
    since: Option<Instant>,
    /// Of this window, before that.
    waited: Duration,
    taken: usize,
    /// The end of the window, if they go on waiting.
    alarm: Pin<Box<Sleep>>,
}

impl Waiting {
    pub fn new(pace: Pace) -> Self {
        Self { pace, since: None, waited: Duration::ZERO, taken: 0, alarm: Box::pin(sleep(pace.window)) }
    }

    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Nothing waits until somebody says that it does.
    pub fn took(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
        // What goes out without any waiting says nothing of the other side: the system holds it.
        if !self.waited.is_zero() {
            self.taken += bytes;
        }
    }

    /// Bytes wait. Whether a window has ended in which too few were taken; if not, `cx` hears of its end.
    pub fn is_too_long(&mut self, cx: &mut Context<'_>) -> bool {
        let since = *self.since.get_or_insert_with(|| {
            let now = Instant::now();
            self.alarm.as_mut().reset(now + self.pace.window.saturating_sub(self.waited));
            now
        });
        while self.alarm.as_mut().poll(cx).is_ready() {
            if self.taken < self.pace.least {
                return true;
            }
            // The next window begins with what nobody has taken yet: so no silence is longer than one.
            (self.waited, self.taken) = (Duration::ZERO, 0);
            self.alarm.as_mut().reset(since + self.pace.window);
        }
        false
    }
}
