//! The hub of an office. Floors, each knowing only those below: `http` (extract, authorise, one call, respond),
//! `service` (rules), `store` (SQL and files). `listen` carries bytes, `config` reads the command line and environment,
//! `address` says whom we count as one caller, `fetch` asks another server, `ground` reads what lies under the map.

mod address;
pub mod config;
pub mod fetch;
pub mod ground;
pub mod http;
pub mod listen;
pub mod service;
pub mod store;
