//! OAuth clients that find our endpoints by our metadata, and ask for tokens in every way there is.

use std::fs;

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server, fresh_email, read_token};

use crate::program;

/// An id that must be encoded where it is joined with a secret (RFC 6749 section 2.3.1).
const PROGRAM: &str = "billing:worker/eu-west_1";
const LIBRARIES: [&str; 2] = ["oauth-openid-client.mjs", "oauth-oauth4webapi.mjs"];
/// Where the metadata is found, as the libraries call it.
const DISCOVERIES: [&str; 2] = ["oidc", "oauth2"];

#[test]
fn a_program_shows_its_secret_in_the_header() {
    let server = Server::at_its_public_url();
    let secret = with_secret(&server, PROGRAM);
    for library in LIBRARIES {
        let proof = json!({"proof": "client_secret_basic", "secret": secret});
        is_served_as_program(&server, library, PROGRAM, &proof);
    }
    // Authlib joins them as they are, so the id must need no encoding.
    let secret = with_secret(&server, "reports");
    let proof = json!({"proof": "client_secret_basic", "secret": secret});
    is_served_by_authlib(&server, "reports", &proof);
}

#[test]
fn a_program_shows_its_secret_in_the_body() {
    let server = Server::at_its_public_url();
    let secret = with_secret(&server, PROGRAM);
    let proof = json!({"proof": "client_secret_post", "secret": secret});
    for library in LIBRARIES {
        is_served_as_program(&server, library, PROGRAM, &proof);
    }
    is_served_by_authlib(&server, PROGRAM, &proof);
}

#[test]
fn a_program_signs_assertions_with_rsa() {
    signs_assertions("RS256");
}

#[test]
fn a_program_signs_assertions_with_elliptic_curves() {
    signs_assertions("ES256");
}

#[tokio::test]
async fn an_app_without_a_secret_refreshes_and_signs_out() {
    let server = Server::at_its_public_url();
    for library in LIBRARIES {
        let person = Person::sign_in(&server, library).await;
        let task = json!({
            "flow": "person", "proof": "none", "subject": person.id,
            "refresh_token": person.refresh_token,
        });
        let done = run(&server, library, library, &task);
        assert_eq!(
            done["granted"]["scope"], "account orders:read",
            "{library}: {done}"
        );
        assert_ne!(done["granted"]["refresh_token"], person.refresh_token);
        assert_eq!(done["userinfo"]["email"], person.email);
        assert_eq!(
            done["refused"]["error"], "invalid_grant",
            "{library}: {done}"
        );
        assert_eq!(done["refused"]["status"], 400);
        let ended = server.api().me(&person.access_token).await;
        ended.problem(401, "session_ended");
    }
}

#[tokio::test]
async fn a_service_exchanges_the_token_that_it_was_called_with() {
    let server = Server::at_its_public_url();
    let person = Person::sign_in(&server, "app").await;
    let service = server.add_client(&[
        "orders",
        "--grants=token-exchange",
        "--owns=api",
        "--audiences=billing",
        "--scopes=orders:read",
    ]);
    for library in LIBRARIES {
        let task = json!({
            "flow": "service", "proof": "client_secret_basic",
            "secret": service["client_secret"], "subject_token": person.access_token,
        });
        let done = run(&server, library, "orders", &task);
        assert_eq!(
            done["granted"]["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token",
            "{library}: {done}"
        );
        assert_eq!(done["granted"]["scope"], "orders:read");
        let claims = claims(&done);
        assert_eq!(claims["sub"], person.id);
        assert_eq!(claims["aud"], "billing");
        assert_eq!(claims["act"], json!({"sub": "orders"}));
        assert_eq!(done["before"]["active"], true);
        assert_eq!(
            done["refused"]["error"], "invalid_target",
            "{library}: {done}"
        );
    }
}

fn signs_assertions(algorithm: &str) {
    let server = Server::at_its_public_url();
    let pair = program::run("make-key.mjs", &json!({"alg": algorithm}));
    let file = server.folder().path().join("client.json");
    let keys = json!({"keys": [pair["public"]]});
    fs::write(&file, keys.to_string()).expect("a writable folder");
    let file = format!("--jwks={}", file.display());
    add_program(&server, PROGRAM, &["--auth=private_key_jwt", &file]);
    let proof = json!({"proof": "private_key_jwt", "key": pair["private"]});
    for library in LIBRARIES {
        is_served_as_program(&server, library, PROGRAM, &proof);
    }
    is_served_by_authlib(&server, PROGRAM, &proof);
}

fn with_secret(server: &Server, id: &str) -> String {
    let client = add_program(server, id, &[]);
    client["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

fn add_program(server: &Server, id: &str, more: &[&str]) -> Value {
    let arguments = [
        id,
        "--grants=client_credentials",
        "--scopes=orders:read,orders:write",
        "--audiences=api,https://orders.example.com",
    ];
    server.add_client(&[&arguments, more].concat())
}

#[track_caller]
fn is_served_as_program(server: &Server, library: &str, id: &str, proof: &Value) {
    for discovery in DISCOVERIES {
        let mut task = proof.clone();
        task["flow"] = "program".into();
        task["discovery"] = discovery.into();
        let done = run(server, library, id, &task);
        let claims = claims(&done);
        assert_eq!(claims["aud"], "https://orders.example.com");
        let refused = json!({"status": 401, "challenge": "basic"});
        assert_eq!(done["refused"], refused, "{library}");
        is_granted_and_revoked(&done, id);
    }
}

#[track_caller]
fn is_served_by_authlib(server: &Server, id: &str, proof: &Value) {
    let done = run(server, "oauth_authlib.py", id, proof);
    assert_eq!(done["revoked"], 200);
    assert_eq!(done["refused"], "invalid_client");
    is_granted_and_revoked(&done, id);
}

#[track_caller]
fn is_granted_and_revoked(done: &Value, id: &str) {
    assert_eq!(done["granted"]["scope"], "orders:read", "{done}");
    assert_eq!(done["granted"]["expires_in"], 600);
    let claims = claims(done);
    assert_eq!(claims["sub"], id);
    assert_eq!(done["before"]["active"], true, "{done}");
    assert_eq!(done["before"]["sub"], id);
    assert_eq!(done["before"]["jti"], claims["jti"]);
    assert_eq!(done["after"], json!({"active": false}));
}

/// Gives a program what every task has.
#[track_caller]
fn run(server: &Server, library: &str, id: &str, task: &Value) -> Value {
    let mut task = task.clone();
    task["issuer"] = server.api().base().into();
    task["client_id"] = id.into();
    program::run(library, &task)
}

/// What the token says that was granted; a program that has read it by itself read the same.
#[track_caller]
fn claims(done: &Value) -> Value {
    let token = done["granted"]["access_token"].as_str().expect("a token");
    let (_, claims) = read_token(token);
    assert!(
        done["claims"].is_null() || done["claims"] == claims,
        "{done}"
    );
    claims
}

/// A signed-in person. The app is a public client.
struct Person {
    id: String,
    email: String,
    access_token: String,
    refresh_token: String,
}

impl Person {
    async fn sign_in(server: &Server, app: &str) -> Self {
        server.add_client(&[
            app,
            "--auth=none",
            "--grants=refresh_token",
            "--scopes=account,orders:read",
            "--audiences=api",
        ]);
        let email = fresh_email();
        let body = json!({
            "email": email, "password": PASSWORD, "client_id": app, "token_delivery": "body",
        });
        let reply = server.api().post("/auth/register", &body).await.expect(201);
        Self {
            id: reply.json()["account"]["id"]
                .as_str()
                .expect("an id")
                .to_owned(),
            email,
            access_token: reply.member("access_token"),
            refresh_token: reply.member("refresh_token"),
        }
    }
}
