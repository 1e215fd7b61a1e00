//! Request bodies under `/oauth`: `application/x-www-form-urlencoded`, each parameter once.

use std::collections::HashSet;
use std::fmt;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use signet_core::authorization::{AuthorizationParameters, SubjectHint};
use signet_core::client::Targets;
use signet_core::secret::SecretText;
use signet_flows::grants::TokenRequest;
use url::form_urlencoded;

use super::json_body::{has_media_type, read_body};
use crate::error::{ApiError, Code, OAuthError, OAuthResult, ProtocolError};

/// The parameters of a request. Unknown ones may hold anything (RFC 6749 section 3.2).
pub(crate) struct Form(Vec<(String, SecretText)>);

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// `invalid_request` if there are too many parameters, or if any parameter other than the
    /// repeatable ones appears twice.
    pub(crate) fn read(body: &[u8]) -> OAuthResult<Self> {
        match Self::read_repeated(body)? {
            (form, repeated) if repeated.is_empty() => Ok(form),
            _ => Err(ProtocolError::InvalidRequest.because(REPEATED)),
        }
    }

    /// Reads parameters of which some may appear twice against the rules. Returns their names beside
    /// the form, which has every value.
    ///
    /// # Errors
    ///
    /// `invalid_request` if there are too many parameters.
    pub(crate) fn read_repeated(body: &[u8]) -> OAuthResult<(Self, HashSet<String>)> {
        let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
        let mut parameters: Vec<(String, SecretText)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.len() == MAX_PARAMETERS {
                let detail = format!("the body has more than {MAX_PARAMETERS} parameters");
                return Err(ProtocolError::InvalidRequest.because(detail));
            }
            let is_new = seen.insert(name.to_string());
            if !is_new && !REPEATABLE.contains(&&*name) {
                repeated.insert(name.to_string());
            }
            parameters.push((name.into_owned(), SecretText::new(value.into_owned())));
        }
        Ok((Self(parameters), repeated))
    }

    /// The value of a parameter. An empty value counts as absent (RFC 6749 section 3.2).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.expose().is_empty())
            .map(|(_, value)| value.expose())
    }

    /// A required parameter.
    ///
    /// # Errors
    ///
    /// `invalid_request` if it is absent.
    pub(crate) fn require(&self, name: &'static str) -> OAuthResult<&str> {
        let missing = || ProtocolError::InvalidRequest.because(format!("{name} is required"));
        self.get(name).ok_or_else(missing)
    }

    /// A parameter that is a secret.
    pub(crate) fn secret(&self, name: &str) -> Option<SecretText> {
        let text = self.get(name)?;
        Some(SecretText::new(text.to_owned()))
    }

    /// The services that `resource` and `audience` name.
    pub(crate) fn targets(&self) -> FormTargets<'_> {
        FormTargets {
            resources: self.all("resource").collect(),
            audiences: self.all("audience").collect(),
        }
    }

    /// The scopes and services that the request names.
    pub(crate) fn asks_for<'a>(&'a self, targets: &'a FormTargets<'a>) -> TokenRequest<'a> {
        TokenRequest {
            scope: self.get("scope"),
            targets: targets.borrow(),
        }
    }

    /// Whether a parameter is there, also without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The parameters of an authorization request. `targets` and the hint are those of the form.
    pub(crate) fn authorization<'a>(
        &'a self,
        targets: &'a FormTargets<'a>,
        id_token_hint: Option<SubjectHint>,
    ) -> AuthorizationParameters<'a> {
        AuthorizationParameters {
            response_type: self.get("response_type"),
            response_mode: self.get("response_mode"),
            scope: self.get("scope"),
            state: self.get("state"),
            nonce: self.get("nonce"),
            code_challenge: self.get("code_challenge"),
            code_challenge_method: self.get("code_challenge_method"),
            prompt: self.get("prompt"),
            max_age: self.get("max_age"),
            login_hint: self.get("login_hint"),
            ui_locales: self.get("ui_locales"),
            id_token_hint,
            request: self.get("request"),
            request_uri: self.get("request_uri"),
            targets: targets.borrow(),
        }
    }

    /// Every value of a parameter that may repeat.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        let values = named.map(|(_, value)| value.expose());
        values.filter(|value| !value.is_empty())
    }
}

/// The services that a form names.
#[derive(Debug)]
pub(crate) struct FormTargets<'a> {
    resources: Vec<&'a str>,
    audiences: Vec<&'a str>,
}

impl FormTargets<'_> {
    /// The services as the rules need them.
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
        let bytes = read_body(&parts.headers, body).await?;
        // An empty body needs no type; the missing parameter is the error (RFC 6749 section 5.2).
        if bytes.is_empty() && !parts.headers.contains_key(CONTENT_TYPE) {
            return Err(ProtocolError::InvalidRequest.because(EMPTY_BODY));
        }
        if !has_media_type(&parts.headers, MEDIA_TYPE) {
            return Err(ApiError::from(Code::UnsupportedMediaType)
                .detail("the body must be application/x-www-form-urlencoded")
                .into());
        }
        Self::read(&bytes)
    }
}

/// What is wrong with a request that has a parameter twice.
pub(crate) const REPEATED: &str = "a parameter appears more than once; send it once";
/// What comes before the name of a pushed request, RFC 9126 section 2.2.
pub(crate) const PUSHED_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
const EMPTY_BODY: &str =
    "the body is empty; send the parameters as application/x-www-form-urlencoded";
/// The most parameters of one body. A useful request has at most about 20; the limit bounds the
/// work for a body whose sender is not authenticated yet.
const MAX_PARAMETERS: usize = 64;
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
    fn a_body_may_have_64_parameters_and_no_more() {
        let body = |count: usize| {
            let names: Vec<_> = (0..count).map(|number| format!("p{number}=")).collect();
            Form::read(names.join("&").as_bytes())
        };
        assert!(body(64).is_ok());
        assert!(body(65).is_err());
        let resources = ["resource=a"; 65].join("&");
        assert!(Form::read(resources.as_bytes()).is_err());
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
