//! An administrator who removes a role while the store fails.

use serde_json::{Value, json};

use super::{BOTH, Scene, at_each_call};
use crate::admin::Admin;
use crate::support::request;

#[tokio::test]
async fn an_interrupted_removal_of_a_role_denies_the_tokens_when_it_is_repeated() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        let registered = scene.register().await;
        let path = format!("/admin/accounts/{}", text(&registered["account"]["id"]));
        let admin = Admin::of(&scene.app);
        let with_role = admin.ask("PATCH", &path, r#"{"roles": ["staff"]}"#).await;
        assert_eq!(with_role.status, 200, "{}", with_role.text);
        let with_role = refresh(&scene, &registered).await;
        let send = async || admin.ask("PATCH", &path, r#"{"roles": []}"#).await;
        let outcome = interruption.until_answered(&scene, send).await;
        assert_eq!(outcome.last.status, 200, "{}", outcome.last.text);
        assert_eq!(me(&scene, &with_role).await, 401);
        let without_role = refresh(&scene, &with_role).await;
        assert_eq!(without_role["account"]["roles"], json!([]));
        assert_eq!(me(&scene, &without_role).await, 200);
        outcome.interrupted
    })
    .await;
}

async fn refresh(scene: &Scene, tokens: &Value) -> Value {
    let body = json!({"refresh_token": tokens["refresh_token"]});
    let refreshed = scene.app.post("/auth/refresh", &body.to_string()).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    refreshed.json()
}

async fn me(scene: &Scene, tokens: &Value) -> u16 {
    let bearer = format!("Bearer {}", text(&tokens["access_token"]));
    let me = request("GET", "/auth/me", &[("authorization", &bearer)], "");
    scene.app.send(me).await.status.as_u16()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
