//! Configuration: the settings, merged from their sources and checked as a whole at the start.
//!
//! The rest of the server sees [`Settings`]: valid, typed, complete. They are made in four steps:
//! [`Sources`] (what is set where), `layers` (which source wins), `reader` (text to values) and
//! `sections` (ranges and relations). This module must not know what the settings are used for.

mod audit;
mod captcha;
mod client_documents;
mod gateway_profiles;
mod hints;
mod key_settings;
mod layers;
mod load;
mod mail;
mod pages;
mod problem;
mod proof_of_work;
mod reader;
mod sections;
mod settings;
mod sources;
mod spelling;
mod table;
#[cfg(test)]
mod tests;
mod tls;
mod traces;
mod urls;
mod warnings;
mod webauthn;

pub use client_documents::ClientDocumentSettings;
pub use gateway_profiles::{Audiences, GatewayProfile, IdentityHeaders};
pub(crate) use hints::{default_of, sources_of, ways_to_set};
pub(crate) use key_settings::read_passphrase;
pub use load::{Effective, Loaded, load};
pub use problem::{SettingProblem, SettingProblems};
pub use settings::{LogFormat, LogSettings, ProxyHeader, Settings};
pub use sources::Sources;
pub(crate) use sources::USUAL_FILE;
pub use traces::TraceSettings;
pub use urls::{InvalidOrigin, PublicUrl, WebOrigin};
