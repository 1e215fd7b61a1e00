//! Events about what operators do with the server itself.

use serde_json::{Value, json};

/// Something that an operator has done, or that the server has done with its own keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperatorEvent<'a> {
    /// An administrator read the audit trail.
    EventsListed,
    /// A token for the administration API was made with the keys of the folder.
    AdminTokenMinted {
        /// The subject of the token.
        subject: &'a str,
        /// The id of the token.
        token_id: &'a str,
        /// The scopes of the token, separated by spaces.
        scope: &'a str,
    },
    /// The first keys of a folder were made.
    KeysCreated,
    /// The next keys of this kind take over.
    KeysRotated(KeyKind),
    /// Keys whose tokens have all expired were retired.
    KeysRetired,
    /// Leaked keys were revoked.
    KeysRevoked(RevokedKeys<'a>),
    /// A keys folder from a backup counts as the newest.
    KeysRestored,
    /// Private keys were encrypted in their files.
    KeysEncrypted,
    /// Private keys were written without encryption.
    KeysDecrypted,
    /// The start has made a new database.
    DatabaseCreated,
    /// The database was copied to a file.
    DatabaseBackedUp,
    /// Everything in the stores was copied to a file.
    DatabaseExported,
    /// A file of another installation was read into the stores.
    DatabaseImported,
    /// A backup took the place of the database, or everything in the stores was ended.
    DatabaseRestored,
}

/// What keys are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// They sign access tokens.
    Signing,
    /// They protect refresh tokens.
    RefreshTokens,
    /// They encrypt stored data.
    StoredData,
}

/// Which keys were revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RevokedKeys<'a> {
    /// The signing key with this kid.
    Signing(&'a str),
    /// The keys of refresh tokens.
    RefreshTokens,
    /// Every key.
    All,
}

impl OperatorEvent<'_> {
    /// The stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EventsListed => "events.listed",
            Self::AdminTokenMinted { .. } => "admin.token_minted",
            Self::KeysCreated => "keys.created",
            Self::KeysRotated(_) => "keys.rotated",
            Self::KeysRetired => "keys.retired",
            Self::KeysRevoked(_) => "keys.revoked",
            Self::KeysRestored => "keys.restored",
            Self::KeysEncrypted => "keys.encrypted",
            Self::KeysDecrypted => "keys.decrypted",
            Self::DatabaseCreated => "database.created",
            Self::DatabaseBackedUp => "database.backed_up",
            Self::DatabaseExported => "database.exported",
            Self::DatabaseImported => "database.imported",
            Self::DatabaseRestored => "database.restored",
        }
    }

    /// The sentence for people.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::EventsListed => "an administrator read the audit trail",
            Self::AdminTokenMinted { .. } => "a token for the administration API was made",
            Self::KeysCreated => "the first keys were made",
            Self::KeysRotated(_) => "keys were rotated",
            Self::KeysRetired => "keys were retired",
            Self::KeysRevoked(_) => "keys were revoked",
            Self::KeysRestored => "a keys folder was restored",
            Self::KeysEncrypted => "private keys were encrypted",
            Self::KeysDecrypted => "private keys were written without encryption",
            Self::DatabaseCreated => "made a new database",
            Self::DatabaseBackedUp => "the database was backed up",
            Self::DatabaseExported => "everything in the stores was exported",
            Self::DatabaseImported => "an export was imported into the stores",
            Self::DatabaseRestored => "the database was restored",
        }
    }

    /// Whether nothing was changed.
    pub(super) fn is_reading(self) -> bool {
        matches!(
            self,
            Self::EventsListed | Self::DatabaseBackedUp | Self::DatabaseExported
        )
    }

    /// What only this event says, by name.
    pub(super) fn details(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::AdminTokenMinted {
                subject,
                token_id,
                scope,
            } => vec![
                ("subject", json!(subject)),
                ("token_id", json!(token_id)),
                ("scope", json!(scope)),
            ],
            Self::KeysRotated(kind) => vec![("keys", json!(kind.as_str()))],
            Self::KeysRevoked(RevokedKeys::Signing(kid)) => vec![
                ("keys", json!(KeyKind::Signing.as_str())),
                ("kid", json!(kid)),
            ],
            Self::KeysRevoked(RevokedKeys::RefreshTokens) => {
                vec![("keys", json!(KeyKind::RefreshTokens.as_str()))]
            }
            Self::KeysRevoked(RevokedKeys::All) => vec![("keys", json!("all"))],
            _ => Vec::new(),
        }
    }
}

impl KeyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::RefreshTokens => "refresh_tokens",
            Self::StoredData => "stored_data",
        }
    }
}
