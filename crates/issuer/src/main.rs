//! The binary `signet`.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// It gives the memory of closed connections back to the system within seconds.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    signet_issuer::cli::main()
}
