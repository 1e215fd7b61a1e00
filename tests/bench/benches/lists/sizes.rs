//! How large lists are of which a share of the bits is set. No server takes part.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use signet_core::keys::SigningKey;
use signet_core::status_list::{Bits, LIST_BITS, StatusListToken};
use signet_verifier::{Clock as _, SystemClock};

/// Prints the size of all lists that so many tokens need, for each share.
pub fn print(key: &SigningKey) {
    print!("{:<16}", "tokens, revoked");
    for (share, _) in SHARES {
        print!("{share:>12}");
    }
    println!();
    for tokens in [10_u32.pow(5), 10_u32.pow(6), 10_u32.pow(7)] {
        print!("{tokens:<16}");
        for (_, per_mille) in SHARES {
            let bytes: usize = lists(tokens, per_mille, key).sum();
            print!("{:>12}", format!("{:.1} KB", bytes as f64 / 1e3));
        }
        println!("  {} lists", tokens.div_ceil(LIST_BITS));
    }
}

/// The length of each signed list. The last one has room for more tokens.
fn lists(tokens: u32, per_mille: u32, key: &SigningKey) -> impl Iterator<Item = usize> {
    let mut random = StdRng::seed_from_u64(1);
    let firsts = (0..tokens).step_by(LIST_BITS as usize);
    firsts.map(move |first| {
        let mut bits = Bits::default();
        for index in 0..LIST_BITS.min(tokens - first) {
            if random.random_range(0..1_000) < per_mille {
                bits.set(index, 1);
            }
        }
        let token = StatusListToken {
            issuer: "https://auth.example.com",
            uri: "https://auth.example.com/status/AAAAAAAAAAA",
            bits: &bits,
            kids: std::slice::from_ref(key.kid()),
        };
        let signed = token.sign(SystemClock::new().now(), key);
        signed.expect("a signature").text.len()
    })
}

/// How many of a thousand tokens are revoked.
const SHARES: [(&str, u32); 5] = [
    ("none", 0),
    ("0.1 %", 1),
    ("1 %", 10),
    ("10 %", 100),
    ("50 %", 500),
];
