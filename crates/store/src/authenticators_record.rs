//! The record of an account's authenticators, as every database stores it.
//!
//! Account, version and whether there is a password are columns and not in it. This module must
//! not know any database.

use serde::{Deserialize, Serialize};
use signet_core::authenticators::{Authenticators, Passkey, TotpEnrolment};
use signet_core::second_factor::RecoveryCodeDigest;
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;

/// Writes the record.
pub(crate) fn write(authenticators: &Authenticators) -> Result<Vec<u8>, ImpossibleRow> {
    let written = postcard::to_allocvec(&Record::of(authenticators))
        .map_err(|_| ImpossibleRow("authenticators that cannot be written"))?;
    Ok([&[FORMAT], written.as_slice()].concat())
}

/// Reads the record into `authenticators`, which have none yet.
pub(crate) fn read(
    authenticators: Authenticators,
    bytes: &[u8],
) -> Result<Authenticators, ImpossibleRow> {
    let Some((&FORMAT, bytes)) = bytes.split_first() else {
        return Err(ImpossibleRow("authenticators of an unknown format"));
    };
    let (record, rest) = postcard::take_from_bytes::<Record>(bytes)
        .map_err(|_| ImpossibleRow("authenticators that cannot be read"))?;
    if !rest.is_empty() {
        return Err(ImpossibleRow("authenticators with a tail"));
    }
    record.into_authenticators(authenticators)
}

#[derive(Serialize, Deserialize)]
struct Record {
    totp: Option<(Vec<u8>, Option<u64>)>,
    recovery_codes: Vec<[u8; 32]>,
    passkeys: Vec<StoredPasskey>,
}

#[derive(Serialize, Deserialize)]
struct StoredPasskey {
    credential_id: Vec<u8>,
    public_key: Vec<u8>,
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
    name: Option<String>,
    created_at: u64,
    last_used_at: Option<u64>,
}

impl Record {
    fn of(authenticators: &Authenticators) -> Self {
        let totp = authenticators.totp.clone();
        let codes = authenticators.recovery_codes.iter();
        Self {
            totp: totp.map(|totp| (totp.sealed_secret, totp.last_step)),
            recovery_codes: codes.map(|code| *code.as_bytes()).collect(),
            passkeys: authenticators.passkeys.iter().map(stored).collect(),
        }
    }

    fn into_authenticators(
        self,
        mut authenticators: Authenticators,
    ) -> Result<Authenticators, ImpossibleRow> {
        let codes = self.recovery_codes.into_iter();
        let passkeys = self.passkeys.into_iter().map(passkey);
        authenticators.totp = self.totp.map(|(sealed_secret, last_step)| TotpEnrolment {
            sealed_secret,
            last_step,
        });
        authenticators.recovery_codes = codes.map(RecoveryCodeDigest::from_bytes).collect();
        authenticators.passkeys = passkeys.collect::<Result<_, _>>()?;
        Ok(authenticators)
    }
}

fn stored(passkey: &Passkey) -> StoredPasskey {
    StoredPasskey {
        credential_id: passkey.credential_id.clone(),
        public_key: passkey.public_key.clone(),
        counter: passkey.counter,
        backup_eligible: passkey.backup_eligible,
        backed_up: passkey.backed_up,
        name: passkey.name.as_ref().map(|name| name.as_str().to_owned()),
        created_at: passkey.created_at.as_millis(),
        last_used_at: passkey.last_used_at.map(Timestamp::as_millis),
    }
}

fn passkey(stored: StoredPasskey) -> Result<Passkey, ImpossibleRow> {
    let name = stored.name.map(|name| name.parse()).transpose();
    Ok(Passkey {
        credential_id: stored.credential_id,
        public_key: stored.public_key,
        counter: stored.counter,
        backup_eligible: stored.backup_eligible,
        backed_up: stored.backed_up,
        name: name.map_err(|_| ImpossibleRow("a passkey name that breaks its rule"))?,
        created_at: Timestamp::from_millis(stored.created_at),
        last_used_at: stored.last_used_at.map(Timestamp::from_millis),
    })
}

/// The first byte of a record. Another layout is another number.
const FORMAT: u8 = 1;
