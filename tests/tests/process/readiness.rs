//! Whether it says that it is ready only when it is.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use rusqlite::Connection;
use serde_json::json;
use signet_tests::{
    Api, PASSWORD, SOON, Server, StoreChoice, fresh_email, run_signet, until, within,
};

#[tokio::test]
async fn a_database_that_takes_no_writes_is_not_ready_although_it_can_be_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    drop(listener);
    let server = Server::with(&[("SIGNET_OPS_LISTEN", &address.to_string())]);
    let operations = Api::at(address);
    let account = server.api().register().await;
    operations.get("/readyz").await.expect(200);

    let other = Connection::open(server.folder().database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let report = operations.get("/readyz").await.expect(503).json();
    assert_eq!(report["checks"]["database"]["status"], "unusable");
    assert_eq!(report["checks"]["keys_folder"]["status"], "ok");
    server.api().me(&account.access_token).await.expect(200);
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let refused = server.api().post("/auth/register", &body).await;
    refused.problem(503, "unavailable");

    other.execute_batch("ROLLBACK").unwrap();
    operations.get("/readyz").await.expect(200);
    server.api().register().await;
}

#[tokio::test]
async fn with_redis_a_database_that_takes_no_writes_is_degraded_and_people_are_served() {
    let server = StoreChoice::Redis.serve();
    let operations = server.operations();
    let account = server.api().register().await;
    let other = Connection::open(server.folder().database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let report = operations.get("/readyz").await.expect(200).json();
    let database = &report["checks"]["database"];
    assert_eq!(database["status"], "degraded");
    let detail = database["detail"].as_str().unwrap();
    let said = "accounts can be read and not changed: ";
    assert!(detail.starts_with(said), "{detail}");
    let refreshed = server.api().refresh(&account.refresh_token).await;
    refreshed.expect(200);
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let refused = server.api().post("/auth/register", &body).await;
    refused.problem(503, "unavailable");

    other.execute_batch("ROLLBACK").unwrap();
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "ok");
}

#[tokio::test]
async fn a_stored_role_that_cannot_be_read_is_reported_until_the_roles_are_set_again() {
    let server = Server::start();
    let operations = server.operations();
    let account = server.api().register().await;
    let database = Connection::open(server.folder().database()).unwrap();
    let spoil = "UPDATE accounts SET roles = 'editor no,role'";
    assert_eq!(database.execute(spoil, []).unwrap(), 1);
    let signed_in = server.api().login(&account.email).await;
    let me = server.api().me(&signed_in.access_token).await.expect(200);
    assert_eq!(me.json()["roles"], json!(["editor"]));
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "degraded");
    let event = "\"event.name\":\"account.role_unreadable\"";
    until(SOON, "the event", || server.logs().contains(event));

    let place = operations.address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", place.as_str())];
    let mend = ["account", "roles", &account.email, "--add", "editor"];
    let mended = run_signet(server.folder(), &mend, &settings);
    assert!(mended.success, "{mended:?}");
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "ok");
    let stored = database.query_row("SELECT roles FROM accounts", [], |row| row.get(0));
    assert_eq!(stored, Ok("editor".to_owned()));
    assert_eq!(server.logs().matches(event).count(), 1);
}

#[tokio::test]
async fn a_client_that_cannot_be_read_is_reported_until_it_is_deleted_and_others_work() {
    let server = Server::start();
    let operations = server.operations();
    let place = operations.address().to_string();
    let settings = [("SIGNET_OPS_LISTEN", place.as_str())];
    let command = |arguments: &[&str]| run_signet(server.folder(), arguments, &settings);
    let add = |id| {
        let program = [
            id,
            "--grants=client_credentials",
            "--audiences=api",
            "--owns=api",
        ];
        let added = server.add_client(&program);
        added["client_secret"].as_str().unwrap().to_owned()
    };
    let secrets = ["a", "b", "c"].map(add);
    let form = "grant_type=client_credentials";
    let ask = async |id, secret: &str| {
        let client = (id, secret);
        server
            .api()
            .post_form_as("/oauth/token", client, form)
            .await
    };
    let token = ask("b", &secrets[1])
        .await
        .expect(200)
        .member("access_token");

    let database = Connection::open(server.folder().database()).unwrap();
    let spoil = "UPDATE clients SET record = replace(record, 'client_credentials', 'telepathy')
        WHERE id = 'b'";
    assert_eq!(database.execute(spoil, []).unwrap(), 1);
    ask("b", &secrets[1]).await.expect(503);
    ask("a", &secrets[0]).await.expect(200);
    let listed = command(&["client", "list"]);
    assert!(listed.success, "{listed:?}");
    let listed = listed.stdout;
    let has = |id: &str| listed.contains(&format!("client_id: {id}\n"));
    assert_eq!(["a", "b", "c"].map(has), [true, false, true], "{listed}");
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "degraded");
    let event = "\"event.name\":\"client.unreadable\"";
    until(SOON, "the event", || server.logs().contains(event));

    let deleted = command(&["client", "delete", "b"]);
    assert!(deleted.success, "{deleted:?}");
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "ok");
    let secret = add("b");
    ask("b", &secret).await.expect(200);
    let client = ("b", secret.as_str());
    let form = format!("token={token}");
    let asked = server
        .api()
        .post_form_as("/oauth/introspect", client, &form);
    assert_eq!(asked.await.expect(200).json(), json!({"active": false}));
    assert_eq!(server.logs().matches(event).count(), 1);
}

#[tokio::test]
async fn a_database_file_that_was_swapped_is_not_ready_and_nothing_is_acknowledged() {
    let server = Server::start();
    let operations = server.operations();
    let account = server.api().register().await;
    let database = server.folder().database();
    let kept = database.with_extension("kept");
    fs::rename(&database, &kept).unwrap();
    fs::copy(&kept, &database).unwrap();

    let noticed = async { while operations.get("/readyz").await.status != 503 {} };
    within(SOON, "the swapped file is noticed", noticed).await;
    let report = operations.get("/readyz").await.expect(503).json();
    assert_eq!(report["checks"]["database"]["status"], "unusable");
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let refused = server.api().post("/auth/register", &body).await;
    refused.problem(503, "unavailable");
    let refused = server.api().refresh(&account.refresh_token).await;
    refused.problem(503, "unavailable");

    fs::rename(&kept, &database).unwrap();
    let ready = async { while operations.get("/readyz").await.status != 200 {} };
    within(SOON, "the file is back", ready).await;
    let report = operations.get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["database"]["status"], "ok");
    let refreshed = server.api().refresh(&account.refresh_token).await;
    refreshed.expect(200);
}
