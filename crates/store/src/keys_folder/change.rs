//! Changing a ring that is there: rotate, retire, revoke, whatever [`KeyRing`] decides.

use rand::rngs::StdRng;
use rand::{CryptoRng, SeedableRng as _};
use signet_core::keys::{GeneratedKey, KeyRing, KeySize, RingChange, RingRefusal};
use signet_verifier::Timestamp;

use super::{KeysFolder, KeysFolderError};

/// How a ring is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangeOptions {
    /// When it is changed.
    pub now: Timestamp,
    /// How large a new signing key is; as large as the newest one unless said otherwise.
    pub size: Option<KeySize>,
}

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingChanged {
    /// The ring before.
    pub before: KeyRing,
    /// The ring as it is now; the same when there was nothing to do.
    pub after: KeyRing,
}

impl RingChanged {
    /// Whether there was something to do.
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

impl KeysFolder {
    /// Changes the ring as `decide` says. The ring that it is given cannot change until the
    /// change is written, for commands wait for each other here. Then removes what no key needs.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError::Refused`] when `decide` refuses; else the folder cannot be changed, and
    /// what was there can still be read.
    pub fn change(
        &self,
        options: ChangeOptions,
        rng: &mut impl CryptoRng,
        decide: impl FnOnce(&KeyRing) -> Result<RingChange, RingRefusal>,
    ) -> Result<RingChanged, KeysFolderError> {
        self.ring()?;
        let _lock = self.lock()?;
        let before = self.ring()?;
        self.finish_interrupted(Some(&before))?;
        let change = decide(&before)?;
        let after = if change.is_empty() {
            before.clone()
        } else {
            self.write_change(&before, change, options.size, rng)?
        };
        self.remove_unneeded(&after, options.now)?;
        Ok(RingChanged { before, after })
    }

    /// Finishes what a crash interrupted, and removes the secrets that no key has work for any
    /// more: a private key goes when it stops signing. Says whether something was removed; while
    /// another command changes the folder, nothing is.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError`] when the folder cannot be read or written.
    pub fn tidy(&self, now: Timestamp) -> Result<bool, KeysFolderError> {
        self.ring()?;
        let Some(_lock) = self.try_lock()? else {
            return Ok(false);
        };
        let ring = self.ring()?;
        self.finish_interrupted(Some(&ring))?;
        self.remove_unneeded(&ring, now)
    }

    fn write_change(
        &self,
        before: &KeyRing,
        change: RingChange,
        size: Option<KeySize>,
        rng: &mut impl CryptoRng,
    ) -> Result<KeyRing, KeysFolderError> {
        let newest = before.signing().last();
        let size = size.or_else(|| newest.map(|key| key.public.size()));
        let keys = self.generator.generate(
            change.keys_needed(),
            size.unwrap_or_default(),
            &mut StdRng::from_rng(rng),
        )?;
        let after = change
            .finish(keys.iter().map(GeneratedKey::public).cloned())
            .map_err(|cause| self.bad_ring(cause))?;
        let secrets = self.secrets_added(Some(before), &after, &keys, rng)?;
        self.commit(Some(before.generation()), &after, &secrets)?;
        self.finish_interrupted(Some(&after))?;
        Ok(after)
    }
}
