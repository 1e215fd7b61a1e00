//! Histories of two sessions of one account, with many requests at the same time at two replicas:
//! the answers are those of a machine that does one step after the other by core's refresh rule.

mod checker;
mod model;
mod requests;

use std::cell::Cell;
use std::time::Duration;

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use signet_test_servers::Redis;

use self::checker::{Step, is_explained};
use self::model::{Did, Model};
use self::requests::Person;
use crate::support::TestApp;

#[tokio::test]
async fn histories_of_sessions_in_sqlite_are_explained() {
    are_explained(&[NO_LIMITS]).await;
}

#[tokio::test]
async fn histories_of_sessions_in_redis_are_explained() {
    let redis = Redis::start();
    are_explained(&[NO_LIMITS, ("SIGNET_REDIS_URL", &redis.url())]).await;
}

#[expect(
    clippy::print_stdout,
    reason = "the figures show that much was at the same time"
)]
async fn are_explained(variables: &[(&str, &str)]) {
    let first = TestApp::with(variables).await;
    let replicas = [first.replica().await, first];
    let (mut steps, mut concurrent) = (0, 0);
    for seed in 0..HISTORIES {
        let (initial, history) = history(&replicas, seed).await;
        steps += history.len();
        concurrent += overlaps(&history);
        assert!(
            is_explained(&history, initial),
            "seed {seed}: no order explains {history:#?}"
        );
    }
    println!("{HISTORIES} histories, {steps} steps, {concurrent} pairs of them at the same time");
    assert!(concurrent > 0);
}

/// Sends requests of one person, and of a thief with copies of the tokens, several at once.
async fn history(replicas: &[TestApp; 2], seed: u64) -> (Model, Vec<Step<Did>>) {
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut person, initial) = Person::sign_in_twice(replicas, seed).await;
    let (ticks, mut steps) = (Cell::new(0), Vec::new());
    for _ in 0..ROUNDS {
        let pause = PAUSES[rng.random_range(0..PAUSES.len())];
        replicas[0].clock.advance(Duration::from_secs(pause));
        let number = rng.random_range(1..=MOST_AT_ONCE);
        let requests: Vec<_> = (0..number).map(|_| person.some_request(&mut rng)).collect();
        let answered = requests.iter().enumerate().map(|(turn, request)| {
            let replica = &replicas[turn % replicas.len()];
            person.send(replica, request, &ticks)
        });
        let answered = join_all(answered).await;
        for answer in answered {
            person.learn(&answer);
            answer.note(&mut steps);
        }
    }
    for request in person.last_requests() {
        let answer = person.send(&replicas[0], &request, &ticks).await;
        answer.note(&mut steps);
    }
    (initial, steps)
}

/// How many pairs of steps of different operations were at the same time.
fn overlaps(history: &[Step<Did>]) -> usize {
    let pairs = history.iter().enumerate().flat_map(|(index, one)| {
        let later = history[index + 1..].iter();
        later.map(move |other| (one, other))
    });
    pairs
        .filter(|(one, other)| one.begun < other.begun && other.begun < one.ended)
        .count()
}

const NO_LIMITS: (&str, &str) = ("SIGNET_LIMITS_ENABLED", "false");

const HISTORIES: u64 = 40;
const ROUNDS: usize = 4;
const MOST_AT_ONCE: usize = 5;

/// Seconds between two rounds: within a grace and after it.
const PAUSES: [u64; 5] = [0, 1, 6, 11, 62];
