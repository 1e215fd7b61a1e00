//! The texts of stored hashes: PHC strings, and the forms of passlib, Django and crypt.

use argon2::password_hash::phc;
use argon2::{Algorithm, Params, Version};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};

use super::invalid::InvalidPasswordHash::{self, Malformed, Unsupported};
use super::scheme::{
    Argon2Scheme, BCRYPT_OUTPUT_BYTES, Digest, ForeignScheme, MIN_OUTPUT_BYTES, Scheme, StoredHash,
};

impl StoredHash {
    /// Parses a stored hash.
    ///
    /// # Errors
    ///
    /// [`InvalidPasswordHash`] if the form is not known, or the costs are out of bounds.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPasswordHash> {
        if text.len() > MAX_TEXT_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Malformed);
        }
        let mut parts = text.split('$');
        match parts.next().unwrap_or_default() {
            "" => {}
            // Django writes its own name of the function before the usual text.
            "argon2" => return argon2(text.trim_start_matches("argon2")),
            name @ ("bcrypt" | "bcrypt_sha256") => {
                return bcrypt(
                    text.get(name.len() + 1..).unwrap_or_default(),
                    name != "bcrypt",
                );
            }
            "pbkdf2_sha256" => return django_pbkdf2(Digest::Sha256, parts),
            "pbkdf2_sha1" => return django_pbkdf2(Digest::Sha1, parts),
            "scrypt" => return django_scrypt(parts),
            _ => return Err(Unsupported),
        }
        match parts.next().unwrap_or_default() {
            "argon2id" | "argon2i" => argon2(text),
            "2a" | "2b" | "2y" => bcrypt(text, false),
            "scrypt" => phc_scrypt(parts),
            "pbkdf2" | "pbkdf2-sha1" => pbkdf2(Digest::Sha1, parts),
            "pbkdf2-sha256" => pbkdf2(Digest::Sha256, parts),
            "pbkdf2-sha512" => pbkdf2(Digest::Sha512, parts),
            _ => Err(Unsupported),
        }
    }

    fn foreign(
        scheme: ForeignScheme,
        salt: Vec<u8>,
        output: Vec<u8>,
    ) -> Result<Self, InvalidPasswordHash> {
        if !(MIN_OUTPUT_BYTES..=MAX_OUTPUT_BYTES).contains(&output.len()) {
            return Err(Malformed);
        }
        Ok(Self {
            scheme: Scheme::Foreign(scheme),
            salt,
            output,
        })
    }
}

fn argon2(text: &str) -> Result<StoredHash, InvalidPasswordHash> {
    let parsed = phc::PasswordHash::new(text).map_err(|_| Malformed)?;
    let algorithm = match parsed.algorithm.as_str() {
        "argon2id" => Algorithm::Argon2id,
        "argon2i" => Algorithm::Argon2i,
        _ => return Err(Unsupported),
    };
    let version = parsed.version.map_or(Ok(Version::V0x10), Version::try_from);
    let scheme = Argon2Scheme {
        algorithm,
        version: version.map_err(|_| Malformed)?,
        params: Params::try_from(&parsed).map_err(|_| Malformed)?,
    };
    let salt = parsed.salt.ok_or(Malformed)?;
    let output = parsed.hash.ok_or(Malformed)?;
    Ok(StoredHash {
        scheme: Scheme::Argon2(scheme.check()?),
        salt: salt.as_ref().to_vec(),
        output: output.as_bytes().to_vec(),
    })
}

/// `$2b$12$` and 53 characters: 16 bytes of salt, 23 of output.
fn bcrypt(text: &str, is_digested: bool) -> Result<StoredHash, InvalidPasswordHash> {
    let mut parts = text.split('$').skip(1);
    let (Some("2a" | "2b" | "2y"), Some(cost), Some(rest), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed);
    };
    let (salt, output) = rest.split_at_checked(BCRYPT_SALT_LENGTH).ok_or(Malformed)?;
    let scheme = ForeignScheme::bcrypt(number(cost)?, is_digested)?;
    let decoded = |text| BCRYPT_BASE64.decode(text).map_err(|_| Malformed);
    let (salt, output) = (decoded(salt)?, decoded(output)?);
    if output.len() != BCRYPT_OUTPUT_BYTES {
        return Err(Malformed);
    }
    StoredHash::foreign(scheme, salt, output)
}

/// `ln=16,r=8,p=1$salt$output`
fn phc_scrypt<'a>(parts: impl Iterator<Item = &'a str>) -> Result<StoredHash, InvalidPasswordHash> {
    let [costs, salt, output] = exactly(parts)?;
    let cost = |name| member(costs, name).ok_or(Malformed);
    let scheme = ForeignScheme::scrypt(
        number(cost("ln")?)?,
        number(cost("r")?)?,
        number(cost("p")?)?,
    )?;
    StoredHash::foreign(scheme, decode(salt)?, decode(output)?)
}

/// `16384$salt$8$1$output`, where the salt is text
fn django_scrypt<'a>(
    parts: impl Iterator<Item = &'a str>,
) -> Result<StoredHash, InvalidPasswordHash> {
    let [n, salt, r, p, output] = exactly(parts)?;
    let n = number(n)?;
    if !n.is_power_of_two() {
        return Err(Malformed);
    }
    let scheme = ForeignScheme::scrypt(n.trailing_zeros(), number(r)?, number(p)?)?;
    StoredHash::foreign(scheme, salt.as_bytes().to_vec(), decode(output)?)
}

/// `i=600000,l=32$salt$output`, or the number alone as passlib writes it
fn pbkdf2<'a>(
    digest: Digest,
    parts: impl Iterator<Item = &'a str>,
) -> Result<StoredHash, InvalidPasswordHash> {
    let [costs, salt, output] = exactly(parts)?;
    let output = decode(output)?;
    let iterations = number(member(costs, "i").unwrap_or(costs))?;
    if let Some(length) = member(costs, "l")
        && number(length).ok() != u32::try_from(output.len()).ok()
    {
        return Err(Malformed);
    }
    let scheme = ForeignScheme::pbkdf2(digest, iterations, &output)?;
    StoredHash::foreign(scheme, decode(salt)?, output)
}

/// `870000$salt$output`, where the salt is text
fn django_pbkdf2<'a>(
    digest: Digest,
    parts: impl Iterator<Item = &'a str>,
) -> Result<StoredHash, InvalidPasswordHash> {
    let [iterations, salt, output] = exactly(parts)?;
    let output = decode(output)?;
    let scheme = ForeignScheme::pbkdf2(digest, number(iterations)?, &output)?;
    StoredHash::foreign(scheme, salt.as_bytes().to_vec(), output)
}

fn exactly<'a, const N: usize>(
    parts: impl Iterator<Item = &'a str>,
) -> Result<[&'a str; N], InvalidPasswordHash> {
    let parts: Vec<_> = parts.collect();
    parts.try_into().map_err(|_| Malformed)
}

/// The value of `name` in `name=value,…`.
fn member<'a>(costs: &'a str, name: &str) -> Option<&'a str> {
    let mut members = costs.split(',').filter_map(|member| member.split_once('='));
    members
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn number(text: &str) -> Result<u32, InvalidPasswordHash> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_plain.then(|| text.parse().unwrap_or(u32::MAX));
    number.ok_or(Malformed)
}

/// Base64 with or without padding. passlib writes `.` for `+`.
fn decode(text: &str) -> Result<Vec<u8>, InvalidPasswordHash> {
    let text = text.replace('.', "+");
    BASE64.decode(text).map_err(|_| Malformed)
}

const LENIENT: GeneralPurposeConfig = general_purpose::NO_PAD
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);
const BCRYPT_SALT_LENGTH: usize = 22;
/// As in PHC strings.
const MAX_OUTPUT_BYTES: usize = 64;
/// The longest known form has 150 characters.
const MAX_TEXT_BYTES: usize = 512;
