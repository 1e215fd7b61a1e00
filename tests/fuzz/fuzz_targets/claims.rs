//! Any bytes as the claims of a token that is signed: what passes, the judge accepts.
#![no_main]

#[path = "../../../crates/verifier/tests/verifier/fuzzed.rs"]
mod fuzzed;
#[path = "../../../crates/verifier/tests/verifier/support.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::claims(data));
