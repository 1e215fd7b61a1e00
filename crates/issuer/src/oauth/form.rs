//! Request bodies under `/oauth`: `application/x-www-form-urlencoded`, each parameter once.

use std::fmt;

use axum::extract::{FromRequest, Request};
use signet_core::client::Targets;
use signet_core::secret::SecretText;
use signet_flows::grants::TokenRequest;
use url::form_urlencoded;

use crate::error::{ApiError, Code, OAuthError, OAuthResult, ProtocolError};
use crate::extract::{has_media_type, read_body};

/// The parameters of a request. Unknown ones may hold anything (RFC 6749 section 3.2).
pub(crate) struct Form(Vec<(String, SecretText)>);

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// `invalid_request` when a parameter is repeated that may not be, known or not.
    fn read(body: &[u8]) -> OAuthResult<Self> {
        let mut parameters: Vec<(String, SecretText)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            let is_repeated = parameters.iter().any(|(known, _)| *known == name);
            if is_repeated && !REPEATABLE.contains(&&*name) {
                return Err(
                    ProtocolError::InvalidRequest.because("a parameter is there more than once")
                );
            }
            parameters.push((name.into_owned(), SecretText::new(value.into_owned())));
        }
        Ok(Self(parameters))
    }

    /// A parameter. One without a value is treated as left out (RFC 6749 section 3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.expose().is_empty())
            .map(|(_, value)| value.expose())
    }

    /// A parameter that has to be there.
    ///
    /// # Errors
    ///
    /// `invalid_request` when it is not.
    pub(super) fn require(&self, name: &'static str) -> OAuthResult<&str> {
        let missing = || ProtocolError::InvalidRequest.because(format!("{name} is required"));
        self.get(name).ok_or_else(missing)
    }

    /// A parameter that is a secret.
    pub(super) fn secret(&self, name: &str) -> Option<SecretText> {
        let text = self.get(name)?;
        Some(SecretText::new(text.to_owned()))
    }

    /// The services that `resource` and `audience` name.
    pub(super) fn targets(&self) -> FormTargets<'_> {
        FormTargets {
            resources: self.all("resource").collect(),
            audiences: self.all("audience").collect(),
        }
    }

    /// The scopes and services that are asked for, for a token.
    pub(super) fn asks_for<'a>(&'a self, targets: &'a FormTargets<'a>) -> TokenRequest<'a> {
        TokenRequest {
            scope: self.get("scope"),
            targets: targets.borrow(),
        }
    }

    /// Every value of a parameter that may repeat.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        let values = named.map(|(_, value)| value.expose());
        values.filter(|value| !value.is_empty())
    }
}

/// The services that a form names.
#[derive(Debug)]
pub(super) struct FormTargets<'a> {
    resources: Vec<&'a str>,
    audiences: Vec<&'a str>,
}

impl FormTargets<'_> {
    /// The same as the rules take it.
    fn borrow(&self) -> Targets<'_> {
        Targets {
            resources: &self.resources,
            audiences: &self.audiences,
        }
    }
}

/// Silent, because parameters hold secrets.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(..)")
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    async fn from_request(request: Request, _: &S) -> OAuthResult<Self> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body).await?;
        if !has_media_type(&parts.headers, MEDIA_TYPE) {
            return Err(ApiError::from(Code::UnsupportedMediaType)
                .detail("the body has to be application/x-www-form-urlencoded")
                .into());
        }
        Self::read(&bytes)
    }
}

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
/// RFC 8707 section 2 and RFC 8693 section 2.1.
const REPEATABLE: [&str; 2] = ["resource", "audience"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_left_out_and_unknown_parameters_ignored() {
        let form = Form::read(b"scope=&x=1&grant_type=a+b%26").unwrap();
        assert_eq!(form.get("scope"), None);
        assert_eq!(form.get("grant_type"), Some("a b&"));
        assert!(form.require("scope").is_err());
    }

    #[test]
    fn only_resource_and_audience_repeat() {
        let form = Form::read(b"resource=a&resource=&resource=b&audience=c&audience=c").unwrap();
        assert_eq!(form.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(form.all("audience").count(), 2);
        for body in ["scope=a&scope=b", "scope=&scope=a", "x=1&x=1"] {
            assert!(Form::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
