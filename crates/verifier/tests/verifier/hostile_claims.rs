//! Tokens with a good signature and claims that must not pass, each with the name of its refusal.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    AUDIENCE, ISSUER, NOW, Token, policy, reason, signer, verifier, verifier_with,
};

fn refusal(name: &str, value: &Value) -> &'static str {
    reason(verifier().verify(&Token::good().claim(name, value.clone()).sign()))
}

#[test]
fn an_issuer_is_compared_byte_by_byte() {
    let near_misses = [
        json!("https://auth.example.com/"),
        json!("https://auth.example.com:443"),
        json!("http://auth.example.com"),
        json!("HTTPS://auth.example.com"),
        json!("https://auth.example.com.evil.test"),
        json!("https://auth.example.co"),
        json!("https://\u{430}uth.example.com"),
        json!(" https://auth.example.com"),
        json!(""),
        json!([ISSUER]),
        json!(1),
        Value::Null,
    ];
    for issuer in &near_misses {
        assert_eq!(refusal("iss", issuer), "issuer_mismatch", "{issuer}");
    }
    let without = Token::good().without_claim("iss").sign();
    assert_eq!(reason(verifier().verify(&without)), "issuer_mismatch");
}

#[test]
fn an_audience_has_to_be_named_whole() {
    let wrong = [
        json!("order"),
        json!("orders "),
        json!("Orders"),
        json!("orders,billing"),
        json!("orders billing"),
        json!([]),
        json!(["billing", "orders2"]),
        json!([["orders"]]),
        json!(["orders", 1]),
        json!({ "orders": true }),
        json!(true),
        json!("*"),
        Value::Null,
    ];
    for audience in &wrong {
        assert_eq!(refusal("aud", audience), "audience_mismatch", "{audience}");
    }
    assert_eq!(refusal("aud", &json!(["billing", AUDIENCE])), "accepted");
    let without = Token::good().without_claim("aud").sign();
    assert_eq!(reason(verifier().verify(&without)), "audience_mismatch");
}

#[test]
fn dates_are_numbers() {
    let no_dates = [
        json!("1800000600"),
        json!(-1),
        json!(-0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(253_402_300_800_u64),
        json!(true),
        json!([NOW]),
        json!({}),
        Value::Null,
    ];
    for (claim, expected) in [
        ("exp", "expiry_invalid"),
        ("iat", "issued_at_invalid"),
        ("nbf", "not_before_invalid"),
        ("auth_time", "claims_malformed"),
    ] {
        for date in &no_dates {
            assert_eq!(refusal(claim, date), expected, "{claim} {date}");
        }
    }
}

#[test]
fn numbers_that_do_not_fit_are_no_dates() {
    let good = Token::good().claims_json();
    for huge in ["1e400", "18446744073709551616", "1e19", "-1e400"] {
        let claims = good.replace(
            &format!("\"exp\":{}", NOW + 600),
            &format!("\"exp\":{huge}"),
        );
        let token = signer().sign(&Token::good().header_json(), &claims);
        assert_eq!(
            reason(verifier().verify(&token)),
            "expiry_invalid",
            "{huge}"
        );
    }
}

#[test]
fn dates_may_have_a_fraction() {
    let now: f64 = 1_800_000_000.0;
    assert_eq!(refusal("exp", &json!(now + 0.5)), "accepted");
    assert_eq!(refusal("iat", &json!(now - 0.5)), "accepted");
    assert_eq!(refusal("exp", &json!(now - 30.5)), "expired");
}

#[test]
fn leeway_ends_to_the_millisecond() {
    for (claim, at, expected) in [
        ("exp", NOW - 29, "accepted"),
        ("exp", NOW - 30, "expired"),
        ("exp", 0, "expired"),
        ("iat", NOW + 30, "accepted"),
        ("iat", NOW + 31, "issued_in_future"),
        ("nbf", NOW + 30, "accepted"),
        ("nbf", NOW + 31, "not_yet_valid"),
    ] {
        assert_eq!(refusal(claim, &json!(at)), expected, "{claim} {at}");
    }
    let exact = verifier_with(policy().leeway(Duration::ZERO));
    let ends_now = Token::good().claim("exp", NOW).sign();
    assert_eq!(reason(exact.verify(&ends_now)), "expired");
}

#[test]
fn a_token_lives_a_day_at_most() {
    assert_eq!(refusal("exp", &json!(NOW + 86_400)), "accepted");
    assert_eq!(refusal("exp", &json!(NOW + 86_401)), "lifetime_too_long");
    assert_eq!(refusal("iat", &json!(0)), "lifetime_too_long");
    let short = verifier_with(policy().max_lifetime(Duration::from_secs(5 * 60)));
    assert_eq!(
        reason(short.verify(&Token::good().sign())),
        "lifetime_too_long"
    );
}

#[test]
fn what_must_be_there_must_be_there() {
    for (claim, expected) in [
        ("exp", "expiry_invalid"),
        ("iat", "issued_at_invalid"),
        ("sub", "subject_missing"),
    ] {
        let token = Token::good().without_claim(claim).sign();
        assert_eq!(reason(verifier().verify(&token)), expected, "{claim}");
    }
    for subject in [json!(""), json!(7), json!(["a"]), Value::Null] {
        assert_eq!(refusal("sub", &subject), "subject_missing", "{subject}");
    }
}

#[test]
fn a_bound_token_is_no_bearer_token() {
    for confirmation in [json!({ "jkt": "a" }), json!({}), json!(1), Value::Null] {
        assert_eq!(
            refusal("cnf", &confirmation),
            "sender_constrained",
            "{confirmation}"
        );
    }
}

#[test]
fn claims_have_their_types() {
    for (claim, value) in [
        ("scope", json!(["account"])),
        ("scope", Value::Null),
        ("roles", json!("admin")),
        ("roles", json!([1])),
        ("jti", json!(1)),
        ("sid", json!({})),
        ("client_id", json!(["a"])),
        ("amr", json!("pwd")),
        ("act", json!("gateway")),
        ("act", json!({ "act": {} })),
    ] {
        assert_eq!(
            refusal(claim, &value),
            "claims_malformed",
            "{claim} {value}"
        );
    }
}

#[test]
fn claims_are_one_object_without_a_name_twice() {
    let good = Token::good().claims_json();
    let body = good.trim_start_matches('{');
    let deep = format!("{}{{}}{}", "{\"act\":".repeat(500), "}".repeat(500));
    let deep = format!("{{\"act\":{deep},{body}");
    for (claims, expected) in [
        (
            format!("{{\"iss\":\"https://evil.test\",{body}"),
            "claims_duplicate_name",
        ),
        (
            format!("{{\"\\u0073ub\":\"root\",{body}"),
            "claims_duplicate_name",
        ),
        (
            format!("{{\"unknown\":1,\"unknown\":2,{body}"),
            "claims_duplicate_name",
        ),
        (format!("{good}{good}"), "claims_malformed"),
        (format!("[{good}]"), "claims_malformed"),
        (format!("{good} x"), "claims_malformed"),
        (format!("\u{feff}{good}"), "claims_malformed"),
        (good.replace('{', "{,"), "claims_malformed"),
        ("{}".to_owned(), "issuer_mismatch"),
        ("null".to_owned(), "claims_malformed"),
        (deep, "claims_malformed"),
        (Token::good().sign(), "claims_malformed"),
    ] {
        let token = signer().sign(&Token::good().header_json(), &claims);
        assert_eq!(reason(verifier().verify(&token)), expected, "{claims}");
    }
}
