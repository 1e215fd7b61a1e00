//! The record of an account's authenticators, as every database stores it.
//!
//! Account, version and whether there is a password are columns and not in it. This module must
//! not know any database.

use serde::{Deserialize, Serialize};
use signet_core::account::DisplayName;
use signet_core::authenticators::{AuthenticatorSet, CodeUse, OneTimeCode, Passkey, TotpEnrolment};
use signet_core::one_time_token::OneTimeDigest;
use signet_core::second_factor::RecoveryCodeDigest;
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;

/// Writes the record.
pub(crate) fn write(authenticators: &AuthenticatorSet) -> Result<Vec<u8>, ImpossibleRow> {
    let unwritable = |_| ImpossibleRow("authenticators that cannot be written");
    let record = postcard::to_allocvec(&Record::of(authenticators)).map_err(unwritable)?;
    let Some(used) = &authenticators.last_use else {
        return Ok([&[FORMAT], record.as_slice()].concat());
    };
    let used = postcard::to_allocvec(&StoredUse::of(used)).map_err(unwritable)?;
    Ok([&[FORMAT_WITH_USE], record.as_slice(), used.as_slice()].concat())
}

/// Reads the record into `authenticators`, which have none yet.
pub(crate) fn read(
    authenticators: AuthenticatorSet,
    bytes: &[u8],
) -> Result<AuthenticatorSet, ImpossibleRow> {
    let unreadable = |_| ImpossibleRow("authenticators that cannot be read");
    let (with_use, bytes) = match bytes.split_first() {
        Some((&FORMAT, bytes)) => (false, bytes),
        Some((&FORMAT_WITH_USE, bytes)) => (true, bytes),
        _ => return Err(ImpossibleRow("authenticators of an unknown format")),
    };
    let (record, mut rest) = postcard::take_from_bytes::<Record>(bytes).map_err(unreadable)?;
    let mut authenticators = record.into_authenticators(authenticators)?;
    if with_use {
        let (used, tail) = postcard::take_from_bytes::<StoredUse>(rest).map_err(unreadable)?;
        authenticators.last_use = Some(used.into_use());
        rest = tail;
    }
    if !rest.is_empty() {
        return Err(ImpossibleRow("authenticators with a tail"));
    }
    Ok(authenticators)
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

/// The use of a code in a sign-in, behind the record.
#[derive(Serialize, Deserialize)]
struct StoredUse {
    code: StoredCode,
    sign_in: [u8; 32],
}

#[derive(Serialize, Deserialize)]
enum StoredCode {
    Totp(u64),
    Recovery([u8; 32]),
}

impl StoredUse {
    fn of(used: &CodeUse) -> Self {
        let code = match used.code {
            OneTimeCode::Totp(step) => StoredCode::Totp(step),
            OneTimeCode::Recovery(code) => StoredCode::Recovery(*code.as_bytes()),
        };
        let sign_in = *used.sign_in.as_bytes();
        Self { code, sign_in }
    }

    fn into_use(self) -> CodeUse {
        let code = match self.code {
            StoredCode::Totp(step) => OneTimeCode::Totp(step),
            StoredCode::Recovery(code) => {
                OneTimeCode::Recovery(RecoveryCodeDigest::from_bytes(code))
            }
        };
        let sign_in = OneTimeDigest::from_bytes(self.sign_in);
        CodeUse { code, sign_in }
    }
}

impl Record {
    fn of(authenticators: &AuthenticatorSet) -> Self {
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
        mut authenticators: AuthenticatorSet,
    ) -> Result<AuthenticatorSet, ImpossibleRow> {
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
    let name = stored
        .name
        .as_deref()
        .map(DisplayName::from_stored)
        .transpose();
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
/// The same, and the latest use of a code behind it.
const FORMAT_WITH_USE: u8 = 2;
