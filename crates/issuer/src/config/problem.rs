//! What is wrong with a configuration, in sentences that name the key and who said it.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The key, such as `session.grace`; empty when it is about a source as a whole.
    pub key: String,
    /// Who said it, such as `environment variable SIGNET_REFRESH_GRACE`.
    pub source: String,
    /// What is wrong. Never holds the value of a secret.
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

/// Everything that is wrong; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
