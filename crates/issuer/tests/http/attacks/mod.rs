//! Attackers: what they send, exactly how it is refused, and that nothing has changed by it.

mod access_tokens;
mod counted;
mod doors;
mod dump;
mod forge;
mod mutations;
mod origins;
mod refresh_tokens;

use serde_json::json;
use signet_core::account::Account;
use signet_core::ids::AccountId;
use signet_core::session::Session;
use signet_verifier::Clock as _;

use crate::support::{Answer, TestApp, request};
pub(crate) use counted::{Calls, Fault};

const PASSWORD: &str = "engine no. 9 steams";

/// A person who is signed in.
struct Person {
    id: AccountId,
    email: &'static str,
    access_token: String,
    refresh_token: String,
    session_id: String,
}

/// An app with a victim and an attacker who has an account as well.
struct Scene {
    app: TestApp,
    calls: Calls,
    ada: Person,
    mallory: Person,
}

/// Everything stored about a person, and whether their access token is still valid.
#[derive(PartialEq, Debug)]
struct Remembered {
    account: Option<Account>,
    sessions: Vec<Session>,
    access: u16,
}

impl Scene {
    async fn begin() -> Self {
        Self::begin_with(&[]).await
    }

    /// The same with these variables in the app's environment.
    async fn begin_with(variables: &[(&str, &str)]) -> Self {
        let calls = Calls::default();
        let variables = [variables, &[("SIGNET_LIMITS_ENABLED", "false")]].concat();
        let app = TestApp::around(&variables, |stores| calls.count(stores)).await;
        let ada = Person::register(&app, "ada@example.com").await;
        let mallory = Person::register(&app, "mallory@example.com").await;
        Self {
            app,
            calls,
            ada,
            mallory,
        }
    }

    /// All that an attack could have changed.
    async fn remembered(&self) -> [Remembered; 2] {
        [
            self.ada.remembered(&self.app).await,
            self.mallory.remembered(&self.app).await,
        ]
    }

    /// Shows an access token at a route.
    async fn ask_as(&self, token: &str, method: &str, path: &str) -> Answer {
        let header = format!("Bearer {token}");
        let headers = [("authorization", header.as_str())];
        self.app.send(request(method, path, &headers, "")).await
    }
}

impl Person {
    async fn register(app: &TestApp, email: &'static str) -> Self {
        Self::sign_in(app, "/auth/register", email).await
    }

    /// Another session of the same person.
    async fn login(&self, app: &TestApp) -> Self {
        Self::sign_in(app, "/auth/login", self.email).await
    }

    async fn sign_in(app: &TestApp, path: &str, email: &'static str) -> Self {
        let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
        let answer = app.post(path, &body.to_string()).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        let id = answer.json()["account"]["id"].as_str().unwrap().parse();
        Self {
            id: id.unwrap(),
            email,
            access_token: answer.member("access_token"),
            refresh_token: answer.member("refresh_token"),
            session_id: answer.member("session_id"),
        }
    }

    async fn remembered(&self, app: &TestApp) -> Remembered {
        let stores = &app.app.flows.stores;
        let found = stores.accounts.by_id(self.id).await.unwrap();
        let now = app.clock.now();
        let header = format!("Bearer {}", self.access_token);
        let me = request("GET", "/auth/me", &[("authorization", &header)], "");
        Remembered {
            account: found.map(|credentials| credentials.account),
            sessions: stores.sessions.list(self.id, now).await.unwrap(),
            access: app.send(me).await.status.as_u16(),
        }
    }
}
