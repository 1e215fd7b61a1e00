//! Browsers: which pages may use the cookie, and which may read an answer.

use http::Method;
use serde_json::json;
use signet_tests::{PASSWORD, Reply, Server, StoreChoice, fresh_email};

const OWN: &str = "http://127.0.0.1:8080";
const LISTED: &str = "https://app.example.com";
const FOREIGN: &str = "https://evil.example";
const FOREIGN_ORIGINS: [&str; 3] = [FOREIGN, "null", "https://app.example.com.evil.example"];

fn server(stores: StoreChoice) -> Server {
    stores.serve_with(&[(
        "SIGNET_ALLOWED_ORIGINS",
        "https://app.example.com,https://beta.example.com",
    )])
}

pub(crate) async fn a_foreign_page_cannot_use_the_cookie(stores: StoreChoice) {
    let server = server(stores);
    let api = server.api();
    let account = api.register().await;
    let cookie = format!("signet_refresh={}", account.refresh_token);
    let foreign = [
        vec![("origin", FOREIGN)],
        vec![("origin", "null")],
        vec![("origin", "https://app.example.com.evil.example")],
        vec![("origin", "http://app.example.com")],
        vec![("origin", "https://app.example.com:8443")],
        vec![("origin", FOREIGN), ("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "nonsense")],
    ];
    for headers in foreign {
        for path in ["/auth/refresh", "/auth/logout"] {
            let request = api.request(Method::POST, path).header("cookie", &cookie);
            api.send(with(request, &headers))
                .await
                .problem(403, "csrf_rejected");
        }
        for path in ["/auth/login", "/auth/register"] {
            let body = json!({"email": fresh_email(), "password": PASSWORD});
            let request = with(api.request(Method::POST, path).json(&body), &headers);
            let reply = api.send(request).await;
            reply.problem(403, "csrf_rejected");
            assert_eq!(reply.set_cookies(), []);
        }
    }
    api.refresh(&account.refresh_token).await.expect(200);
}

pub(crate) async fn our_own_pages_and_listed_ones_use_it(stores: StoreChoice) {
    let server = server(stores);
    let api = server.api();
    let mut token = api.register().await.refresh_token;
    for headers in [
        vec![],
        vec![("origin", OWN)],
        vec![("origin", LISTED)],
        vec![
            ("origin", "https://beta.example.com"),
            ("sec-fetch-site", "same-site"),
        ],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", LISTED), ("sec-fetch-site", "cross-site")],
    ] {
        let request = api.request(Method::POST, "/auth/refresh");
        let request = request.header("cookie", format!("signet_refresh={token}"));
        let reply = api.send(with(request, &headers)).await.expect(200);
        token = reply.set_cookie().value;
    }
}

pub(crate) async fn a_token_in_the_body_is_no_matter_of_origins(stores: StoreChoice) {
    let server = server(stores);
    let api = server.api();
    let account = api.register().await;
    let request = api
        .request(Method::POST, "/auth/refresh")
        .header("origin", FOREIGN);
    let body = json!({"refresh_token": account.refresh_token});
    api.send(request.json(&body)).await.expect(200);
}

pub(crate) async fn a_listed_page_reads_the_answer_and_no_other(stores: StoreChoice) {
    let server = server(stores);
    let api = server.api();
    let ask = async |origin: &str| -> Reply {
        api.send(
            api.request(Method::GET, "/auth/me")
                .header("origin", origin),
        )
        .await
    };
    let reply = ask(LISTED).await;
    reply.problem(401, "token_missing");
    assert_eq!(reply.header("access-control-allow-origin"), Some(LISTED));
    assert_eq!(
        reply.header("access-control-allow-credentials"),
        Some("true")
    );
    assert!(varies_by_origin(&reply));
    for origin in [FOREIGN, "null"] {
        let reply = ask(origin).await;
        assert_eq!(
            reply.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            None,
            "{origin}"
        );
    }
}

pub(crate) async fn a_preflight_is_answered_for_listed_pages(stores: StoreChoice) {
    let server = server(stores);
    let api = server.api();
    let ask = async |origin: &str, path: &str, method: &str| -> Reply {
        let request = api
            .request(Method::OPTIONS, path)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        api.send(request).await
    };
    for (path, method) in [
        ("/auth/login", "POST"),
        ("/auth/refresh", "POST"),
        ("/auth/me", "GET"),
        ("/auth/account", "DELETE"),
    ] {
        let reply = ask(LISTED, path, method).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin"), Some(LISTED));
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            Some("true")
        );
        let methods = reply
            .header("access-control-allow-methods")
            .expect("the methods");
        assert!(
            methods.split(',').any(|allowed| allowed.trim() == method),
            "{methods}"
        );
        let headers = reply
            .header("access-control-allow-headers")
            .expect("the headers");
        let headers = headers.to_ascii_lowercase();
        assert!(
            headers.contains("authorization") && headers.contains("content-type"),
            "{headers}"
        );
        assert!(varies_by_origin(&reply));
        for origin in FOREIGN_ORIGINS {
            let foreign = ask(origin, path, method).await;
            let allowed = foreign.header("access-control-allow-origin");
            assert_eq!(allowed, None, "{origin}");
        }
    }
}

pub(crate) async fn without_listed_origins_no_page_reads_an_answer(stores: StoreChoice) {
    let server = stores.serve();
    let request = server
        .api()
        .request(Method::GET, "/auth/me")
        .header("origin", LISTED);
    let reply = server.api().send(request).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    for origin in FOREIGN_ORIGINS {
        let preflight = server
            .api()
            .request(Method::OPTIONS, "/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let reply = server.api().send(preflight).await;
        let allowed = reply.header("access-control-allow-origin");
        assert_eq!(allowed, None, "{origin}");
    }
}

fn with(request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

fn varies_by_origin(reply: &Reply) -> bool {
    let mut varies = reply.headers.get_all("vary").iter();
    varies.any(|value| {
        value
            .to_str()
            .unwrap()
            .to_ascii_lowercase()
            .contains("origin")
    })
}
