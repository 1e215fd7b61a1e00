//! Why an answer of a browser is refused: a variant and a stable code for each reason.

/// Why a ceremony is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum CeremonyRefusal {
    /// The client data is not the JSON of WebAuthn section 5.8.1.
    #[error("the client data cannot be read")]
    ClientData,
    /// The answer belongs to the other ceremony.
    #[error("the answer belongs to another ceremony")]
    Type,
    /// The answer repeats another challenge.
    #[error("the answer repeats another challenge")]
    Challenge,
    /// The page has an origin that is not configured.
    #[error("the page has an origin that is not allowed here")]
    Origin,
    /// The page was in a frame of another origin.
    #[error("the page was in a frame of another origin")]
    CrossOrigin,
    /// The attestation object is not the map of WebAuthn section 6.5.
    #[error("the attestation object cannot be read")]
    AttestationObject,
    /// The authenticator data does not have the layout of WebAuthn section 6.1.
    #[error("the authenticator data cannot be read")]
    AuthenticatorData,
    /// The authenticator answered for another RP id.
    #[error("the passkey belongs to another site")]
    RelyingPartyId,
    /// No person touched the authenticator.
    #[error("the user was not present")]
    UserPresence,
    /// The authenticator did not verify its user.
    #[error("the authenticator did not verify its user")]
    UserVerification,
    /// A passkey that cannot be synced is said to be synced.
    #[error("the backup flags contradict each other")]
    BackupFlags,
    /// A passkey can be synced now and could not before, or the other way round.
    #[error("whether the passkey can be synced has changed")]
    BackupEligibility,
    /// The id of the credential is empty, too long, or not the one in the signed data.
    #[error("the id of the credential is invalid")]
    CredentialId,
    /// The key has another algorithm than those asked for, or is not valid for it.
    #[error("the key of the passkey is of a kind that is not supported")]
    Key,
    /// The user handle is missing or is the one of another account.
    #[error("the passkey belongs to another account")]
    UserHandle,
    /// The key of the passkey did not make the signature.
    #[error("the signature is wrong")]
    Signature,
    /// The signature counter did not grow, so the passkey may have been copied.
    #[error("the counter of the passkey did not grow; it may have been copied")]
    Counter,
}

impl CeremonyRefusal {
    /// Every reason.
    pub const ALL: [Self; 17] = [
        Self::ClientData,
        Self::Type,
        Self::Challenge,
        Self::Origin,
        Self::CrossOrigin,
        Self::AttestationObject,
        Self::AuthenticatorData,
        Self::RelyingPartyId,
        Self::UserPresence,
        Self::UserVerification,
        Self::BackupFlags,
        Self::BackupEligibility,
        Self::CredentialId,
        Self::Key,
        Self::UserHandle,
        Self::Signature,
        Self::Counter,
    ];

    /// Its stable name in errors and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::ClientData => "client_data",
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::CrossOrigin => "cross_origin",
            Self::AttestationObject => "attestation_object",
            Self::AuthenticatorData => "authenticator_data",
            Self::RelyingPartyId => "rp_id",
            Self::UserPresence => "user_presence",
            Self::UserVerification => "user_verification",
            Self::BackupFlags => "backup_flags",
            Self::BackupEligibility => "backup_eligibility",
            Self::CredentialId => "credential_id",
            Self::Key => "key",
            Self::UserHandle => "user_handle",
            Self::Signature => "signature",
            Self::Counter => "counter",
        }
    }
}
