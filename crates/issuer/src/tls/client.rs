//! How this program connects to its own listeners: to one with exactly the configured certificate,
//! or, for health checks, to any.
//!
//! Certificates are made for public names, and commands connect to an address of this machine. So
//! the whole certificate is compared, and no name.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
};

use super::files::{TlsError, TlsFiles};
use super::server_config::provider;

/// Connects only to a server with the certificate of these files. If the server asks for a client
/// certificate, it gets the same one.
///
/// # Errors
///
/// [`TlsError`] if the files cannot be used.
pub(crate) fn own_server(files: &TlsFiles) -> Result<Arc<ClientConfig>, TlsError> {
    let chain = files.chain()?;
    let builder = dangerous_builder(Expected::Exactly(chain.first().cloned()));
    let builder = builder.map_err(|reason| files.unusable(reason))?;
    if files.client_ca_file.is_none() {
        return Ok(Arc::new(builder.with_no_client_auth()));
    }
    let config = builder.with_client_auth_cert(chain, files.key()?);
    config
        .map(Arc::new)
        .map_err(|reason| files.unusable(reason))
}

/// Connects to a server with any certificate. Only for requests without secrets, whose answer says
/// no more than that the server is alive.
///
/// # Errors
///
/// Fails if the versions of TLS are unknown to the library.
pub(crate) fn any_server() -> Result<Arc<ClientConfig>, Error> {
    let builder = dangerous_builder(Expected::Anything)?;
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn dangerous_builder(expected: Expected) -> Result<Builder, Error> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    let builder =
        ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13, &TLS12])?;
    let verifier = OwnServer {
        expected,
        algorithms,
    };
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier)))
}

type Builder = tokio_rustls::rustls::ConfigBuilder<
    ClientConfig,
    tokio_rustls::rustls::client::WantsClientCert,
>;

#[derive(Debug)]
enum Expected {
    Exactly(Option<CertificateDer<'static>>),
    Anything,
}

#[derive(Debug)]
struct OwnServer {
    expected: Expected,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for OwnServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.expected {
            Expected::Exactly(Some(own)) if own == end_entity => {
                Ok(ServerCertVerified::assertion())
            }
            Expected::Anything => Ok(ServerCertVerified::assertion()),
            Expected::Exactly(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
