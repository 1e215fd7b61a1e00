//! Backups and exports that the operator's passphrase encrypts. SQLite reads and writes plain files
//! only, so a plain copy exists in a private folder while a command works. Must not know what is in
//! the files.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rand::CryptoRng;
use signet_core::encrypted_stream::{
    EncryptedStream, HEAD_BYTES, MAGIC, PIECE_BYTES, StreamError, TAG_BYTES,
};
use signet_core::keys::Passphrase;
use tempfile::TempDir;

use crate::private_file::{create_new, sync_folder_of};

/// Why a file was not encrypted or decrypted. Each sentence names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EncryptedFileError {
    /// A file would be overwritten.
    #[error("{} exists; name another file", .0.display())]
    Exists(PathBuf),
    /// The file is plain.
    #[error("{} is not encrypted; leave out --passphrase-file", .0.display())]
    Plain(PathBuf),
    /// The file is encrypted, and no passphrase was given.
    #[error("{} is encrypted; name the file with its passphrase with --passphrase-file", .0.display())]
    Encrypted(PathBuf),
    /// The file cannot be decrypted.
    #[error("{}: {cause}; {}", path.display(), way_out(*.cause))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: StreamError,
    },
    /// The disk refuses.
    #[error("cannot use {}: {cause}; choose the folder of plain copies with TMPDIR", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
}

fn way_out(cause: StreamError) -> &'static str {
    match cause {
        StreamError::WrongPassphrase => "name the file with the right passphrase",
        StreamError::NotAStream | StreamError::Changed => "use another copy of the file",
    }
}

/// A folder with mode 0700 for the plain copy of a file. It is removed with everything in it.
pub struct PlainCopy {
    _folder: TempDir,
    file: PathBuf,
}

impl PlainCopy {
    /// Makes the folder in `parent`. The copy has the name of `original`.
    ///
    /// # Errors
    ///
    /// [`EncryptedFileError`]
    pub fn beneath(parent: &Path, original: &Path) -> Result<Self, EncryptedFileError> {
        let made = tempfile::Builder::new()
            .prefix("signet-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent);
        let folder = made.map_err(failed(parent))?;
        let file = folder.path().join(original.file_name().unwrap_or_default());
        Ok(Self {
            _folder: folder,
            file,
        })
    }

    /// Where the copy is.
    pub fn path(&self) -> &Path {
        &self.file
    }
}

/// Encrypts the file `plain` into a new file with mode 0600, and flushes it.
///
/// # Errors
///
/// [`EncryptedFileError`]. Then there is no new file, unless it was there before.
pub fn encrypt_file(
    plain: &Path,
    into: &Path,
    passphrase: &Passphrase,
    rng: &mut impl CryptoRng,
) -> Result<(), EncryptedFileError> {
    let unreadable = unreadable(plain);
    let mut stream = EncryptedStream::begin(passphrase, rng).map_err(unreadable)?;
    let mut source = Pieces::open(plain, PIECE_BYTES)?;
    write_new(into, |target| {
        target.write_all(stream.head()).map_err(failed(into))?;
        copy(&mut source, (target, into), |piece, is_last| {
            stream.seal(piece, is_last).map_err(unreadable)
        })
    })
}

/// Decrypts a file of [`encrypt_file`] into a new file with mode 0600.
///
/// # Errors
///
/// [`EncryptedFileError`]. Then there is no new file, unless it was there before.
pub fn decrypt_file(
    encrypted: &Path,
    into: &Path,
    passphrase: &Passphrase,
) -> Result<(), EncryptedFileError> {
    if !is_encrypted(encrypted)? {
        return Err(EncryptedFileError::Plain(encrypted.to_owned()));
    }
    let unreadable = unreadable(encrypted);
    let mut source = Pieces::open(encrypted, PIECE_BYTES + TAG_BYTES)?;
    let mut head = [0; HEAD_BYTES];
    source.reader.read_exact(&mut head).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof {
            unreadable(StreamError::Changed)
        } else {
            failed(encrypted)(error)
        }
    })?;
    let mut stream = EncryptedStream::open(head, passphrase).map_err(unreadable)?;
    write_new(into, |target| {
        copy(&mut source, (target, into), |piece, is_last| {
            stream.unseal(piece, is_last).map_err(unreadable)
        })
    })
}

/// Fails if the file is encrypted. A file that cannot be read is refused elsewhere.
///
/// # Errors
///
/// [`EncryptedFileError::Encrypted`]
pub fn refuse_encrypted(path: &Path) -> Result<(), EncryptedFileError> {
    match is_encrypted(path) {
        Ok(true) => Err(EncryptedFileError::Encrypted(path.to_owned())),
        Ok(false) | Err(_) => Ok(()),
    }
}

fn is_encrypted(path: &Path) -> Result<bool, EncryptedFileError> {
    let file = File::open(path).map_err(failed(path))?;
    let mut begin = Vec::new();
    let limit = MAGIC.len() as u64;
    let read = file.take(limit).read_to_end(&mut begin);
    read.map_err(failed(path))?;
    Ok(begin == MAGIC)
}

/// A file that is read piece by piece.
struct Pieces<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    bytes: usize,
}

impl<'a> Pieces<'a> {
    fn open(path: &'a Path, bytes: usize) -> Result<Self, EncryptedFileError> {
        let file = File::open(path).map_err(failed(path))?;
        let reader = BufReader::with_capacity(bytes, file);
        Ok(Self {
            path,
            reader,
            bytes,
        })
    }

    /// Reads the next piece into `piece`. Returns whether it is the last, which may be empty.
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, EncryptedFileError> {
        piece.clear();
        let limit = self.bytes as u64;
        let read = self.reader.by_ref().take(limit).read_to_end(piece);
        read.map_err(failed(self.path))?;
        let rest = io::BufRead::fill_buf(&mut self.reader).map_err(failed(self.path))?;
        Ok(rest.is_empty())
    }
}

/// Copies piece by piece, each changed by `change`.
fn copy(
    source: &mut Pieces<'_>,
    (target, into): (&mut BufWriter<&File>, &Path),
    mut change: impl FnMut(&mut Vec<u8>, bool) -> Result<(), EncryptedFileError>,
) -> Result<(), EncryptedFileError> {
    let mut piece = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
    loop {
        let is_last = source.next(&mut piece)?;
        change(&mut piece, is_last)?;
        target.write_all(&piece).map_err(failed(into))?;
        if is_last {
            return Ok(());
        }
    }
}

/// Makes a file, and removes it if it cannot be written whole.
fn write_new(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), EncryptedFileError>,
) -> Result<(), EncryptedFileError> {
    let file = create_new(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => EncryptedFileError::Exists(path.to_owned()),
        _ => failed(path)(error),
    })?;
    let mut target = BufWriter::new(&file);
    let written = write(&mut target);
    let flushed = written.and_then(|()| {
        let flushed = target.flush().and_then(|()| file.sync_all());
        let flushed = flushed.and_then(|()| sync_folder_of(path));
        flushed.map_err(failed(path))
    });
    if flushed.is_err() {
        let _partial = fs::remove_file(path);
    }
    flushed
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> EncryptedFileError + Copy + '_ {
    move |cause| EncryptedFileError::File {
        path: path.to_owned(),
        cause,
    }
}

fn unreadable(path: &Path) -> impl FnOnce(StreamError) -> EncryptedFileError + Copy + '_ {
    move |cause| EncryptedFileError::Unreadable {
        path: path.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests;
