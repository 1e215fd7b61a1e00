//! `signet account`: adds people, shows them and changes what they may do.
//!
//! A running server makes the change through its administration API. Without one this process
//! opens the configured stores and does the same.

mod arguments;
mod requests;
mod transfer;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use serde_json::{Value, json};
use signet_core::ids::InvitationId;
use signet_verifier::SystemClock;

use self::arguments::{Add, Filter, Invite, Reset, Roles, Set, Who};
use super::place::{PlaceFlags, existing_stores, find_server};
use super::server::Server;
use super::terminal::read_new_password;
use super::{CommandResult, Common, admin, answer, answer_list, foreground_runtime, say_done};
use crate::app::App;
use crate::config::Loaded;
use crate::{metrics, routes};

/// What can be done with accounts.
#[derive(Subcommand, Debug)]
pub(super) enum AccountCommand {
    /// Show accounts, all or those that match every filter
    List(Filter),
    /// Show one account
    Show {
        /// The id or the email address of the account
        account: Who,
    },
    /// Add an account; without a password its owner needs an invitation to sign in
    Add(Box<Add>),
    /// Invite a person to set up an account, by mail or by a link that is printed
    Invite(Invite),
    /// Show invitations that can be accepted
    Invitations,
    /// Remove an invitation; its link becomes invalid
    Uninvite {
        /// The id of the invitation
        #[arg(value_parser = invitation_id)]
        invitation: InvitationId,
    },
    /// Change the name, the claims, the verification of the address, or whether a second factor is required
    Set(Set),
    /// Show or change roles
    Roles(Roles),
    /// Mail a link to set a new password, or remove an authenticator
    Reset(Reset),
    /// Disable an account and end its sessions
    Disable {
        /// The id or the email address of the account
        account: Who,
    },
    /// Enable an account again
    Enable {
        /// The id or the email address of the account
        account: Who,
    },
    /// Let the owner of an account under attack try passwords again
    Unlock {
        /// The id or the email address of the account
        account: Who,
    },
    /// Delete an account and end its sessions
    Delete {
        /// The id or the email address of the account
        account: Who,
    },
    /// Add the accounts of a file with JSON lines; accounts that exist are left as they are
    Import {
        /// The file, or `-` for standard input
        file: PathBuf,
    },
    /// Print every account as JSON lines, with password hashes
    Export,
    /// Show the sessions of an account, or end them
    Sessions {
        /// The id or the email address of the account
        account: Who,
        /// End every session
        #[arg(long)]
        end: bool,
    },
}

/// Runs the command on the running server, or on the configured stores if no server answers.
pub(super) fn run(common: &Common, flags: &PlaceFlags, command: AccountCommand) -> CommandResult {
    if let AccountCommand::Roles(roles) = &command {
        roles.check()?;
    }
    let loaded = common.load(Vec::new())?;
    let runtime = foreground_runtime()?;
    runtime.block_on(async {
        let unknown = &UNKNOWN;
        if let Some(server) = find_server(&loaded.settings, flags, unknown).await? {
            return run_on(&server, common.json, command).await;
        }
        let app = open_app(loaded).await?;
        let token = admin::sign_for_command(&app.settings)?.text;
        let server = Server::here(routes::operations(&app), token, unknown);
        let done = run_on(&server, common.json, command).await;
        app.flows.stores.close().await?;
        done
    })
}

async fn open_app(mut loaded: Loaded) -> Result<App, Box<dyn Error>> {
    existing_stores(&loaded)?;
    loaded.settings.audit = loaded.settings.audit.for_commands();
    let shown = metrics::recorder()?.handle();
    let clock = Arc::new(SystemClock::new());
    Ok(Box::pin(App::open(loaded.settings, clock, shown)).await?)
}

async fn run_on(server: &Server, json: bool, command: AccountCommand) -> CommandResult {
    match command {
        AccountCommand::List(filter) => list(server, &filter, json).await,
        AccountCommand::Show { account } => show(&server.account(&account).await?, json),
        AccountCommand::Add(add) => add_account(server, &add, json).await,
        AccountCommand::Invite(invite) => {
            let invitation = server.invite(&invite.request()).await?;
            answer(json, &invitation, invitation_lines(&invitation))
        }
        AccountCommand::Invitations => {
            let invitations = server.invitations().await?;
            answer_list(
                json,
                &invitations,
                invitation_lines,
                "no invitation is open",
            )
        }
        AccountCommand::Uninvite { invitation } => {
            server.uninvite(invitation).await?;
            say_done(format!("invitation {invitation} is removed"), json);
            Ok(())
        }
        AccountCommand::Set(set) => {
            let change = set.change.request();
            let changed = server.change_account(&set.account, &change).await?;
            show(&changed, json)
        }
        AccountCommand::Roles(roles) => show(&change_roles(server, &roles).await?, json),
        AccountCommand::Reset(reset) => run_reset(server, &reset, json).await,
        AccountCommand::Disable { account } => {
            show(&server.switch_account(&account, "/disable").await?, json)
        }
        AccountCommand::Enable { account } => {
            show(&server.switch_account(&account, "/enable").await?, json)
        }
        AccountCommand::Unlock { account } => {
            server.unlock_account(&account).await?;
            say_done(format!("{account} is unlocked"), json);
            Ok(())
        }
        AccountCommand::Delete { account } => {
            server.delete_account(&account).await?;
            say_done(format!("{account} is deleted"), json);
            Ok(())
        }
        AccountCommand::Import { file } => transfer::import(server, &file, json).await,
        AccountCommand::Export => transfer::export(server).await,
        AccountCommand::Sessions { account, end } => {
            run_sessions(server, &account, end, json).await
        }
    }
}

async fn list(server: &Server, filter: &Filter, json: bool) -> CommandResult {
    let accounts = server.accounts(filter).await?;
    let none = if filter.query().is_empty() {
        "there is no account"
    } else {
        "no account matches"
    };
    answer_list(json, &accounts, |account| lines(account, &SHOWN), none)
}

async fn add_account(server: &Server, add: &Add, json: bool) -> CommandResult {
    let password = add.password.then(read_new_password).transpose()?;
    let added = server.add_account(&add.request(password.as_ref())).await?;
    let shown = lines(&added, &SHOWN);
    let shown = match added.get("invitation") {
        Some(invitation) => format!("{shown}\n{}", invitation_lines(invitation)),
        None => shown,
    };
    answer(json, &added, shown)
}

async fn run_sessions(server: &Server, account: &Who, end: bool, json: bool) -> CommandResult {
    if end {
        server.end_sessions(account).await?;
        say_done(format!("the sessions of {account} have ended"), json);
        return Ok(());
    }
    let sessions = server.sessions(account).await?;
    let all = sessions.as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |session: &Value| lines(session, &SHOWN_OF_SESSIONS);
    answer_list(json, all, line, "the account has no session")
}

/// The account as it is, or after its roles were changed.
async fn change_roles(server: &Server, roles: &Roles) -> Result<Value, Box<dyn Error>> {
    let account = server.account(&roles.account).await?;
    if roles.changes_nothing() {
        return Ok(account);
    }
    let now = account.get("roles").and_then(Value::as_array);
    let now = now.into_iter().flatten().filter_map(Value::as_str);
    let next = roles.after(now);
    let change = json!({ "roles": next });
    server.change_account(&roles.account, &change).await
}

async fn run_reset(server: &Server, reset: &Reset, json: bool) -> CommandResult {
    let account = &reset.account;
    if let Some(kind) = reset.remove {
        server.remove_authenticators(account, kind).await?;
        let done = format!("{kind} of {account} is removed, and its sessions have ended");
        say_done(done, json);
        return Ok(());
    }
    let deliver = if reset.link { "link" } else { "mail" };
    let started = server.reset_account(account, deliver).await?;
    let until = started.get("expires_at").map(text).unwrap_or_default();
    let shown = match started.get("url").and_then(Value::as_str) {
        Some(url) => format!("{url}\nThe link works once, until {until}."),
        None => format!("A link is mailed to {account}. It works once, until {until}."),
    };
    answer(json, &started, shown)
}

fn show(account: &Value, json: bool) -> CommandResult {
    answer(json, account, lines(account, &SHOWN))
}

fn invitation_id(text: &str) -> Result<InvitationId, &'static str> {
    text.parse().map_err(|_| NO_INVITATION_ID)
}

fn invitation_lines(invitation: &Value) -> String {
    let shown = lines(invitation, &SHOWN_OF_INVITATIONS);
    match invitation.get("url").and_then(Value::as_str) {
        Some(url) => format!("{shown}\n  link: {url}"),
        None => shown,
    }
}

/// Something on a few lines, for people: the first member, and the others below it.
fn lines(shown: &Value, members: &[&str]) -> String {
    let line = |(index, name): (usize, &&str)| {
        let value = shown.get(*name).map_or_else(|| "-".to_owned(), text);
        let indent = if index == 0 { "" } else { "\n  " };
        format!("{indent}{name}: {value}")
    };
    members.iter().enumerate().map(line).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Array(names) if !names.is_empty() => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            names.join(" ")
        }
        Value::Object(members) if !members.is_empty() => value.to_string(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        _ => "-".to_owned(),
    }
}

/// What is said when there is no such account.
const UNKNOWN: &str = "there is no account with this id or email address";
const NO_INVITATION_ID: &str =
    "must be the id of an invitation; `signet account invitations` shows them";
/// What people see of an account, in this order.
const SHOWN: [&str; 9] = [
    "email",
    "id",
    "name",
    "status",
    "roles",
    "claims",
    "email_verified",
    "mfa_policy",
    "created_at",
];
/// What people see of an invitation, in this order.
const SHOWN_OF_INVITATIONS: [&str; 4] = ["id", "email", "roles", "expires_at"];
/// What people see of a session, in this order.
const SHOWN_OF_SESSIONS: [&str; 6] = [
    "id",
    "client_id",
    "created_at",
    "last_used_at",
    "ip",
    "user_agent",
];
