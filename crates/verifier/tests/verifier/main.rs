//! The verifier from outside: what it accepts, what it refuses and under which name.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test helper may fail the test"
)]

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "cache")]
mod cache;
mod claims;
#[cfg(feature = "remote")]
mod discovery;
#[cfg(all(feature = "axum", feature = "status", feature = "tower"))]
mod examples;
mod fuzzed;
mod hostile_claims;
mod hostile_keys;
mod hostile_tokens;
#[cfg(feature = "axum")]
mod identity;
mod judge;
#[cfg(feature = "remote")]
mod jwks_server;
#[cfg(feature = "remote")]
mod misses;
#[cfg(feature = "remote")]
mod remote;
mod replay;
mod rfc;
#[cfg(feature = "remote")]
mod rig;
mod several;
mod sign_in;
#[cfg(feature = "status")]
mod status;
#[cfg(feature = "status")]
mod status_hostile;
#[cfg(feature = "status")]
mod status_keys;
#[cfg(feature = "status")]
mod status_replicas;
#[cfg(feature = "status")]
mod status_rig;
mod support;
#[cfg(feature = "testing")]
mod testing;
#[cfg(feature = "tower")]
mod tower;
