//! `signet audit`: checks and shows the audit trail, beside a running server.

mod trail;
mod verify;

use std::collections::VecDeque;

use clap::Subcommand;
use signet_core::audit::ChainEnd;
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_store::AuditFilter;

use super::{CommandResult, Common, complain, say};
use trail::{AuditPlace, Trail};

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum AuditCommand {
    /// Check that no line was removed or changed
    Verify {
        #[command(flatten)]
        place: AuditPlace,
        /// A number and hash that an earlier `verify` printed: that line must still be there
        #[arg(long, value_name = "NUMBER:HASH", value_parser = chain_end)]
        known: Option<ChainEnd>,
    },
    /// Print the newest events, one JSON object a line
    Tail {
        #[command(flatten)]
        place: AuditPlace,
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
    },
    /// Print the events that match every option, the oldest first
    Search {
        #[command(flatten)]
        place: AuditPlace,
        /// The type, for example session.ended
        #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
        kind: Option<String>,
        /// The id of the account
        #[arg(long, value_parser = account_id)]
        account: Option<AccountId>,
        /// The id of the actor: an account, a client or an administrator
        #[arg(long, value_parser = actor_id)]
        actor: Option<String>,
    },
}

/// Runs the command.
pub(super) fn run(common: &Common, command: AuditCommand) -> CommandResult {
    match command {
        AuditCommand::Verify { place, known } => {
            verify::verify(&Trail::open(place, common)?, known, common.json)
        }
        AuditCommand::Tail { place, lines } => tail(&Trail::open(place, common)?, lines),
        AuditCommand::Search {
            place,
            kind,
            account,
            actor,
        } => {
            let account = account.map(|id| id.to_string());
            let filter = AuditFilter { kind, account };
            search(&Trail::open(place, common)?, &filter, actor.as_deref())
        }
    }
}

fn chain_end(text: &str) -> Result<ChainEnd, &'static str> {
    text.parse().map_err(|_| NO_CHAIN_END)
}

/// The trail may have types of earlier versions, so only the form is checked.
fn event_type(text: &str) -> Result<String, &'static str> {
    let of_a_type = |character: char| matches!(character, 'a'..='z' | '_' | '.');
    if text.contains('.') && text.chars().all(of_a_type) {
        Ok(text.to_owned())
    } else {
        Err(NO_EVENT_TYPE)
    }
}

fn account_id(text: &str) -> Result<AccountId, &'static str> {
    text.parse().map_err(|_| NO_ACCOUNT_ID)
}

/// The trail names actors by the id of an account or of a client; people at the command line have the
/// form of a client.
fn actor_id(text: &str) -> Result<String, &'static str> {
    let is_account = text.parse::<AccountId>().is_ok();
    if is_account || text.parse::<ClientId>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(NO_ACTOR_ID)
    }
}

fn tail(trail: &Trail, count: usize) -> CommandResult {
    let mut newest = VecDeque::new();
    for line in trail.newest(count)? {
        newest.push_back(line?.text);
        if newest.len() > count {
            newest.pop_front();
        }
    }
    if newest.is_empty() {
        complain(&"the trail has no events yet");
    }
    newest.iter().for_each(say);
    Ok(())
}

fn search(trail: &Trail, filter: &AuditFilter, actor: Option<&str>) -> CommandResult {
    let matches =
        |asked: Option<&str>, found: Option<&str>| asked.is_none_or(|asked| Some(asked) == found);
    let mut found = false;
    for line in trail.lines(filter)? {
        let line = line?;
        let event = line.read()?.event;
        if matches(filter.kind.as_deref(), Some(&event.kind))
            && matches(filter.account.as_deref(), event.account.as_deref())
            && matches(actor, event.actor.id.as_deref())
        {
            found = true;
            say(&line.text);
        }
    }
    if !found {
        complain(&"no event matches");
    }
    Ok(())
}

/// The trail has no email addresses.
const NO_ACCOUNT_ID: &str = "must be the id of an account; `signet account show ADDRESS` prints it";
const NO_ACTOR_ID: &str = "must be the id of an account or of a client; `signet account show ADDRESS` \
                           and `signet client list` print them";
const NO_EVENT_TYPE: &str = "must be the type of an event, such as session.ended";
const NO_CHAIN_END: &str =
    "must be a number, a colon and a hash, as `signet audit verify` prints them";
