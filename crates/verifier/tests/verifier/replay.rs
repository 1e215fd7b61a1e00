//! The seeds of the fuzz targets, and what fuzzing once found, without a fuzzer.

use std::fs;
use std::path::Path;

use crate::fuzzed;

#[test]
fn every_token_among_the_seeds_is_judged_well() {
    replay("verify", fuzzed::verify);
}

#[test]
fn every_header_among_the_seeds_is_judged_well() {
    replay("header", fuzzed::header);
}

#[test]
fn all_claims_among_the_seeds_are_judged_well() {
    replay("claims", fuzzed::claims);
}

#[test]
fn every_key_set_among_the_seeds_is_judged_well() {
    replay("jwks", fuzzed::jwks);
}

fn replay(target: &str, check: impl Fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds");
    let files: Vec<_> = fs::read_dir(seeds.join(target)).unwrap().collect();
    assert!(files.len() >= 5, "there are no seeds for {target}");
    for file in files {
        check(&fs::read(file.unwrap().path()).unwrap());
    }
}
