//! Real faults against the real program: it is killed, its disk fails or is full, bits flip in what it stored. After each of
//! them nothing that was acknowledged may be missing or doubled, and phones and office must agree.

pub mod camera;
pub mod disk;
pub mod flips;
pub mod hub;
pub mod injections;
pub mod kills;
pub mod street;
