//! `signet completions` and `signet man`: descriptions of the command line for shells and readers.
//!
//! Both are made from the commands themselves. This module must not know any command.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{CommandLine, CommandResult, Common, VERSION, print, say_done};

/// Prints the script for `shell`.
pub(super) fn print_completions(shell: Shell) {
    let mut script = Vec::new();
    generate(shell, &mut CommandLine::command(), PROGRAM, &mut script);
    print(&script);
}

/// Writes a page for the program and for each of its commands.
pub(super) fn write_pages(common: &Common, folder: &Path) -> CommandResult {
    let mut command = CommandLine::command().disable_help_subcommand(true);
    command.build();
    let written = fs::create_dir_all(folder).and_then(|()| write_page(command, folder));
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

/// Writes the page of a command and of the commands in it. Each names the program and its version.
fn write_page(command: Command, folder: &Path) -> io::Result<()> {
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        write_page(inner.clone(), folder)?;
    }
    let page = Man::new(command).source(format!("{PROGRAM} {VERSION}"));
    page.generate_to(folder).map(drop)
}

const PROGRAM: &str = "signet";
