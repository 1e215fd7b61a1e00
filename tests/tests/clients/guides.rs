//! The documentation that the server shows, in Chromium.

use serde_json::{Value, json};
use signet_tests::Server;

use crate::program;

#[tokio::test]
async fn the_documentation_can_be_read_on_a_phone_and_in_the_dark() {
    let server = Server::start();
    let screenshots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let answer: Value = program::run(
        "browser-guides.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "url": server.api().base(),
            "screenshots": screenshots,
        }),
    );
    assert_eq!(answer["faults"], json!([]));
    assert!(answer["pages"].as_u64() > Some(30), "{answer}");
}
