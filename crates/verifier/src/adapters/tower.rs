//! The verifier as a tower layer, for whole routers and for gRPC. Finds the token and answers
//! refusals; decides nothing.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::answer;
use super::bearer::bearer_token;
use super::verifiers::Verifiers;
use crate::claims::Claims;
use crate::error::{Category, Error};

/// A layer that lets only requests with a valid bearer token through and gives them its
/// [`Claims`] as an extension.
///
/// It serves axum, tonic, and whatever else speaks `http` types. A gRPC request is refused with
/// a gRPC status: `UNAUTHENTICATED`, `PERMISSION_DENIED` or `UNAVAILABLE`.
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
    demand: Arc<Demand>,
}

#[derive(Clone, Debug)]
struct Demand {
    verifiers: Verifiers,
    scopes: Vec<String>,
    any_of_roles: Vec<String>,
    is_optional: bool,
}

impl RequireToken {
    /// Demands a token that this verifier, or one of these, accepts.
    pub fn new(verifiers: impl Into<Verifiers>) -> Self {
        let verifiers = verifiers.into();
        let (scopes, any_of_roles) = (Vec::new(), Vec::new());
        Self {
            demand: Arc::new(Demand {
                verifiers,
                scopes,
                any_of_roles,
                is_optional: false,
            }),
        }
    }

    /// Demands this scope; called again, that one too.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.change(|demand| demand.scopes.push(scope.into()))
    }

    /// Demands one of these roles; called again, more roles will do.
    pub fn any_role(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let roles = roles.into_iter().map(Into::into);
        self.change(|demand| demand.any_of_roles.extend(roles))
    }

    /// Lets requests without a token through, without [`Claims`]; a bad one is refused still.
    pub fn optional(self) -> Self {
        self.change(|demand| demand.is_optional = true)
    }

    fn change(mut self, change: impl FnOnce(&mut Demand)) -> Self {
        change(Arc::make_mut(&mut self.demand));
        self
    }
}

impl Demand {
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
            demand: Arc::clone(&self.demand),
        }
    }
}

/// The service that [`RequireToken`] makes.
#[derive(Clone, Debug)]
pub struct RequireTokenService<S> {
    inner: S,
    demand: Arc<Demand>,
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
        let demand = Arc::clone(&self.demand);
        // The clone is not ready; the one that was polled is.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let headers = request.headers();
            let token = bearer_token(headers.get_all(AUTHORIZATION)).map(str::to_owned);
            let is_grpc = is_grpc(headers);
            match demand.check(token).await {
                Ok(claims) => {
                    request.extensions_mut().remove::<Claims>();
                    claims.map(|claims| request.extensions_mut().insert(claims));
                    inner.call(request).await
                }
                Err(error) if is_grpc => Ok(refuse_grpc(&error)),
                Err(error) => Ok(answer::refuse(&error)),
            }
        })
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|content_type| content_type.starts_with(b"application/grpc"))
}

/// A response of trailers only, as the gRPC protocol has it: HTTP says 200, the status is inside.
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
