//! The epoch of an account, which counts how often all its sessions were ended.

/// A counter of how often all sessions of an account were ended. It only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Epoch(u32);

impl Epoch {
    /// Later than every epoch that an account can reach, so every session is below it.
    pub const END: Self = Self(u32::MAX);

    /// Returns the epoch with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number of this epoch.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Returns the next epoch. It stays below [`Epoch::END`], which is 4 billion endings away.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1).min(u32::MAX - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_never_reaches_its_end() {
        assert!(Epoch::END.next() < Epoch::END);
    }
}
