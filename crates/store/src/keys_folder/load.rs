//! Reading the whole folder: the ring and every secret that it has work for, checked against it.

use std::path::{Path, PathBuf};

use signet_core::keys::secret_file::{SecretKind, read_secret, read_signing_key};
use signet_core::keys::{
    DataKey, DataKeys, KeyRing, NumberedEntry, SecretFileError, SigningEntry, SigningKey,
    SigningKeys,
};
use signet_core::secret::SecretBytes;
use signet_core::session::{MacKey, MacKeys};
use signet_verifier::Timestamp;

use super::files::{RING_FILE, data_file, mac_file, signing_file};
use super::{KeysFolder, KeysFolderError};

/// Everything that the folder holds, ready for use.
#[derive(Debug)]
pub struct LoadedKeys {
    /// The ring.
    pub ring: KeyRing,
    /// The keys that sign now or from a recorded time on.
    pub signing: SigningKeys,
    /// The keys that tag refresh tokens, or did.
    pub mac: MacKeys,
    /// The keys that seal what must be stored readable, or did.
    pub data: DataKeys,
}

impl KeysFolder {
    /// Reads and checks the whole folder, and parses the keys that there is work for at `now`.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`], each with a sentence that says what to do.
    pub fn load(&self, now: Timestamp) -> Result<LoadedKeys, KeysFolderError> {
        let mut ring = self.ring()?;
        for _ in 1..LOAD_ATTEMPTS {
            let generation = ring.generation();
            let failed = match self.load_as(ring, now) {
                Ok(keys) => return Ok(keys),
                Err(failed) => failed,
            };
            ring = self.ring()?;
            if ring.generation() == generation {
                return Err(failed);
            }
        }
        self.load_as(ring, now)
    }

    /// The same, and lets every signing key sign once. A server skips this to start faster.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`], each with a sentence that says what to do.
    pub fn load_and_sign(&self, now: Timestamp) -> Result<LoadedKeys, KeysFolderError> {
        let keys = self.load(now)?;
        let signed = keys.signing.warm_up();
        signed.map_err(|cause| {
            let folder = self.path.clone();
            KeysFolderError::DoesNotSign { folder, cause }
        })?;
        Ok(keys)
    }

    fn load_as(&self, ring: KeyRing, now: Timestamp) -> Result<LoadedKeys, KeysFolderError> {
        let done = ring.clone().with_decided_changes_done(now);
        if done == ring {
            return self.load_checked(ring, now);
        }
        match self.load_checked(ring, now) {
            Err(KeysFolderError::Missing { path }) => self.load_after_excursion(&path, done, now),
            keys => keys,
        }
    }

    /// Loads a folder whose file `path` is gone although its key signs until a later time: a
    /// command or a server whose clock was ahead deleted it. Its successor signs from now on.
    fn load_after_excursion(
        &self,
        path: &Path,
        done: KeyRing,
        now: Timestamp,
    ) -> Result<LoadedKeys, KeysFolderError> {
        let keys = self.load_checked(done, now);
        if keys.is_ok() {
            tracing::warn!(
                file = %path.display(),
                "a clock that was ahead has deleted a private key too early; the next key signs now"
            );
        }
        keys
    }

    fn load_checked(&self, ring: KeyRing, now: Timestamp) -> Result<LoadedKeys, KeysFolderError> {
        self.refuse_foreign_files(Some(&ring))?;
        let signing = self.load_signing(&ring, now)?;
        let mac = self.load_mac(&ring, now)?;
        let data = self.load_data(&ring, now)?;
        Ok(LoadedKeys {
            ring,
            signing,
            mac,
            data,
        })
    }

    /// Every key that signs or will is read and checked, long before it is needed.
    fn load_signing(&self, ring: &KeyRing, now: Timestamp) -> Result<SigningKeys, KeysFolderError> {
        let mut keys = Vec::new();
        let entries = ring.signing().iter();
        for entry in entries.filter(|entry| entry.state_at(now).signs_or_will()) {
            let key = self.load_signing_key(entry)?;
            if let Some(activates_at) = entry.times.activates_at {
                keys.push((activates_at, key));
            }
        }
        SigningKeys::new(keys).ok_or_else(|| self.nothing_active())
    }

    fn load_signing_key(&self, entry: &SigningEntry) -> Result<SigningKey, KeysFolderError> {
        let (path, text) = self.read_secret_file(&signing_file(entry.kid()))?;
        match read_signing_key(&text, self.passphrase.as_ref()) {
            Ok(key) if *key.public() == entry.public => Ok(key),
            Ok(_) => Err(KeysFolderError::WrongKey { path }),
            Err(cause) => Err(bad_secret(path, cause)),
        }
    }

    fn load_mac(&self, ring: &KeyRing, now: Timestamp) -> Result<MacKeys, KeysFolderError> {
        let mut keys = Vec::new();
        for (entry, activates_at) in needed(ring.mac(), now) {
            let secret = self.load_secret(SecretKind::Mac, &mac_file(entry.id))?;
            keys.push(MacKey::new(entry.id, activates_at, &secret));
        }
        MacKeys::new(keys).ok_or_else(|| self.nothing_active())
    }

    fn load_data(&self, ring: &KeyRing, now: Timestamp) -> Result<DataKeys, KeysFolderError> {
        let mut keys = Vec::new();
        for (entry, activates_at) in needed(ring.data(), now) {
            let secret = self.load_secret(SecretKind::Data, &data_file(entry.id))?;
            keys.push(DataKey::new(entry.id, activates_at, secret));
        }
        DataKeys::new(keys).ok_or_else(|| self.nothing_active())
    }

    fn load_secret(
        &self,
        kind: SecretKind,
        name: &str,
    ) -> Result<SecretBytes<32>, KeysFolderError> {
        let (path, text) = self.read_secret_file(name)?;
        read_secret(kind, &text, self.passphrase.as_ref()).map_err(|cause| bad_secret(path, cause))
    }

    /// A checked ring always has an active key, so its file is what is missing.
    fn nothing_active(&self) -> KeysFolderError {
        let path = self.file(RING_FILE);
        KeysFolderError::Missing { path }
    }
}

/// The keys that there is work for at `now`, and when each begins.
fn needed(
    entries: &[NumberedEntry],
    now: Timestamp,
) -> impl Iterator<Item = (&NumberedEntry, Timestamp)> {
    let entries = entries.iter();
    let needed = entries.filter(move |entry| entry.state_at(now).is_accepted());
    needed.map(|entry| (entry, entry.times.activates_at.unwrap_or(NOT_YET)))
}

fn bad_secret(path: PathBuf, cause: SecretFileError) -> KeysFolderError {
    KeysFolderError::BadSecret { path, cause }
}

/// How often a folder that changes while it is read is read anew.
const LOAD_ATTEMPTS: usize = 3;

/// For a key that no rotation has named a time for.
const NOT_YET: Timestamp = Timestamp::from_millis(u64::MAX);
