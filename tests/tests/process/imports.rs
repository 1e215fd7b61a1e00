//! Accounts of other services: their exports, as docs/accounts.md maps them, imported by the command
//! line into a running server, where their owners sign in.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use signet_tests::{Ran, Server, run_signet};

/// The password of everyone in the files.
const IMPORTED_PASSWORD: &str = "correct horse";

struct Place {
    server: Server,
    operations: String,
}

impl Place {
    fn start() -> Self {
        let server = Server::start();
        let operations = server.operations().address().to_string();
        Self { server, operations }
    }

    fn account(&self, arguments: &[&str]) -> Ran {
        let arguments = [&["account"], arguments].concat();
        let settings = [("SIGNET_OPS_LISTEN", self.operations.as_str())];
        run_signet(self.server.folder(), &arguments, &settings)
    }

    /// Writes a file and imports it; returns the verdicts.
    fn import(&self, lines: &str) -> (bool, Vec<Value>) {
        let path = self.server.folder().path().join("accounts.jsonl");
        std::fs::write(&path, lines).expect("a file");
        let ran = self.account(&["import", path.to_str().expect("a path"), "--json"]);
        let verdicts = ran.stdout.lines().map(serde_json::from_str);
        let verdicts = verdicts.collect::<Result<_, _>>();
        (ran.success, verdicts.unwrap_or_else(|_| panic!("{ran:?}")))
    }

    async fn sign_in(&self, email: &str, password: &str) -> u16 {
        let body = json!({"email": email, "password": password, "token_delivery": "body"});
        let reply = self.server.api().post("/auth/login", &body).await;
        reply.status
    }
}

/// The lines that the program beside the documentation makes of an export.
fn converted(service: &str, file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ran = Command::new("python3")
        .arg(root.join("deploy/import/accounts.py"))
        .arg(service)
        .arg(root.join("tests/tests/process/imports").join(file))
        .output()
        .expect("python3 runs");
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).expect("text")
}

/// Imports an export, and checks who can sign in afterwards: by the name of the person.
async fn moves(service: &str, file: &str, expected: &[(&str, u16)]) -> Place {
    let place = Place::start();
    let (success, verdicts) = place.import(&converted(service, file));
    assert!(success, "{verdicts:?}");
    assert_eq!(verdicts.len(), expected.len());
    assert!(verdicts.iter().all(|verdict| verdict["status"] == "added"));
    for (person, status) in expected {
        let email = format!("{person}@{service}.example");
        let signed_in = place.sign_in(&email, IMPORTED_PASSWORD).await;
        assert_eq!(signed_in, *status, "{email}");
        assert_eq!(place.sign_in(&email, "correct cow").await, 401, "{email}");
    }
    let logs = place.server.logs();
    assert!(!logs.contains("example\""), "an address was logged");
    place
}

#[tokio::test]
async fn people_of_auth0_sign_in_with_their_passwords() {
    moves("auth0", "auth0.jsonl", &[("ada", 200), ("bob", 401)]).await;
}

#[tokio::test]
async fn people_of_keycloak_sign_in_with_their_passwords_and_their_second_factors() {
    let people = [("ada", 401), ("bob", 200), ("carol", 200), ("dora", 401)];
    let place = moves("keycloak", "keycloak.json", &people).await;
    let email = "ada@keycloak.example";
    let body = json!({"email": email, "password": IMPORTED_PASSWORD, "token_delivery": "body"});
    let waiting = place
        .server
        .api()
        .post("/auth/login", &body)
        .await
        .expect(401);
    assert_eq!(waiting.json()["code"], "mfa_required");
    let shown = place.account(&["show", email, "--json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["id"], "5f2c1a3e-9a43-4a51-9d0b-1f9f5a7a0b01");
    assert_eq!(shown["mfa"], json!(["totp"]));
    assert_eq!(shown["roles"], json!(["admin"]));
}

#[tokio::test]
async fn people_of_supabase_sign_in_with_their_passwords() {
    let place = moves("supabase", "supabase.jsonl", &[("ada", 200), ("bob", 401)]).await;
    let shown = place.account(&["show", "ada@supabase.example", "--json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["id"], "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e");
    assert_eq!(shown["email_verified"], true);
    assert_eq!(shown["created_at"], "2023-05-01T09:59:59Z");
}

#[tokio::test]
async fn people_of_django_sign_in_with_their_passwords() {
    let people = [
        ("ada", 200),
        ("bob", 200),
        ("carol", 200),
        ("dora", 200),
        ("emil", 401),
    ];
    moves("django", "django.json", &people).await;
}

#[test]
fn an_export_is_imported_by_another_server_as_it_was() {
    let first = Place::start();
    let lines = converted("django", "django.json");
    assert!(first.import(&lines).0);
    let exported = first.account(&["export"]);
    assert!(exported.success, "{exported:?}");
    assert_eq!(exported.stdout.lines().count(), 5);
    let second = Place::start();
    let (success, verdicts) = second.import(&exported.stdout);
    assert!(success, "{verdicts:?}");
    assert_eq!(second.account(&["export"]).stdout, exported.stdout);
    // Without the server too.
    assert_eq!(
        second.account(&["export", "--offline"]).stdout,
        exported.stdout
    );
}

#[test]
fn refused_lines_are_named_and_the_command_fails() {
    let place = Place::start();
    let path = place.server.folder().path().join("accounts.jsonl");
    let lines = "{\"email\": \"ada@example.com\"}\n{\"email\": \"bob\"}\nnonsense\n";
    std::fs::write(&path, lines).expect("a file");
    let arguments = ["import", path.to_str().expect("a path")];
    let ran = place.account(&arguments);
    assert!(!ran.success);
    assert_eq!(
        ran.stdout,
        "line 2: email must be an email address of at most 254 bytes\nline 3: must be one JSON object\n\
         1 added, 0 existing, 2 refused\n"
    );
    assert!(
        ran.stderr
            .contains("2 lines were refused; correct and import them"),
        "{ran:?}"
    );
    let again = place.account(&arguments);
    assert!(again.stdout.ends_with("0 added, 1 existing, 2 refused\n"));
}
