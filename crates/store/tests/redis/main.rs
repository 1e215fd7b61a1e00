//! What Redis alone can do to us: refuse, hang, forget scripts, break off, come back.

#![expect(clippy::unwrap_used, reason = "what must not fail here fails the test")]

#[expect(dead_code, reason = "the conformance suite needs more of it")]
#[path = "../conformance/given.rs"]
mod given;

mod cluster;
mod epoch;
mod memory;
mod outages;
mod replicas;
mod scripts;
mod secured;
mod sentinel;
mod start;
mod status_lists;
mod tls;
