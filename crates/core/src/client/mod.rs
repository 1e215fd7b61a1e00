//! Clients: programs that request tokens, their permissions and their authentication.
//!
//! This module must not know the format of requests or how clients are stored.

mod assertion;
mod authentication;
mod exchange;
mod grant;
mod logo_uri;
mod narrow;
mod public_keys;
mod redirect_uri;
mod registration;
mod registration_problem;
mod secret;
mod sign_in;
mod unregistered;
mod update;

pub use assertion::{Assertion, BadAssertion, SingleUse};
pub use authentication::{Authentication, AuthenticationMethod, UnknownMethod};
pub use exchange::{ExchangeProblem, Exchanged, exchange};
pub use grant::{GrantType, UnknownGrantType};
pub use logo_uri::LogoUri;
pub use narrow::{InvalidScope, InvalidTarget, Targets, narrow_audience, narrow_scope};
pub use public_keys::{ClientKeys, InvalidKeys};
pub use redirect_uri::{CallbackUri, InvalidRedirectUri, RedirectUri};
pub use registration::Registration;
pub use registration_problem::RegistrationProblem;
pub use secret::{ClientSecret, ClientSecrets, SecretDigest};
pub use sign_in::{RedirectRules, SignInRules};
pub use unregistered::{
    DocumentProblem, MAX_DOCUMENT_BYTES, MetadataDocument, MetadataUrl, UnregisteredClients,
    UnregisteredProblem, document_lifetime, is_public,
};
pub use update::{ClientUpdate, FieldChange};

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::account::DisplayName;
use crate::names::{Audience, ClaimName, ClientId, Scope};

/// A client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// The permanent id in requests and tokens.
    pub id: ClientId,
    /// How often the registration was changed. Compare-and-swap compares this number.
    pub version: u64,
    /// The name for people.
    pub name: Option<DisplayName>,
    /// What it may request.
    pub permissions: Permissions,
    /// How it authenticates.
    pub authentication: Authentication,
    /// Its rules for the people who sign in with it.
    pub sign_in: SignInRules,
    /// The lifetime of its access tokens, at most the server's. `None` means the server's.
    pub token_ttl: Option<Duration>,
    /// Whether it may request tokens.
    pub status: ClientStatus,
    /// When it was registered. If a client of the same id was removed before, it is later than each
    /// token and each session of that one.
    pub created_at: Timestamp,
    /// The earliest `iat` of its next tokens. Tokens of an earlier time may be on the deny list.
    pub issue_from: Timestamp,
    /// How the server knows it.
    pub known_by: KnownBy,
}

/// How the server knows a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KnownBy {
    /// An operator registered it, or it is the server's own.
    Registration,
    /// By the document at the URL that is its id. Anybody could have written that.
    MetadataDocument,
}

/// What a client may request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// The grant types that it may use.
    pub grants: Vec<GrantType>,
    /// The scopes that its tokens may have.
    pub scopes: Vec<Scope>,
    /// The audiences that its tokens may have.
    pub audiences: Vec<Audience>,
    /// The audiences that belong to this client. It may introspect and exchange their tokens.
    pub owns: Vec<Audience>,
    /// The custom claims of accounts that its tokens contain.
    pub account_claims: Vec<ClaimName>,
}

/// Whether a client may request tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientStatus {
    /// It may request tokens.
    Active,
    /// An administrator disabled it.
    Disabled,
}

impl Client {
    /// Returns the client of sign-ins that name no client. It is part of the server and not stored.
    /// Its tokens have the server's `audiences`.
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
                account_claims: Vec::new(),
            },
            authentication: Authentication::Nothing,
            sign_in: SignInRules::default(),
            token_ttl: None,
            status: ClientStatus::Active,
            created_at: Timestamp::default(),
            issue_from: Timestamp::default(),
            known_by: KnownBy::Registration,
        }
    }

    /// Which registration of its id this is: a client that is registered with the same id later has
    /// another one. `None` if the store does not know the client yet.
    pub fn since(&self) -> Option<Timestamp> {
        (self.created_at > Timestamp::default()).then_some(self.created_at)
    }

    /// Returns whether it is the client that [`since`](Self::since) was asked before. Without an
    /// earlier answer nothing speaks against it.
    pub fn is_since(&self, earlier: Option<Timestamp>) -> bool {
        earlier.is_none_or(|since| since == self.created_at)
    }

    /// Returns whether it does not authenticate.
    pub(crate) fn is_public(&self) -> bool {
        self.authentication == Authentication::Nothing
    }

    /// Returns whether people type their passwords for it: a public client without sign-in by
    /// redirect or with a device, or one of the operator's own.
    pub fn signs_in_directly(&self) -> bool {
        self.is_public() && (!self.signs_in_on_pages() || self.sign_in.by_redirect.first_party)
    }

    /// Returns whether people sign in with it on the pages of this server: by redirect, or for a
    /// device.
    pub(crate) fn signs_in_on_pages(&self) -> bool {
        self.may(GrantType::AuthorizationCode) || self.may(GrantType::DeviceCode)
    }

    /// Returns whether it may use this grant. A registered client may redeem codes if it has a
    /// redirect URI. An unregistered one always may, because codes are issued only while its
    /// document is known.
    pub fn may(&self, grant: GrantType) -> bool {
        match grant {
            GrantType::AuthorizationCode if self.known_by == KnownBy::Registration => {
                !self.sign_in.by_redirect.redirect_uris.is_empty()
            }
            grant => self.permissions.grants.contains(&grant),
        }
    }

    /// Returns whether this audience belongs to it.
    pub fn owns(&self, audience: &str) -> bool {
        let mut owned = self.permissions.owns.iter();
        owned.any(|own| own.as_str() == audience)
    }

    /// Returns the lifetime of its access tokens, given the server's lifetime.
    pub fn access_token_ttl(&self, server_ttl: Duration) -> Duration {
        self.token_ttl.map_or(server_ttl, |ttl| ttl.min(server_ttl))
    }

    /// Returns the `iat` of a token that is issued at `now`, and the beginning of a session.
    pub fn issues_at(&self, now: Timestamp) -> Timestamp {
        now.max(self.issue_from)
    }

    /// Returns whether a request may still get a token although it was admitted when the client was
    /// `before`. `secret` is the one that the request showed, if it showed one.
    pub fn still_admits(&self, before: &Self, secret: Option<SecretDigest>) -> bool {
        let proof_holds = match (&self.authentication, secret) {
            (Authentication::Secret(secrets), Some(shown)) => secrets.contain(shown),
            (now, _) => *now == before.authentication,
        };
        self.status == ClientStatus::Active
            && self.created_at == before.created_at
            && proof_holds
            && !before.may_less_in(self)
    }

    /// Returns the client after a change, with the next version.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.version = self.version.saturating_add(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_request_gets_no_token_once_its_client_was_disabled_recreated_or_given_another_secret() {
        let mut rng = StdRng::seed_from_u64(1);
        let [first, second, third] = std::array::from_fn(|_| ClientSecret::random(&mut rng));
        let with = |secrets: ClientSecrets| {
            let client = Client::built_in(&[]);
            client.changed(|client| client.authentication = Authentication::Secret(secrets))
        };
        let before = with(ClientSecrets::new(&first));
        let shown = Some(first.digest());
        let begun = ClientSecrets::new(&first).rotated(&second);
        assert!(with(begun.clone()).still_admits(&before, shown));
        assert!(!with(begun.rotated(&third)).still_admits(&before, shown));
        assert!(!with(begun.finished()).still_admits(&before, shown));
        assert!(with(begun.finished()).still_admits(&before, Some(second.digest())));
        let disabled = before
            .clone()
            .changed(|client| client.status = ClientStatus::Disabled);
        assert!(!disabled.still_admits(&before, shown));
        let created_at = Timestamp::from_seconds(1);
        let recreated = before
            .clone()
            .changed(|client| client.created_at = created_at);
        assert!(!recreated.still_admits(&before, shown));
        let public = before
            .clone()
            .changed(|client| client.authentication = Authentication::Nothing);
        assert!(!public.still_admits(&before, shown));
        assert!(public.still_admits(&public, None));
    }

    #[test]
    fn a_token_is_issued_now_or_from_the_time_on_that_the_client_names() {
        let client = Client::built_in(&[]);
        let client = client.changed(|client| client.issue_from = Timestamp::from_seconds(5));
        assert_eq!(
            client.issues_at(Timestamp::from_seconds(3)),
            Timestamp::from_seconds(5)
        );
        assert_eq!(
            client.issues_at(Timestamp::from_seconds(7)),
            Timestamp::from_seconds(7)
        );
    }
}
