//! A consent as responses show it to the person who gave it.

use serde::Serialize;
use signet_core::account::DisplayName;
use signet_core::authorization::ConsentGrant;
use signet_core::names::{Audience, ClientId, Scope};
use signet_flows::own_account::GivenConsent;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// `{consents: [consent]}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentList {
    consents: Vec<ConsentView>,
}

/// What a person has allowed a client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
struct ConsentView {
    #[schema(value_type = shapes::ClientId)]
    client_id: ClientId,
    /// The name of the client for people.
    #[schema(value_type = Option<shapes::DisplayName>, required = true)]
    client_name: Option<DisplayName>,
    /// The scopes of everything that the person has allowed the client and that has not expired.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// The services that the client may ask, each with the scopes that the person allowed for it.
    #[schema(value_type = Vec<String>)]
    audiences: Vec<Audience>,
    /// When the person allowed something last.
    given_at: Rfc3339,
    /// The time at which everything has expired that the person has allowed the client.
    expires_at: Rfc3339,
    /// The answers of the person that have not expired, the newest first. A scope is allowed only for
    /// the services that one answer names together with it.
    grants: Vec<ConsentGrantView>,
}

/// What a person has allowed a client with one answer: each of the scopes for each of the services.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentGrant)]
struct ConsentGrantView {
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// The services.
    #[schema(value_type = Vec<String>)]
    audiences: Vec<Audience>,
    /// When the person allowed it.
    given_at: Rfc3339,
    /// When the person is asked again.
    expires_at: Rfc3339,
}

impl From<Vec<GivenConsent>> for ConsentList {
    fn from(given: Vec<GivenConsent>) -> Self {
        let consents = given.into_iter().map(ConsentView::from).collect();
        Self { consents }
    }
}

impl From<GivenConsent> for ConsentView {
    fn from(given: GivenConsent) -> Self {
        let consent = given.consent;
        Self {
            client_id: given.client_id,
            client_name: given.client_name,
            scopes: consent.scopes(),
            audiences: consent.audiences(),
            given_at: Rfc3339(consent.given_at()),
            expires_at: Rfc3339(consent.until()),
            grants: consent.grants().map(ConsentGrantView::from).collect(),
        }
    }
}

impl From<&ConsentGrant> for ConsentGrantView {
    fn from(grant: &ConsentGrant) -> Self {
        Self {
            scopes: grant.scope.clone(),
            audiences: grant.audience.clone(),
            given_at: Rfc3339(grant.given_at),
            expires_at: Rfc3339(grant.until),
        }
    }
}
