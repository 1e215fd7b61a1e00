//! Pages without a server in Chromium: they get tokens by redirect, with our module and with
//! oidc-client-ts.

use serde_json::{Value, json};
use signet_test_servers::free_port;
use signet_tests::{PASSWORD, Server, own_address};

use crate::program;

#[tokio::test]
async fn a_page_without_a_server_signs_people_in_by_redirect() {
    let (email, steps) = run("browser-redirect.mjs", &[]).await;
    let expected = json!({
        "before": [null, 0],
        "page": ["Anmelden", email],
        "signed_in": [email, "openid email", "Bearer", null],
        "address": "/app",
        "left": 0,
        "again": "unknown_state",
        "planted": "unknown_state",
        "mixed_up": ["wrong_issuer", 0],
        "quiet": "login_required",
    });
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn a_page_with_oidc_client_ts_signs_people_in_refreshes_and_signs_out() {
    let (email, steps) = run("browser-oidc-client-ts.mjs", &["--grants=refresh_token"]).await;
    let expected = json!({
        "signed_in": [email, "openid email", true],
        "refreshed": [email, "openid email", true],
        "signed_out": null,
        "refused": "login_required",
    });
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn the_single_page_app_of_the_documentation_signs_in_and_out() {
    let (email, steps) = run("browser-spa.mjs", &["--scopes=orders:read"]).await;
    let expected = json!({
        "who": format!("Signed in as {email}"),
        "signed_out": "You are signed out",
        "again": "Sign in",
    });
    assert_eq!(steps, expected);
}

#[test]
fn the_module_takes_at_most_two_kibibytes_compressed() {
    let file = program::in_the_repository("crates/issuer/web/redirect.js");
    let size = program::run("compressed.mjs", &json!({"file": file}));
    println!("redirect.js, compressed: {size} bytes");
    assert!(size["gzip"].as_u64().expect("a size") <= 2_048, "{size}");
}

/// Runs a page of another origin than the server's. Returns the address of the person who signs in,
/// and the answer of the program.
async fn run(program: &str, of_client: &[&str]) -> (String, Value) {
    let (issuer, page) = (own_address(), format!("http://127.0.0.1:{}", free_port()));
    let server = Server::with(&[
        ("SIGNET_LISTEN", &issuer.to_string()),
        ("SIGNET_PUBLIC_URL", &format!("http://{issuer}")),
        ("SIGNET_ALLOWED_ORIGINS", &page),
    ]);
    let client = [
        "spa",
        "--auth=none",
        "--first-party",
        "--audiences=api",
        "--redirect-uris=http://127.0.0.1/app",
        "--post-logout-redirect-uris=http://127.0.0.1/app",
    ];
    server.add_client(&[&client, of_client].concat());
    let email = server.api().register().await.email;
    let task = json!({
        "url": server.api().base(),
        "page": format!("{page}/app"),
        "email": email,
        "password": PASSWORD,
        "chromium": program::installed("chromium").to_str(),
    });
    (email, program::run(program, &task))
}
