//! Medians of the answers to addresses with and without an account: `make enumeration-figures`.
//!
//! Requests for both kinds alternate, on a connection each, without rate limits and with a mail
//! server that accepts everything. Timings never fail a run. The second step of a sign-in and the
//! repeated mail to confirm an address take no address, so they have no row.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/server.rs"]
mod server;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use signet_test_servers::MailSink;
use signet_verifier::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::server::Server;

fn main() {
    let sink = MailSink::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!(
        "{:<28}{:>12}{:>12}{:>8}",
        "medians, microseconds", "known", "unknown", "ratio"
    );
    measure_open(&folder, &sink);
    let server = start(&folder, &sink, "mail");
    let email = |email: &str| format!(r#"{{"email":"{email}"}}"#);
    row(server.address, ("/auth/register", 202), 200, email);
}

/// A server without rate limits, with a mail server and this value of `registration`.
fn start(folder: &TempDir, sink: &MailSink, registration: &str) -> Server {
    let url = sink.url();
    let settings = [
        ("SIGNET_LIMITS_ENABLED", "false"),
        ("SIGNET_REGISTRATION", registration),
        ("SIGNET_SMTP_URL", url.as_str()),
        ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>"),
    ];
    Server::start(&binary::measured(), folder.path(), &settings)
}

/// The rows for which the known account is registered first.
fn measure_open(folder: &TempDir, sink: &MailSink) {
    let server = start(folder, sink, "open");
    let person = |password: &'static str| {
        move |email: &str| {
            format!(r#"{{"email":"{email}","password":"{password}","token_delivery":"body"}}"#)
        }
    };
    let registered = person("engine no. 9 steams")(KNOWN);
    assert_eq!(ask(server.address, "/auth/register", &registered), 201);
    let wrong = person("engine no. 8 rusts");
    row(server.address, ("/auth/login", 401), 100, wrong);
    let email = |email: &str| format!(r#"{{"email":"{email}"}}"#);
    let options = ("/auth/login/passkey/options", 200);
    row(server.address, options, 200, email);
    row(server.address, ("/auth/password/reset", 202), 200, email);
}

/// Measures a route with `pairs` requests for each kind of address, and prints its medians.
fn row(
    address: SocketAddr,
    (path, status): (&str, u16),
    pairs: usize,
    body: impl Fn(&str) -> String,
) {
    let clock = SystemClock::new();
    let time = |email: &str| {
        let body = body(email);
        let begun = clock.monotonic();
        assert_eq!(ask(address, path, &body), status, "{path}");
        clock.monotonic().saturating_sub(begun)
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // The first requests fill caches.
    for number in 0..pairs + WARM_UP {
        // The order changes, so that neither kind always comes second.
        let pair = if number % 2 == 0 {
            let first = time(KNOWN);
            (first, time(UNKNOWN))
        } else {
            let first = time(UNKNOWN);
            (time(KNOWN), first)
        };
        if number >= WARM_UP {
            known.push(pair.0);
            unknown.push(pair.1);
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    let micros = |median: Duration| median.as_secs_f64() * 1e6;
    println!(
        "{path:<28}{:>12.0}{:>12.0}{:>8.3}",
        micros(known),
        micros(unknown),
        known.as_secs_f64() / unknown.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Sends a request and returns the status of the response.
fn ask(address: SocketAddr, path: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(address).expect("the server accepts connections");
    stream.set_nodelay(true).expect("a TCP socket");
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .expect("an open connection");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.get(9..12).and_then(|digits| digits.parse().ok());
    status.expect("a status")
}

const KNOWN: &str = "known-person@example.com";
/// As long as the known one.
const UNKNOWN: &str = "other-person@example.com";
const WARM_UP: usize = 10;
