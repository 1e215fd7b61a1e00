//! Access tokens that the issuer has not made for this, at every route that takes one, and the
//! sessions of others behind them.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::forge::Signer;
use super::{PASSWORD, Scene};
use crate::oauth::Program;
use crate::support::{Answer, JSON, request};

/// How a token is refused: status and code.
type Refusal = (u16, &'static str);

const INVALID: Refusal = (401, "token_invalid");
const EXPIRED: Refusal = (401, "token_expired");
const FORBIDDEN: Refusal = (403, "forbidden");

/// Tokens signed with the real key that say something else than the attacker's own.
fn signed_otherwise(signer: &Signer) -> Vec<(String, String, Refusal)> {
    let headers = [
        (json!({"typ": "JWT"}), INVALID),
        (json!({"typ": null}), INVALID),
        (json!({"typ": "refresh+jwt"}), INVALID),
        (json!({"typ": "logout+jwt"}), INVALID),
        (json!({"alg": "none"}), INVALID),
        (json!({"alg": "HS256"}), INVALID),
        (json!({"alg": "RS384"}), INVALID),
        (json!({"alg": "PS256"}), INVALID),
        (json!({"alg": null}), INVALID),
        (json!({"kid": "unknown"}), INVALID),
        (json!({"kid": null}), INVALID),
        (json!({"crit": ["exp"]}), INVALID),
    ];
    let claims = [
        (json!({"iss": "https://evil.example"}), INVALID),
        (json!({"iss": "http://127.0.0.1:8080/"}), INVALID),
        (json!({"iss": null}), INVALID),
        (json!({"aud": null}), INVALID),
        (json!({"aud": []}), INVALID),
        (json!({"aud": 7}), INVALID),
        (json!({"sub": null}), INVALID),
        (json!({"exp": null}), INVALID),
        (json!({"exp": 1_799_999_000, "iat": 1_799_998_000}), EXPIRED),
        (json!({"iat": 1_800_000_100}), EXPIRED),
        (json!({"nbf": 1_800_000_100}), EXPIRED),
        (json!({"jti": null}), INVALID),
        (json!({"client_id": null}), INVALID),
        (json!({"cnf": {"jkt": "x"}}), INVALID),
        (json!({"scope": null}), FORBIDDEN),
        (json!({"scope": "orders:read"}), FORBIDDEN),
        (json!({"scope": "accounts account:read"}), FORBIDDEN),
        (json!({"sid": null}), FORBIDDEN),
        (json!({"sid": "short"}), FORBIDDEN),
        (json!({"sub": "billing"}), FORBIDDEN),
        (json!({"act": {"sub": "orders"}}), FORBIDDEN),
    ];
    let nothing = json!({});
    let in_header = headers.map(|(change, refusal)| {
        let token = signer.sign(&change, &nothing);
        (change.to_string(), token, refusal)
    });
    let in_claims = claims.map(|(change, refusal)| {
        let token = signer.sign(&nothing, &change);
        (change.to_string(), token, refusal)
    });
    in_header.into_iter().chain(in_claims).collect()
}

/// Tokens that the real key has not signed.
fn not_signed(scene: &Scene) -> Vec<(String, String, Refusal)> {
    let own = Signer::of(&scene.app, &scene.mallory.access_token);
    let nothing = json!({});
    let to_ada = json!({"sub": scene.ada.id.to_string(), "sid": scene.ada.session_id});
    let unsigned = own.unsigned(&nothing, &to_ada);
    let (_, signature) = scene.mallory.access_token.rsplit_once('.').unwrap();
    let without_alg = own.unsigned(&json!({"alg": "none"}), &to_ada);
    let other = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = other.public_key().clone();
    let n = encoded(public.modulus().big_endian_without_leading_zero());
    let with_jwk = json!({"jwk": {"kty": "RSA", "n": n, "e": "AQAB"}});
    let confused = own.with_public_key_as_secret(&to_ada);
    let other = own.with_key(other);
    let tokens = [
        (
            "my signature under her claims",
            format!("{unsigned}.{signature}"),
        ),
        ("no signature", format!("{unsigned}.")),
        ("no algorithm", format!("{without_alg}.")),
        ("no third part", without_alg),
        ("the public key as a secret", confused),
        (
            "another issuer's key under our kid",
            other.sign(&nothing, &to_ada),
        ),
        ("a key that it brings along", other.sign(&with_jwk, &to_ada)),
        ("her refresh token", scene.ada.refresh_token.clone()),
        ("her session id", scene.ada.session_id.clone()),
    ];
    let named = tokens.map(|(what, token)| (what.to_owned(), token, INVALID));
    named.to_vec()
}

#[tokio::test]
async fn a_token_that_is_not_for_this_opens_nothing_anywhere() {
    let scene = Scene::begin().await;
    let signer = Signer::of(&scene.app, &scene.mallory.access_token);
    let unchanged = signer.sign(&json!({}), &json!({}));
    assert_eq!(
        scene.ask_as(&unchanged, "GET", "/auth/me").await.status,
        200
    );
    let program = Program::register(&scene.app, "billing", "api", "api").await;
    let form = "grant_type=client_credentials";
    let program = program.ask(&scene.app, "/oauth/token", form).await;
    let program = program.member("access_token");

    let before = scene.remembered().await;
    let mut tokens = signed_otherwise(&signer);
    tokens.extend(not_signed(&scene));
    tokens.push(("a program's own".to_owned(), program, FORBIDDEN));
    for (what, token, refusal) in &tokens {
        for (method, path, body) in bearer_routes(&scene) {
            let header = format!("Bearer {token}");
            let headers = [("authorization", header.as_str()), JSON];
            let asked = request(method, &path, &headers, &body.to_string());
            let answer = scene.app.send(asked).await;
            refused(&answer, &path, *refusal, what);
        }
    }
    assert_eq!(scene.remembered().await, before);
}

#[tokio::test]
async fn the_sessions_of_others_are_as_if_they_were_not_there() {
    let scene = Scene::begin().await;
    let own = &scene.mallory;
    let before = scene.remembered().await;
    let listed = scene.ask_as(&own.access_token, "GET", "/auth/sessions");
    let listed = listed.await.json()["sessions"].clone();
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&own.session_id]);
    let of_ada = format!("/auth/sessions/{}", scene.ada.session_id);
    let of_nobody = "/auth/sessions/AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let mut texts = Vec::new();
    for path in [of_ada, of_nobody] {
        let answer = scene.ask_as(&own.access_token, "DELETE", &path).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{path}");
        texts.push(answer.text);
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(scene.remembered().await, before);
}

/// Requests for which everything is there but a good token.
fn bearer_routes(scene: &Scene) -> Vec<(&'static str, String, Value)> {
    let change = json!({"current_password": PASSWORD, "new_password": "engine no. 8 stands"});
    let password = json!({"password": PASSWORD});
    [
        ("GET", "/auth/me", Value::Null),
        ("GET", "/auth/sessions", Value::Null),
        ("POST", "/auth/logout-all", Value::Null),
        ("POST", "/auth/password", change),
        ("DELETE", "/auth/account", password),
        (
            "DELETE",
            &format!("/auth/sessions/{}", scene.ada.session_id),
            Value::Null,
        ),
        (
            "DELETE",
            &format!("/auth/sessions/{}", scene.mallory.session_id),
            Value::Null,
        ),
        ("GET", "/oauth/userinfo", Value::Null),
        ("POST", "/oauth/userinfo", Value::Null),
    ]
    .map(|(method, path, body)| (method, path.to_owned(), body))
    .to_vec()
}

fn refused(answer: &Answer, path: &str, (status, code): Refusal, what: &str) {
    let in_oauth = match code {
        "forbidden" => "insufficient_scope",
        _ => "invalid_token",
    };
    let (said, code) = match path {
        "/oauth/userinfo" => (answer.oauth_error(), in_oauth),
        _ => (answer.problem(), code),
    };
    assert_eq!(said, (status, code.to_owned()), "{what} at {path}");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(&format!("error=\"{in_oauth}\"")),
        "{what}: {challenge}"
    );
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
