//! A row of bits, as verifiers read it: bit 0 is the lowest bit of the first byte.

use super::LIST_BITS;

/// The bits of one list.
#[derive(Clone, PartialEq, Eq)]
pub struct Bits(Vec<u8>);

impl Bits {
    /// Sets `count` bits from `first` on. Bits beyond the end of a list are ignored. Returns whether
    /// a bit changed.
    pub fn set(&mut self, first: u32, count: u32) -> bool {
        let end = first.saturating_add(count).min(LIST_BITS);
        let mut changed = false;
        for index in first..end {
            let (place, mask) = place(index);
            if let Some(byte) = self.0.get_mut(place) {
                changed |= *byte & mask == 0;
                *byte |= mask;
            }
        }
        changed
    }

    /// Returns whether a bit is set. A bit beyond the end is not.
    pub(crate) fn is_set(&self, index: u32) -> bool {
        let (place, mask) = place(index);
        self.0.get(place).is_some_and(|byte| byte & mask != 0)
    }

    /// How many bits are set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    /// The bytes, each with 8 bits.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Default for Bits {
    fn default() -> Self {
        let bytes = usize::try_from(LIST_BITS / u8::BITS).unwrap_or_default();
        Self(vec![0; bytes])
    }
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bits({} set)", self.count())
    }
}

fn place(index: u32) -> (usize, u8) {
    let byte = usize::try_from(index / u8::BITS).unwrap_or(usize::MAX);
    (byte, 1 << (index % u8::BITS))
}
