//! A test kit: an issuer without a server, for the unit tests of services. Owns [`TestIssuer`] and
//! [`TestToken`]. A program that serves requests must not use it.
#![expect(
    clippy::expect_used,
    reason = "a test kit stops the test if it cannot do its work"
)]

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::{Clock, Keys, Policy, SystemClock, Timestamp, Verifier, thumbprint};

/// An issuer with a key of its own, made at random for this test.
///
/// Making the key takes about a tenth of a second, so share one issuer among the tests of a file.
///
/// ```
/// use signet_verifier::testing::TestIssuer;
///
/// let issuer = TestIssuer::new("https://auth.example.com");
/// let verifier = issuer.verifier("orders");
/// let token = issuer.token("ada", "orders").scope("orders:read").sign();
/// assert_eq!(verifier.verify(&token)?.sub, "ada");
///
/// let late = issuer.token("ada", "orders").claim("exp", 1).sign();
/// assert_eq!(verifier.verify(&late).unwrap_err().reason(), "expired");
/// # Ok::<(), signet_verifier::Error>(())
/// ```
#[derive(Debug)]
pub struct TestIssuer {
    issuer: String,
    pair: RsaKeyPair,
    clock: Arc<dyn Clock>,
}

impl TestIssuer {
    /// Makes an issuer with the `iss` of its tokens and the machine's clock.
    ///
    /// # Panics
    ///
    /// If the machine cannot make a key.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self::with_clock(issuer, Arc::new(SystemClock::new()))
    }

    /// Makes an issuer that reads the time from `clock`, for example from a
    /// [`ManualClock`](crate::ManualClock).
    ///
    /// # Panics
    ///
    /// If the machine cannot make a key.
    pub fn with_clock(issuer: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer: issuer.into(),
            pair: RsaKeyPair::generate(KeySize::Rsa2048).expect("a new RSA key"),
            clock,
        }
    }

    /// Returns a verifier that accepts the tokens of this issuer for `audience`.
    pub fn verifier(&self, audience: impl Into<String>) -> Verifier {
        self.verifier_with(Policy::new(&self.issuer, audience))
    }

    /// Returns a verifier with this issuer's key and clock, and a policy of yours.
    pub fn verifier_with(&self, policy: Policy) -> Verifier {
        Verifier::with_clock(policy, self.keys(), Arc::clone(&self.clock))
    }

    /// Returns the public key, for [`Verifier::replace_keys`] and [`Verifier::new`].
    ///
    /// # Panics
    ///
    /// Never: the key was made here.
    pub fn keys(&self) -> Keys {
        Keys::from_jwks(self.jwks()).expect("a key set that was made here")
    }

    /// Returns the JSON of `/.well-known/jwks.json` (RFC 7517 section 5), for a test server.
    pub fn jwks(&self) -> String {
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid(),
            "n": encode(self.modulus()), "e": encode(self.exponent()),
        }]})
        .to_string()
    }

    /// Returns the id of the key (RFC 7638).
    pub fn kid(&self) -> String {
        thumbprint(self.modulus(), self.exponent())
    }

    /// Begins a token of a person or a program `subject` for `audience`. It is valid for ten
    /// minutes until a method changes that.
    ///
    /// # Panics
    ///
    /// If the machine has no random numbers.
    pub fn token(&self, subject: &str, audience: &str) -> TestToken<'_> {
        let now = self.clock.now();
        let mut jti = [0; 16];
        rand::fill(&mut jti).expect("random numbers");
        let token = TestToken {
            issuer: self,
            header: Map::new(),
            claims: Map::new(),
        };
        token
            .header("alg", "RS256")
            .header("typ", "at+jwt")
            .header("kid", self.kid())
            .claim("iss", self.issuer.as_str())
            .claim("sub", subject)
            .claim("aud", audience)
            .claim("client_id", "test")
            .claim("iat", now.as_seconds())
            .expires_at(now.saturating_add(LIFETIME))
            .claim("jti", encode(jti))
    }

    fn modulus(&self) -> &[u8] {
        let modulus = self.pair.public_key().modulus();
        modulus.big_endian_without_leading_zero()
    }

    fn exponent(&self) -> &[u8] {
        let exponent = self.pair.public_key().exponent();
        exponent.big_endian_without_leading_zero()
    }
}

/// A token that is not signed yet.
#[derive(Clone, Debug)]
#[must_use = "call `sign` to get the text of the token"]
pub struct TestToken<'a> {
    issuer: &'a TestIssuer,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TestToken<'_> {
    /// Sets the scopes, separated by spaces.
    pub fn scope(self, scopes: &str) -> Self {
        self.claim("scope", scopes)
    }

    /// Sets the roles of the person.
    pub fn roles(self, roles: &[&str]) -> Self {
        self.claim("roles", roles)
    }

    /// Sets the session of a person's token, and the time and methods of the sign-in.
    pub fn signed_in(self, session: &str, at: Timestamp, methods: &[&str]) -> Self {
        self.claim("sid", session)
            .claim("auth_time", at.as_seconds())
            .claim("amr", methods)
    }

    /// Sets the end of the token, rounded down to seconds.
    pub fn expires_at(self, end: Timestamp) -> Self {
        self.claim("exp", end.as_seconds())
    }

    /// Sets any claim to any value.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a field of the header to any value. The signature is RS256 whatever `alg` says.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Signs and returns the text of the token.
    ///
    /// # Panics
    ///
    /// If the machine has no random numbers.
    pub fn sign(self) -> String {
        let header = encode(Value::from(self.header).to_string());
        let payload = encode(Value::from(self.claims).to_string());
        let signed = format!("{header}.{payload}");
        let pair = &self.issuer.pair;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )
        .expect("a signature");
        format!("{signed}.{}", encode(signature))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// How long a token is valid: as Signet's own, by default.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
