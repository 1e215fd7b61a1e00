//! Ten thousand damaged tokens of each kind: every one is refused, and the stores never hear of
//! one whose tag or signature is wrong.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::seq::{IndexedMutRandom as _, IndexedRandom as _};
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use super::Scene;
use crate::support::request;

const MUTATIONS: usize = 10_000;
/// Any number would do; this one is always the same.
const SEED: u64 = 1_800_000_000;

#[tokio::test]
async fn no_damaged_refresh_token_is_answered_otherwise_or_reaches_a_store() {
    let scene = Scene::begin().await;
    let genuine = [&scene.ada.refresh_token, &scene.mallory.refresh_token].map(String::as_str);
    let before = scene.remembered().await;
    let calls = scene.calls.made();
    let mut rng = StdRng::seed_from_u64(SEED);
    for number in 0..MUTATIONS {
        let token = damaged(&mut rng, genuine);
        let answer = if number % 2 == 0 {
            let body = json!({"refresh_token": token}).to_string();
            scene.app.post("/auth/refresh", &body).await
        } else {
            let cookie = format!("signet_refresh={token}");
            let headers = [("cookie", cookie.as_str())];
            let asked = request("POST", "/auth/refresh", &headers, "");
            scene.app.send(asked).await
        };
        let expected = (401, "session_ended".to_owned());
        assert_eq!(answer.problem(), expected, "{number}: {token}");
    }
    assert_eq!(scene.calls.made(), calls, "a store was asked");
    assert_eq!(scene.remembered().await, before);
}

#[tokio::test]
async fn no_damaged_access_token_is_answered_otherwise_or_reaches_a_store() {
    let scene = Scene::begin().await;
    let genuine = [&scene.ada.access_token, &scene.mallory.access_token].map(String::as_str);
    let before = scene.remembered().await;
    let calls = scene.calls.made();
    let own_session = format!("/auth/sessions/{}", scene.ada.session_id);
    let routes = [
        ("GET", "/auth/me"),
        ("GET", "/auth/sessions"),
        ("POST", "/auth/logout-all"),
        ("DELETE", own_session.as_str()),
    ];
    let mut rng = StdRng::seed_from_u64(SEED);
    for number in 0..MUTATIONS {
        let token = damaged(&mut rng, genuine);
        let (method, path) = routes[number % routes.len()];
        let answer = scene.ask_as(&token, method, path).await;
        let expected = (401, "token_invalid".to_owned());
        assert_eq!(answer.problem(), expected, "{number}: {token}");
    }
    assert_eq!(scene.calls.made(), calls, "a store was asked");
    assert_eq!(scene.remembered().await, before);
}

/// One of two genuine tokens, damaged; never one that is genuine again.
fn damaged(rng: &mut StdRng, genuine: [&str; 2]) -> String {
    loop {
        let [token, other] = if rng.random() {
            genuine
        } else {
            [genuine[1], genuine[0]]
        };
        let damaged = match rng.random_range(0..7) {
            0 => with_flipped_bits(rng, token),
            1 => with_other_characters(rng, token),
            2 => cut(rng, token),
            3 => extended(rng, token),
            4 => with_part_of(rng, token, other),
            5 => in_another_alphabet(rng, token),
            _ => with_swapped_parts(rng, token),
        };
        if !damaged.is_empty() && !genuine.contains(&damaged.as_str()) {
            return damaged;
        }
    }
}

/// One to three bits of what the token encodes, in one of its parts.
fn with_flipped_bits(rng: &mut StdRng, token: &str) -> String {
    let (prefix, encoded) = match token.strip_prefix(PREFIX) {
        Some(encoded) => (PREFIX, encoded),
        None => ("", token),
    };
    let mut parts: Vec<String> = encoded.split('.').map(str::to_owned).collect();
    let index = rng.random_range(0..parts.len());
    let mut bytes = URL_SAFE_NO_PAD.decode(&parts[index]).unwrap();
    for _ in 0..rng.random_range(1..=3) {
        let bit = rng.random_range(0..bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    parts[index] = URL_SAFE_NO_PAD.encode(bytes);
    format!("{prefix}{}", parts.join("."))
}

/// One to four characters of the token, replaced.
fn with_other_characters(rng: &mut StdRng, token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..=4) {
        *bytes.choose_mut(rng).unwrap() = *CHARACTERS.choose(rng).unwrap();
    }
    String::from_utf8(bytes).unwrap()
}

/// The token without its beginning, its end or something between.
fn cut(rng: &mut StdRng, token: &str) -> String {
    let (from, to) = range(rng, token.len());
    match rng.random_range(0..3) {
        0 => token[from..].to_owned(),
        1 => token[..to].to_owned(),
        _ => format!("{}{}", &token[..from], &token[to..]),
    }
}

/// The token with something before, behind or inside it.
fn extended(rng: &mut StdRng, token: &str) -> String {
    let length = rng.random_range(1..=80);
    let more: Vec<u8> = (0..length)
        .map(|_| *CHARACTERS.choose(rng).unwrap())
        .collect();
    let more = String::from_utf8(more).unwrap();
    let at = *[0, token.len(), rng.random_range(0..=token.len())]
        .choose(rng)
        .unwrap();
    format!("{}{more}{}", &token[..at], &token[at..])
}

/// The token with a part of another in the same place.
fn with_part_of(rng: &mut StdRng, token: &str, other: &str) -> String {
    let length = token.len().min(other.len());
    let (from, to) = range(rng, length);
    format!("{}{}{}", &token[..from], &other[from..to], &token[to..])
}

/// The token in another alphabet.
fn in_another_alphabet(rng: &mut StdRng, token: &str) -> String {
    match rng.random_range(0..6) {
        0 => token.replace('-', "+").replace('_', "/"),
        1 => token.to_ascii_uppercase(),
        2 => token.to_ascii_lowercase(),
        3 => hexadecimal(token, ""),
        4 => format!("{token}{}", "=".repeat(rng.random_range(1..=3))),
        _ => hexadecimal(token, "%"),
    }
}

/// Each byte in two digits, with something in front of it.
fn hexadecimal(token: &str, before: &str) -> String {
    token.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{before}{byte:02x}").unwrap();
        text
    })
}

/// The token with two of its parts exchanged.
fn with_swapped_parts(rng: &mut StdRng, token: &str) -> String {
    let (from, to) = range(rng, token.len());
    format!("{}{}{}", &token[to..], &token[from..to], &token[..from])
}

/// A beginning and an end behind it.
fn range(rng: &mut StdRng, length: usize) -> (usize, usize) {
    let from = rng.random_range(0..length);
    (from, rng.random_range(from + 1..=length))
}

const PREFIX: &str = "sgr_";
/// What headers, cookies and JSON carry without being quoted.
const CHARACTERS: &[u8] = b"ABCXYZabcxyz0189-_.~+/=!*";
