//! Any bytes as the header of a token that is signed: only a valid header passes.
#![no_main]

#[path = "../../../crates/verifier/tests/verifier/fuzzed.rs"]
mod fuzzed;
#[path = "../../../crates/verifier/tests/verifier/support.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::header(data));
