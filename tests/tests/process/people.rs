//! What operators do with accounts by `signet account`, beside a running server and without one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server, run_signet, signet_program};

const ADA: &str = "ada@example.com";

/// A server and the address of its operations listener.
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

    /// Runs `signet account` with `--json` and reads what it says.
    fn account(&self, arguments: &[&str]) -> (bool, Value) {
        let arguments = [&["account"], arguments, &["--json"]].concat();
        let settings = [("SIGNET_OPS_LISTEN", self.operations.as_str())];
        let ran = run_signet(self.server.folder(), &arguments, &settings);
        let said = serde_json::from_str(&ran.stdout);
        (ran.success, said.unwrap_or_else(|_| panic!("{ran:?}")))
    }

    /// The same for a command that has to end well.
    fn done(&self, arguments: &[&str]) -> Value {
        let (success, said) = self.account(arguments);
        assert!(success, "{arguments:?}: {said}");
        said
    }

    /// Adds Ada, who is an administrator, with a password that is typed into a pipe.
    fn add_ada(&self) -> Value {
        let arguments = [
            "account",
            "add",
            ADA,
            "--role",
            "admin",
            "--password",
            "--json",
        ];
        let mut child = Command::new(signet_program())
            .args(arguments)
            .current_dir(self.server.folder().path())
            .env("SIGNET_OPS_LISTEN", &self.operations)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("signet runs");
        let mut input = child.stdin.take().expect("a pipe");
        writeln!(input, "{PASSWORD}").expect("a reader");
        drop(input);
        let ended = child.wait_with_output().expect("a child");
        assert!(ended.status.success(), "{ended:?}");
        serde_json::from_slice(&ended.stdout).expect("JSON")
    }

    async fn roles_in_a_new_token(&self) -> Value {
        let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
        let reply = self
            .server
            .api()
            .post("/auth/login", &body)
            .await
            .expect(200);
        reply.json()["account"]["roles"].clone()
    }
}

#[tokio::test]
async fn the_first_administrator_is_added_from_the_command_line() {
    let place = Place::start();
    let added = place.add_ada();
    assert_eq!(added["status"], "active");
    assert_eq!(place.roles_in_a_new_token().await, json!(["admin"]));
    assert!(
        !place.server.logs().contains(PASSWORD),
        "a password was logged"
    );
    assert!(!place.server.logs().contains(ADA), "an address was logged");
}

#[tokio::test]
async fn an_account_is_managed_from_the_command_line_beside_the_server() {
    let place = Place::start();
    let added = place.add_ada();
    let id = added["id"].as_str().expect("an id");
    let shown = with_authenticators(&added, true);
    assert_eq!(place.done(&["show", ADA]), shown);
    assert_eq!(place.done(&["show", id]), shown);
    place.done(&["roles", ADA, "--add", "editor,author", "--remove", "admin"]);
    assert_eq!(
        place.done(&["roles", ADA])["roles"],
        json!(["editor", "author"])
    );
    assert_eq!(
        place.roles_in_a_new_token().await,
        json!(["editor", "author"])
    );
    let claims = r#"{"tenant":"acme"}"#;
    let changed = place.done(&["set", ADA, "--name", "Ada", "--claims", claims]);
    assert_eq!(
        (&changed["name"], &changed["claims"]),
        (&json!("Ada"), &json!({"tenant": "acme"}))
    );
    let changed = place.done(&["set", ADA, "--no-name", "--email-verified", "true"]);
    assert_eq!(
        (&changed["name"], &changed["email_verified"]),
        (&Value::Null, &json!(true))
    );

    let invited = place.done(&["add", "grace@example.com"]);
    assert_eq!(invited["status"], "invited");
    let listed = |arguments: &[&str]| -> Vec<Value> {
        let accounts = place.done(arguments);
        let accounts = accounts.as_array().expect("a list").iter();
        accounts.map(|account| account["email"].clone()).collect()
    };
    assert_eq!(listed(&["list", "--role", "editor"]), [ADA]);
    assert_eq!(
        listed(&["list", "--status", "invited"]),
        ["grace@example.com"]
    );
    assert_eq!(listed(&["list"]).len(), 2);

    assert_eq!(
        place.done(&["sessions", ADA]).as_array().map(Vec::len),
        Some(1)
    );
    place.done(&["sessions", ADA, "--end"]);
    assert_eq!(place.done(&["sessions", ADA]), json!([]));
    assert_eq!(place.done(&["disable", ADA])["status"], "disabled");
    assert_eq!(place.done(&["enable", ADA])["status"], "active");
    place.done(&["delete", ADA]);
    let (success, said) = place.account(&["show", ADA]);
    let unknown = "there is no account with this id or email address";
    assert_eq!(
        (success, said),
        (false, json!({"error": unknown, "code": "not_found"}))
    );
    let (success, said) = place.account(&["show", id]);
    assert_eq!(
        (success, said),
        (false, json!({"error": unknown, "code": "not_found"}))
    );
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::start();
    place.add_ada();
    let error = |arguments: &[&str]| -> Value {
        let (success, said) = place.account(arguments);
        assert!(!success, "{said}");
        said["error"].clone()
    };
    let unknown = "there is no account with this id or email address";
    assert_eq!(
        error(&["reset", ADA, "--remove", "totp"]),
        "ada@example.com has no totp"
    );
    let nobody = "1b2e3f60-0d85-4f74-94d3-1feaa8888aa1";
    for nobody in [nobody, "nobody@example.com"] {
        assert_eq!(error(&["reset", nobody, "--remove", "totp"]), unknown);
    }
    assert_eq!(
        error(&["uninvite", "AAAAAAAAAAAAAAAAAAAAAA"]),
        "there is no open invitation with this id; `signet account invitations` shows them"
    );
    let usage = error(&["show", "ada"]).to_string();
    assert!(
        usage.contains("must be the id or the email address of an account"),
        "{usage}"
    );
    let nothing = error(&["add", "grace@example.com", "--password"]);
    assert_eq!(
        nothing,
        "there is no password on standard input; write it there on one line"
    );
    // The listener for people has the same kind of errors.
    let public = place.server.api().address().to_string();
    let elsewhere = error(&["list", "--endpoint", &public]).to_string();
    assert!(
        elsewhere.contains("is no operations listener of Signet"),
        "{elsewhere}"
    );
}

#[test]
fn without_a_server_accounts_are_managed_in_the_configured_stores() {
    let place = Place::start();
    let offline = place.done(&["add", ADA, "--role", "admin", "--offline"]);
    let shown = with_authenticators(&offline, false);
    assert_eq!(place.done(&["show", ADA]), shown);
    assert_eq!(place.done(&["list", "--offline"]), json!([offline]));
    let (success, said) = place.account(&["add", ADA, "--offline"]);
    assert_eq!((success, &said["code"]), (false, &json!("email_taken")));
}

/// An account as it is shown alone: with what it signs in with.
fn with_authenticators(account: &Value, has_password: bool) -> Value {
    let mut shown = account.clone();
    shown["authenticators"] =
        json!({"password": has_password, "totp": false, "passkeys": [], "recovery_codes": 0});
    shown
}
