//! What carries the verifier into services: HTTP answers, frameworks, a cache, several issuers.
//! Each file stands alone; nothing outside of this folder needs any of them.

#[cfg(any(feature = "axum", feature = "tower"))]
mod answer;
#[cfg(feature = "axum")]
mod axum;
mod bearer;
#[cfg(feature = "cache")]
mod cache;
mod challenge;
#[cfg(feature = "axum")]
mod identity;
#[cfg(feature = "tower")]
mod tower;
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
pub use verifiers::Verifiers;
