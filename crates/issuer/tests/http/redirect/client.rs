//! A client that sends browsers to the server and redeems codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::browser::Browser;
use crate::admin::Admin;
use crate::oauth::FORM;
use crate::support::{Answer, TestApp, request};

pub(crate) const CALLBACK: &str = "https://wiki.example/cb";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a client asks for that goes on while the person is away.
pub(crate) const OFFLINE: [(&str, &str); 1] = [("scope", "openid offline_access pages:read")];

/// A client and its secret.
pub(crate) struct Web {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Web {
    /// Registers a client of the operator.
    pub(crate) async fn own(app: &TestApp) -> Self {
        Self::register(app, "wiki", &json!({"first_party": true})).await
    }

    /// Registers a third party's client.
    pub(crate) async fn foreign(app: &TestApp) -> Self {
        Self::register(app, "wiki", &json!({})).await
    }

    /// Registers a client with these fields besides the usual ones.
    pub(crate) async fn register(app: &TestApp, id: &str, fields: &Value) -> Self {
        let mut new = json!({
            "client_id": id,
            "name": "The <Wiki>",
            "grants": ["refresh_token"],
            "scopes": ["pages:read"],
            "audiences": ["wiki", "https://files.example"],
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://wiki.example/bye"],
        });
        for (name, value) in fields.as_object().unwrap() {
            new[name] = value.clone();
        }
        let admin = Admin::of(app);
        let added = admin.ask("POST", "/admin/clients", &new.to_string()).await;
        assert_eq!(added.status, 201, "{}", added.text);
        let secret = added.json()["client_secret"].as_str().map(str::to_owned);
        Self {
            id: id.to_owned(),
            secret: secret.unwrap_or_default(),
        }
    }

    /// The address to which the client sends a browser.
    pub(crate) fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email pages:read"),
            ("state", "st&te=1"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let is_changed = |name: &str| changes.iter().any(|(known, _)| *known == name);
        let mut query = Serializer::new(String::new());
        query.extend_pairs(usual.iter().filter(|(name, _)| !is_changed(name)));
        query.extend_pairs(changes.iter().filter(|(_, value)| *value != "-"));
        format!("/oauth/authorize?{}", query.finish())
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, app: &TestApp, code: &str) -> Answer {
        self.redeem_with(app, code, CALLBACK, VERIFIER).await
    }

    /// Redeems a code with this proof.
    pub(crate) async fn redeem_with(
        &self,
        app: &TestApp,
        code: &str,
        uri: &str,
        verifier: &str,
    ) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", uri),
            ("code_verifier", verifier),
        ];
        self.ask(app, "/oauth/token", &form).await
    }

    /// Refreshes the session of an answer.
    pub(crate) async fn refresh(&self, app: &TestApp, tokens: &Answer) -> Answer {
        let refresh_token = tokens.member("refresh_token");
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
        ];
        self.ask(app, "/oauth/token", &form).await
    }

    /// A browser in which a person signs in and allows the client what it asks for, and the tokens.
    pub(crate) async fn allowed(&self, app: &TestApp, email: &str) -> (Browser, Answer) {
        let mut browser = Browser::default();
        let page = browser.visit(app, &self.authorize(&OFFLINE)).await;
        let consent = browser.sign_in(app, &page, email).await;
        assert_eq!(consent.heading(), "Allow access?");
        let allowed = browser.submit(app, &consent, &[("decision", "allow")]);
        let sent = allowed.await.to_client(CALLBACK);
        let tokens = self.redeem(app, &sent["code"]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.text);
        (browser, tokens)
    }

    /// Sends a form to an endpoint.
    pub(crate) async fn ask(&self, app: &TestApp, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut body = Serializer::new(String::new());
        body.extend_pairs(form).append_pair("client_id", &self.id);
        if !self.secret.is_empty() {
            body.append_pair("client_secret", &self.secret);
        }
        app.send(request("POST", path, &[FORM], &body.finish()))
            .await
    }
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Reads about the person with an access token.
pub(crate) async fn userinfo(app: &TestApp, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    app.send(request("GET", "/oauth/userinfo", &headers, ""))
        .await
}
