//! The account page in Chromium.

use serde_json::json;
use signet_tests::{PASSWORD, Server, own_address};

use crate::program;

#[tokio::test]
async fn the_account_page_works_at_every_size_in_every_light_and_without_scripts() {
    let address = own_address();
    // A passkey needs a domain.
    let public_url = format!("http://auth.localhost:{}", address.port());
    let listen = address.to_string();
    let server = Server::with(&[
        ("SIGNET_PUBLIC_URL", public_url.as_str()),
        ("SIGNET_LISTEN", &listen),
        ("SIGNET_LIMITS_PASSWORD_PER_MINUTE", "600"),
    ]);
    let email = server.api().register().await.email;
    let screenshots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let answer = program::run(
        "browser-account.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "url": public_url,
            "address": address.ip().to_string(),
            "email": email,
            "password": PASSWORD,
            "screenshots": screenshots,
        }),
    );
    let expected = json!({
        "headings": [[
            "Your account",
            "Name",
            "Password",
            "Authenticator app",
            "Passkeys",
            "Where you are signed in",
            "Applications with access",
            "Delete the account",
            "Confirm that it is you",
        ]],
        "without_scripts": {
            "saved": "The change is saved.",
            "code_is_visible": true,
            "passkey_form_is_hidden": true,
        },
        "passkey": {"asked": "Confirm that it is you", "name": "laptop"},
        "faults": [],
    });
    assert_eq!(answer, expected);
}
