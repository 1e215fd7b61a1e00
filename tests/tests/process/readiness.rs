//! Whether it says that it is ready only when it is.

use std::net::{SocketAddr, TcpListener};

use rusqlite::Connection;
use serde_json::json;
use signet_tests::{Api, PASSWORD, Server, fresh_email};

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
