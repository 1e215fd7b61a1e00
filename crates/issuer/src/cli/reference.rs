//! `signet completions` and `signet man`: descriptions of the command line for shells and readers.
//!
//! Both are made from the commands themselves. This module must not know any command.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{CommandLine, CommandResult, Common, print, say_done};

/// Prints the script for `shell`.
pub(super) fn print_completions(shell: Shell) {
    let mut script = Vec::new();
    generate(shell, &mut CommandLine::command(), PROGRAM, &mut script);
    print(&script);
}

/// Writes a page for the program and for each of its commands.
pub(super) fn write_pages(common: &Common, folder: &Path) -> CommandResult {
    let written = fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(CommandLine::command(), folder));
    let shown = folder.display();
    written.map_err(|error| {
        format!("cannot write manual pages to {shown}: {error}; choose another folder")
    })?;
    say_done(
        format_args!("wrote the manual pages to {shown}"),
        common.json,
    );
    Ok(())
}

const PROGRAM: &str = "signet";
