//! What the check of the status adds to a verification, in the same run and with the same token.
//! Prints a ratio against its limit, since times depend on the machine. Run it with
//! `cargo bench -p signet-verifier --features status --bench status`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, or stops"
)]

mod parts;

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use signet_verifier::{Clock, Policy, RemoteKeys, SystemClock, Verifier, thumbprint};
use tokio::runtime::Runtime;

use parts::{best_of, claims, key_pair, numbers, sign};

fn main() {
    let clock = SystemClock::new();
    let pair = key_pair();
    let issuer = serve(&clock);
    let now = clock.now().as_seconds();
    let token = |status: &str| sign(&pair, "at+jwt", &claims(&issuer, now, status));
    let plain = token("");
    let token = token(&format!(
        r#","status":{{"status_list":{{"idx":99999,"uri":"{issuer}/status/a"}}}}"#
    ));

    let runtime = Runtime::new().unwrap();
    let jwks_url = format!("{issuer}/.well-known/jwks.json");
    let verifier = |keys: RemoteKeys| {
        let verifier = Verifier::new(Policy::new(issuer.as_str(), "orders"), keys);
        runtime.block_on(verifier.verify_async(&token)).unwrap();
        verifier
    };
    let [without, with] = {
        let _entered = runtime.enter();
        let without = RemoteKeys::new(&jwks_url).unwrap();
        let with = RemoteKeys::builder().check_status().build(&jwks_url);
        [verifier(without), verifier(with.unwrap())]
    };
    let unchecked_plain = || drop(without.verify(black_box(&plain)).unwrap());
    let unchecked = || drop(without.verify(black_box(&token)).unwrap());
    let checked = || drop(with.verify(black_box(&token)).unwrap());
    let [plain, unchecked, checked] = best_of(&clock, [&unchecked_plain, &unchecked, &checked]);
    println!("a token without status         {plain:7.2} µs");
    println!("a token with status, ignored   {unchecked:7.2} µs");
    let ratio = checked / unchecked;
    println!(
        "a token with status, checked   {checked:7.2} µs, {ratio:.3} times ignoring it, at most 1.02"
    );
}

/// Serves the keys and a list of 2^17 entries, one in a hundred revoked; returns the issuer.
fn serve(clock: &SystemClock) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let (pair, clock, origin) = (key_pair(), *clock, issuer.clone());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(&stream).lines();
            let asked = lines.next().unwrap().unwrap();
            while !lines.next().unwrap().unwrap().is_empty() {}
            let body = if asked.contains("/status/") {
                list(&pair, &origin, clock.now().as_seconds())
            } else {
                jwks(&pair)
            };
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    issuer
}

fn list(pair: &RsaKeyPair, issuer: &str, now: u64) -> String {
    let mut bytes = vec![0_u8; (1 << 17) / 8];
    for revoked in (0_usize..1 << 17).step_by(100) {
        if let Some(byte) = bytes.get_mut(revoked / 8) {
            *byte |= 1 << (revoked % 8);
        }
    }
    let lst = URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(&bytes, 6));
    let claims = format!(
        r#"{{"sub":"{issuer}/status/a","iat":{now},"exp":{},"ttl":5,"status_list":{{"bits":1,"lst":"{lst}"}}}}"#,
        now + 60
    );
    sign(pair, "statuslist+jwt", &claims)
}

fn jwks(pair: &RsaKeyPair) -> String {
    let (n, e) = numbers(pair);
    let kid = thumbprint(&n, &e);
    let [n, e] = [n, e].map(|number| URL_SAFE_NO_PAD.encode(number));
    format!(
        r#"{{"keys":[{{"kty":"RSA","use":"sig","alg":"RS256","kid":"{kid}","n":"{n}","e":"{e}"}}]}}"#
    )
}
