//! Any bytes as a token: no panic, and nothing is accepted that the judge refuses.
#![no_main]

#[path = "../../../crates/verifier/tests/verifier/fuzzed.rs"]
mod fuzzed;
#[path = "../../../crates/verifier/tests/verifier/support.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::verify(data));
