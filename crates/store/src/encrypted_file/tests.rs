//! Files of every length, and what is refused.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::*;

/// A folder with a plain file and its encrypted form.
struct Place(TempDir);

impl Place {
    fn with(plain: &[u8]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("plain"), plain).unwrap();
        let (from, into) = (place.path("plain"), place.path("encrypted"));
        let mut rng = StdRng::seed_from_u64(1);
        encrypt_file(&from, &into, &passphrase("right"), &mut rng).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn decrypt(&self, text: &str) -> Result<(), String> {
        let (from, into) = (self.path("encrypted"), self.path("again"));
        let decrypted = decrypt_file(&from, &into, &passphrase(text));
        let folder = format!("{}/", self.0.path().display());
        decrypted.map_err(|error| error.to_string().replace(&folder, ""))
    }
}

fn passphrase(text: &str) -> Passphrase {
    let passphrase = Passphrase::new(text.to_owned().into()).unwrap();
    passphrase.danger_with_rounds(10)
}

const DAMAGED: &str = "encrypted: it is damaged: it was changed, or its end is missing; use another \
                       copy of the file";

#[test]
fn files_of_every_length_read_back() {
    let around = |length: usize| [length - 1, length, length + 1];
    let lengths = [around(1), around(PIECE_BYTES), around(3 * PIECE_BYTES)];
    for length in lengths.concat() {
        let plain = b"engine ".repeat(length / 7 + 1);
        let place = Place::with(&plain[..length]);
        assert_eq!(place.decrypt("right"), Ok(()), "{length}");
        assert_eq!(fs::read(place.path("again")).unwrap(), plain[..length]);
        let encrypted = fs::read(place.path("encrypted")).unwrap();
        let pieces = length.max(1).div_ceil(PIECE_BYTES);
        assert_eq!(encrypted.len(), HEAD_BYTES + length + pieces * TAG_BYTES);
        assert!(!encrypted.windows(6).any(|part| part == b"engine"));
    }
}

#[test]
fn files_are_for_their_owner_alone_and_none_is_overwritten() {
    let place = Place::with(b"plain");
    assert_eq!(place.decrypt("right"), Ok(()));
    for name in ["encrypted", "again"] {
        let mode = fs::metadata(place.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let said = Err("again exists; name another file".to_owned());
    assert_eq!(place.decrypt("right"), said);
}

#[test]
fn another_passphrase_a_changed_byte_and_a_cut_file_are_named_and_leave_no_file() {
    let plain = vec![7; PIECE_BYTES + 100];
    let place = Place::with(&plain);
    let wrong = "encrypted: it is encrypted with another passphrase; name the file with the right \
                 passphrase";
    assert_eq!(place.decrypt("wrong"), Err(wrong.to_owned()));
    let whole = fs::read(place.path("encrypted")).unwrap();
    let first_piece = HEAD_BYTES + PIECE_BYTES + TAG_BYTES;
    for cut in [20, HEAD_BYTES, HEAD_BYTES + 9, first_piece, whole.len() - 1] {
        fs::write(place.path("encrypted"), &whole[..cut]).unwrap();
        assert_eq!(place.decrypt("right"), Err(DAMAGED.to_owned()), "{cut}");
    }
    for byte in [HEAD_BYTES, first_piece - 1, first_piece, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[byte] ^= 1;
        fs::write(place.path("encrypted"), changed).unwrap();
        assert_eq!(place.decrypt("right"), Err(DAMAGED.to_owned()), "{byte}");
    }
    let longer = [whole.as_slice(), b"x"].concat();
    fs::write(place.path("encrypted"), longer).unwrap();
    assert_eq!(place.decrypt("right"), Err(DAMAGED.to_owned()));
    assert!(!place.path("again").exists());
}

#[test]
fn a_plain_file_is_told_from_an_encrypted_one() {
    let place = Place::with(b"plain");
    let refused = refuse_encrypted(&place.path("encrypted")).unwrap_err();
    assert!(refused.to_string().ends_with("with --passphrase-file"));
    refuse_encrypted(&place.path("plain")).unwrap();
    fs::copy(place.path("plain"), place.path("encrypted")).unwrap();
    let said = "encrypted is not encrypted; leave out --passphrase-file";
    assert_eq!(place.decrypt("right"), Err(said.to_owned()));
}

#[test]
fn the_folder_of_a_plain_copy_is_private_and_goes_away() {
    let place = Place::with(b"plain");
    let original = Path::new("/backups/today.db");
    let copy = PlainCopy::beneath(place.0.path(), original).unwrap();
    assert_eq!(copy.path().file_name(), original.file_name());
    let folder = copy.path().parent().unwrap().to_owned();
    let mode = fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    fs::write(copy.path(), "plain").unwrap();
    drop(copy);
    assert!(!folder.exists());
}
