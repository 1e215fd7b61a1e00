//! Why the keys folder cannot be used or changed: sentences that name the file and say what to do.

use std::io;
use std::path::{Path, PathBuf};

use signet_core::keys::generate::GenerateError;
use signet_core::keys::signing_key::SigningError;
use signet_core::keys::{RingError, RingRefusal, SecretFileError};

/// A problem with the keys folder that the operator can fix.
#[derive(Debug, thiserror::Error)]
pub enum KeysFolderError {
    /// There is no folder, or no ring in it.
    #[error(
        "there is no key ring in {}: if this installation was used before, mount the folder or \
         restore it from its backup, because a new ring ends every session; for a new \
         installation, run `signet keys init`",
        folder.display()
    )]
    NoRing {
        /// The keys folder.
        folder: PathBuf,
    },
    /// There is no ring although a database exists.
    #[error(
        "there is no key ring in {}, but the database {} exists: mount the keys folder or restore it \
         from its backup; a new ring would end every session",
        folder.display(), database.display()
    )]
    LostRing {
        /// The keys folder.
        folder: PathBuf,
        /// The file of the database.
        database: PathBuf,
    },
    /// Group or others have rights that they must not have.
    #[error(
        "{} has mode {mode:04o}, so others could use the keys: run `chmod {wanted:o} {}`, and if \
         others may have read them, `signet keys revoke --all`",
        path.display(), path.display()
    )]
    OpenToOthers {
        /// The folder or file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// Another user owns the folder.
    #[error(
        "user {owner} owns {}, but signet runs as user {user}: {}",
        folder.display(), ways_to_own(folder, *owner, *user)
    )]
    OtherOwner {
        /// The keys folder.
        folder: PathBuf,
        /// The user id of its owner.
        owner: u32,
        /// The user id of this process.
        user: u32,
    },
    /// A file is not there although the ring names it.
    #[error("{} is missing: restore the folder from its backup", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file or the folder cannot be read.
    #[error("cannot read {}: {cause}; run signet as the owner of the keys folder", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// `keyring.json` cannot be used.
    #[error("{} cannot be used, {cause}: restore the folder from its backup", path.display())]
    BadRing {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: RingError,
    },
    /// A key file cannot be used.
    #[error("{} cannot be used: {cause}{}", path.display(), advice(*cause))]
    BadSecret {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: SecretFileError,
    },
    /// A key file holds another key than its name says.
    #[error("{} holds another key than its name says: restore the folder from its backup", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// A signing key that is whole makes no signature.
    #[error("a signing key in {} does not sign: {cause}. Restore the folder from its backup", folder.display())]
    DoesNotSign {
        /// The keys folder.
        folder: PathBuf,
        /// What the library said.
        #[source]
        cause: SigningError,
    },
    /// A file that no key of the ring owns.
    #[error("{} belongs to no key of the ring: move it out of the keys folder", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Secrets must be encrypted or decrypted, and no passphrase is set.
    #[error("no passphrase is set: set keys.passphrase or keys.passphrase_file")]
    NoPassphrase,
    /// Another command changed the folder first.
    #[error("another command has just changed {}: run this one again", folder.display())]
    Overtaken {
        /// The keys folder.
        folder: PathBuf,
    },
    /// A change could not be written. What was there can still be read.
    #[error("cannot {what} {}: {cause}; keys are changed where their folder can be written", path.display())]
    NotWritten {
        /// What was tried, for example `write`.
        what: &'static str,
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The ring does not allow the change, or not yet.
    #[error(transparent)]
    Refused(#[from] RingRefusal),
    /// No signing key could be made.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

/// What to do about a folder of another user. Root changes no owner: the server of that user could not
/// read its keys any more.
fn ways_to_own(folder: &Path, owner: u32, user: u32) -> String {
    if user == ROOT {
        return format!(
            "run signet as that user, for example `runuser -u $(id -nu {owner}) -- signet doctor`"
        );
    }
    let folder = folder.display();
    format!("run signet as user {owner}, or run `chown -R {user} {folder}`")
}

const ROOT: u32 = 0;

/// What to do about a key file, where the cause does not say it.
fn advice(cause: SecretFileError) -> &'static str {
    match cause {
        SecretFileError::NotAKey => ". Restore the folder from its backup",
        SecretFileError::Encrypted | SecretFileError::WrongPassphrase => {
            ". Set the passphrase that the folder was encrypted with"
        }
    }
}
