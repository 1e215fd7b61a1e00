//! The modules of the OpenID Foundation's plans for providers, as tests of our own: one test a module,
//! with the name that the plan gives it. Each request has PKCE, which this server requires.

mod basic;
mod parameters;
mod refreshed;
mod rp_logout;

use serde_json::{Value, json};

use super::browser::{Browser, PASSWORD};
use super::client::{CALLBACK, Web, claims};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";

/// A server, a client of the operator, a person, and the person's browser.
struct Plan {
    app: TestApp,
    client: Web,
    browser: Browser,
}

impl Plan {
    async fn begin() -> Self {
        let app = TestApp::start().await;
        let client = Web::own(&app).await;
        let body =
            json!({"email": ADA, "password": PASSWORD, "name": "Ada", "token_delivery": "body"});
        app.post("/auth/register", &body.to_string()).await;
        Self {
            app,
            client,
            browser: Browser::default(),
        }
    }

    /// Sends the browser with a request; returns the page that is shown or the answer to the client.
    async fn ask(&mut self, changes: &[(&str, &str)]) -> Answer {
        let start = self.client.authorize(changes);
        self.browser.visit(&self.app, &start).await
    }

    /// The same, and signs in if the page asks for it; returns the code.
    async fn code(&mut self, changes: &[(&str, &str)]) -> String {
        let mut answer = self.ask(changes).await;
        if answer.status == 200 {
            assert_eq!(answer.heading(), "Sign in");
            answer = self.browser.sign_in(&self.app, &answer, ADA).await;
        }
        answer.to_client(CALLBACK)["code"].clone()
    }

    /// The tokens for a request.
    async fn tokens(&mut self, changes: &[(&str, &str)]) -> Value {
        let code = self.code(changes).await;
        let tokens = self.client.redeem(&self.app, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.text);
        tokens.json()
    }

    /// The claims of the ID token for a request.
    async fn identity(&mut self, changes: &[(&str, &str)]) -> Value {
        identity(&self.tokens(changes).await)
    }

    /// The error that the client gets for a request.
    async fn error(&mut self, changes: &[(&str, &str)]) -> String {
        self.ask(changes).await.to_client(CALLBACK)["error"].clone()
    }
}

fn identity(tokens: &Value) -> Value {
    claims(tokens["id_token"].as_str().unwrap())
}
