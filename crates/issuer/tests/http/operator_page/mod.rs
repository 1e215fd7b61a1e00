//! The operator page on the operations listener: who gets in, what is shown, and what is changed.

mod attacks;
mod changes;
mod shown;
mod sign_in;

use serde_json::json;

use crate::admin::Admin;
use crate::redirect::{Browser, PASSWORD, register};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const EVE: &str = "eve@example.com";

/// A browser at the operations listener.
fn browser() -> Browser {
    Browser {
        operates: true,
        ..Browser::default()
    }
}

/// Registers a person, and gives the account a role.
async fn administrator(app: &TestApp, email: &str, role: &str) -> String {
    register(app, email).await;
    let admin = Admin::of(app);
    let id = id_of(app, email).await;
    let body = json!({"roles": [role]}).to_string();
    let path = format!("/admin/accounts/{id}");
    assert_eq!(admin.ask("PATCH", &path, &body).await.status, 200);
    id
}

/// The id of the account with this address.
async fn id_of(app: &TestApp, email: &str) -> String {
    let path = format!("/admin/accounts?email={email}");
    let found = Admin::of(app).get(&path).await;
    found["accounts"][0]["id"].as_str().unwrap().to_owned()
}

/// Signs in at the operator page, and returns the page that is shown then.
async fn sign_in(app: &TestApp, browser: &mut Browser, email: &str) -> Answer {
    let page = browser.visit(app, "/console").await;
    assert_eq!(page.heading(), "Operator sign-in");
    let filled = [("email", email), ("password", PASSWORD)];
    browser.submit(app, &page, &filled).await
}

/// A browser in which an operator with this role is signed in.
async fn signed_in(app: &TestApp, role: &str) -> Browser {
    administrator(app, ADA, role).await;
    let mut browser = browser();
    let page = sign_in(app, &mut browser, ADA).await;
    assert_eq!(page.heading(), "Overview", "{}", page.text);
    browser
}
