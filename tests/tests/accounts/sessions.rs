//! `GET /auth/sessions` and `DELETE /auth/sessions/{sid}`.

use http::Method;
use serde_json::{Value, json};
use signet_tests::{PASSWORD, StoreChoice};

pub(crate) async fn sessions_are_listed_with_where_they_came_from(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let first = api.register().await;
    let body = json!({"email": first.email, "password": PASSWORD, "token_delivery": "body"});
    let request = api
        .request(Method::POST, "/auth/login")
        .header("user-agent", "Telephone/1.0");
    let second = api.send(request.json(&body)).await.expect(200);

    let reply = api
        .get_as("/auth/sessions", &first.access_token)
        .await
        .expect(200);
    let list = reply.json();
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let by_id = |id: &str| {
        sessions
            .iter()
            .find(|session| session["id"] == id)
            .expect("listed")
    };
    let own = by_id(&first.session_id);
    let other = by_id(&second.member("session_id"));

    let mut names: Vec<_> = own
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "client_id",
            "created_at",
            "current",
            "expires_at",
            "id",
            "ip",
            "last_used_at",
            "last_used_ip",
            "last_used_user_agent",
            "user_agent"
        ]
    );
    assert_eq!(
        (&own["current"], &other["current"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(other["user_agent"], "Telephone/1.0");
    assert_eq!(other["ip"], "127.0.0.1");
    assert_eq!(other["last_used_user_agent"], "Telephone/1.0");
    assert_eq!(other["last_used_ip"], "127.0.0.1");
    assert_eq!(other["client_id"], "signet");
    for time in ["created_at", "last_used_at", "expires_at"] {
        assert!(
            other[time].as_str().unwrap().ends_with('Z'),
            "{time}: {other}"
        );
    }
    assert!(!reply.text().contains("sgr_"));
}

pub(crate) async fn a_session_of_ones_own_can_be_ended(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    let path = format!("/auth/sessions/{}", other.session_id);
    api.delete_as(&path, &own.access_token).await.expect(204);
    api.refresh(&other.refresh_token)
        .await
        .problem(401, "session_ended");
    api.me(&other.access_token)
        .await
        .problem(401, "session_ended");
    api.me(&own.access_token).await.expect(200);
    api.delete_as(&path, &own.access_token)
        .await
        .problem(404, "not_found");
    let list = api.get_as("/auth/sessions", &own.access_token).await.json();
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(1));
}

pub(crate) async fn the_session_of_somebody_else_is_not_found(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let [own, stranger] = [api.register().await, api.register().await];
    for id in [
        stranger.session_id.as_str(),
        "AAAAAAAAAAAAAAAAAAAAAA",
        "x",
        "%00",
        "%ff",
        "a%2Fb",
    ] {
        let path = format!("/auth/sessions/{id}");
        api.delete_as(&path, &own.access_token)
            .await
            .problem(404, "not_found");
    }
    api.refresh(&stranger.refresh_token).await.expect(200);
    let list = api.get_as("/auth/sessions", &own.access_token).await.json();
    assert_ne!(list["sessions"][0]["id"], Value::from(stranger.session_id));
}
