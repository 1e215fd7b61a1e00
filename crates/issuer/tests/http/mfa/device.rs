//! A device with one passkey (ES256), and the browser that asks it. Every part of an answer can be
//! made wrong.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::support::{Person, refused};
use crate::support::{Answer, TestApp};

pub(crate) const ORIGIN: &str = "https://app.example.com";

/// A server for passkeys of `example.com`, with pages of another host.
pub(crate) async fn start() -> TestApp {
    TestApp::with(&VARIABLES).await
}

pub(crate) const VARIABLES: [(&str, &str); 3] = [
    ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
    ("SIGNET_ALLOWED_ORIGINS", ORIGIN),
    ("SIGNET_WEBAUTHN_RP_ID", "example.com"),
];

pub(crate) const PRESENT: u8 = 0x01;
pub(crate) const VERIFIED: u8 = 0x04;
pub(crate) const ELIGIBLE: u8 = 0x08;
pub(crate) const BACKED_UP: u8 = 0x10;

pub(crate) struct Device {
    key: EcdsaKeyPair,
    pub(crate) id: Vec<u8>,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) origin: &'static str,
    pub(crate) rp_id: &'static str,
    /// The user handle from the registration.
    pub(crate) user_handle: Option<String>,
    /// The algorithm in the public key.
    pub(crate) algorithm: u8,
}

/// Makes a device hostile.
pub(crate) type Change = fn(&mut Device);

impl Device {
    pub(crate) fn new(number: u8) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: vec![number; 16],
            flags: PRESENT | VERIFIED,
            counter: 0,
            origin: ORIGIN,
            rp_id: "example.com",
            user_handle: None,
            algorithm: ES256,
        }
    }

    /// The id on the wire.
    pub(crate) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    /// The credential that answers a request for a new passkey.
    pub(crate) fn create(&mut self, public_key: &Value) -> Value {
        self.user_handle = Some(public_key["user"]["id"].as_str().unwrap().to_owned());
        let client_data = self.client_data("webauthn.create", public_key);
        let mut data = self.authenticator_data(self.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        data.extend([0xa5, 1, 2, 3, self.algorithm, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(x);
        data.extend([0x22, 0x58, 32]);
        data.extend(y);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        let response = json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
        });
        self.credential(&response)
    }

    /// The credential that answers a request for a proof.
    pub(crate) fn get(&mut self, public_key: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", public_key);
        let data = self.authenticator_data(self.flags);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let response = json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
            "userHandle": self.user_handle,
        });
        self.credential(&response)
    }

    fn client_data(&self, kind: &str, public_key: &Value) -> Vec<u8> {
        let challenge = &public_key["challenge"];
        let data = json!({"type": kind, "challenge": challenge, "origin": self.origin});
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn credential(&self, response: &Value) -> Value {
        let id = self.id();
        json!({"id": id, "rawId": id, "type": "public-key", "response": response})
    }

    /// The answer to a request: `{challenge_id, credential}`.
    pub(crate) fn answer(&mut self, request: &Value) -> Value {
        let credential = self.get(&request["public_key"]);
        json!({"challenge_id": request["challenge_id"], "credential": credential})
    }

    /// Registers the passkey of this device.
    pub(crate) async fn register(&mut self, test: &TestApp, person: &Person) -> Answer {
        let options = person
            .post(test, "/auth/passkeys/options", &json!({}))
            .await;
        assert_eq!(options.status, 200, "{}", options.text);
        let options = options.json();
        let credential = self.create(&options["public_key"]);
        let body = json!({
            "challenge_id": options["challenge_id"], "credential": credential, "name": "phone",
        });
        person.post(test, "/auth/passkeys", &body).await
    }

    /// Signs in with the passkey of this device.
    pub(crate) async fn sign_in(&mut self, test: &TestApp) -> Answer {
        let request = ask(test, &json!({})).await;
        let body = self.answer(&request);
        sign_in_with(test, body).await
    }
}

/// Asks for a passkey to sign in with.
pub(crate) async fn ask(test: &TestApp, body: &Value) -> Value {
    let path = "/auth/login/passkey/options";
    let answer = test.post(path, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

pub(crate) async fn sign_in_with(test: &TestApp, mut body: Value) -> Answer {
    body["token_delivery"] = "body".into();
    test.post("/auth/login/passkey", &body.to_string()).await
}

/// An account with the passkey of a device.
pub(crate) struct Holder {
    pub(crate) person: Person,
    pub(crate) device: Device,
}

impl Holder {
    pub(crate) async fn new(test: &TestApp) -> Self {
        let person = Person::register(test).await;
        let mut device = Device::new(1);
        let added = device.register(test, &person).await;
        assert_eq!(added.status, 201, "{}", added.text);
        Self { person, device }
    }
}

/// Asserts that a sign-in was refused without a reason.
#[track_caller]
pub(crate) fn refused_silently(answer: &Answer) {
    refused(answer, 401, "challenge_failed");
    let detail = answer.json()["detail"].clone();
    assert_eq!(
        detail,
        "the passkey was refused, or its challenge was used or has expired; ask for a new challenge"
    );
}

/// -7 in CBOR.
pub(crate) const ES256: u8 = 0x26;
const ATTESTED: u8 = 0x40;
