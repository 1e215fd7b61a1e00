//! Signet's verifier: decides whether an access token is valid, and nothing else.
//!
//! It needs only the issuer's public keys. RS256 is the only algorithm. Issuer and audience are
//! required, and every refusal has a stable name. It must not know how tokens are made; only the feature
//! `testing` makes tokens, for the unit tests of services.
//!
//! ```no_run
//! use signet_verifier::{Keys, Policy, Verifier};
//!
//! let keys = Keys::from_jwks(std::fs::read("jwks.json")?)?;
//! let verifier = Verifier::new(Policy::new("https://auth.example.com", "orders"), keys);
//! # let token = "";
//! let claims = verifier.verify(token)?;
//! claims.require_scope("orders:read")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// docs.rs builds with a nightly compiler, which labels what a feature adds.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapters;
mod check;
mod claims;
mod clock;
mod error;
#[cfg(feature = "remote")]
mod fetching;
mod json;
mod jws;
mod key_set;
mod observer;
mod policy;
#[cfg(feature = "remote")]
mod remote;
mod source;
#[cfg(feature = "status")]
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod thumbprint;
mod verifier;

pub use adapters::*;
pub use claims::{Actor, Claims, Confirmation};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp, seconds_rounded_up};
pub use error::{Category, Error};
#[cfg(feature = "remote")]
pub use fetching::{FetchError, Fetched, MissAction, SetupError};
#[doc(hidden)]
pub use jws::verify_signature_layer_only;
pub use key_set::{Keys, KeysError, KidRule, rsa_key_bits};
pub use observer::Observer;
pub use policy::{MAX_LEEWAY, Policy};
#[cfg(feature = "remote")]
pub use remote::{Health, KeysState, RemoteKeys, RemoteKeysBuilder};
#[cfg(feature = "status")]
pub use remote::{StatusListHealth, StatusListState};
pub use source::KeySource;
#[cfg(feature = "status")]
pub use status::StatusListError;
pub use thumbprint::thumbprint;
pub use verifier::Verifier;

/// Compiles the program of the README as a doctest.
#[cfg(all(doctest, feature = "axum", feature = "remote"))]
#[doc = include_str!("../README.md")]
struct Readme;
