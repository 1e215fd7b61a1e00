//! Why a key ring cannot be used, in sentences for operators.

/// Why a ring cannot be used. Each text is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// Not JSON, or not of the form of a ring.
    #[error("it is not a key ring: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by another version of Signet.
    #[error("it has format {0}, and this version of Signet reads format {FORMAT}")]
    UnknownFormat(u32),
    /// No sequence of commands leads to such a ring.
    #[error("it is impossible: {0}")]
    Impossible(String),
}

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;
