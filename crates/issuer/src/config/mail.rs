//! The settings of mail and of the pages that its links lead to.

use std::path::PathBuf;
use std::sync::Arc;

use lettre::message::Mailbox;
use signet_core::secret::SecretText;
use signet_flows::mail::{Language, LinkPage, LinkPages, Templates};

use super::reader::Reader;
use super::urls::PublicUrl;
use crate::mail::{SmtpProblem, SmtpSettings, read_authority};

/// How mail is written and sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server.
    pub(crate) smtp: SmtpSettings,
    /// The language for people who asked for none that there is.
    pub(crate) language: Language,
    /// The words.
    pub(crate) templates: Arc<Templates>,
}

/// Reads the settings of mail. The inner `None` says that no mail is sent.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(reader: &mut Reader) -> Option<Option<MailSettings>> {
    let url = reader.optional("smtp.url", |text| {
        Ok::<_, String>(SecretText::new(text.to_owned()))
    });
    let from = reader.optional("smtp.from", |text| {
        text.parse::<Mailbox>()
            .map_err(|_| "must be an address, such as Example <no-reply@example.com>")
    });
    let authority = reader.optional("smtp.ca_file", read_authority);
    let language = reader.required("mail.language", str::parse::<Language>);
    let templates = reader.optional("mail.templates", |path| {
        Templates::from_folder(&PathBuf::from(path))
    });
    let (language, templates, authority) = (language?, templates?, authority?);
    let (url, from) = match (url?, from?) {
        (None, None) if authority.is_some() => {
            return reader.refuse("smtp.ca_file", "needs smtp.url");
        }
        (None, None) => return Some(None),
        (Some(url), Some(from)) => (url, from),
        (Some(_), None) => return reader.refuse("smtp.from", "is required with smtp.url"),
        (None, Some(_)) => return reader.refuse("smtp.url", "is required with smtp.from"),
    };
    let smtp = match SmtpSettings::new(url, from, authority) {
        Ok(smtp) => smtp,
        Err(SmtpProblem::Url) => return reader.refuse("smtp.url", UNUSABLE),
        Err(SmtpProblem::NotEncrypted) => return reader.refuse("smtp.ca_file", NOT_ENCRYPTED),
        Err(SmtpProblem::Authority) => {
            return reader.refuse("smtp.ca_file", "holds a certificate that cannot be used");
        }
    };
    Some(Some(MailSettings {
        smtp,
        language,
        templates: Arc::new(templates.unwrap_or_else(Templates::built_in)),
    }))
}

/// Reads where links lead: the pages of the product, or those of Signet.
pub(super) fn read_pages(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Option<LinkPages> {
    let mut page = |key: &'static str| {
        let set = reader.optional(key, str::parse::<LinkPage>)?;
        let name = key.trim_start_matches("links.");
        let own = format!("{}/links/{name}?token={{token}}", public_url?);
        set.or_else(|| own.parse().ok())
    };
    let reset = page("links.reset");
    let verify = page("links.verify");
    let invite = page("links.invite");
    let email = page("links.email");
    Some(LinkPages {
        reset: reset?,
        verify: verify?,
        invite: invite?,
        email: email?,
    })
}

const UNUSABLE: &str = "must be smtps://USER:PASSWORD@HOST, smtp://HOST?tls=required or smtp://HOST; \
                        write special characters of user and password as %40 and the like";
const NOT_ENCRYPTED: &str = "needs smtps:// or ?tls=required in smtp.url";
