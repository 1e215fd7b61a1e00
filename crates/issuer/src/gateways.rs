//! The profiles of forward auth, prepared at the start: what each requires of a token, and the
//! headers of an identity.

use std::collections::BTreeMap;

use signet_core::names::Role;
use signet_flows::own_token;
use signet_verifier::Policy;

use crate::config::{GatewayProfile, IdentityHeaders, Settings};

/// Every profile by name.
#[derive(Debug)]
pub(crate) struct GatewayProfiles(BTreeMap<String, Profile>);

/// One profile.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The policy that a token must satisfy.
    pub(crate) policy: Policy,
    /// Whether the deny list is read for each request.
    pub(crate) reads_deny_list: bool,
    /// The headers that carry the identity.
    pub(crate) headers: IdentityHeaders,
}

impl GatewayProfiles {
    /// The profiles of a configuration.
    pub(crate) fn new(settings: &Settings) -> Self {
        let ready = |profile: &GatewayProfile| Profile {
            policy: policy(settings, profile),
            reads_deny_list: profile.reads_deny_list,
            headers: profile.headers.clone(),
        };
        let profiles = settings.gateway_profiles.iter();
        Self(
            profiles
                .map(|(name, profile)| (name.clone(), ready(profile)))
                .collect(),
        )
    }

    /// The profile with this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }
}

fn policy(settings: &Settings, profile: &GatewayProfile) -> Policy {
    let issuer = settings.public_url.as_str();
    let policy = Policy::new(issuer, profile.audiences.first.as_str()).leeway(own_token::LEEWAY);
    let others = profile.audiences.others.iter();
    let policy = others.fold(policy, |policy, audience| {
        policy.accept_audience(audience.as_str())
    });
    let scopes = profile.scopes.iter();
    let policy = scopes.fold(policy, |policy, scope| policy.require_scope(scope.as_str()));
    policy.require_any_role(profile.any_of_roles.iter().map(Role::as_str))
}
