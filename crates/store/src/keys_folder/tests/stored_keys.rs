//! Signing keys that were made earlier, and folders that use them.

use std::path::Path;
use std::sync::Mutex;

use rand::SeedableRng as _;
use signet_core::keys::GeneratedKey;
use signet_core::keys::generate::GenerateError;
use signet_core::keys::secret_file::read_new_key;

use super::super::*;

/// Hands out each key once.
#[derive(Debug)]
struct StoredKeys(Mutex<Vec<&'static str>>);

impl KeyGenerator for StoredKeys {
    fn generate(
        &self,
        count: usize,
        _size: KeySize,
        _rng: &mut StdRng,
    ) -> Result<Vec<GeneratedKey>, GenerateError> {
        let mut keys = self.0.lock().unwrap();
        let rest = keys.len() - count;
        Ok(keys
            .drain(rest..)
            .map(|text| read_new_key(text).unwrap())
            .collect())
    }
}

/// A folder with a ring of stored keys.
pub(super) fn new_folder(path: &Path) -> KeysFolder {
    let folder = KeysFolder {
        generator: Arc::new(StoredKeys(Mutex::new(KEYS.to_vec()))),
        ..KeysFolder::at(path)
    };
    folder
        .init(&InitOptions::default(), NOW, &mut rng())
        .unwrap();
    folder
}

/// The same folder on another disk.
pub(super) fn on_disk(folder: &KeysFolder, disk: Arc<dyn Disk>) -> KeysFolder {
    KeysFolder {
        disk,
        ..folder.clone()
    }
}

pub(super) fn rng() -> StdRng {
    StdRng::seed_from_u64(11)
}

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const KEYS: [&str; 8] = [
    include_str!("../../../../core/tests/keys/0.private.pem"),
    include_str!("../../../../core/tests/keys/1.private.pem"),
    include_str!("../../../../core/tests/keys/2.private.pem"),
    include_str!("../../../../core/tests/keys/3.private.pem"),
    include_str!("../../../../core/tests/keys/4.private.pem"),
    include_str!("../../../../core/tests/keys/5.private.pem"),
    include_str!("../../../../core/tests/keys/6.private.pem"),
    include_str!("../../../../core/tests/keys/7.private.pem"),
];
