//! The requirements of a service for tokens. Holds settings only; must not check tokens.

use std::time::Duration;

/// The requirements of a service for tokens: issuer, audience, scopes, roles, sign-in.
///
/// ```
/// use signet_verifier::Policy;
///
/// let policy = Policy::new("https://auth.example.com", "orders").require_scope("orders:read");
/// ```
///
/// Issuer and audience cannot be left out:
///
/// ```compile_fail,E0061
/// signet_verifier::Policy::new("https://auth.example.com");
/// ```
///
/// ```compile_fail,E0599
/// signet_verifier::Policy::default();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Policy {
    pub(crate) issuer: String,
    audiences: Audiences,
    pub(crate) leeway: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) sender_constrained: bool,
    #[cfg(feature = "status")]
    pub(crate) status: StatusRule,
    pub(crate) scopes: Vec<String>,
    pub(crate) any_of_roles: Vec<String>,
    pub(crate) max_auth_age: Option<Duration>,
    pub(crate) methods: Vec<String>,
    types: Vec<String>,
}

/// What a policy says about the `status` of a token.
#[cfg(feature = "status")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StatusRule {
    pub(crate) is_required: bool,
    pub(crate) accepts_stale: bool,
}

#[derive(Clone, Debug)]
enum Audiences {
    OneOf(Vec<String>),
    Any,
}

impl Policy {
    /// Accepts tokens from `issuer` for `audience`. `iss` is compared byte by byte, a trailing
    /// slash included; `audience` must be one of `aud`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self::of(issuer.into(), Audiences::OneOf(vec![audience.into()]))
    }

    /// Accepts tokens from `issuer` for any audience.
    ///
    /// Dangerous in a service: every other service that receives a token of a person could use it
    /// here. It is for the issuer, which answers questions about the tokens of all services, and
    /// for gateways that compare [`Claims::aud`](crate::Claims::aud) themselves.
    pub fn danger_any_audience(issuer: impl Into<String>) -> Self {
        Self::of(issuer.into(), Audiences::Any)
    }

    fn of(issuer: String, audiences: Audiences) -> Self {
        Self {
            issuer,
            audiences,
            leeway: DEFAULT_LEEWAY,
            max_lifetime: DEFAULT_MAX_LIFETIME,
            sender_constrained: false,
            #[cfg(feature = "status")]
            status: StatusRule::default(),
            scopes: Vec::new(),
            any_of_roles: Vec::new(),
            max_auth_age: None,
            methods: Vec::new(),
            types: vec![ACCESS_TOKEN_TYPE.into()],
        }
    }

    /// Accepts tokens for this audience as well, for example while a service changes its name.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        if let Audiences::OneOf(audiences) = &mut self.audiences {
            audiences.push(audience.into());
        }
        self
    }

    /// Accepts this `typ` as well as `at+jwt`, in any case and with or without `application/`.
    /// The empty string accepts tokens without a `typ`.
    ///
    /// Some issuers write `JWT` into everything, ID tokens included. If you accept that, only the
    /// audience distinguishes access tokens from other tokens.
    pub fn accept_typ(mut self, typ: impl Into<String>) -> Self {
        self.types.push(typ.into());
        self
    }

    /// Sets how far clocks may differ: 30 s unless set, [`MAX_LEEWAY`] at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(MAX_LEEWAY);
        self
    }

    /// Sets the longest time between `iat` and `exp`: 24 h unless set.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = max_lifetime;
        self
    }

    /// Accepts tokens with `cnf`, which are bound to a key of their sender. The service must check
    /// that the caller has that key; [`Claims::cnf`](crate::Claims::cnf) names the key.
    pub fn accept_sender_constrained(mut self) -> Self {
        self.sender_constrained = true;
        self
    }

    /// Requires this scope. Each further call requires one more scope.
    pub fn require_scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Requires at least one of these roles. Each further call adds roles to choose from.
    pub fn require_any_role(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.any_of_roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Requires that the person signed in at most `max_auth_age` ago (`auth_time`), give or take
    /// the leeway. A token without `auth_time` is refused.
    ///
    /// The refusal asks for a new sign-in (RFC 9470). For single routes, build a second verifier
    /// with this policy; clones of `RemoteKeys` share their keys.
    pub fn max_auth_age(mut self, max_auth_age: Duration) -> Self {
        self.max_auth_age = Some(max_auth_age);
        self
    }

    /// Requires this authentication method in `amr`, such as `mfa` (RFC 8176). Each further call
    /// requires one more method. The refusal asks for a new sign-in (RFC 9470).
    pub fn require_amr(mut self, method: impl Into<String>) -> Self {
        self.methods.push(method.into());
        self
    }

    /// Refuses tokens without a `status`, which cannot be revoked before they expire. With keys
    /// that do not [check](crate::RemoteKeysBuilder::check_status) it, every token is refused with
    /// status 503.
    #[cfg(feature = "status")]
    pub fn require_status(mut self) -> Self {
        self.status.is_required = true;
        self
    }

    /// Checks tokens against the last known status list after the list has expired.
    ///
    /// Dangerous: an attacker who blocks the connection to the issuer can use a revoked token until
    /// it expires. Without this, such tokens are refused with status 503. A list that was never
    /// fetched still leads to 503.
    #[cfg(feature = "status")]
    pub fn danger_accept_stale_status(mut self) -> Self {
        self.status.accepts_stale = true;
        self
    }

    pub(crate) fn accepts_audience(&self, aud: &[String]) -> bool {
        match &self.audiences {
            Audiences::OneOf(accepted) => aud.iter().any(|one| accepted.contains(one)),
            Audiences::Any => !aud.is_empty(),
        }
    }

    pub(crate) fn accepts_typ(&self, typ: &str) -> bool {
        self.types.iter().any(|known| is_same_type(known, typ))
    }
}

/// Compares media types of headers, in any case and with or without `application/`.
pub(crate) fn is_same_type(one: &str, other: &str) -> bool {
    without_application(one).eq_ignore_ascii_case(without_application(other))
}

/// Removes `application/`, which is optional if `typ` has no other slash (RFC 7515 section 4.1.9).
fn without_application(typ: &str) -> &str {
    match typ.split_at_checked(APPLICATION.len()) {
        Some((prefix, short)) if prefix.eq_ignore_ascii_case(APPLICATION) => short,
        _ => typ,
    }
}

/// The type of an access token (RFC 9068 section 2.1).
const ACCESS_TOKEN_TYPE: &str = "at+jwt";
const APPLICATION: &str = "application/";

/// Clocks that use NTP differ far less.
const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
/// The most that [`Policy::leeway`] can be set to. A larger leeway would turn a short-lived token
/// into a long-lived one. The issuer keeps keys and denials for as long after the last expiry.
pub const MAX_LEEWAY: Duration = Duration::from_secs(2 * 60);
/// Services that verify offline accept a revoked token until it expires, so no token should be
/// valid for longer than a day.
const DEFAULT_MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typ_is_compared_in_any_case_and_with_its_long_form() {
        let strict = Policy::new("i", "a");
        for typ in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "Application/At+Jwt",
        ] {
            assert!(strict.accepts_typ(typ), "{typ}");
        }
        for typ in [
            "",
            "JWT",
            "at+jwt ",
            "application/",
            "application/application/at+jwt",
        ] {
            assert!(!strict.accepts_typ(typ), "{typ}");
        }
        assert!(
            Policy::new("i", "a")
                .accept_typ("JWT")
                .accepts_typ("application/jwt")
        );
        assert!(Policy::new("i", "a").accept_typ("").accepts_typ(""));
    }

    #[test]
    fn leeway_is_never_more_than_two_minutes() {
        let policy = Policy::new("i", "a").leeway(Duration::from_secs(60 * 60));
        assert_eq!(policy.leeway, Duration::from_secs(2 * 60));
    }
}
