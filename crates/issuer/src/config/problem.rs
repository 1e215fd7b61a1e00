//! The problems of a configuration, as sentences that name the key and its source.

use std::fmt;

use serde::Serialize;

use super::hints::ways_to_set;

/// The source of a setting that no source sets.
pub(super) const DEFAULT: &str = "default";

/// What is wrong with one setting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SettingProblem {
    /// The key, such as `session.grace`; empty if it concerns a whole source.
    pub key: String,
    /// The source, such as `environment variable SIGNET_REFRESH_GRACE`.
    pub source: String,
    /// What is wrong. It never holds the value of a secret.
    pub message: String,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            source,
            message,
        } = self;
        if key.is_empty() {
            write!(f, "{source} {message}")
        } else if source == DEFAULT {
            write!(f, "{key} {message} (set it with {})", ways_to_set(key))
        } else {
            write!(f, "{key} {message} (from {source})")
        }
    }
}

/// All problems; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingProblems(pub Vec<SettingProblem>);

impl fmt::Display for SettingProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is invalid:")?;
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingProblems {}
