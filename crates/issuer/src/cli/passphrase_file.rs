//! Files of commands that a passphrase encrypts.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use signet_core::keys::Passphrase;
use signet_flows::random::system_rng;
use signet_store::{PlainCopy, decrypt_file, encrypt_file, refuse_encrypted};

use crate::config::read_passphrase;

/// The option of a command that writes a file.
#[derive(Args, Debug)]
pub(super) struct EncryptFlags {
    /// Encrypt what is written with the passphrase in the first line of this file
    #[arg(long, value_name = "FILE", requires = "file")]
    passphrase_file: Option<PathBuf>,
}

/// The option of a command that reads a file.
#[derive(Args, Debug)]
pub(super) struct DecryptFlags {
    /// Decrypt what is read with the passphrase in the first line of this file
    #[arg(long, value_name = "FILE", requires = "file")]
    passphrase_file: Option<PathBuf>,
}

/// A file that a command writes.
pub(super) struct WrittenFile<'a> {
    path: &'a Path,
    encryption: Option<(Passphrase, PlainCopy)>,
}

/// A file that a command reads.
pub(super) struct ReadFile<'a> {
    path: &'a Path,
    decrypted: Option<PlainCopy>,
}

impl EncryptFlags {
    /// The file that a command is about to write.
    ///
    /// # Errors
    ///
    /// When there is no passphrase in the named file, or no folder for the plain copy.
    pub(super) fn written<'a>(&self, path: &'a Path) -> Result<WrittenFile<'a>, Box<dyn Error>> {
        let encryption = match passphrase(self.passphrase_file.as_deref())? {
            Some(passphrase) => Some((passphrase, plain_copy(path)?)),
            None => None,
        };
        Ok(WrittenFile { path, encryption })
    }
}

impl DecryptFlags {
    /// The file that a command is about to read, decrypted if it is encrypted.
    ///
    /// # Errors
    ///
    /// When the file cannot be decrypted, or needs a passphrase that was not named.
    pub(super) fn read<'a>(&self, path: &'a Path) -> Result<ReadFile<'a>, Box<dyn Error>> {
        let Some(passphrase) = passphrase(self.passphrase_file.as_deref())? else {
            refuse_encrypted(path)?;
            return Ok(ReadFile {
                path,
                decrypted: None,
            });
        };
        let copy = plain_copy(path)?;
        decrypt_file(path, copy.path(), &passphrase)?;
        Ok(ReadFile {
            path,
            decrypted: Some(copy),
        })
    }
}

impl WrittenFile<'_> {
    /// Where the command writes.
    pub(super) fn plain(&self) -> &Path {
        match &self.encryption {
            Some((_, copy)) => copy.path(),
            None => self.path,
        }
    }

    /// Encrypts what the command has written, if a passphrase was named. Returns whether it was.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn finish(self) -> Result<bool, Box<dyn Error>> {
        let Some((passphrase, copy)) = self.encryption else {
            return Ok(false);
        };
        encrypt_file(copy.path(), self.path, &passphrase, &mut system_rng())?;
        Ok(true)
    }
}

impl ReadFile<'_> {
    /// Where the command reads.
    pub(super) fn plain(&self) -> &Path {
        self.decrypted.as_ref().map_or(self.path, PlainCopy::path)
    }
}

fn passphrase(path: Option<&Path>) -> Result<Option<Passphrase>, String> {
    path.map(|path| {
        let read = read_passphrase(path);
        read.map_err(|problem| format!("--passphrase-file {problem}"))
    })
    .transpose()
}

fn plain_copy(of: &Path) -> Result<PlainCopy, Box<dyn Error>> {
    let copy = PlainCopy::beneath(&std::env::temp_dir(), of);
    Ok(copy?)
}
