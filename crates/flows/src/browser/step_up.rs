//! Step-up of a browser sign-in: the person proves once more who they are. No token is issued.

use super::BrowserSession;
use crate::flows::Flows;
use crate::origin::RequestOrigin;
use crate::step_up::{Proof, StepUpError};

impl Flows {
    /// Steps up a browser sign-in: changes of the account need no other proof for a while.
    ///
    /// # Errors
    ///
    /// [`StepUpError`]
    pub async fn step_up_browser(
        &self,
        browser: &BrowserSession,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<(), StepUpError> {
        let noted = self.note_proof(browser.bearer(), proof, origin);
        noted.await.map(drop)
    }

    /// Whether changes of the account need no other proof at the moment.
    ///
    /// # Errors
    ///
    /// [`StepUpError`]
    pub async fn has_fresh_proof(
        &self,
        browser: &BrowserSession,
        origin: &RequestOrigin,
    ) -> Result<bool, StepUpError> {
        match self.prove(browser.bearer(), Proof::default(), origin).await {
            Ok(_) => Ok(true),
            Err(StepUpError::Required(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
