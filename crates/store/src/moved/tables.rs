//! The tables that are moved.

/// A table, and an order of its rows in which each follows those that it refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// Its name; in PostgreSQL it is in the schema `signet`.
    pub(crate) name: &'static str,
    /// What its rows are ordered by.
    pub(crate) order: &'static str,
    /// Whether a new database has rows in it.
    pub(crate) begins_filled: bool,
}

const fn table(name: &'static str, order: &'static str) -> Table {
    Table {
        name,
        order,
        begins_filled: false,
    }
}

/// What is in the database in every setup. A table follows those that its rows refer to.
pub(crate) const DATABASE_TABLES: [Table; 12] = [
    table("accounts", "id"),
    table("pending_endings", "seq"),
    table("authenticators", "account"),
    table("passkeys", "credential_id"),
    table("clients", "id"),
    table("invitations", "id"),
    table("links", "account, purpose"),
    table("outbox", "id"),
    table("consents", "account, client"),
    table("known_devices", "account, device"),
    table("audit_lines", "seq"),
    Table {
        begins_filled: true,
        ..table("audit_chain", "id")
    },
];

/// What is in Redis if there is one.
pub(crate) const SHARED_TABLES: [Table; 8] = [
    table("sessions", "account, sid"),
    table("denials", "key"),
    table("one_time_values", "value"),
    table("ring_notes", "ring"),
    table("challenges", "purpose, id"),
    table("status_lists", "id"),
    table("status_holders", "seq"),
    table("status_log", "seq"),
];
