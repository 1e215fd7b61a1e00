//! One-time values of people, each used by twenty at once at two replicas: one succeeds.

use futures::future::join_all;
use serde_json::{Value, json};
use signet_tests::{Account, Api, PASSWORD, Server};

use crate::SharedServers;
use crate::authenticator::Authenticator;

/// Two replicas on the same stores.
struct Replicas {
    first: Server,
    second: Server,
    _stores: SharedServers,
}

impl Replicas {
    fn start() -> Self {
        let stores = SharedServers::start();
        Self {
            first: stores.replica(&[]),
            second: stores.replica(&[]),
            _stores: stores,
        }
    }

    /// Sends these bodies to the replicas in turn, all at once; the statuses of the answers.
    async fn post_all(&self, path: &str, bodies: &[Value]) -> Vec<u16> {
        let replies = bodies.iter().enumerate().map(|(turn, body)| {
            let server = if turn % 2 == 0 {
                &self.first
            } else {
                &self.second
            };
            server.api().post(path, body)
        });
        let replies = join_all(replies).await;
        replies.iter().map(|reply| reply.status).collect()
    }

    /// Twenty sign-ins that wait for their second factor.
    async fn mfa_tokens(&self, account: &Account) -> Vec<String> {
        let body = json!({"email": account.email, "password": PASSWORD, "token_delivery": "body"});
        let mut tokens = Vec::new();
        for _ in 0..20 {
            let waiting = self.first.api().post("/auth/login", &body).await;
            tokens.push(waiting.expect(401).member("mfa_token"));
        }
        tokens
    }
}

/// An account with an app; the app and the recovery codes.
async fn enrolled(api: &Api) -> (Account, Authenticator, Vec<Value>) {
    let account = api.register().await;
    let offer = api
        .post_as("/auth/mfa/totp", &account.access_token, &json!({}))
        .await;
    let app = Authenticator::with_secret(&offer.expect(200).member("secret"));
    let [first, _] = app.codes();
    let path = "/auth/mfa/totp/confirm";
    let confirmed = api
        .post_as(path, &account.access_token, &json!({"code": first}))
        .await;
    let codes = confirmed.expect(200).json()["recovery_codes"].clone();
    (account, app, codes.as_array().expect("codes").clone())
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

#[tokio::test]
async fn of_twenty_sign_ins_with_one_recovery_code_one_succeeds() {
    let replicas = Replicas::start();
    let (account, _, codes) = enrolled(replicas.first.api()).await;
    let tokens = replicas.mfa_tokens(&account).await;
    let bodies = tokens.iter();
    let bodies = bodies.map(|token| json!({"mfa_token": token, "recovery_code": codes[0]}));
    let statuses = replicas
        .post_all("/auth/login/mfa", &bodies.collect::<Vec<_>>())
        .await;
    assert_eq!((count(&statuses, 200), count(&statuses, 401)), (1, 19));
}

#[tokio::test]
async fn of_twenty_sign_ins_with_one_code_of_an_app_one_succeeds() {
    let replicas = Replicas::start();
    let (account, app, _) = enrolled(replicas.first.api()).await;
    let tokens = replicas.mfa_tokens(&account).await;
    let [_, last] = app.codes();
    let bodies = tokens.iter();
    let bodies = bodies.map(|token| json!({"mfa_token": token, "code": last}));
    let statuses = replicas
        .post_all("/auth/login/mfa", &bodies.collect::<Vec<_>>())
        .await;
    // Ten tries for an account: further ones are refused before they are checked.
    let refused = count(&statuses, 401) + count(&statuses, 429);
    assert_eq!((count(&statuses, 200), refused), (1, 19), "{statuses:?}");
}

#[tokio::test]
async fn of_twenty_second_factors_for_one_sign_in_one_succeeds() {
    let replicas = Replicas::start();
    let (account, _, codes) = enrolled(replicas.first.api()).await;
    let token = replicas.mfa_tokens(&account).await.remove(0);
    let codes = codes.iter().cycle().take(20);
    let bodies = codes.map(|code| json!({"mfa_token": token, "recovery_code": code}));
    let statuses = replicas
        .post_all("/auth/login/mfa", &bodies.collect::<Vec<_>>())
        .await;
    assert_eq!((count(&statuses, 200), count(&statuses, 401)), (1, 19));
}

/// The same request may be sent again until the sign-in is finished, and at most five times.
#[tokio::test]
async fn of_twenty_equal_requests_with_a_recovery_code_one_succeeds() {
    let replicas = Replicas::start();
    let (account, _, codes) = enrolled(replicas.first.api()).await;
    let token = replicas.mfa_tokens(&account).await.remove(0);
    let body = json!({"mfa_token": token, "recovery_code": codes[0]});
    let bodies = vec![body; 20];
    let statuses = replicas.post_all("/auth/login/mfa", &bodies).await;
    assert_eq!((count(&statuses, 200), count(&statuses, 401)), (1, 19));
}

#[tokio::test]
async fn of_twenty_uses_of_a_reset_link_one_succeeds() {
    let replicas = Replicas::start();
    let account = replicas.first.api().register().await;
    let printed = replicas.first.run(&["admin", "token"]);
    let token = printed.stdout.trim().to_owned();
    let path = format!("/admin/accounts/{}/password-reset", account.id);
    let started = replicas.first.operations();
    let started = started
        .post_as(&path, &token, &json!({"deliver": "link"}))
        .await;
    let url = started.expect(200).member("url");
    let (_, link) = url.split_once("token=").expect("a token");
    let bodies = (0..20).map(
        |number| json!({"token": link, "new_password": format!("engine no. {number} whistles")}),
    );
    let statuses = replicas
        .post_all("/auth/password/reset/confirm", &bodies.collect::<Vec<_>>())
        .await;
    assert_eq!(count(&statuses, 204), 1, "{statuses:?}");
    assert_eq!(
        count(&statuses, 400) + count(&statuses, 503),
        19,
        "{statuses:?}"
    );
}
