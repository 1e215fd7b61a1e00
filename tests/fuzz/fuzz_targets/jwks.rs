//! Any bytes as a key set: no panic, and only keys that are well named are admitted.
#![no_main]

#[path = "../../../crates/verifier/tests/verifier/fuzzed.rs"]
mod fuzzed;
#[path = "../../../crates/verifier/tests/verifier/support.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::jwks(data));
