//! Every route with a limit answers 429 when it is asked too often, in the form of its errors.

use serde_json::Value;

use crate::openapi::{documents, filled, operations};
use crate::support::{Answer, TestApp, from, request};

/// The limits of routes. Each admits one request in a minute.
const ONE_REQUEST: [(&str, &str); 6] = [
    ("SIGNET_LIMITS_REGISTER_PER_MINUTE", "1"),
    ("SIGNET_LIMITS_LOGIN_PER_MINUTE", "1"),
    ("SIGNET_LIMITS_REFRESH_PER_MINUTE", "1"),
    ("SIGNET_LIMITS_TOKEN_PER_MINUTE", "1"),
    ("SIGNET_LIMITS_INTROSPECT_PER_MINUTE", "1"),
    ("SIGNET_LIMITS_PASSWORD_PER_MINUTE", "1"),
];

/// Pages whose route has no limit, although every page is described with the same errors. They show
/// what is the same for everybody; the flow of `/device` counts the codes.
const PAGES_WITHOUT_LIMIT: [&str; 8] = [
    "get /",
    "get /device",
    "post /device",
    "get /device/{outcome}",
    "get /signin/passkey.js",
    "get /signin/signed-out",
    "get /signin/style.css",
    "get /signin/work.js",
];

#[tokio::test]
async fn every_operation_with_a_limit_answers_429_and_no_other_does() {
    let app = TestApp::with(&ONE_REQUEST).await;
    let documents = documents(&app).await;
    let places = documents.iter().zip([true, false]);
    let places = places.flat_map(|(document, is_public)| {
        operations(document).map(move |(place, operation)| (place, is_public, operation))
    });
    let (mut limited, mut wrong) = (0, Vec::new());
    for (number, (place, is_public, operation)) in (1..).zip(places) {
        let is_described = !operation["responses"]["429"].is_null();
        let is_free = PAGES_WITHOUT_LIMIT.contains(&place.as_str());
        let second = second_answer(&app, &place, (number, is_public)).await;
        let is_refused = second.status == 429;
        if is_refused {
            assert_refusal(&place, &second);
            limited += 1;
        }
        if is_refused != (is_described && !is_free) {
            wrong.push(format!("{place}: {}", second.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(limited > 50, "{limited}");
}

/// Sends the same empty request twice, from an address that sends nothing else.
async fn second_answer(app: &TestApp, place: &str, (number, is_public): (u16, bool)) -> Answer {
    let (method, path) = place.split_once(' ').unwrap();
    let [high, low] = number.to_be_bytes();
    let address = format!("10.{high}.{low}.1");
    let send = async || {
        let method = method.to_uppercase();
        let asked = request(&method, &filled(path), &[("host", "localhost")], "");
        let asked = from(&address, asked);
        if is_public {
            app.send(asked).await
        } else {
            app.send_to_operations(asked).await
        }
    };
    assert_ne!(send().await.status, 429, "{place}");
    send().await
}

/// The status has its code, and the client learns when it can come back.
fn assert_refusal(place: &str, answer: &Answer) {
    assert_eq!(answer.header("retry-after"), Some("60"), "{place}");
    let code = match answer.header("content-type") {
        Some("application/problem+json") => answer.json()["code"].clone(),
        Some("application/json") => answer.json()["error"].clone(),
        page => {
            assert_eq!(page, Some("text/html; charset=utf-8"), "{place}");
            return;
        }
    };
    let expected = ["rate_limited", "temporarily_unavailable"].map(Value::from);
    assert!(expected.contains(&code), "{place}: {}", answer.text);
}
