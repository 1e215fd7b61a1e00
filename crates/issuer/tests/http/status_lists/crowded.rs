//! Many tokens, many lists, and replicas whose clocks differ: each token has a bit of its own, and a
//! list that says whether it is revoked.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::future::join_all;
use signet_core::status_list::{BLOCK_BITS, LIST_BITS, ListId, StatusList};
use signet_flows::random::system_rng;
use signet_verifier::{Clock as _, Timestamp};

use super::{List, app, is_revoked, log_in, log_out, refresh, register, status};
use crate::support::{Answer, TestApp};

/// The default lifetime of access tokens.
const TTL: Duration = Duration::from_mins(10);
/// A second less.
const NEARLY_TTL: Duration = Duration::from_secs(599);

#[tokio::test]
async fn replicas_whose_clocks_differ_by_two_seconds_see_endings_of_each_other() {
    let replicas = two_seconds_apart().await;
    let [ahead, behind] = &replicas;
    let ada = register(ahead, "ada").await;
    let own = log_in(behind, "ada").await;
    assert_eq!(status(&own).0, status(&ada).0);
    assert_ne!(status(&own).1, status(&ada).1);
    log_out(behind, &ada).await;
    assert_eq!(verdicts(&replicas, &ada).await, [true, true]);
    assert_eq!(verdicts(&replicas, &own).await, [false, false]);
    log_out(ahead, &own).await;
    assert_eq!(verdicts(&replicas, &own).await, [true, true]);
}

#[tokio::test]
async fn while_a_period_ends_at_one_clock_and_not_yet_at_another_each_token_has_its_bit() {
    let replicas = two_seconds_apart().await;
    let mut tokens = vec![register(&replicas[0], "ada").await];
    pass(&replicas, NEARLY_TTL);
    for _ in 0..5 {
        for replica in &replicas {
            tokens.push(log_in(replica, "ada").await);
        }
        pass(&replicas, Duration::from_secs(1));
    }
    let named: BTreeSet<_> = tokens.iter().map(status).collect();
    assert_eq!(named.len(), 11);
    let lists: BTreeSet<_> = named.iter().map(|(path, _)| path).collect();
    assert_eq!(lists.len(), 2);
    let ended = tokens.split_off(6);
    for (token, replica) in ended.iter().zip(replicas.iter().cycle()) {
        log_out(replica, token).await;
    }
    for token in &tokens {
        assert_eq!(verdicts(&replicas, token).await, [false, false]);
    }
    for token in &ended {
        assert_eq!(verdicts(&replicas, token).await, [true, true]);
    }
    tokens.extend(ended);
    tokens.sort_by_key(expiry);
    for token in &tokens {
        // The last second in which a verifier with the largest leeway accepts it.
        let last = expiry(token).saturating_add(Duration::from_secs(119));
        replicas[0].clock.set(last);
        List::fetch(&replicas[0], &status(token).0).await;
    }
}

#[tokio::test]
async fn under_load_at_the_end_of_a_period_no_bit_belongs_to_two_sessions() {
    let app = app().await;
    let mut sessions = vec![register(&app, "ada").await];
    for _ in 1..10 {
        sessions.push(log_in(&app, "ada").await);
    }
    let replicas = [app.replica().await, app.replica().await];
    app.clock.advance(NEARLY_TTL);
    let load = sessions
        .into_iter()
        .zip(replicas.iter().cycle())
        .map(async |(first, replica)| {
            let mut tokens = vec![first];
            for _ in 0..6 {
                let next = refresh(replica, &tokens[tokens.len() - 1]).await;
                assert_eq!(next.status, 200, "{}", next.text);
                tokens.push(next);
                // Together three seconds, so that the period ends in between.
                app.clock.advance(Duration::from_millis(50));
            }
            tokens
        });
    let sessions = join_all(load).await;
    let mut owners = HashMap::new();
    let mut lists = BTreeSet::new();
    for token in sessions.iter().flatten() {
        let (bit, session) = (status(token), token.claims()["sid"].clone());
        lists.insert(bit.0.clone());
        let owner = owners.entry(bit).or_insert_with(|| session.clone());
        assert_eq!(*owner, session);
    }
    assert_eq!(lists.len(), 2);
    let (ended, kept) = sessions.split_at(5);
    for tokens in ended {
        log_out(&app, &tokens[6]).await;
    }
    for token in ended.iter().flatten() {
        assert!(is_revoked(&app, token).await);
    }
    for token in kept.iter().flatten() {
        assert!(!is_revoked(&app, token).await);
    }
}

#[tokio::test]
async fn nine_lists_of_one_period_revoke_each_its_own_tokens() {
    let app = app().await;
    let mut tokens = vec![register(&app, "ada").await];
    for _ in 1..9 {
        lease_the_rest_of_a_list(&app).await;
        // It has no leased bits, so it opens a list.
        let replica = app.replica().await;
        tokens.push(log_in(&replica, "ada").await);
    }
    let named: BTreeSet<_> = tokens.iter().map(|token| status(token).0).collect();
    assert_eq!(named.len(), 9);
    app.clock.advance(Duration::from_secs(2));
    let listed = app.get("/status").await.json();
    assert_eq!(listed["status_lists"].as_array().unwrap().len(), 9);
    for token in [&tokens[0], &tokens[8]] {
        log_out(&app, token).await;
    }
    for (number, token) in tokens.iter().enumerate() {
        let ended = number == 0 || number == 8;
        assert_eq!(is_revoked(&app, token).await, ended, "{number}");
    }
}

/// Two replicas with lists. The clock of the second is two seconds behind.
async fn two_seconds_apart() -> [TestApp; 2] {
    let ahead = app().await;
    let earlier = ahead.clock.now().saturating_sub(Duration::from_secs(2));
    let behind = ahead.replica_at(earlier).await;
    [ahead, behind]
}

/// Lets time pass for both.
fn pass(replicas: &[TestApp; 2], time: Duration) {
    for replica in replicas {
        replica.clock.advance(time);
    }
}

/// Whether the list at each replica revokes the token, two seconds later.
async fn verdicts(replicas: &[TestApp; 2], token: &Answer) -> [bool; 2] {
    pass(replicas, Duration::from_secs(2));
    let (path, index) = status(token);
    let [ahead, behind] = replicas;
    [
        List::fetch(ahead, &path).await.is_set(index),
        List::fetch(behind, &path).await.is_set(index),
    ]
}

fn expiry(token: &Answer) -> Timestamp {
    Timestamp::from_seconds(token.claims()["exp"].as_u64().unwrap())
}

/// Leases every block but one, which a replica has for its sessions.
async fn lease_the_rest_of_a_list(app: &TestApp) {
    let (lists, now) = (&app.app.flows.stores.status_lists, app.clock.now());
    let client = "other".parse().unwrap();
    let leased = (1..LIST_BITS / BLOCK_BITS).map(async |_| {
        let fresh = StatusList::opening(ListId::random(&mut system_rng()), now, TTL);
        let leased = lists.lease(&client, fresh, (now, Timestamp::default()));
        leased.await.unwrap().list.id
    });
    let lists: BTreeSet<_> = join_all(leased).await.into_iter().collect();
    assert_eq!(lists.len(), 1);
}
