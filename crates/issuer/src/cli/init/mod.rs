//! `signet init`: asks what each installation decides, and writes the configuration file.

mod draft;
mod questions;

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use self::draft::Draft;
use self::questions::{ask_all, can_ask};
use super::{CommandResult, Common, answer};
use crate::config::{Settings, USUAL_FILE};

/// The answers that are given already.
#[derive(Args, Debug)]
pub(super) struct InitFlags {
    /// The URL by which clients reach the server; the issuer of every token
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where accounts are stored: `sqlite://PATH`, or `postgres://HOST/DATABASE`
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where sessions are stored if not in the database
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// The addresses of the proxies in front of the server, separated by commas, or none
    #[arg(long, value_name = "LIST")]
    trusted_proxies: Option<String>,
}

impl InitFlags {
    fn draft(&self) -> Draft {
        let mut draft = Draft::default();
        for (key, given) in [
            ("public_url", &self.public_url),
            ("database_url", &self.database_url),
            ("redis_url", &self.redis_url),
            ("trusted_proxies", &self.trusted_proxies),
        ] {
            if let Some(value) = given {
                draft.set(key, value.clone());
            }
        }
        draft
    }
}

/// Writes the file that `--config` names, or the usual one. It must not exist.
pub(super) fn init(common: &Common, flags: &InitFlags) -> CommandResult {
    let named = common.config.clone();
    let file = named.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE));
    if file.exists() {
        return Err(exists(&file).into());
    }
    let mut draft = flags.draft();
    if can_ask() {
        ask_all(&mut draft)?;
    } else if !draft.has("public_url") {
        return Err(NO_TERMINAL.into());
    }
    let settings = draft.check()?;
    write_new(&file, &draft.text()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(&file),
        _ => format!("cannot write {}: {error}", file.display()),
    })?;
    let document = Written {
        done: format!("wrote {}", file.display()),
        next: next_commands(&settings, named.as_deref()),
    };
    let text = format!(
        "{}\nType next:\n  {}",
        document.done,
        document.next.join("\n  ")
    );
    answer(common.json, &document, text)
}

#[derive(Serialize)]
struct Written {
    done: String,
    /// What to type next.
    next: Vec<String>,
}

/// The commands between the configuration and the first start.
fn next_commands(settings: &Settings, file: Option<&Path>) -> Vec<String> {
    let named = file.map_or_else(String::new, |file| format!(" --config {}", file.display()));
    let has_keys = settings.keys.folder().ring().is_ok();
    let make_keys = (!has_keys).then_some("keys init");
    let commands = make_keys.into_iter().chain(["doctor", "serve"]);
    commands
        .map(|command| format!("signet {command}{named}"))
        .collect()
}

/// Only the owner may read the file: a URL in it may hold a password.
fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut written = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()
}

fn exists(file: &Path) -> String {
    format!(
        "{} exists and is not changed; edit it, or name another file with --config",
        file.display()
    )
}

const NO_TERMINAL: &str = "there is no terminal to ask questions on; name the URL by which clients \
                           reach the server with --public-url; `signet init --help` shows the other answers";
