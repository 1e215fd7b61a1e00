//! Reading statuses: the examples and test vectors of the draft, and any list.

use miniz_oxide::deflate::compress_to_vec_zlib;
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};

use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

fn compressed(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(bytes, 6))
}

fn statuses(bits: u8, lst: &str) -> Vec<u8> {
    let statuses = Statuses::inflate(bits, lst, 4 * INFLATED_MAX_BYTES).unwrap();
    (0..).map_while(|index| statuses.get(index)).collect()
}

#[test]
fn the_short_examples_of_the_draft_are_read() {
    let one_bit = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    assert_eq!(statuses(1, "eNrbuRgAAhcBXQ"), one_bit);
    let two_bits = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
    assert_eq!(statuses(2, "eNo76fITAAPfAgc"), two_bits);
}

/// Appendix C.1 of the draft: a list of 2^20 entries, just within the limit.
#[test]
fn the_test_vector_of_one_bit_is_read() {
    let lst = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAA\
               AAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               XG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAA\
               AAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb";
    assert!(Statuses::inflate(1, lst, INFLATED_MAX_BYTES).is_ok());
    let set = [
        (0, 1),
        (1_993, 1),
        (25_460, 1),
        (159_495, 1),
        (495_669, 1),
        (554_353, 1),
        (645_645, 1),
        (723_232, 1),
        (854_545, 1),
        (934_534, 1),
        (1_000_345, 1),
    ];
    assert_set(&statuses(1, lst), &set);
}

/// Appendix C.2 of the draft, which is longer than the verifier accepts from an issuer.
#[test]
fn the_test_vector_of_two_bits_is_read() {
    let lst = "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAA\
               AAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw";
    let refused = Statuses::inflate(2, lst, INFLATED_MAX_BYTES).unwrap_err();
    assert_eq!(refused, StatusListError::Compression);
    let set = [
        (0, 1),
        (1_993, 2),
        (25_460, 1),
        (159_495, 3),
        (495_669, 1),
        (554_353, 1),
        (645_645, 2),
        (723_232, 1),
        (854_545, 1),
        (934_534, 2),
        (1_000_345, 3),
    ];
    assert_set(&statuses(2, lst), &set);
}

/// Appendix C.3 of the draft.
#[test]
fn the_test_vector_of_four_bits_is_read() {
    let lst = "eNrt0EENgDAQADAIHwImkIIEJEwCUpCEBBQRHOy35Li1EjoOQGabAgAAAAAAAAAA\
               AAAAAAAAACC1SQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABADrsCAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADoxaEA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIIoCgAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACArpwKAAAAAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAAAAAGhqVkAzlwIAAAAAiGVRAAAAAAAAAAAAAAAAAAAA\
               AAAAAAAAAAAAAAAAAAAAAABx3AoAgLpVAQAAAAAAAAAAAAAAwM89rwMAAAAAAAAA\
               AAjsA9xMBMA";
    let set = [
        (0, 1),
        (1_993, 2),
        (35_460, 3),
        (459_495, 4),
        (595_669, 5),
        (754_353, 6),
        (845_645, 7),
        (923_232, 8),
        (924_445, 9),
        (934_534, 10),
        (1_000_345, 12),
        (1_004_534, 11),
        (1_030_203, 13),
        (1_030_204, 14),
        (1_030_205, 15),
    ];
    assert_set(&statuses(4, lst), &set);
}

/// Checks that a list has 2^20 entries, and that these and no others are set.
fn assert_set(statuses: &[u8], set: &[(usize, u8)]) {
    assert_eq!(statuses.len(), 1 << 20);
    let found = statuses.iter().copied().enumerate();
    let found: Vec<_> = found.filter(|(_, status)| *status != 0).collect();
    assert_eq!(found, set);
}

#[test]
fn only_one_two_four_and_eight_bits_are_allowed() {
    let lst = compressed(&[0]);
    for bits in 0..=u8::MAX {
        let is_allowed = matches!(bits, 1 | 2 | 4 | 8);
        let read = Statuses::inflate(bits, &lst, INFLATED_MAX_BYTES);
        assert_eq!(read.is_ok(), is_allowed, "{bits}");
    }
}

#[test]
fn a_list_has_at_most_128_kib_and_64_kib_compressed() {
    let read = |lst: &str| Statuses::inflate(1, lst, INFLATED_MAX_BYTES).map(|_| ());
    let bytes = vec![0; INFLATED_MAX_BYTES];
    assert_eq!(read(&compressed(&bytes)), Ok(()));
    let too_long = vec![0; INFLATED_MAX_BYTES + 1];
    assert_eq!(
        read(&compressed(&too_long)),
        Err(StatusListError::Compression)
    );
    let stored = compress_to_vec_zlib(&too_long, 0);
    assert_eq!(
        read(&URL_SAFE_NO_PAD.encode(stored)),
        Err(StatusListError::Compression)
    );
    for (lst, error) in [
        ("", StatusListError::Compression),
        ("eNrbuRgAAhcBXR", StatusListError::Malformed),
        ("eNrbuRgAAhcBXQ==", StatusListError::Malformed),
        ("eNrbuRgAAhcB", StatusListError::Compression),
        ("2_kYAAIXAV0", StatusListError::Compression),
    ] {
        assert_eq!(read(lst), Err(error), "{lst}");
    }
}

/// Any statuses of a number of bits.
fn any_statuses() -> impl Strategy<Value = (u8, Vec<u8>)> {
    prop::sample::select(vec![1_u8, 2, 4, 8]).prop_flat_map(|bits| {
        let status = any::<u8>().prop_map(move |status| status >> (8 - bits));
        // Whole bytes, which a list always has.
        let statuses = prop::collection::vec(status, 0..600);
        statuses.prop_map(move |mut statuses| {
            let per_byte = usize::from(8 / bits);
            statuses.truncate(statuses.len() / per_byte * per_byte);
            (bits, statuses)
        })
    })
}

proptest! {
    /// The model packs statuses as section 4.1 of the draft draws them: the first status of a byte
    /// is in its lowest bits.
    #[test]
    fn each_status_of_any_list_is_read_and_none_beyond((bits, model) in any_statuses()) {
        let bytes: Vec<u8> = model
            .chunks(usize::from(8 / bits))
            .map(|chunk| chunk.iter().rev().fold(0, |byte: u8, status| {
                byte.checked_shl(u32::from(bits)).unwrap_or(0) | status
            }))
            .collect();
        let list = Statuses::inflate(bits, &compressed(&bytes), INFLATED_MAX_BYTES).unwrap();
        for (index, status) in (0_u64..).zip(&model) {
            prop_assert_eq!(list.get(index), Some(*status));
        }
        let end = u64::try_from(model.len()).unwrap();
        for beyond in [end, end + 1, u64::MAX / 8, u64::MAX] {
            prop_assert_eq!(list.get(beyond), None);
        }
    }
}
