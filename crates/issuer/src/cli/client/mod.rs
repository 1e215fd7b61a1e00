//! `signet client`: registers programs and changes what they may do.
//!
//! It opens the configured stores itself, beside running servers, which see every change at once.

mod add;

use std::sync::Arc;

use clap::{Args, Subcommand};
use signet_core::client::ClientStatus;
use signet_core::names::{COMMAND_LINE_CLIENT, ClientId};
use signet_flows::clients::{self, ManageError, Rotate};
use signet_flows::origin::Caller;
use signet_store::{Stores, open};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use super::{CommandResult, Common, say};
use crate::app::store_urls;
use crate::client_view::{ClientView, Issued};
use crate::config::Settings;

/// What can be done with clients.
#[derive(Subcommand, Debug)]
pub(super) enum ClientCommand {
    /// Register a client; its secret is shown this once
    Add(Box<add::Add>),
    /// Show every client
    List {
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Show one client
    Show(One),
    /// Make another secret; the newest so far stays good beside it until --finish
    RotateSecret(RotateSecret),
    /// Switch a client off, and deny the access tokens that it has
    Disable(One),
    /// Switch a client on again
    Enable(One),
    /// Remove a client, and deny the access tokens that it has
    Delete {
        /// The client
        id: ClientId,
    },
}

/// One client.
#[derive(Args, Debug)]
pub(super) struct One {
    /// The client
    id: ClientId,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// The arguments of `signet client rotate-secret`.
#[derive(Args, Debug)]
pub(super) struct RotateSecret {
    #[command(flatten)]
    one: One,
    /// Let the old secrets be good no longer
    #[arg(long)]
    now: bool,
    /// Make no secret; end the rotation, so that the newest is the only one
    #[arg(long, conflicts_with = "now")]
    finish: bool,
}

impl RotateSecret {
    fn rotate(&self) -> Rotate {
        match (self.now, self.finish) {
            (true, _) => Rotate::AtOnce,
            (_, true) => Rotate::Finish,
            _ => Rotate::Begin,
        }
    }
}

/// Runs one of them on the configured stores.
pub(super) fn run(common: &Common, command: ClientCommand) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let now = SystemClock::new().now();
        let stores = open(&store_urls(&settings), now).await?;
        let done = run_on(&stores, &settings, command).await;
        stores.close().await?;
        done
    })
}

async fn run_on(stores: &Stores, settings: &Settings, command: ClientCommand) -> CommandResult {
    let now = Arc::new(SystemClock::new()).now();
    match command {
        ClientCommand::Add(add) => {
            let json = add.json;
            let ttl = settings.access_token_ttl;
            let issued = clients::register(stores, add.into_client()?, ttl, now, BY).await?;
            show_issued(&issued.into(), json)
        }
        ClientCommand::List { json } => list(stores, json).await,
        ClientCommand::Show(One { id, json }) => {
            let found = stores.clients.find(&id).await?;
            show(&found.as_ref().ok_or(ManageError::Unknown)?.into(), json)
        }
        ClientCommand::RotateSecret(rotation) => {
            let issued =
                clients::rotate_secret(stores, &rotation.one.id, rotation.rotate(), BY).await?;
            show_issued(&issued.into(), rotation.one.json)
        }
        ClientCommand::Disable(one) => switch(stores, one, ClientStatus::Disabled, now).await,
        ClientCommand::Enable(one) => switch(stores, one, ClientStatus::Active, now).await,
        ClientCommand::Delete { id } => {
            clients::delete(stores, &id, now, BY).await?;
            say(removed(&id));
            Ok(())
        }
    }
}

/// What is no client is not said to have been one.
fn removed(id: &ClientId) -> String {
    if id.as_str() == COMMAND_LINE_CLIENT {
        return "the tokens of the command line are denied".to_owned();
    }
    format!("{id} is no client any more")
}

async fn switch(stores: &Stores, one: One, status: ClientStatus, now: Timestamp) -> CommandResult {
    let client = clients::set_status(stores, &one.id, status, now, BY).await?;
    show(&(&client).into(), one.json)
}

async fn list(stores: &Stores, json: bool) -> CommandResult {
    let mut all: Vec<signet_core::client::Client> = Vec::new();
    loop {
        let after = all.last().map(|client| client.id.clone());
        let page = stores.clients.list(after.as_ref(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    if json {
        let views: Vec<ClientView> = all.iter().map(ClientView::from).collect();
        say(serde_json::to_string_pretty(&views)?);
        return Ok(());
    }
    for client in &all {
        let view = ClientView::from(client);
        say(view.lines());
    }
    Ok(())
}

fn show(view: &ClientView, json: bool) -> CommandResult {
    if json {
        say(serde_json::to_string_pretty(view)?);
    } else {
        say(view.lines());
    }
    Ok(())
}

fn show_issued(issued: &Issued, json: bool) -> CommandResult {
    if json {
        say(serde_json::to_string_pretty(issued)?);
        return Ok(());
    }
    say(issued.client.lines());
    if let Some(secret) = issued.secret_text() {
        say(format_args!("client_secret: {}", secret.expose()));
        say("Keep it now: it is not shown again.");
    }
    Ok(())
}

const BY: Caller<'_> = Caller::COMMAND_LINE;
/// How many clients are read at once.
const PAGE: u32 = 100;
