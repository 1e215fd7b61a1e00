//! The files of a certificate: where they are, what they hold, and whether they have changed.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

/// The files of the certificate of one listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The table of the settings, such as `tls`.
    pub table: &'static str,
    /// The certificate and the chain behind it, in PEM.
    pub cert_file: PathBuf,
    /// The private key, in PEM.
    pub key_file: PathBuf,
    /// The authorities of client certificates, in PEM; if it is set, every client needs one.
    pub client_ca_file: Option<PathBuf>,
}

/// Files hold no certificate that can be used. Each text begins with the setting.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{setting}: cannot read {}: {source}", path.display())]
    Unreadable {
        /// The setting that names the file.
        setting: String,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file is not the expected PEM.
    #[error("{setting}: {} holds no {expected} in PEM: {reason}", path.display())]
    NotPem {
        /// The setting that names the file.
        setting: String,
        /// The file.
        path: PathBuf,
        /// What the file should hold.
        expected: &'static str,
        /// The reason.
        reason: pem::Error,
    },
    /// The certificate and the key do not fit, or one of them is of an unknown kind.
    #[error(
        "{table}.cert_file: the certificate cannot be used with the key of {table}.key_file: {reason}"
    )]
    Unusable {
        /// The table of the settings.
        table: &'static str,
        /// The reason.
        reason: rustls::Error,
    },
    /// The authorities of client certificates cannot be used.
    #[error("{table}.client_ca_file: the authorities cannot be used: {reason}")]
    UnusableAuthorities {
        /// The table of the settings.
        table: &'static str,
        /// The reason.
        reason: String,
    },
}

impl TlsFiles {
    /// The certificate, and the chain behind it.
    pub(super) fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        self.certificates("cert_file", &self.cert_file)
    }

    /// The authorities of client certificates, if clients need one.
    pub(super) fn authorities(&self) -> Result<Option<Vec<CertificateDer<'static>>>, TlsError> {
        let file = self.client_ca_file.as_ref();
        file.map(|path| self.certificates("client_ca_file", path))
            .transpose()
    }

    /// The private key.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        let text = self.read("key_file", &self.key_file)?;
        let key = PrivateKeyDer::from_pem_slice(&text);
        key.map_err(|reason| self.not_pem("key_file", &self.key_file, "private key", reason))
    }

    /// The error of a certificate and key that rustls does not accept.
    pub(super) fn unusable(&self, reason: rustls::Error) -> TlsError {
        TlsError::Unusable {
            table: self.table,
            reason,
        }
    }

    fn certificates(
        &self,
        key: &str,
        path: &Path,
    ) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let text = self.read(key, path)?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = read.and_then(|found| {
            let is_some = !found.is_empty();
            is_some.then_some(found).ok_or(pem::Error::NoItemsFound)
        });
        found.map_err(|reason| self.not_pem(key, path, "certificate", reason))
    }

    fn read(&self, key: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
        let read = fs::read(path).map(Zeroizing::new);
        read.map_err(|source| TlsError::Unreadable {
            setting: format!("{}.{key}", self.table),
            path: path.to_owned(),
            source,
        })
    }

    fn not_pem(
        &self,
        key: &str,
        path: &Path,
        expected: &'static str,
        reason: pem::Error,
    ) -> TlsError {
        TlsError::NotPem {
            setting: format!("{}.{key}", self.table),
            path: path.to_owned(),
            expected,
            reason,
        }
    }
}

/// What changes when a file is written or replaced, also by way of a symbolic link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp(Vec<Option<[i64; 5]>>);

impl Stamp {
    pub(crate) fn of(files: &TlsFiles) -> Self {
        let authorities = files.client_ca_file.iter();
        let all = [&files.cert_file, &files.key_file]
            .into_iter()
            .chain(authorities);
        Self(all.map(|path| stamp(path)).collect())
    }
}

fn stamp(path: &Path) -> Option<[i64; 5]> {
    let file = fs::metadata(path).ok()?;
    let number = |number: u64| i64::from_ne_bytes(number.to_ne_bytes());
    Some([
        file.mtime(),
        file.mtime_nsec(),
        number(file.len()),
        number(file.ino()),
        number(file.dev()),
    ])
}
