//! A proof by a passkey (WebAuthn section 7.2).

use signet_verifier::Timestamp;

use super::authenticator_data::AuthenticatorData;
use super::client_data::{self, GET};
use super::credential_key::CredentialKey;
use super::{AssertionResponse, Ceremony, CeremonyRefusal, sha256};
use crate::authenticators::Passkey;
use crate::ids::AccountId;

/// The state of a passkey after a proof. Only [`prove()`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasskeyUse {
    counter: u32,
    backed_up: bool,
}

impl PasskeyUse {
    /// Writes the use into the record of the passkey.
    ///
    /// # Errors
    ///
    /// [`CeremonyRefusal::Counter`] if the counter did not grow. An authenticator that does not count always
    /// sends 0, which is accepted.
    pub fn note(self, passkey: &mut Passkey, now: Timestamp) -> Result<(), CeremonyRefusal> {
        let counts = self.counter != 0 || passkey.counter != 0;
        if counts && self.counter <= passkey.counter {
            return Err(CeremonyRefusal::Counter);
        }
        passkey.counter = self.counter;
        passkey.backed_up = self.backed_up;
        passkey.last_used_at = Some(now);
        Ok(())
    }
}

/// Checks the answer to a request for a proof, by a passkey of the account `owner`.
///
/// The signature is checked here, and [`PasskeyUse::note`] compares the counter afterwards. So only
/// the holder of the key can cause a wrong counter.
///
/// # Errors
///
/// [`CeremonyRefusal`]
pub fn prove(
    answer: &AssertionResponse,
    ceremony: Ceremony<'_>,
    passkey: &Passkey,
    owner: AccountId,
) -> Result<PasskeyUse, CeremonyRefusal> {
    client_data::check(&answer.client_data, GET, ceremony)?;
    if answer.credential_id != passkey.credential_id {
        return Err(CeremonyRefusal::CredentialId);
    }
    let data = AuthenticatorData::read(&answer.authenticator_data, ceremony.relying_party)?;
    if data.credential.is_some() {
        return Err(CeremonyRefusal::AuthenticatorData);
    }
    let handle = answer.user_handle.as_deref();
    if handle.is_some_and(|handle| handle != owner.as_bytes()) {
        return Err(CeremonyRefusal::UserHandle);
    }
    if data.backup_eligible != passkey.backup_eligible {
        return Err(CeremonyRefusal::BackupEligibility);
    }
    let key = CredentialKey::read(&passkey.public_key)?;
    let client_data_hash: [u8; 32] = sha256(&[&answer.client_data]);
    let signed = [answer.authenticator_data.as_slice(), &client_data_hash].concat();
    if !key.verify(&signed, &answer.signature) {
        return Err(CeremonyRefusal::Signature);
    }
    Ok(PasskeyUse {
        counter: data.counter,
        backed_up: data.backed_up,
    })
}
