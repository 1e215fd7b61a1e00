//! Whether clients of a host accept the certificate of a listener: its names, compared as clients
//! compare them.

use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::server::ParsedCertificate;

use super::files::{TlsError, TlsFiles};

/// Returns whether the certificate of these files names `host`, the host of a URL.
///
/// # Errors
///
/// [`TlsError`] if the file holds no certificate.
pub(crate) fn is_for_host(files: &TlsFiles, host: &str) -> Result<bool, TlsError> {
    let chain = files.chain()?;
    let Some(own) = chain.first() else {
        return Ok(false);
    };
    let parsed = ParsedCertificate::try_from(own).map_err(|reason| files.unusable(reason))?;
    // An address of IP version 6 has brackets in a URL.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host);
    Ok(name.is_ok_and(|name| verify_server_name(&parsed, &name).is_ok()))
}
