//! A service reads our status lists with the library of its language.

use serde_json::json;
use signet_tests::{PATIENCE, Server, own_address, within};

use crate::program;

#[tokio::test]
async fn sd_jwt_status_list_reads_which_token_is_revoked() {
    a_service_reads_which_token_is_revoked("status-list-sd-jwt.mjs").await;
}

#[tokio::test]
async fn owf_token_status_list_reads_which_token_is_revoked() {
    a_service_reads_which_token_is_revoked("status-list-owf.mjs").await;
}

async fn a_service_reads_which_token_is_revoked(service: &str) {
    let address = own_address().to_string();
    let issuer = format!("http://{address}");
    let server = Server::with(&[
        ("SIGNET_LISTEN", &address),
        ("SIGNET_PUBLIC_URL", &issuer),
        ("SIGNET_STATUS_LIST_ENABLED", "true"),
    ]);
    let kept = server.api().register().await;
    let ended = server.api().login(&kept.email).await;
    let tokens = json!({"kept": kept.access_token, "ended": ended.access_token});
    let task = json!({"issuer": issuer, "audience": "api", "tokens": tokens});
    let read = || program::run(service, &task);
    assert_eq!(read(), json!({"kept": 0, "ended": 0}));

    let body = json!({"refresh_token": ended.refresh_token});
    server.api().post("/auth/logout", &body).await.expect(204);
    let revoked = json!({"kept": 0, "ended": 1});
    let waiting = async {
        while read() != revoked {
            tokio::task::yield_now().await;
        }
    };
    within(PATIENCE, "the list has the revoked token", waiting).await;
}
