//! What a change of a client at the command line does to the client and to the tokens it has.

use rusqlite::Connection;
use serde_json::{Value, json};
use signet_tests::{Api, Reply, Server, run_signet};

/// Runs a command that must end well, and reads its JSON.
fn run(server: &Server, command: &str, online: bool) -> Value {
    let arguments: Vec<&str> = command.split(' ').collect();
    let operations = server.operations().address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", operations.as_str())];
    let settings = if online { &settings[..] } else { &[] };
    let ran = run_signet(server.folder(), &arguments, settings);
    assert!(ran.success, "{command}: {}", ran.stderr);
    assert_eq!(
        ran.stderr.contains("on the server at"),
        online,
        "{}",
        ran.stderr
    );
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn add(server: &Server, online: bool) -> String {
    let add = "client add billing --json --grants client_credentials \
               --scopes orders:read,orders:write --audiences orders";
    secret(&run(server, add, online))
}

fn secret(issued: &Value) -> String {
    let secret = issued["client_secret"].as_str();
    secret.expect("a secret").to_owned()
}

async fn token(api: &Api, secret: &str) -> Reply {
    let form = format!("grant_type=client_credentials&client_id=billing&client_secret={secret}");
    api.post_form("/oauth/token", &form).await
}

async fn is_active(api: &Api, secret: &str, token: &str) -> Value {
    let form = format!("token={token}&client_id=billing&client_secret={secret}");
    let shown = api.post_form("/oauth/introspect", &form).await;
    shown.json()["active"].clone()
}

#[tokio::test]
async fn rotating_a_secret_with_deny_tokens_ends_the_tokens_of_the_old_one() {
    for online in [true, false] {
        let server = Server::start();
        let api = server.api();
        let first = add(&server, online);
        let stolen = token(api, &first).await.member("access_token");
        assert_eq!(is_active(api, &first, &stolen).await, true);
        let rotate = "client rotate-secret billing --deny-tokens --json";
        let second = secret(&run(&server, rotate, online));
        assert_eq!(
            is_active(api, &second, &stolen).await,
            false,
            "online: {online}"
        );
        let next = token(api, &second).await.member("access_token");
        assert_eq!(is_active(api, &second, &next).await, true);
    }
}

#[tokio::test]
async fn a_client_is_changed_beside_a_server_and_without_one() {
    for online in [true, false] {
        let server = Server::start();
        let api = server.api();
        let first = add(&server, online);
        let wide = token(api, &first).await.member("access_token");
        let change = "client update billing --json --name Billing --scopes orders:read \
                      --token-ttl 2m --redirect-uris https://billing.example/cb \
                      --logo-uri https://billing.example/logo.svg --version 1";
        let changed = run(&server, change, online);
        assert_eq!(changed["name"], "Billing");
        assert_eq!(changed["scopes"], json!(["orders:read"]));
        assert_eq!(changed["audiences"], json!(["orders"]));
        assert_eq!(changed["token_ttl"], 120);
        assert_eq!(changed["logo_uri"], "https://billing.example/logo.svg");
        assert_eq!(
            is_active(api, &first, &wide).await,
            false,
            "online: {online}"
        );
        let narrow = token(api, &first).await.json();
        assert_eq!(narrow["scope"], "orders:read");

        let change = "client update billing --json --no-name --scopes - --token-ttl - \
                      --redirect-uris - --logo-uri -";
        let changed = run(&server, change, online);
        assert_eq!(changed["name"], Value::Null);
        assert_eq!(changed["scopes"], json!([]));
        assert_eq!(changed["token_ttl"], Value::Null);
        assert_eq!(changed["logo_uri"], Value::Null);
    }
}

#[tokio::test]
async fn a_change_that_is_refused_says_what_is_wrong() {
    let server = Server::start();
    add(&server, true);
    let operations = server.operations().address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", operations.as_str())];
    for settings in [&settings[..], &[]] {
        let refused = run_signet(
            server.folder(),
            &["client", "update", "billing", "--audiences", "-"],
            settings,
        );
        assert_eq!(refused.code, Some(1));
        let said = "a client that gets tokens needs at least one audience";
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        let late = [
            "client",
            "update",
            "billing",
            "--name",
            "Late",
            "--version",
            "7",
        ];
        let refused = run_signet(server.folder(), &late, settings);
        let said = "the client has changed since version 7 was read, and is at version 1 now";
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        let shown = run_signet(server.folder(), &["client", "show", "billing"], settings);
        assert!(shown.stdout.contains("\n  version: 1\n"), "{shown:?}");
    }
}

#[test]
fn a_new_client_that_gets_no_tokens_is_said_to_get_none() {
    let server = Server::start();
    let operations = server.operations().address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", operations.as_str())];
    let type_next = "`signet client update idle --grants client_credentials --audiences SERVICE`";
    for (settings, id, more, is_said) in [
        (&settings[..], "idle", "", true),
        (
            &[],
            "idle-2",
            " --audiences orders --grants refresh_token",
            true,
        ),
        (&[], "api", " --owns api", false),
        (
            &[],
            "web",
            " --audiences api --redirect-uris https://web.example/cb",
            false,
        ),
        (&[], "app", " --audiences api --auth none", false),
    ] {
        let arguments = format!("client add {id}{more}");
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let ran = run_signet(server.folder(), &arguments, settings);
        assert!(ran.success, "{ran:?}");
        let said = ran.stderr.contains(&format!("{id} gets no tokens yet"));
        assert_eq!(said, is_said, "{ran:?}");
        assert_eq!(ran.stderr.contains(type_next), id == "idle", "{ran:?}");
    }
}

#[test]
fn a_client_that_is_built_in_is_said_to_be_built_in() {
    let server = Server::start();
    let operations = server.operations().address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", operations.as_str())];
    for settings in [&settings[..], &[]] {
        for command in ["show", "disable", "delete"] {
            let arguments = ["client", command, "signet", "--json"];
            let refused = run_signet(server.folder(), &arguments, settings);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            let said: Value = serde_json::from_str(&refused.stdout).expect("JSON");
            assert_eq!(said["code"], "not_found");
            let sentence = said["error"].as_str().expect("a sentence");
            let expected = "the client signet is built into the server: ";
            assert!(sentence.starts_with(expected), "{sentence}");
        }
    }
}

#[test]
fn what_a_metadata_document_says_is_changed_neither_beside_a_server_nor_without_one() {
    let server = Server::start();
    add(&server, true);
    let database = Connection::open(server.folder().database()).unwrap();
    let unregister =
        "UPDATE clients SET record = json_set(record, '$.known_by', 'metadata_document')";
    assert_eq!(database.execute(unregister, []).unwrap(), 1);
    let operations = server.operations().address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", operations.as_str())];
    for settings in [&settings[..], &[]] {
        let change = ["client", "update", "billing", "--audiences", "wiki"];
        let refused = run_signet(server.folder(), &change, settings);
        assert!(!refused.success);
        let said = "the metadata document of this client says what it may do";
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
}
