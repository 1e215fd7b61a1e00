//! `signet client update`: parses the arguments into the request of the administration API.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};
use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::{AuthenticationMethod, CallbackUri, LogoUri, RedirectUri};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};

use super::add::{Grant, JWKS_ALONE, grant_types, method, read_keys};
use crate::admin::ClientUpdateRequest;
use crate::cli::duration;
use crate::cli::failure::wrong_usage;
use crate::cli::list::{Listed, OrNone, joined};
use crate::extract::Fields;

/// The arguments.
#[derive(Args, Debug)]
#[command(
    override_usage = "signet client update [OPTIONS] <ID>",
    after_help = "An option that is left out changes nothing, and at least one is needed. Write a LIST \
                  with commas. It replaces the whole list, and - empties it."
)]
pub(in crate::cli) struct Update {
    /// The client id
    pub(super) id: ClientId,
    #[command(flatten)]
    change: Change,
    /// Change nothing if the client has another version than this one
    #[arg(long, value_name = "NUMBER")]
    version: Option<u64>,
}

/// What is changed. A value that is not named stays as it is. A list replaces the whole list; `-`
/// empties it.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(in crate::cli) struct Change {
    /// The name that people see
    #[arg(long)]
    name: Option<DisplayName>,
    /// Remove the name
    #[arg(long, conflicts_with = "name")]
    no_name: bool,
    /// `client_credentials`, `refresh_token`, `device-code` and `token-exchange`
    #[arg(long, value_name = "LIST", num_args = 1..)]
    grants: Option<Vec<Listed<Grant>>>,
    /// The scopes that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    scopes: Option<Vec<Listed<Scope>>>,
    /// The audiences that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    audiences: Option<Vec<Listed<Audience>>>,
    /// The audiences that mean this client itself: it may introspect and exchange tokens for them
    #[arg(long, value_name = "LIST", num_args = 1..)]
    owns: Option<Vec<Listed<Audience>>>,
    /// The custom claims of accounts that tokens of the client contain
    #[arg(long, value_name = "LIST", num_args = 1..)]
    account_claims: Option<Vec<Listed<ClaimName>>>,
    /// How the client authenticates: `none`, `client_secret` or `private_key_jwt`
    #[arg(long, value_name = "METHOD", value_parser = method)]
    auth: Option<AuthenticationMethod>,
    /// A file with the JWK set that verifies assertions of the client
    #[arg(long, value_name = "FILE", required_if_eq("auth", "private_key_jwt"))]
    jwks: Option<PathBuf>,
    /// People need one of these roles to sign in to the client
    #[arg(long, value_name = "LIST", num_args = 1..)]
    required_roles: Option<Vec<Listed<Role>>>,
    /// The scopes of a token if its request names none
    #[arg(long, value_name = "LIST", num_args = 1..)]
    sign_in_scopes: Option<Vec<Listed<Scope>>>,
    /// A token has all scopes if its request names none
    #[arg(long, conflicts_with = "sign_in_scopes")]
    all_sign_in_scopes: bool,
    /// Whether people need a second factor to sign in to the client: optional or required
    #[arg(long, value_name = "POLICY")]
    mfa_policy: Option<MfaPolicy>,
    /// The addresses that browsers may be sent to with a code
    #[arg(long, value_name = "LIST", num_args = 1..)]
    redirect_uris: Option<Vec<Listed<RedirectUri>>>,
    /// The addresses that browsers may be sent to after signing out
    #[arg(long, value_name = "LIST", num_args = 1..)]
    post_logout_redirect_uris: Option<Vec<Listed<RedirectUri>>>,
    /// The address that is called when a session of the client ends; `-` for none
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<OrNone<CallbackUri>>,
    /// Whether the client belongs to you, so that people are not asked for their consent
    #[arg(long, value_name = "true|false")]
    first_party: Option<bool>,
    /// The picture that the page of consent shows; `-` for none
    #[arg(long, value_name = "URL")]
    logo_uri: Option<OrNone<LogoUri>>,
    /// Lifetime of access tokens of the client, such as 5m; `-` for `access_token_ttl` of the server
    #[arg(long, value_name = "DURATION", value_parser = duration_or_none)]
    token_ttl: Option<OrNone<Duration>>,
}

impl Update {
    /// The request of the administration API.
    pub(super) fn request(self) -> Result<Value, Box<dyn Error>> {
        let mut request = self.change.members()?;
        request.insert("version".to_owned(), json!(self.version));
        Ok(request.into())
    }
}

impl Change {
    fn members(self) -> Result<Map<String, Value>, Box<dyn Error>> {
        let mut request = Map::new();
        if self.no_name || self.name.is_some() {
            request.insert("name".to_owned(), json!(self.name));
        }
        for (name, list) in [
            (
                "grants",
                self.grants.map(|grants| json!(grant_types(grants))),
            ),
            ("scopes", self.scopes.map(as_json)),
            ("audiences", self.audiences.map(as_json)),
            ("owns", self.owns.map(as_json)),
            ("account_claims", self.account_claims.map(as_json)),
            ("required_roles", self.required_roles.map(as_json)),
            ("sign_in_scopes", self.sign_in_scopes.map(as_json)),
            ("redirect_uris", self.redirect_uris.map(as_json)),
            (
                "post_logout_redirect_uris",
                self.post_logout_redirect_uris.map(as_json),
            ),
            (
                "backchannel_logout_uri",
                self.backchannel_logout_uri.map(|uri| json!(uri.0)),
            ),
            ("logo_uri", self.logo_uri.map(|uri| json!(uri.0))),
            (
                "token_ttl",
                self.token_ttl
                    .map(|ttl| json!(ttl.0.map(|ttl| ttl.as_secs()))),
            ),
        ] {
            request.extend(list.map(|list| (name.to_owned(), list)));
        }
        if self.all_sign_in_scopes {
            request.insert("sign_in_scopes".to_owned(), Value::Null);
        }
        if let Some(path) = &self.jwks {
            if !matches!(self.auth, None | Some(AuthenticationMethod::PrivateKeyJwt)) {
                return Err(wrong_usage(JWKS_ALONE));
            }
            let keys = serde_json::from_str(&read_keys(path)?.to_jwks())?;
            request.insert("jwks".to_owned(), keys);
        }
        for (name, value) in [
            (
                "authentication",
                json!(self.auth.map(AuthenticationMethod::as_str)),
            ),
            ("mfa_policy", json!(self.mfa_policy.map(MfaPolicy::as_str))),
            ("first_party", json!(self.first_party)),
        ] {
            request.insert(name.to_owned(), value);
        }
        Ok(request)
    }
}

/// Reads a request as the server does, for a change without a server.
pub(super) fn read(request: &Value) -> Result<ClientUpdateRequest, Box<dyn Error>> {
    let text = request.to_string();
    let read = Fields::read(&text).and_then(Fields::parse);
    read.map_err(|error| {
        let fields = error.fields().iter();
        let fields = fields.map(|field| format!(": {}: {}", field.field, field.message));
        format!("{}{}", error.text(), fields.collect::<String>()).into()
    })
}

fn as_json<T: PartialEq + Serialize>(lists: Vec<Listed<T>>) -> Value {
    json!(joined(lists))
}

fn duration_or_none(text: &str) -> Result<OrNone<Duration>, &'static str> {
    match text {
        "-" => Ok(OrNone(None)),
        _ => duration(text).map(|duration| OrNone(Some(duration))),
    }
}
