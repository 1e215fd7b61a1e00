//! Adapters between the verifier and services: HTTP responses, frameworks, a cache, several
//! issuers. No file outside this folder depends on them.

#[cfg(feature = "axum")]
mod axum;
mod bearer;
#[cfg(feature = "cache")]
mod cache;
mod challenge;
#[cfg(feature = "axum")]
mod identity;
#[cfg(any(feature = "axum", feature = "tower"))]
mod response;
#[cfg(feature = "tower")]
mod tower;
mod unverified_jws;
mod verifiers;

#[cfg(feature = "axum")]
pub use axum::Authenticated;
pub use bearer::bearer_token;
#[cfg(feature = "cache")]
pub use cache::CachedVerifier;
#[cfg(feature = "axum")]
pub use identity::GatewayIdentity;
#[cfg(feature = "tower")]
pub use tower::{RequireToken, RequireTokenService};
pub use unverified_jws::UnverifiedJws;
pub use verifiers::Verifiers;
