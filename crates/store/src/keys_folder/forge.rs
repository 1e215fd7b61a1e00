//! Making signing keys, several at the same time. Knows nothing of the folder.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::thread;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signet_core::keys::generate::GenerateError;
use signet_core::keys::{GeneratedKey, KeySize, generate};

/// Makes signing keys; tests take theirs from a drawer, for each costs a quarter of a second.
pub(super) trait Forge: Debug + Send + Sync {
    /// Makes `count` keys.
    fn make(
        &self,
        count: usize,
        size: KeySize,
        rng: &mut StdRng,
    ) -> Result<Vec<GeneratedKey>, GenerateError>;
}

/// Makes each key on a thread of its own.
#[derive(Debug)]
pub(super) struct ParallelForge;

impl Forge for ParallelForge {
    fn make(
        &self,
        count: usize,
        size: KeySize,
        rng: &mut StdRng,
    ) -> Result<Vec<GeneratedKey>, GenerateError> {
        let mut rngs: Vec<StdRng> = (0..count).map(|_| StdRng::from_rng(rng)).collect();
        thread::scope(|scope| {
            let making: Vec<_> = rngs
                .iter_mut()
                .map(|rng| scope.spawn(move || generate(size, rng)))
                .collect();
            making
                .into_iter()
                .map(|key| key.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        })
    }
}
