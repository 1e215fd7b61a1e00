//! What a service demands of a token. Holds settings only; the checks are elsewhere.

use std::time::Duration;

/// What a service demands of a token: who issued it, for whom, and what it must permit.
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
    pub(crate) audiences: Vec<String>,
    pub(crate) leeway: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) sender_constrained: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) any_of_roles: Vec<String>,
    types: Vec<String>,
}

impl Policy {
    /// Tokens from `issuer` (`iss`, compared byte by byte: mind the trailing slash) for
    /// `audience` (one of `aud`).
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            leeway: DEFAULT_LEEWAY,
            max_lifetime: DEFAULT_MAX_LIFETIME,
            sender_constrained: false,
            scopes: Vec::new(),
            any_of_roles: Vec::new(),
            types: vec![ACCESS_TOKEN_TYPE.into()],
        }
    }

    /// Accepts tokens for this audience as well, as while a service changes its name.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts this `typ` as well as `at+jwt`, in any case and with or without `application/`.
    /// The empty string accepts tokens without a `typ`.
    ///
    /// Some issuers write `JWT` into everything, ID tokens included. Whoever accepts that tells
    /// access tokens from others by the audience alone.
    pub fn accept_typ(mut self, typ: impl Into<String>) -> Self {
        self.types.push(typ.into());
        self
    }

    /// How far clocks may be apart: 30 s unless set, 120 s at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(MAX_LEEWAY);
        self
    }

    /// The longest time between `iat` and `exp`: 24 h unless set.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = max_lifetime;
        self
    }

    /// Accepts tokens with `cnf`, which are bound to a key of their sender. The service has to
    /// check by itself that the caller has that key; [`Claims::cnf`](crate::Claims::cnf) says
    /// which it is.
    pub fn accept_sender_constrained(mut self) -> Self {
        self.sender_constrained = true;
        self
    }

    /// Demands this scope; called again, that one too.
    pub fn require_scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Demands one of these roles; called again, more roles will do.
    pub fn require_any_role(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.any_of_roles.extend(roles.into_iter().map(Into::into));
        self
    }

    pub(crate) fn accepts_typ(&self, typ: &str) -> bool {
        let short = without_application(typ);
        let mut known = self.types.iter().map(|known| without_application(known));
        known.any(|known| known.eq_ignore_ascii_case(short))
    }
}

/// RFC 7515 section 4.1.9: `application/` may be left out where no other slash appears.
fn without_application(typ: &str) -> &str {
    match typ.split_at_checked(APPLICATION.len()) {
        Some((prefix, short)) if prefix.eq_ignore_ascii_case(APPLICATION) => short,
        _ => typ,
    }
}

/// RFC 9068 section 2.1.
const ACCESS_TOKEN_TYPE: &str = "at+jwt";
const APPLICATION: &str = "application/";

/// Clocks that NTP keeps are closer than this by far.
const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
/// The most that [`Policy::leeway`] can be set to. A larger leeway would turn a short-lived token
/// into a long-lived one. The issuer keeps keys and denials for as long after the last expiry.
pub const MAX_LEEWAY: Duration = Duration::from_mins(2);
/// No access token should outlive a day: only its end ends it for services that verify offline.
const DEFAULT_MAX_LIFETIME: Duration = Duration::from_hours(24);

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
        let policy = Policy::new("i", "a").leeway(Duration::from_hours(1));
        assert_eq!(policy.leeway, Duration::from_mins(2));
    }
}
