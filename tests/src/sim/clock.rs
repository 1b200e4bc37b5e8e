//! The time of the world, one for each thread: the office is given a plain function to ask. Goes on only when it is told to.

use std::cell::Cell;

use xiaohao_shared::time::{DAY, Timestamp};

/// A Monday in November.
const BEGINNING: i64 = 20_780 * DAY;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(BEGINNING) };
}

pub fn begin() {
    NOW.set(BEGINNING);
}

pub fn now() -> Timestamp {
    Timestamp(NOW.get())
}

pub fn advance(milliseconds: i64) {
    NOW.set(NOW.get() + milliseconds);
}
