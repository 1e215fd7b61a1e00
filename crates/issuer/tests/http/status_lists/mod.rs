//! Revocation lists: what tokens name, what verifiers fetch, and which endings set bits.

mod crowded;
mod endings;
mod published;
mod windows;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, request};

/// An app with revocation lists.
async fn app() -> TestApp {
    TestApp::with(&[("SIGNET_STATUS_LIST_ENABLED", "true")]).await
}

/// Registers an account and signs it in.
async fn register(app: &TestApp, name: &str) -> Answer {
    let answer = app.post("/auth/register", &credentials(name)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

async fn log_in(app: &TestApp, name: &str) -> Answer {
    let answer = app.post("/auth/login", &credentials(name)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn credentials(name: &str) -> String {
    let body = json!({
        "email": format!("{name}@example.com"),
        "password": PASSWORD,
        "token_delivery": "body",
    });
    body.to_string()
}

async fn refresh(app: &TestApp, tokens: &Answer) -> Answer {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await
}

/// Asks as the bearer of the tokens.
async fn ask(app: &TestApp, tokens: &Answer, (method, path): (&str, &str), body: &str) -> Answer {
    let bearer = format!("Bearer {}", tokens.member("access_token"));
    let headers = [("authorization", bearer.as_str()), crate::support::JSON];
    app.send(request(method, path, &headers, body)).await
}

async fn log_out(app: &TestApp, tokens: &Answer) {
    let answer = ask(app, tokens, ("POST", "/auth/logout"), "").await;
    assert_eq!(answer.status, 204, "{}", answer.text);
}

/// The bit that a token names: the path of its list, and the number.
fn status(answer: &Answer) -> (String, usize) {
    let reference = &answer.claims()["status"]["status_list"];
    let uri = reference["uri"].as_str().unwrap();
    let path = uri.strip_prefix("http://127.0.0.1:8080").unwrap();
    assert!(path.starts_with("/status/"));
    let index = reference["idx"].as_u64().unwrap();
    (path.to_owned(), usize::try_from(index).unwrap())
}

/// A list as a verifier reads it.
struct List {
    header: Value,
    claims: Value,
    bits: Vec<u8>,
}

impl List {
    /// Fetches a list, and checks its signature by the published keys.
    async fn fetch(app: &TestApp, path: &str) -> Self {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            answer.header("content-type"),
            Some("application/statuslist+jwt")
        );
        let list = Self::read(&answer.text);
        list.check_signature(app, &answer.text).await;
        list
    }

    fn read(text: &str) -> Self {
        let mut parts = text
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&parts.next().unwrap()).unwrap();
        let compressed = claims["status_list"]["lst"].as_str().unwrap();
        let compressed = URL_SAFE_NO_PAD.decode(compressed).unwrap();
        Self {
            header,
            bits: decompress_to_vec_zlib(&compressed).unwrap(),
            claims,
        }
    }

    async fn check_signature(&self, app: &TestApp, text: &str) {
        let keys = app.get("/.well-known/jwks.json").await.json();
        let mut keys = keys["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["kid"] == self.header["kid"]).unwrap();
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let (n, e) = (number("n"), number("e"));
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        RsaPublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
            .unwrap();
    }

    fn is_set(&self, index: usize) -> bool {
        self.bits[index / 8] >> (index % 8) & 1 == 1
    }

    fn count(&self) -> u32 {
        self.bits.iter().map(|byte| byte.count_ones()).sum()
    }
}

/// Whether the list that a token names revokes it, for a verifier that fetches after two seconds.
async fn is_revoked(app: &TestApp, answer: &Answer) -> bool {
    let (path, index) = status(answer);
    app.clock.advance(std::time::Duration::from_secs(2));
    List::fetch(app, &path).await.is_set(index)
}

const PASSWORD: &str = "engine no. 9 steams";
