//! `POST /auth/password`.

use serde_json::json;
use signet_tests::{PASSWORD, StoreChoice};

const NEW_PASSWORD: &str = "engine no. 10 whistles";

pub(crate) async fn a_changed_password_ends_every_other_session(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    api.post_as("/auth/password", &own.access_token, &body)
        .await
        .expect(204);

    api.me(&other.access_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&other.refresh_token)
        .await
        .problem(401, "session_ended");
    api.me(&own.access_token).await.expect(200);
    let next = api.next_token(&own.refresh_token).await;
    api.refresh(&next).await.expect(200);

    let old = json!({"email": own.email, "password": PASSWORD});
    api.post("/auth/login", &old)
        .await
        .problem(401, "invalid_credentials");
    let new = json!({"email": own.email, "password": NEW_PASSWORD});
    api.post("/auth/login", &new).await.expect(200);
}

pub(crate) async fn the_current_password_is_asked_for(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let body = json!({"current_password": "not my password", "new_password": NEW_PASSWORD});
    let reply = api
        .post_as("/auth/password", &account.access_token, &body)
        .await;
    reply.problem(401, "invalid_credentials");
    api.login(&account.email).await;
}

pub(crate) async fn the_new_password_follows_the_same_rules(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    for (new_password, field) in [
        (json!("short"), "new_password"),
        (json!("password"), "new_password"),
        (json!(null), "new_password"),
    ] {
        let body = json!({"current_password": PASSWORD, "new_password": new_password});
        let reply = api
            .post_as("/auth/password", &account.access_token, &body)
            .await;
        assert_eq!(
            reply.problem(400, "validation_failed")["errors"][0]["field"],
            field
        );
    }
    api.login(&account.email).await;
}

pub(crate) async fn a_change_that_races_a_login_with_the_old_password_leaves_no_session_behind(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    for _ in 0..5 {
        let account = api.register().await;
        let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
        let change = api.post_as("/auth/password", &account.access_token, &change);
        let old = json!({"email": account.email, "password": PASSWORD, "token_delivery": "body"});
        let logins = (0..6).map(|_| api.post("/auth/login", &old));
        let (changed, logins) = tokio::join!(change, futures::future::join_all(logins));
        changed.expect(204);
        for login in logins {
            api.assert_over(&login, "invalid_credentials").await;
        }
        let sessions = api
            .get_as("/auth/sessions", &account.access_token)
            .await
            .expect(200);
        assert_eq!(sessions.json()["sessions"].as_array().unwrap().len(), 1);
    }
}
