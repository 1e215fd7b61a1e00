#!/bin/sh
# Fuzzes the verifier for a minute, or longer: tests/fuzz/run.sh [SECONDS FOR EACH TARGET]
# Begins with the seeds, which `make test` replays; an input that fails is kept in artifacts/ and
# named at the end. Once it is understood it belongs among the seeds.
set -eu
cd "$(dirname "$0")"
seconds=${1:-15}
cargo=${CARGO:-cargo}
tools=$PWD/../.cache/cargo

PATH=$tools/bin:$PATH
export PATH
command -v cargo-fuzz >/dev/null ||
    "$cargo" install cargo-fuzz --version 0.13.1 --locked --quiet --root "$tools"

# What the fuzzer asks of the compiler is unstable; with this every toolchain has it.
export RUSTC_BOOTSTRAP=1
for target in verify header claims jwks; do
    mkdir -p "corpus/$target"
    # Safe Rust needs no sanitizer: what is looked for are panics and wrong answers.
    "$cargo" fuzz run --fuzz-dir . --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -timeout=5 -max_len=9000 -verbosity=0 -print_final_stats=1
done
