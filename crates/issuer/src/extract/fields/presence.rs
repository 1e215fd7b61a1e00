//! Tells a field that is null from a field that was left out: null removes the value.

use signet_core::account::DisplayName;
use signet_flows::accounts::NameChange;

use super::Fields;

/// Whether a request has a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Presence {
    /// The request has no such field.
    Absent,
    /// The field is null.
    Null,
    /// The field has a value.
    Given,
}

impl Fields<'_> {
    /// Whether a field was sent, for requests in which null and a missing field mean different things.
    pub(crate) fn presence(&self, name: &str) -> Presence {
        match self.entries.iter().find(|(key, _)| key == name) {
            None => Presence::Absent,
            Some((_, value)) if value.get() == "null" => Presence::Null,
            Some(_) => Presence::Given,
        }
    }
}

/// A name to set, or null to remove it.
pub(crate) fn name_change(fields: &mut Fields<'_>) -> Option<NameChange> {
    let name = fields.optional("name", str::parse::<DisplayName>)?;
    Some(match (name, fields.presence("name")) {
        (Some(name), _) => NameChange::Set(name),
        (None, Presence::Null) => NameChange::Remove,
        (None, _) => NameChange::Keep,
    })
}
