//! A role that is removed: which access tokens end, and which are accepted.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use serde_json::{Value, json};
use signet_core::account::Account;
use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_store::{Profiles, StoreError, Stores, Updated};
use signet_verifier::{Clock as _, ManualClock};

use super::Admin;
use crate::oauth::{Program, sign_in};
use crate::support::{Answer, JSON, TestApp, request};

const PASSWORD: &str = "engine no. 9 steams";

/// A person who is signed in with a client, and a service that is called with the tokens.
struct Scene {
    app: TestApp,
    service: Program,
    path: String,
    first: Answer,
}

impl Scene {
    async fn begin() -> Self {
        Self::on(TestApp::start().await).await
    }

    async fn on(app: TestApp) -> Self {
        Program::public(&app, "app").await;
        let service = Program::register(&app, "orders", "api", "orders api").await;
        let first = sign_in(&app, "app").await;
        let id = first.claims()["sub"].as_str().unwrap().to_owned();
        Self {
            app,
            service,
            path: format!("/admin/accounts/{id}"),
            first,
        }
    }

    /// Gives the person exactly these roles.
    async fn set(&self, roles: &[&str]) {
        let body = json!({"roles": roles}).to_string();
        let changed = Admin::of(&self.app).ask("PATCH", &self.path, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(changed.json()["roles"], json!(roles));
    }

    async fn refresh(&self, tokens: &Answer) -> Answer {
        refresh_at(&self.app, tokens).await
    }

    async fn log_in(&self) -> Answer {
        let body = json!({
            "email": "app@example.com", "password": PASSWORD,
            "token_delivery": "body", "client_id": "app",
        });
        let answer = self.app.post("/auth/login", &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    async fn step_up(&self, tokens: &Answer) -> Answer {
        let headers = [("authorization", &*bearer(tokens)), JSON];
        let body = json!({"password": PASSWORD}).to_string();
        let step_up = request("POST", "/auth/step-up", &headers, &body);
        self.app.send(step_up).await
    }

    async fn exchange(&self, tokens: &Answer) -> Answer {
        let access_token = "urn:ietf:params:oauth:token-type:access_token";
        let form = format!(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={}\
             &subject_token_type={access_token}",
            tokens.member("access_token")
        );
        self.service.ask(&self.app, "/oauth/token", &form).await
    }

    /// Whether a token of the session opens the account, here. Gateways and services agree.
    async fn accepts(&self, tokens: &Answer) -> bool {
        self.accepts_at(&self.app, tokens).await
    }

    async fn accepts_at(&self, app: &TestApp, tokens: &Answer) -> bool {
        let accepted = get(app, "/auth/me", tokens).await == 200;
        assert_eq!(self.serves(app, tokens).await, accepted);
        accepted
    }

    /// Whether gateways and services accept a token.
    async fn serves(&self, app: &TestApp, tokens: &Answer) -> bool {
        let form = format!("token={}", tokens.member("access_token"));
        let introspected = self.service.ask(app, "/oauth/introspect", &form).await;
        let active = introspected.json()["active"].as_bool().unwrap();
        let forwarded = get(app, "/forward-auth/default", tokens).await == 200;
        assert_eq!(active, forwarded);
        active
    }
}

async fn refresh_at(app: &TestApp, tokens: &Answer) -> Answer {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    let answer = app.post("/auth/refresh", &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

async fn get(app: &TestApp, path: &str, tokens: &Answer) -> u16 {
    let headers = [("authorization", &*bearer(tokens))];
    let answer = app.send(request("GET", path, &headers, "")).await;
    answer.status.as_u16()
}

fn bearer(tokens: &Answer) -> String {
    format!("Bearer {}", tokens.member("access_token"))
}

fn roles(tokens: &Answer) -> Value {
    tokens.claims()["roles"].clone()
}

fn issued_at(tokens: &Answer) -> u64 {
    tokens.claims()["iat"].as_u64().unwrap()
}

#[tokio::test]
async fn tokens_of_a_removed_role_end_and_the_next_ones_are_accepted_at_once() {
    let scene = Scene::begin().await;
    scene.set(&["editor", "admin"]).await;
    let old = scene.refresh(&scene.first).await;
    assert_eq!(roles(&old), json!(["editor", "admin"]));
    let old_exchanged = scene.exchange(&old).await;
    assert!(scene.serves(&scene.app, &old_exchanged).await);

    scene.set(&["editor"]).await;
    for denied in [&scene.first, &old] {
        assert!(!scene.accepts(denied).await);
    }
    assert!(!scene.serves(&scene.app, &old_exchanged).await);
    assert_eq!(scene.exchange(&old).await.status, 400);
    let refreshed = scene.refresh(&old).await;
    let stepped_up = scene.step_up(&refreshed).await;
    for next in [&refreshed, &stepped_up, &scene.log_in().await] {
        assert_eq!(roles(next), json!(["editor"]));
        assert!(scene.accepts(next).await);
    }
    let exchanged = scene.exchange(&refreshed).await;
    assert_eq!(roles(&exchanged), json!(["editor"]));
    assert_eq!(issued_at(&exchanged), issued_at(&refreshed));
    assert!(scene.serves(&scene.app, &exchanged).await);
    let replayed = scene.refresh(&old).await;
    assert!(scene.accepts(&replayed).await);
}

#[tokio::test]
async fn replicas_whose_clocks_differ_deny_and_accept_the_same_tokens() {
    let scene = Scene::begin().await;
    scene.set(&["editor", "admin"]).await;
    let now = scene.app.clock.now();
    let difference = MAX_REPLICA_CLOCK_DIFFERENCE;
    let ahead = scene.app.replica_at(now.saturating_add(difference)).await;
    let behind = scene.app.replica_at(now.saturating_sub(difference)).await;
    let of_ahead = refresh_at(&ahead, &scene.first).await;
    let of_behind = refresh_at(&behind, &of_ahead).await;
    scene.set(&["editor"]).await;
    for denied in [&of_ahead, &of_behind] {
        for app in [&scene.app, &ahead, &behind] {
            assert!(!scene.accepts_at(app, denied).await);
        }
    }
    let mut newest = of_behind;
    for app in [&ahead, &behind, &scene.app] {
        newest = refresh_at(app, &newest).await;
        for app in [&scene.app, &ahead, &behind] {
            assert!(scene.accepts_at(app, &newest).await);
        }
    }
}

#[tokio::test]
async fn naming_the_roles_that_an_account_has_denies_nothing() {
    let scene = Scene::begin().await;
    scene.set(&[]).await;
    assert!(scene.accepts(&scene.first).await);
    scene.set(&["editor", "admin"]).await;
    let old = scene.refresh(&scene.first).await;
    scene.set(&["editor", "admin"]).await;
    scene.set(&["admin", "editor"]).await;
    assert!(scene.accepts(&old).await);
    scene.set(&["editor"]).await;
    let next = scene.refresh(&old).await;
    for _ in 0..3 {
        scene.set(&["editor"]).await;
        assert!(!scene.accepts(&old).await);
        assert!(scene.accepts(&next).await);
        scene.app.clock.advance(Duration::from_secs(2));
    }
    scene.set(&["editor", "author"]).await;
    assert!(scene.accepts(&next).await);
}

#[tokio::test]
async fn a_second_removal_within_a_second_denies_the_tokens_of_the_first() {
    let scene = Scene::begin().await;
    let mut roles = vec!["a", "b", "c", "d"];
    scene.set(&roles).await;
    let mut tokens = scene.refresh(&scene.first).await;
    while roles.len() > 1 {
        roles.pop();
        scene.set(&roles).await;
        assert!(!scene.accepts(&tokens).await);
        tokens = scene.refresh(&tokens).await;
        assert!(scene.accepts(&tokens).await, "{roles:?}");
    }
}

#[tokio::test]
async fn removals_that_would_date_tokens_too_far_ahead_are_to_be_repeated_later() {
    let scene = Scene::begin().await;
    let numbers = 0..20;
    let mut all: Vec<_> = numbers.map(|number| format!("role-{number}")).collect();
    let body = |roles: &[String]| json!({"roles": roles}).to_string();
    let admin = Admin::of(&scene.app);
    admin.ask("PATCH", &scene.path, &body(&all)).await;
    let refused = loop {
        all.pop().unwrap();
        let changed = admin.ask("PATCH", &scene.path, &body(&all)).await;
        if changed.status != 200 {
            break changed;
        }
    };
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    scene.app.clock.advance(Duration::from_secs(1));
    let changed = admin.ask("PATCH", &scene.path, &body(&all)).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn no_token_with_the_role_is_accepted_after_a_removal_that_races_refreshes() {
    for first_half in [0, 3, 6] {
        let app = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
        let scene = Scene::on(app).await;
        scene.set(&["editor"]).await;
        let sessions = join_all((0..6).map(|_| scene.log_in())).await;
        let (first, second) = sessions.split_at(first_half);
        let refreshes = |sessions| join_all(each_refreshed(&scene, sessions));
        let (before, (), behind) =
            tokio::join!(refreshes(first), scene.set(&[]), refreshes(second));
        for tokens in before.iter().chain(&behind).chain(&sessions) {
            let has_role = roles(tokens) == json!(["editor"]);
            assert!(!has_role || !scene.accepts(tokens).await);
        }
        for tokens in before.iter().chain(&behind) {
            assert!(scene.accepts(&scene.refresh(tokens).await).await);
        }
    }
}

fn each_refreshed<'a>(
    scene: &'a Scene,
    sessions: &'a [Answer],
) -> impl Iterator<Item = impl Future<Output = Answer>> {
    sessions.iter().map(|tokens| scene.refresh(tokens))
}

/// A store that needs five seconds for each update of an account.
struct Slow {
    profiles: Arc<dyn Profiles>,
    clock: Arc<OnceLock<Arc<ManualClock>>>,
}

#[async_trait]
impl Profiles for Slow {
    async fn update(&self, previous: &Account, next: &Account) -> Result<Updated, StoreError> {
        if let Some(clock) = self.clock.get() {
            clock.advance(SLOW);
        }
        self.profiles.update(previous, next).await
    }
}

const SLOW: Duration = Duration::from_secs(5);

#[tokio::test]
async fn tokens_that_were_issued_while_a_removal_was_being_stored_are_denied() {
    let clock = Arc::new(OnceLock::new());
    let slow = |stores: Stores| Stores {
        profiles: Arc::new(Slow {
            profiles: Arc::clone(&stores.profiles),
            clock: Arc::clone(&clock),
        }),
        ..stores
    };
    let scene = Scene::on(TestApp::around(&[], slow).await).await;
    scene.set(&["editor"]).await;
    let stored_at = scene.app.clock.now().saturating_add(SLOW);
    let replica = scene.app.replica_at(stored_at).await;
    let old = refresh_at(&replica, &scene.first).await;
    assert_eq!(roles(&old), json!(["editor"]));
    clock.set(Arc::clone(&scene.app.clock)).unwrap();
    scene.set(&[]).await;
    assert!(scene.app.clock.now() >= stored_at);
    assert!(!scene.accepts(&old).await);
    assert!(scene.accepts(&scene.refresh(&old).await).await);
}
