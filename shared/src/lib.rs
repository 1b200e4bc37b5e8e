//! The core of Xiaohao: domain, document, policy and sync engine, the same code on the phone and at the office.
//!
//! Architecture invariants: nothing here does IO, asks for the time, draws randomness or awaits. Whoever calls passes bytes,
//! [`time::Timestamp`]s and random numbers in and gets data back, so that a simulation can run every line of it.

pub mod api;
pub mod doc;
pub mod geo;
pub mod id;
pub mod import;
pub mod model;
pub mod signature;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod time;
