//! The questions of `signet init`, asked on the terminal until each answer is valid.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _, stderr, stdin};

use super::draft::Draft;
use crate::cli::complain;
use crate::config::default_of;

/// Whether a person can be asked.
pub(super) fn can_ask() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for each setting that the draft does not have.
pub(super) fn ask_all(draft: &mut Draft) -> Result<(), Box<dyn Error>> {
    for question in &QUESTIONS {
        if !draft.has(question.key) && question.is_asked(draft) {
            ask(question, draft)?;
        }
    }
    Ok(())
}

/// A question about one setting. If nothing is typed, the setting has its default.
struct Question {
    key: &'static str,
    text: &'static str,
    /// The settings whose problems this answer can solve.
    solves: &'static [&'static str],
}

impl Question {
    /// Proxies are asked for only if the URL needs them.
    fn is_asked(&self, draft: &Draft) -> bool {
        let is_https = |url: &str| url.starts_with("https://");
        self.key != "trusted_proxies" || draft.value("public_url").is_some_and(is_https)
    }

    /// What is wrong with the draft that this answer could solve.
    fn problem(&self, draft: &Draft) -> Option<String> {
        let mut draft = draft.clone();
        if self.key == "database_url" && !draft.has("redis_url") {
            // The next question asks for it.
            draft.set("redis_url", ANY_REDIS.to_owned());
        }
        let problems = draft.check().err()?.0;
        let mut problems = problems.into_iter();
        let found = problems.find(|problem| self.solves.contains(&problem.key.as_str()))?;
        Some(format!("{} {}", found.key, found.message))
    }
}

fn ask(question: &Question, draft: &mut Draft) -> Result<(), Box<dyn Error>> {
    loop {
        let mut answered = draft.clone();
        let line = read_answer(question)?;
        let typed = line.trim();
        let value = if typed.is_empty() {
            default_of(question.key)
        } else {
            Some(typed)
        };
        if let Some(value) = value {
            answered.set(question.key, value.to_owned());
        }
        if let Some(problem) = question.problem(&answered) {
            complain(&problem);
        } else {
            *draft = answered;
            return Ok(());
        }
    }
}

fn read_answer(question: &Question) -> io::Result<String> {
    let mut output = stderr();
    match default_of(question.key) {
        None => write!(output, "{}: ", question.text)?,
        Some(default) => write!(output, "{} [{default}]: ", question.text)?,
    }
    output.flush()?;
    let mut line = String::new();
    if stdin().read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

const ANY_REDIS: &str = "redis://localhost";

const QUESTIONS: [Question; 4] = [
    Question {
        key: "public_url",
        text: "URL by which clients reach the server",
        solves: &["public_url"],
    },
    Question {
        key: "database_url",
        text: "Database, sqlite://PATH or postgres://HOST/DATABASE",
        solves: &["database_url"],
    },
    Question {
        key: "redis_url",
        text: "Redis for sessions, needed for PostgreSQL or several servers (empty for none)",
        solves: &["redis_url", "database_url"],
    },
    Question {
        key: "trusted_proxies",
        text: "Addresses of the proxies in front, such as 10.0.0.0/8 (none if clients connect directly)",
        solves: &["trusted_proxies"],
    },
];
