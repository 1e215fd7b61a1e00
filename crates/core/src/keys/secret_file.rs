//! How a secret key is written as text: a PKCS#8 PEM (RFC 7468, RFC 5958) for every kind, the
//! algorithm inside saying which kind it is. Must not know files or rings.

use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::der::pem::LineEnding;
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use rsa::pkcs8::{PrivateKeyInfo, SecretDocument};
use zeroize::Zeroizing;

use super::generate::GeneratedKey;
use super::signing_key::SigningKey;
use crate::secret::SecretBytes;

/// A secret that is no RSA key: 32 random bytes with a purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretKind {
    /// Tags refresh tokens, HMAC-SHA256.
    Mac,
    /// Encrypts what must be stored readable, AES-256-GCM.
    Data,
}

impl SecretKind {
    /// id-hmacWithSHA256 (RFC 8018) and id-aes256-GCM (RFC 5084).
    const fn algorithm(self) -> ObjectIdentifier {
        match self {
            Self::Mac => ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"),
            Self::Data => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.46"),
        }
    }
}

/// Writes the private half of a signing key.
///
/// # Errors
///
/// [`SecretFileError`] when it cannot be encoded.
pub fn write_signing_key(key: &GeneratedKey) -> Result<Zeroizing<String>, SecretFileError> {
    let document = SecretDocument::try_from(key.expose_pkcs8()).map_err(|_| NOT_A_KEY)?;
    to_pem(&document)
}

/// Reads a signing key that was made elsewhere, as by OpenSSL, to be written under its name.
///
/// # Errors
///
/// [`SecretFileError`] when the text is not a private RSA key of a size that Signet uses.
pub fn read_new_key(text: &str) -> Result<GeneratedKey, SecretFileError> {
    GeneratedKey::from_pkcs8(from_pem(text)?).map_err(|_| NOT_A_KEY)
}

/// Reads the private half of a signing key.
///
/// # Errors
///
/// [`SecretFileError`] when the text is not a private RSA key.
pub fn read_signing_key(text: &str) -> Result<SigningKey, SecretFileError> {
    SigningKey::from_pkcs8(from_pem(text)?.as_bytes()).map_err(|_| NOT_A_KEY)
}

/// Writes a secret of 32 bytes.
///
/// # Errors
///
/// [`SecretFileError`] when it cannot be encoded.
pub fn write_secret(
    kind: SecretKind,
    secret: &SecretBytes<32>,
) -> Result<Zeroizing<String>, SecretFileError> {
    let algorithm = AlgorithmIdentifierRef {
        oid: kind.algorithm(),
        parameters: None::<AnyRef<'_>>,
    };
    let info = PrivateKeyInfo::new(algorithm, secret.expose());
    let document = SecretDocument::encode_msg(&info).map_err(|_| NOT_A_KEY)?;
    to_pem(&document)
}

/// Reads a secret of 32 bytes of this kind.
///
/// # Errors
///
/// [`SecretFileError`] when the text is anything else, another kind of secret too.
pub fn read_secret(kind: SecretKind, text: &str) -> Result<SecretBytes<32>, SecretFileError> {
    let document = from_pem(text)?;
    let info = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|_| NOT_A_KEY)?;
    if info.algorithm.oid != kind.algorithm() {
        return Err(NOT_A_KEY);
    }
    let bytes = info.private_key.try_into().map_err(|_| NOT_A_KEY)?;
    Ok(SecretBytes::new(bytes))
}

fn to_pem(document: &SecretDocument) -> Result<Zeroizing<String>, SecretFileError> {
    document
        .to_pem(PEM_LABEL, LineEnding::LF)
        .map_err(|_| NOT_A_KEY)
}

fn from_pem(text: &str) -> Result<SecretDocument, SecretFileError> {
    match SecretDocument::from_pem(text) {
        Ok((PEM_LABEL, document)) => Ok(document),
        _ => Err(NOT_A_KEY),
    }
}

/// Why a text is not the secret it should be. Never holds any of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretFileError {
    /// Not a PEM, not PKCS#8, damaged, or a key of another kind.
    #[error("it is not a private key of the right kind in PKCS#8 PEM")]
    NotAKey,
}

const NOT_A_KEY: SecretFileError = SecretFileError::NotAKey;
const PEM_LABEL: &str = "PRIVATE KEY";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_as_its_own_kind_only() {
        let secret = SecretBytes::new([7; 32]);
        let text = write_secret(SecretKind::Mac, &secret).unwrap();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(read_secret(SecretKind::Mac, &text), Ok(secret));
        assert_eq!(read_secret(SecretKind::Data, &text), Err(NOT_A_KEY));
        assert_eq!(read_signing_key(&text).unwrap_err(), NOT_A_KEY);
    }

    #[test]
    fn damage_is_noticed() {
        let text = write_secret(SecretKind::Data, &SecretBytes::new([7; 32])).unwrap();
        for damaged in ["", "-----BEGIN PRIVATE KEY-----\n", &text[..text.len() / 2]] {
            assert_eq!(read_secret(SecretKind::Data, damaged), Err(NOT_A_KEY));
        }
    }
}
