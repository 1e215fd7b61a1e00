//! The settings of the keys folder and of rotation.

use std::path::PathBuf;
use std::time::Duration;

use signet_core::keys::{KeySize, Lifetimes, Passphrase, RotationPolicy};
use signet_store::KeysFolder;

/// Where keys are, and when they change.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// The keys folder.
    pub dir: PathBuf,
    /// The passphrase that encrypts the files in it, if there is one.
    pub passphrase: Option<Passphrase>,
    /// How large new signing keys are.
    pub size: KeySize,
    /// How long others need to learn of a key.
    pub policy: RotationPolicy,
    /// How old the active key becomes before the server rotates it; never when unset.
    pub rotate_every: Option<Duration>,
    /// The longest lifetimes that this configuration gives to tokens and sessions.
    pub lifetimes: Lifetimes,
}

impl KeySettings {
    /// The folder that these settings name.
    pub fn folder(&self) -> KeysFolder {
        KeysFolder::at(&self.dir).encrypted_with(self.passphrase.clone())
    }
}
