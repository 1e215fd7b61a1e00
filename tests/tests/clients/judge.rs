//! PyJWT as the judge of our verifier: what we accept, it accepts, and reads the same.
//!
//! The tokens are well signed by the issuer, or forged with care; most of them must not pass.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use signet_tests::{Forger, read_token};
use signet_verifier::{Keys, Policy, Verifier};

use crate::issued::Issued;

#[tokio::test]
async fn pyjwt_accepts_whatever_we_accept() {
    let issued = Issued::start().await;
    let jwks = issued.server.api().get("/.well-known/jwks.json").await;
    let keys = Keys::from_jwks(jwks.text()).expect("usable keys");
    let ours = Verifier::new(Policy::new(issued.server.api().base(), "api"), keys);
    let tokens = every_token(&issued, &jwks.text());

    let verdicts = issued.judged_by("verify_pyjwt.py", &tokens);
    let (mut accepted, mut disputed) = (Vec::new(), Vec::new());
    for (name, token) in &tokens {
        let Ok(claims) = ours.verify(token.as_str().expect("a token")) else {
            continue;
        };
        accepted.push(name.as_str());
        if verdicts[name] != format!("accepted: {}", claims.sub) {
            disputed.push((name, &verdicts[name]));
        }
    }
    assert_eq!(disputed, []);
    assert_eq!(accepted, ACCEPTED);
}

/// Tokens by what is special about them.
fn every_token(issued: &Issued, jwks: &str) -> Map<String, Value> {
    let good = &issued.account.access_token;
    let forger = issued.forger();
    let now = read_token(good).1["iat"].as_u64().expect("iat");
    let mut tokens = Map::new();
    let mut add = |name: String, token: String| {
        assert!(
            tokens.insert(name.clone(), token.into()).is_none(),
            "{name} twice"
        );
    };
    add("as issued".to_owned(), good.clone());
    add(
        "as issued to a client".to_owned(),
        issued.client_token.clone(),
    );
    for changes in headers() {
        add(format!("header {changes}"), forger.with_header(&changes));
    }
    for changes in claims()
        .into_iter()
        .chain(issuers(issued.server.api().base()))
    {
        add(format!("claims {changes}"), forger.with_claims(&changes));
    }
    for (name, seconds) in TIMES {
        let time = now.checked_add_signed(seconds).expect("a time");
        for claim in ["exp", "iat", "nbf"] {
            add(
                format!("{claim} {name}"),
                forger.with_claims(&json!({claim: time})),
            );
        }
    }
    for (name, text) in texts(good, &forger) {
        add(name.to_owned(), text);
    }
    for (name, secret) in [("the key set", jwks), ("nothing", "")] {
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = forger.signed_by(&json!({"alg": "HS256"}), &key, Algorithm::HS256);
        add(format!("HS256 with {name}"), token);
    }
    add(
        "a key of another".to_owned(),
        issued.stranger().with_claims(&json!({})),
    );
    tokens
}

fn headers() -> Vec<Value> {
    let mut headers = vec![
        json!({"typ": "application/at+jwt"}),
        json!({"typ": "AT+JWT"}),
        json!({"typ": "JWT"}),
        json!({"typ": null}),
        json!({"typ": 1}),
        json!({"alg": null}),
        json!({"alg": ["RS256"]}),
        json!({"kid": null}),
        json!({"kid": 1}),
        json!({"kid": ""}),
        json!({"kid": "../../keys/active.pem"}),
        json!({"crit": []}),
        json!({"crit": ["exp"], "exp": 1}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"zip": "DEF"}),
        json!({"enc": "A256GCM"}),
        json!({"cty": "JWT"}),
        json!({"jku": "https://evil.example/jwks.json"}),
        json!({"x5u": "https://evil.example/certificate.pem"}),
        json!({"x5c": ["AAAA"]}),
        json!({"jwk": {"kty": "oct", "k": "AAAA"}}),
    ];
    let algorithms = [
        "none", "NONE", "rs256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256",
    ];
    headers.extend(algorithms.map(|name| json!({"alg": name})));
    headers
}

fn claims() -> Vec<Value> {
    let mut claims = vec![
        json!({"aud": ["api"]}),
        json!({"aud": ["billing", "api"]}),
        json!({"aud": ["api", 1]}),
        json!({"aud": [["api"]]}),
        json!({"aud": {"api": true}}),
        json!({"aud": "API"}),
        json!({"aud": "api "}),
        json!({"aud": "apis"}),
        json!({"aud": "ap"}),
        json!({"aud": "*"}),
        json!({"iss": ["http://127.0.0.1:8080"]}),
        json!({"jti": 1}),
        json!({"jti": null}),
        json!({"cnf": {"jkt": "AAAA"}}),
        json!({"act": {"sub": "reports"}}),
        json!({"act": "reports"}),
        json!({"scope": ["account"]}),
        json!({"scope": null}),
        json!({"roles": "admin"}),
        json!({"roles": ["admin"]}),
        json!({"private": {"deep": [1, {"er": null}]}}),
    ];
    for name in ["iss", "sub", "aud", "exp", "iat", "nbf"] {
        let odd = [
            json!(null),
            json!(true),
            json!(""),
            json!(-1),
            json!("4102444800"),
            json!([]),
            json!({}),
        ];
        claims.extend(odd.map(|value| json!({name: value})));
    }
    for name in ["exp", "iat", "nbf"] {
        let odd = [
            json!(4_102_444_800.5),
            json!(1.5),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
        ];
        claims.extend(odd.map(|value| json!({name: value})));
    }
    claims
}

fn issuers(own: &str) -> impl Iterator<Item = Value> {
    let near = [
        format!("{own}/"),
        format!("{own} "),
        own.to_uppercase(),
        own.replace("http:", "https:"),
        format!("{own}@evil.example"),
        format!("{own}\0"),
        own[..own.len() - 1].to_owned(),
    ];
    near.into_iter().map(|issuer| json!({"iss": issuer}))
}

/// Spellings of a good token that are none, and texts that are no claims.
fn texts(good: &str, forger: &Forger) -> Vec<(&'static str, String)> {
    let parts: Vec<_> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let [header_json, claims_json] = [header, payload].map(decoded);
    let (header_body, claims_body) = (&header_json[1..], &claims_json[1..]);
    vec![
        ("empty", String::new()),
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("a dot more", format!("{good}.")),
        ("a dot before", format!(".{good}")),
        ("five parts", format!("{good}.{payload}.{signature}")),
        ("padded", format!("{good}==")),
        ("padded header", format!("{header}==.{payload}.{signature}")),
        ("a line end", format!("{good}\n")),
        ("a blank before", format!(" {good}")),
        (
            "a line end within",
            format!("{header}.\n{payload}.{signature}"),
        ),
        ("base64", good.replace('_', "/").replace('-', "+")),
        ("a zero byte", format!("{good}\0")),
        ("stray bits", with_stray_bits(good)),
        (
            "a short signature",
            format!("{header}.{payload}.{}", &signature[..340]),
        ),
        (
            "a zero signature",
            format!("{header}.{payload}.{}", "A".repeat(342)),
        ),
        (
            "a signature of another text",
            format!("{header}.{header}.{signature}"),
        ),
        ("no claims", forger.with_text(&header_json, "{}")),
        (
            "claims in a list",
            forger.with_text(&header_json, &format!("[{claims_json}]")),
        ),
        (
            "claims with more behind",
            forger.with_text(&header_json, &format!("{claims_json}{{}}")),
        ),
        (
            "claims with a blank before",
            forger.with_text(&header_json, &format!(" {claims_json}")),
        ),
        (
            "claims with a mark before",
            forger.with_text(&header_json, &format!("\u{feff}{claims_json}")),
        ),
        (
            "claims of text",
            forger.with_text(&header_json, "\"claims\""),
        ),
        (
            "two issuers",
            forger.with_text(&header_json, &format!("{{\"iss\":\"x\",{claims_body}")),
        ),
        (
            "two subjects",
            forger.with_text(&header_json, &format!("{{\"sub\":\"root\",{claims_body}")),
        ),
        (
            "an issuer in escapes",
            forger.with_text(
                &header_json,
                &claims_json.replace("\"iss\"", "\"\\u0069ss\""),
            ),
        ),
        (
            "a number that is none",
            forger.with_text(&header_json, &format!("{{\"x\":NaN,{claims_body}")),
        ),
        (
            "two algorithms",
            forger.with_text(&format!("{{\"alg\":\"none\",{header_body}"), &claims_json),
        ),
        (
            "a header in a list",
            forger.with_text(&format!("[{header_json}]"), &claims_json),
        ),
        (
            "a header with a blank before",
            forger.with_text(&format!(" {header_json}"), &claims_json),
        ),
    ]
}

fn decoded(part: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    String::from_utf8(bytes).expect("text")
}

/// The last character of 256 bytes carries two bits that mean nothing.
fn with_stray_bits(good: &str) -> String {
    const LAST: [(char, char); 4] = [('A', 'B'), ('Q', 'R'), ('g', 'h'), ('w', 'x')];
    let last = LAST.iter().find(|(usual, _)| good.ends_with(*usual));
    let (usual, stray) = last.expect("one of the four");
    format!("{}{stray}", good.trim_end_matches(*usual))
}

/// Around the leeway of 30 s, in seconds from now; far from it, because time goes on.
const TIMES: [(&str, i64); 6] = [
    ("a day ago", -86_400),
    ("past the leeway", -60),
    ("within the leeway", -1),
    ("soon", 15),
    ("after the leeway", 120),
    ("in a day", 86_000),
];

/// What we accept of all these, in alphabetical order.
const ACCEPTED: [&str; 35] = [
    "a header with a blank before",
    "an issuer in escapes",
    "as issued",
    "as issued to a client",
    "claims with a blank before",
    r#"claims {"act":{"sub":"reports"}}"#,
    r#"claims {"aud":["api"]}"#,
    r#"claims {"aud":["billing","api"]}"#,
    r#"claims {"jti":null}"#,
    r#"claims {"nbf":1.5}"#,
    r#"claims {"nbf":null}"#,
    r#"claims {"private":{"deep":[1,{"er":null}]}}"#,
    r#"claims {"roles":["admin"]}"#,
    r#"claims {"scope":null}"#,
    r#"claims {"sub":"4102444800"}"#,
    "exp after the leeway",
    "exp in a day",
    "exp soon",
    "exp within the leeway",
    r#"header {"cty":"JWT"}"#,
    r#"header {"enc":"A256GCM"}"#,
    r#"header {"jku":"https://evil.example/jwks.json"}"#,
    r#"header {"jwk":{"k":"AAAA","kty":"oct"}}"#,
    r#"header {"typ":"AT+JWT"}"#,
    r#"header {"typ":"application/at+jwt"}"#,
    r#"header {"x5c":["AAAA"]}"#,
    r#"header {"x5u":"https://evil.example/certificate.pem"}"#,
    r#"header {"zip":"DEF"}"#,
    "iat past the leeway",
    "iat soon",
    "iat within the leeway",
    "nbf a day ago",
    "nbf past the leeway",
    "nbf soon",
    "nbf within the leeway",
];
