//! An authenticator and a browser for the tests of this module. Every byte that they write can be
//! changed.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{
    AssertionResponse, AttestationResponse, Ceremony, PasskeyChallenge, RelyingParty, sha256,
};
use crate::ids::AccountId;

pub(super) const ORIGIN: &str = "https://app.example.com";
pub(super) const CHALLENGE: PasskeyChallenge = PasskeyChallenge([9; 32]);
pub(super) const OWNER: AccountId = AccountId::from_bytes([7; 16]);

pub(super) fn party() -> RelyingParty {
    let origins = vec!["https://example.com".to_owned(), ORIGIN.to_owned()];
    RelyingParty::new("example.com".to_owned(), origins)
}

pub(super) fn ceremony(relying_party: &RelyingParty) -> Ceremony<'_> {
    Ceremony {
        relying_party,
        challenge: CHALLENGE,
    }
}

pub(super) enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Key {
    pub(super) fn es256() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub(super) fn ed_dsa() -> Self {
        Self::EdDsa(Ed25519KeyPair::generate().unwrap())
    }

    pub(super) fn rs256() -> Self {
        Self::Rs256(RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap())
    }

    /// The public key in COSE form.
    pub(super) fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                es256_cose(x, y)
            }
            Self::EdDsa(pair) => {
                let x = pair.public_key().as_ref();
                map(&[(1, int(1)), (3, int(-8)), (-1, int(6)), (-2, bytes(x))])
            }
            Self::Rs256(pair) => {
                let public: PublicKeyComponents<Vec<u8>> = pair.public_key().into();
                let (n, e) = (bytes(&public.n), bytes(&public.e));
                map(&[(1, int(3)), (3, int(-257)), (-1, n), (-2, e)])
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        match self {
            Self::Es256(pair) => pair.sign(&rng, message).unwrap().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }
}

pub(super) fn es256_cose(x: &[u8], y: &[u8]) -> Vec<u8> {
    let entries = [
        (1, int(2)),
        (3, int(-7)),
        (-1, int(1)),
        (-2, bytes(x)),
        (-3, bytes(y)),
    ];
    map(&entries)
}

/// An answer before it is put together.
pub(super) struct Answer {
    pub(super) key: Key,
    pub(super) client_data: Value,
    pub(super) rp_id: &'static str,
    pub(super) flags: u8,
    pub(super) counter: u32,
    pub(super) id: Vec<u8>,
    /// The id in the signed data, if it is another.
    pub(super) signed_id: Option<Vec<u8>>,
    /// The key in the signed data, if it is another.
    pub(super) cose: Option<Vec<u8>>,
    pub(super) tail: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
    pub(super) broken_signature: bool,
}

pub(super) const PRESENT: u8 = 0x01;
pub(super) const VERIFIED: u8 = 0x04;
pub(super) const ELIGIBLE: u8 = 0x08;
pub(super) const BACKED_UP: u8 = 0x10;
pub(super) const ATTESTED: u8 = 0x40;
pub(super) const EXTENSIONS: u8 = 0x80;

impl Answer {
    pub(super) fn registration(key: Key) -> Self {
        Self::new(key, "webauthn.create", PRESENT | VERIFIED | ATTESTED)
    }

    pub(super) fn assertion(key: Key) -> Self {
        Self::new(key, "webauthn.get", PRESENT | VERIFIED)
    }

    fn new(key: Key, kind: &str, flags: u8) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(CHALLENGE.as_bytes());
        Self {
            key,
            client_data: json!({
                "type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": false,
            }),
            rp_id: "example.com",
            flags,
            counter: 0,
            id: vec![1; 16],
            signed_id: None,
            cose: None,
            tail: Vec::new(),
            user_handle: Some(OWNER.as_bytes().to_vec()),
            broken_signature: false,
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let mut data = sha256::<32>(&[self.rp_id.as_bytes()]).to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        if self.flags & ATTESTED != 0 {
            let id = self.signed_id.as_ref().unwrap_or(&self.id);
            data.extend([0; 16]);
            data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
            data.extend(id);
            data.extend(self.cose.clone().unwrap_or_else(|| self.key.cose()));
        }
        data.extend(&self.tail);
        data
    }

    pub(super) fn attestation_object(&self) -> Vec<u8> {
        let members = [
            ("fmt", text("none")),
            ("attStmt", vec![0xa0]),
            ("authData", bytes(&self.authenticator_data())),
        ];
        let members = members.map(|(name, value)| [text(name), value].concat());
        [vec![0xa3], members.concat()].concat()
    }

    pub(super) fn registered(&self) -> AttestationResponse {
        AttestationResponse {
            credential_id: self.id.clone(),
            client_data: self.client_data.to_string().into_bytes(),
            attestation_object: self.attestation_object(),
        }
    }

    pub(super) fn asserted(&self) -> AssertionResponse {
        let client_data = self.client_data.to_string().into_bytes();
        let authenticator_data = self.authenticator_data();
        let signed = [
            authenticator_data.as_slice(),
            &sha256::<32>(&[&client_data]),
        ]
        .concat();
        let mut signature = self.key.sign(&signed);
        if self.broken_signature {
            *signature.last_mut().unwrap() ^= 1;
        }
        AssertionResponse {
            credential_id: self.id.clone(),
            client_data,
            authenticator_data,
            signature,
            user_handle: self.user_handle.clone(),
        }
    }
}

pub(super) fn map(entries: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut written = head(5, u64::try_from(entries.len()).unwrap());
    for (label, value) in entries {
        written.extend(int(*label));
        written.extend(value);
    }
    written
}

pub(super) fn int(number: i64) -> Vec<u8> {
    if number < 0 {
        head(1, u64::try_from(-1 - number).unwrap())
    } else {
        head(0, u64::try_from(number).unwrap())
    }
}

pub(super) fn bytes(content: &[u8]) -> Vec<u8> {
    let mut written = head(2, u64::try_from(content.len()).unwrap());
    written.extend(content);
    written
}

pub(super) fn text(content: &str) -> Vec<u8> {
    let mut written = head(3, u64::try_from(content.len()).unwrap());
    written.extend(content.as_bytes());
    written
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let [.., high, low] = argument.to_be_bytes();
    match argument {
        0..=23 => vec![(major << 5) | low],
        24..=255 => vec![(major << 5) | 0x18, low],
        _ => vec![(major << 5) | 0x19, high, low],
    }
}
