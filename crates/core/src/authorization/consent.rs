//! What a person has allowed a client, for a while.
//!
//! Each answer on the page of consent is one grant: these scopes for these services, until then. A
//! client goes on without a page only if, for each scope and service of its request, one grant has
//! both. Two answers together never allow what neither of them does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::AuthorizationRequest;
use crate::names::{Audience, OFFLINE_ACCESS, Scope};

/// What a person has allowed a client: at least one grant, and at most [`MAX_CONSENT_GRANTS`].
///
/// Earlier versions wrote, and still read, the newest grant alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Consent {
    #[serde(flatten)]
    newest: ConsentGrant,
    /// The grants before it, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<ConsentGrant>,
}

/// What a person has allowed a client with one answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConsentGrant {
    /// The scopes.
    pub scope: Vec<Scope>,
    /// The audiences, each with every scope.
    pub audience: Vec<Audience>,
    /// When the person allowed it.
    pub given_at: Timestamp,
    /// When the person is asked again.
    pub until: Timestamp,
}

impl Consent {
    /// A grant, together with those before it. Expired grants and grants that the new one contains
    /// are dropped. Beyond the bound the oldest are dropped, so that the person is asked again.
    ///
    /// Every store adds grants with this function, while nothing else can change the consent.
    pub fn new(newest: ConsentGrant, earlier: Option<Self>) -> Self {
        let now = newest.given_at;
        let grants = earlier.into_iter().flat_map(Self::into_grants);
        let kept = grants.filter(|grant| grant.until > now && !newest.contains(grant));
        Self {
            earlier: kept.take(MAX_CONSENT_GRANTS - 1).collect(),
            newest,
        }
    }

    /// Returns the grants that have not expired at `now`; `None` if all have.
    pub fn unexpired(self, now: Timestamp) -> Option<Self> {
        let mut grants = self.into_grants().filter(|grant| grant.until > now);
        Some(Self {
            newest: grants.next()?,
            earlier: grants.collect(),
        })
    }

    /// The grants, the newest first.
    pub fn grants(&self) -> impl Iterator<Item = &ConsentGrant> {
        std::iter::once(&self.newest).chain(&self.earlier)
    }

    /// The scopes of all grants.
    pub fn scopes(&self) -> Vec<Scope> {
        union(self.grants().flat_map(|grant| &grant.scope))
    }

    /// The audiences of all grants.
    pub fn audiences(&self) -> Vec<Audience> {
        union(self.grants().flat_map(|grant| &grant.audience))
    }

    /// When the person allowed the newest grant.
    pub fn given_at(&self) -> Timestamp {
        self.newest.given_at
    }

    /// When the last grant expires.
    pub fn until(&self) -> Timestamp {
        let earlier = self.earlier.iter().map(|grant| grant.until);
        earlier.fold(self.newest.until, Timestamp::max)
    }

    /// Whether these scopes for these audiences need no other consent: each scope is allowed for
    /// each audience by one grant. If `offline_access` is among the scopes, that grant has it too,
    /// because it prolongs the others.
    pub fn covers(&self, scope: &[Scope], audience: &[Audience], now: Timestamp) -> bool {
        let offline = scope.iter().find(|scope| scope.as_str() == OFFLINE_ACCESS);
        let allows = |wanted: Option<&Scope>, audience: &Audience| {
            let mut grants = self.grants().filter(|grant| grant.until > now);
            grants.any(|grant| {
                let mut wanted = wanted.into_iter().chain(offline);
                grant.audience.contains(audience) && wanted.all(|scope| grant.scope.contains(scope))
            })
        };
        audience.iter().all(|audience| {
            let mut scopes = scope.iter();
            allows(None, audience) && scopes.all(|scope| allows(Some(scope), audience))
        })
    }

    fn into_grants(self) -> impl Iterator<Item = ConsentGrant> {
        std::iter::once(self.newest).chain(self.earlier)
    }
}

impl ConsentGrant {
    /// What a person allows with a request at `now`.
    pub fn of(request: &AuthorizationRequest, now: Timestamp) -> Self {
        Self {
            scope: request.scope.clone(),
            audience: request.audience.clone(),
            given_at: now,
            until: now.saturating_add(CONSENT_TTL),
        }
    }

    /// Whether it allows all that another one does.
    fn contains(&self, other: &Self) -> bool {
        let mut audiences = other.audience.iter();
        other.scope.iter().all(|scope| self.scope.contains(scope))
            && audiences.all(|audience| self.audience.contains(audience))
    }
}

fn union<'a, T: Clone + PartialEq + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut union: Vec<T> = Vec::new();
    for item in items {
        if !union.contains(item) {
            union.push(item.clone());
        }
    }
    union
}

/// After half a year people are asked again.
const CONSENT_TTL: Duration = Duration::from_hours(24 * 180);
/// The most grants of one consent. It bounds the record that a client can make a store keep; clients
/// ask for a few combinations.
pub const MAX_CONSENT_GRANTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(names: &str) -> Vec<T> {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    fn grant(scope: &str, audience: &str, now: Timestamp) -> ConsentGrant {
        ConsentGrant {
            scope: named(scope),
            audience: named(audience),
            given_at: now,
            until: now.saturating_add(CONSENT_TTL),
        }
    }

    fn consent(grants: &[(&str, &str)]) -> Consent {
        let mut consent = None;
        for (scope, audience) in grants {
            consent = Some(Consent::new(grant(scope, audience, NOW), consent));
        }
        consent.unwrap()
    }

    fn covers(consent: &Consent, scope: &str, audience: &str) -> bool {
        consent.covers(&named(scope), &named(audience), NOW)
    }

    #[test]
    fn two_grants_together_allow_no_pair_that_neither_allows() {
        let given = consent(&[("read", "mail"), ("write", "files")]);
        for (scope, audience, covered) in [
            ("read", "mail", true),
            ("write", "files", true),
            ("", "files", true),
            ("write", "mail", false),
            ("read", "files", false),
            ("read write", "mail", false),
            ("read", "mail files", false),
            ("", "other", false),
        ] {
            let found = covers(&given, scope, audience);
            assert_eq!(found, covered, "{scope} for {audience}");
        }
        // Several grants can cover a request, as long as each pair is in one of them.
        let given = consent(&[("read", "mail files"), ("write", "mail")]);
        assert!(covers(&given, "read write", "mail"));
        assert!(!covers(&given, "read write", "mail files"));
    }

    #[test]
    fn access_while_the_person_is_away_is_allowed_with_what_it_prolongs() {
        let given = consent(&[("openid offline_access read", "mail"), ("write", "mail")]);
        assert!(covers(&given, "openid read offline_access", "mail"));
        assert!(covers(&given, "openid write", "mail"));
        assert!(!covers(&given, "write offline_access", "mail"));
    }

    #[test]
    fn a_grant_replaces_those_that_it_contains_and_prolongs_no_other() {
        let first = consent(&[("read", "mail"), ("write", "files")]);
        let later = NOW.saturating_add(Duration::from_mins(1));
        let newest = grant("read email", "mail", later);
        let both = Consent::new(newest.clone(), Some(first.clone()));
        let expected = [newest, grant("write", "files", NOW)];
        assert!(both.grants().eq(&expected));
        assert_eq!(both.scopes(), named::<Scope>("read email write"));
        assert_eq!(both.audiences(), named::<Audience>("mail files"));
        assert_eq!(both.given_at(), later);
        assert_eq!(both.until(), later.saturating_add(CONSENT_TTL));

        let end = first.until();
        assert!(!both.covers(&named("write"), &named("files"), end));
        assert!(both.covers(&named("read"), &named("mail"), end));
        let left = both.clone().unexpired(end).unwrap();
        assert!(left.grants().eq(&expected[..1]));
        assert_eq!(both.clone().unexpired(both.until()), None);
        let again = Consent::new(grant("read", "mail", end), Some(both));
        assert_eq!(again.grants().count(), 2);
    }

    #[test]
    fn beyond_the_bound_the_oldest_grants_are_forgotten() {
        let names: Vec<_> = (0..40).map(|number| format!("s{number}")).collect();
        let grants: Vec<_> = names.iter().map(|name| (name.as_str(), "mail")).collect();
        let given = consent(&grants);
        assert_eq!(given.grants().count(), MAX_CONSENT_GRANTS);
        assert!(covers(&given, "s39", "mail") && covers(&given, "s8", "mail"));
        assert!(!covers(&given, "s7", "mail"));
    }

    #[test]
    fn a_record_of_an_earlier_version_is_one_grant_and_the_newest_grant_is_one_for_it() {
        let old =
            r#"{"scope":["read","write"],"audience":["mail"],"given_at":1000000,"until":2000000}"#;
        let read: Consent = serde_json::from_str(old).unwrap();
        assert_eq!(read.grants().count(), 1);
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let two = Consent::new(grant("read", "files", NOW), Some(read));
        let written = serde_json::to_string(&two).unwrap();
        assert_eq!(serde_json::from_str::<Consent>(&written).unwrap(), two);
        let as_before: ConsentGrant = serde_json::from_str(&written).unwrap();
        assert_eq!(as_before, grant("read", "files", NOW));
    }
}
