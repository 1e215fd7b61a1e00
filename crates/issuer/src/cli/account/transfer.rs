//! `signet account import` and `export`: JSON lines between a file and a server, streamed.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;
use std::thread;

use axum::http::Method;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::text;
use crate::admin::JSON_LINES;
use crate::cli::progress::Progress;
use crate::cli::server::Server;
use crate::cli::{CommandResult, print, say};
use crate::streamed::{BodyParts, streamed_body};

/// Sends the lines of a file, or of standard input for `-`, and prints the verdicts.
pub(super) async fn import(server: &Server, file: &Path, json: bool) -> CommandResult {
    let source: Box<dyn Read + Send> = if file.as_os_str() == "-" {
        Box::new(stdin())
    } else {
        Box::new(open(file).map_err(|error| format!("{}: {error}", file.display()))?)
    };
    let (parts, body) = streamed_body();
    // Reading a file blocks.
    let reader = thread::Builder::new().spawn(move || read_into(&parts, source))?;
    let request = (Method::POST, "/admin/accounts/import");
    let mut verdicts = server.stream(request, Some((JSON_LINES, body))).await?;
    let mut counts = Counts::default();
    let progress = Progress::of("importing accounts");
    let mut begun = Vec::new();
    while let Some(frame) = verdicts.frame().await {
        let data = frame.map_err(|_| "the server broke the import off; run it again")?;
        begun.extend_from_slice(&data.into_data().unwrap_or_default());
        for line in whole_lines(&mut begun) {
            if let Some(said) = counts.count(&line, json)? {
                progress.say(said);
            }
            progress.count(1);
        }
    }
    // A server that has failed has not read everything.
    if counts.failed == 0 && reader.join().is_err() {
        return Err("the file was not read to its end".into());
    }
    drop(progress);
    counts.finish(json)
}

/// Opens a file. A folder opens too, and only reading it fails.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

/// Prints every account.
pub(super) async fn export(server: &Server) -> CommandResult {
    let request = (Method::GET, "/admin/accounts/export");
    let mut lines = server.stream(request, None).await?;
    let progress = Progress::beside_output("exporting accounts");
    while let Some(frame) = lines.frame().await {
        let data = frame.map_err(|_| "the server broke the export off; run it again")?;
        let data = data.into_data().unwrap_or_default();
        if !print(&data) {
            break;
        }
        progress.count(data.split(|byte| *byte == b'\n').skip(1).count());
    }
    Ok(())
}

/// Ends when the file or the receiver has.
fn read_into(parts: &BodyParts, mut source: impl Read) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let part = match source.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => Ok(buffer.get(..length).unwrap_or_default().to_vec().into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let has_failed = part.is_err();
        if parts.blocking_send(part).is_err() || has_failed {
            return;
        }
    }
}

/// Takes the lines that are complete.
fn whole_lines(begun: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let Some(end) = begun.iter().rposition(|byte| *byte == b'\n') else {
        return Vec::new();
    };
    let whole: Vec<u8> = begun.drain(..=end).collect();
    let lines = whole.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

#[derive(Default)]
struct Counts {
    added: usize,
    existing: usize,
    refused: usize,
    failed: usize,
}

impl Counts {
    /// Counts a verdict. Returns the line to print if it needs attention, or every one as JSON.
    fn count(&mut self, verdict: &[u8], json: bool) -> Result<Option<String>, Box<dyn Error>> {
        let verdict: Value = serde_json::from_slice(verdict)?;
        let is_good = match verdict.get("status").and_then(Value::as_str) {
            Some("added") => {
                self.added += 1;
                true
            }
            Some("exists") => {
                self.existing += 1;
                true
            }
            Some("failed") => {
                self.failed += 1;
                false
            }
            _ => {
                self.refused += 1;
                false
            }
        };
        if json {
            return Ok(Some(verdict.to_string()));
        }
        Ok((!is_good).then(|| shown(&verdict)))
    }

    fn finish(&self, json: bool) -> CommandResult {
        let Self {
            added,
            existing,
            refused,
            failed,
        } = self;
        if !json {
            say(format_args!(
                "{added} added, {existing} existing, {refused} refused"
            ));
        }
        if *failed > 0 {
            return Err("a store did not answer; run the import again later".into());
        }
        match refused {
            0 => Ok(()),
            1 => Err("1 line was refused; correct and import it".into()),
            _ => Err(format!("{refused} lines were refused; correct and import them").into()),
        }
    }
}

/// `line 3: password_hash costs too much to verify`
fn shown(verdict: &Value) -> String {
    let number = verdict
        .get("line")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let errors = verdict.get("errors").and_then(Value::as_array);
    let named: Vec<_> = errors
        .into_iter()
        .flatten()
        .map(|error| {
            let part = |name: &str| error.get(name).map(text).unwrap_or_default();
            format!("{} {}", part("field"), part("message"))
        })
        .collect();
    if named.is_empty() {
        let message = verdict.get("message").map(text).unwrap_or_default();
        return format!("line {number}: {message}");
    }
    format!("line {number}: {}", named.join("; "))
}

const READ_BYTES: usize = 64 * 1024;
