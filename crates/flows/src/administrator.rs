//! The bearer of a token that opens `/admin`: a program's or the command line's, never a person's.

use signet_core::names::ADMIN_SCOPE;
use signet_verifier::Policy;

use crate::bearer::BearerError;
use crate::flows::Flows;
use crate::origin::{Actor, Caller, RequestOrigin};
use crate::own_token::{LEEWAY, OwnToken};

/// A program that may administer. Only the check makes one.
#[derive(Clone, Debug)]
pub struct Administrator {
    subject: String,
}

impl Administrator {
    /// This administrator as the caller of a flow.
    pub fn caller<'a>(&'a self, origin: &'a RequestOrigin) -> Caller<'a> {
        Caller::acting(Actor::Administrator(&self.subject), origin)
    }
}

impl Flows {
    /// Verifies a token that opens `/admin` and looks it up on the deny list.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub async fn authenticate_administrator(
        &self,
        token: &str,
    ) -> Result<Administrator, BearerError> {
        let policy = Policy::new(self.settings.issuer.as_str(), ADMIN_SCOPE)
            .require_scope(ADMIN_SCOPE)
            .leeway(LEEWAY);
        let token = OwnToken::verify_by(self, token, &policy)?;
        // A person who signs in with a client has the scopes of that client: not enough here.
        if token.account_id.is_some() || token.claims.act.is_some() {
            return Err(BearerError::WrongKind);
        }
        if token.is_denied(self).await? {
            return Err(BearerError::Denied);
        }
        Ok(Administrator {
            subject: token.claims.sub,
        })
    }
}
