//! What people see: mail, the pages that its links lead to, and the pages of the sign-in.

use signet_core::account::RegistrationMode;
use signet_flows::mail::LinkPages;

use crate::config::client_documents::ClientDocumentSettings;
use crate::config::mail::MailSettings;
use crate::config::pages::PageSettings;
use crate::config::reader::Reader;
use crate::config::urls::PublicUrl;
use crate::config::{client_documents, mail, pages};

/// Registration, mail and pages.
#[expect(
    clippy::option_option,
    reason = "the outer one says that the value is wrong, the inner one is the setting"
)]
pub(super) struct Pages {
    pub(super) mail: Option<Option<MailSettings>>,
    pub(super) registration: Option<RegistrationMode>,
    pub(super) link_targets: Option<LinkPages>,
    pub(super) look: Option<PageSettings>,
    pub(super) client_documents: Option<Option<ClientDocumentSettings>>,
}

impl Pages {
    pub(super) fn read(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Self {
        let mail = mail::read(reader);
        let registration = registration(reader, mail.as_ref());
        let link_targets = mail::read_pages(reader, public_url);
        let look = pages::read(reader, public_url);
        let client_documents = client_documents::read(reader);
        Self {
            mail,
            registration,
            link_targets,
            look,
            client_documents,
        }
    }
}

/// Who may register. Answers by mail need a mail server.
fn registration(
    reader: &mut Reader,
    mail: Option<&Option<MailSettings>>,
) -> Option<RegistrationMode> {
    let mode = reader.required("registration", str::parse)?;
    if mode == RegistrationMode::Mail && mail.is_some_and(Option::is_none) {
        return reader.refuse("registration", MAIL_WITHOUT_SERVER);
    }
    Some(mode)
}

const MAIL_WITHOUT_SERVER: &str = "is mail, but no mail server is set; set smtp.url and smtp.from";
