//! Randomness: the one file that draws it from the machine.

use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// The operating system's random number generator, to be passed on as an argument.
///
/// One system call for each draw costs less than a microsecond, and there is no state that a fork
/// or a core dump could copy. Should the system ever refuse, there is no safe way on: it panics.
pub fn system_rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// `N` bytes from [`system_rng`], for a salt.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    system_rng().fill_bytes(&mut bytes);
    bytes
}
