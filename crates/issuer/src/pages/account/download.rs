//! `GET /account/download`: everything that is stored about the account, as a file.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse as _, Response};

use super::owner::Owner;
use super::refused::refused_here;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;
use crate::views::Export;

/// Returns everything that is stored about the account, as a file.
#[utoipa::path(
    get,
    path = "/account/download",
    tag = "Account pages",
    responses(
        (status = 200, description = "Everything that is stored", body = Export),
        (status = 303, description = "To the sign-in page, without a sign-in"),
        PageAnswers
    )
)]
pub(crate) async fn download_account(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    let bearer = owner.bearer();
    match app.flows.own_data(bearer).await {
        Ok(data) => {
            let export = Json(Export::of(data, bearer.session_id()));
            let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
            Ok(([(CONTENT_DISPOSITION, file)], export).into_response())
        }
        Err(error) => refused_here(&app, error),
    }
}
