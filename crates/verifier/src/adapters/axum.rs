//! The verifier as an axum extractor. Finds the token and responds to refusals; must not decide.

use std::ops::Deref;
use std::sync::Arc;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::bearer::bearer_token;
use super::response;
use crate::claims::Claims;
use crate::error::Error;
use crate::verifier::Verifier;

/// Extractor: the claims of the request's valid bearer token.
///
/// The verifier is the router's state, or comes from it by [`FromRef`]. A request without a valid
/// token never reaches the handler; the response follows RFC 6750.
///
/// ```
/// # use std::sync::Arc;
/// # use axum::{Router, routing::get};
/// use signet_verifier::{Authenticated, Error, Verifier};
///
/// async fn orders(claims: Authenticated) -> Result<String, Error> {
///     claims.require_scope("orders:read")?;
///     Ok(format!("orders of {}", claims.sub))
/// }
///
/// async fn greeting(claims: Option<Authenticated>) -> String {
///     claims.map_or_else(|| "hello".into(), |claims| format!("hello, {}", claims.sub))
/// }
///
/// fn app(verifier: Arc<Verifier>) -> Router {
///     Router::new().route("/orders", get(orders)).route("/", get(greeting)).with_state(verifier)
/// }
/// ```
///
/// With `Option`, a request without a token gives `None`. An invalid token is still refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated<Extra = ()>(pub Claims<Extra>);

impl<Extra> Deref for Authenticated<Extra> {
    type Target = Claims<Extra>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S, Extra> FromRequestParts<S> for Authenticated<Extra>
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
    Extra: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let token = bearer_token(parts.headers.get_all(AUTHORIZATION))?;
        Arc::<Verifier>::from_ref(state)
            .verify_async_as(token)
            .await
            .map(Self)
    }
}

impl<S, Extra> OptionalFromRequestParts<S> for Authenticated<Extra>
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
    Extra: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Error> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(claims) => Ok(Some(claims)),
            Err(Error::TokenMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Responds to a refused token: status, RFC 6750 challenge or `Retry-After`, and a JSON body
/// `{"error", "reason"}`.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let reason = self.reason();
        let code = self.oauth_error().unwrap_or(reason);
        let body = format!(r#"{{"error":"{code}","reason":"{reason}"}}"#);
        let mut response = response::refuse::<Body>(&self);
        *response.body_mut() = Body::from(body);
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}
