//! The reasons why a key ring cannot be used, for operators.

/// The reasons why a ring cannot be used. Operators read these texts.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// The text is not JSON, or does not have the form of a ring.
    #[error("it is not a key ring: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version of Signet wrote the ring.
    #[error("it has format {0}, but this version of Signet reads format {FORMAT}")]
    UnknownFormat(u32),
    /// No sequence of commands produces such a ring.
    #[error("it is inconsistent: {0}")]
    Impossible(String),
}

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;
