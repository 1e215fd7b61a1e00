//! The keys that a start has read, for a start that is repeated until every store can be reached.
//!
//! Reading keys with a passphrase takes a tenth of a second of a processor, so a repeated start reads
//! them again only if the folder has changed.

use signet_store::KeysFolder;
use signet_store::keys_folder::FolderStamp;

use super::LiveKeys;

/// Keys that were read and are not in use yet.
#[derive(Default)]
pub struct KeysOfStart(Option<(FolderStamp, LiveKeys)>);

/// The state of a folder before its keys were read; none if it could not be looked at.
pub(crate) struct BeforeReading(Option<FolderStamp>);

impl BeforeReading {
    /// Looks at the folder.
    pub(crate) fn of(folder: &KeysFolder) -> Self {
        Self(folder.stamp().ok())
    }
}

impl KeysOfStart {
    /// Returns the keys that an earlier try has read, if the folder is still as it was then.
    pub(crate) fn take(&mut self, folder: &BeforeReading) -> Option<LiveKeys> {
        let (stamp, keys) = self.0.take()?;
        (folder.0.as_ref() == Some(&stamp)).then_some(keys)
    }

    /// Keeps keys for the next try.
    pub(crate) fn keep(&mut self, folder: BeforeReading, keys: LiveKeys) {
        self.0 = folder.0.map(|stamp| (stamp, keys));
    }
}

impl std::fmt::Debug for KeysOfStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeysOfStart(..)")
    }
}
