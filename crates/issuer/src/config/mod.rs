//! Configuration: what can be set, layered from its sources and checked whole at the start.
//!
//! [`Settings`] is what the rest of the server sees: valid, typed, complete. The way there is
//! [`Sources`] (who says what), `layers` (who wins), `reader` (text in, values out) and `load`
//! (ranges and relations). This module must not know what the settings are used for.

mod gateway_profiles;
mod keys;
mod layers;
mod load;
mod problem;
mod reader;
mod settings;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod urls;
mod warnings;

pub use gateway_profiles::{Audiences, GatewayProfile, IdentityHeaders};
pub use load::{Effective, Loaded, load};
pub use problem::{Problem, Problems};
pub use settings::{LogFormat, LogSettings, Settings};
pub use sources::Sources;
pub use urls::{InvalidOrigin, PublicUrl, WebOrigin};
