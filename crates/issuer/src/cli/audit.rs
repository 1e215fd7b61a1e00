//! `signet audit`: checks and shows the audit trail in its files, beside a running server.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use signet_core::audit::{AuditLine, ChainCheck, ChainEnd};
use signet_store::{FileLine, audit_file_lines};

use super::{CommandResult, Common, say};

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum AuditCommand {
    /// Check that no line was removed or changed
    Verify {
        #[command(flatten)]
        place: AuditPlace,
        /// A number and hash that an earlier `verify` printed: that line must still be there
        #[arg(long, value_name = "NUMBER:HASH")]
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
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// The id of the account
        #[arg(long)]
        account: Option<String>,
        /// The id of the actor: an account, a client or an administrator
        #[arg(long)]
        actor: Option<String>,
    },
}

/// Where the trail is.
#[derive(Args, Debug)]
pub(super) struct AuditPlace {
    /// The file [default: `audit.file`]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(common: &Common, command: AuditCommand) -> CommandResult {
    match command {
        AuditCommand::Verify { place, known } => verify(&place.path(common)?, known),
        AuditCommand::Tail { place, lines } => tail(&place.path(common)?, lines),
        AuditCommand::Search {
            place,
            kind,
            account,
            actor,
        } => {
            let matches = |asked: &Option<String>, found: Option<&str>| {
                asked.as_deref().is_none_or(|asked| Some(asked) == found)
            };
            search(&place.path(common)?, |line| {
                let event = &line.event;
                matches(&kind, Some(&event.kind))
                    && matches(&account, event.account.as_deref())
                    && matches(&actor, event.actor.id.as_deref())
            })
        }
    }
}

impl AuditPlace {
    fn path(self, common: &Common) -> Result<PathBuf, Box<dyn std::error::Error>> {
        if let Some(file) = self.file {
            return Ok(file);
        }
        let audit = common.load(Vec::new())?.settings.audit;
        let audit = audit.ok_or("audit.file is not set; set it, or name a file with --file")?;
        Ok(audit.file)
    }
}

fn verify(path: &Path, known: Option<ChainEnd>) -> CommandResult {
    let mut check = ChainCheck::default();
    let (mut count, mut first, mut is_known) = (0_u64, None, known.is_none());
    for line in audit_file_lines(path)? {
        let line = line?;
        let read = read(&line)?;
        check.accept(&read).map_err(|error| at(&line, &error))?;
        first = first.or(Some(read.end.seq));
        is_known |= known == Some(read.end);
        count += 1;
    }
    if !is_known {
        return Err("the known line is not in these files: lines were removed or replaced".into());
    }
    match (first, check.end()) {
        (Some(first), Some(end)) => say(format_args!(
            "{count} lines are intact, from number {first} on; the newest is {end}"
        )),
        _ => say("there are no lines"),
    }
    Ok(())
}

fn tail(path: &Path, count: usize) -> CommandResult {
    let mut newest = std::collections::VecDeque::new();
    for line in audit_file_lines(path)? {
        newest.push_back(line?.text);
        if newest.len() > count {
            newest.pop_front();
        }
    }
    newest.iter().for_each(say);
    Ok(())
}

fn search(path: &Path, matches: impl Fn(&AuditLine) -> bool) -> CommandResult {
    for line in audit_file_lines(path)? {
        let line = line?;
        if matches(&read(&line)?) {
            say(&line.text);
        }
    }
    Ok(())
}

fn read(line: &FileLine) -> Result<AuditLine, String> {
    AuditLine::read(&line.text).map_err(|error| at(line, &error))
}

/// Where the chain is broken, and how.
fn at(line: &FileLine, error: &dyn std::error::Error) -> String {
    format!("{}:{}: {error}", line.path.display(), line.number)
}
