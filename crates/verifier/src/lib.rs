//! Signet's verifier: what a valid access token is, and nothing else. It needs only public keys.

mod clock;
mod thumbprint;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use thumbprint::thumbprint;
