//! `signet client add`: parses the arguments into a new client.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::{
    AuthenticationMethod, CallbackUri, ClientKeys, GrantType, LogoUri, Permissions, RedirectRules,
    RedirectUri, SignInRules, UnknownMethod,
};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};
use signet_flows::clients::{NewAuthentication, NewClient};

use crate::cli::duration;
use crate::cli::failure::wrong_usage;
use crate::cli::list::{Listed, joined};

/// The arguments. Lists are separated by commas or spaces.
#[derive(Args, Debug)]
#[command(after_help = LISTS)]
pub(in crate::cli) struct Add {
    /// The client id: 1 to 100 of [A-Za-z0-9._:/-]
    id: ClientId,
    /// The name that people see
    #[arg(long)]
    name: Option<DisplayName>,
    /// `client_credentials`, `refresh_token`, `device-code` and `token-exchange`
    #[arg(long, value_name = "LIST", num_args = 1..)]
    grants: Vec<Listed<Grant>>,
    /// The scopes that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    scopes: Vec<Listed<Scope>>,
    /// The audiences that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    audiences: Vec<Listed<Audience>>,
    /// The audiences that mean this client itself: it may introspect and exchange tokens for them
    #[arg(long, value_name = "LIST", num_args = 1..)]
    owns: Vec<Listed<Audience>>,
    /// The custom claims of accounts that tokens of the client contain
    #[arg(long, value_name = "LIST", num_args = 1..)]
    account_claims: Vec<Listed<ClaimName>>,
    /// How the client authenticates: `none` for a client that people sign in with, `client_secret`
    /// or `private_key_jwt`
    #[arg(long, value_name = "METHOD", default_value = "client_secret", value_parser = method)]
    auth: AuthenticationMethod,
    /// A file with the JWK set that verifies assertions of the client, for `private_key_jwt`
    #[arg(long, value_name = "FILE", required_if_eq("auth", "private_key_jwt"))]
    jwks: Option<PathBuf>,
    /// People need one of these roles to sign in to the client, for `--auth none`, `--redirect-uris`
    /// or `--grants device-code`
    #[arg(long, value_name = "LIST", num_args = 1..)]
    required_roles: Vec<Listed<Role>>,
    /// The scopes of a token if its request names none, for `--auth none`; `-` for no scope
    /// [default: all scopes]
    #[arg(long, value_name = "LIST", num_args = 1..)]
    sign_in_scopes: Option<Vec<Listed<Scope>>>,
    /// Whether people need a second factor to sign in to the client: optional or required
    #[arg(long, value_name = "POLICY", default_value = "optional")]
    mfa_policy: MfaPolicy,
    /// The addresses that browsers may be sent to with a code
    #[arg(long, value_name = "LIST", num_args = 1..)]
    redirect_uris: Vec<Listed<RedirectUri>>,
    /// The addresses that browsers may be sent to after signing out
    #[arg(long, value_name = "LIST", num_args = 1..)]
    post_logout_redirect_uris: Vec<Listed<RedirectUri>>,
    /// The address that is called when a session of the client ends
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<CallbackUri>,
    /// The picture that pages show beside the name of the client
    #[arg(long, value_name = "URL")]
    logo_uri: Option<LogoUri>,
    /// The client belongs to you: people are asked for their consent only for a device
    #[arg(long)]
    first_party: bool,
    /// Lifetime of access tokens of the client, such as 5m [default: `access_token_ttl` of the server]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    token_ttl: Option<Duration>,
}

impl Add {
    pub(super) fn into_client(self) -> Result<NewClient, Box<dyn Error>> {
        let permissions = Permissions {
            grants: grant_types(self.grants),
            scopes: joined(self.scopes),
            audiences: joined(self.audiences),
            owns: joined(self.owns),
            account_claims: joined(self.account_claims),
        };
        let sign_in = SignInRules {
            required_roles: joined(self.required_roles),
            scopes: self.sign_in_scopes.map(joined),
            mfa: self.mfa_policy,
            by_redirect: RedirectRules {
                redirect_uris: joined(self.redirect_uris),
                post_logout_redirect_uris: joined(self.post_logout_redirect_uris),
                backchannel_logout_uri: self.backchannel_logout_uri,
                first_party: self.first_party,
                logo_uri: self.logo_uri,
            },
        };
        let authenticate = match (self.auth, self.jwks) {
            (AuthenticationMethod::None, None) => NewAuthentication::Nothing,
            (AuthenticationMethod::ClientSecret, None) => NewAuthentication::Secret,
            (AuthenticationMethod::PrivateKeyJwt, Some(path)) => {
                NewAuthentication::PrivateKey(read_keys(&path)?)
            }
            _ => return Err(wrong_usage(JWKS_ALONE)),
        };
        Ok(NewClient {
            id: self.id,
            name: self.name,
            permissions,
            authenticate,
            sign_in,
            token_ttl: self.token_ttl,
        })
    }
}

/// The request of the administration API for this client.
pub(super) fn request(new: &NewClient) -> Value {
    let (authentication, jwks) = match &new.authenticate {
        NewAuthentication::Nothing => ("none", None),
        NewAuthentication::Secret => ("client_secret", None),
        NewAuthentication::PrivateKey(keys) => {
            let jwks = serde_json::from_str::<Value>(&keys.to_jwks()).ok();
            ("private_key_jwt", jwks)
        }
    };
    let (permissions, redirects) = (&new.permissions, &new.sign_in.by_redirect);
    let grants: Vec<_> = permissions
        .grants
        .iter()
        .map(|grant| grant.as_str())
        .collect();
    json!({
        "client_id": new.id,
        "name": new.name,
        "grants": grants,
        "scopes": permissions.scopes,
        "audiences": permissions.audiences,
        "owns": permissions.owns,
        "account_claims": permissions.account_claims,
        "authentication": authentication,
        "jwks": jwks,
        "required_roles": new.sign_in.required_roles,
        "sign_in_scopes": new.sign_in.scopes,
        "mfa_policy": new.sign_in.mfa.as_str(),
        "redirect_uris": redirects.redirect_uris,
        "post_logout_redirect_uris": redirects.post_logout_redirect_uris,
        "backchannel_logout_uri": redirects.backchannel_logout_uri,
        "first_party": redirects.first_party,
        "logo_uri": redirects.logo_uri,
        "token_ttl": new.token_ttl.map(|ttl| ttl.as_secs()),
    })
}

/// Says what a new client lacks before it gets any token; none if it gets tokens, or introspects
/// those of others.
pub(super) fn lacks(new: &NewClient) -> Option<String> {
    let permissions = &new.permissions;
    let begins = |grant: &GrantType| match grant {
        GrantType::ClientCredentials | GrantType::DeviceCode | GrantType::TokenExchange => true,
        GrantType::AuthorizationCode | GrantType::RefreshToken => false,
    };
    let is_useful = permissions.grants.iter().any(begins)
        || !permissions.owns.is_empty()
        || !new.sign_in.by_redirect.redirect_uris.is_empty()
        || matches!(new.authenticate, NewAuthentication::Nothing);
    let audiences = match permissions.audiences.as_slice() {
        [] => " --audiences SERVICE",
        _ => "",
    };
    (!is_useful).then(|| {
        format!(
            "{id} gets no tokens yet, because no grant lets it: type \
             `signet client update {id} --grants client_credentials{audiences}`, or name \
             --redirect-uris if people sign in to it",
            id = new.id
        )
    })
}

/// How to write a list.
pub(super) const LISTS: &str = "Write a LIST with commas: --scopes orders:read,orders:write";

/// A grant by its name, or by the short name of one whose name is a URN.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Grant(GrantType);

impl FromStr for Grant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let grant = match text {
            "token-exchange" | "token_exchange" => Ok(GrantType::TokenExchange),
            "device-code" | "device_code" => Ok(GrantType::DeviceCode),
            _ => text.parse().map_err(|_| NO_GRANT),
        };
        grant.map(Self)
    }
}

/// Returns what the grants of all arguments mean.
pub(super) fn grant_types(listed: Vec<Listed<Grant>>) -> Vec<GrantType> {
    joined(listed)
        .into_iter()
        .map(|Grant(grant)| grant)
        .collect()
}

const NO_GRANT: &str = "must be client_credentials, refresh_token, authorization_code, device-code \
                        or token-exchange";
/// What is said of keys that the client would not authenticate with.
pub(super) const JWKS_ALONE: &str = "--jwks goes with --auth private_key_jwt";

/// Accepts the names of RFC 7591 for secrets, too.
pub(super) fn method(text: &str) -> Result<AuthenticationMethod, UnknownMethod> {
    match text {
        "client_secret_basic" | "client_secret_post" => Ok(AuthenticationMethod::ClientSecret),
        _ => text.parse(),
    }
}

/// Reads the keys in a file that an argument names.
pub(super) fn read_keys(path: &Path) -> Result<ClientKeys, String> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
    ClientKeys::from_jwks(&text).map_err(|error| format!("{} {error}", path.display()))
}
