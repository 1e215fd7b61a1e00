//! The shield against too many requests from one address.

use http::Method;
use serde_json::json;
use signet_tests::StoreChoice;

pub(crate) async fn too_many_requests_are_told_when_to_come_back(stores: StoreChoice) {
    for path in ["/auth/register", "/auth/login", "/auth/refresh"] {
        let server = stores.serve_with(&[("SIGNET_LIMITS_ENABLED", "true")]);
        let api = server.api();
        let mut reply = api.post(path, &json!({})).await;
        let mut requests = 1;
        while reply.status != 429 && requests < 2_000 {
            reply = api.post(path, &json!({})).await;
            requests += 1;
        }
        reply.problem(429, "rate_limited");
        api.get("/.well-known/jwks.json").await.expect(200);
        api.get("/healthz").await.expect(200);
        api.send(api.request(Method::POST, "/auth/logout"))
            .await
            .expect(204);
    }
}

pub(crate) async fn switching_the_shield_off_is_said_loudly(stores: StoreChoice) {
    let server = stores.serve_with(&[("SIGNET_LIMITS_ENABLED", "false")]);
    server.api().get("/healthz").await.expect(200);
    let logs = server.stop().logs;
    let warning = logs.lines().find(|line| line.contains("limits"));
    assert!(warning.is_some_and(|line| line.contains("WARN")), "{logs}");
}
