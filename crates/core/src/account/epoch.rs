//! The epoch of an account: how often all its sessions were ended.

/// How often everything of an account was ended: a counter that only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Epoch(u32);

impl Epoch {
    /// Later than every epoch an account can reach: sessions below it are all of them.
    pub const END: Self = Self(u32::MAX);

    /// The epoch with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of this epoch.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The epoch after this one. It stays below [`Epoch::END`], which 4 billion endings away.
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
