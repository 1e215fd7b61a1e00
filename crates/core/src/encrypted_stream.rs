//! Encrypts a stream of any length with the operator's passphrase, piece by piece.
//!
//! The stream is `magic 16 | version 1 | rounds 4 | salt 16 | check 16`, and then each piece with its
//! tag. PBKDF2-HMAC-SHA-256 (RFC 8018) stretches the passphrase, as for private keys; HKDF-SHA256
//! (RFC 5869) derives the check and the key of AES-256-GCM from it. The nonce of a piece is its number
//! and whether it is the last, so no piece can be moved, repeated or cut off. A salt is used once, and
//! with it a key. This module must not know files.

use std::num::NonZeroU32;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use rand::CryptoRng;

use crate::ids::random_bytes;
use crate::keys::Passphrase;
use crate::secret::SecretBytes;

/// The number of bytes of every piece but the last, which may have fewer.
pub const PIECE_BYTES: usize = 65_536;
/// The number of bytes by which a piece grows.
pub const TAG_BYTES: usize = 16;
/// The number of bytes in front of the pieces.
pub const HEAD_BYTES: usize = 53;

/// The first bytes of a stream, by which it is recognized.
pub const MAGIC: [u8; 16] = *b"signet encrypted";

/// The head of a stream and its key. Pieces are given in their order.
pub struct EncryptedStream {
    head: [u8; HEAD_BYTES],
    key: LessSafeKey,
    /// The number of the next piece.
    piece: u32,
}

impl EncryptedStream {
    /// Begins a new stream.
    ///
    /// # Errors
    ///
    /// [`StreamError::Changed`] if the library fails.
    pub fn begin(passphrase: &Passphrase, rng: &mut impl CryptoRng) -> Result<Self, StreamError> {
        let (rounds, salt) = (passphrase.rounds(), random_bytes(rng));
        let secret = stretch(passphrase, rounds, &salt)?;
        let head = [
            MAGIC.as_slice(),
            &[VERSION],
            &rounds.to_be_bytes(),
            &salt,
            &check_of(&secret)?,
        ];
        let head = head.concat().try_into().map_err(|_| StreamError::Changed)?;
        Self::with(head, &secret)
    }

    /// Continues behind the head of a stream.
    ///
    /// # Errors
    ///
    /// [`StreamError`]
    pub fn open(head: [u8; HEAD_BYTES], passphrase: &Passphrase) -> Result<Self, StreamError> {
        let rest = head.strip_prefix(&MAGIC).ok_or(StreamError::NotAStream)?;
        let (&[version], rest) = rest.split_first_chunk().ok_or(StreamError::NotAStream)?;
        let (&rounds, rest) = rest.split_first_chunk().ok_or(StreamError::NotAStream)?;
        let (salt, check) = rest.split_first_chunk().ok_or(StreamError::NotAStream)?;
        let rounds = u32::from_be_bytes(rounds);
        if version != VERSION || rounds > MOST_ROUNDS {
            return Err(StreamError::NotAStream);
        }
        let secret = stretch(passphrase, rounds, salt)?;
        verify_slices_are_equal(&check_of(&secret)?, check)
            .map_err(|_| StreamError::WrongPassphrase)?;
        Self::with(head, &secret)
    }

    /// The bytes in front of the pieces.
    pub fn head(&self) -> &[u8; HEAD_BYTES] {
        &self.head
    }

    /// Encrypts a piece and appends its tag.
    ///
    /// # Errors
    ///
    /// [`StreamError::Changed`] if the stream is longer than 256 TiB or the library fails.
    pub fn seal(&mut self, piece: &mut Vec<u8>, is_last: bool) -> Result<(), StreamError> {
        let nonce = self.next_nonce(is_last)?;
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(self.head), piece)
            .map_err(|_| StreamError::Changed)
    }

    /// Decrypts a piece and removes its tag.
    ///
    /// # Errors
    ///
    /// [`StreamError::Changed`] if the piece was changed, moved or cut, or if the stream was cut.
    pub fn unseal(&mut self, piece: &mut Vec<u8>, is_last: bool) -> Result<(), StreamError> {
        let nonce = self.next_nonce(is_last)?;
        let opened = self.key.open_in_place(nonce, Aad::from(self.head), piece);
        let length = opened.map_err(|_| StreamError::Changed)?.len();
        piece.truncate(length);
        Ok(())
    }

    fn with(head: [u8; HEAD_BYTES], secret: &SecretBytes<32>) -> Result<Self, StreamError> {
        let key: [u8; 32] = expand(secret, KEY_LABEL)?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| StreamError::Changed)?;
        Ok(Self {
            head,
            key: LessSafeKey::new(key),
            piece: 0,
        })
    }

    fn next_nonce(&mut self, is_last: bool) -> Result<Nonce, StreamError> {
        let number = self.piece.to_be_bytes();
        self.piece = self.piece.checked_add(1).ok_or(StreamError::Changed)?;
        let parts = [[0; NONCE_LEN - 5].as_slice(), &number, &[u8::from(is_last)]];
        Nonce::try_assume_unique_for_key(&parts.concat()).map_err(|_| StreamError::Changed)
    }
}

fn stretch(
    passphrase: &Passphrase,
    rounds: u32,
    salt: &[u8; 16],
) -> Result<SecretBytes<32>, StreamError> {
    let rounds = NonZeroU32::new(rounds).ok_or(StreamError::NotAStream)?;
    let mut secret = [0; 32];
    let text = passphrase.expose().as_bytes();
    derive(PBKDF2_HMAC_SHA256, rounds, salt, text, &mut secret);
    Ok(SecretBytes::new(secret))
}

fn check_of(secret: &SecretBytes<32>) -> Result<[u8; CHECK_BYTES], StreamError> {
    expand(secret, CHECK_LABEL)
}

fn expand<const N: usize>(secret: &SecretBytes<32>, label: &[u8]) -> Result<[u8; N], StreamError> {
    let secret = Prk::new_less_safe(HKDF_SHA256, secret.expose());
    let mut bytes = [0; N];
    let label = [label];
    let expanded = secret.expand(&label, Length(N));
    expanded
        .and_then(|expanded| expanded.fill(&mut bytes))
        .map_err(|_| StreamError::Changed)?;
    Ok(bytes)
}

/// How many bytes are derived.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// The reasons why a stream cannot be decrypted. Never contains a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StreamError {
    /// It does not begin as a stream of this version does.
    #[error("it is not a file that this version of Signet encrypts")]
    NotAStream,
    /// The passphrase does not fit.
    #[error("it is encrypted with another passphrase")]
    WrongPassphrase,
    /// A piece does not fit.
    #[error("it is damaged: it was changed, or its end is missing")]
    Changed,
}

const VERSION: u8 = 1;
const CHECK_BYTES: usize = 16;
const KEY_LABEL: &[u8] = b"signet encrypted file v1 key";
const CHECK_LABEL: &[u8] = b"signet encrypted file v1 check";
/// A file of another program must not keep the processor busy: about 2 s.
const MOST_ROUNDS: u32 = 10_000_000;

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        let passphrase = Passphrase::new(text.to_owned().into()).unwrap();
        passphrase.danger_with_rounds(10)
    }

    /// The head and the pieces of a stream.
    fn sealed(pieces: &[&[u8]]) -> ([u8; HEAD_BYTES], Vec<Vec<u8>>) {
        let mut rng = StdRng::seed_from_u64(1);
        let mut stream = EncryptedStream::begin(&passphrase("right"), &mut rng).unwrap();
        let mut written = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            let mut piece = piece.to_vec();
            stream.seal(&mut piece, number + 1 == pieces.len()).unwrap();
            written.push(piece);
        }
        (*stream.head(), written)
    }

    fn opened(head: [u8; HEAD_BYTES], pieces: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, StreamError> {
        let mut stream = EncryptedStream::open(head, &passphrase("right"))?;
        let mut read = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            let mut piece = piece.clone();
            stream.unseal(&mut piece, number + 1 == pieces.len())?;
            read.push(piece);
        }
        Ok(read)
    }

    #[test]
    fn a_stream_reads_back_and_hides_its_pieces() {
        let (head, pieces) = sealed(&[b"first piece", b"second", b""]);
        assert_eq!(pieces[0].len(), 11 + TAG_BYTES);
        assert!(!pieces.concat().windows(5).any(|part| part == b"first"));
        let read = opened(head, &pieces).unwrap();
        assert_eq!(read, [&b"first piece"[..], b"second", b""]);
    }

    #[test]
    fn another_passphrase_is_named() {
        let (head, _) = sealed(&[b"piece"]);
        let refused = EncryptedStream::open(head, &passphrase("wrong")).err();
        assert_eq!(refused, Some(StreamError::WrongPassphrase));
    }

    #[test]
    fn pieces_that_are_changed_moved_repeated_or_missing_are_noticed() {
        let (head, pieces) = sealed(&[b"one", b"two", b"three"]);
        let [one, two, three] = pieces.try_into().unwrap();
        let given = |pieces: &[&Vec<u8>]| {
            let pieces: Vec<_> = pieces.iter().map(|&piece| piece.clone()).collect();
            opened(head, &pieces)
        };
        for pieces in [
            &[&two, &one, &three][..],
            &[&one, &one, &two, &three],
            &[&one, &two],
            &[&one, &three],
            &[],
        ] {
            let read = given(pieces);
            assert!(read == Err(StreamError::Changed) || pieces.is_empty());
        }
        for byte in 0..three.len() {
            let mut changed = three.clone();
            changed[byte] ^= 1;
            assert_eq!(given(&[&one, &two, &changed]), Err(StreamError::Changed));
            let cut = three[..byte].to_vec();
            assert_eq!(given(&[&one, &two, &cut]), Err(StreamError::Changed));
        }
    }

    #[test]
    fn every_changed_byte_of_the_head_is_noticed() {
        let (head, pieces) = sealed(&[b"piece"]);
        for byte in 0..HEAD_BYTES {
            let mut changed = head;
            changed[byte] ^= 1;
            assert!(opened(changed, &pieces).is_err(), "{byte}");
        }
    }

    #[test]
    fn a_head_cannot_ask_for_hours_of_work() {
        let (mut head, _) = sealed(&[b"piece"]);
        head[17..21].copy_from_slice(&u32::MAX.to_be_bytes());
        let refused = EncryptedStream::open(head, &passphrase("right")).err();
        assert_eq!(refused, Some(StreamError::NotAStream));
    }
}
