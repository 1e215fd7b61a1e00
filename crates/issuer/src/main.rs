//! The binary `signet`.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

/// Gives the memory of closed connections back to the system within seconds. It wipes memory when
/// that is freed, because libraries hold copies of passwords and tokens in their buffers.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

fn main() -> ExitCode {
    signet_issuer::cli::main()
}
