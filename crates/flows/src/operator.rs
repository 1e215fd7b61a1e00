//! People who administer: their account has a role with the name of a scope of the administration
//! API, and they sign in at the operator page.
//!
//! What they do there is done as an [`Administrator`] with the same scopes. A change needs a fresh
//! proof besides. This module must not know pages.

use signet_core::admin::{AdminAccess, AdminScope};
use signet_core::secret::SecretText;
use signet_core::session::SignInPlace;
use signet_store::StoreError;

use crate::administrator::Administrator;
use crate::browser::BrowserSession;
use crate::flows::Flows;
use crate::origin::RequestOrigin;
use crate::step_up::StepUpError;

/// A person who is signed in at the operator page. Only the check of the cookie makes one.
#[derive(Debug)]
pub struct Operator {
    browser: BrowserSession,
    scopes: Vec<AdminScope>,
}

/// Why a person may not change something.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// No role of the account names a scope that opens this.
    #[error("the roles of the account do not allow this")]
    NotAllowed,
    /// The person must prove first who they are.
    #[error("a fresh proof is required")]
    ProofRequired,
    /// The proof could not be checked.
    #[error(transparent)]
    Proof(#[from] StepUpError),
}

impl Operator {
    /// The sign-in of the person.
    pub fn browser(&self) -> &BrowserSession {
        &self.browser
    }

    /// Returns the person as an administrator who reads; `None` if no role allows it.
    pub fn admitted(&self, access: AdminAccess) -> Option<Administrator> {
        let mut opened_by = access.opened_by();
        let opens = opened_by.any(|scope| self.scopes.contains(&scope));
        opens.then(|| Administrator::person(self.browser.account().id, &self.scopes))
    }
}

impl Flows {
    /// Checks the cookie of the operator page. `None` if the sign-in is over or was not at the operator
    /// page, or if the account does not administer.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn operator(
        &self,
        cookie: Option<&SecretText>,
        origin: &RequestOrigin,
    ) -> Result<Option<Operator>, StoreError> {
        let place = SignInPlace::OperatorPage;
        let Some(browser) = self.browser_session(place, cookie, origin).await? else {
            return Ok(None);
        };
        let scopes = AdminScope::of_roles(&browser.account().roles);
        Ok((!scopes.is_empty()).then_some(Operator { browser, scopes }))
    }

    /// Returns the person as an administrator who changes something.
    ///
    /// # Errors
    ///
    /// [`OperatorError`]
    pub async fn operator_who_changes(
        &self,
        operator: &Operator,
        access: AdminAccess,
        origin: &RequestOrigin,
    ) -> Result<Administrator, OperatorError> {
        let admitted = operator.admitted(access);
        let administrator = admitted.ok_or(OperatorError::NotAllowed)?;
        if self.has_fresh_proof(&operator.browser, origin).await? {
            Ok(administrator)
        } else {
            Err(OperatorError::ProofRequired)
        }
    }
}
