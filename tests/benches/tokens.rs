//! What a token by `client_credentials` costs the server, against the bare signature that is in it.
//!
//! Both are processor time and both are taken while every core is busy, so that the ratio says
//! something on any machine. Run it with `make bench`.

use std::fs;
use std::thread;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use http::Method;
use signet_tests::{Api, Server, read_token};
use signet_verifier::{Clock, SystemClock};

#[tokio::main]
async fn main() {
    let server = Server::start();
    let client = server.add_client(&CLIENT);
    let secret = client["client_secret"].as_str().expect("a secret");
    let apis: Vec<_> = (0..CONNECTIONS)
        .map(|_| Api::at(server.api().address()))
        .collect();
    let token = ask(&apis, secret, WARM_UP_EACH).await;
    let key = signing_key(&server, &token);

    let before = bare_signature(&key);
    let clock = SystemClock::new();
    let (began, used) = (clock.monotonic(), processor_time(server.process_id()));
    ask(&apis, secret, TOKENS_EACH).await;
    let used = processor_time(server.process_id()) - used;
    let elapsed = clock.monotonic() - began;
    let bare = (before + bare_signature(&key)) / 2;

    let tokens = CONNECTIONS * TOKENS_EACH;
    let each = used / tokens;
    let rate = f64::from(tokens) / elapsed.as_secs_f64();
    let ratio = each.as_secs_f64() / bare.as_secs_f64();
    println!("{tokens} tokens by client_credentials over {CONNECTIONS} connections");
    println!("  {rate:.0} a second, {each:?} of processor time each");
    println!("  the bare signature {bare:?}");
    println!("  token / bare signature: {ratio:.3} (limit {LIMIT})");
}

/// Asks for tokens on every connection, one after the other on each; gives one of them.
async fn ask(apis: &[Api], secret: &str, each: u32) -> String {
    let asked = join_all(apis.iter().map(async |api| {
        let mut token = String::new();
        for _ in 0..each {
            let request = api.request(Method::POST, "/oauth/token");
            let request = request.basic_auth("billing", Some(secret));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let reply = api.send(request.body("grant_type=client_credentials"));
            token = reply.await.expect(200).member("access_token");
        }
        token
    }));
    asked.await.swap_remove(0)
}

/// The key that signed a token.
fn signing_key(server: &Server, token: &str) -> RsaKeyPair {
    let (header, _) = read_token(token);
    let kid = header["kid"].as_str().expect("a kid");
    let path = server.folder().keys().join(format!("signing-{kid}.pem"));
    let pem = fs::read_to_string(path).expect("a key");
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(der).expect("base64")).expect("a key")
}

/// Processor time of one signature while all cores sign.
fn bare_signature(key: &RsaKeyPair) -> Duration {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let used = processor_time(std::process::id());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| sign(key));
        }
    });
    let used = processor_time(std::process::id()) - used;
    used / SIGNATURES_EACH / u32::try_from(threads).expect("few threads")
}

fn sign(key: &RsaKeyPair) {
    let message = [b'x'; USUAL_TOKEN_BYTES];
    let mut signature = vec![0; key.public_modulus_len()];
    for _ in 0..SIGNATURES_EACH {
        let random = SystemRandom::new();
        let signed = key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature);
        signed.expect("a signature");
    }
}

/// What a process has used so far, in user and kernel; proc(5), fields 14 and 15.
fn processor_time(process_id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).expect("a process");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u32 = ticks
        .map(|field| field.parse::<u32>().expect("ticks"))
        .sum();
    Duration::from_millis(10) * ticks
}

const CLIENT: [&str; 7] = [
    "billing",
    "--grants",
    "client_credentials",
    "--audiences",
    "orders",
    "--scopes",
    "orders:read",
];
const CONNECTIONS: u32 = 16;
const WARM_UP_EACH: u32 = 10;
const TOKENS_EACH: u32 = 500;
/// For each thread.
const SIGNATURES_EACH: u32 = 4_000;
/// Header and claims of such a token, in bytes.
const USUAL_TOKEN_BYTES: usize = 420;
/// What the token may cost for one signature.
const LIMIT: f64 = 1.15;
