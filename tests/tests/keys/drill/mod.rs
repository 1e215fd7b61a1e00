//! The drill: keys are made, rotated twice, retired and revoked under load, with two replicas of
//! the issuer, two services and a gateway. Valid tokens are accepted throughout.
//!
//! The processes run with short settings and, where a token's whole life would have to pass, a
//! backdated ring; when a service fetches keys again is up to the test.

mod load;
mod places;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use signet_test_servers::Redis;
use signet_tests::{Folder, PATIENCE, Ran, Server, run_signet, within};
use tokio::time::Instant;

use crate::{kid_of, published};
use load::Load;
use places::Place;

const LEAD: (&str, &str) = ("SIGNET_KEYS_PUBLISH_LEAD", "2s");
const LAG: (&str, &str) = ("SIGNET_KEYS_RING_LAG", "2s");

/// The keys of the drill, and the commands on them.
struct Desk(Arc<Folder>);

impl Desk {
    fn run(&self, arguments: &[&str]) -> Ran {
        run_signet(&self.0, &[&["keys"], arguments].concat(), &[LEAD, LAG])
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) {
        let ran = self.run(arguments);
        assert!(ran.success, "{arguments:?}: {}", ran.stderr);
    }

    /// Rotates as soon as the ring allows it; gives the key that takes over.
    async fn rotate(&self) -> String {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        let waiting = async {
            while !self.run(&["rotate"]).success {
                ticks.tick().await;
            }
        };
        within(PATIENCE, "a rotation becomes possible", waiting).await;
        let ring = self.ring();
        let turns = ring["signing"].as_array().expect("keys").iter();
        let mut turns = turns.filter(|key| key["times"]["activates_at"].is_u64());
        let taking_over = turns.next_back().expect("a key with a time");
        taking_over["kid"].as_str().expect("a kid").to_owned()
    }

    fn ring(&self) -> Value {
        let text = fs::read_to_string(self.0.keys().join("keyring.json")).expect("a ring");
        serde_json::from_str(&text).expect("JSON")
    }

    /// As if everything until the key stopped had happened an hour earlier.
    fn backdate(&self, kid: &str) {
        let mut ring = self.ring();
        let keys = ring["signing"].as_array().expect("keys");
        let stopped = keys.iter().find(|key| key["kid"] == kid);
        let stopped_at = stopped.expect("the key")["times"]["stops_at"].as_u64();
        let stopped_at = stopped_at.expect("a time");
        for kind in ["signing", "mac", "data"] {
            let keys = ring[kind].as_array_mut().expect("keys").iter_mut();
            keys.for_each(|key| an_hour_earlier(&mut key["times"], stopped_at));
        }
        let new = self.0.keys().join(".backdated");
        fs::write(&new, ring.to_string()).expect("written");
        fs::set_permissions(&new, Permissions::from_mode(0o600)).expect("own file");
        fs::rename(new, self.0.keys().join("keyring.json")).expect("replaced");
    }
}

/// Moves the times up to `last`, in milliseconds.
fn an_hour_earlier(times: &mut Value, last: u64) {
    for time in times.as_object_mut().expect("times").values_mut() {
        let millis = time.as_u64().expect("milliseconds");
        if millis <= last {
            *time = (millis - 3_600_000).into();
        }
    }
}

/// Waits until both issuers publish this key, or do not.
async fn everywhere(issuers: &[Server; 2], kid: &str, is_published: bool) {
    let waiting = async {
        for issuer in issuers {
            while published(issuer.api()).await.contains(kid) != is_published {}
        }
    };
    within(PATIENCE, "the issuers follow their keys folder", waiting).await;
}

/// Lets the clocks of the services run until they refuse the token; says how long that took. One
/// that meets a token of a key that it has not seen yet fetches for that, and needs no time.
async fn refused_at_services(places: &[Place], token: &str) -> Vec<Duration> {
    let mut took = Vec::new();
    for place in places {
        let Some(service) = place.as_service() else {
            continue;
        };
        let mut waited = Duration::ZERO;
        while place.refuses(token).await.is_none() {
            assert!(waited <= REFRESH_TIME, "still accepted after {waited:?}");
            service.clock.advance(STEP);
            waited += STEP;
            // A fetch that is due takes a few milliseconds; one that is not does not come.
            let patience = if waited < REFRESH_TIME { 100 } else { 10_000 };
            let refused = refused(place, token);
            let _ = tokio::time::timeout(Duration::from_millis(patience), refused).await;
        }
        took.push(waited);
    }
    took
}

async fn refused(place: &Place, token: &str) {
    while place.refuses(token).await.is_none() {
        tokio::task::yield_now().await;
    }
}

/// Waits until the token is refused at the gateway and at the issuers themselves.
async fn refused_at_the_rest(places: &[Place], issuers: &[Server; 2], token: &str) {
    let waiting = async {
        for place in places.iter().filter(|place| place.as_service().is_none()) {
            refused(place, token).await;
        }
        for issuer in issuers {
            while issuer.api().me(token).await.status != 401 {}
        }
    };
    within(PATIENCE, "a revoked key is refused", waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_without_anyone_noticing() {
    let redis = Redis::start();
    let desk = Desk(Arc::new(Folder::empty()));
    desk.done(&["init"]);
    let early = desk.run(&["rotate"]);
    assert!(early.stderr.contains("possible from"), "{}", early.stderr);
    let url = redis.url();
    let settings = [("SIGNET_REDIS_URL", url.as_str()), LEAD, LAG];
    let issuers = [(); 2].map(|()| Server::within(Arc::clone(&desk.0), &settings));
    let mut places = Vec::new();
    for issuer in &issuers {
        places.push(Place::service(issuer).await);
    }
    places.push(Place::gateway(&issuers));
    let places = Arc::new(places);
    let account = issuers[0].api().register().await;
    let load = Arc::new(Load::default());
    let apis = issuers.each_ref().map(|issuer| issuer.api().clone());
    let tasks = load.begin(apis, account.refresh_token, &places);

    let first = kid_of(&account.access_token);
    load.verified_everywhere(&first, places.len()).await;
    let second = desk.rotate().await;
    load.verified_everywhere(&second, places.len()).await;
    // One service hears of the next key by fetching in time, the other by meeting a token of it.
    let fetching = places[0].as_service().expect("a service");
    fetching.clock.advance(REFRESH_TIME);
    let third = desk.rotate().await;
    load.verified_everywhere(&third, places.len()).await;

    load.doom(&first);
    desk.backdate(&first);
    desk.done(&["retire"]);
    everywhere(&issuers, &first, false).await;
    let (planned, failures) = load.outcome();
    assert_eq!(failures, [""; 0]);

    let bad = issuers[1].api().login(&account.email).await.access_token;
    assert_eq!(kid_of(&bad), third);
    for place in places.iter() {
        assert_eq!(place.refuses(&bad).await, None);
    }
    load.doom(&third);
    let revoked = Instant::now();
    desk.done(&["revoke", &third]);
    refused_at_the_rest(&places, &issuers, &bad).await;
    let rest = revoked.elapsed();
    let services = refused_at_services(&places, &bad).await;
    println!(
        "after revoke: refused by issuers and gateway within {rest:?}, by services after {services:?}"
    );

    let ring = desk.ring();
    let keys = ring["signing"].as_array().expect("keys");
    let successor = keys[3]["kid"].as_str().expect("a kid");
    load.verified_everywhere(successor, places.len()).await;
    drop(tasks);
    let (all, failures) = load.outcome();
    assert_eq!(failures, [""; 0]);
    println!("{planned} verifications through the planned steps, {all} in all, none failed");
}

/// How long a service keeps keys, by its clock: the longest `max-age` of the issuer.
const REFRESH_TIME: Duration = Duration::from_secs(300);

/// How precisely it is measured when a service refuses a revoked key.
const STEP: Duration = Duration::from_secs(15);
