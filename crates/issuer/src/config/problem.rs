//! The problems of a configuration, as sentences that name the key and its source.

use std::fmt;

/// One problem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The key, such as `session.grace`; empty if it concerns a whole source.
    pub key: String,
    /// The source, such as `environment variable SIGNET_REFRESH_GRACE`.
    pub source: String,
    /// What is wrong. It never holds the value of a secret.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(f, "{} {}", self.source, self.message)
        } else {
            write!(f, "{} {} (from {})", self.key, self.message, self.source)
        }
    }
}

/// All problems; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is invalid:")?;
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
