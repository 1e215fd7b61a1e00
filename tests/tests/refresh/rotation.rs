//! One client: each use gives the next token, and a lost answer is no harm.

use http::Method;
use serde_json::json;
use signet_tests::StoreChoice;

use crate::tokens::{generation, with_changed_byte};

pub(crate) async fn every_use_of_the_newest_token_gives_the_next(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    assert_eq!(generation(&account.refresh_token), 1);
    let mut token = account.refresh_token.clone();
    for number in 2..10 {
        let reply = api.refresh(&token).await.expect(200);
        let answer = reply.json();
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 600);
        assert_eq!(answer["session_id"], account.session_id.as_str());
        assert_eq!(answer["account"]["id"], account.id.as_str());
        assert!(answer["refresh_expires_in"].as_u64().unwrap() > 1_209_000);
        api.me(&reply.member("access_token")).await.expect(200);
        token = reply.member("refresh_token");
        assert_eq!(generation(&token), number);
    }
}

pub(crate) async fn a_retry_after_a_lost_answer_gives_the_same_successor(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let lost = api.refresh(&account.refresh_token).await.expect(200);
    let retried = api.refresh(&account.refresh_token).await.expect(200);
    assert_eq!(
        retried.member("refresh_token"),
        lost.member("refresh_token")
    );
    assert_ne!(retried.member("access_token"), lost.member("access_token"));
    api.refresh(&lost.member("refresh_token")).await.expect(200);
}

pub(crate) async fn without_a_token_there_is_nothing_to_refresh(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    api.send(api.request(Method::POST, "/auth/refresh"))
        .await
        .problem(401, "token_missing");
    api.post("/auth/refresh", &json!({}))
        .await
        .problem(401, "token_missing");
    api.post_with_cookie("/auth/refresh", "other=1")
        .await
        .problem(401, "token_missing");
}

pub(crate) async fn what_we_have_not_made_is_an_ended_session(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let token = account.refresh_token.as_str();
    let mut forged = vec![
        "sgr_".to_owned(),
        "sgr_garbage".to_owned(),
        account.access_token.clone(),
        token.replace("sgr_", "sgx_"),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        format!(" {token}"),
    ];
    forged.extend((0..54).map(|index| with_changed_byte(token, index)));
    let first = api.refresh("sgr_garbage").await;
    for forged in forged {
        let reply = api.refresh(&forged).await;
        reply.problem(401, "session_ended");
        assert_eq!(reply.text(), first.text(), "one code, one text");
        // Blanks around a cookie are no part of it.
        let cookie = format!("signet_refresh={}", forged.replace(' ', "+"));
        api.post_with_cookie("/auth/refresh", &cookie)
            .await
            .problem(401, "session_ended");
    }
    api.refresh(token).await.expect(200);
}
