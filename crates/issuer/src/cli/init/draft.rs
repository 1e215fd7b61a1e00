//! The configuration file before it is written: a few settings and their values.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::config::{SettingProblems, Settings, Sources, load};

/// Settings in the order in which they were set.
#[derive(Clone, Default, Debug)]
pub(super) struct Draft(Vec<(&'static str, String)>);

impl Draft {
    /// Sets a setting.
    pub(super) fn set(&mut self, key: &'static str, value: String) {
        self.0.retain(|(set, _)| *set != key);
        self.0.push((key, value));
    }

    /// Whether a setting is set.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The value of a setting.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(set, _)| *set == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Checks the settings as a server does that has no others.
    ///
    /// # Errors
    ///
    /// Every problem.
    pub(super) fn check(&self) -> Result<Settings, SettingProblems> {
        let sources = Sources {
            file: Some(PathBuf::from(EMPTY_FILE)),
            flags: self.0.clone(),
            ..Sources::default()
        };
        Ok(load(&sources)?.settings)
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (key, comment) in COMMENTS {
            if let Some(value) = self.value(key) {
                let _infallible = write!(text, "\n# {comment}\n{key} = {}\n", toml(key, value));
            }
        }
        text
    }
}

/// A value in TOML, whose texts are written as those of JSON are.
fn toml(key: &str, value: &str) -> String {
    let parts = value.split(',').map(str::trim);
    let json = match key {
        "trusted_proxies" => serde_json::json!(parts.collect::<Vec<_>>()),
        _ => serde_json::json!(value),
    };
    json.to_string()
}

/// Settings of the working folder are not part of the new file.
const EMPTY_FILE: &str = "/dev/null";

const HEAD: &str = "\
# Settings of Signet. `signet config check` shows every setting with its value and its source.
";

/// The settings that are written, in the order of the file.
const COMMENTS: [(&str, &str); 4] = [
    (
        "public_url",
        "The URL by which clients reach the server; the issuer of every token.",
    ),
    ("database_url", "Where accounts are stored."),
    ("redis_url", "Where sessions are stored."),
    (
        "trusted_proxies",
        "The proxies in front of the server, whose X-Forwarded-For is trusted.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_written_as_toml_and_read_again() {
        let mut draft = Draft::default();
        draft.set("trusted_proxies", "10.0.0.0/8, ::1".to_owned());
        draft.set("public_url", "https://auth.example.com".to_owned());
        draft.set("database_url", "sqlite://a \"b\\c\".db".to_owned());
        draft.check().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), draft.text()).unwrap();
        let sources = Sources {
            file: Some(file.path().to_owned()),
            ..Sources::default()
        };
        let settings = load(&sources).unwrap().settings;
        assert_eq!(settings.public_url.as_str(), "https://auth.example.com");
        assert_eq!(settings.database_url.expose(), "sqlite://a \"b\\c\".db");
        let proxies: Vec<_> = settings
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    }
}
