//! Bits of revocation lists as 24 bytes: list, first bit, count, and when the list expires.
//!
//! Numbers are big-endian. Records of sessions end with such entries, and scripts of Redis copy them
//! without knowing more than their length.

use signet_core::status_list::{BitRange, ListId, StatusIndex};
use signet_verifier::Timestamp;

/// Writes an entry.
pub(crate) fn write(range: BitRange, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(range.list.as_bytes());
    bytes.extend_from_slice(&range.first.to_be_bytes());
    bytes.extend_from_slice(&range.count.to_be_bytes());
    bytes.extend_from_slice(&range.expires_at.as_millis().to_be_bytes());
}

/// Reads entries that stand one behind the other. `None` if they are not whole.
pub(crate) fn read_all(bytes: &[u8]) -> Option<Vec<BitRange>> {
    let (entries, []) = bytes.as_chunks::<ENTRY_BYTES>() else {
        return None;
    };
    entries.iter().map(|entry| read(entry)).collect()
}

/// Writes what a record of a session ends with: its entries and their number.
pub(crate) fn write_tail(indices: &[StatusIndex], bytes: &mut Vec<u8>) {
    for index in indices {
        write(index.range(), bytes);
    }
    bytes.push(u8::try_from(indices.len()).unwrap_or(u8::MAX));
}

/// How many bytes a record of a session ends with if it has `count` entries.
pub(crate) fn tail_bytes(count: u8) -> usize {
    usize::from(count) * ENTRY_BYTES + 1
}

/// Reads what a record of a session ends with.
pub(crate) fn read_tail(bytes: &[u8]) -> Option<Vec<StatusIndex>> {
    let (count, entries) = bytes.split_last()?;
    let ranges = read_all(entries)?;
    let index = |range: BitRange| StatusIndex {
        list: range.list,
        index: range.first,
        expires_at: range.expires_at,
    };
    (ranges.len() == usize::from(*count)).then(|| ranges.into_iter().map(index).collect())
}

fn read(entry: &[u8]) -> Option<BitRange> {
    let (list, rest) = entry.split_first_chunk()?;
    let (first, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let (expires_at, _) = rest.split_first_chunk()?;
    Some(BitRange {
        list: ListId::from_bytes(*list),
        first: u32::from_be_bytes(*first),
        count: u32::from_be_bytes(*count),
        expires_at: Timestamp::from_millis(u64::from_be_bytes(*expires_at)),
    })
}

const ENTRY_BYTES: usize = 24;
