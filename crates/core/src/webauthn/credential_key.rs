//! The public key of a passkey in COSE form (RFC 9052, RFC 9053): ES256, EdDSA or RS256.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use signet_verifier::rsa_key_bits;

use super::CeremonyRefusal;
use super::cbor::{Item, Reader};

/// The COSE algorithms that registrations ask for: EdDSA, ES256 and RS256.
pub const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];

/// A key that can check signatures.
#[derive(Debug)]
pub(super) enum CredentialKey<'a> {
    /// ES256 or EdDSA.
    Curve(ParsedPublicKey),
    /// RS256.
    Rsa {
        /// The modulus.
        n: &'a [u8],
        /// The exponent.
        e: &'a [u8],
    },
}

impl<'a> CredentialKey<'a> {
    /// Reads a key and checks that it is valid for its algorithm.
    pub(super) fn read(cose: &'a [u8]) -> Result<Self, CeremonyRefusal> {
        let fields = Fields::read(cose).ok_or(CeremonyRefusal::Key)?;
        fields.key().ok_or(CeremonyRefusal::Key)
    }

    /// Whether this key made `signature` for `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Curve(key) => key.verify_sig(message, signature),
            Self::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        verified.is_ok()
    }
}

/// The entries of a COSE key that these algorithms have.
#[derive(Default)]
struct Fields<'a> {
    /// Label 1.
    kind: Option<i64>,
    /// Label 3.
    algorithm: Option<i64>,
    /// Label -1 of a curve.
    curve: Option<i64>,
    /// Label -1 of RSA.
    modulus: Option<&'a [u8]>,
    /// Label -2: a coordinate, or the exponent of RSA.
    second: Option<&'a [u8]>,
    /// Label -3: the other coordinate.
    third: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn read(cose: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(cose);
        let mut fields = Self::default();
        for _ in 0..reader.map().ok()? {
            let Item::Integer(label) = reader.item().ok()? else {
                reader.skip().ok()?;
                continue;
            };
            fields.take(label, &mut reader)?;
        }
        reader.rest().is_empty().then_some(fields)
    }

    /// Takes the value of a label; `None` if the label is repeated.
    fn take(&mut self, label: i64, reader: &mut Reader<'a>) -> Option<()> {
        let mut value = *reader;
        reader.skip().ok()?;
        let repeated = match (label, value.item().ok()?) {
            (1, Item::Integer(kind)) => self.kind.replace(kind).is_some(),
            (3, Item::Integer(algorithm)) => self.algorithm.replace(algorithm).is_some(),
            (-1, Item::Integer(curve)) => self.curve.replace(curve).is_some(),
            (-1, Item::Bytes(modulus)) => self.modulus.replace(modulus).is_some(),
            (-2, Item::Bytes(bytes)) => self.second.replace(bytes).is_some(),
            (-3, Item::Bytes(bytes)) => self.third.replace(bytes).is_some(),
            _ => false,
        };
        (!repeated).then_some(())
    }

    fn key(&self) -> Option<CredentialKey<'a>> {
        match (self.kind?, self.algorithm?, self.curve) {
            (ELLIPTIC_CURVE, ES256, Some(P256)) => {
                let (x, y) = (coordinate(self.second?)?, coordinate(self.third?)?);
                let point = [&[UNCOMPRESSED], x.as_slice(), y].concat();
                let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
                key.ok().map(CredentialKey::Curve)
            }
            (OCTET_KEY_PAIR, EDDSA, Some(CURVE_ED25519)) => {
                let key = ParsedPublicKey::new(&ED25519, coordinate(self.second?)?);
                key.ok().map(CredentialKey::Curve)
            }
            (RSA, RS256, None) => {
                let (n, e) = (self.modulus?, self.second?);
                let bits = rsa_key_bits(n, e)?;
                RSA_BITS
                    .contains(&bits)
                    .then_some(CredentialKey::Rsa { n, e })
            }
            _ => None,
        }
    }
}

fn coordinate(bytes: &[u8]) -> Option<&[u8; 32]> {
    bytes.try_into().ok()
}

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

const OCTET_KEY_PAIR: i64 = 1;
const ELLIPTIC_CURVE: i64 = 2;
const RSA: i64 = 3;

const P256: i64 = 1;
const CURVE_ED25519: i64 = 6;

/// SEC 1 section 2.3.3: an uncompressed point.
const UNCOMPRESSED: u8 = 4;

/// Larger keys make a check expensive.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;
