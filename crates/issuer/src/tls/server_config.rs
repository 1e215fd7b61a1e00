//! The configuration of rustls for a listener, made from the files of its certificate.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::files::{TlsError, TlsFiles};
use super::own_certificate::OwnOrSigned;

/// Reads the files. The result speaks TLS 1.2 and 1.3, and HTTP/2 and HTTP/1.1 by ALPN.
pub(super) fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let (chain, key) = (files.chain()?, files.key()?);
    let unusable = |reason| files.unusable(reason);
    let provider = provider();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(unusable)?;
    let builder = match client_verifier(files, chain.first(), &provider)? {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
    Ok(Arc::new(config))
}

fn client_verifier(
    files: &TlsFiles,
    own: Option<&CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let Some(authorities) = files.authorities()? else {
        return Ok(None);
    };
    let unusable = |reason: String| TlsError::UnusableAuthorities {
        table: files.table,
        reason,
    };
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots
            .add(authority)
            .map_err(|error| unusable(error.to_string()))?;
    }
    let signed =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let signed = signed.map_err(|error| unusable(error.to_string()))?;
    Ok(Some(Arc::new(OwnOrSigned::new(signed, own.cloned()))))
}

/// The cryptography of every connection.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The name of HTTP/2 in ALPN.
pub(crate) const HTTP_2: &[u8] = b"h2";
/// The name of HTTP/1.1 in ALPN.
const HTTP_1: &[u8] = b"http/1.1";
