//! `/admin/events`: lists the audit trail in the database.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use serde_json::value::RawValue;
use signet_core::ids::AccountId;
use signet_store::{AuditFilter, AuditRow};
use utoipa::ToSchema;

use super::page::{Page, PageLimit, parameter};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::AdminRequest;
use crate::openapi::shapes;

/// One page of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    /// The lines, byte for byte as they are in the chain.
    #[schema(value_type = Vec<shapes::AuditLine>)]
    events: Vec<Box<RawValue>>,
    /// The value of `after` for the next page; null if there are no more events now.
    #[schema(required = true)]
    next: Option<u64>,
}

/// Lists events, the oldest first, all or those that match every filter.
#[utoipa::path(
    get,
    path = "/admin/events",
    tag = "Events",
    params(
        ("after" = Option<u64>, Query, nullable = false, description = "The last `seq` of the page before"),
        ("limit" = inline(Option<PageLimit>), Query, nullable = false, description = "The most rows of the page"),
        (
            "type" = inline(Option<shapes::EventType>), Query, nullable = false,
            description = "Only events of this type"
        ),
        (
            "account" = Option<shapes::AccountId>, Query, nullable = false,
            description = "Only events about this account"
        ),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "One page of events", body = EventList),
        (status = 400, description = "validation_failed"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn list_events(
    State(app): State<App>,
    admin: AdminRequest,
    page: Page<u64>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<EventList>> {
    let query = query.unwrap_or_default();
    let account = parameter(&query, "account", |text| text.parse::<AccountId>().ok())?;
    let filter = AuditFilter {
        kind: parameter(&query, "type", |text| Some(text.to_owned()))?,
        account: account.map(|id| id.to_string()),
    };
    let (after, limit) = (page.after.unwrap_or(0), page.limit);
    let found = app
        .flows
        .list_events(&filter, after, limit, admin.caller())
        .await?;
    Ok(Json(EventList {
        next: page.next(&found, |row| row.seq),
        events: found.into_iter().map(line).collect::<ApiResult<_>>()?,
    }))
}

/// A line that is no JSON was damaged in the database.
fn line(row: AuditRow) -> ApiResult<Box<RawValue>> {
    RawValue::from_string(row.line).map_err(|error| {
        let cause = format!("line {} of the audit trail is damaged: {error}", row.seq);
        ApiError::from(Code::InternalError).because(cause)
    })
}
