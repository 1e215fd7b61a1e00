//! The image: built without a registry, small, and at home with nothing but its own volume.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;
use serde_json::json;
use signet_tests::signet_program;
use signet_verifier::{Clock, SystemClock};

use crate::container::Image;

#[test]
fn the_image_runs_without_a_shell_without_root_and_on_a_root_that_nobody_can_write() {
    let sentence = "files of several owners and a container: this test needs root";
    assert!(geteuid().is_root(), "{sentence}");
    let place = tempfile::tempdir().unwrap();
    let archive = built(place.path());
    // The tests have a debug build, which is twice the size of what is released.
    let bytes = fs::metadata(&archive).unwrap().len();
    println!("the image has {bytes} bytes, with a debug build in it");
    assert!(bytes < MAX_BYTES, "{bytes}");

    let mut image = Image::unpack(&archive);
    assert_eq!(image.config["User"], "65532:65532");
    let check = json!(["CMD", "signet", "healthcheck"]);
    assert_eq!(image.config["Healthcheck"]["Test"], check);
    let volumes = json!({"/data": {}, "/keys": {}});
    assert_eq!(image.config["Volumes"], volumes);
    let programs = fs::read_dir(image.root().join("usr/bin")).unwrap();
    assert_eq!(programs.count(), 1, "signet and no shell");

    let made = image.run("keys", &["keys", "init"]);
    assert!(made.status.success(), "{made:?}");
    serves_and_stops(&image);

    image.mount_as_secret("/keys");
    serves_and_stops(&image);
    let refused = image.run("rotation", &["keys", "rotate", "--now"]);
    assert!(!refused.status.success(), "a Secret cannot be written");
}

/// A container with the usual command and settings, from its first line to its end.
fn serves_and_stops(image: &Image) {
    let container = image.start("signet", &[]);
    let line = "signet ready on http://0.0.0.0:8080\n";
    assert_eq!(container.first_line, line, "{}", container.log());
    let answer = container.in_its_network(&["curl", "-sS", "http://127.0.0.1:8080/healthz"]);
    assert_eq!(answer.stdout, br#"{"status":"ok"}"#, "{answer:?}");
    let answer = container.in_its_network(&["curl", "-sS", "http://127.0.0.1:9090/readyz"]);
    assert!(
        answer.stdout.starts_with(br#"{"status":"ok""#),
        "{answer:?}"
    );
    let health = container.execute(&["signet", "healthcheck"]);
    assert!(health.status.success(), "{health:?}");
    let status = container.status();
    for line in [
        "Uid:\t65532\t65532\t65532\t65532",
        "CapEff:\t0000000000000000",
        "NoNewPrivs:\t1",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }

    let clock = SystemClock::new();
    let (success, log) = container.stop();
    assert!(success, "{log}");
    let seconds = clock.monotonic().as_secs();
    assert!(seconds < 10, "engines kill after ten: {seconds}");
}

/// Builds it as `make image` does, from the program that the tests have and with a store of its own.
fn built(place: &Path) -> std::path::PathBuf {
    let program = place.join("signet");
    let mut strip = Command::new("strip");
    let strip = strip.arg("-o").arg(&program).arg(signet_program());
    assert!(
        strip
            .status()
            .expect("strip, which comes with a linker")
            .success()
    );
    let store = place.join("storage.conf");
    let folder = place.display();
    let settings = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{folder}/store\"\nrunroot = \"{folder}/run\"\n"
    );
    fs::write(&store, settings).unwrap();

    let archive = place.join("signet.tar");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/container/build.sh");
    let mut build = Command::new(script);
    let build = build.arg(&program).arg(&archive).env("ENGINE", "buildah");
    let output = build.env("CONTAINERS_STORAGE_CONF", store).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{output:?}");
    archive
}

/// What it may have at most.
const MAX_BYTES: u64 = 70_000_000;
