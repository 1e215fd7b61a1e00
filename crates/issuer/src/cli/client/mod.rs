//! `signet client`: registers and manages clients.
//!
//! A running server makes the change through its administration API. Without one the command opens
//! the configured stores itself. Either way it says which server or store it changed.

mod add;
mod server;
mod shown;
mod update;

use std::error::Error;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use signet_core::client::{Client, ClientStatus};
use signet_core::names::ClientId;
use signet_flows::AuditSettings;
use signet_flows::audit::Audit;
use signet_flows::clients::{self, ManageError, Rotate};
use signet_flows::origin::Caller;
use signet_store::{AuditFileError, Stores, open_or_refuse};
use signet_verifier::{Clock, SystemClock};

use self::shown::{issued_lines, lines};
use super::missing_database::missing_database;
use super::operator::operator;
use super::place::{PlaceFlags, existing_stores, find_server};
use super::server::Server;
use super::{CommandResult, Common, answer, answer_list, complain, foreground_runtime, say_done};
use crate::config::{Loaded, Settings};
use crate::views::{ClientView, Issued};

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum ClientCommand {
    /// Register a client and print its secret, once
    Add(Box<add::Add>),
    /// List all clients
    List,
    /// Show one client
    Show(One),
    /// Change a client; if it may have less afterwards, deny its access tokens
    Update(Box<update::Update>),
    /// Create another secret; the newest one until now stays valid until --finish
    RotateSecret(RotateSecret),
    /// Disable a client and deny its access tokens
    Disable(One),
    /// Enable a client again
    Enable(One),
    /// Delete a client and deny its access tokens
    Delete {
        /// The client id
        id: ClientId,
    },
}

/// One client.
#[derive(Args, Debug)]
pub(super) struct One {
    /// The client id
    id: ClientId,
}

/// The arguments of `signet client rotate-secret`.
#[derive(Args, Debug)]
pub(super) struct RotateSecret {
    #[command(flatten)]
    one: One,
    /// Make all older secrets invalid immediately
    #[arg(long)]
    now: bool,
    /// Create no secret; end the rotation, so that only the newest secret is valid
    #[arg(long, conflicts_with = "now")]
    finish: bool,
    /// As --now, and deny the access tokens that the client has
    #[arg(long, conflicts_with = "finish")]
    deny_tokens: bool,
}

impl RotateSecret {
    /// The same as a request of the administration API.
    fn request(&self) -> Value {
        match self.rotate() {
            Rotate::Begin => json!({"mode": "begin"}),
            Rotate::AtOnce => json!({"mode": "at_once"}),
            Rotate::AtOnceDenyingTokens => json!({"mode": "at_once", "deny_tokens": true}),
            Rotate::Finish => json!({"mode": "finish"}),
        }
    }

    fn rotate(&self) -> Rotate {
        match self {
            Self { finish: true, .. } => Rotate::Finish,
            Self {
                deny_tokens: true, ..
            } => Rotate::AtOnceDenyingTokens,
            Self { now: true, .. } => Rotate::AtOnce,
            _ => Rotate::Begin,
        }
    }
}

/// Runs the command on the running server, or on the configured stores if no server answers.
pub(super) fn run(common: &Common, flags: &PlaceFlags, command: ClientCommand) -> CommandResult {
    let loaded = common.load(Vec::new())?;
    let runtime = foreground_runtime()?;
    runtime.block_on(async {
        let place = Place::find(&loaded, flags).await?;
        let audit = place.audit(&loaded.settings, &command)?;
        // A new secret is shown also if its event cannot be recorded.
        let work = async {
            let done = run_on(&place, &loaded.settings, command).await?;
            done.show(common.json)
        };
        let done = audit.recording(work).await;
        place.close().await?;
        done?
    })
}

/// What a command has found or done.
enum Outcome {
    /// One client.
    Client(Value),
    /// A client, perhaps with a new secret.
    Issued(Value),
    /// All clients.
    List(Vec<Value>),
    /// A sentence.
    Done(String),
}

/// The place where clients are read and changed.
enum Place {
    Server(Server),
    Stores(Box<Offline>),
}

/// The stores, changed without a server.
struct Offline {
    stores: Stores,
    operator: ClientId,
}

impl Offline {
    fn caller(&self) -> Caller<'_> {
        Caller::command_line(&self.operator)
    }
}

impl Place {
    /// Finds the place and says which one it is.
    async fn find(loaded: &Loaded, flags: &PlaceFlags) -> Result<Self, Box<dyn Error>> {
        let unknown = &ManageError::Unknown;
        if let Some(server) = find_server(&loaded.settings, flags, unknown).await? {
            return Ok(Self::Server(server));
        }
        let urls = existing_stores(loaded)?;
        let missing = missing_database(&loaded.settings);
        let stores = open_or_refuse(&urls, missing, SystemClock::new().now()).await?;
        Ok(Self::Stores(Box::new(Offline {
            stores,
            operator: operator()?,
        })))
    }

    /// The audit trail of changes without a server. A running server keeps its own.
    fn audit(&self, settings: &Settings, command: &ClientCommand) -> Result<Audit, AuditFileError> {
        let reads = matches!(command, ClientCommand::List | ClientCommand::Show(_));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        match self {
            Self::Stores(offline) if !reads => {
                let table = Arc::clone(&offline.stores.audit);
                settings.audit.for_commands().start(Some(table), &clock)
            }
            _ => AuditSettings::default().start(None, &clock),
        }
    }

    async fn close(&self) -> CommandResult {
        if let Self::Stores(offline) = self {
            offline.stores.close().await?;
        }
        Ok(())
    }
}

async fn run_on(
    place: &Place,
    settings: &Settings,
    command: ClientCommand,
) -> Result<Outcome, Box<dyn Error>> {
    let clock = &SystemClock::new();
    match command {
        ClientCommand::Add(add) => {
            let new = add.into_client()?;
            let lacking = add::lacks(&new);
            let issued = match place {
                Place::Server(server) => server.add(&add::request(&new)).await?,
                Place::Stores(offline) => {
                    let (stores, caller) = (&offline.stores, offline.caller());
                    let ttl = settings.access_token_ttl;
                    let issued = clients::register(stores, new, ttl, clock, caller).await?;
                    serde_json::to_value(Issued::from(issued))?
                }
            };
            lacking.iter().for_each(complain);
            Ok(Outcome::Issued(issued))
        }
        ClientCommand::List => Ok(Outcome::List(list(place).await?)),
        ClientCommand::Show(One { id }) => {
            let client = match place {
                Place::Server(server) => server.show(&id).await?,
                Place::Stores(offline) => viewed(&clients::find(&offline.stores, &id).await?)?,
            };
            Ok(Outcome::Client(client))
        }
        ClientCommand::Update(change) => update(place, settings, *change).await,
        ClientCommand::RotateSecret(rotation) => rotate(place, &rotation, clock).await,
        ClientCommand::Disable(one) => switch(place, one, ClientStatus::Disabled, clock).await,
        ClientCommand::Enable(one) => switch(place, one, ClientStatus::Active, clock).await,
        ClientCommand::Delete { id } => {
            match place {
                Place::Server(server) => server.delete(&id).await?,
                Place::Stores(offline) => {
                    clients::delete(&offline.stores, &id, clock, offline.caller()).await?;
                }
            }
            Ok(Outcome::Done(removed(&id)))
        }
    }
}

/// The id of the command line is not a client.
fn removed(id: &ClientId) -> String {
    if id.is_command_line() {
        return "the tokens of the command line are denied; wait 3 seconds before you make another"
            .to_owned();
    }
    format!("{id} is deleted")
}

async fn rotate(
    place: &Place,
    rotation: &RotateSecret,
    clock: &dyn Clock,
) -> Result<Outcome, Box<dyn Error>> {
    let id = &rotation.one.id;
    let issued = match place {
        Place::Server(server) => server.rotate(id, &rotation.request()).await?,
        Place::Stores(offline) => {
            let (stores, caller) = (&offline.stores, offline.caller());
            let rotate = rotation.rotate();
            let issued = clients::rotate_secret(stores, id, rotate, clock, caller).await?;
            serde_json::to_value(Issued::from(issued))?
        }
    };
    Ok(Outcome::Issued(issued))
}

async fn update(
    place: &Place,
    settings: &Settings,
    change: update::Update,
) -> Result<Outcome, Box<dyn Error>> {
    let id = change.id.clone();
    let request = change.request()?;
    let issued = match place {
        Place::Server(server) => server.update(&id, &request).await?,
        Place::Stores(offline) => {
            let (stores, caller) = (&offline.stores, offline.caller());
            let (ttl, clock) = (settings.access_token_ttl, &SystemClock::new());
            let change = update::read(&request)?.change(id);
            let issued = clients::update(stores, change, ttl, clock, caller).await?;
            serde_json::to_value(Issued::from(issued))?
        }
    };
    Ok(Outcome::Issued(issued))
}

async fn switch(
    place: &Place,
    one: One,
    status: ClientStatus,
    clock: &dyn Clock,
) -> Result<Outcome, Box<dyn Error>> {
    let client = match place {
        Place::Server(server) => {
            let to = match status {
                ClientStatus::Active => "/enable",
                ClientStatus::Disabled => "/disable",
            };
            server.switch(&one.id, to).await?
        }
        Place::Stores(offline) => {
            let (stores, caller) = (&offline.stores, offline.caller());
            viewed(&clients::set_status(stores, &one.id, status, clock, caller).await?)?
        }
    };
    Ok(Outcome::Client(client))
}

async fn list(place: &Place) -> Result<Vec<Value>, Box<dyn Error>> {
    let stores = match place {
        Place::Server(server) => return server.list().await,
        Place::Stores(offline) => &offline.stores,
    };
    let mut all: Vec<Client> = Vec::new();
    loop {
        let after = all.last().map(|client| client.id.clone());
        let page = stores.clients.list(after.as_ref(), PAGE).await?;
        if page.is_empty() {
            return Ok(all.iter().map(viewed).collect::<Result<_, _>>()?);
        }
        all.extend(page);
    }
}

/// The client id as the administration API shows it.
fn viewed(client: &Client) -> serde_json::Result<Value> {
    serde_json::to_value(ClientView::from(client))
}

impl Outcome {
    fn show(&self, json: bool) -> CommandResult {
        match self {
            Self::Client(client) => answer(json, client, lines(client)),
            Self::Issued(issued) => answer(json, issued, issued_lines(issued)),
            Self::List(clients) => answer_list(json, clients, lines, "no client is registered"),
            Self::Done(sentence) => {
                say_done(sentence, json);
                Ok(())
            }
        }
    }
}

/// How many clients are read at once.
const PAGE: u32 = 100;
