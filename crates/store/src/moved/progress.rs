//! How far an export or an import is, for a person who waits for it.

/// Is told how many more rows were moved.
pub type RowCounter<'a> = &'a (dyn Fn(usize) + Send + Sync);
