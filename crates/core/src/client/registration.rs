//! The rules for registering a client.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::{
    Authentication, Client, ClientStatus, GrantType, KnownBy, Permissions, RedirectRules,
    RegistrationProblem, SignInRules,
};
use crate::account::{DisplayName, MfaPolicy};
use crate::names::{Audience, ClientId, Scope};

/// The data of a client that is being registered.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The permanent id in requests and tokens.
    pub id: ClientId,
    /// The name for people.
    pub name: Option<DisplayName>,
    /// What it may request.
    pub permissions: Permissions,
    /// How it authenticates.
    pub authentication: Authentication,
    /// Its rules for the people who sign in with it.
    pub sign_in: SignInRules,
    /// The lifetime of its access tokens. `None` means the server's.
    pub token_ttl: Option<Duration>,
}

impl Registration {
    /// Returns the registered client. `server_ttl` is the lifetime of the server's access tokens.
    ///
    /// # Errors
    ///
    /// [`RegistrationProblem`] names the first rule that is broken.
    pub fn check(
        self,
        server_ttl: Duration,
        now: Timestamp,
    ) -> Result<Client, RegistrationProblem> {
        if self.id.is_built_in() {
            return Err(RegistrationProblem::ReservedId);
        }
        check_grants(&self.permissions, &self.authentication)?;
        check_size(&self.permissions)?;
        check_sign_in(&self)?;
        check_redirects(&self)?;
        let longest = server_ttl.max(MIN_TOKEN_TTL);
        if let Some(ttl) = self.token_ttl
            && !(MIN_TOKEN_TTL..=longest).contains(&ttl)
        {
            return Err(RegistrationProblem::TokenTtl {
                longest_seconds: longest.as_secs(),
            });
        }
        Ok(Client {
            id: self.id,
            version: 1,
            name: self.name,
            permissions: self.permissions,
            authentication: self.authentication,
            sign_in: self.sign_in,
            token_ttl: self.token_ttl,
            status: ClientStatus::Active,
            created_at: now,
            issue_from: now,
            known_by: KnownBy::Registration,
        })
    }
}

fn check_grants(
    permissions: &Permissions,
    authentication: &Authentication,
) -> Result<(), RegistrationProblem> {
    let is_public = *authentication == Authentication::Nothing;
    let for_people = |grant: &GrantType| {
        matches!(
            grant,
            GrantType::RefreshToken | GrantType::AuthorizationCode | GrantType::DeviceCode
        )
    };
    if is_public && !permissions.grants.iter().all(for_people) {
        return Err(RegistrationProblem::PublicGrant);
    }
    let gets_tokens = is_public || !permissions.grants.is_empty();
    if gets_tokens && permissions.audiences.is_empty() {
        return Err(RegistrationProblem::NoAudience);
    }
    Ok(())
}

/// People sign in with public clients, and by redirect.
fn check_sign_in(client: &Registration) -> Result<(), RegistrationProblem> {
    let rules = &client.sign_in;
    if rules.required_roles.len() > MAX_REQUIRED_ROLES {
        return Err(RegistrationProblem::TooMuch);
    }
    let is_public = client.authentication == Authentication::Nothing;
    let on_pages = is_on_pages(client);
    let has_rules = !rules.required_roles.is_empty()
        || rules.scopes.is_some()
        || rules.mfa == MfaPolicy::Required;
    if !is_public && !on_pages && has_rules {
        return Err(RegistrationProblem::NoSignIn);
    }
    if on_pages && rules.scopes.is_some() {
        return Err(RegistrationProblem::SignInScopesByRedirect);
    }
    let allowed = &client.permissions.scopes;
    let mut first = rules.scopes.iter().flatten();
    if first.all(|scope| allowed.contains(scope)) {
        Ok(())
    } else {
        Err(RegistrationProblem::SignInScope)
    }
}

fn check_redirects(client: &Registration) -> Result<(), RegistrationProblem> {
    let rules = &client.sign_in.by_redirect;
    let listed = [&rules.redirect_uris, &rules.post_logout_redirect_uris];
    if listed.iter().any(|uris| uris.len() > MAX_REDIRECT_URIS) {
        return Err(RegistrationProblem::TooManyUris);
    }
    let may_redeem = client
        .permissions
        .grants
        .contains(&GrantType::AuthorizationCode);
    if may_redeem && rules.redirect_uris.is_empty() {
        return Err(RegistrationProblem::CodeWithoutRedirectUri);
    }
    let for_devices = RedirectRules {
        first_party: rules.first_party && is_on_pages(client),
        logo_uri: rules.logo_uri.clone().filter(|_| is_on_pages(client)),
        ..RedirectRules::default()
    };
    if rules.redirect_uris.is_empty() && *rules != for_devices {
        return Err(RegistrationProblem::NoRedirectUri);
    }
    if is_on_pages(client) && !rules.first_party {
        check_third_party(&client.permissions)?;
    }
    Ok(())
}

fn check_third_party(permissions: &Permissions) -> Result<(), RegistrationProblem> {
    if permissions.scopes.contains(&Scope::account()) {
        return Err(RegistrationProblem::ThirdPartyAccount);
    }
    Ok(())
}

/// Checks the permissions of clients that are not registered: those of a public client of a third
/// party.
pub(super) fn check_unregistered(permissions: &Permissions) -> Result<(), RegistrationProblem> {
    check_grants(permissions, &Authentication::Nothing)?;
    check_size(permissions)?;
    check_third_party(permissions)
}

/// Whether people sign in with it on our pages: by redirect, or for a device.
fn is_on_pages(client: &Registration) -> bool {
    !client.sign_in.by_redirect.redirect_uris.is_empty()
        || client.permissions.grants.contains(&GrantType::DeviceCode)
}

fn check_size(permissions: &Permissions) -> Result<(), RegistrationProblem> {
    let scopes = permissions.scopes.iter().map(Scope::as_str);
    let audiences = permissions.audiences.iter().map(Audience::as_str);
    let bytes: usize = scopes.chain(audiences).map(|name| name.len() + 1).sum();
    let is_too_long = bytes > MAX_LISTED_BYTES
        || permissions.owns.len() > MAX_OWNED
        || permissions.account_claims.len() > MAX_ACCOUNT_CLAIMS;
    if is_too_long {
        return Err(RegistrationProblem::TooMuch);
    }
    Ok(())
}

/// The shortest lifetime that the server can have.
const MIN_TOKEN_TTL: Duration = Duration::from_mins(1);
/// Gateways refuse headers of 8 KiB and more. A token with all of this, and with 1 KiB of custom
/// claims, stays below 6 KiB.
const MAX_LISTED_BYTES: usize = 2_048;
/// One service seldom has more than a name and an address.
const MAX_OWNED: usize = 32;
/// An account has 1 KiB of claims.
const MAX_ACCOUNT_CLAIMS: usize = 32;
/// More roles than that are a role of their own.
const MAX_REQUIRED_ROLES: usize = 32;
/// A client has few hosts. Each request is compared with all of its URIs.
pub(super) const MAX_REDIRECT_URIS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientSecret, ClientSecrets};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn with_secret() -> Authentication {
        let secret = ClientSecret::random(&mut StdRng::seed_from_u64(1));
        Authentication::Secret(ClientSecrets::new(&secret))
    }

    fn billing() -> Registration {
        Registration {
            id: "billing".parse().unwrap(),
            name: None,
            permissions: Permissions {
                grants: vec![GrantType::ClientCredentials],
                audiences: vec!["orders".parse().unwrap()],
                ..Permissions::default()
            },
            authentication: with_secret(),
            sign_in: SignInRules::default(),
            token_ttl: None,
        }
    }

    fn problem(change: impl FnOnce(&mut Registration)) -> Option<RegistrationProblem> {
        let mut registration = billing();
        change(&mut registration);
        let server_ttl = Duration::from_mins(10);
        registration.check(server_ttl, Timestamp::default()).err()
    }

    #[test]
    fn a_usual_client_is_registered() {
        assert_eq!(problem(|_| {}), None);
    }

    #[test]
    fn the_servers_own_ids_cannot_be_taken() {
        for id in [
            "signet",
            "signet:browser",
            "signet:operator",
            "signet:command-line",
            "signet:command-line:ada",
        ] {
            let found = problem(|client| client.id = id.parse().unwrap());
            assert_eq!(found, Some(RegistrationProblem::ReservedId), "{id}");
        }
        let text = RegistrationProblem::ReservedId.to_string();
        assert_eq!(
            text,
            "the client ids signet, signet:browser, signet:operator and signet:command-line, and ids \
             that begin with the latter and a colon, are the server's own"
        );
    }

    #[test]
    fn a_public_client_only_refreshes() {
        let public = |client: &mut Registration| client.authentication = Authentication::Nothing;
        assert_eq!(problem(public), Some(RegistrationProblem::PublicGrant));
        let refreshing = |client: &mut Registration| {
            public(client);
            client.permissions.grants = vec![GrantType::RefreshToken];
        };
        assert_eq!(problem(refreshing), None);
    }

    #[test]
    fn only_public_clients_have_rules_for_people_and_first_scopes_are_allowed_ones() {
        let rules = SignInRules {
            required_roles: vec!["staff".parse().unwrap()],
            scopes: Some(vec!["read".parse().unwrap()]),
            ..SignInRules::default()
        };
        let with_rules = |client: &mut Registration| client.sign_in = rules.clone();
        assert_eq!(problem(with_rules), Some(RegistrationProblem::NoSignIn));
        let public = |client: &mut Registration| {
            with_rules(client);
            client.authentication = Authentication::Nothing;
            client.permissions.grants.clear();
        };
        assert_eq!(problem(public), Some(RegistrationProblem::SignInScope));
        let allowed = |client: &mut Registration| {
            public(client);
            client.permissions.scopes = vec!["read".parse().unwrap()];
        };
        assert_eq!(problem(allowed), None);
    }

    #[test]
    fn rules_for_redirects_need_a_redirect_uri_and_only_own_clients_open_accounts() {
        let rules = |change: fn(&mut RedirectRules)| {
            move |client: &mut Registration| change(&mut client.sign_in.by_redirect)
        };
        let uri = "https://app.example.com/cb";
        let found = problem(rules(|rules| rules.first_party = true));
        assert_eq!(found, Some(RegistrationProblem::NoRedirectUri));
        let with_uri = |client: &mut Registration| {
            client.sign_in.by_redirect.redirect_uris = vec![uri.parse().unwrap()];
            client.sign_in.required_roles = vec!["staff".parse().unwrap()];
        };
        assert_eq!(problem(with_uri), None);
        let opens_accounts = |client: &mut Registration| {
            with_uri(client);
            client.permissions.scopes = vec![Scope::account()];
        };
        let found = problem(opens_accounts);
        assert_eq!(found, Some(RegistrationProblem::ThirdPartyAccount));
        let own = |client: &mut Registration| {
            opens_accounts(client);
            client.sign_in.by_redirect.first_party = true;
        };
        assert_eq!(problem(own), None);
        let first_scopes = |client: &mut Registration| {
            own(client);
            client.sign_in.scopes = Some(Vec::new());
        };
        let found = problem(first_scopes);
        assert_eq!(found, Some(RegistrationProblem::SignInScopesByRedirect));
        let many = |client: &mut Registration| {
            let number = |number| format!("{uri}/{number}").parse().unwrap();
            client.sign_in.by_redirect.redirect_uris = (0..21).map(number).collect();
        };
        assert_eq!(problem(many), Some(RegistrationProblem::TooManyUris));
    }

    #[test]
    fn codes_need_an_address_that_they_are_sent_to() {
        let redeems = |client: &mut Registration| {
            client.permissions.grants = vec![GrantType::AuthorizationCode];
        };
        let found = problem(redeems);
        assert_eq!(found, Some(RegistrationProblem::CodeWithoutRedirectUri));
        let with_uri = |client: &mut Registration| {
            redeems(client);
            let uri = "https://app.example.com/cb".parse().unwrap();
            client.sign_in.by_redirect.redirect_uris = vec![uri];
        };
        assert_eq!(problem(with_uri), None);
    }

    #[test]
    fn a_client_of_devices_is_public_and_opens_accounts_only_if_it_is_the_operators() {
        let device = |client: &mut Registration| {
            client.authentication = Authentication::Nothing;
            client.permissions.grants = vec![GrantType::DeviceCode, GrantType::RefreshToken];
            client.sign_in.required_roles = vec!["staff".parse().unwrap()];
        };
        assert_eq!(problem(device), None);
        let with_account = |client: &mut Registration| {
            device(client);
            client.permissions.scopes = vec![Scope::account()];
        };
        let found = problem(with_account);
        assert_eq!(found, Some(RegistrationProblem::ThirdPartyAccount));
        let own = |client: &mut Registration| {
            with_account(client);
            client.sign_in.by_redirect.first_party = true;
        };
        assert_eq!(problem(own), None);
        let called = |client: &mut Registration| {
            own(client);
            let uri = "https://app.example.com/out".parse().unwrap();
            client.sign_in.by_redirect.backchannel_logout_uri = Some(uri);
        };
        assert_eq!(problem(called), Some(RegistrationProblem::NoRedirectUri));
    }

    #[test]
    fn who_gets_tokens_has_an_audience() {
        let found = problem(|client| client.permissions.audiences.clear());
        assert_eq!(found, Some(RegistrationProblem::NoAudience));
        let introspects = |client: &mut Registration| {
            client.permissions.audiences.clear();
            client.permissions.grants.clear();
        };
        assert_eq!(problem(introspects), None);
    }

    #[test]
    fn tokens_stay_small() {
        let found = problem(|client| {
            let scope = |number| format!("{number:0100}").parse().unwrap();
            client.permissions.scopes = (0..21).map(scope).collect();
        });
        assert_eq!(found, Some(RegistrationProblem::TooMuch));
    }

    #[test]
    fn the_token_lifetime_stays_within_the_servers() {
        for (seconds, fits) in [(59, false), (60, true), (600, true), (601, false)] {
            let found = problem(|client| client.token_ttl = Some(Duration::from_secs(seconds)));
            assert_eq!(found.is_none(), fits, "{seconds}");
        }
        let found = problem(|client| client.token_ttl = Some(Duration::from_mins(11)));
        assert_eq!(
            found.unwrap().to_string(),
            "the token lifetime must be 60 to 600 seconds; the maximum is access_token_ttl of the \
             server"
        );
    }
}
