//! The ring from its first day on, and rings that cannot be.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::keys::fixtures::{public_key, ring_of};
use crate::keys::{Jwks, RingError};

type Edit<'a> = &'a dyn Fn(&mut Value);

fn ring() -> KeyRing {
    ring_of(public_key(1), at(100))
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn edited(edit: impl FnOnce(&mut Value)) -> String {
    let mut document = serde_json::from_str(&ring().to_json().unwrap()).unwrap();
    edit(&mut document);
    match KeyRing::from_json(&document.to_string()) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_new_ring_has_an_active_and_a_published_next() {
    let ring = ring();
    let states: Vec<_> = ring
        .signing()
        .iter()
        .map(|key| key.state_at(at(100)))
        .collect();
    assert_eq!(states, [KeyState::Active, KeyState::Next]);
    let states: Vec<_> = ring.mac().iter().map(|key| key.state_at(at(100))).collect();
    assert_eq!(states, [KeyState::Active, KeyState::Next]);
    assert_eq!(ring.active_at(at(100)).unwrap().kid(), public_key(1).kid());
    assert_eq!(ring.published_at(at(100)).count(), 2);
    assert_eq!(ring.active_at(at(99)), None);
    assert_eq!(ring.generation(), 1);
}

#[test]
fn a_ring_reads_back_as_it_was_written() {
    let text = ring().to_json().unwrap();
    assert_eq!(KeyRing::from_json(&text).unwrap(), ring());
    assert!(text.ends_with("}\n"));
}

#[test]
fn the_written_ring_has_these_members() {
    let text = ring().to_json().unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["format"], 1);
    assert_eq!(document["generation"], 1);
    assert_eq!(document["longest_access_token_ttl_seconds"], 600);
    assert_eq!(document["longest_session_ttl_seconds"], 7_776_000);
    assert_eq!(document["signing"][0]["kid"], public_key(1).kid().as_str());
    assert_eq!(
        document["signing"][0]["times"],
        json!({"published_at": 100_000, "activates_at": 100_000})
    );
    assert_eq!(
        document["signing"][1]["times"],
        json!({"published_at": 100_000})
    );
    assert_eq!(
        document["mac"][1],
        json!({"id": 2, "times": {"published_at": 100_000}})
    );
    assert_eq!(
        document["data"],
        json!([{"id": 1, "times": {"published_at": 100_000, "activates_at": 100_000}}, {"id": 2, "times": {"published_at": 100_000}}])
    );
}

#[test]
fn impossible_rings_are_refused_with_a_sentence() {
    let (first, second) = (public_key(1), public_key(1_000));
    let (first, second) = (first.kid(), second.kid());
    let cases: [(Edit<'_>, String); 9] = [
        (
            &|ring| ring["signing"][0]["times"] = json!({"published_at": 1}),
            "no signing key is active".to_owned(),
        ),
        (
            &|ring| ring["signing"][1]["times"]["activates_at"] = json!(100_000),
            format!("two signing keys are active at once, {first} and {second}"),
        ),
        (
            &|ring| ring["signing"][1] = ring["signing"][0].clone(),
            format!("signing key {first} appears twice"),
        ),
        (
            &|ring| ring["signing"][0]["times"]["activates_at"] = json!(1),
            format!("signing key {first} has times in the wrong order"),
        ),
        (
            &|ring| ring["signing"][0]["times"]["stops_at"] = json!(200_000),
            format!("signing key {first} stops without a successor"),
        ),
        (
            &|ring| ring["signing"][0]["times"]["revoked_at"] = json!(200_000),
            format!("signing key {first} is revoked, but still signs"),
        ),
        (
            &|ring| ring["signing"][0]["bits"] = json!(4096),
            format!("kid and bits of signing key {first} do not fit its n and e"),
        ),
        (
            &|ring| ring["data"] = json!([]),
            "no data key is active".to_owned(),
        ),
        (
            &|ring| ring["mac"][1]["times"]["revoked_at"] = json!(200_000),
            "no MAC key is next".to_owned(),
        ),
    ];
    for (edit, what) in cases {
        assert_eq!(edited(edit), format!("it is inconsistent: {what}"));
    }
}

#[test]
fn a_gap_between_two_turns_is_refused() {
    let refusal = edited(|ring| {
        ring["signing"][0]["times"]["stops_at"] = json!(200_000);
        ring["signing"][1]["times"]["activates_at"] = json!(200_001);
    });
    assert!(refusal.starts_with("it is inconsistent: no signing key is active between "));
}

#[test]
fn unknown_formats_and_fields_are_refused() {
    assert!(matches!(
        KeyRing::from_json(r#"{"format": 2, "anything": 1}"#),
        Err(RingError::UnknownFormat(2))
    ));
    assert!(edited(|ring| ring["extra"] = json!(1)).contains("unknown field `extra`"));
    assert!(edited(|ring| ring["signing"][0]["times"]["x"] = json!(1)).contains("unknown field"));
    for text in ["", "null", "{}", "[]", "{\"format\": 1}", "\0"] {
        assert!(
            matches!(KeyRing::from_json(text), Err(RingError::Malformed(_))),
            "{text}"
        );
    }
}

#[test]
fn the_jwks_lists_next_and_active_with_these_members() {
    let ring = ring();
    let jwks = Jwks::of(&ring, at(100));
    let set: Value = serde_json::from_str(&jwks.body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    let key = public_key(1);
    assert_eq!(
        keys[0],
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig",
            "kid": key.kid().as_str(), "n": key.n(), "e": "AQAB",
        })
    );
    assert!(jwks.etag.starts_with('"') && jwks.etag.ends_with('"'));
    assert_eq!(jwks.max_age(at(100)), Duration::from_mins(5));
    assert_eq!(Jwks::of(&ring, at(5_000)).etag, jwks.etag);
}

#[test]
fn the_jwks_is_kept_no_longer_than_until_the_next_event() {
    let jwks = Jwks {
        body: String::new(),
        etag: String::new(),
        next_event: Some(at(1_000)),
    };
    assert_eq!(jwks.max_age(at(0)), Duration::from_mins(5));
    assert_eq!(
        jwks.max_age(Timestamp::from_millis(900_500)),
        Duration::from_secs(99)
    );
    assert_eq!(jwks.max_age(at(1_001)), Duration::ZERO);
}
