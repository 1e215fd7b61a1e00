//! How the folder is changed, so that a crash at any moment leaves one that can be read.
//!
//! 1. Each new secret is written under a staged name, and synced.
//! 2. `keyring.json` is replaced by a rename: the change has happened, or it has not.
//! 3. The secrets get their names, and those that no key needs are removed.
//!
//! A reader looks under both names, and whoever changes the folder next first finishes what was
//! interrupted. One lock file keeps commands apart; comparing the generation before step 2 is for
//! file systems whose locks are a promise only.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::CryptoRng;
use signet_core::keys::secret_file::{SecretKind, write_secret, write_signing_key};
use signet_core::keys::{GeneratedKey, KeyRing, RingError, SecretFileError};
use signet_core::secret::SecretBytes;
use zeroize::Zeroizing;

use super::disk::FILE_MODE;
use super::files::{LOCK_FILE, RING_FILE, STAGED, data_file, files_of, mac_file, signing_file};
use super::{KeysFolder, KeysFolderError};

/// The files of new keys, ready to be written.
#[derive(Default)]
pub(super) struct Secrets(Vec<(String, Zeroizing<String>)>);

impl Secrets {
    /// The private halves of `signing`, and new secrets for every other key of the ring `added`.
    pub(super) fn of_new_ring(
        added: &KeyRing,
        signing: &[GeneratedKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SecretFileError> {
        let mut secrets = Self::default();
        for key in signing {
            let name = signing_file(key.public().kid());
            secrets.0.push((name, write_signing_key(key)?));
        }
        let mac = added
            .mac()
            .iter()
            .map(|key| (SecretKind::Mac, mac_file(key.id)));
        let data = added
            .data()
            .iter()
            .map(|key| (SecretKind::Data, data_file(key.id)));
        for (kind, name) in mac.chain(data) {
            let secret = SecretBytes::random(rng);
            secrets.0.push((name, write_secret(kind, &secret)?));
        }
        Ok(secrets)
    }
}

impl KeysFolder {
    /// Makes the folder if need be, for its owner alone.
    pub(super) fn make_folder(&self) -> Result<(), KeysFolderError> {
        let path = &self.path;
        self.disk
            .create_folder(path)
            .map_err(|cause| not_written("create", path, cause))?;
        self.disk
            .close_folder(path)
            .map_err(|cause| not_written("change the mode of", path, cause))
    }

    /// Waits until no other command changes the folder. The lock is let go with the file.
    pub(super) fn lock(&self) -> Result<File, KeysFolderError> {
        let path = self.file(LOCK_FILE);
        let locked = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|cause| not_written("lock", &path, cause))
    }

    /// Replaces the ring of generation `expected`, or none, by `ring`. Needs the lock.
    pub(super) fn commit(
        &self,
        expected: Option<u64>,
        ring: &KeyRing,
        secrets: &Secrets,
    ) -> Result<(), KeysFolderError> {
        for (name, text) in &secrets.0 {
            self.write(name, text)?;
        }
        let text = ring.to_json().map_err(|cause| self.bad_ring(cause))?;
        self.write(RING_FILE, &text)?;
        self.sync()?;
        let found = match self.read_ring() {
            Err(KeysFolderError::NoRing { .. }) => None,
            ring => Some(ring?.generation()),
        };
        if found != expected {
            let folder = self.path.clone();
            return Err(KeysFolderError::Overtaken { folder });
        }
        self.take_name(RING_FILE)?;
        self.sync()?;
        self.finish_interrupted(Some(ring))
    }

    /// Finishes what a change left undone: what `ring` names gets its name, the rest of what was
    /// staged is removed. Needs the lock.
    pub(super) fn finish_interrupted(&self, ring: Option<&KeyRing>) -> Result<(), KeysFolderError> {
        let named: Vec<String> = ring.into_iter().flat_map(files_of).collect();
        for staged in self.names()? {
            let Some(name) = staged.to_str().and_then(|name| name.strip_prefix(STAGED)) else {
                continue;
            };
            if named.iter().any(|file| file == name) {
                self.take_name(name)?;
            } else {
                self.remove(&staged)?;
            }
        }
        self.sync()
    }

    pub(super) fn bad_ring(&self, cause: RingError) -> KeysFolderError {
        let path = self.file(RING_FILE);
        KeysFolderError::BadRing { path, cause }
    }

    pub(super) fn bad_secret(&self, cause: SecretFileError) -> KeysFolderError {
        let path = self.path.clone();
        KeysFolderError::BadSecret { path, cause }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), KeysFolderError> {
        let path = self.staged(name);
        self.disk
            .write_new(&path, text)
            .map_err(|cause| not_written("write", &path, cause))
    }

    fn take_name(&self, name: &str) -> Result<(), KeysFolderError> {
        let path = self.file(name);
        self.disk
            .rename(&self.staged(name), &path)
            .map_err(|cause| not_written("write", &path, cause))
    }

    fn remove(&self, name: &OsStr) -> Result<(), KeysFolderError> {
        let path = self.path.join(name);
        self.disk
            .remove(&path)
            .map_err(|cause| not_written("remove", &path, cause))
    }

    fn sync(&self) -> Result<(), KeysFolderError> {
        self.disk
            .sync_folder(&self.path)
            .map_err(|cause| not_written("sync", &self.path, cause))
    }
}

fn not_written(what: &'static str, path: &Path, cause: io::Error) -> KeysFolderError {
    let path = path.to_owned();
    KeysFolderError::NotWritten { what, path, cause }
}
