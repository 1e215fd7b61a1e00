//! The registration of a passkey (WebAuthn section 7.1).

use signet_verifier::Timestamp;

use super::authenticator_data::AuthenticatorData;
use super::cbor::{Item, NotCbor, Reader};
use super::client_data::{self, CREATE};
use super::{AttestationResponse, Ceremony, CeremonyRefusal};
use crate::account::DisplayName;
use crate::authenticators::Passkey;

/// A passkey whose registration was checked. Only [`register()`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPasskey {
    credential_id: Vec<u8>,
    public_key: Vec<u8>,
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
}

impl NewPasskey {
    /// The passkey as it is stored.
    pub fn stored(&self, name: Option<DisplayName>, now: Timestamp) -> Passkey {
        Passkey {
            credential_id: self.credential_id.clone(),
            public_key: self.public_key.clone(),
            counter: self.counter,
            backup_eligible: self.backup_eligible,
            backed_up: self.backed_up,
            name,
            created_at: now,
            last_used_at: None,
        }
    }
}

/// Checks the answer to a request for a new passkey.
///
/// The attestation statement is not read: it was not asked for, and nothing is concluded from it.
///
/// # Errors
///
/// [`CeremonyRefusal`]
pub fn register(
    answer: &AttestationResponse,
    ceremony: Ceremony<'_>,
) -> Result<NewPasskey, CeremonyRefusal> {
    client_data::check(&answer.client_data, CREATE, ceremony)?;
    let data = authenticator_data_of(&answer.attestation_object);
    let data = data.map_err(|NotCbor| CeremonyRefusal::AttestationObject)?;
    let data = AuthenticatorData::read(data, ceremony.relying_party)?;
    let credential = data.credential.ok_or(CeremonyRefusal::AuthenticatorData)?;
    if credential.id != answer.credential_id {
        return Err(CeremonyRefusal::CredentialId);
    }
    Ok(NewPasskey {
        credential_id: credential.id.to_vec(),
        public_key: credential.public_key.to_vec(),
        counter: data.counter,
        backup_eligible: data.backup_eligible,
        backed_up: data.backed_up,
    })
}

/// The authenticator data in an attestation object: a map of `fmt`, `attStmt` and `authData`.
fn authenticator_data_of(object: &[u8]) -> Result<&[u8], NotCbor> {
    let mut reader = Reader::new(object);
    let mut found = None;
    for _ in 0..reader.map()? {
        let Item::Text(name) = reader.item()? else {
            return Err(NotCbor);
        };
        if name != "authData" {
            reader.skip()?;
            continue;
        }
        let Item::Bytes(data) = reader.item()? else {
            return Err(NotCbor);
        };
        if found.replace(data).is_some() {
            return Err(NotCbor);
        }
    }
    let is_whole = reader.rest().is_empty();
    found.filter(|_| is_whole).ok_or(NotCbor)
}
