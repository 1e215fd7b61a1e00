//! How soon a service refuses a token whose session, account, client or key has ended. The issuer
//! and its stores are real processes; the service is the verifier with its status check.
//! `make revocation-figures` does the same with 200 endings of each kind.

mod crashes;
mod endings;
mod issuer;
mod keys;
mod load;
mod service;

use std::env;
use std::time::Duration;

use futures::stream::{StreamExt as _, iter};
use signet_tests::StoreChoice;

use endings::Ending;
use issuer::Issuer;
use keys::RevokedKey;
use load::Load;
use service::Service;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_refuses_what_ended_within_ten_seconds_on_sqlite() {
    every_ending_is_seen_in_time(StoreChoice::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_refuses_what_ended_within_ten_seconds_on_redis() {
    every_ending_is_seen_in_time(StoreChoice::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_replicas_give_no_bit_twice_and_lose_no_ending_on_sqlite() {
    crashes::killed_replicas_give_no_bit_twice_and_lose_no_ending(StoreChoice::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_replicas_give_no_bit_twice_and_lose_no_ending_on_redis() {
    crashes::killed_replicas_give_no_bit_twice_and_lose_no_ending(StoreChoice::Redis).await;
}

async fn every_ending_is_seen_in_time(choice: StoreChoice) {
    let samples = samples();
    let (ended, active, retiring) = tokio::join!(
        ending_delays(choice, samples),
        RevokedKey::Active.delays(choice, samples),
        RevokedKey::Retiring.delays(choice, samples),
    );
    let keys = [
        ("active key revoked", active),
        ("other key revoked", retiring),
    ];
    for (name, mut delays) in ended.into_iter().chain(keys) {
        delays.sort();
        let percent = |part: usize| delays[(delays.len() * part).div_ceil(100) - 1];
        let [median, most, maximum] = [50, 99, 100].map(percent);
        let number = delays.len();
        println!(
            "{choice:?}, {name}, {number} times: median {median:.1?}, p99 {most:.1?}, maximum {maximum:.1?}"
        );
        assert!(maximum <= BOUND, "{choice:?}, {name}: {maximum:?}");
    }
}

/// From the answer to each ending to the first refusal, for each kind of ending. Others refresh
/// their sessions meanwhile.
async fn ending_delays(choice: StoreChoice, samples: u32) -> Vec<(&'static str, Vec<Duration>)> {
    let issuer = Issuer::start(choice).await;
    let load = Load::on(&issuer.server).await;
    let mut services = Vec::new();
    for _ in 0..samples.min(SERVICES_MAX) {
        services.push(Service::of(&issuer.server).await);
    }
    let numbered = |ending| (0..samples).map(move |number| (ending, number));
    let endings = Ending::ALL.into_iter().flat_map(numbered);
    let delays = endings
        .zip(services.iter().cycle())
        .map(|((ending, number), service)| {
            let issuer = &issuer;
            async move {
                let victim = ending.prepare(issuer, number).await;
                let time = FETCH_EVERY * number / samples;
                service.accepts_for(&victim.token, time).await;
                ending.end(issuer, &victim).await;
                service.refuses(&victim.token, "revoked").await
            }
        });
    let delays: Vec<_> = iter(delays).buffered(AT_ONCE).collect().await;
    println!("{choice:?}: {}", load.stop());
    let each = delays.chunks(samples as usize).map(<[_]>::to_vec);
    Ending::ALL
        .map(Ending::name)
        .into_iter()
        .zip(each)
        .collect()
}

/// How many tokens end in each way.
fn samples() -> u32 {
    let samples = env::var_os("ENDINGS").map(|samples| samples.into_string());
    samples.map_or(4, |samples| {
        let samples = samples.ok().and_then(|samples| samples.parse().ok());
        samples.expect("a number in ENDINGS")
    })
}

/// What docs/revocation.md promises.
const BOUND: Duration = Duration::from_secs(10);
/// How often a service fetches a list at least. Endings begin at different times after a fetch.
const FETCH_EVERY: Duration = Duration::from_secs(5);
/// Each of them fetches at times of its own.
const SERVICES_MAX: u32 = 20;
/// How many tokens wait for their end at the same time.
const AT_ONCE: usize = 64;
