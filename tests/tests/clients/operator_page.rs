//! The operator page in Chromium.

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server};

use crate::program;

#[tokio::test]
async fn the_operator_page_works_at_every_size_in_every_light_and_without_scripts() {
    let server = Server::with(&[
        ("SIGNET_LIMITS_LOGIN_PER_MINUTE", "600"),
        ("SIGNET_AUDIT_TABLE", "true"),
    ]);
    let operator = server.api().register().await.email;
    let other = server.api().register().await.email;
    let account = |arguments: &[&str]| -> Value {
        let ran = server.run(&[&["account"], arguments, &["--offline", "--json"]].concat());
        assert!(ran.success, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    account(&["roles", &operator, "--add", "signet:admin"]);
    server.add_client(&[
        "wiki",
        "--grants",
        "client_credentials",
        "--scopes",
        "pages:read",
        "--audiences",
        "api",
    ]);
    let screenshots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let answer = program::run(
        "browser-operator.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "url": server.operations().base(),
            "account": account(&["show", &other])["id"],
            "email": operator,
            "password": PASSWORD,
            "screenshots": screenshots,
        }),
    );
    let expected = json!({
        "headings": [[
            "Overview",
            "Accounts",
            other,
            "Clients",
            "Keys",
            "Events",
            "Confirm that it is you",
        ]],
        "disabled": true,
        "faults": [],
    });
    assert_eq!(answer, expected);
}
