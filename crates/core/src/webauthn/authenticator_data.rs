//! The authenticator data: what the authenticator signs (WebAuthn section 6.1).

use super::cbor::Reader;
use super::credential_key::CredentialKey;
use super::{CeremonyRefusal, MAX_CREDENTIAL_ID_BYTES, RelyingParty};

/// Authenticator data for this relying party, by a user who was present and verified.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    /// The signature counter.
    pub(super) counter: u32,
    /// Whether the passkey can be synced.
    pub(super) backup_eligible: bool,
    /// Whether it is synced now.
    pub(super) backed_up: bool,
    /// The new credential, in a registration.
    pub(super) credential: Option<AttestedCredential<'a>>,
}

/// A new credential (WebAuthn section 6.5.1).
#[derive(Debug)]
pub(super) struct AttestedCredential<'a> {
    /// Its id.
    pub(super) id: &'a [u8],
    /// Its public key in COSE form. The key has been checked.
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the data and checks everything that both ceremonies check.
    pub(super) fn read(bytes: &'a [u8], party: &RelyingParty) -> Result<Self, CeremonyRefusal> {
        let malformed = CeremonyRefusal::AuthenticatorData;
        let (id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(malformed)?;
        let (&[flags], rest) = rest.split_first_chunk().ok_or(malformed)?;
        let (&counter, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let has = |flag: u8| flags & flag != 0;
        let mut reader = rest;
        let credential = has(ATTESTED_CREDENTIAL).then(|| AttestedCredential::read(&mut reader));
        let credential = credential.transpose()?;
        if has(EXTENSIONS) {
            skip_map(&mut reader).ok_or(malformed)?;
        }
        if !reader.is_empty() {
            return Err(malformed);
        }
        if *id_hash != party.id_hash() {
            return Err(CeremonyRefusal::RelyingPartyId);
        }
        if !has(USER_PRESENT) {
            return Err(CeremonyRefusal::UserPresence);
        }
        if !has(USER_VERIFIED) {
            return Err(CeremonyRefusal::UserVerification);
        }
        if has(BACKED_UP) && !has(BACKUP_ELIGIBLE) {
            return Err(CeremonyRefusal::BackupFlags);
        }
        Ok(Self {
            counter: u32::from_be_bytes(counter),
            backup_eligible: has(BACKUP_ELIGIBLE),
            backed_up: has(BACKED_UP),
            credential,
        })
    }
}

impl<'a> AttestedCredential<'a> {
    /// Takes the credential from the front of `bytes`.
    fn read(bytes: &mut &'a [u8]) -> Result<Self, CeremonyRefusal> {
        let malformed = CeremonyRefusal::AuthenticatorData;
        let (_, rest) = bytes.split_first_chunk::<AAGUID_BYTES>().ok_or(malformed)?;
        let (&length, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let length = usize::from(u16::from_be_bytes(length));
        let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
        if !(1..=MAX_CREDENTIAL_ID_BYTES).contains(&id.len()) {
            return Err(CeremonyRefusal::CredentialId);
        }
        let mut after = rest;
        skip_map(&mut after).ok_or(malformed)?;
        let length = rest.len() - after.len();
        let public_key = rest.get(..length).ok_or(malformed)?;
        CredentialKey::read(public_key)?;
        *bytes = after;
        Ok(Self { id, public_key })
    }
}

/// Skips one map at the front of `bytes`.
fn skip_map(bytes: &mut &[u8]) -> Option<()> {
    Reader::new(bytes).map().ok()?;
    let mut reader = Reader::new(bytes);
    reader.skip().ok()?;
    *bytes = reader.rest();
    Some(())
}

const AAGUID_BYTES: usize = 16;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED_CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;
