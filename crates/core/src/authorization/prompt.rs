//! The parameter `prompt`: what a client wants a person to be asked (OpenID Connect Core 1.0
//! section 3.1.2.1).

use serde::{Deserialize, Serialize};

/// What a client wants a person to be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Prompt {
    /// Nothing: an error takes the place of a page.
    Nothing,
    /// What is needed, and these pages in any case.
    Ask {
        /// Sign in again.
        login: bool,
        /// Consent again.
        consent: bool,
        /// Choose the account.
        account: bool,
    },
}

impl Prompt {
    /// Reads the parameter.
    ///
    /// # Errors
    ///
    /// [`InvalidPrompt`] for an unknown value, or for `none` beside another value.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, InvalidPrompt> {
        let (mut login, mut consent, mut account, mut nothing) = (false, false, false, false);
        for value in text.unwrap_or_default().split_ascii_whitespace() {
            match value {
                "none" => nothing = true,
                "login" => login = true,
                "consent" => consent = true,
                "select_account" => account = true,
                _ => return Err(InvalidPrompt),
            }
        }
        match (nothing, login || consent || account) {
            (true, true) => Err(InvalidPrompt),
            (true, false) => Ok(Self::Nothing),
            (false, _) => Ok(Self::Ask {
                login,
                consent,
                account,
            }),
        }
    }
}

/// The text is not a combination of values that there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("prompt must be none, or some of login, consent and select_account")]
pub struct InvalidPrompt;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone_and_others_combine() {
        let ask = |login, consent, account| Prompt::Ask {
            login,
            consent,
            account,
        };
        for (text, prompt) in [
            (None, Ok(ask(false, false, false))),
            (Some(""), Ok(ask(false, false, false))),
            (Some("none"), Ok(Prompt::Nothing)),
            (Some("login consent"), Ok(ask(true, true, false))),
            (Some("select_account"), Ok(ask(false, false, true))),
            (Some("none login"), Err(InvalidPrompt)),
            (Some("create"), Err(InvalidPrompt)),
        ] {
            assert_eq!(Prompt::read(text), prompt, "{text:?}");
        }
    }
}
