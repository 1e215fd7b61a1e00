//! Each error of RFC 6749 section 5.2, with its status, body and headers.

use super::{FORM, Program};
use crate::support::{JSON, TestApp, request};

const TOKEN: &str = "/oauth/token";

#[tokio::test]
async fn each_error_is_said_to_the_letter() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        (
            "grant_type=client_credentials&scope=a&scope=b",
            "invalid_request",
        ),
        ("grant_type=client_credentials&x=1&x=1", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=implicit", "unsupported_grant_type"),
        ("grant_type=authorization_code", "unauthorized_client"),
        ("grant_type=client_credentials&scope=admin", "invalid_scope"),
        ("grant_type=client_credentials&scope=%22", "invalid_scope"),
        (
            "grant_type=client_credentials&audience=billing",
            "invalid_target",
        ),
        (
            "grant_type=client_credentials&resource=orders",
            "invalid_target",
        ),
    ] {
        let answer = billing.ask(&app, TOKEN, form).await;
        assert_eq!(answer.oauth_error(), (400, error.to_owned()), "{form}");
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn who_is_not_known_is_401_with_a_challenge_whatever_the_reason() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let public = Program::public(&app, "app").await;
    let wrong = Program {
        id: "billing",
        secret: Some("sgc_wrong".to_owned()),
    };
    let nobody = Program {
        id: "nobody",
        secret: billing.secret.clone(),
    };
    let uuid = Program {
        id: "67e55044-10b1-426f-9247-bb680e5fe0c8",
        secret: billing.secret.clone(),
    };
    let without = Program {
        id: "billing",
        secret: None,
    };
    let empty = Program {
        id: "billing",
        secret: Some(String::new()),
    };
    let mut texts = Vec::new();
    for program in [&wrong, &nobody, &uuid, &without, &empty, &public] {
        let form = "grant_type=client_credentials";
        let answer = program.ask(&app, TOKEN, form).await;
        assert_eq!(answer.oauth_error(), (401, "invalid_client".to_owned()));
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some("Basic realm=\"signet\", charset=\"UTF-8\""));
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    let form = "grant_type=client_credentials";
    let anonymous = app.send(request("POST", TOKEN, &[FORM], form)).await;
    assert_eq!(anonymous.oauth_error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let basic = billing.basic();
    let headers = [FORM, ("authorization", &basic), ("authorization", &basic)];
    let form = "grant_type=client_credentials";
    let answer = app.send(request("POST", TOKEN, &headers, form)).await;
    assert_eq!(answer.oauth_error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_is_not_there_says_so_in_the_words_of_oauth() {
    let app = TestApp::start().await;
    for path in [
        "/oauth",
        "/oauth/",
        "/oauth/authorize/",
        "/oauth/token/",
        "/oauth/token/x",
    ] {
        for method in ["GET", "POST"] {
            let answer = app.send(request(method, path, &[FORM], "")).await;
            let expected = (404, "invalid_request".to_owned());
            assert_eq!(answer.oauth_error(), expected, "{method} {path}");
        }
    }
    for path in ["/oauthx", "/auth/oauth", "//oauth"] {
        let expected = (404, "not_found".to_owned());
        assert_eq!(app.get(path).await.problem(), expected, "{path}");
    }
}

#[tokio::test]
async fn an_empty_body_without_a_type_is_an_invalid_request() {
    let app = TestApp::start().await;
    for path in [TOKEN, "/oauth/revoke", "/oauth/introspect"] {
        let answer = app.send(request("POST", path, &[], "")).await;
        let expected = (400, "invalid_request".to_owned());
        assert_eq!(answer.oauth_error(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_body_of_thousands_of_parameters_is_refused_before_the_client_is_looked_up() {
    let app = TestApp::start().await;
    let names: Vec<_> = (0..3_000).map(|number| format!("{number:x}")).collect();
    let answer = app
        .send(request("POST", TOKEN, &[FORM], &names.join("&")))
        .await;
    assert_eq!(answer.oauth_error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_is_not_oauths_own_keeps_its_status() {
    let app = TestApp::start().await;
    let invalid = "invalid_request".to_owned();
    let json = request("POST", TOKEN, &[JSON], "{}");
    assert_eq!(app.send(json).await.oauth_error(), (415, invalid.clone()));
    let got = app.get(TOKEN).await;
    assert_eq!(got.oauth_error(), (405, invalid.clone()));
    assert_eq!(got.header("allow"), Some("POST"));
    for path in ["/oauth/authorize", "/oauth/logout"] {
        let deleted = app.send(request("DELETE", path, &[], "")).await;
        assert_eq!(deleted.oauth_error(), (405, invalid.clone()), "{path}");
        let mut allowed: Vec<_> = deleted.header("allow").unwrap().split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["GET", "HEAD", "POST"], "{path}");
    }
    let long = "x".repeat(17 * 1024);
    let long = request("POST", TOKEN, &[FORM], &long);
    assert_eq!(app.send(long).await.oauth_error(), (413, invalid));
}
