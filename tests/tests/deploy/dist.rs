//! The files of a release: what they hold, and that packing twice gives the same bytes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use signet_tests::signet_program;
use tempfile::TempDir;

use crate::yaml::repository;

#[test]
fn the_same_program_packs_into_the_same_bytes() {
    let place = Place::new();
    let first = place.pack(&place.stand_in(), "first");
    let second = place.pack(&place.stand_in(), "second");
    let names = |folder: &Path| {
        let files = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(
        names(&first).len(),
        5,
        "archive, package, SBOM, how it was built, checksums"
    );
    assert!(archive(&first, "static").exists());
    assert_eq!(names(&first), names(&second));
    for name in names(&first) {
        let [one, two] = [&first, &second].map(|folder| fs::read(folder.join(&name)).unwrap());
        assert!(one == two, "{} differs", name.display());
    }
}

#[test]
fn the_checksums_are_those_of_every_other_file() {
    let place = Place::new();
    let folder = place.pack(&place.stand_in(), "dist");
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 4);
    let said = run(Command::new("sha256sum")
        .args(["--check", "SHA256SUMS"])
        .current_dir(&folder));
    assert_eq!(said.matches(": OK").count(), 4, "{said}");
}

#[test]
fn the_package_holds_the_program_the_units_and_the_settings() {
    let place = Place::new();
    let folder = place.pack(&place.stand_in(), "dist");
    let package = with_extension(&folder, "deb");
    let listed = run(Command::new("dpkg-deb").arg("--contents").arg(&package));
    for (mode, path) in [
        ("-rwxr-xr-x", "./usr/bin/signet"),
        ("-rw-r-----", "./etc/signet/signet.toml"),
        ("-rw-r--r--", "./usr/lib/systemd/system/signet.service"),
        (
            "-rw-r--r--",
            "./usr/lib/systemd/system/signet-rotate-keys.service",
        ),
        (
            "-rw-r--r--",
            "./usr/lib/systemd/system/signet-rotate-keys.timer",
        ),
        ("-rw-r--r--", "./usr/share/man/man1/signet.1.gz"),
        (
            "-rw-r--r--",
            "./usr/share/bash-completion/completions/signet",
        ),
        ("-rw-r--r--", "./usr/share/doc/signet/copyright"),
        (
            "-rw-r--r--",
            "./usr/share/doc/signet/THIRD-PARTY-LICENSES.gz",
        ),
    ] {
        let line = listed.lines().find(|line| line.ends_with(path));
        let line = line.unwrap_or_else(|| panic!("{path} is missing: {listed}"));
        assert!(line.starts_with(&format!("{mode} root/root")), "{line}");
    }
    let control = run(Command::new("dpkg-deb").arg("--field").arg(&package));
    assert!(control.contains("Version: 0.1.0\n"), "{control}");
    assert!(
        control.contains("Depends: adduser\n"),
        "no glibc: {control}"
    );
}

#[test]
fn a_program_that_needs_glibc_says_so_in_its_package() {
    let place = Place::new();
    let folder = place.pack(&place.stripped(), "dist");
    assert!(archive(&folder, "glibc").exists());
    let package = with_extension(&folder, "deb");
    let depends = run(Command::new("dpkg-deb")
        .arg("--field")
        .arg(&package)
        .arg("Depends"));
    assert!(depends.starts_with("libc6 (>= 2."), "{depends}");
    let unpacked = place.folder.path().join("unpacked");
    run(Command::new("dpkg-deb")
        .arg("--extract")
        .arg(&package)
        .arg(&unpacked));
    let version = run(Command::new(unpacked.join("usr/bin/signet")).arg("--version"));
    assert!(version.starts_with("signet 0.1.0 ("), "{version}");
}

/// Needs root: it makes root folders of Debian and runs the files there.
#[test]
fn the_archive_and_the_package_work_on_a_bare_debian() {
    let place = Place::new();
    let folder = place.pack(&place.stripped(), "dist");
    let said = run(Command::new(repository().join("deploy/dist/try.sh")).arg(&folder));
    assert!(
        said.ends_with("an upgrade keeps the keys, and purging leaves nothing\n"),
        "{said}"
    );
}

#[test]
fn a_file_that_has_changed_is_not_run() {
    let place = Place::new();
    let folder = place.pack(&place.stand_in(), "dist");
    fs::write(with_extension(&folder, "deb"), "another package").unwrap();
    let mut command = Command::new(repository().join("deploy/dist/try.sh"));
    let output = command.arg(&folder).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with(".deb: FAILED\n"), "{said}");
}

/// A folder for what is packed, with the notes of a build.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let notes = folder.path().join("notes");
        fs::create_dir(&notes).unwrap();
        for name in ["signet.cdx.json", "licences.txt", "build.txt"] {
            fs::write(notes.join(name), "{}\n").unwrap();
        }
        Self { folder }
    }

    /// A program that answers what packing asks, and is packed faster than the real one.
    fn stand_in(&self) -> PathBuf {
        let path = self.folder.path().join("program");
        let script = "#!/bin/sh\nif [ \"$1\" = man ]; then mkdir -p \"$2\" && touch \"$2/signet.1\"; fi\n\
                      echo 'signet 0.1.0 (unknown)'\n";
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// The real program without names of symbols, as a release has it.
    fn stripped(&self) -> PathBuf {
        let path = self.folder.path().join("signet");
        run(Command::new("strip")
            .arg("-o")
            .arg(&path)
            .arg(signet_program()));
        path
    }

    fn pack(&self, program: &Path, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        let mut command = Command::new(repository().join("deploy/dist/pack.sh"));
        command.arg(program).arg(self.folder.path().join("notes"));
        command.arg(&folder).env("SOURCE_DATE_EPOCH", "1700000000");
        command.env("COMPRESSION", "1");
        run(&mut command);
        folder
    }
}

fn archive(folder: &Path, kind: &str) -> PathBuf {
    let machine = std::env::consts::ARCH;
    folder.join(format!("signet-0.1.0-{machine}-linux-{kind}.tar.gz"))
}

fn with_extension(folder: &Path, extension: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .unwrap()
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("a program of the system");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
