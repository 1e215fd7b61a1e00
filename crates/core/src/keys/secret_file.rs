//! The text of a secret key: PKCS#8 PEM (RFC 7468, RFC 5958) for every kind. The algorithm inside
//! names the kind. It is encrypted if the operator sets a passphrase. Must not know files or rings.

use rand::CryptoRng;
use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::pkcs5::pbes2::Parameters;
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use rsa::pkcs8::{EncryptedPrivateKeyInfo, LineEnding, PrivateKeyInfo, SecretDocument};
use zeroize::Zeroizing;

use super::generate::GeneratedKey;
use super::signing_key::SigningKey;
use crate::ids::random_bytes;
use crate::secret::{SecretBytes, SecretText};

/// The kinds of secrets that consist of 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretKind {
    /// Tags refresh tokens, HMAC-SHA256.
    Mac,
    /// Encrypts stored data, AES-256-GCM.
    Data,
}

impl SecretKind {
    /// Returns id-hmacWithSHA256 (RFC 8018) or id-aes256-GCM (RFC 5084).
    const fn algorithm(self) -> ObjectIdentifier {
        match self {
            Self::Mac => ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"),
            Self::Data => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.46"),
        }
    }
}

/// The operator's passphrase, which encrypts secrets at rest.
#[derive(Clone, Debug)]
pub struct Passphrase {
    text: SecretText,
    rounds: u32,
}

impl Passphrase {
    /// Takes a text. Returns `None` if it is empty.
    pub fn new(text: SecretText) -> Option<Self> {
        let rounds = PBKDF2_ROUNDS;
        (!text.expose().is_empty()).then_some(Self { text, rounds })
    }

    /// Returns the text. The caller must not log or store it.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Returns the number of rounds of PBKDF2.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Uses fewer rounds of PBKDF2, so that the passphrase is easier to guess. For tests that write
    /// many files.
    #[must_use]
    pub fn danger_with_rounds(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }
}

/// Whether a secret is encrypted in its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtRest {
    /// The file contains the secret in plain form.
    Plain,
    /// The passphrase is needed to read the secret.
    Encrypted,
}

/// Returns the text of a private signing key, encrypted if there is a passphrase.
///
/// # Errors
///
/// [`SecretFileError`] if the key cannot be encoded.
pub fn write_signing_key(
    key: &GeneratedKey,
    passphrase: Option<&Passphrase>,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SecretFileError> {
    let info = PrivateKeyInfo::try_from(key.expose_pkcs8()).map_err(|_| NOT_A_KEY)?;
    to_pem(&info, passphrase, rng)
}

/// Parses a signing key of another program, such as OpenSSL.
///
/// # Errors
///
/// [`SecretFileError`] if the text is not a private RSA key of a size that Signet uses.
pub fn read_new_key(text: &str) -> Result<GeneratedKey, SecretFileError> {
    GeneratedKey::from_pkcs8(from_pem(text, None)?).map_err(|_| NOT_A_KEY)
}

/// Parses a private signing key. A plain key needs no passphrase.
///
/// # Errors
///
/// [`SecretFileError`] if the text is not a private RSA key.
pub fn read_signing_key(
    text: &str,
    passphrase: Option<&Passphrase>,
) -> Result<SigningKey, SecretFileError> {
    SigningKey::from_pkcs8(from_pem(text, passphrase)?.as_bytes()).map_err(|_| NOT_A_KEY)
}

/// Returns the text of a secret of 32 bytes, encrypted if there is a passphrase.
///
/// # Errors
///
/// [`SecretFileError`] if the secret cannot be encoded.
pub fn write_secret(
    kind: SecretKind,
    secret: &SecretBytes<32>,
    passphrase: Option<&Passphrase>,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SecretFileError> {
    let algorithm = AlgorithmIdentifierRef {
        oid: kind.algorithm(),
        parameters: None::<AnyRef<'_>>,
    };
    to_pem(
        &PrivateKeyInfo::new(algorithm, secret.expose()),
        passphrase,
        rng,
    )
}

/// Parses a secret of 32 bytes of this kind. A plain secret needs no passphrase.
///
/// # Errors
///
/// [`SecretFileError`] if the text is not a secret of this kind.
pub fn read_secret(
    kind: SecretKind,
    text: &str,
    passphrase: Option<&Passphrase>,
) -> Result<SecretBytes<32>, SecretFileError> {
    let document = from_pem(text, passphrase)?;
    let info = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|_| NOT_A_KEY)?;
    if info.algorithm.oid != kind.algorithm() {
        return Err(NOT_A_KEY);
    }
    let bytes = info.private_key.try_into().map_err(|_| NOT_A_KEY)?;
    Ok(SecretBytes::new(bytes))
}

/// Returns whether a secret of any kind is encrypted. Decrypts it to check the passphrase.
///
/// # Errors
///
/// [`SecretFileError`] if the text is not a secret, or the passphrase is wrong.
pub fn at_rest(text: &str, passphrase: Option<&Passphrase>) -> Result<AtRest, SecretFileError> {
    let document = from_pem(text, passphrase)?;
    PrivateKeyInfo::try_from(document.as_bytes()).map_err(|_| NOT_A_KEY)?;
    let (label, _) = SecretDocument::from_pem(text).map_err(|_| NOT_A_KEY)?;
    Ok(match label {
        PLAIN => AtRest::Plain,
        _ => AtRest::Encrypted,
    })
}

/// Returns whether a text is a secret that is not encrypted. Decrypts nothing.
pub fn is_plain(text: &str) -> bool {
    SecretDocument::from_pem(text).is_ok_and(|(label, _)| label == PLAIN)
}

/// Encrypts or decrypts a secret of any kind. Returns `None` if it has the form `to` already.
///
/// # Errors
///
/// [`SecretFileError`] if the text is not a secret, or is encrypted with another passphrase.
pub fn rewrite(
    text: &str,
    to: AtRest,
    passphrase: &Passphrase,
    rng: &mut impl CryptoRng,
) -> Result<Option<Zeroizing<String>>, SecretFileError> {
    let document = from_pem(text, Some(passphrase))?;
    let info = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|_| NOT_A_KEY)?;
    let (label, _) = SecretDocument::from_pem(text).map_err(|_| NOT_A_KEY)?;
    match (label, to) {
        (PLAIN, AtRest::Encrypted) => to_pem(&info, Some(passphrase), rng).map(Some),
        (ENCRYPTED, AtRest::Plain) => to_pem(&info, None, rng).map(Some),
        _ => Ok(None),
    }
}

fn to_pem(
    info: &PrivateKeyInfo<'_>,
    passphrase: Option<&Passphrase>,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SecretFileError> {
    let Some(Passphrase { text, rounds }) = passphrase else {
        let document = SecretDocument::encode_msg(info).map_err(|_| NOT_A_KEY)?;
        let pem = document.to_pem(PLAIN, LineEnding::LF);
        return pem.map_err(|_| NOT_A_KEY);
    };
    let (salt, initial) = (random_bytes::<16>(rng), random_bytes::<16>(rng));
    let parameters =
        Parameters::pbkdf2_sha256_aes256cbc(*rounds, &salt, &initial).map_err(|_| NOT_A_KEY)?;
    let document = info
        .encrypt_with_params(parameters, text.expose())
        .map_err(|_| NOT_A_KEY)?;
    let pem = document.to_pem(ENCRYPTED, LineEnding::LF);
    pem.map_err(|_| NOT_A_KEY)
}

fn from_pem(
    text: &str,
    passphrase: Option<&Passphrase>,
) -> Result<SecretDocument, SecretFileError> {
    let (label, document) = SecretDocument::from_pem(text).map_err(|_| NOT_A_KEY)?;
    match label {
        PLAIN => Ok(document),
        ENCRYPTED => {
            let passphrase = passphrase.ok_or(SecretFileError::Encrypted)?;
            EncryptedPrivateKeyInfo::try_from(document.as_bytes())
                .map_err(|_| NOT_A_KEY)?
                .decrypt(passphrase.text.expose())
                .map_err(|_| SecretFileError::WrongPassphrase)
        }
        _ => Err(NOT_A_KEY),
    }
}

/// The reasons why a text is not the expected secret. Never contains a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The text is not PEM or not PKCS#8, is damaged, or is a key of another kind.
    #[error("it is not a private key of the right kind in PKCS#8 PEM")]
    NotAKey,
    /// The secret is encrypted, but no passphrase is set.
    #[error(
        "it is encrypted, but no passphrase is set; set keys.passphrase or keys.passphrase_file"
    )]
    Encrypted,
    /// The secret is encrypted with another passphrase.
    #[error("it is encrypted with another passphrase")]
    WrongPassphrase,
}

const NOT_A_KEY: SecretFileError = SecretFileError::NotAKey;
const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The encryption is PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018), which OpenSSL can
/// read. OWASP recommends this number of rounds. They take about 0.1 s for each file at the start.
const PBKDF2_ROUNDS: u32 = 600_000;

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(SecretText::new(text.to_owned())).unwrap()
    }

    fn written(kind: SecretKind, passphrase: Option<&Passphrase>) -> Zeroizing<String> {
        let mut rng = StdRng::seed_from_u64(1);
        write_secret(kind, &SecretBytes::new([7; 32]), passphrase, &mut rng).unwrap()
    }

    #[test]
    fn a_secret_reads_back_as_its_own_kind_only() {
        let text = written(SecretKind::Mac, None);
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let read = |kind| read_secret(kind, &text, None);
        assert_eq!(read(SecretKind::Mac), Ok(SecretBytes::new([7; 32])));
        assert_eq!(read(SecretKind::Data), Err(NOT_A_KEY));
        assert_eq!(read_signing_key(&text, None).unwrap_err(), NOT_A_KEY);
    }

    #[test]
    fn an_encrypted_secret_needs_its_passphrase() {
        let right = passphrase("correct horse");
        let text = written(SecretKind::Data, Some(&right));
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let read = |passphrase| read_secret(SecretKind::Data, &text, passphrase);
        let wrong = passphrase("correct house");
        assert_eq!(read(Some(&right)), Ok(SecretBytes::new([7; 32])));
        assert_eq!(at_rest(&text, Some(&right)), Ok(AtRest::Encrypted));
        for (other, cause) in [
            (None, SecretFileError::Encrypted),
            (Some(&wrong), SecretFileError::WrongPassphrase),
        ] {
            assert_eq!(read(other), Err(cause));
            assert_eq!(at_rest(&text, other), Err(cause));
        }
        assert!(Passphrase::new(SecretText::default()).is_none());
    }

    #[test]
    fn a_plain_secret_is_read_although_there_is_a_passphrase() {
        let text = written(SecretKind::Mac, None);
        let read = read_secret(SecretKind::Mac, &text, Some(&passphrase("later")));
        assert_eq!(read, Ok(SecretBytes::new([7; 32])));
        assert_eq!(at_rest(&text, None), Ok(AtRest::Plain));
    }

    #[test]
    fn a_secret_is_encrypted_later_and_back() {
        let passphrase = passphrase("later").danger_with_rounds(1);
        let plain = written(SecretKind::Mac, None);
        let mut rng = StdRng::seed_from_u64(2);
        let mut to = |text: &str, to| rewrite(text, to, &passphrase, &mut rng);
        let sealed = to(&plain, AtRest::Encrypted).unwrap().unwrap();
        assert!(sealed.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_eq!(to(&sealed, AtRest::Plain), Ok(Some(plain.clone())));
        assert_eq!(to(&sealed, AtRest::Encrypted), Ok(None));
        assert_eq!(to(&plain, AtRest::Plain), Ok(None));
        assert_eq!(to("", AtRest::Plain), Err(NOT_A_KEY));
    }

    #[test]
    fn damage_is_noticed() {
        let text = written(SecretKind::Data, None);
        for damaged in ["", "-----BEGIN PRIVATE KEY-----\n", &text[..text.len() / 2]] {
            assert_eq!(read_secret(SecretKind::Data, damaged, None), Err(NOT_A_KEY));
        }
    }
}
