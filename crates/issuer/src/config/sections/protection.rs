//! What slows attackers down: limits, the cost of passwords, proofs of work and captchas.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use signet_core::limits::{Limit, Limits};
use signet_core::proof_of_work::WorkSettings;

use crate::captcha::CaptchaSettings;
use crate::config::reader::{Reader, truth};
use crate::config::{captcha, proof_of_work};
use crate::password_ranges::RangeUrl;

/// Limits, passwords, proofs of work and captchas.
#[expect(
    clippy::option_option,
    reason = "the outer one says that the value is wrong, the inner one is the setting"
)]
pub(super) struct Protection {
    pub(super) limits: Option<Limits>,
    pub(super) hash_threads: Option<NonZeroUsize>,
    pub(super) range_url: Option<Option<RangeUrl>>,
    pub(super) work: Option<WorkSettings>,
    pub(super) captcha: Option<Option<CaptchaSettings>>,
}

impl Protection {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let limits = limits(reader);
        let hash_threads = reader.required("password.hash_threads", threads);
        let range_url = reader.optional("password.range_url", str::parse);
        let work = proof_of_work::read(reader);
        let captcha = captcha::read(reader, work.as_ref());
        Self {
            limits,
            hash_threads,
            range_url,
            work,
            captcha,
        }
    }
}

fn limits(reader: &mut Reader) -> Option<Limits> {
    let enabled = reader.required("limits.enabled", truth);
    let mut per_minute = |limit: Limit| reader.number(limit.rule().setting, 1, MAX_PER_MINUTE);
    let mut numbers = Vec::new();
    for limit in Limit::ALL {
        numbers.push((*limit, per_minute(*limit)));
    }
    let number = |limit| numbers.iter().find(|(known, _)| *known == limit)?.1;
    Limits::read(enabled?, number)
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    if text == "auto" {
        return available_parallelism()
            .map_err(|error| format!("auto does not work here: {error}; set a number"));
    }
    let number = text
        .parse()
        .ok()
        .filter(|number| *number <= MAX_HASH_THREADS);
    number.ok_or_else(|| format!("must be auto or a number from 1 to {MAX_HASH_THREADS}"))
}

/// A higher limit would have no effect.
const MAX_PER_MINUTE: u32 = 1_000_000;
/// Each thread takes 20 MB.
const MAX_HASH_THREADS: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};
