//! The public keys of a client that signs assertions: a JWKS (RFC 7517), checked when it is parsed.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use signet_verifier::rsa_key_bits;

/// The maximum number of keys of a client: enough for a rotation and for several machines.
const MAX_CLIENT_KEYS: usize = 10;

/// The keys of one client: 1 to [`MAX_CLIENT_KEYS`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientKeys(Vec<ClientKey>);

/// One public key of a client, and its `kid`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct ClientKey {
    /// Its `kid`, if it has one.
    kid: Option<String>,
    /// The key itself.
    key: AssertionKey,
}

/// A public key that can verify assertions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum AssertionKey {
    /// RS256: RSA of 2048 to 4096 bits; RFC 7518 section 3.3.
    Rsa {
        /// The modulus, big-endian without leading zeros.
        n: Vec<u8>,
        /// The public exponent, big-endian without leading zeros.
        e: Vec<u8>,
    },
    /// ES256: a point on P-256, uncompressed as in SEC 1 section 2.3.3; RFC 7518 section 3.4.
    P256(Vec<u8>),
}

impl ClientKeys {
    /// Parses a JWKS.
    ///
    /// # Errors
    ///
    /// [`InvalidKeys`] if the JWKS or one of its keys is invalid. One invalid key makes the whole
    /// set invalid, so that a mistake is noticed during registration.
    pub fn from_jwks(text: &str) -> Result<Self, InvalidKeys> {
        let set: ClientJwks = serde_json::from_str(text).map_err(|_| InvalidKeys::NotAJwks)?;
        let keys: Vec<_> = set
            .keys
            .into_iter()
            .map(ClientJwk::into_key)
            .collect::<Result<_, _>>()?;
        if !(1..=MAX_CLIENT_KEYS).contains(&keys.len()) {
            return Err(InvalidKeys::Count);
        }
        Ok(Self(keys))
    }

    /// Returns the keys as a JWKS in canonical form, for the store.
    pub fn to_jwks(&self) -> String {
        let keys = self.0.iter().map(ClientJwk::of).collect();
        // Strings always serialize.
        serde_json::to_string(&ClientJwks { keys }).unwrap_or_default()
    }

    /// Returns the keys that may verify an assertion with this `kid`. Without a `kid`, returns all
    /// keys.
    pub(super) fn candidates<'a>(
        &'a self,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a AssertionKey> {
        let named = move |key: &&ClientKey| kid.is_none() || key.kid.as_deref() == kid;
        self.0.iter().filter(named).map(|key| &key.key)
    }
}

impl AssertionKey {
    /// Returns whether this key made `signature` for `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }

    fn rsa(n: Vec<u8>, e: Vec<u8>) -> Option<Self> {
        let bits = rsa_key_bits(&n, &e)?;
        RSA_BITS.contains(&bits).then_some(Self::Rsa { n, e })
    }

    fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        let point = [&[UNCOMPRESSED], x, y].concat();
        let fits = x.len() == COORDINATE_BYTES && y.len() == COORDINATE_BYTES;
        let on_curve =
            || aws_lc_rs::signature::ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).is_ok();
        (fits && on_curve()).then_some(Self::P256(point))
    }
}

#[derive(Serialize, Deserialize)]
struct ClientJwks {
    keys: Vec<ClientJwk>,
}

/// The used members of RFC 7517 section 4 and RFC 7518 section 6.
#[derive(Serialize, Deserialize, Default)]
struct ClientJwk {
    kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing)]
    d: Option<serde::de::IgnoredAny>,
}

impl ClientJwk {
    fn into_key(self) -> Result<ClientKey, InvalidKeys> {
        if self.d.is_some() {
            return Err(InvalidKeys::PrivateKey);
        }
        let named = |kid: &String| (1..=MAX_KID_BYTES).contains(&kid.len());
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        if !signs || !self.kid.as_ref().is_none_or(named) {
            return Err(InvalidKeys::BadKey);
        }
        let decode = |member: &Option<String>| {
            let text = member.as_deref()?;
            URL_SAFE_NO_PAD.decode(text).ok()
        };
        let alg = self.alg.as_deref();
        let key = match self.kty.as_str() {
            "RSA" if matches!(alg, None | Some("RS256")) => decode(&self.n)
                .zip(decode(&self.e))
                .and_then(|(n, e)| AssertionKey::rsa(n, e)),
            "EC" if matches!(alg, None | Some("ES256")) && self.crv.as_deref() == Some("P-256") => {
                decode(&self.x)
                    .zip(decode(&self.y))
                    .and_then(|(x, y)| AssertionKey::p256(&x, &y))
            }
            _ => None,
        };
        let key = key.ok_or(InvalidKeys::BadKey)?;
        Ok(ClientKey { kid: self.kid, key })
    }

    fn of(key: &ClientKey) -> Self {
        let encode = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
        let kid = key.kid.clone();
        match &key.key {
            AssertionKey::Rsa { n, e } => Self {
                kty: "RSA".to_owned(),
                kid,
                n: encode(n),
                e: encode(e),
                ..Self::default()
            },
            AssertionKey::P256(point) => {
                let coordinates = point.get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(COORDINATE_BYTES.min(coordinates.len()));
                Self {
                    kty: "EC".to_owned(),
                    kid,
                    crv: Some("P-256".to_owned()),
                    x: encode(x),
                    y: encode(y),
                    ..Self::default()
                }
            }
        }
    }
}

/// The reasons why a key set is invalid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidKeys {
    /// The text is not a JSON object with an array `keys` of objects.
    #[error("must be a JWKS: a JSON object with an array \"keys\"")]
    NotAJwks,
    /// The set contains a private key.
    #[error(
        "contains a private key; replace this key, because it was exposed, and send the public key only"
    )]
    PrivateKey,
    /// A key has a kind, size or use that is not accepted.
    #[error("contains a key that is neither RSA of 2048 to 4096 bits (RS256) nor P-256 (ES256)")]
    BadKey,
    /// The set has no key, or too many.
    #[error("must have 1 to 10 keys")]
    Count,
}

/// Larger keys cost the server too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;
/// The length of a coordinate on P-256.
const COORDINATE_BYTES: usize = 32;
/// The first byte of an uncompressed point.
const UNCOMPRESSED: u8 = 4;
/// A thumbprint has 43 bytes.
const MAX_KID_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &str = r#"{"keys":[{"kty":"EC","kid":"k","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

    #[test]
    fn a_set_reads_back_as_it_is_kept() {
        let keys = ClientKeys::from_jwks(P256).unwrap();
        assert_eq!(ClientKeys::from_jwks(&keys.to_jwks()), Ok(keys.clone()));
        assert_eq!(keys.candidates(Some("k")).count(), 1);
        assert_eq!(keys.candidates(None).count(), 1);
        assert_eq!(keys.candidates(Some("other")).count(), 0);
    }

    #[test]
    fn what_is_no_good_key_set_is_refused_with_a_reason() {
        let off_curve = P256.replace("\"x\":\"f", "\"x\":\"g");
        let private = P256.replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
        let encrypting = P256.replace("\"kty\"", "\"use\":\"enc\",\"kty\"");
        let other_alg = P256.replace("\"kty\"", "\"alg\":\"ES512\",\"kty\"");
        let short_rsa = r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#;
        for (text, expected) in [
            ("", InvalidKeys::NotAJwks),
            ("[]", InvalidKeys::NotAJwks),
            (r#"{"keys":[]}"#, InvalidKeys::Count),
            (r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, InvalidKeys::BadKey),
            (&off_curve, InvalidKeys::BadKey),
            (&private, InvalidKeys::PrivateKey),
            (&encrypting, InvalidKeys::BadKey),
            (&other_alg, InvalidKeys::BadKey),
            (short_rsa, InvalidKeys::BadKey),
        ] {
            assert_eq!(ClientKeys::from_jwks(text), Err(expected), "{text}");
        }
    }
}
