//! The SHA-256 of several parts. This module must not know what is hashed: callers choose labels and
//! lengths so that no two different values have the same bytes.

use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};

/// Returns the first `N` bytes of the SHA-256 of the parts, one part directly behind the other.
pub(crate) fn sha256<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    const { assert!(N <= SHA256_OUTPUT_LEN, "the hash is shorter") };
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_hashed_as_one_and_cut() {
        // FIPS 180-4: the hash of "abc".
        let whole: [u8; 32] = sha256(&[b"a", b"", b"bc"]);
        assert_eq!(whole[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(whole[28..], [0xf2, 0x00, 0x15, 0xad]);
        assert_eq!(sha256::<16>(&[b"abc"]), whole[..16]);
    }
}
