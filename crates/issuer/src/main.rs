//! The binary `signet`.

use std::process::ExitCode;

fn main() -> ExitCode {
    signet_issuer::cli::main()
}
