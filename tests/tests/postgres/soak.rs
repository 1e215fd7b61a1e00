//! Mixed load for some time: what the server uses stays flat, and nothing fails. `make soak` runs
//! it for five minutes on each store.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::{join, join_all};
use http::Method;
use serde_json::json;
use signet_tests::{Api, PASSWORD, Reply, Server, StoreChoice, Usage};
use tokio::time::{Instant, MissedTickBehavior, interval};

#[tokio::test]
async fn mixed_load_on_sqlite_leaves_nothing_behind() {
    soaks(StoreChoice::Sqlite).await;
}

#[tokio::test]
async fn mixed_load_on_postgres_and_redis_leaves_nothing_behind() {
    soaks(StoreChoice::Postgres).await;
}

async fn soaks(stores: StoreChoice) {
    let server = stores.serve();
    let requests = AtomicU64::new(0);
    let lasts = lasts();
    let end = Instant::now() + lasts;
    let people = (0..PEOPLE).map(|_| Person::soaks(server.api(), &requests, end));
    let (_, table) = join(join_all(people), measured(&server, &requests, lasts)).await;
    // The first half fills pools and caches.
    let (first, second) = table.split_at(table.len() / 2);
    let most = |rows: &[Usage], of: fn(&Usage) -> u64| rows.iter().map(of).max().expect("rows");
    let grown = |of: fn(&Usage) -> u64| most(second, of).saturating_sub(most(first, of));
    assert!(grown(|usage| usage.resident) < ROOM, "{table:?}");
    assert!(grown(|usage| usage.threads) < FEW, "{table:?}");
    assert!(grown(|usage| usage.files) < FEW, "{table:?}");
}

/// What the server uses at ten moments, which it prints.
async fn measured(server: &Server, requests: &AtomicU64, lasts: Duration) -> Vec<Usage> {
    let operations = server.operations();
    let mut moments = interval(lasts / MOMENTS);
    moments.set_missed_tick_behavior(MissedTickBehavior::Delay);
    moments.tick().await;
    let mut table = Vec::new();
    for moment in 1..=MOMENTS {
        moments.tick().await;
        let usage = Usage::of(server.process_id());
        let passed = lasts * moment / MOMENTS;
        let requests = requests.load(Ordering::Relaxed);
        let connections = connections(&operations).await;
        println!("{passed:?}: {requests} requests, {usage}, {connections} connections");
        assert!(connections <= PEOPLE as u64 + FEW, "{connections}");
        table.push(usage);
    }
    table
}

/// How many connections clients have open.
async fn connections(operations: &Api) -> u64 {
    let metrics = operations.get("/metrics").await.expect(200).text();
    let mut lines = metrics.lines();
    let open = lines.find_map(|line| line.strip_prefix(OPEN));
    open.expect(OPEN).trim().parse().expect("a number")
}

/// A client that does everything that people do, again and again.
struct Person<'a> {
    api: &'a Api,
    requests: &'a AtomicU64,
}

impl Person<'_> {
    async fn soaks(api: &Api, requests: &AtomicU64, end: Instant) {
        let person = Person { api, requests };
        while Instant::now() < end {
            person.goes_through_everything().await;
        }
    }

    async fn goes_through_everything(&self) {
        let api = self.api;
        let account = api.register().await;
        self.count(1);
        let mut newest = account.refresh_token;
        for _ in 0..5 {
            newest = api.next_token(&newest).await;
            self.count(1);
            self.expect(200, api.me(&account.access_token)).await;
        }
        let other = api.login(&account.email).await;
        let wrong = json!({"email": account.email, "password": "not the password"});
        self.expect(401, api.post("/auth/login", &wrong)).await;
        let token = &account.access_token;
        self.expect(200, api.get_as("/auth/sessions", token)).await;
        self.expect(401, api.get_as("/auth/me", "garbage")).await;
        self.expect(200, api.get("/.well-known/jwks.json")).await;
        let body = json!({"current_password": PASSWORD, "new_password": "engine no. 8 steams"});
        self.expect(204, api.post_as("/auth/password", token, &body))
            .await;
        self.expect(401, api.refresh(&other.refresh_token)).await;
        let everywhere = api.request(Method::POST, "/auth/logout-all");
        self.expect(204, api.send(everywhere.bearer_auth(token)))
            .await;
        self.expect(401, api.refresh(&newest)).await;
        self.count(1);
    }

    async fn expect(&self, status: u16, reply: impl Future<Output = Reply>) {
        reply.await.expect(status);
        self.count(1);
    }

    fn count(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }
}

/// `SOAK_SECONDS`, or as long as a test may take.
fn lasts() -> Duration {
    let seconds = env::var_os("SOAK_SECONDS").map_or(30, |seconds| {
        let seconds = seconds.to_str().and_then(|text| text.parse().ok());
        seconds.expect("a number in SOAK_SECONDS")
    });
    Duration::from_secs(seconds)
}

const PEOPLE: usize = 4;
const MOMENTS: u32 = 10;
const OPEN: &str = r#"signet_connections{listener="public"}"#;

/// In KiB: what caches of the store and the allocator may still take in the second half.
const ROOM: u64 = 16 * 1024;

/// Connections and threads that come and go.
const FEW: u64 = 8;
