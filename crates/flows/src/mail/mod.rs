//! Mail: the kinds of mail, their words, and what a sender gets.
//!
//! This module must not know when mail is sent, or how a sender speaks to a mail server.

mod kind;
mod language;
mod pages;
mod payload;
mod render;
mod templates;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use signet_core::account::Email;
use signet_core::ids::MailId;
use signet_verifier::Timestamp;

pub use kind::MailKind;
pub use language::{Language, UnknownLanguage};
pub use pages::{InvalidLinkPage, LinkPage, LinkPages};
pub(crate) use payload::{Message, Payload};
pub(crate) use render::render;
pub use templates::{TemplateError, Templates};

/// How mail is written and sent.
#[derive(Clone)]
pub struct MailSettings {
    /// What hands mail to a mail server.
    pub sender: Arc<dyn MailSender>,
    /// The name of the product, as readers know it.
    pub product: String,
    /// The language for people who asked for none that there is.
    pub language: Language,
    /// The words.
    pub templates: Arc<Templates>,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailSettings(..)")
    }
}

/// Hands mail to a mail server.
#[async_trait]
pub trait MailSender: Send + Sync {
    /// Sends one mail, with a deadline. `Ok` says that the mail server has accepted it.
    async fn send(&self, mail: &RenderedMail) -> Result<(), SendError>;
}

/// A mail in full, ready to be sent.
pub struct RenderedMail {
    /// Which mail; every attempt to send it has the same id.
    pub id: MailId,
    /// When it is sent.
    pub at: Timestamp,
    /// Who gets it.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedMail(..)")
    }
}

/// Why a mail was not sent. It holds nothing that the mail server has said, which may repeat an
/// address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// The mail server will never accept it.
    #[error("the mail server refuses it with code {0}")]
    Refused(u16),
    /// No mail can be made for this address.
    #[error("no mail can be sent to its address")]
    Unsendable,
    /// The mail server cannot accept it now.
    #[error("the mail server answers with code {0}")]
    Later(u16),
    /// The mail server cannot be reached, or does not answer in time.
    #[error("the mail server cannot be reached; check smtp.url")]
    Unreachable,
    /// The connection could not be encrypted, or the certificate of the mail server is not trusted.
    #[error(
        "no secure connection to the mail server; check its certificate, smtp.url and smtp.ca_file"
    )]
    Insecure,
    /// The mail server does not offer what the settings require.
    #[error("the mail server does not offer what smtp.url requires, such as STARTTLS")]
    Unsuitable,
}

impl SendError {
    /// Whether another attempt may succeed.
    pub(crate) fn is_temporary(self) -> bool {
        match self {
            Self::Refused(_) | Self::Unsendable => false,
            Self::Later(_) | Self::Unreachable | Self::Insecure | Self::Unsuitable => true,
        }
    }
}
