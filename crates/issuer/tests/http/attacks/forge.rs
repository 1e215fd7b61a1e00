//! Tokens that the server did not issue, made by an attacker who knows their format.

use std::fs;
use std::ops::Range;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use signet_core::keys::SecretKind;
use signet_core::keys::secret_file::read_secret;
use signet_verifier::Clock as _;

use crate::support::TestApp;

pub(super) const VERSION: Range<usize> = 0..1;
pub(super) const KEY_ID: Range<usize> = 1..2;
pub(super) const ACCOUNT: Range<usize> = 2..18;
pub(super) const HANDLE: Range<usize> = 18..34;
pub(super) const GENERATION: Range<usize> = 34..38;
pub(super) const TAG: Range<usize> = 38..54;

/// The bytes of a refresh token.
#[derive(Clone)]
pub(super) struct RefreshBytes([u8; 54]);

impl RefreshBytes {
    /// Takes a token apart.
    pub(super) fn of(token: &str) -> Self {
        let encoded = token.strip_prefix("sgr_").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap();
        Self(bytes.try_into().unwrap())
    }

    /// Some of its bytes.
    pub(super) fn part(&self, part: Range<usize>) -> &[u8] {
        &self.0[part]
    }

    /// The same with other bytes in one part.
    pub(super) fn with(&self, part: Range<usize>, bytes: &[u8]) -> Self {
        let mut changed = self.clone();
        changed.0[part].copy_from_slice(bytes);
        changed
    }

    /// The same with a right tag.
    pub(super) fn tagged(&self, key: &hmac::Key) -> Self {
        let tag = hmac::sign(key, &self.0[..TAG.start]);
        self.with(TAG, &tag.as_ref()[..16])
    }

    /// The token.
    pub(super) fn text(&self) -> String {
        format!("sgr_{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// The key that tags refresh tokens, from the folder where it lies.
pub(super) fn mac_key(app: &TestApp, token: &str) -> hmac::Key {
    let [id] = RefreshBytes::of(token).part(KEY_ID).try_into().unwrap();
    let file = app.app.settings.keys.dir.join(format!("mac-{id}.pem"));
    let pem = fs::read_to_string(file).unwrap();
    let secret = read_secret(SecretKind::Mac, &pem, None).unwrap();
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose())
}

/// Signs access tokens as the app does, whatever they say.
pub(super) struct Signer {
    key: RsaKeyPair,
    header: Value,
    claims: Value,
}

impl Signer {
    /// Takes the active key of the app, and a token as the example to be changed.
    pub(super) fn of(app: &TestApp, example: &str) -> Self {
        let ring = app.app.settings.keys.folder().ring().unwrap();
        let active = ring.active_at(app.clock.now()).unwrap();
        let file = format!("signing-{}.pem", active.kid());
        let pem = fs::read_to_string(app.app.settings.keys.dir.join(file)).unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let part = |index| {
            let part = example.split('.').nth(index).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        Self {
            key: RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap(),
            header: part(0),
            claims: part(1),
        }
    }

    /// The same with another key.
    pub(super) fn with_key(self, key: RsaKeyPair) -> Self {
        Self { key, ..self }
    }

    /// A token that differs from the example in this; null removes a member.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let unsigned = self.unsigned(header, claims);
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.key.sign(
            &RSA_PKCS1_SHA256,
            &random,
            unsigned.as_bytes(),
            &mut signature,
        );
        signed.unwrap();
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token of HS256 with the public key, which everybody has, for a shared secret.
    pub(super) fn with_public_key_as_secret(&self, claims: &Value) -> String {
        let unsigned = self.unsigned(&json!({"alg": "HS256"}), claims);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
        let tag = hmac::sign(&secret, unsigned.as_bytes());
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The same without its signature.
    pub(super) fn unsigned(&self, header: &Value, claims: &Value) -> String {
        let part = |whole: &Value, changes: &Value| {
            let mut whole = whole.as_object().unwrap().clone();
            for (name, value) in changes.as_object().unwrap() {
                whole.insert(name.clone(), value.clone());
            }
            whole.retain(|_, value| !value.is_null());
            URL_SAFE_NO_PAD.encode(Value::Object(whole).to_string())
        };
        format!(
            "{}.{}",
            part(&self.header, header),
            part(&self.claims, claims)
        )
    }
}
