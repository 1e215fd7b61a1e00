//! The period in which the certificate of a listener is valid.
//!
//! The times are read by the library that clients check certificates with. It is asked whether the
//! certificate is valid at a time, and its refusal names the limit.

use std::time::Duration;

use signet_verifier::Timestamp;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

use super::files::{TlsError, TlsFiles};
use super::server_config::provider;

/// Where a time lies in the period of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CertificateValidity {
    /// The certificate is valid, and stays so for longer than the notice.
    Valid,
    /// The certificate is valid, and ends at this time, within the notice.
    EndsAt(Timestamp),
    /// The certificate ended at this time.
    EndedAt(Timestamp),
    /// The certificate is not valid before this time.
    BeginsAt(Timestamp),
}

/// Reads the certificate of these files, without the chain behind it. `notice` is how long before
/// its end a certificate ends soon.
///
/// # Errors
///
/// [`TlsError`] if the file holds no certificate.
pub(crate) fn validity(
    files: &TlsFiles,
    now: Timestamp,
    notice: Duration,
) -> Result<CertificateValidity, TlsError> {
    let chain = files.chain()?;
    let Some(own) = chain.first() else {
        return Ok(CertificateValidity::Valid);
    };
    let limit_at = |time| limit(own, time).map_err(|reason| files.unusable(reason));
    let found = match limit_at(now)? {
        Some(Limit::Start(at)) => CertificateValidity::BeginsAt(at),
        Some(Limit::End(at)) => CertificateValidity::EndedAt(at),
        None => match limit_at(now.saturating_add(notice))? {
            Some(Limit::End(at)) => CertificateValidity::EndsAt(at),
            Some(Limit::Start(_)) | None => CertificateValidity::Valid,
        },
    };
    Ok(found)
}

/// The limit of the period that a time lies outside of.
enum Limit {
    Start(Timestamp),
    End(Timestamp),
}

/// The limit that a time exceeds, if it exceeds one. No authority is known here, so a certificate
/// within its period is refused for that.
fn limit(certificate: &CertificateDer<'_>, time: Timestamp) -> Result<Option<Limit>, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    let algorithms = provider().signature_verification_algorithms.all;
    let none = RootCertStore::empty();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(time.as_seconds()));
    let checked = verify_server_cert_signed_by_trust_anchor(&parsed, &none, &[], time, algorithms);
    let timestamp = |time: UnixTime| Timestamp::from_seconds(time.as_secs());
    let exceeded = match checked {
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
            not_before, ..
        })) => Some(Limit::Start(timestamp(not_before))),
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Some(Limit::End(timestamp(not_after)))
        }
        Ok(()) | Err(_) => None,
    };
    Ok(exceeded)
}
