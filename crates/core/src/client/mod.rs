//! Clients: the programs that ask for tokens, what they may ask for and how they prove who they
//! are.
//!
//! This module must not know how a request is written or how clients are stored.

mod assertion;
mod exchange;
mod grant;
mod keys;
mod narrow;
mod registration;
mod secret;
mod sign_in;

pub use assertion::{Assertion, BadAssertion, SingleUse};
pub use exchange::{ExchangeProblem, Exchanged, MAX_ACTORS, exchange};
pub use grant::{GrantType, UnknownGrantType};
pub use keys::{ClientKey, ClientKeys, InvalidKeys, Key, MAX_CLIENT_KEYS};
pub use narrow::{InvalidScope, InvalidTarget, Targets, narrow_audience, narrow_scope};
pub use registration::{Registration, RegistrationProblem};
pub use secret::{ClientSecret, ClientSecrets, SecretDigest};
pub use sign_in::SignInRules;

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::account::DisplayName;
use crate::names::{Audience, ClientId, Scope};

/// A program that asks for tokens, as it is registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its name in requests and tokens, for ever.
    pub id: ClientId,
    /// How often the registration was changed; what compare-and-swap compares.
    pub version: u64,
    /// What it is called among people.
    pub name: Option<DisplayName>,
    /// What it may ask for.
    pub permissions: Permissions,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Its rules for the people who sign in with it.
    pub sign_in: SignInRules,
    /// How long its access tokens live; the server's lifetime when there is none, and never
    /// longer than that.
    pub token_ttl: Option<Duration>,
    /// Whether it may ask at all.
    pub status: ClientStatus,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What a client may ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// The ways in which it may ask.
    pub grants: Vec<GrantType>,
    /// The scopes that its tokens may have.
    pub scopes: Vec<Scope>,
    /// The audiences that its tokens may have.
    pub audiences: Vec<Audience>,
    /// The audiences that it is itself: it may introspect and exchange tokens meant for them.
    pub owns: Vec<Audience>,
}

/// How a client proves who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// Not at all: a public client, which people sign in with. Its users' tokens are its proof.
    Nothing,
    /// By a secret, in a header or in the body (RFC 6749 section 2.3.1).
    Secret(ClientSecrets),
    /// By a signed assertion (RFC 7523 section 2.2).
    PrivateKey(ClientKeys),
}

impl Authentication {
    /// Its name where it is shown and chosen.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Secret(_) => "client_secret",
            Self::PrivateKey(_) => "private_key_jwt",
        }
    }
}

/// Whether a client may ask for tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientStatus {
    /// It may.
    Active,
    /// An administrator has switched it off.
    Disabled,
}

impl Client {
    /// The client that people sign in with when a request names none. It is part of the server
    /// and stands in no store: its sessions are good for the server's own `audiences`.
    pub fn built_in(audiences: &[Audience]) -> Self {
        Self {
            id: ClientId::built_in(),
            version: 1,
            name: None,
            permissions: Permissions {
                grants: vec![GrantType::RefreshToken],
                scopes: vec![Scope::account()],
                audiences: audiences.to_vec(),
                owns: Vec::new(),
            },
            authentication: Authentication::Nothing,
            sign_in: SignInRules::default(),
            token_ttl: None,
            status: ClientStatus::Active,
            created_at: Timestamp::default(),
        }
    }

    /// Whether it has nothing to prove who it is by.
    pub fn is_public(&self) -> bool {
        self.authentication == Authentication::Nothing
    }

    /// Whether it may ask in this way.
    pub fn may(&self, grant: GrantType) -> bool {
        self.permissions.grants.contains(&grant)
    }

    /// Whether it is the service that this audience names.
    pub fn owns(&self, audience: &str) -> bool {
        let mut owned = self.permissions.owns.iter();
        owned.any(|own| own.as_str() == audience)
    }

    /// How long its access tokens live where the server's live for `server_ttl`.
    pub fn access_token_ttl(&self, server_ttl: Duration) -> Duration {
        self.token_ttl.map_or(server_ttl, |ttl| ttl.min(server_ttl))
    }

    /// The same client after a change, one version later.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.version = self.version.saturating_add(1);
        self
    }
}
