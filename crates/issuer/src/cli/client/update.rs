//! `signet client update`: parses the arguments into the request of the administration API.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};
use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::AuthenticationMethod;
use signet_core::names::ClientId;

use super::add::{grant, method, parts, read_file};
use crate::admin::ClientUpdateRequest;
use crate::cli::duration;
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
    grants: Option<Vec<String>>,
    /// The scopes that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    scopes: Option<Vec<String>>,
    /// The audiences that tokens of the client may have
    #[arg(long, value_name = "LIST", num_args = 1..)]
    audiences: Option<Vec<String>>,
    /// The audiences that mean this client itself: it may introspect and exchange tokens for them
    #[arg(long, value_name = "LIST", num_args = 1..)]
    owns: Option<Vec<String>>,
    /// The custom claims of accounts that tokens of the client contain
    #[arg(long, value_name = "LIST", num_args = 1..)]
    account_claims: Option<Vec<String>>,
    /// How the client authenticates: `none`, `client_secret` or `private_key_jwt`
    #[arg(long, value_name = "METHOD", value_parser = method)]
    auth: Option<AuthenticationMethod>,
    /// A file with the JWK set that verifies assertions of the client
    #[arg(long, value_name = "FILE", required_if_eq("auth", "private_key_jwt"))]
    jwks: Option<PathBuf>,
    /// People need one of these roles to sign in to the client
    #[arg(long, value_name = "LIST", num_args = 1..)]
    required_roles: Option<Vec<String>>,
    /// The scopes of a token if its request names none
    #[arg(long, value_name = "LIST", num_args = 1..)]
    sign_in_scopes: Option<Vec<String>>,
    /// A token has all scopes if its request names none
    #[arg(long, conflicts_with = "sign_in_scopes")]
    all_sign_in_scopes: bool,
    /// Whether people need a second factor to sign in to the client: optional or required
    #[arg(long, value_name = "POLICY")]
    mfa_policy: Option<MfaPolicy>,
    /// The addresses that browsers may be sent to with a code
    #[arg(long, value_name = "LIST", num_args = 1..)]
    redirect_uris: Option<Vec<String>>,
    /// The addresses that browsers may be sent to after signing out
    #[arg(long, value_name = "LIST", num_args = 1..)]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The address that is called when a session of the client ends; `-` for none
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// Whether the client belongs to you, so that people are not asked for their consent
    #[arg(long, value_name = "true|false")]
    first_party: Option<bool>,
    /// The picture that the page of consent shows; `-` for none
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Lifetime of access tokens of the client, such as 5m; `-` for `access_token_ttl` of the server
    #[arg(long, value_name = "DURATION")]
    token_ttl: Option<String>,
}

impl Update {
    /// The request of the administration API.
    pub(super) fn request(&self) -> Result<Value, Box<dyn Error>> {
        let mut request = self.change.members()?;
        request.insert("version".to_owned(), json!(self.version));
        Ok(request.into())
    }
}

impl Change {
    fn members(&self) -> Result<Map<String, Value>, Box<dyn Error>> {
        let mut request = Map::new();
        let mut put = |name: &str, value: Value| request.insert(name.to_owned(), value);
        if self.no_name || self.name.is_some() {
            put("name", json!(self.name));
        }
        if let Some(grants) = &self.grants {
            let grants = listed(grants).into_iter().map(|name| match grant(name) {
                Ok(grant) => grant.as_str().to_owned(),
                // The server says what is wrong with it.
                Err(_) => name.to_owned(),
            });
            put("grants", grants.collect());
        }
        for (name, list) in [
            ("scopes", &self.scopes),
            ("audiences", &self.audiences),
            ("owns", &self.owns),
            ("account_claims", &self.account_claims),
            ("required_roles", &self.required_roles),
            ("sign_in_scopes", &self.sign_in_scopes),
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            if let Some(list) = list {
                put(name, json!(listed(list)));
            }
        }
        if self.all_sign_in_scopes {
            put("sign_in_scopes", Value::Null);
        }
        for (name, uri) in [
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("logo_uri", &self.logo_uri),
        ] {
            if let Some(uri) = uri {
                put(name, json!(given(uri)));
            }
        }
        if let Some(ttl) = &self.token_ttl {
            let ttl = given(ttl).map(duration).transpose();
            let ttl = ttl.map_err(|why| format!("--token-ttl: {why}"))?;
            put("token_ttl", json!(ttl.map(|ttl| ttl.as_secs())));
        }
        if let Some(path) = &self.jwks {
            put("jwks", serde_json::from_str(&read_file(path)?)?);
        }
        for (name, value) in [
            (
                "authentication",
                json!(self.auth.map(AuthenticationMethod::as_str)),
            ),
            ("mfa_policy", json!(self.mfa_policy.map(MfaPolicy::as_str))),
            ("first_party", json!(self.first_party)),
        ] {
            put(name, value);
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

/// The names of a list, without the `-` of an empty one.
fn listed(list: &[String]) -> Vec<&str> {
    parts(list).filter(|name| *name != NONE).collect()
}

/// A value, unless it is the `-` of none.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| *text != NONE)
}

const NONE: &str = "-";
