//! The keys folder: the key ring and the secret halves of its keys, as files.
//!
//! A change is written so that a crash at any moment leaves a folder that can be read, with an
//! active and a next of everything: see [`commit`]. This module must not know when keys are
//! rotated (that is [`signet_core::keys`]) nor what is done with them.

mod change;
mod commit;
mod database_note;
mod disk;
mod error;
mod files;
mod key_generator;
mod load;
mod rewrite;
mod stamp;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{CryptoRng, SeedableRng as _};
use signet_core::keys::{KeyRing, KeySize, Lifetimes, Passphrase};
use signet_verifier::Timestamp;

pub use change::{ChangeOptions, RingChanged};
use disk::{Disk, RealDisk};
pub use error::KeysFolderError;
use key_generator::{KeyGenerator, ParallelGenerator};
pub use load::LoadedKeys;
pub use stamp::FolderStamp;

/// A folder of keys on a disk.
#[derive(Clone, Debug)]
pub struct KeysFolder {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    generator: Arc<dyn KeyGenerator>,
    passphrase: Option<Passphrase>,
}

/// What a new ring is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InitOptions {
    /// How large the signing keys are.
    pub size: KeySize,
    /// The longest lifetimes that are configured.
    pub longest: Lifetimes,
}

/// What became of making a ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Initialized {
    /// There is a new ring.
    Made,
    /// There was one already; nothing was changed.
    AlreadyThere,
}

impl KeysFolder {
    /// The folder at `path`, which need not exist yet. Nothing is read or written by this.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            disk: Arc::new(RealDisk),
            generator: Arc::new(ParallelGenerator),
            passphrase: None,
        }
    }

    /// The same folder, with its secrets encrypted. Unencrypted ones can still be read.
    #[must_use]
    pub fn encrypted_with(self, passphrase: Option<Passphrase>) -> Self {
        Self { passphrase, ..self }
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder and a first ring in it, unless there is one: safe to run twice, and at
    /// the same time. A folder that is there, as from a checkout, is closed to others first.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`], each with a sentence that says what to do.
    pub fn init(
        &self,
        options: &InitOptions,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Initialized, KeysFolderError> {
        if self.has_ring()? {
            return Ok(Initialized::AlreadyThere);
        }
        self.make_folder()?;
        let _lock = self.lock()?;
        if self.has_ring()? {
            return Ok(Initialized::AlreadyThere);
        }
        self.finish_interrupted(None)?;
        self.refuse_foreign_files(None)?;
        let keys = self
            .generator
            .generate(2, options.size, &mut StdRng::from_rng(rng))?;
        let publics = keys.iter().map(|key| key.public().clone());
        let made =
            KeyRing::init(publics, options.longest, now).map_err(|cause| self.bad_ring(cause))?;
        let secrets = self.secrets_added(None, &made, &keys, rng)?;
        self.commit(None, &made, &secrets)?;
        self.finish_interrupted(Some(&made))?;
        Ok(Initialized::Made)
    }

    /// The ring alone, without the secret halves.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`] when there is none or it cannot be used.
    pub fn ring(&self) -> Result<KeyRing, KeysFolderError> {
        if !self.has_ring()? {
            return Err(self.no_ring());
        }
        self.check_folder()?;
        self.read_ring()
    }
}

#[cfg(test)]
mod tests;
