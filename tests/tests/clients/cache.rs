//! What HTTP caches on the way make of our answers: undici with its cache.

use serde_json::{Value, json};
use signet_tests::Server;

use crate::program;

#[tokio::test]
async fn a_cache_keeps_keys_and_metadata_and_nothing_of_people() {
    let server = Server::start();
    let (ada, ben) = (server.api().register().await, server.api().register().await);
    let task = json!({
        "issuer": server.api().base(),
        "tokens": [ada.access_token, ben.access_token],
    });
    let visits = program::run("cache-undici.mjs", &task);

    let jwks = "/.well-known/jwks.json";
    assert_eq!(visits["keys"]["asked"], json!([jwks]));
    assert_eq!(visits["keys_again"]["asked"], json!([]));
    let checked = json!([format!("{jwks} if changed, 304")]);
    assert_eq!(visits["keys_checked"]["asked"], checked);
    let keys = server.api().get(jwks).await.json();
    for visit in ["keys", "keys_again", "keys_checked"] {
        assert_eq!(visits[visit]["body"], keys, "{visit}");
    }

    let metadata = "/.well-known/openid-configuration";
    assert_eq!(visits["metadata"]["asked"], json!([metadata]));
    assert_eq!(visits["metadata_again"]["asked"], json!([]));

    let emails = ["ada", "ben", "nobody"].map(|person| &visits[person]["body"]["email"]);
    assert_eq!(emails, [&json!(ada.email), &json!(ben.email), &Value::Null]);
    for person in ["ada", "ada_again", "ben", "nobody"] {
        assert_eq!(visits[person]["asked"], json!(["/auth/me"]), "{person}");
    }
}
