//! Passkeys from Chromium to Signet by way of the browser client, and what another library makes of
//! the same ceremonies.

use std::sync::Arc;

use serde_json::{Value, json};
use signet_tests::{Folder, PASSWORD, Server, StoreChoice, own_address};

use crate::program;

pub(crate) async fn passkeys_of_a_browser_work_everywhere_and_another_judge_agrees(
    stores: StoreChoice,
) {
    let address = own_address();
    let host = "auth.localhost";
    let public_url = format!("http://{host}:{}", address.port());
    let listen = address.to_string();
    let settings = [
        ("SIGNET_PUBLIC_URL", public_url.as_str()),
        ("SIGNET_LISTEN", &listen),
    ];
    let (stores, folder) = (Arc::new(stores.start()), Arc::new(Folder::with_keys()));
    let first = Server::on(Arc::clone(&stores), Arc::clone(&folder), &settings);
    let second = Server::on(stores, folder, &settings[..1]);
    let task = json!({
        "chromium": program::installed("chromium").to_str(),
        "url": public_url,
        "address": address.ip().to_string(),
        "replicas": [first.api().base(), second.api().base()],
        "password": PASSWORD,
    });
    let answer = program::run("browser-passkeys-signet.mjs", &task);
    let expected = json!({
        "synced": used("synced@example.com", "swk", true),
        "device_bound": used("device_bound@example.com", "hwk", false),
        "unverified": {"refused": "NotAllowedError", "passkeys": []},
    });
    assert_eq!(answer["steps"], expected);

    let task = json!({
        "rp_id": host,
        "origin": public_url,
        "ceremonies": answer["ceremonies"],
    });
    let verdicts = program::run("judge_webauthn.py", &task);
    let expected = json!({
        "synced": judged("multi_device"),
        "device_bound": judged("single_device"),
    });
    assert_eq!(verdicts, expected);
}

/// What an authenticator leads to whose key is `key`, RFC 8176.
fn used(email: &str, key: &str, synced: bool) -> Value {
    json!({
        "name": "key of Ada",
        "synced": synced,
        "signed_in": email,
        "amr": [key, "user", "mfa"],
        "methods": ["passkey"],
        "finished": email,
        "amr_after_password": ["pwd", key, "user", "mfa"],
        "stepped_up": ["pwd", key, "user", "mfa"],
        "again": "InvalidStateError",
        "tampered": 401,
        "raced": {"200": 1, "401": 19},
        "on_pages": [["Your account", true], ["Your account", true]],
        "managed": {
            "names": ["laptop", "laptop"],
            "used": [true],
            "left": [],
            "password_alone": email,
        },
    })
}

/// The status of each ceremony, and what the other library says of it.
fn judged(device: &str) -> Value {
    json!([
        [201, "registered", true, device],
        [200, "proved", true, device],
        [200, "proved", true, device],
        [401, "InvalidAuthenticationResponse"],
        [303, "proved", true, device],
        [303, "proved", true, device],
    ])
}
