//! Tokens that are broken, forged or of another kind, each with the name of its refusal.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use signet_verifier::Error;

use crate::support::{SIGNER_PUBLIC, Token, encode, other, reason, signer, verifier};

fn refusal(token: &str) -> &'static str {
    reason(verifier().verify(token))
}

#[test]
fn the_token_that_all_others_are_made_from_is_good() {
    assert_eq!(refusal(&Token::good().sign()), "accepted");
}

#[test]
fn the_algorithm_is_never_taken_from_the_token() {
    let names = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!("rs256"),
        json!("RS256 "),
        json!("HS256"),
        json!("HS512"),
        json!("RS384"),
        json!("RS512"),
        json!("PS256"),
        json!("ES256"),
        json!("EdDSA"),
        json!(["RS256"]),
        json!(1),
        Value::Null,
    ];
    for name in names {
        let token = Token::good().header("alg", name.clone());
        assert_eq!(refusal(&token.sign()), "algorithm_refused", "{name}");
        let signed = format!(
            "{}.{}",
            encode(token.header_json()),
            encode(token.claims_json())
        );
        assert_eq!(
            refusal(&format!("{signed}.")),
            "not_three_parts",
            "{name} unsigned"
        );
        assert_eq!(
            refusal(&format!("{signed}.AA")),
            "algorithm_refused",
            "{name} zeroed"
        );
    }
    let without = Token::good().without_header("alg").sign();
    assert_eq!(refusal(&without), "algorithm_refused");
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let token = Token::good().header("alg", "HS256");
    let modulus = signer().n();
    let der: String = SIGNER_PUBLIC
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(der).unwrap();
    let jwk = signer().jwk().to_string();
    let encodings: [&[u8]; 6] = [
        SIGNER_PUBLIC.as_bytes(),
        SIGNER_PUBLIC.trim_end().as_bytes(),
        &der,
        &modulus,
        jwk.as_bytes(),
        b"",
    ];
    for secret in encodings {
        let signed = format!(
            "{}.{}",
            encode(token.header_json()),
            encode(token.claims_json())
        );
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            signed.as_bytes(),
        );
        assert_eq!(
            refusal(&format!("{signed}.{}", encode(tag))),
            "algorithm_refused"
        );
    }
}

#[test]
fn a_signature_of_another_kind_is_not_valid() {
    let (header, claims) = (Token::good().header_json(), Token::good().claims_json());
    let kinds: [&'static dyn aws_lc_rs::signature::RsaEncoding; 3] =
        [&RSA_PKCS1_SHA384, &RSA_PKCS1_SHA512, &RSA_PSS_SHA256];
    for encoding in kinds {
        let token = signer().sign_with(encoding, &header, &claims);
        assert_eq!(refusal(&token), "signature_invalid");
    }
}

#[test]
fn only_access_tokens_are_access_tokens() {
    let kinds = [
        json!("JWT"),
        json!("jwt"),
        json!("id_token"),
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("secevent+jwt"),
        json!("at+jwt "),
        json!("text/at+jwt"),
        json!(""),
        json!(["at+jwt"]),
        json!(1),
        Value::Null,
    ];
    for typ in kinds {
        assert_eq!(
            refusal(&Token::good().header("typ", typ.clone()).sign()),
            "type_refused",
            "{typ}"
        );
    }
    assert_eq!(
        refusal(&Token::good().without_header("typ").sign()),
        "type_refused"
    );
    assert_eq!(
        refusal(&Token::good().header("typ", "application/AT+JWT").sign()),
        "accepted"
    );
}

#[test]
fn critical_extensions_are_refused_and_keys_in_the_token_ignored() {
    for crit in [
        json!(["b64"]),
        json!(["exp"]),
        json!([]),
        json!("x"),
        Value::Null,
    ] {
        let token = Token::good()
            .header("crit", crit.clone())
            .header("b64", false);
        assert_eq!(refusal(&token.sign()), "critical_header", "{crit}");
    }
    for b64 in [json!(false), json!(true), Value::Null] {
        let token = Token::good().header("b64", b64.clone());
        assert_eq!(refusal(&token.sign()), "critical_header", "{b64}");
    }
    for (name, value) in [
        ("jwk", other().jwk()),
        ("jku", json!("https://evil.test/jwks.json")),
        ("x5u", json!("https://evil.test/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("x5t", json!("AAAA")),
    ] {
        let token = Token::good().header(name, value);
        assert_eq!(refusal(&token.sign()), "accepted", "{name} signed by us");
        let forged = other().sign(&token.header_json(), &token.claims_json());
        assert_eq!(
            refusal(&forged),
            "signature_invalid",
            "{name} signed by another"
        );
        let named = token.header("kid", other().kid());
        let forged = other().sign(&named.header_json(), &named.claims_json());
        assert_eq!(refusal(&forged), "unknown_key", "{name} and kid of another");
    }
}

#[test]
fn a_kid_names_a_key_and_nothing_else() {
    let kid = signer().kid();
    let strangers = [
        "../../../../dev/null".to_owned(),
        "/dev/null".to_owned(),
        "' OR 1=1 --".to_owned(),
        "key'; DROP TABLE keys;--".to_owned(),
        "|/usr/bin/id".to_owned(),
        "\0".to_owned(),
        format!("{kid}\0"),
        format!(" {kid}"),
        format!("{kid}="),
        kid.to_lowercase(),
        kid.chars().take(42).collect(),
        "k".repeat(4_000),
        "https://evil.test/key".to_owned(),
        "\u{202e}".to_owned(),
        other().kid(),
    ];
    for stranger in strangers {
        assert_eq!(
            refusal(&Token::good().header("kid", stranger.as_str()).sign()),
            "unknown_key"
        );
    }
    for nothing in [
        json!(""),
        json!(1),
        json!([kid]),
        json!({ "kid": kid }),
        Value::Null,
    ] {
        let token = Token::good().header("kid", nothing.clone()).sign();
        assert_eq!(refusal(&token), "key_id_missing", "{nothing}");
    }
    assert_eq!(
        refusal(&Token::good().without_header("kid").sign()),
        "key_id_missing"
    );
}

#[test]
fn a_header_is_one_object_without_a_name_twice() {
    let good = Token::good().header_json();
    let body = good.trim_start_matches('{');
    for (header, expected) in [
        (
            format!("{{\"alg\":\"none\",{body}"),
            "header_duplicate_name",
        ),
        (
            format!("{{\"\\u0061lg\":\"none\",{body}"),
            "header_duplicate_name",
        ),
        (format!("{{\"kid\":\"x\",{body}"), "header_duplicate_name"),
        (format!("{{\"x\":1,\"x\":1,{body}"), "header_duplicate_name"),
        (format!("[{good}]"), "header_malformed"),
        (format!("{good}{good}"), "header_malformed"),
        (format!("\u{feff}{good}"), "header_malformed"),
        ("null".to_owned(), "header_malformed"),
        ("{".to_owned(), "header_malformed"),
        ("{}".to_owned(), "algorithm_refused"),
        (format!("{{\"x\":{}", "[".repeat(3_000)), "header_malformed"),
    ] {
        let token = signer().sign(&header, &Token::good().claims_json());
        assert_eq!(refusal(&token), expected, "{header}");
    }
    let binary = format!("{}.e30.AA", encode(b"{\"alg\":\"\xff\"}"));
    assert_eq!(refusal(&binary), "header_malformed");
}

#[test]
fn a_token_is_three_parts_that_are_not_empty() {
    let good = Token::good().sign();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    for broken in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        header.to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}.{payload}.{payload}.{payload}.{signature}"),
    ] {
        assert_eq!(refusal(&broken), "not_three_parts", "{broken:?}");
    }
}

#[test]
fn base64url_has_one_spelling() {
    let good = Token::good().sign();
    let padded: Vec<_> = good
        .split('.')
        .map(|part| URL_SAFE.encode(URL_SAFE_NO_PAD.decode(part).unwrap()))
        .collect();
    for broken in [
        format!("{good}="),
        format!("{good}=="),
        padded.join("."),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good} "),
        good.replacen('.', " .", 1),
        good.replacen('.', "\n.", 1),
        format!("{good}%3D"),
        format!("{good}é"),
        good.replace(['-', '_'], "+"),
        format!("Bearer {good}"),
        good.replacen('e', "\0", 1),
    ] {
        assert_eq!(refusal(&broken), "not_base64url", "{broken:?}");
    }
}

#[test]
fn stray_bits_at_the_end_of_a_part_are_refused() {
    let good = Token::good().sign();
    let (rest, last) = good.split_at(good.len() - 1);
    let strays = ["A", "B", "Q", "R", "g", "h", "w", "x"]
        .into_iter()
        .filter(|c| *c != last);
    let refusals: Vec<_> = strays
        .map(|stray| refusal(&format!("{rest}{stray}")))
        .collect();
    assert!(
        refusals
            .iter()
            .all(|reason| ["not_base64url", "signature_invalid"].contains(reason))
    );
    assert!(refusals.contains(&"not_base64url"));
}

#[test]
fn a_signature_belongs_to_its_key_and_its_token() {
    let good = Token::good().sign();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut flipped = bytes.clone();
    flipped[100] ^= 1;
    let longer = [bytes.as_slice(), &[0]].concat();
    let shifted = [&[0], bytes.as_slice()].concat();
    for forged in [
        &bytes[..255],
        &bytes[1..],
        &flipped,
        &longer,
        &shifted,
        &[0; 256],
        &[0xff; 256],
        &[0],
        &[1],
        &signer().n(),
    ] {
        assert_eq!(
            refusal(&format!("{signed}.{}", encode(forged))),
            "signature_invalid"
        );
    }
    let elsewhere = Token::good().claim("sub", "root").sign();
    let (_, of_another_token) = elsewhere.rsplit_once('.').unwrap();
    assert_eq!(
        refusal(&format!("{signed}.{of_another_token}")),
        "signature_invalid"
    );
    let by_another_key = other().sign(&Token::good().header_json(), &Token::good().claims_json());
    assert_eq!(refusal(&by_another_key), "signature_invalid");
}

#[test]
fn a_token_is_8_kib_at_most() {
    let with_padding = |length| Token::good().claim("padding", "p".repeat(length)).sign();
    assert_eq!(refusal(&with_padding(5_000)), "accepted");
    assert_eq!(refusal(&with_padding(6_000)), "token_too_long");
    assert_eq!(refusal(&"a".repeat(8_192)), "not_three_parts");
    assert_eq!(refusal(&"a".repeat(8_193)), "token_too_long");
    assert_eq!(refusal(&"a".repeat(10_000_000)), "token_too_long");
}

#[test]
fn a_signed_text_that_is_no_token_is_refused() {
    let parts = format!("{}.{}", encode(Token::good().header_json()), encode("{}"));
    assert_eq!(
        refusal(&signer().sign_parts(&RSA_PKCS1_SHA256, &parts)),
        "issuer_mismatch"
    );
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA";
    assert_eq!(refusal(encrypted), "not_three_parts");
}

#[test]
fn an_error_shows_nothing_of_the_token() {
    let secret = "s3cr3t-subject";
    let token = Token::good().claim("sub", secret).claim("exp", 1).sign();
    let error = verifier().verify(&token).unwrap_err();
    assert_eq!(error, Error::Expired);
    assert!(!format!("{error:?} {error}").contains(secret));
}
