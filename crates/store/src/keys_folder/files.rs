//! What the files of the folder are called, and who may read them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use signet_core::keys::{KeyRing, Kid};
use zeroize::Zeroizing;

use super::disk::{FILE_MODE, FOLDER_MODE};
use super::{KeysFolder, KeysFolderError};

/// The ring.
pub(super) const RING_FILE: &str = "keyring.json";

/// The lock of a command that changes the folder.
pub(super) const LOCK_FILE: &str = ".lock";

/// What the name of a file begins with until the ring names its key.
pub(super) const STAGED: &str = ".staged-";

/// The file of a signing key's private half.
pub(super) fn signing_file(kid: &Kid) -> String {
    format!("signing-{kid}.pem")
}

/// The file of a key that tags refresh tokens.
pub(super) fn mac_file(id: u8) -> String {
    format!("mac-{id}.pem")
}

/// The file of a data key.
pub(super) fn data_file(id: u8) -> String {
    format!("data-{id}.pem")
}

/// Every file that may be there for a key of the ring, gone keys included.
pub(super) fn files_of(ring: &KeyRing) -> impl Iterator<Item = String> {
    let signing = ring.signing().iter().map(|key| signing_file(key.kid()));
    let mac = ring.mac().iter().map(|key| mac_file(key.id));
    let data = ring.data().iter().map(|key| data_file(key.id));
    signing.chain(mac).chain(data)
}

impl KeysFolder {
    pub(super) fn has_ring(&self) -> Result<bool, KeysFolderError> {
        let path = self.file(RING_FILE);
        path.try_exists().map_err(|cause| unreadable(&path, cause))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where a file lies until the ring names its key.
    pub(super) fn staged(&self, name: &str) -> PathBuf {
        self.path.join(format!("{STAGED}{name}"))
    }

    /// Refuses a folder that another user owns, or that group or others have rights to. On a
    /// read-only mount only the modes of the files count: Kubernetes mounts a Secret as a folder
    /// that root owns and everyone can enter.
    pub(super) fn check_folder(&self) -> Result<(), KeysFolderError> {
        if self.is_read_only()? {
            return Ok(());
        }
        self.check_owner()?;
        refuse_bits(&self.path, &self.metadata()?, 0o077, FOLDER_MODE)
    }

    /// Refuses a folder that another user owns. That user could replace the keys, and could not
    /// read the files that this process writes.
    pub(super) fn check_owner(&self) -> Result<(), KeysFolderError> {
        let (owner, user) = (self.metadata()?.uid(), self.disk.user());
        if owner == user {
            return Ok(());
        }
        let folder = self.path.clone();
        Err(KeysFolderError::OtherOwner {
            folder,
            owner,
            user,
        })
    }

    fn metadata(&self) -> Result<Metadata, KeysFolderError> {
        fs::metadata(&self.path).map_err(|cause| unreadable(&self.path, cause))
    }

    /// Refuses files that no key of `ring` owns. Hidden files are not ours to judge.
    pub(super) fn refuse_foreign_files(
        &self,
        ring: Option<&KeyRing>,
    ) -> Result<(), KeysFolderError> {
        let known: HashSet<OsString> = ring
            .into_iter()
            .flat_map(files_of)
            .chain(NOT_KEYS.map(str::to_owned))
            .map(OsString::from)
            .collect();
        for name in self.names()? {
            let hidden = name.as_encoded_bytes().starts_with(b".");
            if !hidden && !known.contains(&name) {
                let path = self.path.join(name);
                return Err(KeysFolderError::Foreign { path });
            }
        }
        Ok(())
    }

    /// The names of everything in the folder.
    pub(super) fn names(&self) -> Result<Vec<OsString>, KeysFolderError> {
        let entries = fs::read_dir(&self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|cause| unreadable(&self.path, cause))?;
        Ok(entries.into_iter().map(|entry| entry.file_name()).collect())
    }

    /// Reads the ring. It holds no secret, so others may read it, but never write it.
    pub(super) fn read_ring(&self) -> Result<KeyRing, KeysFolderError> {
        let path = self.file(RING_FILE);
        let text = match read(&path, 0o022) {
            Err(KeysFolderError::Missing { .. }) => return Err(self.no_ring()),
            text => text?,
        };
        KeyRing::from_json(&text).map_err(|cause| KeysFolderError::BadRing { path, cause })
    }

    /// Reads the secret in the file `name`, under its staged name if a crash has left it there.
    pub(super) fn read_secret_file(
        &self,
        name: &str,
    ) -> Result<(PathBuf, Zeroizing<String>), KeysFolderError> {
        let forbidden = if self.is_read_only()? { 0o027 } else { 0o077 };
        // In this order, for a file may get its name between the two looks.
        for path in [self.staged(name), self.file(name)] {
            match read(&path, forbidden) {
                Err(KeysFolderError::Missing { .. }) => {}
                text => return Ok((path, text?)),
            }
        }
        let path = self.file(name);
        Err(KeysFolderError::Missing { path })
    }

    fn is_read_only(&self) -> Result<bool, KeysFolderError> {
        let read_only = self.disk.is_read_only(&self.path);
        read_only.map_err(|cause| unreadable(&self.path, cause))
    }

    pub(super) fn no_ring(&self) -> KeysFolderError {
        let folder = self.path.clone();
        KeysFolderError::NoRing { folder }
    }
}

fn read(path: &Path, forbidden: u32) -> Result<Zeroizing<String>, KeysFolderError> {
    let metadata = fs::metadata(path).map_err(|cause| missing_or_unreadable(path, cause))?;
    if !metadata.is_file() {
        let cause = io::Error::other("it is not a file");
        return Err(unreadable(path, cause));
    }
    refuse_bits(path, &metadata, forbidden, FILE_MODE)?;
    let mut text = Zeroizing::new(String::with_capacity(USUAL_FILE_BYTES));
    let file = fs::File::open(path).map_err(|cause| missing_or_unreadable(path, cause))?;
    file.take(MAX_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(|cause| unreadable(path, cause))?;
    Ok(text)
}

fn refuse_bits(
    path: &Path,
    metadata: &Metadata,
    forbidden: u32,
    wanted: u32,
) -> Result<(), KeysFolderError> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & forbidden == 0 {
        return Ok(());
    }
    let path = path.to_owned();
    Err(KeysFolderError::OpenToOthers { path, mode, wanted })
}

fn missing_or_unreadable(path: &Path, cause: io::Error) -> KeysFolderError {
    if cause.kind() == io::ErrorKind::NotFound {
        let path = path.to_owned();
        return KeysFolderError::Missing { path };
    }
    unreadable(path, cause)
}

pub(super) fn unreadable(path: &Path, cause: io::Error) -> KeysFolderError {
    let path = path.to_owned();
    KeysFolderError::Unreadable { path, cause }
}

/// What may lie in the folder without being a key: the ring, the page about the folder, and what
/// a file system keeps in its root.
const NOT_KEYS: [&str; 3] = [RING_FILE, "README.md", "lost+found"];

/// Room for the PEM of a 4096-bit key, in bytes, so that no copy of it is left in freed memory.
const USUAL_FILE_BYTES: usize = 8 * 1024;

/// More than any ring needs, in bytes: an entry has about 600, or 1,000 with 4096 bits.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
