//! The ways in which a token ends before it expires.

use http::Method;
use serde_json::json;
use signet_tests::{PASSWORD, Reply};

use crate::issuer::Issuer;

/// What ends a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Logout,
    LogoutEverywhere,
    PasswordChange,
    Reuse,
    AccountDisabled,
    ClientDisabled,
    TokenRevoked,
}

/// A token that will end, and what its end needs.
pub(crate) struct Victim {
    pub(crate) token: String,
    /// The id of an account or a client.
    owner: String,
    /// A refresh token of the same session, or the secret of the client.
    secret: String,
    /// The access token of another session of the account.
    other: String,
}

impl Ending {
    pub(crate) const ALL: [Self; 7] = [
        Self::Logout,
        Self::LogoutEverywhere,
        Self::PasswordChange,
        Self::Reuse,
        Self::AccountDisabled,
        Self::ClientDisabled,
        Self::TokenRevoked,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::LogoutEverywhere => "logout everywhere",
            Self::PasswordChange => "password changed",
            Self::Reuse => "refresh token reused",
            Self::AccountDisabled => "account disabled",
            Self::ClientDisabled => "client disabled",
            Self::TokenRevoked => "token revoked",
        }
    }

    /// Gives a token to a new account or client.
    pub(crate) async fn prepare(self, issuer: &Issuer, number: u32) -> Victim {
        match self {
            Self::ClientDisabled => client(issuer, format!("disabled-{number}")).await,
            Self::TokenRevoked => client(issuer, format!("revoking-{number}")).await,
            _ => account(issuer).await,
        }
    }

    /// Ends the token.
    pub(crate) async fn end(self, issuer: &Issuer, victim: &Victim) {
        let api = issuer.server.api();
        let refresh_token = json!({"refresh_token": victim.secret});
        match self {
            Self::Logout => {
                let reply = api.post("/auth/logout", &refresh_token).await;
                reply.expect(204);
            }
            Self::LogoutEverywhere => {
                let request = api.request(Method::POST, "/auth/logout-all");
                let reply = api.send(request.bearer_auth(&victim.other)).await;
                reply.expect(204);
            }
            Self::PasswordChange => {
                let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
                let reply = api.post_as("/auth/password", &victim.other, &body).await;
                reply.expect(204);
            }
            Self::Reuse => {
                let next = api.next_token(&victim.secret).await;
                api.next_token(&next).await;
                let reply = api.post("/auth/refresh", &refresh_token).await;
                reply.expect(401);
            }
            Self::AccountDisabled => {
                let path = format!("/admin/accounts/{}/disable", victim.owner);
                issuer.administer(&path, &json!({})).await.expect(200);
            }
            Self::ClientDisabled => {
                let path = format!("/admin/clients/{}/disable", victim.owner);
                issuer.administer(&path, &json!({})).await.expect(200);
            }
            Self::TokenRevoked => {
                let form = format!("token={}", victim.token);
                as_client(issuer, "/oauth/revoke", victim, &form).await;
            }
        }
    }
}

async fn account(issuer: &Issuer) -> Victim {
    let api = issuer.server.api();
    let first = api.register().await;
    let other = api.login(&first.email).await;
    Victim {
        token: first.access_token,
        owner: first.id,
        secret: first.refresh_token,
        other: other.access_token,
    }
}

async fn client(issuer: &Issuer, id: String) -> Victim {
    let client = json!({
        "client_id": id,
        "grants": ["client_credentials"],
        "audiences": ["api"],
        "scopes": ["orders:read"],
    });
    let added = issuer.administer("/admin/clients", &client).await;
    let secret = added.expect(201).member("client_secret");
    let mut victim = Victim {
        token: String::new(),
        owner: id,
        secret,
        other: String::new(),
    };
    let form = "grant_type=client_credentials";
    let issued = as_client(issuer, "/oauth/token", &victim, form).await;
    victim.token = issued.member("access_token");
    victim
}

async fn as_client(issuer: &Issuer, path: &str, client: &Victim, form: &str) -> Reply {
    let client = (client.owner.as_str(), client.secret.as_str());
    let reply = issuer.server.api().post_form_as(path, client, form).await;
    reply.expect(200)
}

/// What a password is changed to.
const NEW_PASSWORD: &str = "engine no. 10 whistles";
