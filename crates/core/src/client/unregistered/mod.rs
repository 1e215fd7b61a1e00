//! Unregistered clients: their id is the URL of a document that describes them
//! (draft-ietf-oauth-client-id-metadata-document).
//!
//! The document says where browsers may be sent. What such a client may request is a setting of the
//! server. This module must not know how documents are fetched or kept.

mod address;
mod document;
mod lifetime;
mod metadata_url;

pub use address::is_public;
pub use document::{DocumentProblem, MAX_DOCUMENT_BYTES, MetadataDocument};
pub use lifetime::document_lifetime;
pub use metadata_url::MetadataUrl;

use signet_verifier::Timestamp;

use super::registration::check_unregistered;
use super::{
    Authentication, Client, ClientStatus, GrantType, KnownBy, Permissions, RedirectRules,
    RegistrationProblem, SignInRules,
};
use crate::account::DisplayName;
use crate::names::{Audience, ClientId, Scope};

/// What unregistered clients may request, and which of them are admitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnregisteredClients {
    permissions: Permissions,
    hosts: Vec<String>,
}

/// The reasons why unregistered clients cannot have these permissions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnregisteredProblem {
    /// Anybody could administer.
    #[error("unregistered clients may not have scopes of the administration API")]
    Administers,
    /// A third party's client may not have this either if it is registered.
    #[error("{0}")]
    Registration(#[from] RegistrationProblem),
}

impl UnregisteredClients {
    /// Admits clients of these hosts, or of every host if there are none.
    ///
    /// # Errors
    ///
    /// [`UnregisteredProblem`] names the first rule that is broken.
    pub fn new(
        scopes: Vec<Scope>,
        audiences: Vec<Audience>,
        hosts: Vec<String>,
    ) -> Result<Self, UnregisteredProblem> {
        if scopes.iter().any(Scope::administers) {
            return Err(UnregisteredProblem::Administers);
        }
        let permissions = Permissions {
            grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scopes,
            audiences,
            ..Permissions::default()
        };
        check_unregistered(&permissions)?;
        Ok(Self { permissions, hosts })
    }

    /// Returns the URL of the document, if the id has one and its host is admitted.
    pub fn url(&self, id: &ClientId) -> Option<MetadataUrl> {
        let url = MetadataUrl::of(id)?;
        let is_admitted = self.hosts.is_empty() || self.hosts.iter().any(|host| host == url.host());
        is_admitted.then_some(url)
    }

    /// Returns the client with this URL. Without its document, browsers are sent to no address of
    /// it, but it can use what it got before. `stored` is what the store remembers of it, if people
    /// have used it before.
    pub fn client(
        &self,
        url: &MetadataUrl,
        document: Option<&MetadataDocument>,
        stored: Option<Client>,
    ) -> Client {
        let client = self.new_client(url, document);
        let Some(stored) = stored else { return client };
        Client {
            version: stored.version,
            status: stored.status,
            created_at: stored.created_at,
            issue_from: stored.issue_from,
            ..client
        }
    }

    fn new_client(&self, url: &MetadataUrl, document: Option<&MetadataDocument>) -> Client {
        let redirect_uris = document.map(|document| document.redirect_uris.clone());
        Client {
            id: url.client_id().clone(),
            version: 1,
            name: shown_name(url, document.and_then(|document| document.name.as_ref())),
            permissions: self.permissions.clone(),
            authentication: Authentication::Nothing,
            sign_in: SignInRules {
                by_redirect: RedirectRules {
                    redirect_uris: redirect_uris.unwrap_or_default(),
                    ..RedirectRules::default()
                },
                ..SignInRules::default()
            },
            token_ttl: None,
            status: ClientStatus::Active,
            created_at: Timestamp::default(),
            issue_from: Timestamp::default(),
            known_by: KnownBy::MetadataDocument,
        }
    }
}

impl Client {
    /// Returns what the store remembers of an unregistered client from `now` on: operators see it
    /// and can disable it. What it may do is not stored, because settings and its document say it.
    #[must_use]
    pub fn to_remember(&self, now: Timestamp) -> Self {
        Self {
            permissions: Permissions::default(),
            sign_in: SignInRules::default(),
            created_at: now,
            issue_from: now,
            ..self.clone()
        }
    }
}

/// The host comes first, because the document can claim any name.
fn shown_name(url: &MetadataUrl, name: Option<&DisplayName>) -> Option<DisplayName> {
    let with_name = name.map(|name| format!("{} ({})", url.host(), name.as_str()));
    let with_name = with_name.and_then(|text| text.parse().ok());
    with_name.or_else(|| url.host().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(
        scopes: &[&str],
        audiences: &[&str],
    ) -> Result<UnregisteredClients, UnregisteredProblem> {
        let scopes = scopes.iter().map(|name| name.parse().unwrap()).collect();
        let audiences = audiences.iter().map(|name| name.parse().unwrap()).collect();
        UnregisteredClients::new(scopes, audiences, Vec::new())
    }

    #[test]
    fn unregistered_clients_may_neither_administer_nor_change_accounts() {
        assert!(rules(&["read"], &["mcp"]).is_ok());
        let found = rules(&["signet:admin:read"], &["mcp"]).unwrap_err();
        assert_eq!(found, UnregisteredProblem::Administers);
        let found = rules(&["account"], &["mcp"]).unwrap_err();
        assert_eq!(found, RegistrationProblem::ThirdPartyAccount.into());
        let found = rules(&[], &[]).unwrap_err();
        assert_eq!(found, RegistrationProblem::NoAudience.into());
    }

    #[test]
    fn only_listed_hosts_are_admitted_if_hosts_are_listed() {
        let rules = UnregisteredClients {
            permissions: Permissions::default(),
            hosts: vec!["a.example".to_owned()],
        };
        let admits = |id: &str| rules.url(&id.parse().unwrap()).is_some();
        assert!(admits("https://a.example/client"));
        assert!(!admits("https://b.example/client"));
        assert!(!admits("https://sub.a.example/client"));
    }

    #[test]
    fn the_host_is_shown_before_the_name_that_a_document_claims() {
        let id = "https://evil.example/client".parse().unwrap();
        let url = MetadataUrl::of(&id).unwrap();
        let shown = |name: &str| {
            let name: DisplayName = name.parse().unwrap();
            shown_name(&url, Some(&name)).unwrap().as_str().to_owned()
        };
        assert_eq!(shown("Your Bank"), "evil.example (Your Bank)");
        assert_eq!(shown(&"a".repeat(100)), "evil.example");
        assert_eq!(shown_name(&url, None).unwrap().as_str(), "evil.example");
    }
}
