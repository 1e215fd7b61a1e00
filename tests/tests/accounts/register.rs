//! `POST /auth/register`.

use serde_json::{Value, json};
use signet_tests::{Api, PASSWORD, Reply, StoreChoice, fresh_email};

pub(crate) async fn registering_signs_in_and_describes_the_account(stores: StoreChoice) {
    let server = stores.serve();
    let body = json!({
        "email": " Ada.Lovelace@Example.com ", "password": PASSWORD, "name": "Ada Lovelace",
        "token_delivery": "body", "favourite_engine": 9,
    });
    let reply = server.api().post("/auth/register", &body).await.expect(201);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    let answer = reply.json();
    assert_eq!(
        names(&answer),
        [
            "access_token",
            "account",
            "expires_in",
            "refresh_expires_in",
            "refresh_token",
            "session_id",
            "token_type"
        ]
    );
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 600);
    assert_eq!(answer["refresh_expires_in"], 14 * 24 * 3600);
    assert!(reply.member("refresh_token").starts_with("sgr_"));
    assert_eq!(reply.member("session_id").len(), 22);

    let account = &answer["account"];
    assert_eq!(
        names(account),
        [
            "created_at",
            "email",
            "email_verified",
            "id",
            "mfa",
            "name",
            "roles"
        ]
    );
    assert_eq!(account["email"], "Ada.Lovelace@Example.com");
    assert_eq!(account["name"], "Ada Lovelace");
    assert_eq!(account["roles"], json!([]));
    assert_eq!(account["email_verified"], false);
    assert_eq!(account["mfa"], json!([]));
    assert_eq!(account["id"].as_str().unwrap().len(), 36);
    let created_at = account["created_at"].as_str().unwrap();
    assert!(
        created_at.starts_with("20") && created_at.ends_with('Z'),
        "{created_at}"
    );
}

pub(crate) async fn every_bad_field_is_named_at_once(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let long_name = "n".repeat(101);
    for (body, fields) in [
        (json!({}), vec!["email", "password"]),
        (json!({"email": fresh_email()}), vec!["password"]),
        (json!({"password": PASSWORD}), vec!["email"]),
        (
            json!({"email": null, "password": null}),
            vec!["email", "password"],
        ),
        (
            json!({"email": "ada", "password": "short"}),
            vec!["email", "password"],
        ),
        (
            json!({"email": "a b@example.com", "password": PASSWORD}),
            vec!["email"],
        ),
        (
            json!({"email": "ada@", "password": PASSWORD}),
            vec!["email"],
        ),
        (
            json!({"email": fresh_email(), "password": PASSWORD, "name": long_name}),
            vec!["name"],
        ),
        (
            json!({"email": fresh_email(), "password": PASSWORD, "name": 7}),
            vec!["name"],
        ),
        (
            json!({"email": "ada", "password": "x", "name": long_name, "token_delivery": "pigeon"}),
            vec!["email", "name", "password", "token_delivery"],
        ),
        (
            json!({"email": fresh_email(), "password": PASSWORD, "client_id": "nobody"}),
            vec!["client_id"],
        ),
    ] {
        let reply = api.post("/auth/register", &body).await;
        assert_eq!(bad_fields(&reply), fields, "{body}");
    }
}

pub(crate) async fn a_password_has_8_to_256_characters_and_is_not_easily_guessed(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    for (password, fine) in [
        ("7 chars", false),
        ("8 chars!", true),
        // Eight characters after normalization, sixteen before.
        (
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            true,
        ),
        ("password", false),
        ("qwertyuiop", false),
        ("12345678", false),
        (&"x9 ".repeat(85), true),
        (&"é".repeat(257), false),
        (&"x".repeat(16_000), false),
    ] {
        let body = json!({"email": fresh_email(), "password": password});
        let reply = api.post("/auth/register", &body).await;
        if fine {
            reply.expect(201);
        } else {
            assert_eq!(bad_fields(&reply), ["password"], "{password}");
        }
    }
    let body = json!({"email": "charles.babbage@example.com", "password": "Charles.Babbage1822"});
    assert_eq!(
        bad_fields(&api.post("/auth/register", &body).await),
        ["password"]
    );
}

pub(crate) async fn an_email_address_has_at_most_254_characters(stores: StoreChoice) {
    let server = stores.serve();
    // 64 characters before the @, labels of at most 63 after it.
    let host = [&"a".repeat(63), &"b".repeat(63), &"c".repeat(57), "org"].map(str::to_owned);
    let longest = format!("{}@{}", "m".repeat(64), host.join("."));
    assert_eq!(longest.len(), 254);
    for (email, status) in [(longest.clone(), 201), (format!("{longest}g"), 400)] {
        let body = json!({"email": email, "password": PASSWORD});
        server
            .api()
            .post("/auth/register", &body)
            .await
            .expect(status);
    }
}

pub(crate) async fn an_address_is_registered_once_whatever_the_case_of_its_ascii_letters(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    register(api, "ada@example.com").await.expect(201);
    for taken in ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com "] {
        let problem = register(api, taken).await.problem(409, "email_taken");
        assert!(!problem.to_string().contains("ada@"), "{problem}");
    }
}

pub(crate) async fn of_fifty_simultaneous_registrations_of_one_address_one_wins(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let all = futures::future::join_all((0..50).map(|_| register(api, "ada@example.com"))).await;
    let mut statuses: Vec<_> = all.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert_eq!(&statuses[1..], [409; 49]);
}

async fn register(api: &Api, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    api.post("/auth/register", &body).await
}

/// The fields that a validation error names, in alphabetical order.
#[track_caller]
fn bad_fields(reply: &Reply) -> Vec<String> {
    let problem = reply.problem(400, "validation_failed");
    let errors = problem["errors"].as_array().expect("a list of errors");
    let mut fields: Vec<_> = errors.iter().map(bad_field).collect();
    fields.sort_unstable();
    fields
}

fn bad_field(error: &Value) -> String {
    assert_eq!(names(error), ["code", "field", "message"]);
    assert!(!error["message"].as_str().unwrap().is_empty());
    assert!(!error["code"].as_str().unwrap().is_empty());
    error["field"].as_str().unwrap().to_owned()
}

/// The member names of an object, in alphabetical order.
fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}
