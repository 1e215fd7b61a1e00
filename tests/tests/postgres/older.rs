//! PostgreSQL goes back to an older copy, and Redis stays as it is.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use signet_test_servers::Postgres;
use signet_tests::{Api, PASSWORD, Reply, SOON, until, within};
use signet_verifier::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::SharedServers;

#[tokio::test]
async fn a_session_of_the_lost_time_does_not_survive_the_next_new_password() {
    let mut stores = SharedServers::start();
    let server = stores.replica(&[]);
    let api = server.api();
    let account = api.register().await;
    let copy = copied(&mut stores.postgres);
    let begun = sign_in_soon(api, &account.email, PASSWORD).await;
    change_password(api, &begun, [PASSWORD, NEW_PASSWORD]).await;
    let lost = sign_in_soon(api, &account.email, NEW_PASSWORD).await;

    put_back(&mut stores.postgres, &copy);
    let lost_until = now();
    let begun = sign_in_soon(api, &account.email, PASSWORD).await;
    // Epochs are times in seconds.
    until(SOON, "the next second", || now() > lost_until);
    change_password(api, &begun, [PASSWORD, NEWEST_PASSWORD]).await;
    let refused = api.refresh(&lost.member("refresh_token")).await;
    refused.problem(401, "session_ended");
    let refused = api.me(&lost.member("access_token")).await;
    refused.problem(401, "session_ended");
}

/// Signs in as soon as the issuer has found PostgreSQL.
async fn sign_in_soon(api: &Api, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password, "token_delivery": "body"});
    let signed_in = async {
        let mut reply = api.post("/auth/login", &body).await;
        while reply.status == 503 {
            reply = api.post("/auth/login", &body).await;
        }
        reply
    };
    let signed_in = within(SOON, "the issuer has found PostgreSQL again", signed_in).await;
    signed_in.expect(200)
}

async fn change_password(api: &Api, session: &Reply, [current, new]: [&str; 2]) {
    let body = json!({"current_password": current, "new_password": new});
    let token = session.member("access_token");
    api.post_as("/auth/password", &token, &body)
        .await
        .expect(204);
}

/// A copy of the data, taken while the server is down.
fn copied(postgres: &mut Postgres) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    postgres.kill();
    run(
        "cp",
        &["-a".as_ref(), &postgres.folder().join("data"), copy.path()],
    );
    postgres.start_again();
    copy
}

fn put_back(postgres: &mut Postgres, copy: &TempDir) {
    postgres.kill();
    run("rm", &["-r".as_ref(), &postgres.folder().join("data")]);
    let data = copy.path().join("data");
    run("cp", &["-a".as_ref(), &data, postgres.folder()]);
    postgres.start_again();
}

fn run(program: &str, arguments: &[&Path]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.unwrap().success(), "{program} {arguments:?}");
}

fn now() -> u64 {
    SystemClock::new().now().as_seconds()
}

const NEW_PASSWORD: &str = "engine no. 10 whistles";
const NEWEST_PASSWORD: &str = "engine no. 11 whistles";
