//! Keys: the ring, which says which key is used when, and the keys themselves.
//!
//! [`KeyRing`] is pure state: what each key is at a moment follows from recorded times alone.
//! [`signing_key`] signs with aws-lc-rs, [`data_keys`] seals, [`generate()`] makes keys,
//! [`secret_file`] is how a secret key is written as text, [`jwks`] what is published. This module
//! must not know where files live, nor HTTP.

mod activation_order;
mod change;
pub mod data_keys;
mod document;
mod entry;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod generate;
pub mod jwks;
mod key_size;
mod lag;
mod public_key;
mod ring;
mod ring_error;
mod rotation_order;
pub mod secret_file;
pub mod signing_key;
mod times;

pub(crate) use activation_order::ActivationOrder;
pub use change::{RevokedKind, RingChange, RingRefusal, RotationPolicy};
pub use data_keys::{DataKey, DataKeys, Purpose, SealError, UnsealError};
pub use entry::{NumberedEntry, SigningEntry};
pub use generate::{GeneratedKey, generate};
pub use jwks::Jwks;
pub use key_size::{InvalidKeySize, KeySize};
pub use lag::NewestRing;
pub use public_key::{Kid, PublicKey};
pub use ring::{KeyRing, Lifetimes, MAX_REPLICA_CLOCK_DIFFERENCE};
pub use ring_error::RingError;
pub use secret_file::{AtRest, Passphrase, SecretFileError, SecretKind};
pub use signing_key::{SigningKey, SigningKeys};
pub use times::{KeyState, Times};
