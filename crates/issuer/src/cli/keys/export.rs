//! `signet keys export`: prints public keys, for services that read them from a file.

use clap::Args;
use serde::Serialize;
use signet_core::keys::generate::public_pem;
use signet_core::keys::jwks::jwk;
use signet_core::keys::{Jwks, KeyRing, Kid, SigningEntry};

use super::{Desk, kid};
use crate::cli::{CommandResult, say};

#[derive(Args, Debug)]
pub(in crate::cli) struct Flags {
    /// This key only, in any state
    #[arg(long, value_name = "KID", allow_hyphen_values = true, value_parser = kid)]
    kid: Option<Kid>,
    /// Print PEM, one key after the other
    #[arg(long, conflicts_with = "jwks")]
    pem: bool,
    /// Print a JWK set [default]
    #[arg(long)]
    jwks: bool,
}

#[derive(Serialize)]
struct PemKey<'a> {
    kid: &'a str,
    pem: String,
}

/// Prints the published keys, or one key.
pub(super) fn export(desk: &Desk, flags: &Flags) -> CommandResult {
    let ring = desk.folder.ring()?;
    let keys = chosen(desk, &ring, flags.kid.as_ref())?;
    if !flags.pem {
        let set = match flags.kid {
            Some(_) => {
                let keys: Vec<_> = keys.iter().map(|key| jwk(&key.public)).collect();
                serde_json::json!({ "keys": keys }).to_string()
            }
            None => Jwks::of(&ring, desk.now).body,
        };
        say(set);
        return Ok(());
    }
    let mut pems = Vec::new();
    for key in keys {
        let kid = key.kid().as_str();
        let pem = public_pem(&key.public)?;
        pems.push(PemKey { kid, pem });
    }
    let text: String = pems.iter().map(|key| key.pem.as_str()).collect();
    desk.answer(&pems, text.trim_end())
}

fn chosen<'a>(
    desk: &Desk,
    ring: &'a KeyRing,
    kid: Option<&Kid>,
) -> Result<Vec<&'a SigningEntry>, &'static str> {
    let Some(kid) = kid else {
        return Ok(ring.published_at(desk.now).collect());
    };
    let found = ring.find(kid);
    let found = found.ok_or("the ring has no such key; `signet keys list` shows them all")?;
    Ok(vec![found])
}
