//! Requests to a whole app in this process, without sockets and logs.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::Request;
use signet_flows::random::system_rng;
use signet_issuer::config::{Sources, load};
use signet_issuer::{App, ListenerService, metrics, routes};
use signet_store::{InitOptions, KeysFolder};
use signet_verifier::ManualClock;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::operations::{NOW, Operation};

/// Makes keys and an account, which takes long under callgrind, and keeps the account's tokens.
pub(crate) fn prepare(folder: &Path) {
    let options = InitOptions::default();
    let keys = KeysFolder::at(folder.join("keys"));
    keys.init(&options, NOW, &mut system_rng()).unwrap();
    let body =
        r#"{"email":"ada@example.com","password":"engine no. 9 steams","token_delivery":"body"}"#;
    let answer = Served::open(folder).answer(post("/auth/register", body));
    std::fs::write(folder.join(ANSWER), answer).unwrap();
}

/// A gateway asks about the access token. The token was verified before.
pub(crate) fn forward_auth(folder: &Path) -> Operation {
    let served = Served::open(folder);
    let bearer = format!("Bearer {}", member(&kept(folder), "access_token"));
    Box::new(move || {
        let request = Request::get("/forward-auth/default").header("authorization", &bearer);
        served.answer(request.body(Body::empty()).unwrap());
    })
}

/// The newest refresh token of the session is exchanged.
pub(crate) fn refresh(folder: &Path) -> Operation {
    let served = Served::open(folder);
    let mut answer = kept(folder);
    let path = folder.join(ANSWER);
    Box::new(move || {
        let token = member(&answer, "refresh_token");
        let body = format!(r#"{{"refresh_token":"{token}"}}"#);
        answer = served.answer(post("/auth/refresh", &body));
        // The next process goes on from here.
        std::fs::write(&path, &answer).unwrap();
    })
}

/// An app with a runtime of one thread.
struct Served {
    runtime: Runtime,
    service: ListenerService,
}

impl Served {
    fn open(folder: &Path) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let database = format!("sqlite://{}", folder.join("signet.db").display());
        let sources = Sources::of_variables([
            ("SIGNET_KEYS_DIR", folder.join("keys").to_str().unwrap()),
            ("SIGNET_DATABASE_URL", &database),
            ("SIGNET_PASSWORD_HASH_THREADS", "1"),
            ("SIGNET_TRUSTED_PROXIES", "none"),
            ("SIGNET_LIMITS_ENABLED", "false"),
        ]);
        let settings = load(&sources).unwrap().settings;
        let shown = metrics::recorder().unwrap().handle();
        let clock = Arc::new(ManualClock::new(NOW));
        let app = runtime.block_on(App::open(settings, clock, shown)).unwrap();
        Self {
            service: runtime.block_on(async { routes::public(&app) }),
            runtime,
        }
    }

    /// The body of the answer, whose status is a success.
    fn answer(&self, request: Request<Body>) -> String {
        self.runtime.block_on(async {
            let response = self.service.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(status.is_success(), "{status}: {text}");
            text
        })
    }
}

fn post(path: &str, body: &str) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}

/// The answer that has the newest tokens.
fn kept(folder: &Path) -> String {
    std::fs::read_to_string(folder.join(ANSWER)).unwrap()
}

/// A text member of a JSON object, found without parsing the rest.
fn member<'a>(answer: &'a str, name: &str) -> &'a str {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\"")).unwrap();
    rest.split_once('"').unwrap().0
}

const ANSWER: &str = "answer.json";
