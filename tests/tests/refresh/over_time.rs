//! Whether a token is valid as time passes. The issuer runs in this process, with a clock that moves
//! only when it is told to.

use std::time::Duration;

use signet_tests::{Account, StoreChoice};

use crate::clocked::ClockedIssuer;
use crate::tokens::generation;

pub(crate) async fn within_the_grace_a_used_token_gets_its_successor_again(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let first = api.register().await.refresh_token;
    issuer.pass(20 * SECOND);
    let second = api.next_token(&first).await;
    issuer.pass(10 * SECOND);
    assert_eq!(api.next_token(&first).await, second);
}

pub(crate) async fn after_the_grace_a_retry_recovers_and_the_displaced_token_becomes_a_trap(
    stores: StoreChoice,
) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let account = api.register().await;
    let displaced = api.next_token(&account.refresh_token).await;
    issuer.pass(11 * SECOND);
    let recovered = api.next_token(&account.refresh_token).await;
    assert_eq!(generation(&recovered), 3);

    // For a minute a late answer may have put it back.
    issuer.pass(59 * SECOND);
    assert_eq!(api.next_token(&displaced).await, recovered);
    issuer.pass(2 * SECOND);
    api.refresh(&displaced).await.problem(401, "session_ended");
    api.refresh(&recovered).await.problem(401, "session_ended");
    api.me(&account.access_token)
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn a_client_that_lost_the_answer_goes_on_for_three_days(stores: StoreChoice) {
    for (later, status) in [(3 * DAY, 200), (3 * DAY + SECOND, 401)] {
        let issuer = ClockedIssuer::start(stores, &[]).await;
        let first = issuer.api().register().await.refresh_token;
        issuer.api().next_token(&first).await;
        issuer.pass(later);
        issuer.api().refresh(&first).await.expect(status);
    }
}

pub(crate) async fn a_token_from_long_ago_ends_the_session(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let account = api.register().await;
    let mut newest = account.refresh_token.clone();
    for _ in 0..3 {
        issuer.pass(20 * SECOND);
        newest = api.next_token(&newest).await;
    }
    issuer.pass(20 * SECOND);
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");
    api.refresh(&newest).await.problem(401, "session_ended");
    api.me(&account.access_token)
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn twenty_tabs_that_wake_up_together_all_go_on(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let mut tokens = vec![api.register().await.refresh_token];
    issuer.pass(DAY);
    // Each tab holds what the cookie jar held when it asked; late answers put old ones back.
    for tab in 0..20 {
        let held = &tokens[tokens.len() - 1 - tab % 2 * (tokens.len() - 1).min(1)];
        let next = api.next_token(held).await;
        tokens.push(next);
        issuer.pass(SECOND / 4);
    }
    issuer.pass(DAY);
    api.refresh(tokens.last().unwrap()).await.expect(200);
}

pub(crate) async fn a_session_that_is_not_used_ends_after_14_days(stores: StoreChoice) {
    for (later, status) in [(14 * DAY - SECOND, 200), (14 * DAY, 401)] {
        let issuer = ClockedIssuer::start(stores, &[]).await;
        let account = issuer.api().register().await;
        issuer.pass(later);
        issuer
            .api()
            .refresh(&account.refresh_token)
            .await
            .expect(status);
    }
}

pub(crate) async fn a_session_ends_after_90_days_however_often_it_is_used(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let mut token = api.register().await.refresh_token;
    for day in 1..90 {
        issuer.pass(DAY);
        let reply = api.refresh(&token).await.expect(200);
        token = reply.member("refresh_token");
        let left = reply.json()["refresh_expires_in"].as_u64().unwrap();
        assert_eq!(left, (90 - day).min(14) * DAY.as_secs());
    }
    issuer.pass(DAY);
    api.refresh(&token).await.problem(401, "session_ended");
}

pub(crate) async fn an_access_token_ends_after_ten_minutes_and_the_session_goes_on(
    stores: StoreChoice,
) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let account: Account = api.register().await;
    // Replicas keep their clocks within seconds of each other, so that much is granted.
    issuer.pass(604 * SECOND);
    api.me(&account.access_token).await.expect(200);
    issuer.pass(2 * SECOND);
    api.me(&account.access_token)
        .await
        .problem(401, "token_expired");
    let refreshed = api.refresh(&account.refresh_token).await.expect(200);
    api.me(&refreshed.member("access_token")).await.expect(200);
}

pub(crate) async fn a_clock_set_back_harms_nobody(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[]).await;
    let api = issuer.api();
    let account = api.register().await;
    let second = api.next_token(&account.refresh_token).await;
    issuer.set_back(DAY);
    assert_eq!(api.next_token(&account.refresh_token).await, second);
    let third = api.next_token(&second).await;
    api.refresh(&third).await.expect(200);
}

pub(crate) async fn a_strict_session_ends_at_the_second_use(stores: StoreChoice) {
    let issuer = ClockedIssuer::start(stores, &[("SIGNET_SESSION_PROFILE", "strict")]).await;
    let api = issuer.api();
    let account = api.register().await;
    api.next_token(&account.refresh_token).await;
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
