//! Encrypting the secrets of a folder that has them in the clear, and back.
//!
//! Each file is written anew beside the old one and takes its name by a rename, so a crash leaves
//! files of both kinds. A server with the passphrase can read both; running it again does the rest.

use rand::CryptoRng;
use signet_core::keys::AtRest;
use signet_core::keys::secret_file::{is_plain, rewrite};
use signet_verifier::Timestamp;

use super::files::files_of;
use super::{KeysFolder, KeysFolderError};

impl KeysFolder {
    /// Lets every secret lie as `to` says, with the passphrase of this folder; says how many files
    /// were written anew. Nothing is changed unless all of them can be read.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError::NoPassphrase`], or the folder cannot be read or written.
    pub fn rewrite(
        &self,
        to: AtRest,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<usize, KeysFolderError> {
        let passphrase = self.passphrase.as_ref();
        let passphrase = passphrase.ok_or(KeysFolderError::NoPassphrase)?;
        self.ring()?;
        let _lock = self.lock()?;
        let checked = self.load(now)?.ring;
        self.finish_interrupted(Some(&checked))?;
        self.remove_unneeded(&checked, now)?;
        let mut written = 0;
        for name in files_of(&checked).filter(|name| self.file(name).exists()) {
            let (path, text) = self.read_secret_file(&name)?;
            let text = rewrite(&text, to, passphrase, rng);
            let text = text.map_err(|cause| KeysFolderError::BadSecret { path, cause })?;
            if let Some(text) = text {
                let beside = format!("rewritten-{name}");
                self.write(&beside, &text)?;
                self.replace(&beside, &name)?;
                written += 1;
            }
        }
        if written > 0 {
            self.sync()?;
        }
        Ok(written)
    }
    /// Counts the secrets that are not encrypted although this folder has a passphrase.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`] if the ring or a secret cannot be read.
    pub fn count_unencrypted(&self) -> Result<usize, KeysFolderError> {
        if self.passphrase.is_none() {
            return Ok(0);
        }
        let mut unencrypted = 0;
        for name in files_of(&self.ring()?) {
            match self.read_secret_file(&name) {
                Err(KeysFolderError::Missing { .. }) => {}
                read => unencrypted += usize::from(is_plain(&read?.1)),
            }
        }
        Ok(unencrypted)
    }
}
