//! The typed claims of a verified token, under their names in the token. Answers questions about
//! scopes and roles only.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::error::Error;
#[cfg(feature = "status")]
use crate::status::StatusClaim;

/// The claims of a verified token (RFC 9068 section 2.2). Only a [`Verifier`](crate::Verifier)
/// makes one, so the checks have passed.
///
/// `Extra` holds the claims that have no field here, for example those that your issuer adds. It is
/// any type that serde can read from an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims<Extra = ()> {
    /// The issuer of the token.
    pub iss: String,
    /// The account, or the client if the token belongs to a program. Never empty.
    pub sub: String,
    /// The audiences of the token. The policy accepts at least one of them.
    pub aud: Vec<String>,
    /// When the token expires.
    pub exp: Timestamp,
    /// When the token was issued.
    pub iat: Timestamp,
    /// When the token becomes valid. Signet does not set it.
    pub nbf: Option<Timestamp>,
    /// The id of the token.
    pub jti: Option<String>,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// The session: one sign-in and all its refreshes. Tokens of people have one.
    pub sid: Option<String>,
    /// The scopes, separated by spaces; empty if there are none.
    pub scope: String,
    /// The account's roles.
    pub roles: Vec<String>,
    /// When the person signed in.
    pub auth_time: Option<Timestamp>,
    /// The methods by which the person signed in (RFC 8176).
    pub amr: Vec<String>,
    /// The client or account that acts on behalf of `sub` (RFC 8693 section 4.1).
    pub act: Option<Actor>,
    /// The key that the token is bound to, if the policy accepts such tokens.
    pub cnf: Option<Confirmation>,
    /// The entry of a status list. `extra` sees this claim as well.
    #[cfg(feature = "status")]
    pub(crate) status: StatusClaim,
    /// The claims that have no field here.
    pub extra: Extra,
}

impl<Extra> Claims<Extra> {
    /// Returns each scope of the token.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Returns whether the token has this scope. Scopes are case-sensitive.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// Returns whether the token has at least one of these roles.
    pub fn has_any_role<R: AsRef<str>>(&self, roles: impl IntoIterator<Item = R>) -> bool {
        roles
            .into_iter()
            .any(|role| self.roles.iter().any(|own| own == role.as_ref()))
    }

    /// Requires a scope.
    ///
    /// # Errors
    /// [`Error::ScopeMissing`]: status 403, and the challenge names the scope.
    pub fn require_scope(&self, scope: &str) -> Result<(), Error> {
        if self.has_scope(scope) {
            return Ok(());
        }
        Err(Error::ScopeMissing {
            required: scope.into(),
        })
    }

    /// Requires at least one of these roles.
    ///
    /// # Errors
    /// [`Error::RoleMissing`]: status 403.
    pub fn require_any_role<R: AsRef<str>>(
        &self,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<(), Error> {
        if self.has_any_role(roles) {
            Ok(())
        } else {
            Err(Error::RoleMissing)
        }
    }
}

/// A client or account that acts on behalf of another (RFC 8693 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Actor {
    /// The client or account that acts.
    pub sub: String,
    /// The previous actor, for information only.
    pub act: Option<Box<Actor>>,
}

/// The key whose possession a sender must prove (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Confirmation {
    /// Thumbprint of a `DPoP` key (RFC 9449 section 6.1).
    pub jkt: Option<String>,
    /// Thumbprint of a client certificate (RFC 8705 section 3.1).
    #[serde(rename = "x5t#S256")]
    pub x5t_s256: Option<String>,
}
