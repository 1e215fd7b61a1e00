//! Tokens that the issuer would not sign, made with its own key: how else to test what it refuses?

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::folder::Folder;

/// Signs whatever it is told with a private key of the issuer.
pub struct Forger {
    key: EncodingKey,
    header: Value,
    claims: Value,
}

impl Forger {
    /// Takes the key that has signed `access_token`, and the token as the example to be changed.
    pub fn with_key_of(folder: &Folder, access_token: &str) -> Self {
        let (header, claims) = read_token(access_token);
        let (message, signature) = access_token.rsplit_once('.').expect("three parts");
        // RS256 signs the same bytes the same way each time.
        let key = private_keys(folder)
            .into_iter()
            .find(|key| rs256(message.as_bytes(), key) == signature)
            .expect("the key that signed the token");
        Self {
            key,
            header,
            claims,
        }
    }

    /// The same with a key (PEM) that the issuer has never seen.
    pub fn with_foreign_key(pem: &str, access_token: &str) -> Self {
        let (header, claims) = read_token(access_token);
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("an RSA key");
        Self {
            key,
            header,
            claims,
        }
    }

    /// A token whose claims differ from the example in this; null removes a claim.
    pub fn with_claims(&self, changes: &Value) -> String {
        signed(&self.header, &changed(&self.claims, changes), &self.key)
    }

    /// A token whose header differs from the example in this; RS256 signs it, whatever it says.
    pub fn with_header(&self, changes: &Value) -> String {
        signed(&changed(&self.header, changes), &self.claims, &self.key)
    }

    /// A token with the header and the claims of the example, as its own text; the header says
    /// what `algorithm` signs with it.
    pub fn signed_by(&self, header: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
        let parts = [&changed(&self.header, header), &self.claims].map(Value::to_string);
        signed_text(&parts[0], &parts[1], |message| {
            sign(message, key, algorithm).expect("a signature")
        })
    }

    /// The same with the issuer's own key.
    pub fn with_algorithm(&self, header: &Value, algorithm: Algorithm) -> String {
        self.signed_by(header, &self.key, algorithm)
    }

    /// A token with these texts for header and claims; RS256 signs it, whatever they say.
    pub fn with_text(&self, header: &str, claims: &str) -> String {
        signed_text(header, claims, |message| rs256(message, &self.key))
    }

    /// The header of the example.
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// The claims of the example.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// A token that ended a minute ago.
    pub fn expired(&self) -> String {
        let issued_at = self.claims["iat"].as_u64().expect("iat");
        self.with_claims(&json!({"iat": issued_at - 660, "exp": issued_at - 60}))
    }
}

/// Header and claims of a token, unverified.
pub fn read_token(token: &str) -> (Value, Value) {
    let part = |index: usize| {
        let encoded = token.split('.').nth(index).expect("three parts");
        let bytes = URL_SAFE_NO_PAD.decode(encoded).expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (part(0), part(1))
}

fn private_keys(folder: &Folder) -> Vec<EncodingKey> {
    let files = fs::read_dir(folder.keys()).expect("a keys folder");
    let paths = files.map(|file| file.expect("a readable entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .map(|path| fs::read(path).expect("a readable key"))
        .filter_map(|pem| EncodingKey::from_rsa_pem(&pem).ok())
        .collect()
}

fn changed(value: &Value, changes: &Value) -> Value {
    let mut changed = value.as_object().expect("an object").clone();
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            changed.remove(name);
        } else {
            changed.insert(name.clone(), value.clone());
        }
    }
    Value::Object(changed)
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey) -> String {
    signed_text(&header.to_string(), &claims.to_string(), |message| {
        rs256(message, key)
    })
}

fn signed_text(header: &str, claims: &str, sign: impl Fn(&[u8]) -> String) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = format!("{header}.{claims}");
    let signature = sign(message.as_bytes());
    format!("{message}.{signature}")
}

fn rs256(message: &[u8], key: &EncodingKey) -> String {
    sign(message, key, Algorithm::RS256).expect("a signature")
}
