//! The parts of a line that are objects: authenticator apps and passkeys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use signet_core::authenticators::{Passkey, TotpEnrolment};
use signet_core::second_factor::{RecoveryCodeDigest, TotpSecret, TotpStep};
use signet_core::secret::SecretText;
use signet_flows::accounts::ImportedTotp;
use signet_verifier::Timestamp;

use crate::extract::Invalid;
use crate::rfc3339::{self, Exact};

/// An authenticator app: as another service knows it, or as Signet stores it.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenTotp {
    #[serde(skip_serializing)]
    secret: Option<SecretText>,
    sealed_secret: Option<String>,
    last_step: Option<TotpStep>,
}

/// A passkey as Signet stores it.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenPasskey {
    credential_id: String,
    public_key: String,
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
    name: Option<String>,
    created_at: String,
    last_used_at: Option<String>,
}

impl WrittenTotp {
    pub(super) fn of(enrolment: &TotpEnrolment) -> Self {
        Self {
            secret: None,
            sealed_secret: Some(encode(&enrolment.sealed_secret)),
            last_step: enrolment.last_step,
        }
    }

    pub(super) fn parse(json: &str) -> Result<ImportedTotp, Invalid> {
        let rule = "must hold a secret of 20 bytes in base32, or the sealed_secret of an export";
        let invalid = || Invalid::new("invalid", rule);
        let written: Self = serde_json::from_str(json).map_err(|_| invalid())?;
        match (written.secret, written.sealed_secret) {
            (Some(secret), None) => {
                let secret = TotpSecret::from_base32(secret.expose());
                secret.map(ImportedTotp::Secret).ok_or_else(invalid)
            }
            (None, Some(sealed)) => Ok(ImportedTotp::Sealed(TotpEnrolment {
                sealed_secret: decode(&sealed).ok_or_else(invalid)?,
                last_step: written.last_step,
            })),
            _ => Err(invalid()),
        }
    }
}

impl WrittenPasskey {
    pub(super) fn of(passkey: &Passkey) -> Self {
        Self {
            credential_id: encode(&passkey.credential_id),
            public_key: encode(&passkey.public_key),
            counter: passkey.counter,
            backup_eligible: passkey.backup_eligible,
            backed_up: passkey.backed_up,
            name: passkey.name.as_ref().map(|name| name.as_str().to_owned()),
            created_at: Exact(passkey.created_at).to_string(),
            last_used_at: passkey.last_used_at.map(|at| Exact(at).to_string()),
        }
    }

    pub(super) fn parse_list(json: &str) -> Result<Vec<Passkey>, Invalid> {
        let listed: Vec<Self> = serde_json::from_str(json).map_err(|_| not_passkeys())?;
        let passkeys = listed.into_iter().map(Self::into_passkey);
        passkeys.collect::<Option<_>>().ok_or_else(not_passkeys)
    }

    fn into_passkey(self) -> Option<Passkey> {
        let credential_id = decode(&self.credential_id)?;
        let public_key = decode(&self.public_key)?;
        let name = self.name.map(|name| name.parse()).transpose();
        let last_used_at = self.last_used_at.as_deref().map(rfc3339::parse);
        let fits = (1..=MAX_CREDENTIAL_ID_BYTES).contains(&credential_id.len())
            && (1..=MAX_PUBLIC_KEY_BYTES).contains(&public_key.len());
        fits.then_some(Passkey {
            credential_id,
            public_key,
            counter: self.counter,
            backup_eligible: self.backup_eligible,
            backed_up: self.backed_up,
            name: name.ok()?,
            created_at: rfc3339::parse(&self.created_at).ok()?,
            last_used_at: last_used_at.transpose().ok()?,
        })
    }
}

/// A recovery code as Signet stores it.
pub(super) fn recovery_code(text: &str) -> Result<RecoveryCodeDigest, Invalid> {
    let bytes = decode(text).and_then(|bytes| bytes.try_into().ok());
    let digest = bytes.map(RecoveryCodeDigest::from_bytes);
    digest.ok_or_else(|| Invalid::new("invalid", "must be SHA-256 digests in base64url"))
}

pub(super) fn written_recovery_code(code: &RecoveryCodeDigest) -> String {
    encode(code.as_bytes())
}

pub(super) fn time(text: &str) -> Result<Timestamp, Invalid> {
    rfc3339::parse(text).map_err(|invalid| Invalid::new("invalid", invalid.to_string()))
}

fn not_passkeys() -> Invalid {
    Invalid::new("invalid", "must be the passkeys of an export")
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// WebAuthn level 3 section 5.8.3.
const MAX_CREDENTIAL_ID_BYTES: usize = 1_023;
/// An RSA key of 4,096 bits has 600.
const MAX_PUBLIC_KEY_BYTES: usize = 2_048;
