//! Schemathesis, from PyPI, asks everything that the OpenAPI documents describe, and much that they
//! forbid: no answer is a fault of the server, and none is another than the document says.
//!
//! `tests/install-schemathesis.sh` installs it. Its seed is fixed, so that a run can be repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use signet_tests::{Server, StoreChoice};

#[tokio::test]
async fn everything_in_sqlite_answers_as_described() {
    ask_everything(&StoreChoice::Sqlite.serve()).await;
}

#[tokio::test]
async fn accounts_in_postgres_and_sessions_in_redis_answer_as_described() {
    ask_everything(&StoreChoice::Postgres.serve()).await;
}

/// Asks both listeners at once: without credentials, as a person, as a program and as an operator.
async fn ask_everything(server: &Server) {
    let person = server.api().register().await.access_token;
    let program = secret(&server.add_client(&PROGRAM));
    let operator = server.run(&["admin", "token"]);
    assert!(operator.success, "{}", operator.stderr);
    let ending = token_of(server, &secret(&server.add_client(&ENDING))).await;
    let public = format!(
        r#"{HEAD}
        # A gateway is told 503 when it asks for what is not configured.
        [[operations]]
        include-path-regex = "^/forward-auth"
        checks.not_a_server_error.enabled = false

        # The other routes under /auth end the session that asks.
        [[operations]]
        include-path-regex = "^/(auth/(me|sessions)|oauth/userinfo)"
        headers = {{ Authorization = "Bearer {person}" }}

        [[operations]]
        include-path-regex = "^/oauth/(token|revoke|introspect)"
        auth = {{ basic = {{ username = "asker", password = "{program}" }} }}
        "#
    );
    let operations = format!(
        r#"{HEAD}
        [[operations]]
        include-path-regex = "^/admin"
        exclude-operation-id-regex = "{SELF_ENDING}"
        headers = {{ Authorization = "Bearer {operator}" }}

        # Schemathesis cannot write JSON lines. Imports have tests of their own.
        [[operations]]
        include-path = "/admin/accounts/import"
        enabled = false

        # The client to remove is the one that the token names: its tokens end then.
        [[operations]]
        include-operation-id-regex = "{SELF_ENDING}"
        headers = {{ Authorization = "Bearer {ending}" }}
        "#,
        operator = operator.stdout.trim(),
    );
    let asking = [
        Asking::start(server, "public", server.api().base(), &public),
        Asking::start(
            server,
            "operations",
            server.operations().base(),
            &operations,
        ),
    ];
    asking.into_iter().for_each(Asking::end);
}

fn secret(client: &Value) -> String {
    client["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

/// A token of the client `ending`, for itself.
async fn token_of(server: &Server, secret: &str) -> String {
    let (client, form) = (("ending", secret), "grant_type=client_credentials");
    let reply = server.api().post_form_as("/oauth/token", client, form);
    reply.await.expect(200).member("access_token")
}

/// One run of Schemathesis.
struct Asking(Child);

impl Asking {
    fn start(server: &Server, name: &str, base: &str, configuration: &str) -> Self {
        let folder = server.folder().path();
        let file = format!("{name}.toml");
        fs::write(folder.join(&file), configuration).expect("a file");
        let child = Command::new(schemathesis())
            .args([
                "--config-file",
                &file,
                "run",
                &format!("{base}/openapi.json"),
            ])
            .args([
                "--max-examples",
                MAX_EXAMPLES,
                "--generation-database",
                "none",
                "--no-color",
            ])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.expect("Schemathesis; tests/install-schemathesis.sh installs it"))
    }

    /// Shows what it found when it found something.
    fn end(self) {
        let output = self.0.wait_with_output().expect("its output");
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{complained}");
    }
}

fn schemathesis() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/schemathesis/bin/schemathesis")
}

const PROGRAM: [&str; 9] = [
    "asker",
    "--audiences",
    "orders",
    "--owns",
    "api",
    "--scopes",
    "orders:read",
    "--grants",
    "client_credentials,refresh_token,token-exchange",
];
const ENDING: [&str; 7] = [
    "ending",
    "--grants",
    "client_credentials",
    "--scopes",
    "signet:admin",
    "--audiences",
    "signet:admin",
];
/// What ends the token that asks.
const SELF_ENDING: &str = "^(delete_client|disable_client)$";
/// The rules for every answer, and how much is asked.
const HEAD: &str = "
    seed = 1
    [checks]
    enabled = false
    not_a_server_error.enabled = true
    status_code_conformance.enabled = true
    content_type_conformance.enabled = true
    response_headers_conformance.enabled = true
    response_schema_conformance.enabled = true
    [phases.examples]
    enabled = false
    [phases.stateful]
    enabled = false
";
/// For each operation, besides what covers its schema.
const MAX_EXAMPLES: &str = "3";
