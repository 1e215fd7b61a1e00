//! A client of the Model Context Protocol that is not registered: the SDK signs a person in by the
//! URL of a document about the client, and calls a tool with the access token.

use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::{PASSWORD, Server, own_address};

use crate::program;

#[tokio::test]
async fn an_mcp_client_that_nobody_registered_signs_in_and_calls_a_tool() {
    let issuer = own_address().to_string();
    let resource = format!("http://127.0.0.1:{}/mcp", free_port());
    let server = Server::with(&[
        ("SIGNET_LISTEN", &issuer),
        ("SIGNET_PUBLIC_URL", &format!("http://{issuer}")),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_ENABLED", "true"),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_SCOPES", "tools:read"),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_AUDIENCES", &resource),
        (
            "SIGNET_CLIENT_METADATA_DOCUMENTS_ALLOWED_NETWORKS",
            "127.0.0.0/8,::1",
        ),
        (
            "SIGNET_CLIENT_METADATA_DOCUMENTS_CA_FILE",
            &certificate("authority.pem"),
        ),
    ]);
    let account = server.api().register().await;
    let task = json!({
        "issuer": server.api().base(),
        "resource": resource,
        "certificate": certificate("server.pem"),
        "key": certificate("server-key.pem"),
        "email": account.email,
        "password": PASSWORD,
    });
    let done = program::run("redirect-mcp-sdk.mjs", &task);
    let called = json!([
        account.id,
        done["client_id"],
        ["tools:read", "offline_access"]
    ]);
    assert_eq!(done["called"], called, "{done}");
    assert_eq!(done["called_again"], called, "{done}");
    assert_eq!(done["refreshed"], json!(["AUTHORIZED", true]));
    assert_eq!(done["refused"], "invalid_grant");
    assert_eq!(done["state"], "known to the client");
    assert_eq!(done["iss"], server.api().base());
}

/// A file of the authority that signed the certificate for `localhost`.
fn certificate(name: &str) -> String {
    let path = program::in_the_repository("crates/store/tests/redis/tls").join(name);
    path.to_str().expect("a path in UTF-8").to_owned()
}
