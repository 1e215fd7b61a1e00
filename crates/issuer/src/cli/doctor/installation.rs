//! What is on the disk of this machine: the keys folder and the certificates.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use signet_core::keys::KeyRing;
use signet_store::KeysFolderError;
use signet_verifier::Timestamp;

use super::finding::Findings;
use crate::cli::keys::{When, unencrypted_warning};
use crate::config::{Settings, sources_of};
use crate::key_listing::clock_warning;
use crate::tls::{CertificateValidity, Tls, TlsError, TlsFiles, is_for_host, validity};

/// Reads every key as the server does, makes test signatures, and looks at the times of the ring.
/// `is_elsewhere` says that no file of settings was read, so this may not be the folder of a server.
pub(super) fn check_keys(
    settings: &Settings,
    is_elsewhere: bool,
    now: Timestamp,
    findings: &mut Findings,
) {
    let folder = settings.keys.folder();
    let keys = match folder.load_and_sign(now) {
        Ok(keys) => keys,
        Err(KeysFolderError::NoRing { folder }) if is_elsewhere => {
            let text = format!(
                "there is no key ring in {}, and no file of settings was read: run the command in \
                 the folder of signet.toml, or name that file with --config; for a new \
                 installation, run `signet keys init`",
                folder.display()
            );
            return findings.problem("keys", text);
        }
        Err(error) => return findings.problem("keys", error),
    };
    if let Some(warning) = unencrypted_warning(settings) {
        findings.warning("keys", warning);
    }
    if let Some(warning) = clock_warning(&keys.ring, now) {
        findings.warning("clock", warning);
    }
    check_age(settings, &keys.ring, now, findings);
    if findings.is_good("keys") {
        let active = keys.signing.active_at(now).kid();
        let path = folder.path().display();
        let next = next_event(settings, &keys.ring, now);
        findings.ok("keys", format!("{path} is sound; {active} signs; {next}"));
    }
}

fn check_age(settings: &Settings, ring: &KeyRing, now: Timestamp, findings: &mut Findings) {
    let Some(active) = ring.active_at(now) else {
        return;
    };
    let since = active.times.since(now);
    let is_old = now.saturating_since(since) > OLD_KEY;
    if is_old && settings.keys.rotate_every.is_none() && ring.next_event(now).is_none() {
        let text = format!(
            "{} has been signing since {}: run `signet keys rotate`, or set keys.rotate_every \
             (SIGNET_KEYS_ROTATE_EVERY)",
            active.kid(),
            When { at: since, now }
        );
        findings.warning("keys", text);
    }
}

/// When the ring changes next.
fn next_event(settings: &Settings, ring: &KeyRing, now: Timestamp) -> String {
    match (ring.next_event(now), settings.keys.rotate_every) {
        (Some(at), _) => format!("the ring changes at {}", When { at, now }),
        (None, Some(every)) => {
            let every = humantime::format_duration(every);
            format!("a server rotates every {every}")
        }
        (None, None) => "the ring changes with `signet keys rotate`".to_owned(),
    }
}

/// Reads the certificates of both listeners.
pub(super) fn check_certificates(settings: &Settings, now: Timestamp, findings: &mut Findings) {
    let listeners = [(PUBLIC, &settings.tls), ("ops_tls", &settings.ops_tls)];
    for (check, files) in listeners {
        let Some(files) = files else { continue };
        if let Err(error) = check_certificate(settings, (check, files), now, findings) {
            findings.problem(check, error);
        }
    }
}

fn check_certificate(
    settings: &Settings,
    (check, files): (&'static str, &TlsFiles),
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), TlsError> {
    Tls::load(files)?;
    let path = files.cert_file.display();
    let when = |at| When { at, now };
    match validity(files, now, RENEWAL_NOTICE)? {
        CertificateValidity::Valid => {}
        CertificateValidity::EndsAt(at) => {
            let text = format!("{path} expires at {}: renew it", when(at));
            findings.warning(check, text);
        }
        CertificateValidity::EndedAt(at) => {
            let text = format!("{path} expired at {}: renew it", when(at));
            findings.problem(check, text);
        }
        CertificateValidity::BeginsAt(at) => {
            let text = format!(
                "{path} is not valid before {}: set the clock right, or use another certificate",
                when(at)
            );
            findings.problem(check, text);
        }
    }
    check_mode(check, &files.key_file, findings);
    if check == PUBLIC {
        check_host(settings, files, findings)?;
    }
    if findings.is_good(check) {
        findings.ok(check, format!("{path} and its key can be used"));
    }
    Ok(())
}

/// Clients compare the host of the public URL with the certificate. If there is a proxy between them,
/// they see the certificate of the proxy.
fn check_host(
    settings: &Settings,
    files: &TlsFiles,
    findings: &mut Findings,
) -> Result<(), TlsError> {
    let host = settings.public_url.host();
    if settings.trusted_proxies.is_empty() && !is_for_host(files, &host)? {
        let text = format!(
            "{} is not for {host}, so clients refuse it: use a certificate with this name, or set \
             another public_url with {}",
            files.cert_file.display(),
            sources_of("public_url")
        );
        findings.problem(PUBLIC, text);
    }
    Ok(())
}

fn check_mode(check: &'static str, key_file: &Path, findings: &mut Findings) {
    let Some(mode) = mode_if_open(key_file) else {
        return;
    };
    let path = key_file.display();
    let text = format!(
        "{path} has mode {mode:04o}, so others can read the private key: run `chmod o= {path}`"
    );
    findings.warning(check, text);
}

/// The mode of a file, if it gives others rights.
pub(super) fn mode_if_open(path: &Path) -> Option<u32> {
    let metadata = fs::metadata(path).ok()?;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then_some(mode)
}

/// The check of the certificate of the public listener.
const PUBLIC: &str = "tls";

/// The rights of users who are neither the owner nor in its group.
const OTHERS: u32 = 0o007;
/// Common advice is to rotate signing keys at least once a year.
const OLD_KEY: Duration = Duration::from_hours(366 * 24);
/// Short-lived certificates are usually renewed a month before they expire. Two weeks before, the
/// renewal has failed for a while.
const RENEWAL_NOTICE: Duration = Duration::from_hours(14 * 24);
