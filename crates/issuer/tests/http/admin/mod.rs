//! The administration API: who gets in, and what can be done there.

mod account_claims;
mod accounts;
mod administrators;
mod client_updates;
mod clients;
mod entry;
mod help;
mod invitations;
mod people;
mod removed_roles;
mod scopes;
mod transfer;

use serde_json::Value;
use signet_core::access_token::{AccessTokenClaims, Subject, Validity, issue};
use signet_core::ids::TokenId;
use signet_core::names::{Audience, COMMAND_LINE_CLIENT, ClientId, Scope};
use signet_flows::random::system_rng;
use signet_verifier::Clock as _;

use crate::support::{Answer, JSON, TestApp, request};

/// An administrator: a program with a good token.
pub(crate) struct Admin<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Admin<'a> {
    pub(crate) fn of(app: &'a TestApp) -> Self {
        Self::with_scope(app, "signet:admin")
    }

    fn with_scope(app: &'a TestApp, scope: &str) -> Self {
        let token = token(app, "signet:admin", scope);
        Self { app, token }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("host", "localhost:9090"), ("authorization", &bearer), JSON];
        let asked = request(method, path, &headers, body);
        self.app.send_to_operations(asked).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.json()
    }

    /// Asks for a list with a query that is refused.
    pub(crate) async fn refuses_list(&self, path: &str) {
        let refused = self.ask("GET", path, "").await;
        let expected = (400, "validation_failed".to_owned());
        assert_eq!(refused.problem(), expected, "{path}");
    }
}

/// An access token of a program for itself, as `signet admin token` signs it.
fn token(app: &TestApp, audience: &str, scope: &str) -> String {
    let client_id: ClientId = COMMAND_LINE_CLIENT.parse().unwrap();
    let audience: Audience = audience.parse().unwrap();
    let scopes: Vec<Scope> = scope
        .split(' ')
        .map(|scope| scope.parse().unwrap())
        .collect();
    let claims = AccessTokenClaims {
        issuer: app.app.settings.public_url.as_str(),
        subject: Subject::Client(&client_id),
        audience: &[audience],
        client_id: &client_id,
        session: None,
        scope: &scopes,
        roles: &[],
        actors: &[],
        extra: &[],
        status: None,
    };
    let now = app.clock.now();
    let validity = Validity::starting(now, app.app.settings.access_token_ttl);
    let keys = app.app.flows.keys();
    let id = TokenId::random(&mut system_rng());
    let token = issue(&claims, validity, id, keys.signing.active_at(now)).unwrap();
    token.text.expose().to_owned()
}
