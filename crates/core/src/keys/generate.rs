//! Generation of signing keys. The `rsa` crate only generates and encodes keys. It never signs,
//! because its private-key operations are not constant-time (RUSTSEC-2023-0071).

use std::fmt;

use rand::CryptoRng;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding, SecretDocument};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey, rand_core};

use super::key_size::KeySize;
use super::public_key::PublicKey;
use super::signing_key::{SigningError, SigningKey};

/// A new key pair: the private key as PKCS#8 (RFC 5208), and the public key.
pub struct GeneratedKey {
    pkcs8: SecretDocument,
    public: PublicKey,
}

impl GeneratedKey {
    /// Takes a private key, PKCS#8 in DER. Checks it with the library that signs.
    ///
    /// # Errors
    ///
    /// [`SigningError::InvalidKey`] if it is not an RSA key of a size that Signet uses.
    pub(crate) fn from_pkcs8(pkcs8: SecretDocument) -> Result<Self, SigningError> {
        let public = SigningKey::from_pkcs8(pkcs8.as_bytes())?.public().clone();
        Ok(Self { pkcs8, public })
    }

    /// Returns the public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the private key, PKCS#8 in DER. The caller must not log it or store it unprotected.
    pub(crate) fn expose_pkcs8(&self) -> &[u8] {
        self.pkcs8.as_bytes()
    }
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneratedKey({})", self.public.kid())
    }
}

/// Generates a key pair with randomness from `rng`. Takes 0.05 to 0.3 s for 2048 bits.
///
/// # Errors
///
/// [`GenerateError`] if the rsa crate fails.
pub fn generate(size: KeySize, rng: &mut impl CryptoRng) -> Result<GeneratedKey, GenerateError> {
    let failed = |cause: &dyn fmt::Display| GenerateError(cause.to_string());
    let bits = usize::from(size.bits());
    let private = RsaPrivateKey::new(&mut ForRsa(rng), bits).map_err(|cause| failed(&cause))?;
    let pkcs8 = private.to_pkcs8_der().map_err(|cause| failed(&cause))?;
    GeneratedKey::from_pkcs8(pkcs8).map_err(|cause| failed(&cause))
}

/// Returns a public key as `SubjectPublicKeyInfo` in PEM (RFC 7468 section 13), for programs that
/// cannot read a JWKS.
///
/// # Errors
///
/// [`GenerateError`] if the rsa crate cannot encode it. No key of Signet causes this.
pub fn public_pem(key: &PublicKey) -> Result<String, GenerateError> {
    let failed = |cause: &dyn fmt::Display| GenerateError(cause.to_string());
    let (n, e) = key.numbers();
    let number = |bytes: Vec<u8>| BigUint::from_bytes_be(&bytes);
    let key = RsaPublicKey::new(number(n), number(e)).map_err(|cause| failed(&cause))?;
    key.to_public_key_pem(LineEnding::LF)
        .map_err(|cause| failed(&cause))
}

/// A key could not be generated or encoded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot generate or encode a signing key: {0}")]
pub struct GenerateError(String);

/// Adapts our random generator to the older trait of the rsa crate.
struct ForRsa<'a, R>(&'a mut R);

impl<R: CryptoRng> rand_core::RngCore for ForRsa<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> rand_core::CryptoRng for ForRsa<'_, R> {}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::keys::SigningKey;

    #[test]
    fn a_generated_key_signs_under_its_own_name() {
        let key = generate(KeySize::Bits2048, &mut StdRng::seed_from_u64(1)).unwrap();
        let signing = SigningKey::from_pkcs8(key.expose_pkcs8()).unwrap();
        assert_eq!(signing.public(), key.public());
        assert_eq!(key.public().size(), KeySize::Bits2048);
        assert_eq!(
            format!("{key:?}"),
            format!("GeneratedKey({})", key.public().kid())
        );
    }

    #[test]
    fn the_public_half_is_written_as_others_read_it() {
        let pem = public_pem(crate::keys::fixtures::key(0).public()).unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
        assert!(signet_verifier::Keys::from_pem(&pem).is_ok());
    }
}
