//! Foreign bytes against the code that reads them. A target is a plain function over bytes that panics where something does not
//! hold; libFuzzer calls it (`targets/`), and so does the replay of what was ever found (`tests/replay.rs`).

pub mod change;
pub mod chunk;
pub mod document;
pub mod history;
pub mod house;
pub mod office;
pub mod pages;
pub mod parcel;
pub mod photo;
pub mod proof;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its folder of inputs.
pub const TARGETS: [(&str, Target); 10] = [
    ("change", change::change),
    ("document", document::document),
    ("handover", parcel::handover),
    ("history", history::history),
    ("photo", photo::photo),
    ("proof", proof::proof),
    ("request", pages::request),
    ("response", pages::response),
    ("signature", house::signature),
    ("upload", house::upload),
];

/// What the product does where a decoder of others may panic. `None` is a panic, which is a refusal there.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

thread_local! {
    static WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The fuzzer's own hook ends the process at every panic, also at those that the product catches. This one only remembers.
pub fn remember_panics() {
    std::panic::set_hook(Box::new(|panic| WORDS.set(panic.to_string())));
}

/// Runs a target; what gets out of it is told before the fuzzer sees it.
pub fn tell(target: Target, data: &[u8]) {
    if let Err(panic) = catch_unwind(|| target(data)) {
        eprintln!("{}", WORDS.take());
        resume_unwind(panic);
    }
}

/// The door for libFuzzer.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! fuzz {
    ($target:path) => {
        libfuzzer_sys::fuzz_target!(init: $crate::remember_panics(), |data: &[u8]| $crate::tell($target, data));
    };
}
