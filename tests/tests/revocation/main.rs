//! How soon a service refuses a token whose session, account, client or key has ended. The issuer
//! and its stores are real processes; the service is the verifier with its status check.

mod endings;
mod service;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use signet_tests::{Folder, Server, StoreChoice, StoreServers, read_token, run_signet};

use endings::Ending;
use service::Service;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_refuses_what_ended_within_ten_seconds_on_sqlite() {
    every_ending_is_seen_in_time(StoreChoice::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_refuses_what_ended_within_ten_seconds_on_redis() {
    every_ending_is_seen_in_time(StoreChoice::Redis).await;
}

/// An issuer with status lists, and what its operators need.
pub(crate) struct Issuer {
    server: Server,
    stores: Arc<StoreServers>,
    operations: String,
}

impl Issuer {
    fn start(choice: StoreChoice) -> Self {
        let stores = Arc::new(choice.start());
        let settings = [
            ("SIGNET_STATUS_LIST_ENABLED", "true"),
            ("SIGNET_SESSION_PROFILE", "strict"),
        ];
        let folder = Arc::new(Folder::with_keys());
        let server = Server::on(Arc::clone(&stores), folder, &settings);
        let operations = server.operations().address().to_string();
        Self {
            server,
            stores,
            operations,
        }
    }

    /// Runs a command beside the server, which must end well, and gives what it prints. Services go
    /// on meanwhile.
    async fn operate(&self, arguments: &[&str]) -> String {
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        let folder = Arc::clone(self.server.folder());
        let mut settings = self.stores.settings();
        settings.push(("SIGNET_OPS_LISTEN", self.operations.clone()));
        let command = move || {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
            run_signet(&folder, &arguments, &settings.collect::<Vec<_>>())
        };
        let ran = tokio::task::spawn_blocking(command).await;
        let ran = ran.expect("a command that ends");
        assert!(ran.success, "{}", ran.stderr);
        ran.stdout
    }
}

async fn every_ending_is_seen_in_time(choice: StoreChoice) {
    let (shared, with_revoked_key) = (Issuer::start(choice), Issuer::start(choice));
    let ending = Ending::ALL.map(|ending| delays(&shared, ending));
    let (ended, revoked) = tokio::join!(join_all(ending), key_delays(&with_revoked_key));
    let named = Ending::ALL.map(Ending::name).into_iter().zip(ended);
    let all: Vec<_> = named.chain([("key revoked", revoked)]).collect();
    for (name, mut delays) in all {
        delays.sort();
        let (median, maximum) = (delays[delays.len() / 2], delays[delays.len() - 1]);
        println!("{choice:?}, {name}: median {median:.1?}, maximum {maximum:.1?}");
        assert!(maximum <= BOUND, "{choice:?}, {name}: {maximum:?}");
    }
}

/// From the answer to each ending of this kind to the first refusal. They begin at different times
/// after the last fetch of the service.
async fn delays(issuer: &Issuer, ending: Ending) -> Vec<Duration> {
    let samples = (0..SAMPLES).map(async |number| {
        let victim = ending.prepare(issuer, number).await;
        let service = Service::of(&issuer.server).await;
        service.accepts_for(&victim.token, APART * number).await;
        ending.end(issuer, &victim).await;
        service.refuses(&victim.token, "revoked").await
    });
    join_all(samples).await
}

/// The same for one revoked key, at services that fetch at different times.
async fn key_delays(issuer: &Issuer) -> Vec<Duration> {
    let token = issuer.server.api().register().await.access_token;
    let services = (0..SAMPLES).map(async |number| {
        let service = Service::of(&issuer.server).await;
        let time = APART * (SAMPLES - number);
        service.accepts_for(&token, time).await;
        service
    });
    let services = join_all(services).await;
    let (header, _) = read_token(&token);
    let kid = header["kid"].as_str().expect("a kid");
    issuer.operate(&["keys", "revoke", kid]).await;
    let refused = services.iter();
    join_all(refused.map(|service| service.refuses(&token, "unknown_key"))).await
}

/// What docs/revocation.md promises.
const BOUND: Duration = Duration::from_secs(10);
/// How many tokens end in each way.
const SAMPLES: u32 = 4;
/// A service fetches a list every five seconds.
const APART: Duration = Duration::from_millis(1_250);
