//! Sending mail over SMTP (RFC 5321), with TLS as the URL says.
//!
//! What a mail server answers may repeat an address, so only its code leaves this file. This module
//! must not know what a mail is about.

use std::error::Error as _;
use std::fmt;
use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use signet_flows::mail::{MailSender, RenderedMail, SendError};

use super::settings::SmtpSettings;

/// A pool of connections to one mail server.
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Connects when the first mail is sent. `None` if the settings cannot be used.
    pub(crate) fn new(settings: &SmtpSettings) -> Option<Self> {
        let builder = settings.builder().ok()?;
        let domain = settings.from.email.domain().to_owned();
        let pool = PoolConfig::new().max_size(MAX_CONNECTIONS);
        Some(Self {
            transport: builder
                .hello_name(ClientId::Domain(domain))
                .timeout(Some(ANSWER_TIMEOUT))
                .pool_config(pool)
                .build(),
            from: settings.from.clone(),
        })
    }

    fn message(&self, mail: &RenderedMail) -> Option<Message> {
        let to: Address = mail.to.as_str().parse().ok()?;
        let at = Duration::from_millis(mail.at.as_millis());
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .date(SystemTime::UNIX_EPOCH.checked_add(at)?)
            .message_id(Some(format!("<{}@{domain}>", hex(mail.id.as_bytes()))))
            .raw_header(HeaderValue::new(
                AUTO_SUBMITTED,
                "auto-generated".to_owned(),
            ));
        let content = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        message.multipart(content).ok()
    }
}

#[async_trait]
impl MailSender for Smtp {
    async fn send(&self, mail: &RenderedMail) -> Result<(), SendError> {
        let message = self.message(mail).ok_or(SendError::Unsendable)?;
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(SendError::Unreachable),
        }
    }
}

fn reason(error: &Error) -> SendError {
    match error.status().map(u16::from) {
        Some(code) if error.is_permanent() => SendError::Refused(code),
        Some(code) => SendError::Later(code),
        None if is_about_tls(error) => SendError::Insecure,
        None if error.is_client() => SendError::Unsuitable,
        None => SendError::Unreachable,
    }
}

/// Whether TLS failed. The TLS library reports it as data that are invalid.
fn is_about_tls(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    error.is_tls()
}

/// Silent, because the transport holds a password.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// RFC 3834: no program answers such a mail.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
/// As many as the worker sends at once.
const MAX_CONNECTIONS: u32 = 10;
/// For each answer of the mail server.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// For a mail as a whole: far less than the lease of the worker.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
