//! The endpoints under `/oauth`: clients to ask with, and forms to ask with.

mod assertions;
mod crossing;
mod disabled;
mod errors;
mod letter;
mod metadata;
mod people;
mod token;

pub(crate) use assertions::{Signer, ask_by_assertion};

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use signet_core::client::{
    Authentication, Client, ClientSecret, ClientSecrets, GrantType, Permissions, Registration,
    SignInRules,
};
use signet_flows::random::system_rng;
use signet_store::{Registered, Swapped};
use signet_verifier::Clock as _;

use crate::support::{Answer, TestApp, request};

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A registered client and its secret; none for a public one.
pub(crate) struct Program {
    pub(crate) id: &'static str,
    pub(crate) secret: Option<String>,
}

impl Program {
    /// Registers a client with a secret that may have tokens for the services `audiences`, is the
    /// service `owns`, and may use every grant.
    pub(crate) async fn register(
        app: &TestApp,
        id: &'static str,
        audiences: &str,
        owns: &str,
    ) -> Self {
        Self::that_may(app, id, ["orders:read orders:write", audiences, owns]).await
    }

    /// The same with these scopes, audiences and services.
    pub(crate) async fn that_may(
        app: &TestApp,
        id: &'static str,
        [scopes, audiences, owns]: [&str; 3],
    ) -> Self {
        let secret = ClientSecret::random(&mut system_rng());
        let permissions = Permissions {
            // Codes need a redirect URI, which a program has not.
            grants: GrantType::ALL
                .into_iter()
                .filter(|grant| *grant != GrantType::AuthorizationCode)
                .collect(),
            scopes: parsed(scopes),
            audiences: parsed(audiences),
            owns: parsed(owns),
            ..Permissions::default()
        };
        let authentication = Authentication::Secret(ClientSecrets::new(&secret));
        store(app, id, permissions, authentication).await;
        Self {
            id,
            secret: Some(secret.text().expose().to_owned()),
        }
    }

    /// Registers a public client that people sign in with.
    pub(crate) async fn public(app: &TestApp, id: &'static str) -> Self {
        let permissions = Permissions {
            grants: vec![GrantType::RefreshToken],
            scopes: parsed("account orders:read"),
            audiences: parsed("api orders"),
            ..Permissions::default()
        };
        store(app, id, permissions, Authentication::Nothing).await;
        Self { id, secret: None }
    }

    /// The same with these rules for people.
    pub(crate) async fn public_with(app: &TestApp, id: &'static str, rules: SignInRules) -> Self {
        let program = Self::public(app, id).await;
        let clients = &app.app.flows.stores.clients;
        let client = clients.find(&id.parse().unwrap()).await.unwrap().unwrap();
        let changed = Arc::unwrap_or_clone(client).changed(|client| client.sign_in = rules);
        assert_eq!(clients.swap(&changed).await.unwrap(), Swapped::Done);
        program
    }

    /// The header of `client_secret_basic`.
    pub(crate) fn basic(&self) -> String {
        let secret = self.secret.as_deref().unwrap();
        let id = self.id.replace(':', "%3A");
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    /// Sends a form as this client: by its secret in the header, or by its id alone.
    pub(crate) async fn ask(&self, app: &TestApp, path: &str, form: &str) -> Answer {
        if self.secret.is_none() {
            let form = format!("{form}&client_id={}", self.id);
            return app.send(request("POST", path, &[FORM], &form)).await;
        }
        let headers = [FORM, ("authorization", &self.basic())];
        app.send(request("POST", path, &headers, form)).await
    }
}

/// Registers an account named after the client, and signs in with the client at once.
pub(crate) async fn sign_in(app: &TestApp, client_id: &str) -> Answer {
    let body = serde_json::json!({
        "email": format!("{client_id}@example.com"),
        "password": "engine no. 9 steams",
        "token_delivery": "body",
        "client_id": client_id,
    });
    app.post("/auth/register", &body.to_string()).await
}

async fn store(
    app: &TestApp,
    id: &str,
    permissions: Permissions,
    authentication: Authentication,
) -> Client {
    let registration = Registration {
        id: id.parse().unwrap(),
        name: None,
        permissions,
        authentication,
        sign_in: SignInRules::default(),
        token_ttl: None,
    };
    let now = app.clock.now();
    let client = registration.check(Duration::from_mins(10), now).unwrap();
    let registered = app.app.flows.stores.clients.create(&client).await.unwrap();
    assert_eq!(registered, Registered::Added);
    client
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(names: &str) -> Vec<T> {
    let names = names.split_whitespace();
    names.map(|name| name.parse().unwrap()).collect()
}

impl Answer {
    /// The status and the `error` of RFC 6749 section 5.2, with the headers that go with them.
    pub(crate) fn oauth_error(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("pragma"), Some("no-cache"));
        let body = self.json();
        let description = body["error_description"].as_str().unwrap();
        let is_plain = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(description.chars().all(is_plain), "{description}");
        assert_eq!(body.as_object().unwrap().len(), 2);
        (
            self.status.as_u16(),
            body["error"].as_str().unwrap().to_owned(),
        )
    }

    /// The claims of the access token in the answer.
    pub(crate) fn claims(&self) -> Value {
        assert!(self.status.is_success(), "{}", self.text);
        let token = self.member("access_token");
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    /// A text in the body.
    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }
}
