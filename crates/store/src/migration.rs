//! How many steps of its schema a database has seen, and whether opening applies the rest.

/// Whether opening a store applies the missing steps of the schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Migration {
    /// Opening applies them.
    #[default]
    Automatic,
    /// Opening fails if steps are missing; [`crate::migrate`] applies them.
    Manual,
}

/// The steps of a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SchemaSteps {
    /// How many were applied; 0 if the database has no tables or does not exist.
    pub applied: usize,
    /// How many this version knows, at least as many as were applied.
    pub known: usize,
}

impl SchemaSteps {
    /// How many steps are missing.
    pub fn pending(self) -> usize {
        self.known.saturating_sub(self.applied)
    }
}
