//! `deploy/systemd`: units that systemd understands, and that leave little in reach.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use signet_tests::{Folder, run_signet, signet_program};

use crate::yaml::repository;

#[test]
fn systemd_understands_every_unit() {
    let units = units();
    let output = analyze(units.path(), &["verify", "--man=no"], &UNITS);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// In tenths: ten of ten is a service that nothing is kept from.
#[test]
fn the_services_can_reach_little() {
    let units = units();
    for (unit, threshold) in [("signet.service", 15), ("signet-rotate-keys.service", 10)] {
        let threshold = format!("--threshold={threshold}");
        let arguments = ["security", "--offline=yes", "--no-pager", &threshold];
        let output = analyze(units.path(), &arguments, &[unit]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

#[test]
fn the_check_before_the_start_prints_no_settings() {
    let unit = fs::read_to_string(repository().join("deploy/systemd/signet.service")).unwrap();
    let check = "ExecStartPre=/usr/bin/signet config check --quiet";
    assert!(unit.lines().any(|line| line == check), "{unit}");
    let ran = run_signet(&Folder::with_keys(), &["config", "check", "--quiet"], &[]);
    assert!(ran.success && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn no_service_writes_a_core_dump() {
    for unit in UNITS.iter().filter(|unit| unit.ends_with(".service")) {
        let text = fs::read_to_string(repository().join("deploy/systemd").join(unit)).unwrap();
        assert!(text.lines().any(|line| line == "LimitCORE=0"), "{unit}");
    }
}

#[test]
fn the_configuration_of_the_readme_keeps_to_what_the_units_allow() {
    let readme = fs::read_to_string(repository().join("deploy/systemd/README.md")).unwrap();
    let toml = readme
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = Folder::empty();
    fs::write(folder.path().join("signet.toml"), toml).unwrap();
    let ran = run_signet(&folder, &["config", "check"], &[]);
    assert!(ran.success && ran.stderr.is_empty(), "{ran:?}");
    for place in ["sqlite:///var/lib/signet/signet.db", "/var/lib/signet/keys"] {
        assert!(ran.stdout.contains(place), "{ran:?}");
    }
}

/// The shipped units, with the program where the tests have it.
fn units() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let program = signet_program().to_str().unwrap().to_owned();
    for unit in UNITS {
        let text = fs::read_to_string(repository().join("deploy/systemd").join(unit)).unwrap();
        let text = text.replace("/usr/bin/signet", &program);
        fs::write(place.path().join(unit), text).unwrap();
    }
    place
}

/// `systemd-analyze` of the machine, or where `tests/install-server.sh` has it. It looks for units
/// like `sysinit.target` where they usually are, and where they were unpacked with it.
fn analyze(folder: &Path, arguments: &[&str], units: &[&str]) -> Output {
    let unpacked = repository().join("tests/.cache/systemd");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = format!(
        "{}:{}",
        path.to_string_lossy(),
        unpacked.join("bin").display()
    );
    let usual = unpacked.join("root/lib/systemd/system");
    Command::new("systemd-analyze")
        .args(arguments)
        .args(units.iter().map(|unit| format!("./{unit}")))
        .current_dir(folder)
        .env("PATH", path)
        .env(
            "SYSTEMD_UNIT_PATH",
            format!("{}:{}:", folder.display(), usual.display()),
        )
        .output()
        .expect("systemd-analyze runs")
}

const UNITS: [&str; 3] = [
    "signet.service",
    "signet-rotate-keys.service",
    "signet-rotate-keys.timer",
];
