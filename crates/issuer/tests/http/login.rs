//! What a sign-in costs, and what it leaves behind.

use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use signet_core::password::{Hasher, PasswordHash};
use signet_flows::hashing::{HashClass, HashError, HashRequest};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::{Answer, JSON, TestApp, from, request};

/// A job that waits for the hash pool.
type Waiting<'a> = Pin<Box<dyn Future<Output = Result<(), HashError>> + 'a>>;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse";

async fn register(app: &TestApp) -> Answer {
    let body = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}","token_delivery":"body"}}"#);
    let answer = app.post("/auth/register", &body).await;
    assert_eq!(answer.status, 201);
    answer
}

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
    app.post("/auth/login", &body).await
}

/// How many jobs the pool has done, and how often its one thread has run argon2.
async fn work(app: &TestApp) -> (u64, u64) {
    let jobs = app.app.flows.hashing.finished();
    let runs = app
        .app
        .flows
        .hashing
        .run(of(HashClass::SignIn), |hasher: &mut Hasher| {
            hasher.derivations()
        })
        .await;
    (jobs, runs.unwrap())
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_run_argon2_exactly_once_each() {
    let app = TestApp::start().await;
    register(&app).await;
    for (email, password) in [("nobody@example.com", PASSWORD), (EMAIL, "wrong horse")] {
        let (jobs, runs) = work(&app).await;
        let refused = login(&app, email, password).await;
        assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));
        // The look at the counter is a job as well.
        assert_eq!(work(&app).await, (jobs + 2, runs + 1), "{email}");
    }
}

#[tokio::test]
async fn a_hash_with_old_parameters_is_replaced_when_its_owner_signs_in() {
    let app = TestApp::start().await;
    register(&app).await;
    let accounts = &app.app.flows.stores.accounts;
    let email = EMAIL.parse().unwrap();
    let stored = accounts.by_email(&email).await.unwrap().unwrap();
    let old: PasswordHash = OLD_HASH.parse().unwrap();
    let replaced = accounts.rehash(
        stored.account.id,
        stored.password_hash.as_ref().unwrap(),
        &old,
    );
    assert!(replaced.await.unwrap());

    assert_eq!(login(&app, EMAIL, "wrong horse").await.status, 401);
    let kept = accounts.by_email(&email).await.unwrap().unwrap();
    assert_eq!(kept.password_hash.unwrap().as_str(), OLD_HASH);

    assert_eq!(login(&app, EMAIL, PASSWORD).await.status, 200);
    let renewed = accounts.by_email(&email).await.unwrap().unwrap();
    let renewed = renewed.password_hash.as_ref().unwrap().as_str();
    assert!(
        renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{renewed}"
    );
    assert_eq!(login(&app, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_access_token_never_outlives_its_session() {
    let app = TestApp::with(&[("SIGNET_SESSION_IDLE_TTL", "2m")]).await;
    let tokens = register(&app).await.json();
    assert_eq!(tokens["expires_in"], 120);
    assert_eq!(tokens["refresh_expires_in"], 120);
}

fn of(class: HashClass) -> HashRequest {
    HashRequest {
        class,
        parties: Vec::new(),
    }
}

/// Occupies the one thread until the returned sender is used, and fills the share of `class`.
async fn fill(app: &TestApp, class: HashClass) -> (Vec<Waiting<'_>>, mpsc::Sender<()>) {
    let (begun, has_begun) = oneshot::channel();
    let (release, blocked) = mpsc::channel::<()>();
    let hashing = &app.app.flows.hashing;
    let mut waiting: Vec<Waiting<'_>> = vec![Box::pin(hashing.run(of(class), move |_| {
        begun.send(()).unwrap();
        blocked.recv().unwrap();
    }))];
    assert!(waiting[0].as_mut().now_or_never().is_none());
    has_begun.await.unwrap();
    loop {
        let mut job: Waiting<'_> = Box::pin(hashing.run(of(class), |_| ()));
        match job.as_mut().now_or_never() {
            None => waiting.push(job),
            Some(refused) => break assert_eq!(refused, Err(HashError::Full)),
        }
    }
    (waiting, release)
}

#[tokio::test]
async fn a_full_queue_of_passwords_is_503_and_refreshes_go_on() {
    let app = TestApp::start().await;
    let token = register(&app).await.json()["refresh_token"].clone();
    let (waiting, release) = fill(&app, HashClass::SignIn).await;

    let refused = login(&app, EMAIL, PASSWORD).await;
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
    assert!(refused.header("retry-after").is_some());
    let body = format!(r#"{{"refresh_token":{token}}}"#);
    assert_eq!(app.post("/auth/refresh", &body).await.status, 200);

    release.send(()).unwrap();
    for job in waiting {
        assert_eq!(job.await, Ok(()));
    }
    assert_eq!(login(&app, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_queue_full_of_changes_to_accounts_leaves_sign_ins_their_share() {
    let app = TestApp::start().await;
    register(&app).await;
    let (waiting, release) = fill(&app, HashClass::SignedIn).await;
    let mut signing_in = Box::pin(login(&app, EMAIL, PASSWORD));
    assert!(futures::poll!(&mut signing_in).is_pending());
    release.send(()).unwrap();
    assert_eq!(signing_in.await.status, 200);
    drop(waiting);
}

/// Without a bound all of these wait for the thread, and no response comes before it is free.
#[tokio::test]
async fn four_passwords_of_a_network_and_two_of_an_account_wait_for_a_thread() {
    for (most, of_one) in [(4, "network"), (2, "account")] {
        let app = TestApp::start().await;
        let (waiting, release) = fill(&app, HashClass::SignedIn).await;
        let mut asked: FuturesUnordered<_> = (0..=most)
            .map(|number| match of_one {
                "network" => (
                    "192.0.2.1".to_owned(),
                    format!("person-{number}@example.com"),
                ),
                _ => (format!("192.0.2.{number}"), EMAIL.to_owned()),
            })
            .map(|(address, email)| {
                let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
                let login = request("POST", "/auth/login", &[JSON], &body);
                app.send(from(&address, login))
            })
            .collect();
        let refused = timeout(PATIENCE, asked.next()).await;
        let refused = refused.expect("a refusal while the others wait").unwrap();
        let expected = (429, "rate_limited".to_owned());
        assert_eq!(refused.problem(), expected, "{of_one}");
        release.send(()).unwrap();
        let checked: Vec<_> = asked.map(|answer| answer.status).collect().await;
        assert_eq!(checked, vec![401; most], "{of_one}");
        drop(waiting);
    }
}

/// Far longer than a refusal takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// "correct horse" under 256 KiB, two passes, one lane; by the reference implementation in C.
const OLD_HASH: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2Tz31/DvwM3ZDNXezOIBNEq021DwStEmw1lLBM1roy4";
