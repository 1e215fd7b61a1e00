//! Web apps that sign people in by redirect, with libraries that many of them use.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server, fresh_email, read_token};

use crate::program::{self, Running};

const CALLBACK: &str = "https://wiki.example.com/callback";
/// The library chooses the path.
const CALLBACK_OF_AUTH_CORE: &str = "https://wiki.example.com/auth/callback/signet";

#[tokio::test]
async fn a_web_app_signs_people_in_with_openid_client() {
    let done = is_signed_in_by("oauth-openid-client.mjs").await;
    assert_eq!(done["ended"], CALLBACK);
    is_refused_again(&done);
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_oauth4webapi() {
    let done = is_signed_in_by("oauth-oauth4webapi.mjs").await;
    is_refused_again(&done);
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_authlib() {
    is_signed_in_by("redirect_authlib.py").await;
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_requests_oauth2client() {
    let done = is_signed_in_by("redirect_requests_oauth2client.py").await;
    assert_eq!(done["refused"]["error"], "invalid_grant", "{done}");
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_idpyoidc() {
    is_signed_in_by("redirect_idpyoidc.py").await;
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_auth_core() {
    let done = is_signed_in_by("redirect-auth-core.mjs").await;
    assert_eq!(done["went_to"], "https://wiki.example.com");
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_express_openid_connect() {
    is_signed_in_by("redirect-express-openid-connect.mjs").await;
}

#[tokio::test]
async fn a_web_app_signs_people_in_with_the_crate_openidconnect() {
    let done = is_signed_in_with(run_openidconnect).await;
    assert_eq!(done["same_hash"], true);
    assert_eq!(done["other_nonce_accepted"], false);
    is_refused_again(&done);
}

async fn is_signed_in_by(library: &str) -> Value {
    is_signed_in_with(|task| program::run(library, task)).await
}

/// Registers a web app and a person, lets the web app sign the person in, and compares what it has
/// learned with the tokens.
async fn is_signed_in_with(web_app: impl FnOnce(&Value) -> Value) -> Value {
    let server = Server::at_its_public_url();
    let redirect = format!("--redirect-uris={CALLBACK},{CALLBACK_OF_AUTH_CORE}");
    let after = format!("--post-logout-redirect-uris={CALLBACK}");
    let app = server.add_client(&[
        "wiki",
        "--first-party",
        "--grants=refresh_token",
        "--scopes=pages:read",
        "--audiences=wiki",
        &redirect,
        &after,
    ]);
    let email = fresh_email();
    let body = json!({
        "email": email, "password": PASSWORD, "name": "Ada", "token_delivery": "body",
    });
    let account = server.api().post("/auth/register", &body).await.expect(201);
    let task = json!({
        "issuer": server.api().base(),
        "client_id": "wiki",
        "flow": "redirect",
        "proof": "client_secret_post",
        "secret": app["client_secret"],
        "redirect_uri": CALLBACK,
        "email": email,
        "password": PASSWORD,
    });
    let done = web_app(&task);
    let (_, access) = read_token(done["granted"]["access_token"].as_str().expect("a token"));
    assert_eq!(access["sub"], account.json()["account"]["id"]);
    let identity = &done["identity"];
    assert_eq!(identity["sub"], access["sub"]);
    assert_eq!(identity["sid"], access["sid"]);
    assert_eq!(identity["aud"], "wiki");
    for told in [identity, &done["userinfo"]] {
        assert_eq!(told["email"], email, "{done}");
        assert_eq!(told["name"], "Ada", "{done}");
    }
    done
}

/// Runs the web app that is compiled, while another program is the person.
fn run_openidconnect(task: &Value) -> Value {
    let program = program::installed("openidconnect/bin/redirect-openidconnect");
    let child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut running = Running(child);
    let mut input = running.0.stdin.take().expect("a pipe");
    let output = running.0.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(output).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    writeln!(input, "{task}").expect("a program that listens");
    let mut person = task.clone();
    person["page"] = line().into();
    person["callback"] = task["redirect_uri"].clone();
    let back = program::run("person.mjs", &person);
    writeln!(input, "{}", back["at"].as_str().expect("an address")).expect("it listens");
    serde_json::from_str(&line()).expect("JSON")
}

fn is_refused_again(done: &Value) {
    assert!(done["refreshed"]["access_token"].is_string(), "{done}");
    assert_eq!(done["refused"]["error"], "invalid_grant", "{done}");
}
