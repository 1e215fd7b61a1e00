//! Another service, the `orders` example: it verifies our tokens with only the public keys.

use serde_json::json;
use signet_tests::{Forger, Orders, StoreChoice};

pub(crate) async fn a_protected_route_wants_a_good_token(stores: StoreChoice) {
    let server = stores.serve();
    let orders = Orders::beside(&server).await;
    let account = server.api().register().await;
    let forger = Forger::with_key_of(server.folder(), &account.access_token);

    let welcome = orders
        .api()
        .get_as("/orders", &account.access_token)
        .await
        .expect(200);
    assert_eq!(welcome.text(), format!("the orders of {}\n", account.id));

    let missing = orders.api().get("/orders").await.expect(401);
    assert!(
        !missing.challenge().contains("error"),
        "{}",
        missing.challenge()
    );
    for (token, reason) in [
        (forger.expired(), "expired"),
        (
            forger.with_claims(&json!({"aud": "billing"})),
            "audience_mismatch",
        ),
        (
            forger.with_claims(&json!({"iss": "http://evil.example"})),
            "issuer_mismatch",
        ),
        ("garbage".to_owned(), "not_three_parts"),
    ] {
        let refused = orders.api().get_as("/orders", &token).await.expect(401);
        assert!(refused.challenge().contains(r#"error="invalid_token""#));
        assert_eq!(refused.json()["reason"], reason);
    }
    let unscoped = forger.with_claims(&json!({"scope": "orders:read"}));
    let refused = orders.api().get_as("/orders", &unscoped).await.expect(403);
    assert!(
        refused
            .challenge()
            .contains(r#"error="insufficient_scope""#)
    );
}

pub(crate) async fn a_route_with_optional_sign_in_serves_everybody_but_no_forger(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let orders = Orders::beside(&server).await;
    let account = server.api().register().await;
    assert_eq!(orders.api().get("/").await.expect(200).text(), "hello\n");
    let greeted = orders
        .api()
        .get_as("/", &account.access_token)
        .await
        .expect(200);
    assert_eq!(greeted.text(), format!("hello, {}\n", account.id));
    orders.api().get_as("/", "garbage").await.expect(401);
}

pub(crate) async fn a_route_for_a_role_refuses_everybody_else(stores: StoreChoice) {
    let server = stores.serve();
    let orders = Orders::beside(&server).await;
    let account = server.api().register().await;
    let forger = Forger::with_key_of(server.folder(), &account.access_token);
    orders
        .api()
        .get_as("/takings", &account.access_token)
        .await
        .expect(403);
    let admin = forger.with_claims(&json!({"roles": ["user", "admin"]}));
    orders.api().get_as("/takings", &admin).await.expect(200);
}

pub(crate) async fn a_service_needs_nothing_of_us_once_it_has_the_keys(stores: StoreChoice) {
    let server = stores.serve();
    let orders = Orders::beside(&server).await;
    let account = server.api().register().await;
    let token = &account.access_token;
    orders.api().get_as("/orders", token).await.expect(200);
    assert!(server.stop().status.success());
    orders.api().get_as("/orders", token).await.expect(200);
}
