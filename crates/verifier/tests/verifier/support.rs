//! An issuer for tests: fixed keys, tokens that are good until a test breaks them, and a clock
//! that stands still. Knows nothing of the verifier's insides.
#![expect(
    clippy::unwrap_used,
    reason = "a test helper that fails has to stop the test"
)]

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use signet_verifier::{Claims, Error, Keys, ManualClock, Policy, Timestamp, Verifier, thumbprint};

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const AUDIENCE: &str = "orders";
/// What the clock shows, seconds since the epoch.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const SIGNER_PRIVATE: &str = include_str!("../keys/signer.private.pem");
pub(crate) const SIGNER_PUBLIC: &str = include_str!("../keys/signer.public.pem");
pub(crate) const OTHER_PRIVATE: &str = include_str!("../keys/other.private.pem");

/// A key pair that signs whatever it is given.
pub(crate) struct Signer {
    pair: RsaKeyPair,
}

impl Signer {
    pub(crate) fn from_pem(pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
        Self { pair }
    }

    pub(crate) fn kid(&self) -> String {
        thumbprint(&self.n(), &self.e())
    }

    pub(crate) fn n(&self) -> Vec<u8> {
        self.pair
            .public_key()
            .modulus()
            .big_endian_without_leading_zero()
            .to_vec()
    }

    pub(crate) fn e(&self) -> Vec<u8> {
        self.pair
            .public_key()
            .exponent()
            .big_endian_without_leading_zero()
            .to_vec()
    }

    /// The key as Signet publishes it.
    pub(crate) fn jwk(&self) -> Value {
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid(),
            "n": encode(self.n()), "e": encode(self.e()),
        })
    }

    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        self.sign_with(&RSA_PKCS1_SHA256, header, payload)
    }

    pub(crate) fn sign_with(
        &self,
        encoding: &'static dyn RsaEncoding,
        header: &str,
        payload: &str,
    ) -> String {
        self.sign_parts(encoding, &format!("{}.{}", encode(header), encode(payload)))
    }

    /// Signs two parts that are already encoded, however badly.
    pub(crate) fn sign_parts(&self, encoding: &'static dyn RsaEncoding, signed: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair
            .sign(encoding, &random, signed.as_bytes(), &mut signature)
            .unwrap();
        format!("{signed}.{}", encode(signature))
    }
}

/// Parsing a private key checks it, which takes longer than a signature.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::from_pem(SIGNER_PRIVATE));
static OTHER: LazyLock<Signer> = LazyLock::new(|| Signer::from_pem(OTHER_PRIVATE));

pub(crate) fn signer() -> &'static Signer {
    &SIGNER
}

pub(crate) fn other() -> &'static Signer {
    &OTHER
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn jwks(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(crate) fn keys() -> Keys {
    Keys::from_jwks(jwks(&[signer().jwk()])).unwrap()
}

pub(crate) fn policy() -> Policy {
    Policy::new(ISSUER, AUDIENCE)
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_seconds(NOW)))
}

pub(crate) fn verifier() -> Verifier {
    verifier_with(policy())
}

pub(crate) fn verifier_with(policy: Policy) -> Verifier {
    Verifier::with_clock(policy, keys(), clock())
}

pub(crate) fn reason(outcome: Result<Claims, Error>) -> &'static str {
    outcome.map_or_else(|error| error.reason(), |_| "accepted")
}

/// A token that is good until a test changes a member of its header or its claims.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
}

impl Token {
    pub(crate) fn good() -> Self {
        let header = json!({ "alg": "RS256", "typ": "at+jwt", "kid": signer().kid() });
        let claims = json!({
            "iss": ISSUER, "sub": "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11", "aud": AUDIENCE,
            "exp": NOW + 600, "iat": NOW, "jti": "AAAAAAAAAAAAAAAAAAAAAA",
            "client_id": "signet", "sid": "BBBBBBBBBBBBBBBBBBBBBB",
            "scope": "account orders:read", "roles": ["staff"],
            "auth_time": NOW - 5, "amr": ["pwd"],
        });
        let members = |value: Value| value.as_object().unwrap().clone();
        Self {
            header: members(header),
            claims: members(claims),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Replaces all claims.
    #[cfg(feature = "status")]
    pub(crate) fn claims(mut self, claims: &Value) -> Self {
        claims.as_object().unwrap().clone_into(&mut self.claims);
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    pub(crate) fn header_json(&self) -> String {
        json!(self.header).to_string()
    }

    pub(crate) fn claims_json(&self) -> String {
        json!(self.claims).to_string()
    }

    pub(crate) fn sign(&self) -> String {
        signer().sign(&self.header_json(), &self.claims_json())
    }
}
