//! Lists that must not be believed, and issuers that do not answer: what is known stays in force
//! until it expires, then tokens get 503. No request waits, and memory stays flat.

use std::time::Duration;

use serde_json::json;
use signet_verifier::{Clock, Error, FetchError, Fetched, StatusListError, SystemClock, Timestamp};

use crate::jwks_server::Behaviour;
use crate::rig::at_once;
use crate::status_rig::{POLL, StatusRig, lst, status_list};
use crate::support::{Token, encode, other, reason, signer};

/// A list that would free the revoked entry if it were believed, and why it is not.
fn hostile_lists(rig: &StatusRig) -> Vec<(Token, StatusListError)> {
    use StatusListError as E;
    let list = || rig.list("a", &[]);
    let bits = |bits: u32| json!({ "bits": bits, "lst": lst(&[0; 16]) });
    let text = |lst: &str| json!({ "bits": 1, "lst": lst });
    let now = rig.clock.now().as_seconds();
    let of_types = ["at+jwt", "JWT", "statuslist+cwt", "statuslist+jwt2", ""];
    let mut lists: Vec<_> = of_types
        .into_iter()
        .map(|typ| (list().header("typ", typ), E::Token(Error::TypeRefused)))
        .collect();
    lists.extend([
        (list().without_header("typ"), E::Token(Error::TypeRefused)),
        (
            list().header("alg", "none"),
            E::Token(Error::AlgorithmRefused),
        ),
        (
            list().header("crit", json!(["x"])),
            E::Token(Error::CriticalHeader),
        ),
        (list().without_header("kid"), E::Token(Error::KeyIdMissing)),
        (list().header("kid", "bogus"), E::Token(Error::UnknownKey)),
        (list().claim("sub", rig.uri("b")), E::AnotherList),
        (list().claim("sub", rig.uri("a") + "/"), E::AnotherList),
        (list().without_claim("sub"), E::AnotherList),
        (list().claim("sub", 1), E::Malformed),
        (list().claim("iss", "https://evil.test"), E::AnotherIssuer),
        (list().without_claim("iat"), E::Times),
        (list().without_claim("exp"), E::Times),
        (list().claim("exp", "soon"), E::Times),
        (list().claim("ttl", -1), E::Times),
        (list().claim("ttl", "5"), E::Times),
        (list().claim("exp", now - 30), E::Expired),
        (list().claim("iat", now + 31), E::IssuedInFuture),
        // The known list was issued 8 s ago.
        (list().claim("iat", now - 69), E::Older),
        (list().without_claim("status_list"), E::Malformed),
        (list().claim("status_list", bits(3)), E::Malformed),
        (list().claim("status_list", bits(0)), E::Malformed),
        (list().claim("status_list", bits(256)), E::Malformed),
        (list().claim("status_list", json!([1, "a"])), E::Malformed),
        (list().claim("status_list", text("a b")), E::Malformed),
        (list().claim("status_list", text("AAAA")), E::Compression),
    ]);
    lists
}

#[tokio::test]
async fn a_list_that_must_not_be_believed_leaves_the_known_one_in_force() {
    let mut rig = StatusRig::warm().await;
    let count = hostile_lists(&rig).len();
    for number in 0..count {
        // Each time, a good list comes first.
        rig.serve(&rig.list("a", &[7]));
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
        rig.clock.advance(POLL);
        let (list, error) = hostile_lists(&rig).swap_remove(number);
        rig.serve(&list);
        let _ = rig.outcome_now(&rig.token("a", 0));
        assert_eq!(rig.fetched().await, Err(FetchError::StatusList(error)));
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
        assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    }
}

#[tokio::test]
async fn a_list_with_a_wrong_signature_is_refused() {
    let mut rig = StatusRig::warm().await;
    let list = rig.list("a", &[]);
    let forged = other().sign(&list.header_json(), &list.claims_json());
    let signed = list.sign();
    let cut = signed.get(..signed.len() - 2).unwrap();
    let changed = signed.replacen('.', ".AAAA", 1);
    let invalid = StatusListError::Token(Error::SignatureInvalid);
    for document in [forged, cut.to_owned(), changed] {
        rig.serve_text(document);
        assert_eq!(rig.refused().await, invalid);
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    }
    for document in ["", "{}", "a.b", "\u{fffd}.a.b"] {
        rig.serve_text(document.to_owned());
        let refused = rig.refused().await;
        assert!(matches!(refused, StatusListError::Token(_)), "{refused:?}");
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    }
}

#[tokio::test]
async fn a_first_list_that_must_not_be_believed_gets_503_and_nobody_waits_again() {
    let mut rig = StatusRig::new().await;
    rig.serve(&rig.list("b", &[]));
    let token = rig.token("a", 0);
    assert_eq!(rig.outcome(&token).await, "revocation_unknown");
    let refused = FetchError::StatusList(StatusListError::AnotherList);
    assert_eq!(rig.fetched().await, Err(refused));
    let outcome = at_once(rig.verifier.verify_async(&token)).expect("no waiting");
    assert_eq!(reason(outcome), "revocation_unknown");
}

#[tokio::test]
async fn without_the_issuer_a_list_is_used_until_it_expires_and_then_tokens_get_503() {
    let mut rig = StatusRig::warm().await;
    let careless = rig.policy().danger_accept_stale_status();
    let careless = rig.verifier_with(careless);
    let (good, revoked) = (rig.token("a", 0), rig.token("a", 7));
    rig.lists_server.becomes(Behaviour::status(500));
    // The list lives for 60 s.
    rig.clock.advance(Duration::from_millis(59_999));
    assert_eq!(rig.outcome_now(&good), "accepted");
    assert_eq!(rig.outcome_now(&revoked), "revoked");
    rig.clock.advance(Duration::from_millis(1));
    for token in [&good, &revoked] {
        let outcome = at_once(rig.verifier.verify_async(token)).expect("no waiting");
        let refusal = outcome.unwrap_err();
        assert_eq!(refusal.reason(), "revocation_unknown");
        assert_eq!(refusal.http_status(), 503);
    }
    assert_eq!(reason(careless.verify(&good)), "accepted");
    assert_eq!(reason(careless.verify(&revoked)), "revoked");
    // A list that was never fetched is no stale list.
    assert_eq!(
        reason(careless.verify(&rig.token("b", 0))),
        "revocation_unknown"
    );
    while rig.lists.try_recv().is_ok() {}
    rig.serve(&rig.list("a", &[7]));
    rig.clock.advance(POLL);
    let _ = rig.outcome_now(&good);
    while rig.fetched().await != Ok(Fetched::Received) {}
    assert_eq!(rig.outcome_now(&good), "accepted");
    assert_eq!(rig.outcome_now(&revoked), "revoked");
}

#[tokio::test]
async fn setting_a_clock_back_does_not_make_a_list_live_longer() {
    let rig = StatusRig::warm().await;
    rig.lists_server.becomes(Behaviour::Close);
    let start = rig.clock.now();
    let token = rig.token("a", 0);
    rig.clock.advance(Duration::from_secs(60));
    rig.clock.set(start);
    assert_eq!(rig.outcome_now(&token), "revocation_unknown");
    rig.clock.set(Timestamp::from_millis(start.as_millis() + 1));
    assert_eq!(rig.outcome_now(&token), "revocation_unknown");
}

#[tokio::test]
async fn a_server_that_never_finishes_blocks_no_request() {
    for behaviour in [Behaviour::Hang, Behaviour::Stall] {
        let mut rig = StatusRig::warm().await;
        rig.lists_server.becomes(behaviour);
        rig.clock.advance(POLL);
        let (good, revoked) = (rig.token("a", 0), rig.token("a", 7));
        for _ in 0..1_000 {
            let outcome = at_once(rig.verifier.verify_async(&good)).expect("no waiting");
            assert_eq!(reason(outcome), "accepted");
        }
        assert_eq!(rig.outcome_now(&revoked), "revoked");
        assert_eq!(rig.fetched().await, Err(FetchError::Timeout));
        // Single flight: one request at the start, and one poll.
        assert_eq!(rig.lists_server.requests().len(), 2);
        assert_eq!(rig.outcome_now(&revoked), "revoked");
    }
}

#[tokio::test]
async fn the_first_look_at_a_list_waits_a_second_at_most() {
    let rig = StatusRig::new().await;
    rig.lists_server.becomes(Behaviour::Hang);
    let token = rig.token("a", 0);
    let clock = SystemClock::new();
    assert_eq!(rig.outcome(&token).await, "revocation_unknown");
    let waited = clock.monotonic();
    let allowed = Duration::from_millis(900)..Duration::from_millis(2_500);
    assert!(allowed.contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn answers_that_are_no_list_are_failures() {
    let mut rig = StatusRig::warm().await;
    for (behaviour, error) in [
        (Behaviour::status(404), FetchError::Status(404)),
        (Behaviour::status(302), FetchError::Status(302)),
        (Behaviour::Close, FetchError::Http),
        (Behaviour::BreakOff, FetchError::Http),
        (Behaviour::Noise, FetchError::Http),
        (Behaviour::Endless, FetchError::TooLong),
    ] {
        rig.lists_server.becomes(behaviour);
        assert_eq!(rig.poll_after(POLL).await, Err(error));
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    }
}

#[tokio::test]
async fn a_bomb_is_not_inflated_and_memory_stays_flat() {
    let mut rig = StatusRig::warm().await;
    let small = bomb(8 << 20);
    assert!(small.len() < 64 * 1_024, "{}", small.len());
    let claim = json!({ "bits": 1, "lst": encode(small) });
    rig.serve(&rig.list("a", &[]).claim("status_list", claim.clone()));
    assert_eq!(rig.refused().await, StatusListError::Compression);
    let before = peak_memory_kib();
    for _ in 0..10 {
        rig.serve(&rig.list("a", &[]).claim("status_list", claim.clone()));
        assert_eq!(rig.refused().await, StatusListError::Compression);
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    }
    let grown = peak_memory_kib() - before;
    assert!(grown < 4 * 1_024, "{grown} KiB");
}

#[tokio::test]
async fn a_bomb_of_a_gigabyte_is_not_even_read() {
    let mut rig = StatusRig::warm().await;
    let claim = json!({ "bits": 1, "lst": encode(bomb(1 << 30)) });
    rig.serve(&rig.list("a", &[]).claim("status_list", claim));
    assert_eq!(rig.poll_after(POLL).await, Err(FetchError::TooLong));
    assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
}

#[tokio::test]
async fn a_ttl_of_an_hour_is_polled_within_seven_seconds_and_of_zero_once_a_second() {
    let mut rig = StatusRig::warm().await;
    for (ttl, too_early_millis, due_after_millis) in [
        (json!(3_600), 4_900, 2_200),
        (json!(0), 400, 400),
        (json!(1.5), 700, 400),
    ] {
        let list = rig.list("a", &[7]).claim("ttl", ttl);
        rig.serve(&list);
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
        let asked = rig.lists_server.requests().len();
        rig.clock.advance(Duration::from_millis(too_early_millis));
        assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
        assert_eq!(rig.lists_server.requests().len(), asked);
        rig.serve(&rig.list("a", &[7]));
        let due = rig
            .poll_after(Duration::from_millis(due_after_millis))
            .await;
        assert_eq!(due, Ok(Fetched::Received));
    }
}

#[tokio::test]
async fn the_claims_of_a_list_have_no_name_twice() {
    let mut rig = StatusRig::warm().await;
    let list = rig.list("a", &[]);
    let claims = list.claims_json();
    let outer = claims.replacen('{', r#"{"exp":1,"#, 1);
    let inner = claims.replacen(r#""bits":1"#, r#""bits":1,"bits":1"#, 1);
    let duplicate = StatusListError::Token(Error::ClaimsDuplicateName);
    for (claims, error) in [(outer, duplicate), (inner, StatusListError::Malformed)] {
        rig.serve_text(signer().sign(&list.header_json(), &claims));
        assert_eq!(rig.refused().await, error);
    }
    assert_eq!(status_list(&[0])["bits"], 1);
}

/// A zlib stream of about `bytes` zeros, in codes of 13 bits for 258 zeros each.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut stream = vec![0x78, 0x9c];
    let (mut pending, mut pending_bits) = (0_u64, 0_u32);
    let mut write = |stream: &mut Vec<u8>, bits: u64, count: u32| {
        pending |= bits << pending_bits;
        pending_bits += count;
        while pending_bits >= 8 {
            stream.push(u8::try_from(pending & 0xff).unwrap());
            pending >>= 8;
            pending_bits -= 8;
        }
    };
    // A last block with fixed codes, and the literal 0.
    write(&mut stream, 0b011, 3);
    write(&mut stream, 0b0000_1100, 8);
    for _ in 0..bytes / 258 {
        // Length 258 is 11000101, and distance 1 is 00000; both begin with the highest bit.
        write(&mut stream, 0b1010_0011, 13);
    }
    write(&mut stream, 0, 15);
    stream.extend([0; 4]);
    stream
}

/// The most memory that this process has used.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words: Vec<_> = line.unwrap().split_whitespace().collect();
    words[1].parse().unwrap()
}
