//! The pages that ask for a proof of work, in Chromium, with scripts and without.

use serde_json::json;
use signet_tests::{PASSWORD, Server, own_address};

use crate::program;

#[tokio::test]
async fn a_browser_does_the_work_of_a_form_and_a_page_without_scripts_says_that_it_needs_them() {
    let address = own_address().to_string();
    let url = format!("http://{address}");
    let server = Server::with(&[
        ("SIGNET_LISTEN", &address),
        ("SIGNET_PUBLIC_URL", &url),
        ("SIGNET_PROOF_OF_WORK_REGISTRATION", "true"),
        ("SIGNET_PROOF_OF_WORK_SIGN_IN", "true"),
        ("SIGNET_LIMITS_ENABLED", "true"),
        // After two of them, sign-ins need work for half a minute.
        ("SIGNET_LIMITS_FAILED_SIGN_INS_PER_MINUTE", "2"),
        ("SIGNET_LIMITS_LOGIN_PER_MINUTE", "600"),
    ]);
    let answer = program::run(
        "browser-work.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "url": server.api().base(),
            "email": "ada@example.com",
            "password": PASSWORD,
        }),
    );
    let once_more = "Please send the form once more. \
                     Your browser first does a short computation, which keeps attackers away.";
    let expected = json!({
        "registration": [false, "Your account"],
        "registration_without_scripts": [true, once_more, true],
        "sign_in": {
            "scripts": [once_more, false, "Your account"],
            "none": [once_more, true],
        },
        "faults": [],
    });
    assert_eq!(answer, expected);
}
