//! Real faults against the real program: it is killed, its disk fails or is full, bits flip in what it stored. After each of
//! them nothing that was acknowledged may be missing or doubled, and phones and office must agree.

pub mod camera;
pub mod disk;
pub mod flips;
pub mod hub;
pub mod injections;
pub mod kills;
pub mod street;

use std::fmt::Display;

/// Whether whoever runs this wants to know that everything was done: `XIAOHAO_STRICT` of the environment.
pub fn is_strict() -> bool {
    std::env::var_os("XIAOHAO_STRICT").is_some_and(|value| !value.is_empty())
}

/// What this machine does not let us try is said, and where all has to be tried, it fails.
pub fn not_done(what: &str, why: impl Display, strict: bool) -> anyhow::Result<()> {
    anyhow::ensure!(!strict, "XIAOHAO_STRICT: {what} has to be done: {why}");
    println!("NOT DONE, {what}: {why}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_tried_here_fails_where_all_has_to_be_tried() {
        assert!(not_done("full disk", "no tmpfs", false).is_ok());
        let strict = not_done("full disk", "no tmpfs", true).expect_err("strict");
        assert_eq!(strict.to_string(), "XIAOHAO_STRICT: full disk has to be done: no tmpfs");
    }
}
