//! Signet's verifier: what a valid access token is, and nothing else.
//!
//! It needs only the issuer's public keys. RS256 is the one algorithm, issuer and audience
//! cannot be forgotten, and every refusal has a name. It knows nothing of how tokens are made.
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

mod adapters;
mod check;
mod claims;
mod clock;
mod error;
#[cfg(feature = "remote")]
mod fetching;
mod json;
mod jws;
mod keys;
mod observer;
mod policy;
#[cfg(feature = "remote")]
mod remote;
mod source;
mod thumbprint;
mod verifier;

pub use adapters::*;
pub use claims::{Actor, Claims, Confirmation};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use error::{Category, Error};
#[cfg(feature = "remote")]
pub use fetching::{FetchError, Fetched, MissAction};
#[doc(hidden)]
pub use jws::verify_signature_layer_only;
pub use keys::{Keys, KeysError, KidRule};
pub use observer::Observer;
pub use policy::{MAX_LEEWAY, Policy};
#[cfg(feature = "remote")]
pub use remote::{Health, KeysState, RemoteKeys, RemoteKeysBuilder, SetupError};
pub use source::KeySource;
pub use thumbprint::thumbprint;
pub use verifier::Verifier;

/// The README's program, compiled as a doctest.
#[cfg(all(doctest, feature = "axum", feature = "remote"))]
#[doc = include_str!("../README.md")]
struct Readme;
