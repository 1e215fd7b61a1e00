//! Clients that sign instead of showing a secret: `private_key_jwt`.

use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use signet_core::client::{Authentication, ClientKeys, GrantType, Permissions};
use signet_test_servers::Redis;

use super::{FORM, Program, parsed, store};
use crate::support::{Answer, TestApp, request};

/// A client with a key of its own.
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub(crate) async fn register(app: &TestApp, id: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y}]});
        let keys = ClientKeys::from_jwks(&jwks.to_string()).unwrap();
        let permissions = Permissions {
            grants: vec![GrantType::ClientCredentials],
            audiences: parsed("orders"),
            ..Permissions::default()
        };
        store(app, id, permissions, Authentication::PrivateKey(keys)).await;
        Self { id, pair }
    }

    /// An assertion of this client, or one that claims to be of another.
    pub(crate) fn assertion(&self, of: &str, jti: &str) -> String {
        self.sign(&json!({"alg": "ES256"}), &claims(of, jti))
    }

    /// An assertion of this client that is meant for `aud`.
    pub(crate) fn assertion_to(&self, aud: &Value, jti: &str) -> String {
        let mut claims = claims(self.id, jti);
        claims["aud"] = aud.clone();
        self.sign(&json!({"alg": "ES256"}), &claims)
    }

    /// Signs with ES256, whatever the header says.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap()))
    }

    /// Signs with HS256 and the public key, which everybody has, for a secret.
    fn with_public_key_as_secret(&self, claims: &Value) -> String {
        let signed = unsigned(&json!({"alg": "HS256"}), claims);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
        let tag = hmac::sign(&secret, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

/// What an assertion says when nothing is wrong with it.
fn claims(of: &str, jti: &str) -> Value {
    json!({
        "iss": of, "sub": of, "aud": "http://127.0.0.1:8080", "jti": jti, "exp": 1_800_000_060,
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// Asks for a token with an assertion; `rest` is added to the form.
pub(crate) async fn ask_by_assertion(app: &TestApp, assertion: &str, rest: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_assertion={assertion}\
         &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer{rest}"
    );
    app.send(request("POST", "/oauth/token", &[FORM], &form))
        .await
}

#[tokio::test]
async fn an_assertion_is_accepted_once_at_all_replicas() {
    let app = TestApp::start().await;
    let billing = Signer::register(&app, "billing").await;
    let assertion = billing.assertion("billing", "1");
    let answers = join_all((0..8).map(|_| ask_by_assertion(&app, &assertion, ""))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(accepted.count(), 1);
    let again = ask_by_assertion(&app, &assertion, "").await;
    assert_eq!(again.oauth_error(), (401, "invalid_client".to_owned()));
    let next = ask_by_assertion(
        &app,
        &billing.assertion("billing", "2"),
        "&client_id=billing",
    )
    .await;
    assert_eq!(next.claims()["sub"], "billing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_that_are_shown_an_assertion_at_once_one_accepts_it() {
    let redis = Redis::start();
    for first in [
        TestApp::start().await,
        TestApp::with(&[("SIGNET_REDIS_URL", &redis.url())]).await,
    ] {
        let second = Arc::new(first.replica().await);
        let billing = Signer::register(&first, "billing").await;
        let first = Arc::new(first);
        for round in 0..20 {
            let assertion = billing.assertion("billing", &round.to_string());
            let asked = [&first, &second, &first, &second]
                .map(|app| tokio::spawn(status_of(Arc::clone(app), assertion.clone())));
            let mut statuses: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 401, 401, 401], "round {round}");
        }
    }
}

async fn status_of(app: Arc<TestApp>, assertion: String) -> u16 {
    let answer = ask_by_assertion(&app, &assertion, "").await;
    answer.status.as_u16()
}

#[tokio::test]
async fn an_assertion_that_is_not_right_is_refused_and_its_id_not_used_up() {
    let app = TestApp::start().await;
    let billing = Signer::register(&app, "billing").await;
    let good = claims("billing", "1");
    let changed = |change: Value| {
        let mut claims = good.as_object().unwrap().clone();
        claims.extend(change.as_object().unwrap().clone());
        claims.retain(|_, value| !value.is_null());
        billing.sign(&json!({"alg": "ES256"}), &Value::Object(claims))
    };
    let none = json!({"alg": "none"});
    for (what, assertion) in [
        (
            "another server",
            changed(json!({"aud": "https://other.example"})),
        ),
        ("a service", changed(json!({"aud": "orders"}))),
        (
            "two audiences",
            changed(json!({"aud": ["http://127.0.0.1:8080", "orders"]})),
        ),
        ("no audience", changed(json!({"aud": null}))),
        ("stale", changed(json!({"exp": 1_799_999_970}))),
        ("no end", changed(json!({"exp": null}))),
        ("too long", changed(json!({"exp": 1_800_000_331}))),
        ("from the future", changed(json!({"iat": 1_800_000_031}))),
        ("not yet", changed(json!({"nbf": 1_800_000_031}))),
        ("another issuer", changed(json!({"iss": "stock"}))),
        ("no id", changed(json!({"jti": null}))),
        ("no algorithm", format!("{}.", unsigned(&none, &good))),
        ("no algorithm, signed", billing.sign(&none, &good)),
        ("HS256", billing.with_public_key_as_secret(&good)),
        (
            "HS256, signed",
            billing.sign(&json!({"alg": "HS256"}), &good),
        ),
        (
            "RS256, signed otherwise",
            billing.sign(&json!({"alg": "RS256"}), &good),
        ),
        (
            "an access token",
            billing.sign(&json!({"alg": "ES256", "typ": "at+jwt"}), &good),
        ),
    ] {
        let refused = ask_by_assertion(&app, &assertion, "").await;
        let expected = (401, "invalid_client".to_owned());
        assert_eq!(refused.oauth_error(), expected, "{what}");
    }
    let accepted = ask_by_assertion(&app, &billing.assertion("billing", "1"), "").await;
    assert_eq!(accepted.claims()["sub"], "billing");
}

#[tokio::test]
async fn an_assertion_is_good_for_its_signer_alone() {
    let app = TestApp::start().await;
    let billing = Signer::register(&app, "billing").await;
    let stock = Signer::register(&app, "stock").await;
    let secret = Program::register(&app, "secret", "orders", "").await;
    for (text, rest) in [
        (billing.assertion(stock.id, "1"), ""),
        (billing.assertion(secret.id, "2"), ""),
        (billing.assertion("nobody", "3"), ""),
        (billing.assertion("billing", "4"), "&client_id=stock"),
        ("garbage".to_owned(), ""),
    ] {
        let refused = ask_by_assertion(&app, &text, rest).await;
        assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
    }
    let both = ask_by_assertion(&app, &billing.assertion("billing", "5"), "&client_secret=x").await;
    assert_eq!(both.oauth_error(), (400, "invalid_request".to_owned()));
}
