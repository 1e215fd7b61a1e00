//! Which binary a bench measures.

use std::path::PathBuf;

/// Returns `SIGNET_BENCH_BINARY`, or the release binary that was built beside this program.
pub fn measured() -> PathBuf {
    let program = std::env::current_exe().expect("a program");
    let built = program
        .ancestors()
        .nth(2)
        .map(|folder| folder.join("signet"));
    let named = std::env::var_os("SIGNET_BENCH_BINARY").map(PathBuf::from);
    let binary = named.or(built).filter(|path| path.is_file());
    binary.expect("a binary: run `make build`, or set SIGNET_BENCH_BINARY")
}
