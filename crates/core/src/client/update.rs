//! Changing a registered client: the rules of a registration hold for the result.

use std::time::Duration;

use super::{
    Authentication, CallbackUri, Client, GrantType, LogoUri, Permissions, RedirectRules,
    RedirectUri, Registration, RegistrationProblem, SignInRules,
};
use crate::account::{DisplayName, MfaPolicy};
use crate::names::{Audience, BUILT_IN_CLIENT, ClaimName, Role, Scope, identity_scopes};

/// An update of a client. A field that is `None` or [`FieldChange::Keep`] does not change. A list
/// replaces the whole earlier list.
#[derive(Clone, Debug, Default)]
pub struct ClientUpdate {
    /// The name for people.
    pub name: FieldChange<DisplayName>,
    /// All grants.
    pub grants: Option<Vec<GrantType>>,
    /// All scopes.
    pub scopes: Option<Vec<Scope>>,
    /// All audiences.
    pub audiences: Option<Vec<Audience>>,
    /// All audiences that the client owns.
    pub owns: Option<Vec<Audience>>,
    /// All custom claims of accounts.
    pub account_claims: Option<Vec<ClaimName>>,
    /// How the client authenticates.
    pub authentication: Option<Authentication>,
    /// All required roles. A person needs one of them.
    pub required_roles: Option<Vec<Role>>,
    /// The scopes of a token if the request names no scope.
    pub sign_in_scopes: FieldChange<Vec<Scope>>,
    /// Whether people need a second factor.
    pub mfa: Option<MfaPolicy>,
    /// All redirect URIs.
    pub redirect_uris: Option<Vec<RedirectUri>>,
    /// All URIs after signing out.
    pub post_logout_redirect_uris: Option<Vec<RedirectUri>>,
    /// The URL that Signet calls when a session ends.
    pub backchannel_logout_uri: FieldChange<CallbackUri>,
    /// Whether the client belongs to the operator.
    pub first_party: Option<bool>,
    /// The picture that pages show beside its name.
    pub logo_uri: FieldChange<LogoUri>,
    /// The lifetime of its access tokens.
    pub token_ttl: FieldChange<Duration>,
}

/// A change of a value that may be missing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum FieldChange<T> {
    /// The value stays.
    #[default]
    Keep,
    /// There is no value from now on.
    Remove,
    /// This is the value from now on.
    Set(T),
}

impl<T> FieldChange<T> {
    fn applied_to(self, value: Option<T>) -> Option<T> {
        match self {
            Self::Keep => value,
            Self::Remove => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl Client {
    /// Returns the client after an update, with the next version. `server_ttl` is the lifetime of
    /// the server's access tokens.
    ///
    /// # Errors
    ///
    /// [`RegistrationProblem`] names the first rule that the result breaks.
    pub fn updated(
        &self,
        update: ClientUpdate,
        server_ttl: Duration,
    ) -> Result<Self, RegistrationProblem> {
        let registration = update.applied_to(self.clone());
        let checked = registration.check(server_ttl, self.created_at)?;
        Ok(Self {
            version: self.version.saturating_add(1),
            status: self.status,
            issue_from: self.issue_from,
            ..checked
        })
    }

    /// Returns whether `next` may have less than this client or authenticates in another way. If so,
    /// the access tokens of the client must not outlive the change.
    pub fn loses_to(&self, next: &Self) -> bool {
        self.may_less_in(next) || self.authentication != next.authentication
    }

    /// Returns whether `next` may have less than this client.
    pub(super) fn may_less_in(&self, next: &Self) -> bool {
        let (before, after) = (&self.permissions, &next.permissions);
        let roles = &self.sign_in.required_roles;
        let next_roles = &next.sign_in.required_roles;
        let admits_fewer = !next_roles.is_empty() && (roles.is_empty() || lacks(roles, next_roles));
        lacks(&before.grants, &after.grants)
            || lacks(&before.scopes, &after.scopes)
            || lacks(&before.audiences, &after.audiences)
            || lacks(&before.owns, &after.owns)
            || lacks(&before.account_claims, &after.account_claims)
            || admits_fewer
    }

    /// Returns the scopes of `granted` that the client may still have.
    pub fn still_allowed(&self, granted: &[Scope]) -> Vec<Scope> {
        let own = &self.permissions.scopes;
        let allows =
            |scope: &&Scope| own.contains(scope) || identity_scopes().any(|id| id == **scope);
        granted.iter().filter(allows).cloned().collect()
    }

    /// Returns the audiences of `granted` that the client may still have. The built-in client keeps
    /// all of them, because an operator may rename the audiences of the server.
    pub fn still_addressed(&self, granted: &[Audience]) -> Vec<Audience> {
        if self.id.as_str() == BUILT_IN_CLIENT {
            return granted.to_vec();
        }
        let own = &self.permissions.audiences;
        let granted = granted.iter().filter(|audience| own.contains(audience));
        granted.cloned().collect()
    }
}

impl ClientUpdate {
    /// Names every field, so that a new field does not compile until it is handled here.
    fn applied_to(self, client: Client) -> Registration {
        let (permissions, sign_in) = (client.permissions, client.sign_in);
        let redirects = sign_in.by_redirect;
        let after_logout = redirects.post_logout_redirect_uris;
        Registration {
            id: client.id,
            name: self.name.applied_to(client.name),
            permissions: Permissions {
                grants: self.grants.unwrap_or(permissions.grants),
                scopes: self.scopes.unwrap_or(permissions.scopes),
                audiences: self.audiences.unwrap_or(permissions.audiences),
                owns: self.owns.unwrap_or(permissions.owns),
                account_claims: self.account_claims.unwrap_or(permissions.account_claims),
            },
            authentication: self.authentication.unwrap_or(client.authentication),
            sign_in: SignInRules {
                required_roles: self.required_roles.unwrap_or(sign_in.required_roles),
                scopes: self.sign_in_scopes.applied_to(sign_in.scopes),
                mfa: self.mfa.unwrap_or(sign_in.mfa),
                by_redirect: RedirectRules {
                    redirect_uris: self.redirect_uris.unwrap_or(redirects.redirect_uris),
                    post_logout_redirect_uris: self
                        .post_logout_redirect_uris
                        .unwrap_or(after_logout),
                    backchannel_logout_uri: self
                        .backchannel_logout_uri
                        .applied_to(redirects.backchannel_logout_uri),
                    first_party: self.first_party.unwrap_or(redirects.first_party),
                    logo_uri: self.logo_uri.applied_to(redirects.logo_uri),
                },
            },
            token_ttl: self.token_ttl.applied_to(client.token_ttl),
        }
    }
}

/// Returns whether a value of `before` is missing in `after`.
fn lacks<T: PartialEq>(before: &[T], after: &[T]) -> bool {
    !before.iter().all(|one| after.contains(one))
}

#[cfg(test)]
mod tests {
    use signet_verifier::Timestamp;

    use super::*;
    use crate::client::ClientStatus;

    const TTL: Duration = Duration::from_mins(10);

    fn scopes(names: &str) -> Vec<Scope> {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    fn web() -> Client {
        let registration = Registration {
            id: "web".parse().unwrap(),
            name: Some("Web".parse().unwrap()),
            permissions: Permissions {
                grants: vec![GrantType::RefreshToken],
                scopes: scopes("read write"),
                audiences: vec!["api".parse().unwrap(), "orders".parse().unwrap()],
                ..Permissions::default()
            },
            authentication: Authentication::Nothing,
            sign_in: SignInRules::default(),
            token_ttl: Some(Duration::from_mins(2)),
        };
        let client = registration.check(TTL, Timestamp::from_seconds(7)).unwrap();
        client.changed(|client| {
            client.status = ClientStatus::Disabled;
            client.issue_from = Timestamp::from_seconds(9);
        })
    }

    #[test]
    fn what_is_not_named_stays_and_the_version_grows() {
        let web = web();
        let same = web.updated(ClientUpdate::default(), TTL).unwrap();
        assert_eq!(same, web.clone().changed(|_| {}));
        let update = ClientUpdate {
            name: FieldChange::Remove,
            mfa: Some(MfaPolicy::Required),
            token_ttl: FieldChange::Remove,
            ..ClientUpdate::default()
        };
        let expected = web.clone().changed(|client| {
            client.name = None;
            client.sign_in.mfa = MfaPolicy::Required;
            client.token_ttl = None;
        });
        assert_eq!(web.updated(update, TTL).unwrap(), expected);
        assert!(!web.loses_to(&expected));
    }

    #[test]
    fn the_rules_of_a_registration_hold_for_the_result() {
        let update = ClientUpdate {
            audiences: Some(Vec::new()),
            ..ClientUpdate::default()
        };
        let refused = web().updated(update, TTL);
        assert_eq!(refused, Err(RegistrationProblem::NoAudience));
        let update = ClientUpdate {
            sign_in_scopes: FieldChange::Set(scopes("delete")),
            ..ClientUpdate::default()
        };
        let refused = web().updated(update, TTL);
        assert_eq!(refused, Err(RegistrationProblem::SignInScope));
    }

    #[test]
    fn a_client_loses_what_is_left_out_and_gains_nothing_by_loss() {
        let web = web();
        let with = |change: fn(&mut ClientUpdate)| {
            let mut update = ClientUpdate::default();
            change(&mut update);
            web.loses_to(&web.updated(update, TTL).unwrap())
        };
        assert!(with(|update| update.scopes = Some(scopes("read"))));
        assert!(with(|update| update.grants = Some(Vec::new())));
        assert!(with(
            |update| update.required_roles = Some(vec!["staff".parse().unwrap()])
        ));
        assert!(!with(
            |update| update.scopes = Some(scopes("write more read"))
        ));
    }

    #[test]
    fn a_session_keeps_only_what_its_client_may_still_have() {
        let web = web();
        let granted = scopes("openid write old");
        assert_eq!(web.still_allowed(&granted), scopes("openid write"));
        let granted = ["old", "orders"].map(|name| name.parse().unwrap());
        assert_eq!(web.still_addressed(&granted), granted[1..]);
        let own = Client::built_in(&[]);
        assert_eq!(own.still_addressed(&granted), granted);
    }
}
