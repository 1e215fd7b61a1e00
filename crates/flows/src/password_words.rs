//! The words that a new password of an account must not consist of.

use signet_core::account::DisplayName;
use signet_core::password::{Password, PasswordProblem, check_context_words};

use crate::flows::Flows;

impl Flows {
    /// Checks a new password against the words in the name of its owner and of this service.
    ///
    /// # Errors
    ///
    /// [`PasswordProblem::ContextWord`]
    pub(crate) fn check_words(
        &self,
        password: &Password,
        name: Option<&DisplayName>,
    ) -> Result<(), PasswordProblem> {
        let names = [
            Some(self.settings.totp_issuer.as_str()),
            name.map(DisplayName::as_str),
        ];
        let whole = names.into_iter().flatten();
        let words = whole.clone().flat_map(str::split_whitespace);
        check_context_words(password, whole.chain(words))
    }
}
