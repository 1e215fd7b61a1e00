//! An issuer in this process, whose clock belongs to the test.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use signet_issuer::config::{Sources, load};
use signet_issuer::{App, Listener, Listeners, run};
use signet_tests::{Api, Folder, StoreChoice, StoreServers};
use signet_verifier::{Clock, ManualClock, SystemClock, Timestamp};
use tokio::net::TcpListener;

/// Serves until it is dropped, with the time of the test.
pub struct ClockedIssuer {
    api: Api,
    clock: Arc<ManualClock>,
    serving: tokio::task::JoinHandle<()>,
    _folder: Folder,
    _servers: StoreServers,
}

impl ClockedIssuer {
    /// An issuer on fresh stores with these variables, in a folder of its own. Its clock begins with the real time,
    /// because its keys were made before.
    pub async fn start(stores: StoreChoice, settings: &[(&str, &str)]) -> Self {
        let (folder, servers) = (Folder::with_keys(), stores.start());
        let clock = Arc::new(ManualClock::new(SystemClock::new().now()));
        let database = format!("sqlite://{}", folder.database().display());
        let keys = folder.keys().display().to_string();
        let own = [
            ("SIGNET_DATABASE_URL", database.as_str()),
            ("SIGNET_KEYS_DIR", keys.as_str()),
            ("SIGNET_LIMITS_ENABLED", "false"),
        ];
        let stored = servers.settings();
        let stored = stored.iter().map(|(name, url)| (*name, url.as_str()));
        let settings = settings.iter().copied();
        // Of two values for one variable the last counts.
        let variables: BTreeMap<_, _> = own.into_iter().chain(stored).chain(settings).collect();
        let loaded = load(&Sources::of_variables(variables)).expect("good settings");
        let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = App::open(loaded.settings, time, metrics)
            .await
            .expect("an app");
        let listeners = Listeners {
            public: Listener::plain(free_port().await),
            operations: Listener::plain(free_port().await),
        };
        let address = listeners.public.socket.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            run(listeners, app, std::future::pending())
                .await
                .expect("it serves");
        });
        Self {
            api: Api::at(address),
            clock,
            serving,
            _folder: folder,
            _servers: servers,
        }
    }

    /// The client that talks to it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Lets time pass.
    pub fn pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Sets the time of day back.
    pub fn set_back(&self, duration: Duration) {
        let earlier = self.clock.now().as_millis() - u64::try_from(duration.as_millis()).unwrap();
        self.clock.set(Timestamp::from_millis(earlier));
    }
}

impl Drop for ClockedIssuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn free_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}
