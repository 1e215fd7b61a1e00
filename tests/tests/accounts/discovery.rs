//! What other services and gateways read before they trust us.

use http::Method;
use serde_json::{Value, json};
use signet_tests::{Api, Stores, read_token};

pub(crate) async fn the_key_set_holds_the_signing_key_and_its_successor(stores: Stores) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let jwks = api.get("/.well-known/jwks.json").await.expect(200).json();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "active and next");
    for key in keys {
        let mut names: Vec<_> = key
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"], &key["e"]),
            (
                &json!("RSA"),
                &json!("RS256"),
                &json!("sig"),
                &json!("AQAB")
            )
        );
        // 2,048 bits in base64url
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
    }
    let (header, _) = read_token(&account.access_token);
    assert!(keys.iter().any(|key| key["kid"] == header["kid"]));
}

pub(crate) async fn the_key_set_is_cached_for_minutes_and_revalidated_for_free(stores: Stores) {
    let server = stores.serve();
    let api = server.api();
    let reply = api.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(
        reply.header("cache-control"),
        Some("public, max-age=300, stale-if-error=3600")
    );
    let tag = reply.header("etag").expect("an ETag");
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2,
        "a strong tag: {tag}"
    );

    let ask = |tag: String| {
        let request = api.request(Method::GET, "/.well-known/jwks.json");
        api.send(request.header("if-none-match", tag))
    };
    for known in [
        tag.to_owned(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let unchanged = ask(known).await.expect(304);
        assert_eq!(unchanged.body, b"");
        assert_eq!(unchanged.header("etag"), Some(tag));
    }
    ask("\"other\"".to_owned()).await.expect(200);
    let head = api
        .send(api.request(Method::HEAD, "/.well-known/jwks.json"))
        .await
        .expect(200);
    assert_eq!(head.body, b"");
}

pub(crate) async fn the_metadata_announces_what_works(stores: Stores) {
    let server = stores.serve_with(&[("SIGNET_PUBLIC_URL", "https://auth.example.com")]);
    let api = server.api();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let metadata = api.get(path).await.expect(200).json();
        assert_eq!(metadata["issuer"], "https://auth.example.com", "{path}");
        assert_eq!(
            metadata["jwks_uri"],
            "https://auth.example.com/.well-known/jwks.json"
        );
        assert_eq!(metadata["response_types_supported"], json!([]));
        assert_eq!(metadata["authorization_endpoint"], Value::Null);
        for (name, url) in metadata.as_object().unwrap() {
            assert!(
                !name.ends_with("_endpoint") || is_served(api, url).await,
                "{name}: {url}"
            );
        }
    }
}

/// Whether something answers at this URL of the issuer.
async fn is_served(api: &Api, url: &Value) -> bool {
    let path = url
        .as_str()
        .and_then(|url| url.strip_prefix("https://auth.example.com"));
    let request = api.request(Method::POST, path.expect("a URL of the issuer"));
    api.send(request).await.status != 404
}

pub(crate) async fn every_page_may_read_all_of_it(stores: Stores) {
    let server = stores.serve();
    for path in [
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let request = server
            .api()
            .request(Method::GET, path)
            .header("origin", "https://any.example");
        let reply = server.api().send(request).await.expect(200);
        assert_eq!(
            reply.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            None,
            "{path}"
        );
    }
}

pub(crate) async fn health_is_answered_to_everybody(stores: Stores) {
    let server = stores.serve();
    server.api().get("/healthz").await.expect(200);
}
