//! The profiles of gateways, prepared once: what each requires of a token and how it names an
//! identity.

use std::collections::BTreeMap;

use signet_core::names::Role;
use signet_flows::own_token;
use signet_verifier::Policy;

use crate::config::{GatewayProfile, IdentityHeaders, Settings};

/// Every profile that gateways may ask for.
#[derive(Debug)]
pub(crate) struct Profiles(BTreeMap<String, Profile>);

/// What one kind of request needs.
#[derive(Debug)]
pub(crate) struct Profile {
    /// What a token has to say.
    pub(crate) policy: Policy,
    /// Whether a denied token is refused.
    pub(crate) reads_deny_list: bool,
    /// The headers that carry the identity.
    pub(crate) headers: IdentityHeaders,
}

impl Profiles {
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
