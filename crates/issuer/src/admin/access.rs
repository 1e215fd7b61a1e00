//! The scopes of the administration API: each route says which access it gives, and only a token
//! with one of the scopes for it gets in.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use signet_core::admin::{AdminAccess, AdminScope};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::BearerToken;
use crate::openapi::demand_one_scope;

/// Handlers of one path that give this access.
pub(crate) fn administered(
    app: &App,
    access: AdminAccess,
    (schemas, mut paths, methods): UtoipaMethodRouter<App>,
) -> UtoipaMethodRouter<App> {
    demand_one_scope(&mut paths, access.opened_by().map(AdminScope::as_str));
    let state = (app.clone(), access);
    // Around the handlers only: a method that the path does not have is answered without a token.
    let methods = methods.route_layer(from_fn_with_state(state, authenticate));
    (schemas, paths, methods)
}

/// Authenticates the administrator, whom handlers take as an argument.
async fn authenticate(
    State((app, access)): State<(App, AdminAccess)>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&app, access, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn admit(app: &App, access: AdminAccess, request: &mut Request) -> ApiResult<()> {
    let BearerToken(token) = BearerToken::demand(request.headers())?;
    let administrator = app
        .flows
        .authenticate_administrator(token.expose(), access)
        .await?;
    request.extensions_mut().insert(administrator);
    Ok(())
}
