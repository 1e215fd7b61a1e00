//! The command line: its commands, options and output.
//!
//! Only these functions read the environment, bind, install the global logger and recorder, print
//! and choose the exit code: 0, 1 for an error, 2 for wrong usage, 3 for missing steps of the schema.

mod accept_clock;
mod account;
mod admin;
mod audit;
mod backup;
mod client;
mod config_check;
mod doctor;
mod failure;
mod healthcheck;
mod init;
mod keys;
mod list;
mod migrate;
mod missing_database;
mod moving;
mod operator;
mod output;
mod passphrase_file;
mod place;
mod progress;
mod recorder;
mod reference;
mod serve;
mod server;
mod terminal;

use std::error::Error;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;
use tokio::runtime::{Builder, Runtime};

use self::failure::{AlreadySaid, report, report_usage};
use self::output::{answer, answer_list, complain, output_is_lost, print, say, say_done};
use crate::config::{Loaded, SettingProblems, Sources, load};

/// Signs in people and programs, and issues access tokens that every service verifies by itself.
#[derive(Parser, Debug)]
#[command(name = "signet", version = VERSION, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Args, Debug)]
struct Common {
    /// The configuration file [default: signet.toml in this folder, if it exists]
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    config: Option<PathBuf>,
    /// Print JSON, errors too
    #[arg(long, global = true, display_order = LAST)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Ask a few questions and write the configuration file
    Init(init::InitFlags),
    /// Run the server until SIGTERM or SIGINT
    Serve(serve::Flags),
    /// Create, list, rotate, retire and revoke keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Register and manage clients
    Client {
        #[command(flatten)]
        flags: place::PlaceFlags,
        #[command(subcommand)]
        command: client::ClientCommand,
    },
    /// Add people and change what they may do
    Account {
        #[command(flatten)]
        flags: place::PlaceFlags,
        #[command(subcommand)]
        command: account::AccountCommand,
    },
    /// Print a token for the administration API
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Check and show the audit trail
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write a backup of the SQLite database, also while a server runs
    Backup(backup::BackupFlags),
    /// Put a backup in place, and end every session and access token from before
    Restore(backup::RestoreFlags),
    /// Write everything that is stored into a file, to move it to other stores
    Export(moving::ExportFlags),
    /// Read a file of `signet export` into empty stores
    Import(moving::ImportFlags),
    /// Check the schema of the database, or apply its missing steps before an upgrade
    Migrate(migrate::Flags),
    /// Check the installation, and say what is wrong and what to type
    Doctor(doctor::DoctorFlags),
    /// Accept the clock of this machine after a clock that was ahead; `signet doctor` says when
    AcceptClock,
    /// Check the health of a running server, for containers
    Healthcheck,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages, one for each command
    Man {
        /// The folder; it is made if it does not exist
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
enum ConfigCommand {
    /// Show every setting and its source, or every error
    Check(config_check::CheckFlags),
}

/// Help shows the options of a command first, then those that many commands share.
const LAST: usize = 900;

/// Parses a duration, for an argument. What arguments set is stored in seconds.
fn duration(text: &str) -> Result<Duration, &'static str> {
    let parsed = humantime::parse_duration(text).ok();
    let whole = parsed.filter(|duration| duration.subsec_nanos() == 0);
    whole.ok_or("must be a duration in whole seconds, such as 90s, 10m or 30d")
}

/// The result of a command: nothing, or the reason why it has failed.
type CommandResult = Result<(), Box<dyn Error>>;

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let CommandLine { common, command } = match parse() {
        Ok(parsed) => parsed,
        Err(error) => return report_usage(&error),
    };
    match run(&common, command) {
        Ok(()) if output_is_lost() => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast::<clap::Error>() {
            Ok(error) => report_usage(&error),
            Err(error) => {
                let code = exit_code(error.as_ref());
                report(error, common.json);
                code
            }
        },
    }
}

/// Help is wrapped for the terminal that shows it, and not for programs that read it.
fn parse() -> Result<CommandLine, clap::Error> {
    let mut command = CommandLine::command();
    if !io::stdout().is_terminal() {
        command = command.term_width(UNLIMITED);
    }
    let matches = command.clone().try_get_matches()?;
    CommandLine::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn run(common: &Common, command: Command) -> CommandResult {
    match command {
        Command::Init(flags) => init::init(common, &flags),
        Command::Serve(flags) => serve::serve(common, &flags),
        Command::Keys(command) => keys::run(common, &command),
        Command::Client { flags, command } => client::run(common, &flags, command),
        Command::Account { flags, command } => account::run(common, &flags, command),
        Command::Admin(command) => admin::run(common, &command),
        Command::Audit(command) => audit::run(common, command),
        Command::Config(ConfigCommand::Check(flags)) => config_check::check(common, &flags),
        Command::Backup(flags) => backup::backup(common, &flags),
        Command::Restore(flags) => backup::run_restore(common, &flags),
        Command::Export(flags) => moving::export(common, &flags),
        Command::Import(flags) => moving::import(common, &flags),
        Command::Migrate(flags) => migrate::run(common, &flags),
        Command::Doctor(flags) => doctor::examine(common, &flags),
        Command::AcceptClock => accept_clock::accept(common),
        Command::Healthcheck => healthcheck::ask(common),
        Command::Completions { shell } => {
            reference::print_completions(shell);
            Ok(())
        }
        Command::Man { folder } => reference::write_pages(common, &folder),
    }
}

fn exit_code(error: &(dyn Error + 'static)) -> ExitCode {
    if error.is::<migrate::Pending>() {
        return ExitCode::from(PENDING);
    }
    ExitCode::FAILURE
}

impl Common {
    /// The configuration of this process, with the values of flags on top.
    fn load(&self, flags: Vec<(&'static str, String)>) -> Result<Loaded, SettingProblems> {
        load(&Sources {
            flags,
            ..self.sources()
        })
    }

    /// Where the configuration of this process is, without flags.
    fn sources(&self) -> Sources {
        Sources {
            file: self.config.clone(),
            ..Sources::of_process()
        }
    }
}

/// A runtime without a thread of its own, which works only while the command waits for it.
fn foreground_runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A runtime with a thread of its own, which works on while the command does not wait for it.
fn background_runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
}

/// Lines are as long as they are.
const UNLIMITED: usize = 0;

/// The exit code if the schema of the database has missing steps.
const PENDING: u8 = 3;

/// Version and commit.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_COMMIT"), ")");
