//! A second factor that a client requires, set up on the sign-in pages in Chromium.

use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::{PASSWORD, Server, own_address};

use crate::program;

#[tokio::test]
async fn a_required_second_factor_is_set_up_on_the_way_to_the_client() {
    let address = own_address();
    // A passkey needs a domain.
    let public_url = format!("http://auth.localhost:{}", address.port());
    let listen = address.to_string();
    let server = Server::with(&[
        ("SIGNET_PUBLIC_URL", public_url.as_str()),
        ("SIGNET_LISTEN", &listen),
    ]);
    let page = format!("http://127.0.0.1:{}/cb", free_port());
    server.add_client(&[
        "strict",
        "--auth=none",
        "--first-party",
        "--audiences=api",
        "--mfa-policy=required",
        "--redirect-uris=http://127.0.0.1/cb",
    ]);
    let emails = [
        server.api().register().await.email,
        server.api().register().await.email,
    ];
    let authorize = format!(
        "{public_url}/oauth/authorize?client_id=strict&redirect_uri={page}&response_type=code&\
         scope=openid&state=here&code_challenge_method=S256&\
         code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let answer = program::run(
        "browser-enrolment.mjs",
        &json!({
            "chromium": program::installed("chromium").to_str(),
            "zbarimg": program::installed("zbarimg").to_str(),
            "oathtool": program::installed("oathtool").to_str(),
            "url": public_url,
            "address": address.ip().to_string(),
            "page": page,
            "authorize": authorize,
            "emails": emails,
            "password": PASSWORD,
            "screenshot": server.folder().path().join("qr.png").to_str(),
        }),
    );
    let codes = json!(["Recovery codes", 10, "here", true]);
    let app = json!([
        "Set up a second factor",
        [],
        "Set up an app",
        [],
        true,
        [],
        codes
    ]);
    assert_eq!(answer, json!({"app": app, "passkey": codes}));
}
