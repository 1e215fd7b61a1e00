//! The random ids of traces and spans.

use std::fmt;

use rand::Rng as _;
use signet_flows::random::system_rng;

/// The id of a trace; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TraceId(u128);

/// The id of a span; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SpanId(u64);

impl TraceId {
    /// A new id.
    pub(super) fn random() -> Self {
        let mut bytes = [0; 16];
        system_rng().fill_bytes(&mut bytes);
        Self(u128::from_be_bytes(bytes).max(1))
    }

    /// Reads 32 hexadecimal digits in lower case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = lower_hex(text, 32)?;
        u128::from_str_radix(digits, 16)
            .ok()
            .filter(|id| *id != 0)
            .map(Self)
    }

    /// The id as OTLP sends it.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl SpanId {
    /// A new id.
    pub(super) fn random() -> Self {
        let mut bytes = [0; 8];
        system_rng().fill_bytes(&mut bytes);
        Self(u64::from_be_bytes(bytes).max(1))
    }

    /// Reads 16 hexadecimal digits in lower case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = lower_hex(text, 16)?;
        u64::from_str_radix(digits, 16)
            .ok()
            .filter(|id| *id != 0)
            .map(Self)
    }

    /// The id as OTLP sends it.
    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Whether chance takes one out of `number`.
pub(super) fn draws_one_in(number: u32) -> bool {
    let mut bytes = [0; 4];
    system_rng().fill_bytes(&mut bytes);
    u32::from_be_bytes(bytes).is_multiple_of(number.max(1))
}

/// The text, if it is this many hexadecimal digits in lower case.
pub(super) fn lower_hex(text: &str, length: usize) -> Option<&str> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == length && text.bytes().all(is_digit)).then_some(text)
}
