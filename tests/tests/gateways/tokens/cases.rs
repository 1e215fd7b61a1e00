//! The list of tokens. The table says which are accepted, not this file.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use signet_tests::{Forger, run_signet};

use crate::rig::{ISSUER, Rig, bearer};

/// One way of asking to be let in.
pub struct Case {
    pub name: &'static str,
    pub line: String,
    pub headers: Vec<String>,
    /// Who that is, should it be let in.
    pub subject: String,
    /// The token alone, where there is exactly one.
    pub token: Option<String>,
}

/// Every case, in the order of the table.
pub async fn all(rig: &Rig) -> Vec<Case> {
    let forger = rig.forger();
    let good = &rig.account.access_token;
    let ended = rig.issuer.api().login(&rig.account.email).await;
    let body = json!({"refresh_token": ended.refresh_token});
    rig.issuer
        .api()
        .post("/auth/logout", &body)
        .await
        .expect(204);
    let pem = run_signet(rig.issuer.folder(), &["keys", "export", "--pem"], &[]).stdout;

    let mut tokens = good_ones(&forger, good);
    tokens.push(("session-ended", ended.access_token));
    tokens.extend(signatures(&forger, good, pem.trim_end()));
    tokens.extend(headers(&forger));
    tokens.extend(claims(&forger));
    tokens.extend(times(&forger));
    tokens.extend(encodings(&forger, good));
    tokens.push(("refresh-token", rig.account.refresh_token.clone()));
    let subject = &rig.account.id;
    let shown = tokens.into_iter().map(|(name, token)| Case {
        name,
        line: ORDERS.to_owned(),
        headers: vec![bearer(&token)],
        subject: if name == "program" {
            "billing".to_owned()
        } else {
            subject.clone()
        },
        token: Some(token),
    });
    shown.chain(ways_to_show(good, subject)).collect()
}

type Tokens = Vec<(&'static str, String)>;

fn good_ones(forger: &Forger, good: &str) -> Tokens {
    vec![
        ("good", good.to_owned()),
        ("typ-long", forger.with_header(&json!({"typ": "application/at+jwt"}))),
        ("typ-upper-case", forger.with_header(&json!({"typ": "AT+JWT"}))),
        ("header-with-jku", forger.with_header(&json!({"jku": "https://evil.example/jwks"}))),
        ("audience-list", forger.with_claims(&json!({"aud": ["api", "orders"]}))),
        ("audience-last", forger.with_claims(&json!({"aud": ["orders", "api"]}))),
        ("more-claims", forger.with_claims(&json!({"tenant": {"id": [1, null, "x"]}}))),
        ("roles", forger.with_claims(&json!({"roles": ["clerk", "admin"]}))),
        ("program", forger.with_claims(&json!({
            "sub": "billing", "client_id": "billing", "sid": null, "auth_time": null, "amr": null,
        }))),
    ]
}

fn signatures(forger: &Forger, good: &str, pem: &str) -> Tokens {
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let (header, _) = message.split_once('.').expect("two parts");
    let admin = forger.with_claims(&json!({"sub": "admin"}));
    let payload = admin.split('.').nth(1).expect("three parts");
    let other = EncodingKey::from_rsa_pem(OTHER_KEY).expect("a key");
    let secret = EncodingKey::from_secret(pem.as_bytes());
    let unsigned = |algorithm: &str| {
        let mut header = forger.header().clone();
        header["alg"] = algorithm.into();
        [header, forger.claims().clone()]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".")
    };
    let embedded = json!({"jwk": {"kty": "RSA", "n": OTHER_MODULUS, "e": "AQAB"}});
    vec![
        ("other-claims", format!("{header}.{payload}.{signature}")),
        // Base64 never has this length, so the signature, which is random, decides nothing.
        ("signature-cut", good[..good.len() - 9].to_owned()),
        ("signature-missing", format!("{message}.")),
        (
            "signature-of-zeros",
            format!("{message}.{}", "A".repeat(signature.len())),
        ),
        (
            "other-key",
            forger.signed_by(&json!({}), &other, Algorithm::RS256),
        ),
        (
            "other-key-embedded",
            forger.signed_by(&embedded, &other, Algorithm::RS256),
        ),
        ("alg-none", format!("{}.", unsigned("none"))),
        ("alg-none-upper-case", format!("{}.", unsigned("NONE"))),
        (
            "alg-none-signed",
            forger.with_header(&json!({"alg": "none"})),
        ),
        (
            "alg-hs256-public-key",
            forger.signed_by(&json!({"alg": "HS256"}), &secret, Algorithm::HS256),
        ),
        (
            "alg-rs512",
            forger.with_algorithm(&json!({"alg": "RS512"}), Algorithm::RS512),
        ),
        (
            "alg-ps256",
            forger.with_algorithm(&json!({"alg": "PS256"}), Algorithm::PS256),
        ),
        (
            "alg-lower-case",
            forger.with_header(&json!({"alg": "rs256"})),
        ),
        ("alg-missing", forger.with_header(&json!({"alg": null}))),
    ]
}

fn headers(forger: &Forger) -> Tokens {
    let twice = forger
        .header()
        .to_string()
        .replacen('{', r#"{"alg":"none","#, 1);
    vec![
        ("typ-jwt", forger.with_header(&json!({"typ": "JWT"}))),
        ("typ-missing", forger.with_header(&json!({"typ": null}))),
        (
            "typ-logout",
            forger.with_header(&json!({"typ": "logout+jwt"})),
        ),
        (
            "crit",
            forger.with_header(&json!({"crit": ["b64"], "b64": true})),
        ),
        ("b64", forger.with_header(&json!({"b64": true}))),
        ("kid-missing", forger.with_header(&json!({"kid": null}))),
        (
            "kid-unknown",
            forger.with_header(&json!({"kid": "x".repeat(43)})),
        ),
        (
            "kid-path",
            forger.with_header(&json!({"kid": "../../../../dev/null"})),
        ),
        ("kid-number", forger.with_header(&json!({"kid": 1}))),
        (
            "header-name-twice",
            forger.with_text(&twice, &forger.claims().to_string()),
        ),
        (
            "header-not-object",
            forger.with_text("[]", &forger.claims().to_string()),
        ),
    ]
}

fn claims(forger: &Forger) -> Tokens {
    let twice = forger.claims().to_string();
    let twice = twice.replacen('}', r#","sub":"admin"}"#, 1);
    let with = |changes: Value| forger.with_claims(&changes);
    vec![
        ("issuer-other", with(json!({"iss": "https://evil.example"}))),
        ("issuer-slash", with(json!({"iss": format!("{ISSUER}/")}))),
        ("issuer-missing", with(json!({"iss": null}))),
        ("issuer-list", with(json!({"iss": [ISSUER]}))),
        ("audience-other", with(json!({"aud": "billing"}))),
        ("audience-longer", with(json!({"aud": "api2"}))),
        ("audience-missing", with(json!({"aud": null}))),
        ("audience-empty", with(json!({"aud": []}))),
        ("subject-missing", with(json!({"sub": null}))),
        ("subject-empty", with(json!({"sub": ""}))),
        ("subject-number", with(json!({"sub": 7}))),
        ("sender-constrained", with(json!({"cnf": {"jkt": "x"}}))),
        (
            "claim-twice",
            forger.with_text(&forger.header().to_string(), &twice),
        ),
        (
            "claims-not-object",
            forger.with_text(&forger.header().to_string(), "[]"),
        ),
    ]
}

fn times(forger: &Forger) -> Tokens {
    let issued_at = forger.claims()["iat"].as_u64().expect("iat");
    let with = |changes: Value| forger.with_claims(&changes);
    vec![
        ("expired", forger.expired()),
        ("expiry-missing", with(json!({"exp": null}))),
        (
            "expiry-text",
            with(json!({"exp": (issued_at + 600).to_string()})),
        ),
        ("expiry-negative", with(json!({"exp": -1}))),
        ("expiry-far", with(json!({"exp": 1e18}))),
        ("issued-missing", with(json!({"iat": null}))),
        ("issued-in-future", with(json!({"iat": issued_at + 300}))),
        (
            "not-before-in-future",
            with(json!({"nbf": issued_at + 300})),
        ),
        ("lives-two-days", with(json!({"exp": issued_at + 172_800}))),
    ]
}

fn encodings(forger: &Forger, good: &str) -> Tokens {
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let long = forger.with_claims(&json!({"padding": "x".repeat(6_500)}));
    // The last character of 256 bytes has two bits that mean nothing.
    let last = signature.chars().next_back().expect("a signature");
    let other_last = match last {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        _ => 'x',
    };
    let stem = &good[..good.len() - 1];
    vec![
        ("garbage", "garbage".to_owned()),
        ("four-parts", format!("{good}.x")),
        ("padded", format!("{good}==")),
        ("not-canonical", format!("{stem}{other_last}")),
        (
            "standard-base64",
            format!(
                "{message}.{}",
                signature.replace('-', "+").replace('_', "/")
            ),
        ),
        ("over-8-kib", long),
    ]
}

/// The good token and others, in requests that show them in other ways.
fn ways_to_show(good: &str, subject: &str) -> Vec<Case> {
    let shown = bearer(good);
    let case = |name, headers: &[&str]| Case {
        name,
        line: ORDERS.to_owned(),
        headers: headers.iter().map(|&line| line.to_owned()).collect(),
        subject: subject.to_owned(),
        token: None,
    };
    let mut cases = vec![
        case(
            "scheme-lower-case",
            &[&format!("Authorization: bearer {good}")],
        ),
        case(
            "header-lower-case",
            &[&format!("authorization: Bearer {good}")],
        ),
        case("no-token", &[]),
        case("bearer-alone", &["Authorization: Bearer"]),
        case("scheme-basic", &[&format!("Authorization: Basic {good}")]),
        case("scheme-missing", &[&format!("Authorization: {good}")]),
        case("two-headers", &[&shown, "Authorization: Bearer garbage"]),
        case(
            "two-headers-bad-first",
            &["Authorization: Bearer garbage", &shown],
        ),
        case("two-headers-same", &[&shown, &shown]),
        case("comma-joined", &[&format!("{shown}, Bearer garbage")]),
        case("in-cookie", &[&format!("Cookie: access_token={good}")]),
        case(
            "in-another-header",
            &[&format!("X-Forwarded-Access-Token: {good}")],
        ),
    ];
    let mut query = case("in-query", &[]);
    query.line = format!("GET /orders/7?access_token={good}");
    cases.push(query);
    cases
}

const ORDERS: &str = "GET /orders/7";
const OTHER_KEY: &[u8] = include_bytes!("../../../../crates/core/tests/keys/7.private.pem");
/// Of no key: it is never looked at.
const OTHER_MODULUS: &str =
    "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXbo";
