//! A client that is disabled or removed, and the tokens that name it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use signet_core::client::{Client, ClientStatus};
use signet_core::names::ClientId;
use signet_flows::clients::{Rotate, delete, rotate_secret, set_status};
use signet_flows::origin::Caller;
use signet_store::{Clients, Registered, StoreError, Stores, Swapped};
use signet_verifier::{Clock as _, ManualClock};

use super::{Program, sign_in};
use crate::support::{Answer, JSON, TestApp, request};

const TOKEN: &str = "/oauth/token";

fn operator() -> ClientId {
    ClientId::of_operator("ada").unwrap()
}

fn by(operator: &ClientId) -> Caller<'_> {
    Caller::command_line(operator)
}

/// What an operator does while a request of the client is being answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Disable,
    Delete,
    ReplaceSecret,
}

const ACTS: [Act; 3] = [Act::Disable, Act::Delete, Act::ReplaceSecret];

/// The real clients; what is set here happens just after a client was read.
struct Interrupted {
    stores: Stores,
    next: Arc<Mutex<Option<Act>>>,
}

impl Interrupted {
    /// Ten seconds before the request gets its `iat`, as a clock that is set says.
    async fn interrupt(&self, id: &ClientId, act: Act) {
        let clock = ManualClock::new(BEGINNING);
        let stores = &self.stores;
        match act {
            Act::Disable => {
                let done =
                    set_status(stores, id, ClientStatus::Disabled, &clock, by(&operator())).await;
                assert_eq!(done.unwrap().status, ClientStatus::Disabled);
            }
            Act::Delete => delete(stores, id, &clock, by(&operator())).await.unwrap(),
            Act::ReplaceSecret => {
                let done = rotate_secret(stores, id, Rotate::AtOnce, &clock, by(&operator())).await;
                assert!(done.unwrap().secret.is_some());
            }
        }
    }
}

#[async_trait]
impl Clients for Interrupted {
    async fn create(&self, client: &Client) -> Result<Registered, StoreError> {
        self.stores.clients.create(client).await
    }

    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let found = self.stores.clients.find(id).await;
        let act = self.next.lock().unwrap().take();
        if let Some(act) = act {
            self.interrupt(id, act).await;
        }
        found
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        self.stores.clients.list(after, limit).await
    }

    async fn swap(&self, next: &Client) -> Result<Swapped, StoreError> {
        self.stores.clients.swap(next).await
    }

    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        self.stores.clients.delete(id).await
    }
}

/// An app, and what interrupts the next request.
async fn interrupted() -> (TestApp, Arc<Mutex<Option<Act>>>) {
    let next = Arc::new(Mutex::new(None));
    let around = |stores: Stores| Stores {
        clients: Arc::new(Interrupted {
            stores: stores.clone(),
            next: Arc::clone(&next),
        }),
        ..stores
    };
    let app = TestApp::around(&[], around).await;
    app.clock.advance(Duration::from_secs(10));
    (app, next)
}

#[tokio::test]
async fn a_program_gets_no_token_if_it_is_disabled_removed_or_given_another_secret_meanwhile() {
    for act in ACTS {
        let (app, next) = interrupted().await;
        let billing = Program::register(&app, "billing", "orders", "billing").await;
        let caller = Program::register(&app, "caller", "billing", "").await;
        let subject = own_token(&app, &caller).await;
        *next.lock().unwrap() = Some(act);
        let asked = billing.ask(&app, TOKEN, OWN).await;
        assert_eq!(
            asked.oauth_error(),
            (401, "invalid_client".to_owned()),
            "{act:?}"
        );

        let (app, next) = interrupted().await;
        let billing = Program::register(&app, "billing", "orders", "billing").await;
        Program::register(&app, "caller", "billing", "").await;
        *next.lock().unwrap() = Some(act);
        let asked = billing.ask(&app, TOKEN, &exchange_of(&subject)).await;
        assert_eq!(
            asked.oauth_error(),
            (401, "invalid_client".to_owned()),
            "{act:?}"
        );
    }
}

#[tokio::test]
async fn nobody_signs_in_or_refreshes_with_a_client_that_is_disabled_meanwhile() {
    let (app, next) = interrupted().await;
    Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    let refresh = json!({"refresh_token": signed_in.member("refresh_token")}).to_string();
    *next.lock().unwrap() = Some(Act::Disable);
    let refused = app.post("/auth/refresh", &refresh).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));

    let (app, next) = interrupted().await;
    Program::public(&app, "app").await;
    let account = sign_in(&app, "app").await.claims()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    *next.lock().unwrap() = Some(Act::Delete);
    let login = json!({
        "email": "app@example.com", "password": "engine no. 9 steams",
        "token_delivery": "body", "client_id": "app",
    });
    let refused = app.post("/auth/login", &login.to_string()).await;
    assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));
    let account = account.parse().unwrap();
    let sessions = app.app.flows.stores.sessions.list(account, app.clock.now());
    assert_eq!(sessions.await.unwrap().len(), 1, "the one of before");
}

#[tokio::test]
async fn a_client_that_is_enabled_again_at_once_gets_tokens_that_are_not_denied() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "billing").await;
    let mut before = own_token(&app, &billing).await;
    let (stores, id) = (&app.app.flows.stores, "billing".parse().unwrap());
    for _ in 0..2 {
        for status in [ClientStatus::Disabled, ClientStatus::Active] {
            set_status(stores, &id, status, app.clock.as_ref(), by(&operator()))
                .await
                .unwrap();
        }
        let after = own_token(&app, &billing).await;
        assert!(!is_active(&app, &billing, &before).await);
        assert!(is_active(&app, &billing, &after).await);
        before = after;
    }
}

#[tokio::test]
async fn disabling_a_client_reaches_the_tokens_exchanged_from_its_own_and_by_it() {
    for disabled in ["a", "b", "c"] {
        let app = TestApp::start().await;
        let a = Program::register(&app, "a", "of-b", "").await;
        let b = Program::register(&app, "b", "of-c", "of-b").await;
        let c = Program::register(&app, "c", "api of-d", "of-c").await;
        let d = Program::register(&app, "d", "of-d", "of-d api").await;
        let first = own_token(&app, &a).await;
        let second = exchanged(&app, &b, &first).await;
        let third = exchanged(&app, &c, &second).await;
        assert!(is_active(&app, &d, &third).await);
        assert_eq!(forwarded(&app, &third).await.status, 200);
        app.clock.advance(Duration::from_secs(1));
        let (stores, id) = (&app.app.flows.stores, disabled.parse().unwrap());
        let status = ClientStatus::Disabled;
        set_status(stores, &id, status, app.clock.as_ref(), by(&operator()))
            .await
            .unwrap();
        assert!(!is_active(&app, &d, &third).await, "{disabled}");
        assert_eq!(forwarded(&app, &third).await.status, 401, "{disabled}");
        let again = d.ask(&app, TOKEN, &exchange_of(&third)).await;
        assert_eq!(
            again.oauth_error(),
            (400, "invalid_request".to_owned()),
            "{disabled}"
        );
    }
}

async fn own_token(app: &TestApp, program: &Program) -> String {
    program.ask(app, TOKEN, OWN).await.member("access_token")
}

async fn exchanged(app: &TestApp, program: &Program, subject: &str) -> String {
    let answer = program.ask(app, TOKEN, &exchange_of(subject)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.member("access_token")
}

fn exchange_of(subject: &str) -> String {
    let access_token = "urn:ietf:params:oauth:token-type:access_token";
    format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={subject}\
         &subject_token_type={access_token}"
    )
}

async fn is_active(app: &TestApp, service: &Program, token: &str) -> bool {
    let form = format!("token={token}");
    let answer = service.ask(app, "/oauth/introspect", &form).await;
    answer.json()["active"].as_bool().unwrap()
}

async fn forwarded(app: &TestApp, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), JSON];
    app.send(request("GET", "/forward-auth/default", &headers, ""))
        .await
}

const OWN: &str = "grant_type=client_credentials";
/// When the tests begin.
const BEGINNING: signet_verifier::Timestamp =
    signet_verifier::Timestamp::from_seconds(1_800_000_000);
