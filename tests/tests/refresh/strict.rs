//! Without a grace: what the second use of a token does, at once and without waiting.

use signet_tests::StoreChoice;

use crate::tokens::generation;

pub(crate) async fn without_grace_and_recovery_every_second_use_ends_the_session(
    stores: StoreChoice,
) {
    let server = stores.serve_with(&[
        ("SIGNET_REFRESH_GRACE", "0s"),
        ("SIGNET_SESSION_RECOVER_WITHIN", "0s"),
    ]);
    let api = server.api();
    let account = api.register().await;
    let refreshed = api.refresh(&account.refresh_token).await.expect(200);
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&refreshed.member("refresh_token"))
        .await
        .problem(401, "session_ended");
    for token in [account.access_token, refreshed.member("access_token")] {
        api.me(&token).await.problem(401, "session_ended");
    }
}

pub(crate) async fn after_the_grace_a_retry_recovers_and_the_displaced_token_ends_the_session(
    stores: StoreChoice,
) {
    let server = stores.serve_with(&[("SIGNET_REFRESH_GRACE", "0s")]);
    let api = server.api();
    let account = api.register().await;
    let displaced = api.next_token(&account.refresh_token).await;
    let recovered = api.refresh(&account.refresh_token).await.expect(200);
    assert_eq!(generation(&recovered.member("refresh_token")), 3);
    api.me(&recovered.member("access_token")).await.expect(200);

    api.refresh(&displaced).await.problem(401, "session_ended");
    api.refresh(&recovered.member("refresh_token"))
        .await
        .problem(401, "session_ended");
    api.me(&recovered.member("access_token"))
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn a_stale_token_ends_the_session_of_thief_and_victim(stores: StoreChoice) {
    let server = stores.serve_with(&[("SIGNET_REFRESH_GRACE", "0s")]);
    let api = server.api();
    let account = api.register().await;
    let other = api.login(&account.email).await;
    let second = api.next_token(&account.refresh_token).await;
    let third = api.next_token(&second).await;
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&third).await.problem(401, "session_ended");
    api.me(&account.access_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&other.refresh_token).await.expect(200);
    let logs = server.stop().logs;
    assert!(
        logs.contains("reuse"),
        "the security event is logged: {logs}"
    );
}
