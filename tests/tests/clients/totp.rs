//! Authenticator apps of others: PyOTP and oathtool show codes that Signet accepts, and zbarimg
//! reads the QR code that a phone would see.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use signet_tests::{Account, Api, PASSWORD, Server};
use signet_verifier::{Clock as _, SystemClock};

use crate::program::{installed, run};

/// The start of the current period, in seconds, and of its neighbours. Codes of this period and of
/// the next one are accepted for the next 30 seconds at least. One of the period before is out of
/// date as soon as this period ends.
fn periods() -> [u64; 3] {
    let now = SystemClock::new().now().as_seconds() / 30 * 30;
    [now - 30, now, now + 30]
}

async fn offer(api: &Api, account: &Account) -> Value {
    let path = "/auth/mfa/totp";
    let offer = api.post_as(path, &account.access_token, &json!({})).await;
    offer.expect(200).json()
}

fn pyotp(uri: &str, at: u64) -> Value {
    run("totp_pyotp.py", &json!({"uri": uri, "at": at}))
}

fn oathtool(secret: &str, at: u64) -> String {
    let now = format!("--now=@{at}");
    let ran = Command::new(installed("oathtool"))
        .args(["--totp", "--base32", &now, secret])
        .output()
        .expect("oathtool runs");
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

/// What a camera reads from an image.
fn read_qr(svg: &str, folder: &Path) -> String {
    let (drawn, image) = (folder.join("qr.svg"), folder.join("qr.png"));
    std::fs::write(&drawn, svg).expect("a file");
    let converted = Command::new(installed("rsvg-convert"))
        .args(["--background-color=white", "--width=400", "--output"])
        .args([&image, &drawn])
        .output()
        .expect("rsvg-convert runs");
    assert!(converted.status.success(), "{converted:?}");
    let read = Command::new(installed("zbarimg"))
        .args(["--quiet", "--raw", "--nodbus"])
        .arg(&image)
        .output()
        .expect("zbarimg runs");
    assert!(read.status.success(), "{read:?}");
    String::from_utf8(read.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

async fn finish(api: &Api, email: &str, code: &str) {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let waiting = api.post("/auth/login", &body).await.expect(401);
    let body = json!({"mfa_token": waiting.member("mfa_token"), "code": code});
    api.post("/auth/login/mfa", &body).await.expect(200);
}

#[tokio::test]
async fn codes_of_pyotp_and_oathtool_are_accepted() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    let offer = offer(api, &account).await;
    let uri = offer["otpauth_uri"].as_str().expect("an address");
    let secret = offer["secret"].as_str().expect("a secret");
    let [before, now, after] = periods();
    let first = pyotp(uri, now);
    assert_eq!(first["secret"], secret);
    assert_eq!(first["name"], account.email);
    assert_eq!(
        (&first["digits"], &first["interval"]),
        (&json!(6), &json!(30))
    );
    for at in [before, now, after] {
        assert_eq!(pyotp(uri, at)["code"], oathtool(secret, at));
    }
    let confirm = json!({"code": first["code"]});
    let path = "/auth/mfa/totp/confirm";
    let confirmed = api.post_as(path, &account.access_token, &confirm).await;
    confirmed.expect(200);
    finish(api, &account.email, &oathtool(secret, after)).await;
}

#[tokio::test]
async fn a_phone_reads_the_address_from_the_qr_code() {
    let server = Server::start();
    let account = server.api().register().await;
    let offer = offer(server.api(), &account).await;
    let svg = offer["qr_svg"].as_str().expect("an image");
    let read = read_qr(svg, server.folder().path());
    assert_eq!(read, offer["otpauth_uri"].as_str().expect("an address"));
}
