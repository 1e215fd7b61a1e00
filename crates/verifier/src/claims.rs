//! What a verified token says, typed, under the names it has on the wire. Checks nothing but
//! what it is asked: scopes and roles.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::error::Error;

/// What a verified token says (RFC 9068 section 2.2). Only a [`Verifier`](crate::Verifier)
/// makes one, so whoever holds it knows that the checks have passed.
///
/// `Extra` is what your issuer adds to it: any type that serde can read from an object. It sees
/// the claims that have no field here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims<Extra = ()> {
    /// Who issued the token.
    pub iss: String,
    /// The account, or the client where no person is involved. Never empty.
    pub sub: String,
    /// For whom the token is; one of them is you.
    pub aud: Vec<String>,
    /// When the token ends.
    pub exp: Timestamp,
    /// When the token was issued.
    pub iat: Timestamp,
    /// From when on the token is valid; Signet leaves it out.
    pub nbf: Option<Timestamp>,
    /// The token's own id.
    pub jti: Option<String>,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// The session: one sign-in, through all its refreshes. Tokens of people have one.
    pub sid: Option<String>,
    /// The scopes, separated by spaces; empty if there are none.
    pub scope: String,
    /// The account's roles.
    pub roles: Vec<String>,
    /// When the person signed in.
    pub auth_time: Option<Timestamp>,
    /// How the person signed in (RFC 8176).
    pub amr: Vec<String>,
    /// Who acts on behalf of `sub` (RFC 8693 section 4.1).
    pub act: Option<Actor>,
    /// The sender's key, if the policy accepts tokens that are bound to one.
    pub cnf: Option<Confirmation>,
    /// The claims that have no field here.
    pub extra: Extra,
}

impl<Extra> Claims<Extra> {
    /// Each scope of the token.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether the token has this scope. Scopes are case-sensitive.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// Whether the token has at least one of these roles.
    pub fn has_any_role<R: AsRef<str>>(&self, roles: impl IntoIterator<Item = R>) -> bool {
        roles
            .into_iter()
            .any(|role| self.roles.iter().any(|own| own == role.as_ref()))
    }

    /// Demands a scope.
    ///
    /// # Errors
    /// [`Error::ScopeMissing`], a 403 that names the scope.
    pub fn require_scope(&self, scope: &str) -> Result<(), Error> {
        if self.has_scope(scope) {
            return Ok(());
        }
        Err(Error::ScopeMissing {
            required: scope.into(),
        })
    }

    /// Demands at least one of these roles.
    ///
    /// # Errors
    /// [`Error::RoleMissing`], a 403.
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

/// Somebody who acts on behalf of another (RFC 8693 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Actor {
    /// The client or account that acts.
    pub sub: String,
    /// On whose behalf that one acted before, for information only.
    pub act: Option<Box<Actor>>,
}

/// The key that a sender has to prove (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Confirmation {
    /// Thumbprint of a `DPoP` key (RFC 9449 section 6.1).
    pub jkt: Option<String>,
    /// Thumbprint of a client certificate (RFC 8705 section 3.1).
    #[serde(rename = "x5t#S256")]
    pub x5t_s256: Option<String>,
}
