//! Clients that sign instead of showing a secret: `private_key_jwt`.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::json;
use signet_core::client::{Authentication, ClientKeys, GrantType, Permissions};

use super::{FORM, Program, parsed, store};
use crate::support::{Answer, TestApp, request};

/// A client with a key of its own.
struct Signer {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    async fn register(app: &TestApp, id: &'static str) -> Self {
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
    fn assertion(&self, of: &str, jti: &str) -> String {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": of, "sub": of, "aud": "http://127.0.0.1:8080", "jti": jti,
            "exp": 1_800_000_060,
        });
        let signed = format!("{}.{}", part(json!({"alg": "ES256"})), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap()))
    }
}

async fn ask(app: &TestApp, assertion: &str, rest: &str) -> Answer {
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
    let answers = join_all((0..8).map(|_| ask(&app, &assertion, ""))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(accepted.count(), 1);
    let again = ask(&app, &assertion, "").await;
    assert_eq!(again.oauth_error(), (401, "invalid_client".to_owned()));
    let next = ask(
        &app,
        &billing.assertion("billing", "2"),
        "&client_id=billing",
    )
    .await;
    assert_eq!(next.claims()["sub"], "billing");
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
        let refused = ask(&app, &text, rest).await;
        assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
    }
    let both = ask(&app, &billing.assertion("billing", "5"), "&client_secret=x").await;
    assert_eq!(both.oauth_error(), (400, "invalid_request".to_owned()));
}
