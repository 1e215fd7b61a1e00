//! An app in a folder of its own, and requests to it.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use signet_flows::random;
use signet_issuer::config::{Settings, Sources, load};
use signet_issuer::{App, ListenerService, Peer, metrics, routes};
use signet_store::{InitOptions, KeysFolder, Stores};
use signet_verifier::{Clock, ManualClock, Timestamp};
use tempfile::TempDir;
use tower::ServiceExt as _;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use crate::described::assert_described;

/// An app and everything it needs.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    public: Listener,
    operations: Listener,
    folder: Arc<TempDir>,
}

/// What one listener serves, and the document that describes it.
struct Listener {
    service: ListenerService,
    document: Value,
}

impl TestApp {
    /// An app with default settings.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// An app with this configuration file.
    pub(crate) async fn with_file(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signet.toml");
        std::fs::write(&path, text).unwrap();
        Self::with(&[("SIGNET_CONFIG", path.to_str().unwrap())]).await
    }

    /// An app with these variables in its environment.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        Self::around(variables, |stores| stores).await
    }

    /// The same with what `around` makes of its stores.
    pub(crate) async fn around(
        variables: &[(&str, &str)],
        around: impl FnOnce(Stores) -> Stores,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(BEGINNING));
        let database = format!("sqlite://{}", folder.path().join("signet.db").display());
        let settings = settings(&shared_keys(), &database, variables);
        let shown = metrics::recorder().unwrap().handle();
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let app = App::open_around(settings, shared, shown, around).await;
        Self::of(app.unwrap(), &clock, &Arc::new(folder)).await
    }

    /// Another app with the same settings, stores and clock, as a replica beside this one.
    pub(crate) async fn replica(&self) -> Self {
        self.beside(self.app.settings.clone(), &self.clock).await
    }

    /// The same with a clock of its own.
    pub(crate) async fn replica_at(&self, now: Timestamp) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        self.beside(self.app.settings.clone(), &clock).await
    }

    /// The same with other settings.
    pub(crate) async fn replica_with(&self, variables: &[(&str, &str)]) -> Self {
        let own = &self.app.settings;
        let settings = settings(&own.keys.dir, own.database_url.expose(), variables);
        self.beside(settings, &self.clock).await
    }

    async fn beside(&self, settings: Settings, clock: &Arc<ManualClock>) -> Self {
        let shown = metrics::recorder().unwrap().handle();
        let shared: Arc<dyn Clock> = Arc::clone(clock) as _;
        let app = App::open(settings, shared, shown).await;
        Self::of(app.unwrap(), clock, &self.folder).await
    }

    /// When tests begin.
    pub(crate) fn beginning() -> Timestamp {
        BEGINNING
    }

    async fn of(app: App, clock: &Arc<ManualClock>, folder: &Arc<TempDir>) -> Self {
        Self {
            public: Listener::of(routes::public(&app)).await,
            operations: Listener::of(routes::operations(&app)).await,
            app,
            clock: Arc::clone(clock),
            folder: Arc::clone(folder),
        }
    }

    /// Sends a request to the public listener.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.public.send(request).await
    }

    /// Sends a request to the operations listener.
    pub(crate) async fn send_to_operations(&self, request: Request<Body>) -> Answer {
        self.operations.send(request).await
    }

    /// Asks the public listener.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path, &[], "")).await
    }

    /// Sends JSON to the public listener.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(request("POST", path, &[JSON], body)).await
    }

    /// Asks the operations listener.
    pub(crate) async fn operate(&self, path: &str) -> Answer {
        self.send_to_operations(request("GET", path, &[LOCAL], ""))
            .await
    }
}

impl Listener {
    async fn of(service: ListenerService) -> Self {
        let asked = request("GET", "/openapi.json", &[LOCAL], "");
        // Tests of the log begin after this.
        let answer = service.clone().oneshot(asked);
        let answer = answer.with_subscriber(NoSubscriber::default()).await;
        let document = Answer::of(answer.unwrap()).await.json();
        Self { service, document }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = Answer::of(self.service.clone().oneshot(request).await.unwrap()).await;
        assert_described(&self.document, &method, &path, &answer);
        answer
    }
}

/// The settings of a test, and these variables.
fn settings(keys: &Path, database: &str, variables: &[(&str, &str)]) -> Settings {
    let own = [
        ("SIGNET_KEYS_DIR", keys.to_str().unwrap()),
        ("SIGNET_DATABASE_URL", database),
        ("SIGNET_PASSWORD_HASH_THREADS", "1"),
        ("SIGNET_TRUSTED_PROXIES", "none"),
    ];
    let sources = Sources::of_variables(own.into_iter().chain(variables.iter().copied()));
    load(&sources).unwrap().settings
}

/// Keys that all tests of one build share: making them is what takes longest. The first test
/// makes them, and the others wait; no test changes them.
fn shared_keys() -> PathBuf {
    let built_at = std::env::current_exe().unwrap().metadata().unwrap().mtime();
    let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-{built_at}"));
    let options = InitOptions::default();
    KeysFolder::at(&keys)
        .init(&options, BEGINNING, &mut random::system_rng())
        .unwrap();
    keys
}

/// When tests begin.
const BEGINNING: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The header that goes with JSON.
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// A host that the operations listener expects.
pub(crate) const LOCAL: (&str, &str) = ("host", "localhost");

/// A request with these headers.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// The same request, from this address.
pub(crate) fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let peer = SocketAddr::new(address.parse().unwrap(), 40_000);
    request.extensions_mut().insert(Peer(peer));
    request
}

/// An answer, read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "{name} is there twice");
        Some(value.to_str().unwrap())
    }

    /// The body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The status and the code of a problem document.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let code = self.json()["code"].as_str().unwrap().to_owned();
        (self.status.as_u16(), code)
    }
}
