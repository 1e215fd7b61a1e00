//! A plain program that verifies one token with a key from a file: no runtime, no network.
//!
//! ```text
//! cargo run -p signet-verifier --example offline -- public.pem http://127.0.0.1:8080 api < token
//! ```
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use std::error::Error;

use signet_verifier::{Keys, Policy, Verifier};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [public_key, issuer, audience] = arguments.as_slice() else {
        return Err("usage: offline PUBLIC_KEY.pem ISSUER AUDIENCE < TOKEN".into());
    };
    let keys = Keys::from_pem(std::fs::read(public_key)?)?;
    let verifier = Verifier::new(Policy::new(issuer, audience), keys);
    let token = std::io::read_to_string(std::io::stdin())?;
    let claims = verifier.verify(token.trim())?;
    println!("{} may: {}", claims.sub, claims.scope);
    Ok(())
}
