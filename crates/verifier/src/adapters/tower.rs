//! The verifier as a tower layer, for whole routers and for gRPC. Finds the token and responds to
//! refusals; must not decide.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::bearer::bearer_token;
use super::response;
use super::verifiers::Verifiers;
use crate::claims::Claims;
use crate::error::{Category, Error};

/// A layer that requires a valid bearer token and adds the token's [`Claims`] to the request as an
/// extension.
///
/// It works with axum, tonic and every other framework that uses the types of `http`. A gRPC
/// request is refused with a gRPC status: `UNAUTHENTICATED`, `PERMISSION_DENIED` or `UNAVAILABLE`.
///
/// ```
/// # use std::sync::Arc;
/// # use axum::{Extension, Router, routing::get};
/// use signet_verifier::{Claims, RequireToken, Verifier};
///
/// async fn orders(Extension(claims): Extension<Claims>) -> String {
///     format!("orders of {}", claims.sub)
/// }
///
/// fn app(verifier: Arc<Verifier>) -> Router {
///     let layer = RequireToken::new(verifier).scope("orders:read");
///     Router::new().route("/orders", get(orders)).layer(layer)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RequireToken {
    requirements: Arc<Requirements>,
}

#[derive(Clone, Debug)]
struct Requirements {
    verifiers: Verifiers,
    scopes: Vec<String>,
    any_of_roles: Vec<String>,
    is_optional: bool,
}

impl RequireToken {
    /// Requires a token that this verifier, or one of these verifiers, accepts.
    pub fn new(verifiers: impl Into<Verifiers>) -> Self {
        let verifiers = verifiers.into();
        let (scopes, any_of_roles) = (Vec::new(), Vec::new());
        Self {
            requirements: Arc::new(Requirements {
                verifiers,
                scopes,
                any_of_roles,
                is_optional: false,
            }),
        }
    }

    /// Requires this scope. Each further call requires one more scope.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.change(|requirements| requirements.scopes.push(scope.into()))
    }

    /// Requires at least one of these roles. Each further call adds roles to choose from.
    pub fn any_role(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let roles = roles.into_iter().map(Into::into);
        self.change(|requirements| requirements.any_of_roles.extend(roles))
    }

    /// Accepts requests without a token; they have no [`Claims`]. An invalid token is still
    /// refused.
    pub fn optional(self) -> Self {
        self.change(|requirements| requirements.is_optional = true)
    }

    fn change(mut self, change: impl FnOnce(&mut Requirements)) -> Self {
        change(Arc::make_mut(&mut self.requirements));
        self
    }
}

impl Requirements {
    async fn check(&self, token: Result<String, Error>) -> Result<Option<Claims>, Error> {
        let token = match token {
            Err(Error::TokenMissing) if self.is_optional => return Ok(None),
            token => token?,
        };
        let claims = self.verifiers.verify_async_as::<()>(&token).await?;
        for scope in &self.scopes {
            claims.require_scope(scope)?;
        }
        if !self.any_of_roles.is_empty() {
            claims.require_any_role(&self.any_of_roles)?;
        }
        Ok(Some(claims))
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = RequireTokenService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireTokenService {
            inner,
            requirements: Arc::clone(&self.requirements),
        }
    }
}

/// The service that [`RequireToken`] makes.
#[derive(Clone, Debug)]
pub struct RequireTokenService<S> {
    inner: S,
    requirements: Arc<Requirements>,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for RequireTokenService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
    ResponseBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let requirements = Arc::clone(&self.requirements);
        // Only the service that was polled is ready; its clone is not.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let headers = request.headers();
            let token = bearer_token(headers.get_all(AUTHORIZATION)).map(str::to_owned);
            let is_grpc = is_grpc(headers);
            match requirements.check(token).await {
                Ok(claims) => {
                    request.extensions_mut().remove::<Claims>();
                    claims.map(|claims| request.extensions_mut().insert(claims));
                    inner.call(request).await
                }
                Err(error) if is_grpc => Ok(refuse_grpc(&error)),
                Err(error) => Ok(response::refuse(&error)),
            }
        })
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|content_type| content_type.starts_with(b"application/grpc"))
}

/// Returns a gRPC response that has only trailers: the HTTP status is 200, and `grpc-status` holds
/// the refusal.
fn refuse_grpc<Body: Default>(error: &Error) -> Response<Body> {
    let status = match error.category() {
        Category::Permission => GRPC_PERMISSION_DENIED,
        Category::Unavailable => GRPC_UNAVAILABLE,
        _ => GRPC_UNAUTHENTICATED,
    };
    let mut response = Response::new(Body::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from_static(status));
    headers.insert("grpc-message", HeaderValue::from_static(error.reason()));
    response
}

const GRPC_PERMISSION_DENIED: &str = "7";
const GRPC_UNAVAILABLE: &str = "14";
const GRPC_UNAUTHENTICATED: &str = "16";
