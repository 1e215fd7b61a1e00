//! What operators type beside a running server, and the administration API that does the same.

use serde_json::{Value, json};
use signet_tests::{Api, Folder, Server, run_signet};

/// Runs a command that has to end well, and reads its JSON.
fn answer(folder: &Folder, arguments: &[&str]) -> Value {
    let ran = run_signet(folder, arguments, &[]);
    assert!(ran.success, "{arguments:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Asks the token endpoint as the client `billing`.
async fn token_for(api: &Api, secret: &str) -> u16 {
    let form = format!("grant_type=client_credentials&client_id=billing&client_secret={secret}");
    api.post_form("/oauth/token", &form).await.status
}

#[tokio::test]
async fn a_client_is_managed_from_the_command_line_beside_the_server() {
    let server = Server::start();
    let (api, folder) = (server.api(), server.folder());
    let added = answer(
        folder,
        &[
            "client",
            "add",
            "billing",
            "--json",
            "--grants",
            "client_credentials",
            "--scopes",
            "orders:read,orders:write",
            "--audiences",
            "orders",
            "--owns",
            "billing",
        ],
    );
    assert_eq!(added["client_id"], "billing");
    assert_eq!(added["scopes"], json!(["orders:read", "orders:write"]));
    let first = added["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert_eq!(token_for(api, &first).await, 200);
    let shown = answer(folder, &["client", "show", "billing", "--json"]);
    assert_eq!(shown["client_secret"], Value::Null, "it is shown once");
    assert_eq!(
        answer(folder, &["client", "list", "--json"]),
        json!([shown])
    );

    let rotated = answer(folder, &["client", "rotate-secret", "billing", "--json"]);
    let second = rotated["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert_eq!(token_for(api, &first).await, 200);
    assert_eq!(token_for(api, &second).await, 200);
    answer(
        folder,
        &["client", "rotate-secret", "billing", "--finish", "--json"],
    );
    assert_eq!(token_for(api, &first).await, 401);

    let deny = [
        "client",
        "rotate-secret",
        "billing",
        "--deny-tokens",
        "--json",
    ];
    let third = answer(folder, &deny)["client_secret"].clone();
    let third = third.as_str().expect("a secret");
    assert_eq!(token_for(api, &second).await, 401);
    assert_eq!(token_for(api, third).await, 200);

    answer(folder, &["client", "disable", "billing", "--json"]);
    assert_eq!(token_for(api, third).await, 401);
    answer(folder, &["client", "enable", "billing", "--json"]);
    assert_eq!(token_for(api, third).await, 200);
    let deleted = run_signet(folder, &["client", "delete", "billing"], &[]);
    assert_eq!(deleted.stdout, "billing is deleted\n");
    assert_eq!(token_for(api, third).await, 401);
    let gone = run_signet(folder, &["client", "show", "billing"], &[]);
    assert_eq!(
        gone.stderr,
        "signet: on the store sqlite://data/signet.db, without a server\n\
         signet: there is no client with this id\n"
    );
}

#[tokio::test]
async fn commands_reach_the_running_server_whatever_store_they_are_configured_with() {
    let server = Server::start();
    let (api, folder) = (server.api(), server.folder());
    let operations = server.operations().address().to_string();
    let settings = [
        ("SIGNET_OPS_LISTEN", operations.as_str()),
        ("SIGNET_DATABASE_URL", "sqlite://elsewhere/other.db"),
    ];
    let run = |arguments: &[&str]| run_signet(folder, arguments, &settings);
    let add = [
        "client",
        "add",
        "billing",
        "--json",
        "--grants",
        "client_credentials",
        "--audiences",
        "orders",
    ];
    let added = run(&add);
    let place = format!("signet: on the server at http://{operations}\n");
    assert_eq!(added.stderr, place);
    let added: Value = serde_json::from_str(&added.stdout).expect("JSON");
    let secret = added["client_secret"].as_str().expect("a secret");
    assert_eq!(token_for(api, secret).await, 200);
    let again = run(&add);
    let refused = json!({"error": "a client with this id exists", "code": "conflict"});
    assert_eq!(again.stderr, place);
    assert_eq!(
        serde_json::from_str::<Value>(&again.stdout).expect("JSON"),
        refused
    );

    let listed = run(&["client", "list"]).stdout;
    assert!(
        listed.starts_with("client_id: billing\n  status: active\n"),
        "{listed}"
    );
    let rotated = run(&["client", "rotate-secret", "billing", "--now", "--json"]);
    let rotated: Value = serde_json::from_str(&rotated.stdout).expect("JSON");
    assert_eq!(token_for(api, secret).await, 401);
    let secret = rotated["client_secret"].as_str().expect("a secret");
    assert_eq!(token_for(api, secret).await, 200);
    run(&["client", "disable", "billing"]).succeeded();
    assert_eq!(token_for(api, secret).await, 401);
    assert_eq!(
        run(&["client", "delete", "billing"]).stdout,
        "billing is deleted\n"
    );
    let gone = run(&["client", "show", "billing"]);
    let unknown = "signet: there is no client with this id\n";
    assert_eq!(gone.stderr, format!("{place}{unknown}"));

    let offline = run(&["client", "list", "--offline"]);
    assert!(!offline.success && offline.stderr.contains("elsewhere/other.db does not exist"));
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn without_a_server_and_a_database_a_command_creates_neither() {
    let folder = Folder::with_keys();
    let ran = run_signet(
        &folder,
        &["client", "list"],
        &[("SIGNET_OPS_LISTEN", "127.0.0.1:1")],
    );
    assert!(!ran.success, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("data/signet.db does not exist"),
        "{}",
        ran.stderr
    );
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_token_for_another_public_url_than_the_servers_is_said_to_be_refused() {
    let server = Server::start();
    let listen = server.api().address().to_string();
    let settings = [
        ("SIGNET_LISTEN", listen.as_str()),
        ("SIGNET_PUBLIC_URL", "http://localhost:1"),
    ];
    let ran = run_signet(server.folder(), &["admin", "token"], &settings);
    assert!(
        ran.success && ran.stderr.contains("will refuse this token"),
        "{}",
        ran.stderr
    );
    let same = run_signet(server.folder(), &["admin", "token"], &settings[..1]);
    assert_eq!(same.stderr, "");
}

#[tokio::test]
async fn the_command_line_gives_the_first_token_that_opens_the_administration() {
    let server = Server::start();
    let ran = run_signet(server.folder(), &["admin", "token"], &[]);
    assert!(ran.success, "{}", ran.stderr);
    let token = ran.stdout.trim();
    let operators = server.operations();
    let account = server.api().register().await;
    let listed = operators
        .get_as("/admin/accounts", token)
        .await
        .expect(200)
        .json();
    assert_eq!(listed["accounts"][0]["id"], account.id.as_str());
    let path = format!("/admin/accounts/{}/disable", account.id);
    let disabled = operators
        .post_as(&path, token, &json!({}))
        .await
        .expect(200);
    assert_eq!(disabled.json()["status"], "disabled");
    let narrow = ["admin", "token", "--json", "--name", "ada", "--scope", READ];
    let twice = [&narrow[..], &["--scope", READ]].concat();
    let narrow = answer(server.folder(), &twice);
    assert_eq!(narrow["scope"], READ);
    let narrow = narrow["access_token"].as_str().unwrap();
    operators
        .get_as("/admin/accounts", narrow)
        .await
        .expect(200);
    let taken_back = ["client", "delete", "signet:command-line:ada"];
    run_signet(server.folder(), &taken_back, &[]).succeeded();
    operators
        .get_as("/admin/accounts", narrow)
        .await
        .problem(401, "session_ended");
    operators.get_as("/admin/accounts", token).await.expect(200);
    server
        .api()
        .me(&account.access_token)
        .await
        .problem(401, "session_ended");
    let taken_back = ["client", "delete", "signet:command-line"];
    let ran = run_signet(server.folder(), &taken_back, &[]);
    assert_eq!(
        ran.stdout,
        "the tokens of the command line are denied; wait 3 seconds before you make another\n"
    );
    operators
        .get_as("/admin/accounts", token)
        .await
        .problem(401, "session_ended");
    operators
        .get("/admin/accounts")
        .await
        .problem(401, "token_missing");
    server
        .api()
        .get_as("/admin/accounts", token)
        .await
        .problem(404, "not_found");

    let answered = answer(server.folder(), &["admin", "token", "--json"]);
    assert_eq!(answered["expires_in"], 600);
    assert_eq!(answered["scope"], "signet:admin");
    assert!(!server.logs().contains(token), "a token was logged");
}

/// The scope that reads.
const READ: &str = "signet:admin:read";

#[test]
fn who_cannot_read_the_keys_gets_no_token() {
    let ran = run_signet(&Folder::empty(), &["admin", "token"], &[]);
    assert!(!ran.success && ran.stdout.is_empty(), "{ran:?}");
    assert!(ran.stderr.contains("signet keys init"), "{}", ran.stderr);
}
