//! Names in tokens: client ids, roles, audiences, scopes and custom claims.
//!
//! The only way to a value of these types is a check, so no other code checks them again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// The maximum length of a client id, role or audience, in characters.
pub const MAX_NAME_LENGTH: usize = 100;

/// The maximum length of a scope, in characters. RFC 6749 sets no limit, but a token of 4 KiB must
/// have room for several scopes.
pub const MAX_SCOPE_LENGTH: usize = 100;

/// The text breaks the rule for its kind of name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind} must be {rule}")]
pub struct InvalidName {
    kind: &'static str,
    rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                let check: fn(&str) -> bool = $check;
                if check(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName { kind: $kind, rule: $rule })
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The id of a client. It never has the form of a UUID, so that `sub` is not ambiguous.
    ClientId, "a client id", "1 to 100 of [A-Za-z0-9._:/-], neither \"-\" nor shaped like a UUID",
    |text| is_name(text) && uuid::Uuid::try_parse(text).is_err()
}

name! {
    /// A role of an account. The services that read the token define its meaning.
    Role, "a role", "1 to 100 of [A-Za-z0-9._:/-], and not \"-\"", is_name
}

name! {
    /// A service that a token is for: its `aud`.
    Audience, "an audience", "1 to 100 of [A-Za-z0-9._:/-], and not \"-\"", is_name
}

name! {
    /// One scope token, RFC 6749 section 3.3: printable ASCII without space, `"` and `\`.
    Scope, "a scope", "1 to 100 printable ASCII characters without space, \" and \\", is_scope
}

name! {
    /// The name of a custom claim. It is never a claim that Signet or a standard defines.
    ClaimName, "a custom claim",
    "1 to 100 of [A-Za-z0-9._:/-], not \"-\" and not a claim that Signet or a standard defines",
    |text| is_name(text) && !RESERVED_CLAIMS.contains(&text)
}

/// Claims of access tokens, ID tokens and standards. Only the issuer may set them, so a custom
/// claim must not have such a name.
const RESERVED_CLAIMS: [&str; 34] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "client_id",
    "sid",
    "scope",
    "scopes",
    "roles",
    "groups",
    "entitlements",
    "auth_time",
    "amr",
    "acr",
    "act",
    "may_act",
    "cnf",
    "status",
    "nonce",
    "azp",
    "at_hash",
    "c_hash",
    "typ",
    "email",
    "email_verified",
    "name",
    "events",
    "authorization_details",
    "scp",
    "token_type",
    "active",
];

impl ClientId {
    /// Returns the subject of a person at the command line. `name` follows the rule for client ids;
    /// the result is too long if it has more than 80 characters.
    ///
    /// # Errors
    ///
    /// [`InvalidName`]
    pub fn of_operator(name: &str) -> Result<Self, InvalidName> {
        name.parse::<Self>()?;
        format!("{COMMAND_LINE_CLIENT}:{name}").parse()
    }

    /// Returns whether this is the client of the command line, or a person at it.
    pub fn is_command_line(&self) -> bool {
        let rest = self.0.strip_prefix(COMMAND_LINE_CLIENT);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// Returns whether the server uses this id itself. Such a client is never registered.
    pub fn is_built_in(&self) -> bool {
        let own = [BUILT_IN_CLIENT, BROWSER_CLIENT, OPERATOR_CLIENT];
        own.contains(&self.as_str()) || self.is_command_line()
    }

    /// Returns the id of the client of sign-ins that name no client.
    pub fn built_in() -> Self {
        Self(BUILT_IN_CLIENT.to_owned())
    }

    /// Returns the id in sessions of people at this server itself.
    pub fn browser() -> Self {
        Self(BROWSER_CLIENT.to_owned())
    }

    /// Returns the id in sessions of people at the operator page.
    pub fn operator_page() -> Self {
        Self(OPERATOR_CLIENT.to_owned())
    }
}

impl Scope {
    /// Returns the scope that allows requests to `/auth`.
    pub(crate) fn account() -> Self {
        Self(ACCOUNT_SCOPE.to_owned())
    }

    /// Returns the scope that allows every request to `/admin`.
    pub fn administration() -> Self {
        Self(ADMIN_SCOPE.to_owned())
    }

    /// Returns whether the scope opens requests to `/admin`.
    pub fn administers(&self) -> bool {
        is_of_administrators(&self.0)
    }
}

impl Role {
    /// Returns whether the role lets its owner administer on the operator page.
    pub fn administers(&self) -> bool {
        is_of_administrators(&self.0)
    }
}

fn is_of_administrators(name: &str) -> bool {
    let rest = name.strip_prefix(ADMIN_SCOPE);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// The scope that allows requests to `/auth`.
pub const ACCOUNT_SCOPE: &str = "account";

/// The scope that asks for an ID token and lets its holder read about the person.
pub const OPENID_SCOPE: &str = "openid";

/// The scope that asks for a refresh token (OpenID Connect Core 1.0 section 11).
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes of OpenID Connect that every client may ask for.
pub(crate) fn identity_scopes() -> impl Iterator<Item = Scope> {
    let names = [OPENID_SCOPE, "profile", "email", OFFLINE_ACCESS];
    names.into_iter().filter_map(|name| name.parse().ok())
}

/// The scope that allows every request to `/admin`, and the audience of its tokens. Narrower scopes
/// begin with it and a colon.
pub const ADMIN_SCOPE: &str = "signet:admin";

/// The client of sign-ins that name no client.
pub const BUILT_IN_CLIENT: &str = "signet";

/// The client in browser sign-ins: sessions of people at this server itself. It is not registered.
pub const BROWSER_CLIENT: &str = "signet:browser";

/// The client in sign-ins at the operator page. It is not registered.
pub const OPERATOR_CLIENT: &str = "signet:operator";

/// The client of the tokens of `signet admin token`. It is not registered. The `sub` of such a token
/// is this id, a colon and the name of the person who made it.
pub const COMMAND_LINE_CLIENT: &str = "signet:command-line";

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_LENGTH).contains(&text.len())
        && text != "-"
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte))
}

fn is_scope(text: &str) -> bool {
    (1..=MAX_SCOPE_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_names_follow_the_rules() {
        assert_eq!(BUILT_IN_CLIENT.parse(), Ok(ClientId::built_in()));
        assert_eq!(BROWSER_CLIENT.parse(), Ok(ClientId::browser()));
        assert_eq!(OPERATOR_CLIENT.parse(), Ok(ClientId::operator_page()));
        assert_eq!(ACCOUNT_SCOPE.parse(), Ok(Scope::account()));
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!("orders".parse::<Audience>().is_ok());
        assert!("https://api.example:8080/v1".parse::<Audience>().is_ok());
        for text in ["", "-", "a b", "é", "a\0", &"a".repeat(101)] {
            assert!(text.parse::<Audience>().is_err(), "{text}");
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_client_id_never_looks_like_an_account() {
        assert!(
            "67e55044-10b1-426f-9247-bb680e5fe0c8"
                .parse::<ClientId>()
                .is_err()
        );
        assert!(
            "67E5504410b1426f9247bb680e5fe0c8"
                .parse::<ClientId>()
                .is_err()
        );
        assert!(BUILT_IN_CLIENT.parse::<ClientId>().is_ok());
    }

    #[test]
    fn a_person_at_the_command_line_has_a_name_below_its_client() {
        let ada = ClientId::of_operator("ada").unwrap();
        assert_eq!(ada.as_str(), "signet:command-line:ada");
        assert!(ada.is_command_line());
        assert!(ClientId(COMMAND_LINE_CLIENT.to_owned()).is_command_line());
        assert!(!ClientId("signet:command-lines".to_owned()).is_command_line());
        assert!(ClientId::of_operator(&"a".repeat(80)).is_ok());
        for name in ["", "-", "ada lovelace", &"a".repeat(81)] {
            assert!(ClientId::of_operator(name).is_err(), "{name}");
        }
    }

    #[test]
    fn scopes_below_that_of_administration_administer() {
        for (scope, administers) in [
            ("signet:admin", true),
            ("signet:admin:read", true),
            ("signet:administrators", false),
            ("orders:read", false),
        ] {
            assert_eq!(
                Scope(scope.to_owned()).administers(),
                administers,
                "{scope}"
            );
        }
    }

    #[test]
    fn scopes_follow_rfc_6749() {
        assert!("orders:read".parse::<Scope>().is_ok());
        for text in ["", "a b", "a\"", "a\\", "\u{7f}", "é"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }
}
