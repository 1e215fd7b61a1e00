//! The command line: what can be typed, and what it says.
//!
//! Only these functions read the environment, bind, install what is global in a process, print
//! and choose the exit code: 0, 1 for an error, 2 for a wrong usage.

mod admin;
mod client;
mod config_check;
mod healthcheck;
mod keys;
mod serve;

use std::error::Error;
use std::fmt::Display;
use std::io::{Write as _, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Loaded, Problems, Sources, load};

/// Signs in people and programs, and issues access tokens that every service verifies by itself.
#[derive(Parser, Debug)]
#[command(name = "signet", version = VERSION, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args, Debug)]
struct Common {
    /// The configuration file [default: signet.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve until told to stop
    Serve(serve::Flags),
    /// Make, show, rotate, retire and revoke keys
    Keys(keys::KeysCommand),
    /// Register programs and change what they may do
    Client {
        #[command(flatten)]
        flags: client::ClientFlags,
        #[command(subcommand)]
        command: client::ClientCommand,
    },
    /// Print a token for the administration API
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask a running server whether it is well, for containers
    Healthcheck,
}

#[derive(Subcommand, Debug)]
enum ConfigCommand {
    /// Show every setting and its source, or every error
    Check(config_check::CheckFlags),
}

/// What a command gives: nothing, or a sentence for standard error.
type CommandResult = Result<(), Box<dyn Error>>;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let CommandLine { common, command } = CommandLine::parse();
    let outcome = match command {
        Command::Serve(flags) => serve::serve(&common, &flags),
        Command::Keys(command) => keys::run(&common, &command),
        Command::Client { flags, command } => client::run(&common, &flags, command),
        Command::Admin(command) => admin::run(&common, &command),
        Command::Config(ConfigCommand::Check(flags)) => config_check::check(&common, &flags),
        Command::Healthcheck => healthcheck::ask(&common),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

impl Common {
    /// The configuration of this process, with what flags say on top.
    fn load(&self, flags: Vec<(&'static str, String)>) -> Result<Loaded, Problems> {
        load(&Sources {
            file: self.config.clone(),
            flags,
            ..Sources::of_process()
        })
    }
}

/// What a command answers. A reader that has gone, such as `head`, has read enough.
fn say(line: impl Display) {
    let _gone = writeln!(stdout(), "{line}");
}

/// Why a command failed.
fn complain(error: &impl Display) {
    let _gone = writeln!(stderr(), "signet: {error}");
}

/// Version and commit.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_COMMIT"), ")");
