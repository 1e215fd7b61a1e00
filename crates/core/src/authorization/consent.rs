//! What a person has allowed a client, for a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::AuthorizationRequest;
use crate::names::{Audience, Scope};

/// What a person has allowed a client.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Consent {
    /// The scopes.
    pub scope: Vec<Scope>,
    /// The audiences.
    pub audience: Vec<Audience>,
    /// When the person allowed the newest of them.
    pub given_at: Timestamp,
    /// When the person is asked again.
    pub until: Timestamp,
}

impl Consent {
    /// The consent to a request, together with an earlier one.
    pub fn to(request: &AuthorizationRequest, earlier: Option<Self>, now: Timestamp) -> Self {
        let earlier = earlier.filter(|earlier| earlier.until > now);
        let (mut scope, mut audience) = earlier.map_or_else(Default::default, |earlier| {
            (earlier.scope, earlier.audience)
        });
        add(&mut scope, &request.scope);
        add(&mut audience, &request.audience);
        Self {
            scope,
            audience,
            given_at: now,
            until: now.saturating_add(CONSENT_TTL),
        }
    }

    /// Whether a request needs no other consent.
    pub(crate) fn covers(&self, request: &AuthorizationRequest, now: Timestamp) -> bool {
        now < self.until
            && request.scope.iter().all(|scope| self.scope.contains(scope))
            && request
                .audience
                .iter()
                .all(|audience| self.audience.contains(audience))
    }
}

fn add<T: Clone + PartialEq>(to: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !to.contains(item) {
            to.push(item.clone());
        }
    }
}

/// After half a year people are asked again.
const CONSENT_TTL: Duration = Duration::from_hours(24 * 180);
