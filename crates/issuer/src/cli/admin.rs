//! `signet admin token`: prints the first token that opens the administration API.
//!
//! It is signed with the keys in the folder: anyone who can read the folder can create one.

use std::error::Error;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use signet_core::access_token::{AccessToken, AccessTokenClaims, Subject, Validity, issue};
use signet_core::admin::AdminScope;
use signet_core::ids::TokenId;
use signet_core::names::{ADMIN_SCOPE, Audience, COMMAND_LINE_CLIENT, ClientId, Scope};
use signet_flows::events::OperatorEvent;
use signet_flows::random::system_rng;
use signet_verifier::{Clock as _, SystemClock};

use super::list::each_once;
use super::operator::operator;
use super::recorder::Recorder;
use super::{CommandResult, Common, answer, complain, foreground_runtime};
use crate::config::Settings;
use crate::http_client::{Target, get, reachable};

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum AdminCommand {
    /// Print a token that opens /admin; it expires after `access_token_ttl`
    Token(TokenFlags),
}

/// The options of the command.
#[derive(Args, Debug)]
pub(super) struct TokenFlags {
    /// The name of the administrator in logs [default: the user who runs the command]
    #[arg(long, value_parser = administrator)]
    name: Option<ClientId>,
    /// A scope of the token; can be repeated
    #[arg(long = "scope", value_name = "SCOPE", default_value = ADMIN_SCOPE)]
    scopes: Vec<AdminScope>,
}

/// Runs the command with the keys of the configured folder.
pub(super) fn run(common: &Common, command: &AdminCommand) -> CommandResult {
    let AdminCommand::Token(flags) = command;
    let settings = common.load(Vec::new())?.settings;
    let name = flags.name.clone().map_or_else(operator, Ok)?;
    let recorder = Recorder::open(&settings)?;
    let scopes = each_once(flags.scopes.iter().copied());
    let (token, id) = sign(&settings, &name, &scopes)?;
    let scope = joined(&scopes);
    recorder.record(OperatorEvent::AdminTokenMinted {
        subject: name.as_str(),
        token_id: &id.to_string(),
        scope: &scope,
    })?;
    if let Some(issuer) = other_issuer(&settings)? {
        complain(&format_args!(
            "warning: the server on {} has public_url {issuer} and will refuse this token, whose \
             issuer is {}: use the configuration of that server",
            settings.listen, settings.public_url
        ));
    }
    let document = Answer {
        access_token: token.text.expose(),
        token_type: "Bearer",
        expires_in: token.expires_in_seconds,
        scope,
    };
    answer(common.json, &document, token.text.expose())
}

fn administrator(name: &str) -> Result<ClientId, &'static str> {
    ClientId::of_operator(name).map_err(|_| NO_NAME)
}

/// The scopes as a token names them.
fn joined(scopes: &[AdminScope]) -> String {
    let scopes: Vec<_> = scopes.iter().map(AdminScope::to_string).collect();
    scopes.join(" ")
}

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
}

/// The issuer of the server at the configured address, if it differs from the configured one.
fn other_issuer(settings: &Settings) -> std::io::Result<Option<String>> {
    let runtime = foreground_runtime()?;
    let target = Target::any(reachable(settings.listen), settings.tls.is_some())?;
    let asked = async {
        let asked = get(&target, "/.well-known/oauth-authorization-server");
        tokio::time::timeout(PATIENCE, asked).await
    };
    // If no server answers, there is nothing to compare.
    let Ok(Ok(answer)) = runtime.block_on(asked) else {
        return Ok(None);
    };
    let metadata: Option<serde_json::Value> = serde_json::from_str(&answer.body).ok();
    let issuer = metadata.and_then(|metadata| metadata.get("issuer")?.as_str().map(str::to_owned));
    Ok(issuer.filter(|issuer| issuer != settings.public_url.as_str()))
}

const NO_NAME: &str = "must be 1 to 80 of [A-Za-z0-9._:/-], neither \"-\" nor shaped like a UUID";
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Signs the token of a command that asks the server: it names the user who runs the command.
pub(super) fn sign_for_command(settings: &Settings) -> Result<AccessToken, Box<dyn Error>> {
    let (token, _) = sign(settings, &operator()?, &[AdminScope::Everything])?;
    Ok(token)
}

/// Signs a token. It lives no longer than other tokens, so no key is retired before it expires.
fn sign(
    settings: &Settings,
    subject: &ClientId,
    scopes: &[AdminScope],
) -> Result<(AccessToken, TokenId), Box<dyn Error>> {
    let now = SystemClock::new().now();
    let keys = settings.keys.folder().load(now)?;
    let client_id: ClientId = COMMAND_LINE_CLIENT.parse()?;
    let scopes: Vec<Scope> = scopes
        .iter()
        .map(|scope| scope.as_str().parse())
        .collect::<Result<_, _>>()?;
    let audience: Audience = ADMIN_SCOPE.parse()?;
    let claims = AccessTokenClaims {
        issuer: settings.public_url.as_str(),
        subject: Subject::Client(subject),
        audience: &[audience],
        client_id: &client_id,
        session: None,
        scope: &scopes,
        roles: &[],
        actors: &[],
        extra: &[],
        status: None,
    };
    let validity = Validity::starting(now, settings.access_token_ttl);
    let id = TokenId::random(&mut system_rng());
    let token = issue(&claims, validity, id, keys.signing.active_at(now))?;
    Ok((token, id))
}
