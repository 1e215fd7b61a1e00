//! The settings of proofs of work.

use signet_core::proof_of_work::WorkSettings;

use super::reader::{Reader, truth};

/// Reads what clients do work for.
pub(super) fn read(reader: &mut Reader) -> Option<WorkSettings> {
    let registration = reader.required("proof_of_work.registration", truth);
    let sign_in = reader.required("proof_of_work.sign_in", truth);
    let bits = reader.number("proof_of_work.bits", LEAST_BITS, MOST_BITS);
    Some(WorkSettings {
        registration: registration?,
        sign_in: sign_in?,
        bits: u8::try_from(bits?).ok()?,
    })
}

/// 256 hashes: work for tests.
const LEAST_BITS: u32 = 8;
/// 17 million hashes: minutes in a browser.
const MOST_BITS: u32 = 24;
