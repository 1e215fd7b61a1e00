//! An account with an authenticator app, and the app.

use std::time::Duration;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use signet_verifier::Clock as _;

use crate::support::{Answer, JSON, TestApp, request};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "engine no. 9 steams";

/// An authenticator app: RFC 6238 with a secret in base32.
pub(crate) struct Authenticator {
    secret: Vec<u8>,
    shown: String,
}

impl Authenticator {
    pub(crate) fn with_secret(base32: &str) -> Self {
        let (mut secret, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
        for letter in base32.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .iter()
                .position(|known| *known == letter);
            buffer = (buffer << 5) | u32::try_from(value.unwrap()).unwrap();
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                secret.push(u8::try_from((buffer >> bits) & 0xff).unwrap());
            }
        }
        Self {
            secret,
            shown: base32.to_owned(),
        }
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The secret as it was shown.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The code that the app shows at the time of the test.
    pub(crate) fn code(&self, test: &TestApp) -> String {
        self.code_at_step(test.clock.now().as_seconds() / 30)
    }

    fn code_at_step(&self, step: u64) -> String {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[19] & 0xf);
        let word: [u8; 4] = tag[offset..offset + 4].try_into().unwrap();
        format!(
            "{:06}",
            (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
        )
    }

    /// A code that none of the accepted steps has.
    pub(crate) fn wrong_code(&self, test: &TestApp) -> String {
        let step = test.clock.now().as_seconds() / 30;
        let right: Vec<_> = (step - 1..=step + 1)
            .map(|step| self.code_at_step(step))
            .collect();
        let mut codes = (0..).map(|number| format!("{number:06}"));
        codes.find(|code| !right.contains(code)).unwrap()
    }
}

/// An account that is signed in.
pub(crate) struct Person {
    pub(crate) bearer: String,
    pub(crate) refresh_token: String,
}

impl Person {
    pub(crate) fn read(answer: &Answer) -> Self {
        let json = answer.json();
        Self {
            bearer: format!("Bearer {}", json["access_token"].as_str().unwrap()),
            refresh_token: json["refresh_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    pub(crate) async fn register(test: &TestApp) -> Self {
        Self::register_as(test, EMAIL).await
    }

    pub(crate) async fn register_as(test: &TestApp, email: &str) -> Self {
        let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
        let answer = test.post("/auth/register", &body.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        Self::read(&answer)
    }

    pub(crate) async fn ask(&self, test: &TestApp, what: (&str, &str), body: &Value) -> Answer {
        let (method, path) = what;
        let headers = [JSON, ("authorization", self.bearer.as_str())];
        test.send(request(method, path, &headers, &body.to_string()))
            .await
    }

    pub(crate) async fn post(&self, test: &TestApp, path: &str, body: &Value) -> Answer {
        self.ask(test, ("POST", path), body).await
    }

    /// The `mfa` of the account.
    pub(crate) async fn factors(&self, test: &TestApp) -> Value {
        let headers = [("authorization", self.bearer.as_str())];
        let me = test.send(request("GET", "/auth/me", &headers, "")).await;
        me.json()["mfa"].clone()
    }
}

/// An account with an app and ten recovery codes. Its app has shown the code of the moment.
pub(crate) struct Enrolled {
    pub(crate) person: Person,
    pub(crate) app: Authenticator,
    pub(crate) codes: Vec<String>,
}

impl Enrolled {
    pub(crate) async fn new(test: &TestApp) -> Self {
        let person = Person::register(test).await;
        let offer = person.post(test, "/auth/mfa/totp", &json!({})).await;
        assert_eq!(offer.status, 200, "{}", offer.text);
        let app = Authenticator::with_secret(offer.json()["secret"].as_str().unwrap());
        let code = json!({"code": app.code(test)});
        let confirmed = person.post(test, "/auth/mfa/totp/confirm", &code).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        Self {
            person,
            app,
            codes: recovery_codes(&confirmed),
        }
    }

    /// Waits until the app shows a code that has not been used, and gives it.
    pub(crate) fn next_code(&self, test: &TestApp) -> String {
        test.clock.advance(STEP);
        self.app.code(test)
    }
}

/// The recovery codes of an answer.
pub(crate) fn recovery_codes(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let codes = json["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    codes
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

/// Signs in with the password alone.
pub(crate) async fn login(test: &TestApp) -> Answer {
    let body = json!({"email": EMAIL, "password": PASSWORD, "token_delivery": "body"});
    test.post("/auth/login", &body.to_string()).await
}

/// The token that continues a sign-in.
pub(crate) async fn mfa_token(test: &TestApp) -> String {
    let answer = login(test).await;
    assert_eq!(answer.problem(), (401, "mfa_required".to_owned()));
    answer.json()["mfa_token"].as_str().unwrap().to_owned()
}

/// Finishes a sign-in; `factor` is the name of the field and the code.
pub(crate) async fn finish(test: &TestApp, token: &str, factor: (&str, &str)) -> Answer {
    let (field, code) = factor;
    let body = json!({"mfa_token": token, field: code, "token_delivery": "body"});
    test.post("/auth/login/mfa", &body.to_string()).await
}

/// The claims of the access token of an answer.
pub(crate) fn claims(answer: &Answer) -> Value {
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Asserts that an answer is this problem.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        answer.problem(),
        (status, code.to_owned()),
        "{}",
        answer.text
    );
}

/// The life of a code.
pub(crate) const STEP: Duration = Duration::from_secs(30);

/// Longer than a proof counts.
pub(crate) const STALE: Duration = Duration::from_secs(301);
