//! How the folder is changed, so that a crash at any moment leaves one that can be read.
//!
//! 1. Each new secret is written under a staged name, and synced.
//! 2. `keyring.json` is replaced by a rename: the change has happened, or it has not.
//! 3. The secrets get their names, and those that no key needs are removed.
//!
//! A reader looks under both names, and the next change first finishes an interrupted one. A lock
//! file lets one command at a time change the folder. Step 2 also compares the generation, because
//! some file systems do not keep locks.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rand::CryptoRng;
use signet_core::keys::secret_file::{SecretKind, at_rest, write_secret, write_signing_key};
use signet_core::keys::{AtRest, GeneratedKey, KeyRing, NumberedEntry, RingError, SecretFileError};
use signet_core::secret::SecretBytes;
use signet_verifier::Timestamp;
use zeroize::Zeroizing;

use super::disk::FILE_MODE;
use super::files::{LOCK_FILE, RING_FILE, STAGED, data_file, files_of, mac_file, signing_file};
use super::{KeysFolder, KeysFolderError};

/// The files of new keys, ready to be written.
#[derive(Default)]
pub(super) struct Secrets(Vec<(String, Zeroizing<String>)>);

impl KeysFolder {
    /// The private halves of `signing`, and secrets for the other keys that `after` has and
    /// `before` has not. Refuses to add them to an encrypted folder that they would not fit.
    pub(super) fn secrets_added(
        &self,
        before: Option<&KeyRing>,
        after: &KeyRing,
        signing: &[GeneratedKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Secrets, KeysFolderError> {
        let mut secrets = Secrets::default();
        let passphrase = self.passphrase.as_ref();
        let others: Vec<_> = others_added(before, after).collect();
        if let Some(before) = before
            && !(signing.is_empty() && others.is_empty())
        {
            self.check_passphrase(before)?;
        }
        for key in signing {
            let name = signing_file(key.public().kid());
            let text = write_signing_key(key, passphrase, rng);
            secrets
                .0
                .push((name, text.map_err(|cause| self.bad_secret(cause))?));
        }
        for (kind, name) in others {
            let secret = SecretBytes::random(rng);
            let text = write_secret(kind, &secret, passphrase, rng);
            secrets
                .0
                .push((name, text.map_err(|cause| self.bad_secret(cause))?));
        }
        Ok(secrets)
    }

    /// Refuses unless the passphrase opens what is encrypted here: a new secret would lie in the
    /// clear among encrypted ones, or no server could read it. One that opens speaks for all.
    fn check_passphrase(&self, ring: &KeyRing) -> Result<(), KeysFolderError> {
        for name in files_of(ring) {
            let (path, text) = match self.read_secret_file(&name) {
                Err(KeysFolderError::Missing { .. }) => continue,
                read => read?,
            };
            match at_rest(&text, self.passphrase.as_ref()) {
                Ok(AtRest::Encrypted) => return Ok(()),
                // A damaged file tells nothing, and its key may be the one that has to go.
                Ok(AtRest::Plain) | Err(SecretFileError::NotAKey) => {}
                Err(cause) => return Err(KeysFolderError::BadSecret { path, cause }),
            }
        }
        Ok(())
    }

    /// Makes the folder if need be, for its owner alone.
    pub(super) fn make_folder(&self) -> Result<(), KeysFolderError> {
        let path = &self.path;
        self.disk
            .create_folder(path)
            .map_err(|cause| not_written("create", path, cause))?;
        self.check_owner()?;
        self.disk
            .close_folder(path)
            .map_err(|cause| not_written("change the mode of", path, cause))
    }

    /// Waits until no other command changes the folder. The lock is let go with the file.
    pub(super) fn lock(&self) -> Result<File, KeysFolderError> {
        let (path, file) = self.lock_file()?;
        match file.lock() {
            Ok(()) => Ok(file),
            Err(cause) => Err(not_written("lock", &path, cause)),
        }
    }

    /// The same without waiting; none while another command changes the folder.
    pub(super) fn try_lock(&self) -> Result<Option<File>, KeysFolderError> {
        let (path, file) = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(not_written("lock", &path, cause)),
        }
    }

    fn lock_file(&self) -> Result<(PathBuf, File), KeysFolderError> {
        let path = self.file(LOCK_FILE);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(|cause| not_written("lock", &path, cause))?;
        Ok((path, file))
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
        self.sync()
    }

    /// Finishes what a change left undone: what `ring` names gets its name, the rest of what was
    /// staged is removed. Needs the lock.
    pub(super) fn finish_interrupted(&self, ring: Option<&KeyRing>) -> Result<(), KeysFolderError> {
        let named: Vec<String> = ring.into_iter().flat_map(files_of).collect();
        let mut changed = false;
        for staged in self.names()? {
            let Some(name) = staged.to_str().and_then(|name| name.strip_prefix(STAGED)) else {
                continue;
            };
            if named.iter().any(|file| file == name) {
                self.take_name(name)?;
            } else {
                self.remove(&staged)?;
            }
            changed = true;
        }
        if changed {
            self.sync()?;
        }
        Ok(())
    }

    /// Removes the secrets that no key of `ring` has work for at `now`; says whether there were
    /// any. Needs the lock.
    pub(super) fn remove_unneeded(
        &self,
        ring: &KeyRing,
        now: Timestamp,
    ) -> Result<bool, KeysFolderError> {
        let signing = ring.signing().iter();
        let signing = signing.filter(|key| !key.state_at(now).signs_or_will());
        let is_gone = |key: &&NumberedEntry| !key.state_at(now).is_accepted();
        let mac = ring.mac().iter().filter(is_gone);
        let data = ring.data().iter().filter(is_gone);
        let unneeded: HashSet<OsString> = signing
            .map(|key| signing_file(key.kid()))
            .chain(mac.map(|key| mac_file(key.id)))
            .chain(data.map(|key| data_file(key.id)))
            .map(OsString::from)
            .collect();
        let mut names = self.names()?;
        names.retain(|name| unneeded.contains(name));
        for name in &names {
            self.remove(name)?;
        }
        if !names.is_empty() {
            self.sync()?;
        }
        Ok(!names.is_empty())
    }

    pub(super) fn bad_ring(&self, cause: RingError) -> KeysFolderError {
        let path = self.file(RING_FILE);
        KeysFolderError::BadRing { path, cause }
    }

    pub(super) fn bad_secret(&self, cause: SecretFileError) -> KeysFolderError {
        let path = self.path.clone();
        KeysFolderError::BadSecret { path, cause }
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), KeysFolderError> {
        let path = self.staged(name);
        self.disk
            .write_new(&path, text)
            .map_err(|cause| not_written("write", &path, cause))
    }

    fn take_name(&self, name: &str) -> Result<(), KeysFolderError> {
        self.replace(name, name)
    }

    /// Lets the staged file take a name, from another file if need be.
    pub(super) fn replace(&self, staged: &str, name: &str) -> Result<(), KeysFolderError> {
        let path = self.file(name);
        self.disk
            .rename(&self.staged(staged), &path)
            .map_err(|cause| not_written("write", &path, cause))
    }

    fn remove(&self, name: &OsStr) -> Result<(), KeysFolderError> {
        let path = self.path.join(name);
        self.disk
            .remove(&path)
            .map_err(|cause| not_written("remove", &path, cause))
    }

    pub(super) fn sync(&self) -> Result<(), KeysFolderError> {
        self.disk
            .sync_folder(&self.path)
            .map_err(|cause| not_written("sync", &self.path, cause))
    }
}

/// The files of the MAC keys and data keys that `after` has and `before` has not.
fn others_added<'a>(
    before: Option<&'a KeyRing>,
    after: &'a KeyRing,
) -> impl Iterator<Item = (SecretKind, String)> + 'a {
    let mac = added(before.map_or(&[], KeyRing::mac), after.mac());
    let data = added(before.map_or(&[], KeyRing::data), after.data());
    let mac = mac.map(|key| (SecretKind::Mac, mac_file(key.id)));
    mac.chain(data.map(|key| (SecretKind::Data, data_file(key.id))))
}

/// The keys that are new. The number of a key that is gone may belong to a new key, and the time of
/// publication tells them apart. A revocation moves a time that lies ahead of the clock back; then
/// the key that had the number was not gone.
fn added<'a>(
    before: &'a [NumberedEntry],
    after: &'a [NumberedEntry],
) -> impl Iterator<Item = &'a NumberedEntry> {
    let is_same = |old: &NumberedEntry, key: &NumberedEntry| {
        let (was_at, is_at) = (old.times.published_at, key.times.published_at);
        let is_gone = old.times.retired_at.is_some() || old.times.revoked_at.is_some();
        old.id == key.id && (was_at == is_at || was_at > is_at && !is_gone)
    };
    after
        .iter()
        .filter(move |key| !before.iter().any(|old| is_same(old, key)))
}

fn not_written(what: &'static str, path: &Path, cause: io::Error) -> KeysFolderError {
    let path = path.to_owned();
    KeysFolderError::NotWritten { what, path, cause }
}
