//! The service of a listener: what happens around its router for every request.
//!
//! From the outside in: the log and the metrics, the audit trail, the guard. They are one future
//! around the router and no layers of it, because each layer of a router costs a request several
//! allocations.

use std::convert::Infallible;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tower::Service;

use super::endpoints::{Endpoints, Guards};
use super::guard::Guard;
use super::observe::Observed;
use super::recorded::recorded;
use super::request_id::RequestIds;
use crate::app::App;

/// Answers every request of a listener. Cheap to clone.
#[derive(Clone)]
pub struct ListenerService(Arc<Shared>);

/// What all requests of a listener share.
struct Shared {
    app: App,
    endpoints: Endpoints,
    ids: RequestIds,
    router: Router,
}

impl ListenerService {
    /// The service of a router that has these paths.
    pub(crate) fn new(app: &App, guards: Guards, router: Router) -> Self {
        Self(Arc::new(Shared {
            app: app.clone(),
            endpoints: Endpoints::of(guards),
            ids: RequestIds::new(),
            router,
        }))
    }

    /// Answers a request.
    pub(crate) async fn answer(self, mut request: Request) -> Response {
        let shared = &*self.0;
        let endpoint = shared.endpoints.find(request.uri().path());
        let observed = Observed::begin(&shared.app, endpoint, &shared.ids, &mut request);
        let is_oauth = request.uri().path().starts_with("/oauth/");
        let answer = || guarded(endpoint.guard, shared.router.clone(), request);
        // Pinned here and lent, because a future that owns another one has room for it twice.
        if shared.app.flows.audit.is_on() {
            let answer = recorded(&shared.app, is_oauth, Box::pin(answer()));
            return observed.run(pin!(answer)).await;
        }
        observed.run(pin!(answer())).await
    }
}

async fn guarded(guard: Option<Guard>, mut router: Router, request: Request) -> Response {
    let answer = pin!(async move {
        let Ok(response) = router.call(request).await;
        response
    });
    match guard {
        Some(guard) => guard.around(answer).await,
        None => answer.await,
    }
}

impl Service<Request> for ListenerService {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let answer = self.clone().answer(request);
        Box::pin(async move { Ok(answer.await) })
    }
}

/// Shows the type only.
impl fmt::Debug for ListenerService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerService").finish_non_exhaustive()
    }
}
