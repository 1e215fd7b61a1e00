//! `deploy/compose`: what it names exists, and Signet and Redis take what it tells them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use signet_test_servers::Redis;
use signet_tests::{Folder, Server, run_signet};

use crate::yaml::{document, repository, texts};

#[test]
fn every_setting_is_one_that_signet_takes() {
    let compose = document(FILE);
    let place = tempfile::tempdir().unwrap();
    let secrets = secrets(place.path());
    for name in ["signet", "keys"] {
        let settings = environment(&compose["services"][name], &secrets);
        assert!(settings.len() > 4, "{settings:?}");
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let ran = run_signet(&Folder::empty(), &["config", "check"], &settings);
        assert!(ran.success, "{ran:?}");
        for (key, source) in [
            ("database_url", "signet.toml"),
            ("redis_url", "signet.toml"),
            ("keys.passphrase_file", "SIGNET_KEYS_PASSPHRASE_FILE"),
        ] {
            let mut lines = ran.stdout.lines();
            let line = lines.find(|line| line.starts_with(&format!("{key} ")));
            assert!(line.is_some_and(|line| line.contains(source)), "{ran:?}");
        }
    }
}

#[tokio::test]
async fn its_redis_is_one_that_signet_works_with() {
    let compose = document(FILE);
    let place = tempfile::tempdir().unwrap();
    let written = fs::read_to_string(secrets(place.path()).join("redis.conf")).unwrap();
    let password = written.trim().strip_prefix("requirepass ").unwrap();
    let command = &compose["services"]["redis"]["command"];
    let command = texts(command);
    assert_eq!(command[..2], ["redis-server", "/run/secrets/redis.conf"]);
    let said = [&["--requirepass", password], &command[2..]].concat();

    let redis = Redis::with(&said);
    let url = redis.url_as("default", password);
    let server = Server::with(&[("SIGNET_REDIS_URL", &url)]);
    let account = server.api().register().await;
    server
        .api()
        .refresh(&account.refresh_token)
        .await
        .expect(200);
    assert!(!server.logs().contains("appendonly"), "{}", server.logs());
}

#[test]
fn nobody_has_more_rights_than_they_need() {
    let compose = document(FILE);
    for (name, service) in services(&compose) {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(
            service["security_opt"],
            json!(["no-new-privileges:true"]),
            "{name}"
        );
        let own = service["image"]
            .as_str()
            .unwrap()
            .starts_with("localhost/signet");
        assert!(
            own || service["user"].as_str().is_some_and(|user| user != "0:0"),
            "{name}"
        );
        for port in texts(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        let text = service.to_string();
        assert!(
            !text.contains("PASSWORD\":") && !text.contains("latest"),
            "{name}"
        );
    }
}

#[test]
fn everything_that_it_names_is_there() {
    let compose = document(FILE);
    let place = tempfile::tempdir().unwrap();
    let secrets = secrets(place.path());
    let services = services(&compose);
    let known = |name: &str| services.iter().any(|(known, _)| *known == name);
    for (name, service) in &services {
        for (needed, _) in service["depends_on"].as_object().into_iter().flatten() {
            assert!(known(needed), "{name} needs {needed}");
        }
        for volume in texts(&service["volumes"]) {
            let source = volume.split(':').next().unwrap();
            let there = match source.strip_prefix("..") {
                Some(_) => repository().join("deploy/compose").join(source).is_file(),
                None => compose["volumes"].get(source).is_some(),
            };
            assert!(there, "{name}: {volume}");
        }
        for secret in texts(&service["secrets"]) {
            let file = compose["secrets"][secret]["file"].as_str().unwrap();
            let file = file.strip_prefix("secrets/").unwrap();
            assert!(secrets.join(file).is_file(), "{name}: {secret}");
        }
    }
    let (_, signet) = services.iter().find(|(name, _)| *name == "signet").unwrap();
    assert_eq!(signet["deploy"]["replicas"], 2);
    let containerfile = fs::read_to_string(repository().join("deploy/Containerfile")).unwrap();
    assert!(containerfile.contains("\nFROM scratch AS orders\n"));
}

#[test]
fn secrets_are_made_once_and_are_nobody_elses() {
    let place = tempfile::tempdir().unwrap();
    let first = read_all(&secrets(place.path()));
    let again = read_all(&secrets(place.path()));
    assert_eq!(first, again);
    let elsewhere = tempfile::tempdir().unwrap();
    let other = read_all(&secrets(elsewhere.path()));
    for (one, other) in first.iter().zip(other) {
        assert_ne!(*one, other);
    }
}

/// Makes them as `make up` does.
fn secrets(place: &Path) -> PathBuf {
    let folder = place.join("secrets");
    let mut script = Command::new(repository().join("deploy/compose/secrets.sh"));
    assert!(script.arg(&folder).status().expect("a shell").success());
    folder
}

fn read_all(folder: &Path) -> Vec<String> {
    let names = [
        "keys_passphrase",
        "postgres_password",
        "redis.conf",
        "signet.toml",
    ];
    let read = |name| fs::read_to_string(folder.join(name)).expect("a secret");
    names.map(read).to_vec()
}

/// The variables of a service; its secrets are in this folder.
fn environment(service: &Value, secrets: &Path) -> Vec<(String, String)> {
    let variables = service["environment"].as_object().expect("variables");
    let place = format!("{}/", secrets.display());
    let value = |value: &Value| {
        value
            .as_str()
            .expect("text")
            .replace("/run/secrets/", &place)
    };
    let variables = variables.iter();
    variables
        .map(|(name, text)| (name.clone(), value(text)))
        .collect()
}

fn services(compose: &Value) -> Vec<(&str, &Value)> {
    let services = compose["services"].as_object().expect("services");
    services
        .iter()
        .map(|(name, service)| (name.as_str(), service))
        .collect()
}

const FILE: &str = "deploy/compose/compose.yaml";
