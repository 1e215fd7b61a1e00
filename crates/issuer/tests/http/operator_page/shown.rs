//! What the pages show, and which roles open them.

use serde_json::json;

use super::{ADA, EVE, administrator, browser, id_of, sign_in, signed_in};
use crate::admin::Admin;
use crate::redirect::register;
use crate::support::TestApp;

/// The pages that need a role, below `/console/`.
const PAGES: [&str; 3] = ["accounts", "clients", "keys"];

#[tokio::test]
async fn each_role_opens_the_pages_of_the_scope_with_its_name() {
    let app = TestApp::start().await;
    let roles: [(&str, &str, &[&str]); 5] = [
        ("a@example.com", "signet:admin", &PAGES),
        ("b@example.com", "signet:admin:read", &PAGES),
        ("c@example.com", "signet:admin:accounts", &["accounts"]),
        ("d@example.com", "signet:admin:clients", &["clients"]),
        ("e@example.com", "signet:admin:keys", &["keys"]),
    ];
    for (email, role, opened) in roles {
        administrator(&app, email, role).await;
        opens_only(&app, email, opened).await;
    }
}

/// Signs in and checks which pages are linked and answer.
async fn opens_only(app: &TestApp, email: &str, opened: &[&str]) {
    let mut browser = browser();
    let overview = sign_in(app, &mut browser, email).await;
    for page in PAGES {
        let path = format!("/console/{page}");
        let is_linked = overview.text.contains(&format!("href=\"{path}\""));
        let is_open = opened.contains(&page);
        assert_eq!(is_linked, is_open, "{email} {page}");
        let answer = browser.visit(app, &path).await;
        assert_eq!(
            answer.status,
            if is_open { 200 } else { 403 },
            "{email} {page}"
        );
    }
}

#[tokio::test]
async fn accounts_are_searched_and_shown_with_their_sessions() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin:read").await;
    register(&app, EVE).await;
    let all = browser.visit(&app, "/console/accounts").await;
    assert!(all.text.contains(ADA) && all.text.contains(EVE));
    let found = browser.visit(&app, "/console/accounts?email=eve@example.com");
    let found = found.await;
    assert!(!found.text.contains(ADA) && found.text.contains(EVE));
    let none = browser.visit(&app, "/console/accounts?role=editor").await;
    assert!(none.text.contains("No account matches."));
    let wrong = browser.visit(&app, "/console/accounts?email=eve").await;
    assert_eq!(wrong.status, 400);

    let id = id_of(&app, EVE).await;
    let page = browser
        .visit(&app, &format!("/console/account?id={id}"))
        .await;
    assert_eq!(page.heading(), EVE);
    for text in [
        id.as_str(),
        "active",
        "password",
        "<strong>signet</strong>",
        "Roles:</span> \u{2013}</p>",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    // Only a role that changes accounts shows what changes them.
    assert_eq!(page.actions(), ["/console/sign-out"]);
    for (id, status) in [("x", 400), ("0198a3e0-0000-7000-8000-000000000000", 404)] {
        let page = browser
            .visit(&app, &format!("/console/account?id={id}"))
            .await;
        assert_eq!(
            (page.status.as_u16(), page.heading()),
            (status, "That did not work")
        );
    }
}

#[tokio::test]
async fn keys_and_clients_are_shown_without_secrets() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin").await;
    let client = json!({
        "client_id": "billing", "name": "The <Billing>", "grants": ["client_credentials"],
        "scopes": ["orders:read"], "audiences": ["api"],
    });
    let added = Admin::of(&app)
        .ask("POST", "/admin/clients", &client.to_string())
        .await;
    let secret = added.member("client_secret");
    let page = browser.visit(&app, "/console/clients").await;
    for text in ["The &lt;Billing&gt;", "orders:read", "client_credentials"] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains(&secret));
    let page = browser.visit(&app, "/console/keys").await;
    let keys = Admin::of(&app).get("/admin/keys").await;
    for key in keys["signing"].as_array().unwrap() {
        assert!(page.text.contains(key["kid"].as_str().unwrap()));
    }
    assert!(page.text.contains("becomes active with a rotation"));
    assert!(page.text.contains("<code>signet keys rotate</code>"));
}

#[tokio::test]
async fn the_newest_events_are_shown_first_and_those_of_an_account_in_order() {
    let app = TestApp::with_file("[audit]\ntable = true\n").await;
    let mut browser = signed_in(&app, "signet:admin").await;
    let id = id_of(&app, ADA).await;
    let page = browser.visit(&app, "/console/events").await;
    let place = |page: &str, kind: &str| page.find(&format!("<strong>{kind}</strong>"));
    let (first, last) = (
        place(&page.text, "session.begun").unwrap(),
        place(&page.text, "account.registered").unwrap(),
    );
    assert!(first < last, "{}", page.text);
    let times = page.text.split("Time:</span> ").skip(1);
    let times: Vec<_> = times.map(|rest| rest.split('<').next().unwrap()).collect();
    assert!(!times.is_empty());
    for time in times {
        assert!(time.len() == 23 && time.ends_with(" UTC"), "{time}");
    }
    let page = browser
        .visit(&app, &format!("/console/events?account={id}"))
        .await;
    let first = place(&page.text, "account.registered").unwrap();
    assert!(first < place(&page.text, "account.roles_changed").unwrap());

    let other = TestApp::start().await;
    let mut browser = signed_in(&other, "signet:admin").await;
    let page = browser.visit(&other, "/console/events").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("set audit.table (SIGNET_AUDIT_TABLE)"));
    let marked = "<a href=\"/console/events\" aria-current=\"page\">Events</a>";
    assert!(page.text.contains(marked), "{}", page.text);
}
