//! Custom claims: values that administrators set for the services that read an account's tokens.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::names::{ClaimName, InvalidName};

/// A JSON object of at most 1 KiB whose members may be copied into access tokens. `Debug` hides
/// it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AccountClaims(BTreeMap<ClaimName, Value>);

/// The maximum size of an account's claims, in bytes of JSON. They are sent with every request.
const MAX_CLAIMS_BYTES: usize = 1_024;

impl AccountClaims {
    /// Checks the members of a JSON object.
    ///
    /// # Errors
    ///
    /// [`InvalidClaims`] if a name is reserved or malformed, or the object is too long.
    pub fn from_object(object: Map<String, Value>) -> Result<Self, InvalidClaims> {
        let mut claims = BTreeMap::new();
        for (name, value) in object {
            claims.insert(ClaimName::try_from(name)?, value);
        }
        let claims = Self(claims);
        if claims.to_json().len() > MAX_CLAIMS_BYTES {
            return Err(InvalidClaims::TooLong);
        }
        Ok(claims)
    }

    /// Parses the output of [`AccountClaims::to_json`].
    ///
    /// # Errors
    ///
    /// [`InvalidClaims`] if the text is not a JSON object, or the claims are invalid.
    pub fn from_json(text: &str) -> Result<Self, InvalidClaims> {
        if text.len() > MAX_CLAIMS_BYTES {
            return Err(InvalidClaims::TooLong);
        }
        Self::from_object(serde_json::from_str(text).map_err(|_| InvalidClaims::NotAnObject)?)
    }

    /// Returns the claims as JSON text.
    pub fn to_json(&self) -> String {
        // A map with text keys always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns whether there are no claims.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the `wanted` claims that the account has, in the order of `wanted`.
    pub fn select<'a>(&'a self, wanted: &'a [ClaimName]) -> Vec<(&'a ClaimName, &'a Value)> {
        let found = |name| Some((name, self.0.get(name)?));
        wanted.iter().filter_map(found).collect()
    }
}

impl fmt::Debug for AccountClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountClaims(..)")
    }
}

impl Serialize for AccountClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

/// The reasons why an object cannot be the claims of an account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidClaims {
    /// A name is malformed, or reserved for a claim of Signet or of a standard.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The claims have more than 1,024 bytes.
    #[error("claims must be at most 1,024 bytes of JSON; keep larger data in your own service")]
    TooLong,
    /// The text is not a JSON object.
    #[error("claims must be a JSON object")]
    NotAnObject,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Result<AccountClaims, InvalidClaims> {
        let Value::Object(object) = value else {
            panic!("an object");
        };
        AccountClaims::from_object(object)
    }

    #[test]
    fn claims_read_back_as_they_were_written() {
        let written = claims(json!({"tenant": "acme", "limits": {"seats": [1, 2, null]}})).unwrap();
        let read = AccountClaims::from_json(&written.to_json()).unwrap();
        assert_eq!(read, written);
        assert_eq!(AccountClaims::default().to_json(), "{}");
        assert!(AccountClaims::from_json("{}").unwrap().is_empty());
    }

    #[test]
    fn names_that_tokens_use_already_are_refused() {
        for name in [
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
            "roles",
            "auth_time",
            "amr",
            "act",
            "cnf",
            "status",
            "acr",
            "nonce",
            "email",
            "email_verified",
        ] {
            let refused = claims(json!({name: 1}));
            assert!(matches!(refused, Err(InvalidClaims::Name(_))), "{name}");
        }
        for name in ["", "a b", "\u{e9}", &"a".repeat(101)] {
            assert!(claims(json!({name: 1})).is_err(), "{name}");
        }
    }

    #[test]
    fn claims_are_at_most_1024_bytes_of_json() {
        let fits = claims(json!({"a": "b".repeat(1_024 - 8)})).unwrap();
        assert_eq!(fits.to_json().len(), 1_024);
        let refused = claims(json!({"a": "b".repeat(1_024 - 7)}));
        assert_eq!(refused, Err(InvalidClaims::TooLong));
        let spaced = format!("{{{}}}", " ".repeat(2_000));
        assert_eq!(
            AccountClaims::from_json(&spaced),
            Err(InvalidClaims::TooLong)
        );
        assert_eq!(
            AccountClaims::from_json("[]"),
            Err(InvalidClaims::NotAnObject)
        );
    }

    #[test]
    fn wanted_claims_are_selected_and_others_stay() {
        let claims = claims(json!({"tenant": "acme", "plan": 3})).unwrap();
        let wanted = ["plan", "missing"].map(|name| name.parse().unwrap());
        let selected = claims.select(&wanted);
        assert_eq!(selected, [(&wanted[0], &json!(3))]);
    }

    #[test]
    fn debug_says_nothing() {
        let claims = claims(json!({"tenant": "acme"})).unwrap();
        assert_eq!(format!("{claims:?}"), "AccountClaims(..)");
    }
}
