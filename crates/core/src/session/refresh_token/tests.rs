//! The codec from both sides, and everything that is not a token.

use proptest::prelude::*;

use super::*;

fn keys() -> MacKeys {
    let key = |id, at| MacKey::new(id, Timestamp::from_millis(at), &SecretBytes::new([id; 32]));
    MacKeys::new(vec![key(8, 2_000), key(7, 1_000)]).unwrap()
}

fn token(generation: u32) -> RefreshToken {
    RefreshToken {
        account_id: AccountId::from_bytes([0xaa; 16]),
        handle: SessionHandle(SecretBytes::new([0xbb; 16])),
        generation: Generation::from_number(generation),
    }
}

fn write(generation: u32, made_at: u64) -> String {
    token(generation)
        .write(&keys(), Timestamp::from_millis(made_at))
        .expose()
        .to_owned()
}

#[test]
fn reads_back_what_it_wrote() {
    for generation in [1, 2, 77, u32::MAX] {
        let text = write(generation, 1_500);
        assert_eq!(text.len(), 4 + 72);
        assert_eq!(RefreshToken::read(&text, &keys()), Ok(token(generation)));
    }
}

#[test]
fn the_key_is_the_one_that_was_active_when_the_token_was_made() {
    let key_id = |text: &str| URL_SAFE_NO_PAD.decode(&text[4..]).unwrap()[1];
    assert_eq!(key_id(&write(1, 0)), 7);
    assert_eq!(key_id(&write(1, 1_999)), 7);
    assert_eq!(key_id(&write(1, 2_000)), 8);
    assert_eq!(write(1, 2_000), write(1, 9_999));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = URL_SAFE_NO_PAD.decode(&write(3, 1_500)[4..]).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let text = format!("sgr_{}", URL_SAFE_NO_PAD.encode(bytes));
        assert!(RefreshToken::read(&text, &keys()).is_err(), "bit {bit}");
    }
}

#[test]
fn an_unknown_key_or_version_is_no_token() {
    let mut bytes = URL_SAFE_NO_PAD.decode(&write(3, 1_500)[4..]).unwrap();
    bytes[1] = 99;
    let text = format!("sgr_{}", URL_SAFE_NO_PAD.encode(&bytes));
    assert_eq!(
        RefreshToken::read(&text, &keys()),
        Err(RefreshTokenError::UnknownKey)
    );
    bytes[0] = 2;
    let text = format!("sgr_{}", URL_SAFE_NO_PAD.encode(&bytes));
    assert_eq!(
        RefreshToken::read(&text, &keys()),
        Err(RefreshTokenError::Malformed)
    );
}

#[test]
fn generation_zero_is_no_token_even_with_a_right_tag() {
    assert_eq!(
        RefreshToken::read(&write(0, 1_500), &keys()),
        Err(RefreshTokenError::Malformed)
    );
}

#[test]
fn only_the_canonical_spelling_is_a_token() {
    let text = write(3, 1_500);
    let spellings = [
        text.to_uppercase(),
        format!(" {text}"),
        format!("{text}="),
        format!("{text}A"),
        text[4..].to_owned(),
        text[..text.len() - 1].to_owned(),
        String::new(),
        "sgr_".to_owned(),
    ];
    for spelling in spellings {
        assert!(
            RefreshToken::read(&spelling, &keys()).is_err(),
            "{spelling}"
        );
    }
}

#[test]
fn the_session_id_is_a_hash_of_the_handle() {
    // The first 16 bytes of SHA-256("signet sid v1" followed by sixteen times 0xbb).
    assert_eq!(
        token(1).handle.session_id().to_string(),
        "GMwMaoxdHLoTDISwZnXkyw"
    );
}

proptest! {
    #[test]
    fn nothing_that_was_not_written_is_read(text in "(sgr_)?[A-Za-z0-9_-]{0,80}") {
        prop_assert!(RefreshToken::read(&text, &keys()).is_err());
    }
}
