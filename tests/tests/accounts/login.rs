//! `POST /auth/login`.

use serde_json::json;
use signet_tests::{PASSWORD, StoreChoice};

pub(crate) async fn the_right_password_opens_a_new_session_of_the_same_account(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let registered = api.register().await;
    let again = api.login(&registered.email.to_uppercase()).await;
    assert_eq!(again.id, registered.id);
    assert_ne!(again.session_id, registered.session_id);
    assert_ne!(again.refresh_token, registered.refresh_token);
    api.me(&again.access_token).await.expect(200);
    api.me(&registered.access_token).await.expect(200);
}

pub(crate) async fn an_unknown_account_and_a_wrong_password_read_the_same(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let wrong = json!({"email": account.email, "password": "engine no. 8 steams"});
    let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
    let wrong = api.post("/auth/login", &wrong).await;
    let unknown = api.post("/auth/login", &unknown).await;

    wrong.problem(401, "invalid_credentials");
    assert_eq!(wrong.text(), unknown.text());
    let names = |reply: &signet_tests::Reply| {
        let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&wrong), names(&unknown));
}

pub(crate) async fn a_password_is_the_same_however_its_accents_were_typed(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let registration = json!({"email": "zoe@example.com", "password": "café olé crème"});
    api.post("/auth/register", &registration).await.expect(201);
    let decomposed = json!({
        "email": "zoe@example.com", "password": "cafe\u{301} ole\u{301} cre\u{300}me",
    });
    api.post("/auth/login", &decomposed).await.expect(200);
    let without = json!({"email": "zoe@example.com", "password": "cafe ole creme"});
    api.post("/auth/login", &without)
        .await
        .problem(401, "invalid_credentials");
}

pub(crate) async fn a_missing_field_is_named(stores: StoreChoice) {
    let server = stores.serve();
    for (body, field) in [
        (json!({"password": PASSWORD}), "email"),
        (json!({"email": "ada@example.com"}), "password"),
    ] {
        let reply = server.api().post("/auth/login", &body).await;
        let problem = reply.problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field);
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
    }
}

pub(crate) async fn a_short_password_is_wrong_and_what_no_password_can_be_is_refused(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let too_long = "x".repeat(257);
    for (password, status, code) in [
        ("x", 401, "invalid_credentials"),
        (&too_long[1..], 401, "invalid_credentials"),
        (too_long.as_str(), 400, "validation_failed"),
        ("", 400, "validation_failed"),
        ("\0", 400, "validation_failed"),
    ] {
        let body = json!({"email": account.email, "password": password});
        api.post("/auth/login", &body).await.problem(status, code);
    }
}

pub(crate) async fn the_oldest_of_more_than_a_hundred_sessions_ends(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let first = api.register().await;
    let second = api.login(&first.email).await;
    for _ in 0..99 {
        api.login(&first.email).await;
    }
    api.refresh(&first.refresh_token)
        .await
        .problem(401, "session_ended");
    api.me(&first.access_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&second.refresh_token).await.expect(200);
}
