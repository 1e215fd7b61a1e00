//! Proof of work: a hash puzzle that costs a person a moment and an attacker each guess anew.
//!
//! A challenge is `pow_` and unpadded base64url of `version 1 | bits 1 | end 8, big-endian | random
//! 16 | mac key id 1 | tag 16`. The tag also covers the purpose and the network, so a challenge is
//! checked without a store. A solution is `{challenge}:{number}`, whose SHA-256 begins with that many
//! zero bits. This module must not know when work is required, or which challenges are used.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use signet_verifier::Timestamp;

use crate::ids::random_bytes;
use crate::limits::Network;
use crate::session::{KeyedTag, MacKeys, MacPurpose};
use crate::sha256::sha256;

/// How long a challenge can be solved: as long as a person may need for a form.
const WORK_TTL: Duration = Duration::from_mins(30);

/// What clients do work for, and how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkSettings {
    /// Whether each registration needs work.
    pub registration: bool,
    /// Whether a sign-in needs work under attack.
    pub sign_in: bool,
    /// How many zero bits a solution has.
    pub bits: u8,
}

/// What work is required for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkPurpose {
    /// A registration.
    Registration,
    /// A sign-in with a password.
    SignIn,
}

/// What a challenge is bound to. It is void for another purpose and from another network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkBinding {
    /// What the work is for.
    pub purpose: WorkPurpose,
    /// The network of the client; `None` if it is unknown.
    pub network: Option<Network>,
}

/// A puzzle for a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkChallenge {
    /// The text that the solution begins with.
    pub text: String,
    /// With how many zero bits the SHA-256 of the solution begins.
    pub bits: u8,
}

/// A solved challenge. It counts once, so the caller claims it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SolvedWork {
    /// The name of the challenge.
    pub claim: [u8; 32],
    /// When the challenge ends.
    pub until: Timestamp,
}

impl WorkChallenge {
    /// A new challenge.
    pub fn new(
        binding: WorkBinding,
        bits: u8,
        keys: &MacKeys,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let until = now.saturating_add(WORK_TTL);
        let mut bytes = vec![VERSION, bits];
        bytes.extend_from_slice(&until.as_seconds().to_be_bytes());
        bytes.extend_from_slice(&random_bytes::<16>(rng));
        let tag = keys.keyed_tag(MacPurpose::WORK, &binding.bind(&bytes), now);
        bytes.extend_from_slice(&tag);
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        Self { text, bits }
    }
}

impl SolvedWork {
    /// Reads a solution; `None` if its challenge was not issued here for this binding or has ended,
    /// or if it does not solve it.
    pub fn read(text: &str, binding: WorkBinding, keys: &MacKeys, now: Timestamp) -> Option<Self> {
        let (challenge, number) = text.split_once(':')?;
        let is_number = number.len() <= MAX_DIGITS && number.parse::<u64>().is_ok();
        let bytes = URL_SAFE_NO_PAD.decode(challenge.strip_prefix(PREFIX)?);
        let bytes = bytes.ok()?;
        let (signed, tag) = bytes.split_last_chunk::<{ size_of::<KeyedTag>() }>()?;
        if !is_number || !keys.is_keyed_tag(MacPurpose::WORK, &binding.bind(signed), tag) {
            return None;
        }
        let (&[version, bits], rest) = signed.split_first_chunk()?;
        let (until, _random) = rest.split_first_chunk()?;
        let until = Timestamp::from_seconds(u64::from_be_bytes(*until));
        let is_valid = version == VERSION && now < until && zero_bits(text) >= u32::from(bits);
        is_valid.then(|| Self {
            claim: sha256(&[CLAIM_LABEL, signed]),
            until,
        })
    }
}

impl WorkBinding {
    /// The bytes that the tag covers.
    fn bind(self, signed: &[u8]) -> Vec<u8> {
        let purpose = match self.purpose {
            WorkPurpose::Registration => 1,
            WorkPurpose::SignIn => 2,
        };
        [signed, &[purpose], &Network::to_bytes(self.network)].concat()
    }
}

/// With how many zero bits the SHA-256 of a text begins.
fn zero_bits(text: &str) -> u32 {
    let hash: [u8; 32] = sha256(&[text.as_bytes()]);
    let mut bits = 0;
    for byte in &hash {
        bits += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    bits
}

const PREFIX: &str = "pow_";
const VERSION: u8 = 1;
/// The largest `u64` has 20 digits.
const MAX_DIGITS: usize = 20;
/// Claims of other values have other labels.
const CLAIM_LABEL: &[u8] = b"signet proof of work v1\0";

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::secret::SecretBytes;
    use crate::session::MacKey;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const SIGN_IN: WorkBinding = WorkBinding {
        purpose: WorkPurpose::SignIn,
        network: Some(Network::V4(0xc000_0201)),
    };

    fn keys(secret: u8) -> MacKeys {
        let secret = SecretBytes::new([secret; 32]);
        MacKeys::new(vec![MacKey::new(1, Timestamp::default(), &secret)]).unwrap()
    }

    fn challenge() -> WorkChallenge {
        WorkChallenge::new(SIGN_IN, 8, &keys(1), NOW, &mut StdRng::seed_from_u64(1))
    }

    /// The first solution, and how many numbers were tried before it.
    fn solve(challenge: &WorkChallenge) -> (String, u64) {
        let texts = (0..).map(|number| (format!("{}:{number}", challenge.text), number));
        let mut texts = texts.filter(|(text, _)| zero_bits(text) >= u32::from(challenge.bits));
        texts.next().unwrap()
    }

    #[test]
    fn a_solution_is_accepted_until_the_challenge_ends_and_names_it() {
        let challenge = challenge();
        let (solution, _) = solve(&challenge);
        let read = |now| SolvedWork::read(&solution, SIGN_IN, &keys(1), now);
        let solved = read(NOW).unwrap();
        assert_eq!(solved.until, NOW.saturating_add(WORK_TTL));
        assert_eq!(
            read(NOW.saturating_add(Duration::from_mins(29))),
            Some(solved)
        );
        assert_eq!(read(NOW.saturating_add(WORK_TTL)), None);
        // A challenge has many solutions, all of which are one claim.
        let others = (0..).map(|number| format!("{}:{number}", challenge.text));
        let mut others = others.filter(|text| zero_bits(text) >= 8 && *text != solution);
        let other = SolvedWork::read(&others.next().unwrap(), SIGN_IN, &keys(1), NOW);
        assert_eq!(other, Some(solved));
    }

    #[test]
    fn another_purpose_network_or_key_is_refused() {
        let (solution, _) = solve(&challenge());
        let read = |binding, key| SolvedWork::read(&solution, binding, &keys(key), NOW);
        let purpose = WorkPurpose::Registration;
        assert_eq!(read(WorkBinding { purpose, ..SIGN_IN }, 1), None);
        for network in [
            None,
            Some(Network::V4(0xc000_0202)),
            Some(Network::V6(0xc000_0201, 64)),
        ] {
            assert_eq!(
                read(WorkBinding { network, ..SIGN_IN }, 1),
                None,
                "{network:?}"
            );
        }
        assert_eq!(read(SIGN_IN, 2), None);
        assert!(read(SIGN_IN, 1).is_some());
    }

    #[test]
    fn work_that_was_not_done_and_other_texts_are_refused() {
        let challenge = challenge();
        let text = &challenge.text;
        let lazy = (0..).map(|number| format!("{text}:{number}"));
        let lazy = lazy.filter(|text| zero_bits(text) < 8).take(20);
        let (solution, number) = solve(&challenge);
        let fewer_bits = {
            let mut bytes = URL_SAFE_NO_PAD.decode(&text[4..]).unwrap();
            bytes[1] = 0;
            format!("pow_{}:{number}", URL_SAFE_NO_PAD.encode(bytes))
        };
        let others = [
            String::new(),
            text.clone(),
            format!("{text}:"),
            format!("{text}:x"),
            format!("{solution}{}", "0".repeat(30)),
            format!("pow_:{number}"),
            fewer_bits,
        ];
        for text in lazy.chain(others) {
            assert_eq!(
                SolvedWork::read(&text, SIGN_IN, &keys(1), NOW),
                None,
                "{text}"
            );
        }
    }
}
