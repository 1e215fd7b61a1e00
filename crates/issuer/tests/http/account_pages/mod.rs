//! The pages on which people see and change their own account.

mod attacks;
mod changes;
mod factors;
mod passkeys;
mod proof;
mod sessions;

use serde_json::json;

use crate::redirect::{Browser, register};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0";

/// A browser in which this person is signed in, and the page that it then shows.
async fn signed_in(app: &TestApp, email: &str) -> (Browser, Answer) {
    let mut browser = Browser {
        user_agent: LINUX.to_owned(),
        ..Browser::default()
    };
    let page = browser.visit(app, "/account").await;
    assert_eq!(page.heading(), "Sign in");
    let account = browser.sign_in(app, &page, email).await;
    (browser, account)
}

/// Whether a refresh token still opens its session.
async fn goes_on(app: &TestApp, tokens: &Answer) -> bool {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    let answer = app.post("/auth/refresh", &body.to_string()).await;
    answer.status == 200
}

/// Signs in with a password at the API.
async fn login(app: &TestApp, password: &str) -> Answer {
    let body = json!({"email": ADA, "password": password, "token_delivery": "body"});
    app.post("/auth/login", &body.to_string()).await
}
