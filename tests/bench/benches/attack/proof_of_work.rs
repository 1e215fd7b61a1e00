//! What an app of an honest person does when it is asked for a proof of work.

use std::net::SocketAddr;

use aws_lc_rs::digest::{SHA256, digest};

use crate::client::{self, Answer};

/// Sends a request. If the server asks for a proof of work, solves it and sends the request again.
pub fn ask(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let answer = client::ask(address, request)?;
    let Some((challenge, bits)) = answer.challenge() else {
        return Some(answer);
    };
    let proof = solve(challenge, bits);
    client::ask(address, &with_proof(request, &proof)?)
}

fn solve(challenge: &str, bits: u32) -> String {
    let texts = (0_u64..).map(|number| format!("{challenge}:{number}"));
    let mut texts =
        texts.filter(|text| zero_bits(digest(&SHA256, text.as_bytes()).as_ref()) >= bits);
    texts.next().unwrap_or_default()
}

fn zero_bits(hash: &[u8]) -> u32 {
    let first = hash.first_chunk::<4>().copied().unwrap_or_default();
    u32::from_be_bytes(first).leading_zeros()
}

/// A request with a JSON body, with one member more.
fn with_proof(request: &[u8], proof: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(request).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let body = format!(r#"{{"proof_of_work":"{proof}",{}"#, body.strip_prefix('{')?);
    let length = format!("Content-Length: {}", body.len());
    let lines = head.split("\r\n").map(|line| {
        let is_length = line.starts_with("Content-Length: ");
        if is_length { length.as_str() } else { line }
    });
    let head = lines.collect::<Vec<_>>().join("\r\n");
    Some(format!("{head}\r\n\r\n{body}").into_bytes())
}
