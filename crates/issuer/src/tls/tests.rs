//! Certificates in files: read, refused, renewed.

use std::path::Path;
use std::process::Command;

use signet_verifier::Timestamp;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::*;

/// A certificate for `localhost` and 127.0.0.1 that signs itself, with its key, in a folder.
pub(crate) fn certificate(folder: &Path) -> TlsFiles {
    let files = TlsFiles {
        table: "tls",
        cert_file: folder.join("server.pem"),
        key_file: folder.join("server-key.pem"),
        client_ca_file: None,
    };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext"])
        .args(["subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext"])
        .args(["basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&files.key_file)
        .arg("-out")
        .arg(&files.cert_file)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    files
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The error of these files, without the name of the folder.
fn refused(files: &TlsFiles, folder: &TempDir) -> String {
    let error = Tls::load(files).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn an_error_names_the_setting_and_the_file() {
    let folder = folder();
    let good = certificate(folder.path());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let other = certificate(&other);
    let with = |change: fn(&mut TlsFiles, &TlsFiles)| {
        let mut files = good.clone();
        change(&mut files, &other);
        refused(&files, &folder)
    };
    assert_eq!(
        with(|files, _| files.cert_file.set_file_name("none.pem")),
        "tls.cert_file: cannot read none.pem: No such file or directory (os error 2)"
    );
    assert_eq!(
        with(|files, _| files.cert_file = files.key_file.clone()),
        "tls.cert_file: server-key.pem holds no certificate in PEM: no items found"
    );
    assert_eq!(
        with(|files, _| files.key_file = files.cert_file.clone()),
        "tls.key_file: server.pem holds no private key in PEM: no items found"
    );
    assert_eq!(
        with(|files, other| files.key_file = other.key_file.clone()),
        "tls.cert_file: the certificate cannot be used with the key of tls.key_file: keys may not \
         be consistent: KeyMismatch"
    );
    assert_eq!(
        with(|files, _| files.client_ca_file = Some(files.key_file.clone())),
        "tls.client_ca_file: server-key.pem holds no certificate in PEM: no items found"
    );
}

#[test]
fn the_period_of_a_certificate_has_a_start_an_end_and_a_notice_before_its_end() {
    let folder = folder();
    let files = certificate(folder.path());
    let day = Duration::from_hours(24);
    let (start, end) = period(&files);
    assert_eq!(end.saturating_since(start), 2 * day);
    let at = |now| validity(&files, now, day).unwrap();
    let second = Duration::from_secs(1);
    let cases = [
        (
            start.saturating_sub(second),
            CertificateValidity::BeginsAt(start),
        ),
        (start, CertificateValidity::Valid),
        (end.saturating_sub(day), CertificateValidity::Valid),
        (
            end.saturating_sub(day).saturating_add(second),
            CertificateValidity::EndsAt(end),
        ),
        (end, CertificateValidity::EndsAt(end)),
        (
            end.saturating_add(second),
            CertificateValidity::EndedAt(end),
        ),
    ];
    for (now, expected) in cases {
        assert_eq!(at(now), expected, "{now:?}");
    }
}

#[test]
fn a_certificate_is_for_the_hosts_that_it_names() {
    let folder = folder();
    let files = certificate(folder.path());
    for (host, expected) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("[::1]", false),
        ("auth.example.com", false),
        ("not a name", false),
    ] {
        assert_eq!(is_for_host(&files, host).unwrap(), expected, "{host}");
    }
}

/// The start and the end of a certificate, as openssl reads them.
fn period(files: &TlsFiles) -> (Timestamp, Timestamp) {
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-dates", "-dateopt", "iso_8601", "-in"])
        .arg(&files.cert_file)
        .output()
        .unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let text = String::from_utf8(shown.stdout).unwrap();
    let read = |name: &str| {
        let mut lines = text.lines();
        let date = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        let time = OffsetDateTime::parse(&date.replace(' ', "T"), &Rfc3339).unwrap();
        Timestamp::from_seconds(time.unix_timestamp().try_into().unwrap())
    };
    (read("notBefore="), read("notAfter="))
}

#[tokio::test(start_paused = true)]
async fn new_files_are_used_once_they_stay_the_same_and_broken_ones_never() {
    let folder = folder();
    let files = certificate(folder.path());
    let tls = Tls::load(&files).unwrap();
    let (stop, stopped) = watch::channel(false);
    let follower = tls.clone();
    let following = tokio::spawn(async move { follower.follow(stopped).await });
    let config = || Arc::clone(tls.acceptor().config());
    let first = config();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(Arc::ptr_eq(&config(), &first), "nothing has changed");

    std::fs::write(&files.key_file, "broken").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(Arc::ptr_eq(&config(), &first));
    let problem = tls.problem().unwrap();
    assert!(
        problem.starts_with("keeps the previous certificate: tls.key_file: "),
        "{problem}"
    );

    certificate(folder.path());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let second = config();
    assert!(!Arc::ptr_eq(&second, &first));
    assert_eq!(tls.problem(), None);

    tls.look_soon();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(!Arc::ptr_eq(&config(), &second), "read without a change");
    stop.send(true).unwrap();
    following.await.unwrap();
}
