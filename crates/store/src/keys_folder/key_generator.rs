//! Makes signing keys, several at the same time. Knows nothing of the folder.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::thread;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signet_core::keys::generate::GenerateError;
use signet_core::keys::{GeneratedKey, KeySize, generate};

/// Makes signing keys. Tests use stored keys instead, because each key takes a quarter of a second.
pub(super) trait KeyGenerator: Debug + Send + Sync {
    /// Makes `count` keys.
    fn generate(
        &self,
        count: usize,
        size: KeySize,
        rng: &mut StdRng,
    ) -> Result<Vec<GeneratedKey>, GenerateError>;
}

/// Makes each key on its own thread.
#[derive(Debug)]
pub(super) struct ParallelGenerator;

impl KeyGenerator for ParallelGenerator {
    fn generate(
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
