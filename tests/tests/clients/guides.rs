//! The documentation that the server shows, in Chromium.

use serde_json::{Value, json};
use signet_tests::Server;

use crate::program;

#[tokio::test]
async fn the_documentation_can_be_read_on_a_phone() {
    read("phone", false);
}

#[tokio::test]
async fn the_documentation_can_be_read_and_searched_on_a_desktop() {
    let search = read("desktop", true);
    let all = search["all"].as_u64().unwrap();
    assert!(all > 60, "{search}");
    assert_eq!(search["again"], all);
    let none = json!([0, "Nothing has all of these words."]);
    assert_eq!(search["none"], none);
    let some = search["some"].as_array().unwrap();
    assert!(some.contains(&json!("refresh")), "{search}");
    assert!(some.len() < 20, "{search}");
    let copied = search["copied"].as_str().unwrap();
    assert!(copied.contains("/auth/login"), "{copied}");
}

/// Reads every page at a size; then searches the API reference.
#[track_caller]
fn read(size: &str, searches: bool) -> Value {
    let server = Server::start();
    let screenshots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let answer: Value = program::run(
        "browser-guides.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "url": server.api().base(),
            "screenshots": screenshots,
            "size": size,
            "searches": searches,
        }),
    );
    assert_eq!(answer["faults"], json!([]));
    assert!(answer["pages"].as_u64() > Some(40), "{answer}");
    answer["search"].clone()
}
