//! Clients that are disabled or removed while they ask for tokens.

use std::sync::Arc;

use futures::future::join_all;
use signet_tests::{Api, Reply, Server, StoreChoice};
use tokio::task::spawn_blocking;

#[tokio::test]
async fn a_disabled_client_keeps_no_token_on_sqlite() {
    nothing_is_left(StoreChoice::Sqlite, "disable").await;
}

#[tokio::test]
async fn a_disabled_client_keeps_no_token_on_redis() {
    nothing_is_left(StoreChoice::Redis, "disable").await;
}

#[tokio::test]
async fn a_removed_client_keeps_no_token_on_sqlite() {
    nothing_is_left(StoreChoice::Sqlite, "delete").await;
}

#[tokio::test]
async fn a_removed_client_keeps_no_token_on_redis() {
    nothing_is_left(StoreChoice::Redis, "delete").await;
}

/// Four requesters ask for tokens without a pause until the client is refused; a service exchanges
/// every one. Afterwards none of these tokens is active.
async fn nothing_is_left(stores: StoreChoice, command: &str) {
    let server = Arc::new(stores.serve());
    let api = server.api();
    let service = add(&server, "service", &["--owns", "orders"]);
    for round in 0..4 {
        let id = format!("billing-{round}");
        let billing = add(&server, &id, &[]);
        let first = post(api, "/oauth/token", &billing, GRANT).await.expect(200);
        let requesters = join_all((0..4).map(|_| ask_until_refused(api, &billing, &service)));
        let operator = spawn_blocking({
            let (server, command, id) = (Arc::clone(&server), command.to_owned(), id.clone());
            move || server.run(&["client", &command, &id])
        });
        let (tokens, ran) = futures::join!(requesters, operator);
        let ran = ran.expect("a command that ends");
        assert!(ran.success, "{}", ran.stderr);
        let mut tokens = tokens.concat();
        tokens.push(first.member("access_token"));
        for token in &tokens {
            let form = format!("token={token}");
            let answer = post(api, "/oauth/introspect", &service, &form).await;
            assert_eq!(answer.expect(200).json()["active"], false, "round {round}");
        }
    }
}

async fn ask_until_refused(api: &Api, billing: &Client, service: &Client) -> Vec<String> {
    let mut tokens = Vec::new();
    loop {
        let own = post(api, "/oauth/token", billing, GRANT).await;
        if own.status == 401 {
            return tokens;
        }
        let own = own.expect(200).member("access_token");
        let exchanged = post(api, "/oauth/token", service, &exchange_of(&own)).await;
        if exchanged.status == 200 {
            tokens.push(exchanged.member("access_token"));
        }
        tokens.push(own);
    }
}

/// An id and its secret.
struct Client {
    id: String,
    secret: String,
}

fn add(server: &Server, id: &str, more: &[&str]) -> Client {
    let exchange = "token-exchange";
    let usual = [
        id,
        "--grants",
        "client_credentials",
        exchange,
        "--audiences",
        "orders",
    ];
    let added = server.add_client(&[usual.as_slice(), more].concat());
    Client {
        id: id.to_owned(),
        secret: added["client_secret"]
            .as_str()
            .expect("a secret")
            .to_owned(),
    }
}

async fn post(api: &Api, path: &str, client: &Client, form: &str) -> Reply {
    let client = (client.id.as_str(), client.secret.as_str());
    api.post_form_as(path, client, form).await
}

fn exchange_of(subject: &str) -> String {
    format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={subject}\
         &subject_token_type=urn:ietf:params:oauth:token-type:access_token"
    )
}

const GRANT: &str = "grant_type=client_credentials";
