//! Who administers: the bearer of a token that opens `/admin`, which is a program or the command line,
//! or a person at the operator page.

use signet_core::admin::{AdminAccess, AdminScope};
use signet_core::ids::AccountId;
use signet_core::names::ADMIN_SCOPE;
use signet_verifier::{Claims, Error};

use crate::bearer::BearerError;
use crate::flows::Flows;
use crate::origin::{Actor, Caller, Reach, RequestOrigin};
use crate::own_token::OwnToken;

/// A program or a person that may administer. Only the checks make one.
#[derive(Clone, Debug)]
pub struct Administrator {
    subject: String,
    reach: Reach,
}

impl Administrator {
    /// This administrator as the caller of a flow.
    pub fn caller<'a>(&'a self, origin: &'a RequestOrigin) -> Caller<'a> {
        let actor = Actor::Administrator {
            subject: &self.subject,
            reach: self.reach,
        };
        Caller::acting(actor, origin)
    }
}

impl Administrator {
    /// A person whose account has these scopes.
    pub(crate) fn person(id: AccountId, scopes: &[AdminScope]) -> Self {
        Self {
            subject: id.to_string(),
            reach: Reach::with(scopes.contains(&AdminScope::Everything)),
        }
    }
}

impl Reach {
    fn with(everything: bool) -> Self {
        if everything {
            Self::Everything
        } else {
            Self::Limited
        }
    }
}

impl Flows {
    /// Verifies a token that opens a request to `/admin` and looks it up on the deny list.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub async fn authenticate_administrator(
        &self,
        token: &str,
        access: AdminAccess,
    ) -> Result<Administrator, BearerError> {
        let token = OwnToken::verify(self, token)?;
        // First, so that a person's own token is told that it may not, and not that it is invalid.
        require_one_scope(&token.claims, access)?;
        if !token.claims.aud.iter().any(|aud| aud == ADMIN_SCOPE) {
            return Err(Error::AudienceMismatch.into());
        }
        // A person who signs in with a client has the scopes of that client: not enough here.
        if token.account_id.is_some() || token.claims.act.is_some() {
            return Err(BearerError::WrongKind);
        }
        if token.is_denied(self).await? {
            return Err(BearerError::Denied);
        }
        let reach = Reach::with(token.claims.has_scope(AdminScope::Everything.as_str()));
        Ok(Administrator {
            subject: token.claims.sub,
            reach,
        })
    }
}

/// Fails with the narrowest scope that opens the request if the token has none that does.
fn require_one_scope<Extra>(claims: &Claims<Extra>, access: AdminAccess) -> Result<(), Error> {
    if access
        .opened_by()
        .any(|scope| claims.has_scope(scope.as_str()))
    {
        return Ok(());
    }
    let narrowest = access.opened_by().next().unwrap_or(AdminScope::Everything);
    claims.require_scope(narrowest.as_str())
}
