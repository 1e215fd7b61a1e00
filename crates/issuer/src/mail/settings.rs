//! Where mail is handed in, and how its connection is secured. This module must not know what a mail is.

use std::path::Path;

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use signet_core::secret::SecretText;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use url::Url;

/// Where mail is handed in, and whom it comes from.
#[derive(Clone, Debug)]
pub(crate) struct SmtpSettings {
    url: SecretText,
    authority: Option<Certificate>,
    /// The sender of every mail.
    pub(crate) from: Mailbox,
}

/// The reasons why a mail server cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SmtpProblem {
    /// The URL has another form.
    Url,
    /// The URL asks for no TLS, so an authority has no use.
    NotEncrypted,
    /// The certificates of the authority cannot be used.
    Authority,
}

/// When a connection is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Security {
    Never,
    /// After STARTTLS, which the mail server must offer.
    StartTls,
    AtOnce,
}

impl SmtpSettings {
    /// Takes `smtps://USER:PASSWORD@HOST` and the like.
    ///
    /// # Errors
    ///
    /// [`SmtpProblem`]
    pub(crate) fn new(
        url: SecretText,
        from: Mailbox,
        authority: Option<Certificate>,
    ) -> Result<Self, SmtpProblem> {
        let settings = Self {
            url,
            authority,
            from,
        };
        settings.builder().map(|_| settings.clone())
    }

    /// The transport, before its pool is set.
    ///
    /// # Errors
    ///
    /// [`SmtpProblem`]
    pub(super) fn builder(&self) -> Result<AsyncSmtpTransportBuilder, SmtpProblem> {
        let url = Url::parse(self.url.expose()).map_err(|_| SmtpProblem::Url)?;
        let security = Security::of(&url).ok_or(SmtpProblem::Url)?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(self.url.expose());
        let builder = builder.map_err(|_| SmtpProblem::Url)?;
        let Some(authority) = &self.authority else {
            return Ok(builder);
        };
        let host = url.host_str().ok_or(SmtpProblem::Url)?.to_owned();
        let parameters = TlsParameters::builder(host)
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority.clone())
            .build();
        let parameters = parameters.map_err(|_| SmtpProblem::Authority)?;
        match security {
            Security::Never => Err(SmtpProblem::NotEncrypted),
            Security::StartTls => Ok(builder.tls(Tls::Required(parameters))),
            Security::AtOnce => Ok(builder.tls(Tls::Wrapper(parameters))),
        }
    }
}

impl Security {
    /// `None` for what this server does not do: TLS that an attacker on the way can leave out.
    fn of(url: &Url) -> Option<Self> {
        let tls = url.query_pairs().find(|(name, _)| name == "tls");
        let tls = tls.map(|(_, value)| value.into_owned());
        match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => Some(Self::AtOnce),
            ("smtp", Some("required")) => Some(Self::StartTls),
            ("smtp", None) => Some(Self::Never),
            _ => None,
        }
    }
}

/// Reads the certificates of the authority that signs the certificate of the mail server.
///
/// # Errors
///
/// A sentence for the operator.
pub(crate) fn read_authority(path: &str) -> Result<Certificate, String> {
    let pem = std::fs::read(Path::new(path));
    let pem = pem.map_err(|error| format!("cannot be read: {error}"))?;
    let count = CertificateDer::pem_slice_iter(&pem).flatten();
    match (count.count(), Certificate::from_pem(&pem)) {
        (1.., Ok(certificates)) => Ok(certificates),
        _ => Err("must name a file with certificates in PEM".to_owned()),
    }
}
