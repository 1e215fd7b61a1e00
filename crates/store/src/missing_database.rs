//! What to do about a database that is missing when it is opened.

/// What to do about a database that has no tables yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MissingDatabase {
    /// Make it.
    Make,
    /// Refuse to open it: it was used before, so it must have been lost.
    Refuse,
}
