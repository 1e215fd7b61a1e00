//! Nothing crosses clients: whatever a client shows that belongs to another one, wherever it shows
//! it, it gets what a stranger gets, and the other has everything still.

use std::sync::Arc;

use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::ids::AccountId;
use signet_core::session::Session;
use signet_verifier::Clock as _;

use super::{FORM, Program, Signer, ask_by_assertion, sign_in};
use crate::support::{Answer, TestApp, request};

/// Ways to show something that one has; a row of the table each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// As the secret of the client it belongs to.
    Secret,
    /// As an assertion of one's own.
    Assertion,
    /// As the service that a token of one's own should be for.
    Audience,
    /// The same, by location.
    Resource,
    /// As the refresh token of a session.
    Refresh,
    /// To be exchanged.
    Exchange,
    /// As the service that an exchanged token should be for.
    ExchangeAudience,
    /// As the actor of an exchange.
    Actor,
    /// To be given back.
    Revoke,
    /// To be looked into.
    Introspect,
    /// As a bearer token.
    Userinfo,
    /// As a session to be ended by a person who is signed in elsewhere.
    EndSession,
}

/// What comes of it for a client with a secret and for a public one, in the order of
/// [`Owned::things`]: the access token of a program, that of a person, a refresh token, an
/// assertion, the id of a session, an audience.
const TABLE: [(Way, [&str; 6], [&str; 6]); 12] = [
    (Way::Secret, NOBODY, NOBODY),
    (Way::Assertion, NOBODY, NOBODY),
    (Way::Audience, ["400 invalid_target"; 6], NOBODY),
    (Way::Resource, ["400 invalid_target"; 6], NOBODY),
    (
        Way::Refresh,
        ["400 invalid_grant"; 6],
        ["400 invalid_grant"; 6],
    ),
    (Way::Exchange, ["400 invalid_request"; 6], NOBODY),
    (Way::ExchangeAudience, ["400 invalid_target"; 6], NOBODY),
    (Way::Actor, ["400 invalid_request"; 6], NOBODY),
    (Way::Revoke, REVOKED, REVOKED),
    (Way::Introspect, ["200 inactive"; 6], NOBODY),
    (Way::Userinfo, BEARER, BEARER),
    (Way::EndSession, ["404 not_found"; 6], ["404 not_found"; 6]),
];
const NOBODY: [&str; 6] = ["401 invalid_client"; 6];
/// RFC 7009 section 2.1: refused if it is a token, and 200 if it is none.
const REVOKED: [&str; 6] = [
    "400 unauthorized_client",
    "400 unauthorized_client",
    "400 unauthorized_client",
    "200",
    "200",
    "200",
];
/// No client authenticates here: a bearer token is valid for every bearer.
const BEARER: [&str; 6] = [
    "403 insufficient_scope",
    "200",
    "401 invalid_token",
    "401 invalid_token",
    "401 invalid_token",
    "401 invalid_token",
];

/// One side: a program with a secret, an app that people sign in with, a program with a key.
struct Side {
    program: Program,
    app: Program,
    signer: Signer,
    audience: &'static str,
    program_token: String,
    signed_in: Answer,
}

/// What belongs to a side.
struct Owned {
    things: [String; 6],
    program_id: &'static str,
}

/// All of a side that is remembered, and whether its tokens are still good.
#[derive(PartialEq, Debug)]
struct Remembered {
    clients: Vec<Option<Arc<Client>>>,
    account: Option<Account>,
    sessions: Vec<Session>,
    program_token: String,
    access_token: String,
}

impl Side {
    async fn begin(app: &TestApp, names: [&'static str; 4]) -> Self {
        let [program, public, signer, audience] = names;
        let program = Program::register(app, program, audience, audience).await;
        let form = "grant_type=client_credentials";
        let program_token = program.ask(app, TOKEN, form).await.member("access_token");
        Self {
            app: Program::public(app, public).await,
            signer: Signer::register(app, signer).await,
            signed_in: sign_in(app, public).await,
            program,
            audience,
            program_token,
        }
    }

    fn owned(&self) -> Owned {
        Owned {
            things: [
                self.program_token.clone(),
                self.signed_in.member("access_token"),
                self.signed_in.member("refresh_token"),
                self.signer.assertion(self.signer.id, "1"),
                self.signed_in.member("session_id"),
                self.audience.to_owned(),
            ],
            program_id: self.program.id,
        }
    }

    fn account_id(&self) -> AccountId {
        let id = self.signed_in.json()["account"]["id"].clone();
        id.as_str().unwrap().parse().unwrap()
    }

    async fn remembered(&self, app: &TestApp) -> Remembered {
        let stores = &app.app.flows.stores;
        let mut clients = Vec::new();
        for id in [self.program.id, self.app.id, self.signer.id] {
            clients.push(stores.clients.find(&id.parse().unwrap()).await.unwrap());
        }
        let id = self.account_id();
        let account = stores.accounts.by_id(id).await.unwrap();
        let form = format!("token={}", self.program_token);
        let looked = self.program.ask(app, "/oauth/introspect", &form).await;
        let access_token = self.signed_in.member("access_token");
        Remembered {
            clients,
            account: account.map(|credentials| credentials.account),
            sessions: stores.sessions.list(id, app.clock.now()).await.unwrap(),
            program_token: looked.text,
            access_token: as_bearer(app, "GET", "/auth/me", &access_token).await.text,
        }
    }

    /// Whether the side goes on as if nothing had been.
    async fn goes_on(&self, app: &TestApp) {
        let [.., refresh_token, assertion, _, _] = &self.owned().things;
        let form = format!("grant_type=refresh_token&refresh_token={refresh_token}");
        let refreshed = self.app.ask(app, TOKEN, &form).await;
        assert_eq!(refreshed.claims()["sid"], self.signed_in.claims()["sid"]);
        let accepted = ask_by_assertion(app, assertion, "").await;
        assert_eq!(accepted.claims()["sub"], self.signer.id);
    }

    /// Shows something of another side, as the program or as the app of this one.
    async fn show(&self, app: &TestApp, client: &Program, way: Way, shown: Shown<'_>) -> Answer {
        let Shown { thing, owner } = shown;
        let own = &self.program_token;
        let credentials = "grant_type=client_credentials";
        let form = match way {
            Way::Secret => {
                let form = format!("{credentials}&client_id={owner}&client_secret={thing}");
                return app.send(request("POST", TOKEN, &[FORM], &form)).await;
            }
            Way::Assertion => {
                return ask_by_assertion(app, thing, &format!("&client_id={}", client.id)).await;
            }
            Way::Userinfo => return as_bearer(app, "GET", "/oauth/userinfo", thing).await,
            Way::EndSession => {
                let path = format!("/auth/sessions/{thing}");
                let own = self.signed_in.member("access_token");
                return as_bearer(app, "DELETE", &path, &own).await;
            }
            Way::Audience => format!("{credentials}&audience={thing}"),
            Way::Resource => format!("{credentials}&resource={thing}"),
            Way::Refresh => format!("grant_type=refresh_token&refresh_token={thing}"),
            Way::Exchange => format!("{EXCHANGE}&subject_token={thing}"),
            Way::ExchangeAudience => format!("{EXCHANGE}&subject_token={own}&audience={thing}"),
            Way::Actor => format!("{EXCHANGE}&subject_token={own}&actor_token={thing}"),
            Way::Revoke | Way::Introspect => format!("token={thing}"),
        };
        client.ask(app, way.path(), &form).await
    }
}

/// Something that another caller shows.
#[derive(Clone, Copy)]
struct Shown<'a> {
    thing: &'a str,
    owner: &'a str,
}

impl Way {
    fn path(self) -> &'static str {
        match self {
            Self::Revoke => "/oauth/revoke",
            Self::Introspect => "/oauth/introspect",
            _ => TOKEN,
        }
    }
}

#[tokio::test]
async fn nothing_crosses_clients() {
    let app = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let a = Side::begin(&app, ["a", "app-a", "signer-a", "of-a"]).await;
    let b = Side::begin(&app, ["b", "app-b", "signer-b", "of-b"]).await;
    for (victim, other) in [(&a, &b), (&b, &a)] {
        let before = victim.remembered(&app).await;
        let owned = victim.owned();
        for (way, to_program, to_app) in TABLE {
            let got = other.show_all(&app, &other.program, way, &owned).await;
            assert_eq!(got, to_program, "{way:?} as a program");
            let got = other.show_all(&app, &other.app, way, &owned).await;
            assert_eq!(got, to_app, "{way:?} as an app");
            assert_eq!(victim.remembered(&app).await, before, "{way:?}");
        }
    }
    a.goes_on(&app).await;
    b.goes_on(&app).await;
}

impl Side {
    async fn show_all(
        &self,
        app: &TestApp,
        client: &Program,
        way: Way,
        owned: &Owned,
    ) -> Vec<String> {
        let mut outcomes = Vec::new();
        for thing in &owned.things {
            let shown = Shown {
                thing,
                owner: owned.program_id,
            };
            outcomes.push(outcome(&self.show(app, client, way, shown).await));
        }
        outcomes
    }
}

/// The status and what is wrong, in a few words.
fn outcome(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    match answer.header("content-type") {
        _ if status == 200 && answer.text == r#"{"active":false}"# => "200 inactive".to_owned(),
        _ if status == 200 => "200".to_owned(),
        Some("application/problem+json") => format!("{status} {}", answer.problem().1),
        _ => format!("{status} {}", answer.oauth_error().1),
    }
}

async fn as_bearer(app: &TestApp, method: &str, path: &str, token: &str) -> Answer {
    let header = format!("Bearer {token}");
    app.send(request(method, path, &[("authorization", &header)], ""))
        .await
}

const TOKEN: &str = "/oauth/token";
const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
    &subject_token_type=urn:ietf:params:oauth:token-type:access_token";
