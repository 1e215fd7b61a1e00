//! Which client certificates the operations listener accepts: those of the configured authorities,
//! and its own.
//!
//! Commands on the machine of the server show the server's own certificate. A program that holds its
//! key could already pose as the server, so this opens nothing more.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Accepts the own certificate, and leaves every other one to `signed`.
#[derive(Debug)]
pub(super) struct OwnOrSigned {
    signed: Arc<dyn ClientCertVerifier>,
    own: Option<CertificateDer<'static>>,
}

impl OwnOrSigned {
    pub(super) fn new(
        signed: Arc<dyn ClientCertVerifier>,
        own: Option<CertificateDer<'static>>,
    ) -> Self {
        Self { signed, own }
    }
}

impl ClientCertVerifier for OwnOrSigned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.signed.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.own.as_ref() == Some(end_entity) {
            return Ok(ClientCertVerified::assertion());
        }
        self.signed
            .verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.supported_verify_schemes()
    }
}
