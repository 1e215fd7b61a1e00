//! The rules of a client for the people who sign in with it.

use super::logo_uri::LogoUri;
use super::redirect_uri::{CallbackUri, RedirectUri};
use crate::account::MfaPolicy;
use crate::names::{Role, Scope};

/// What a client requires of people, and what their first tokens say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignInRules {
    /// A person must have one of these roles; anyone may sign in if there are none.
    pub required_roles: Vec<Role>,
    /// The scopes of access tokens for which a request names none; all scopes of the session if
    /// there is no list. Without `account` here, only the refresh token reaches `/auth`.
    pub scopes: Option<Vec<Scope>>,
    /// Whether a person needs a second factor to sign in.
    pub mfa: MfaPolicy,
    /// How browsers are sent to it and back.
    pub by_redirect: RedirectRules,
}

/// How browsers are sent to a client and back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RedirectRules {
    /// Where a browser may be sent with a code; without any, the client does not use sign-in by redirect.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// What is called when a session of the client ends.
    pub backchannel_logout_uri: Option<CallbackUri>,
    /// Whether it belongs to the operator, so that people are not asked for their consent.
    pub first_party: bool,
    /// The picture that pages show beside its name.
    pub logo_uri: Option<LogoUri>,
}

impl RedirectRules {
    /// Whether a browser may be sent to `requested` with a code.
    pub fn admit(&self, requested: &RedirectUri) -> bool {
        let mut registered = self.redirect_uris.iter();
        registered.any(|registered| registered.admits(requested))
    }

    /// Whether a browser may be sent to `requested` after signing out.
    pub fn admit_after_logout(&self, requested: &RedirectUri) -> bool {
        let mut registered = self.post_logout_redirect_uris.iter();
        registered.any(|registered| registered.admits(requested))
    }
}

impl SignInRules {
    /// Whether a person with these roles may sign in.
    pub fn admit(&self, roles: &[Role]) -> bool {
        let mut required = self.required_roles.iter();
        self.required_roles.is_empty() || required.any(|role| roles.contains(role))
    }

    /// The scopes of an access token for which a request names none, in a session with `granted`.
    pub fn first_scopes(&self, granted: &[Scope]) -> Vec<Scope> {
        match &self.scopes {
            None => granted.to_vec(),
            Some(first) => {
                let first = first.iter().filter(|scope| granted.contains(scope));
                first.cloned().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &str) -> Vec<Role> {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn any_of_the_required_roles_is_enough() {
        let rules = SignInRules {
            required_roles: roles("staff admin"),
            ..SignInRules::default()
        };
        for (own, admitted) in [
            ("", false),
            ("guest", false),
            ("admin", true),
            ("x staff", true),
        ] {
            assert_eq!(rules.admit(&roles(own)), admitted, "{own}");
        }
        assert!(SignInRules::default().admit(&[]));
    }

    #[test]
    fn first_scopes_never_exceed_the_session() {
        let scope = |name: &str| name.parse::<Scope>().unwrap();
        let rules = SignInRules {
            scopes: Some(vec![scope("read"), scope("write")]),
            ..SignInRules::default()
        };
        let granted = [scope("account"), scope("read")];
        assert_eq!(rules.first_scopes(&granted), [scope("read")]);
        assert_eq!(SignInRules::default().first_scopes(&granted), granted);
    }
}
