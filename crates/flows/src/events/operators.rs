//! Events about what operators do with the server itself.

/// Something that an operator has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperatorEvent {
    /// An administrator read the audit trail.
    EventsListed,
}

impl OperatorEvent {
    /// The stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EventsListed => "events.listed",
        }
    }

    /// The sentence for people.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::EventsListed => "an administrator read the audit trail",
        }
    }

    /// Whether nothing was changed.
    pub(super) fn is_reading(self) -> bool {
        matches!(self, Self::EventsListed)
    }
}
