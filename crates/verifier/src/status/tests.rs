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

/// A list that was issued and expires at these times, in seconds.
fn list(issued_at: u64, expires_at: u64, bits: u8, bytes: &[u8]) -> StatusList {
    StatusList {
        kids: None,
        kid: "k".into(),
        issued_at: Timestamp::from_seconds(issued_at),
        expires_at: Timestamp::from_seconds(expires_at),
        ttl: TTL_DEFAULT,
        statuses: Statuses {
            bits,
            bytes: bytes.to_vec(),
        },
    }
}

#[test]
fn a_list_that_is_a_minute_older_adds_its_bits_and_no_time_and_an_older_one_is_refused() {
    let known = list(160, 220, 1, &[0b0001]);
    let merged = list(100, 999, 1, &[0b0100]).merge(&known).unwrap();
    assert_eq!(merged.issued_at, Timestamp::from_seconds(160));
    assert_eq!(merged.expires_at, Timestamp::from_seconds(220));
    assert_eq!(merged.statuses.bytes, [0b0101]);
    let refused = list(99, 999, 1, &[0b0100]).merge(&known).unwrap_err();
    assert_eq!(refused, StatusListError::Older);
}

#[test]
fn a_list_of_another_length_answers_for_the_entries_of_the_newer_one() {
    let known = list(100, 160, 1, &[1, 1]);
    let shorter = list(101, 161, 1, &[2]).merge(&known).unwrap();
    assert_eq!(shorter.statuses.bytes, [3]);
    assert_eq!(shorter.status(8), None);
    let longer = list(101, 161, 1, &[2, 0, 4]).merge(&known).unwrap();
    assert_eq!(longer.statuses.bytes, [3, 1, 4]);
}

#[test]
fn of_lists_with_temporary_statuses_only_the_newer_one_counts() {
    let suspended = list(100, 160, 2, &[2]);
    let restored = list(100, 160, 2, &[0]).merge(&suspended).unwrap();
    assert_eq!(restored.status(0), Some(0));
    let refused = list(99, 159, 2, &[2]).merge(&restored).unwrap_err();
    assert_eq!(refused, StatusListError::Older);
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

    /// Replicas answer in any order. Each has a part of the revocations, and a clock of its own.
    #[test]
    fn nothing_revoked_becomes_valid_again_while_a_list_is_known(
        fetched in prop::collection::vec((1_000_u64..1_150, 1_u64..120, any::<[u8; 4]>()), 1..30),
    ) {
        let mut known: Option<StatusList> = None;
        let (mut revoked, mut times) = ([0_u8; 4], (0, 0));
        for (issued_at, lifetime, bytes) in fetched {
            let next = list(issued_at, issued_at + lifetime, 1, &bytes);
            let merged = match &known {
                Some(known) => next.merge(known),
                None => Ok(next),
            };
            let is_accepted = issued_at + 60 >= times.0;
            prop_assert_eq!(merged.is_ok(), is_accepted);
            let Ok(merged) = merged else { continue };
            revoked.iter_mut().zip(bytes).for_each(|(all, byte)| *all |= byte);
            if issued_at >= times.0 {
                times = (issued_at, issued_at + lifetime);
            }
            prop_assert_eq!(&merged.statuses.bytes, &revoked);
            prop_assert_eq!((merged.issued_at.as_seconds(), merged.expires_at.as_seconds()), times);
            known = Some(merged);
        }
    }
}
