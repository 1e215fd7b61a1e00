//! Settings that are valid, and contradict each other or the way the server is reached.

use std::net::SocketAddr;
use std::path::Path;

use super::finding::Findings;
use super::installation::mode_if_open;
use crate::config::{Loaded, Settings, sources_of};

/// Says which file is read. In another folder than usual there is none, which is no fault.
pub(super) fn note_file(file: Option<&Path>, findings: &mut Findings) {
    match file {
        Some(path) => findings.ok("settings", format!("the file is {}", path.display())),
        None => findings.ok(
            "settings",
            "no file: signet.toml is not in this folder, and --config and SIGNET_CONFIG name none",
        ),
    }
}

/// Checks what the configuration says by itself, and who can read its file and those with secrets.
pub(super) fn check(loaded: &Loaded, file: Option<&Path>, findings: &mut Findings) {
    for warning in &loaded.warnings {
        findings.warning("settings", warning);
    }
    if loaded.warnings.is_empty() {
        findings.ok("settings", "every setting is valid");
    }
    check_secrets(loaded, file, findings);
    check_secret_files(loaded, findings);
    check_public_url(&loaded.settings, findings);
    check_proxies(&loaded.settings, findings);
}

fn check_secrets(loaded: &Loaded, file: Option<&Path>, findings: &mut Findings) {
    let (Some(path), [_, ..]) = (file, loaded.secrets_in_file.as_slice()) else {
        return;
    };
    let keys = loaded.secrets_in_file.join(", ");
    warn_if_open(path, &format!("the secrets in it ({keys})"), findings);
}

/// Files that hold nothing but a secret.
fn check_secret_files(loaded: &Loaded, findings: &mut Findings) {
    for key in ["keys.passphrase_file", "captcha.secret_file"] {
        let mut settings = loaded.effective.iter();
        let found = settings.find(|setting| setting.key == key);
        if let Some(setting) = found {
            let what = format!("the secret in it ({key})");
            warn_if_open(Path::new(&setting.value), &what, findings);
        }
    }
}

/// Warns if others can read a file, and names what is in it.
fn warn_if_open(path: &Path, what: &str, findings: &mut Findings) {
    if let Some(mode) = mode_if_open(path) {
        let path = path.display();
        let text =
            format!("{path} has mode {mode:04o}, so others can read {what}: run `chmod o= {path}`");
        findings.warning("settings", text);
    }
}

fn check_public_url(settings: &Settings, findings: &mut Findings) {
    match public_url_warning(settings) {
        Some(warning) => findings.warning("public_url", warning),
        None => findings.ok("public_url", &settings.public_url),
    }
}

/// Warns about a public URL at which clients do not reach the server. Services that ask for the keys
/// at the right address then refuse every token, because its `iss` is the wrong one.
pub(in crate::cli) fn public_url_warning(settings: &Settings) -> Option<String> {
    let (url, listen) = (&settings.public_url, settings.listen);
    let (fault, other_way) = if url.is_loopback() && !listen.ip().is_loopback() {
        let fault = format!("leads to this machine only, and listen {listen} is open to others");
        (fault, String::new())
    } else if serves_other_port(settings) {
        let fault = format!("has another port than listen {listen}, and no proxy is between them");
        (
            fault,
            format!(", or the address with {}", sources_of("listen")),
        )
    } else {
        return None;
    };
    Some(format!(
        "public_url {url} {fault}: set the URL that clients use with {}{other_way}",
        sources_of("public_url")
    ))
}

/// Whether clients on this machine would connect to a port where no server listens.
fn serves_other_port(settings: &Settings) -> bool {
    let url = &settings.public_url;
    let same_machine = url.is_loopback() && settings.trusted_proxies.is_empty();
    let listen = settings.listen.port();
    same_machine && listen != 0 && url.port() != Some(listen)
}

fn check_proxies(settings: &Settings, findings: &mut Findings) {
    let proxies = &settings.trusted_proxies;
    if let Some(all) = proxies.iter().find(|network| network.prefix_len() == 0) {
        let text = format!(
            "trusted_proxies has {all}, so any client can choose its own address and evade its \
             rate limits: name the addresses of the proxies with {}",
            sources_of("trusted_proxies")
        );
        findings.problem("proxies", text);
        return;
    }
    if proxies.is_empty() {
        findings.ok("proxies", direct(settings.listen));
        return;
    }
    let names: Vec<_> = proxies.iter().map(ToString::to_string).collect();
    let header = settings.proxy_header.name();
    findings.ok("proxies", format!("{} in {header}", names.join(", ")));
}

fn direct(listen: SocketAddr) -> String {
    format!("none: clients connect directly to {listen}")
}
