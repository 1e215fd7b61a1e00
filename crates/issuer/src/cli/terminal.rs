//! Reading a password from the terminal without showing it, or from a pipe.

use std::error::Error;
use std::io::{self, BufRead as _, IsTerminal as _, Stdin, Write as _, stderr, stdin};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use signet_core::secret::SecretText;

/// Reads a new password: twice from a terminal, so that no slip of the finger is kept, once from
/// anything else.
///
/// # Errors
///
/// When there is no line to read, or the two differ.
pub(super) fn read_new_password() -> Result<SecretText, Box<dyn Error>> {
    let input = stdin();
    if !input.is_terminal() {
        return Ok(read_line(&input)?);
    }
    let first = read_hidden(&input, "Password: ")?;
    let second = read_hidden(&input, "Repeat the password: ")?;
    if first.expose() == second.expose() {
        Ok(first)
    } else {
        Err("the passwords differ; run the command again".into())
    }
}

fn read_hidden(input: &Stdin, prompt: &str) -> io::Result<SecretText> {
    let shown = tcgetattr(input)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    write!(stderr(), "{prompt}")?;
    tcsetattr(input, OptionalActions::Flush, &hidden)?;
    let line = read_line(input);
    tcsetattr(input, OptionalActions::Flush, &shown)?;
    line
}

fn read_line(input: &Stdin) -> io::Result<SecretText> {
    let mut line = String::new();
    let read = input.lock().read_line(&mut line)?;
    if read == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, NO_LINE));
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(SecretText::new(line))
}

const NO_LINE: &str = "there is no password on standard input; write it there on one line";
