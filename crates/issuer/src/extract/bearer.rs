//! The bearer token of a request, as text: RFC 6750 section 2.1.
//!
//! This module must not know what a valid token is; the verifier does.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use signet_core::secret::SecretText;
use signet_verifier::{Error, bearer_token};

use crate::error::{ApiResult, Code};

/// The text after `Bearer` in the one `Authorization` header. It has not been verified.
#[derive(Debug)]
pub(crate) struct BearerToken(pub SecretText);

impl BearerToken {
    /// The bearer token in `headers`; `None` if there is none.
    ///
    /// # Errors
    ///
    /// `invalid_request` if there is more than one `Authorization` header.
    pub(crate) fn read(headers: &HeaderMap) -> ApiResult<Option<Self>> {
        match bearer_token(headers.get_all(AUTHORIZATION)) {
            Ok(token) => Ok(Some(Self(SecretText::new(token.to_owned())))),
            Err(Error::TokenMissing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The bearer token in `headers`; it is required.
    ///
    /// # Errors
    ///
    /// `token_missing` if there is none, or as [`read`](Self::read).
    pub(crate) fn demand(headers: &HeaderMap) -> ApiResult<Self> {
        Self::read(headers)?.ok_or_else(|| Code::TokenMissing.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> ApiResult<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        let token = BearerToken::read(&headers)?;
        Ok(token.map(|BearerToken(text)| text.expose().to_owned()))
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_with_any_number_of_spaces() {
        for value in [
            "Bearer a.b.c",
            "bearer a.b.c",
            "BEARER a.b.c",
            "Bearer  a.b.c",
            "Bearer   a.b.c",
        ] {
            assert_eq!(read(&[value]).unwrap().as_deref(), Some("a.b.c"), "{value}");
        }
    }

    #[test]
    fn anything_else_is_no_bearer_token() {
        for value in ["", "Bearer", "Basic YTpi", "a.b.c"] {
            assert_eq!(read(&[value]).unwrap(), None, "{value}");
        }
        let missing = BearerToken::demand(&HeaderMap::new()).unwrap_err();
        assert_eq!(missing.code(), Code::TokenMissing);
    }

    #[test]
    fn two_headers_are_refused_even_when_they_agree() {
        let error = read(&["Bearer a", "Bearer a"]).unwrap_err();
        assert_eq!(error.code(), Code::InvalidRequest);
        assert_eq!(
            read(&["Bearer a", "Basic b"]).unwrap_err().code(),
            Code::InvalidRequest
        );
    }
}
