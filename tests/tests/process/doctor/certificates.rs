//! `signet doctor` and the certificate of the public listener.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use signet_tests::Folder;

use super::{Findings, detail, doctor, findings, found_as, problem};

#[test]
fn a_certificate_that_expires_soon_or_has_the_key_of_another_is_named() {
    let folder = Folder::with_keys();
    make_certificate(&folder, "soon", &["-days", "13"]);
    make_certificate(&folder, "long", &["-days", "15"]);
    let sound = found(&folder, "long.pem", "long-key.pem");
    let said = detail(&sound, "tls");
    assert_eq!(said, "long.pem and its key can be used");
    let soon = found(&folder, "soon.pem", "soon-key.pem");
    found_as(&soon, "warning", "tls", "soon.pem expires at ");
    found_as(&soon, "warning", "tls", "): renew it");
    let mixed = found(&folder, "long.pem", "soon-key.pem");
    let hint = "tls.cert_file: the certificate cannot be used with the key of tls.key_file";
    problem(&mixed, "tls", hint);
}

#[test]
fn a_certificate_that_has_expired_or_is_not_valid_yet_is_a_problem() {
    let folder = Folder::with_keys();
    make_certificate(&folder, "request", &["-days", "15"]);
    let period = |name: &str, start: &str, end: &str| sign_for(&folder, name, start, end);
    period("old", "20200101000000Z", "20210101000000Z");
    period("new", "20990101000000Z", "20991231000000Z");
    let old = found(&folder, "old.pem", "request-key.pem");
    problem(&old, "tls", "old.pem expired at 2021-01-01T00:00:00");
    problem(&old, "tls", "): renew it");
    let new = found(&folder, "new.pem", "request-key.pem");
    problem(
        &new,
        "tls",
        "new.pem is not valid before 2099-01-01T00:00:00",
    );
    problem(
        &new,
        "tls",
        "): set the clock right, or use another certificate",
    );
}

#[test]
fn a_certificate_for_another_host_is_a_problem_if_clients_see_it() {
    let folder = Folder::with_keys();
    make_certificate(&folder, "long", &["-days", "15"]);
    let files = |url: &'static str, proxies: &'static str| {
        let settings = [
            ("SIGNET_PUBLIC_URL", url),
            ("SIGNET_TLS_CERT_FILE", "long.pem"),
            ("SIGNET_TLS_KEY_FILE", "long-key.pem"),
            ("SIGNET_TRUSTED_PROXIES", proxies),
        ];
        findings(&doctor(&folder, &settings))
    };
    let other = files("https://login.example.com", "");
    problem(
        &other,
        "tls",
        "long.pem is not for login.example.com, so clients refuse it",
    );
    let behind = files("https://login.example.com", "127.0.0.1");
    assert_eq!(detail(&behind, "tls"), "long.pem and its key can be used");
}

#[test]
fn a_private_key_that_others_can_read_is_a_warning() {
    let folder = Folder::with_keys();
    make_certificate(&folder, "long", &["-days", "15"]);
    let key = folder.path().join("long-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let open = found(&folder, "long.pem", "long-key.pem");
    let hint = "long-key.pem has mode 0644, so others can read the private key: run \
                `chmod o= long-key.pem`";
    found_as(&open, "warning", "tls", hint);
    // A group of its own is how a server without root reads the key.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let closed = found(&folder, "long.pem", "long-key.pem");
    assert_eq!(detail(&closed, "tls"), "long.pem and its key can be used");
}

fn found(folder: &Folder, certificate: &str, key: &str) -> Findings {
    let files = [
        ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
        ("SIGNET_TLS_CERT_FILE", certificate),
        ("SIGNET_TLS_KEY_FILE", key),
    ];
    findings(&doctor(folder, &files))
}

/// A certificate for `auth.example.com` that signs itself, and its key, in the folder of the server.
fn make_certificate(folder: &Folder, name: &str, period: &[&str]) {
    let mut command = Command::new("openssl");
    command
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-addext", NAMES])
        .args(["-subj", "/CN=auth.example.com", "-keyout"])
        .arg(format!("{name}-key.pem"))
        .arg("-out")
        .arg(format!("{name}.pem"))
        .args(period);
    run(folder, &mut command);
}

/// Another certificate of the key `request-key.pem`, with this period.
fn sign_for(folder: &Folder, name: &str, start: &str, end: &str) {
    let authority = format!(
        "[ca]\ndefault_ca = own\n[own]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
         default_md = sha256\npolicy = any\nunique_subject = no\nx509_extensions = names\n\
         [any]\ncommonName = supplied\n[names]\n{NAMES}\n"
    );
    fs::write(folder.path().join("authority.conf"), authority).unwrap();
    fs::write(folder.path().join("index"), "").unwrap();
    fs::write(folder.path().join("serial"), "01\n").unwrap();
    run(
        folder,
        Command::new("openssl")
            .args(["req", "-new", "-key", "request-key.pem", "-out", "request"])
            .args(["-subj", "/CN=auth.example.com"]),
    );
    run(
        folder,
        Command::new("openssl")
            .args(["ca", "-batch", "-selfsign", "-config", "authority.conf"])
            .args(["-keyfile", "request-key.pem", "-in", "request", "-notext"])
            .args(["-startdate", start, "-enddate", end, "-out"])
            .arg(format!("{name}.pem")),
    );
}

fn run(folder: &Folder, command: &mut Command) {
    let made = command.current_dir(folder.path()).output();
    let made = made.expect("openssl runs");
    assert!(made.status.success(), "{made:?}");
}

const NAMES: &str = "subjectAltName=DNS:auth.example.com";
