//! Where the links in mails lead.

use std::str::FromStr;

use super::MailKind;

/// The pages of the links, one for each kind of link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkPages {
    /// Where a new password is set.
    pub reset: LinkPage,
    /// Where an address is confirmed.
    pub verify: LinkPage,
    /// Where an invitation is accepted.
    pub invite: LinkPage,
    /// Where a new address is confirmed.
    pub email: LinkPage,
}

impl LinkPages {
    /// The page that a mail of this kind leads to, if it has a link.
    pub fn of(&self, kind: MailKind) -> Option<&LinkPage> {
        match kind {
            MailKind::Reset => Some(&self.reset),
            MailKind::Verify => Some(&self.verify),
            MailKind::Invitation | MailKind::Registration => Some(&self.invite),
            MailKind::ChangeEmail => Some(&self.email),
            MailKind::AccountExists
            | MailKind::EmailChangeRequested
            | MailKind::EmailChanged
            | MailKind::FactorChanged
            | MailKind::NewDevice
            | MailKind::PasswordChanged
            | MailKind::SessionReuse
            | MailKind::SignInAttempts => None,
        }
    }
}

/// A URL with `{token}` in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkPage(String);

impl LinkPage {
    /// The URL with this token.
    pub fn with_token(&self, token: &str) -> String {
        self.0.replace(TOKEN, token)
    }
}

impl FromStr for LinkPage {
    type Err = InvalidLinkPage;

    /// Accepts `http` and `https` URLs that have `{token}` exactly once, behind the host.
    fn from_str(text: &str) -> Result<Self, InvalidLinkPage> {
        let rest = text.strip_prefix("https://");
        let rest = rest.or_else(|| text.strip_prefix("http://"));
        let (host, path) = rest
            .and_then(|rest| rest.split_once('/'))
            .ok_or(InvalidLinkPage)?;
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let safe = !text.contains(['"', '<', '>', '\\']);
        if host.is_empty() || !printable || !safe || path.matches(TOKEN).count() != 1 {
            return Err(InvalidLinkPage);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The text is not a URL with a place for a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be a URL with {{token}} in it once, such as https://app.example.com/reset?token={{token}}"
)]
pub struct InvalidLinkPage;

const TOKEN: &str = "{token}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_place_for_the_token() {
        let page: LinkPage = "https://app.example.com/reset?token={token}#x"
            .parse()
            .unwrap();
        assert_eq!(
            page.with_token("t1"),
            "https://app.example.com/reset?token=t1#x"
        );
        for text in [
            "",
            "{token}",
            "/reset?token={token}",
            "ftp://app.example.com/{token}",
            "https://app.example.com/reset",
            "https:///{token}",
            "https://{token}/",
            "https://app.example.com/{token}/{token}",
            "https://app.example.com/ {token}",
            "https://app.example.com/\"{token}",
        ] {
            assert_eq!(text.parse::<LinkPage>(), Err(InvalidLinkPage), "{text}");
        }
    }
}
