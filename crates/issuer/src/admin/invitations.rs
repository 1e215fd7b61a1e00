//! `/admin/invitations`: inviting people to set up an account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::account::Email;
use signet_core::ids::{AccountId, InvitationId};
use signet_core::invitation::{Invitation, InvitationLifetime};
use signet_core::names::Role;
use signet_flows::invitations::{InvitationDelivery, Invited, NewInvitation};
use utoipa::ToSchema;

use super::account_requests::roles;
use super::page::{Page, PageLimit};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, Fields, FromFields, Invalid, JsonBody, PathValue};
use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// `{email, roles?, expires_in?, deliver?}`
#[derive(Debug, ToSchema)]
pub(crate) struct NewInvitationRequest {
    #[schema(value_type = shapes::Email)]
    email: Email,
    /// The roles of the new account: at most 1,024 characters together.
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    roles: Vec<Role>,
    /// How long the invitation is valid, in seconds: 3,600 to 2,592,000; default 604,800.
    #[schema(value_type = Option<u64>, minimum = 3_600, maximum = 2_592_000)]
    expires_in: InvitationLifetime,
    /// `mail` or `link`; default `mail` if mail is configured.
    #[schema(value_type = Option<String>)]
    deliver: Option<InvitationDelivery>,
}

impl FromFields for NewInvitationRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let roles = roles(fields);
        let expires_in = lifetime(fields);
        let deliver = fields.optional("deliver", delivery);
        Some(Self {
            email: email?,
            roles: roles?,
            expires_in: expires_in?,
            deliver: deliver?,
        })
    }
}

impl From<NewInvitationRequest> for NewInvitation {
    fn from(request: NewInvitationRequest) -> Self {
        Self {
            email: request.email,
            roles: request.roles,
            lifetime: request.expires_in,
            delivery: request.deliver,
        }
    }
}

fn lifetime(fields: &mut Fields<'_>) -> Option<InvitationLifetime> {
    let Some(seconds) = fields.number("expires_in")? else {
        return Some(InvitationLifetime::default());
    };
    match InvitationLifetime::from_seconds(seconds) {
        Ok(lifetime) => Some(lifetime),
        Err(problem) => fields.reject("expires_in", problem.into()),
    }
}

fn delivery(text: &str) -> Result<InvitationDelivery, Invalid> {
    match text {
        "mail" => Ok(InvitationDelivery::Mail),
        "link" => Ok(InvitationDelivery::Link),
        _ => Err(Invalid::new("invalid", "must be \"mail\" or \"link\"")),
    }
}

/// An invitation as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationView {
    #[schema(value_type = shapes::InvitationId)]
    id: InvitationId,
    #[schema(value_type = shapes::Email)]
    email: Email,
    /// The roles of the new account.
    #[schema(value_type = Vec<shapes::Role>)]
    roles: Vec<Role>,
    /// The invited account that it activates; null if it registers a new one.
    #[schema(value_type = Option<shapes::AccountId>, required = true)]
    account_id: Option<AccountId>,
    created_at: Rfc3339,
    expires_at: Rfc3339,
    /// The link, if it was not mailed. It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    url: Option<String>,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            roles: invitation.roles,
            account_id: invitation.account_id,
            created_at: Rfc3339(invitation.created_at),
            expires_at: Rfc3339(invitation.until),
            url: None,
        }
    }
}

impl From<Invited> for InvitationView {
    fn from(invited: Invited) -> Self {
        Self {
            url: invited.url.map(|url| url.expose().to_owned()),
            ..invited.invitation.into()
        }
    }
}

/// One page of invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationList {
    invitations: Vec<InvitationView>,
    /// The value of `after` for the next page; null on the last page.
    #[schema(value_type = Option<shapes::InvitationId>, required = true)]
    next: Option<InvitationId>,
}

/// Invites the owner of an address to set up an account.
///
/// An earlier invitation of the address becomes invalid. If an invited account has the address,
/// accepting the invitation activates it; its roles are those of the account.
#[utoipa::path(
    post,
    path = "/admin/invitations",
    tag = "Accounts",
    request_body = NewInvitationRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The invitation", body = InvitationView),
        (status = 409, description = "email_taken, conflict"),
    )
)]
pub(crate) async fn add_invitation(
    State(app): State<App>,
    admin: AdminRequest,
    JsonBody(request): JsonBody<NewInvitationRequest>,
) -> ApiResult<(StatusCode, Json<InvitationView>)> {
    let invited = app.flows.invite(request.into(), admin.caller()).await?;
    Ok((StatusCode::CREATED, Json(invited.into())))
}

/// Lists invitations that can be accepted, in the order of their ids.
#[utoipa::path(
    get,
    path = "/admin/invitations",
    tag = "Accounts",
    params(
        (
            "after" = Option<shapes::InvitationId>, Query, nullable = false,
            description = "The last id of the page before"
        ),
        ("limit" = inline(Option<PageLimit>), Query, nullable = false, description = "The most rows of the page"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "One page of invitations", body = InvitationList),
        (status = 400, description = "validation_failed"),
    )
)]
pub(crate) async fn list_invitations(
    State(app): State<App>,
    _: AdminRequest,
    page: Page<InvitationId>,
) -> ApiResult<Json<InvitationList>> {
    let found = app.flows.list_invitations(page.after, page.limit).await?;
    Ok(Json(InvitationList {
        next: page.next(&found, |invitation| invitation.id),
        invitations: found.into_iter().map(InvitationView::from).collect(),
    }))
}

/// Removes an invitation. Its link becomes invalid.
#[utoipa::path(
    delete,
    path = "/admin/invitations/{invitation_id}",
    tag = "Accounts",
    params(("invitation_id" = shapes::InvitationId, Path, description = "Which invitation")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn remove_invitation(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<InvitationId>,
) -> ApiResult<StatusCode> {
    app.flows.remove_invitation(id, admin.caller()).await?;
    Ok(StatusCode::NO_CONTENT)
}
