//! The metadata is a promise: all that it announces is asked for here, and what it does not
//! announce is refused.

use std::cell::Cell;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use signet_core::client::{Authentication, ClientKeys, GrantType, Permissions};

use super::{FORM, Program, Signer, parsed, sign_in, store};
use crate::redirect::{self, Browser, CALLBACK, Web};
use crate::support::{Answer, TestApp, request};

const ISSUER: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn everything_that_is_announced_works_and_nothing_else() {
    let world = World::begin().await;
    let path = "/.well-known/openid-configuration";
    let document = world.app.get(path).await.json();
    for (name, promised) in document.as_object().unwrap() {
        world.check(name, promised, &document).await;
    }
}

/// A client for each way to prove who one is.
struct World {
    app: TestApp,
    secret: Program,
    public: Program,
    elliptic: Signer,
    rsa: RsaKeyPair,
    assertions: Cell<u32>,
}

impl World {
    async fn begin() -> Self {
        let app = TestApp::start().await;
        Self {
            secret: Program::register(&app, "orders", "api", "api orders").await,
            public: Program::public(&app, "app").await,
            elliptic: Signer::register(&app, "elliptic").await,
            rsa: register_rsa(&app).await,
            assertions: Cell::new(0),
            app,
        }
    }

    /// Holds the server to one member of its metadata.
    async fn check(&self, name: &str, promised: &Value, document: &Value) {
        let endpoint = |name: &str| path_of(&document[name]);
        match name {
            "issuer" => assert_eq!(promised, ISSUER),
            "jwks_uri" => self.check_keys(&path_of(promised)).await,
            "token_endpoint"
            | "revocation_endpoint"
            | "introspection_endpoint"
            | "device_authorization_endpoint"
            | "pushed_authorization_request_endpoint" => {
                let answer = self
                    .app
                    .send(request("POST", &path_of(promised), &[FORM], ""));
                assert_ne!(answer.await.status, 404, "{name}");
            }
            "userinfo_endpoint" => assert_eq!(self.userinfo(&path_of(promised)).await.status, 200),
            "claims_supported" => {
                let shown = self.userinfo(&endpoint("userinfo_endpoint")).await.json();
                let promised = sorted(promised);
                let mut shown = shown.as_object().unwrap().keys();
                assert!(shown.all(|claim| promised.contains(claim)));
                let identity = self.by_redirect(ALL_SCOPES).await.1;
                let said = identity.as_object().unwrap().keys();
                assert_eq!(promised, said.cloned().collect::<Vec<_>>());
            }
            "grant_types_supported" => {
                self.check_grants(&endpoint("token_endpoint"), &texts(promised))
                    .await;
            }
            "scopes_supported" => {
                assert_eq!(texts(promised).join(" "), ALL_SCOPES);
                let access = self.by_redirect(ALL_SCOPES).await.0;
                assert_eq!(access["scope"], ALL_SCOPES);
            }
            "authorization_endpoint" | "end_session_endpoint" => {
                let answer = self.app.get(&path_of(promised)).await;
                assert!([303, 400].contains(&answer.status.as_u16()), "{name}");
            }
            // The tests of sign-in by redirect ask for each of these, and for others.
            "response_types_supported" => assert_eq!(promised, &json!(["code"])),
            "response_modes_supported" => assert_eq!(promised, &json!(["query"])),
            "code_challenge_methods_supported" => assert_eq!(promised, &json!(["S256"])),
            "authorization_response_iss_parameter_supported"
            | "backchannel_logout_supported"
            | "backchannel_logout_session_supported" => assert_eq!(promised, true),
            "request_parameter_supported" | "request_uri_parameter_supported" => {
                assert_eq!(promised, false);
            }
            "prompt_values_supported" => assert_eq!(texts(promised), PROMPTS),
            "ui_locales_supported" => assert_eq!(promised, &json!(["en", "de"])),
            "acr_values_supported" => {
                let identity = self.by_redirect(ALL_SCOPES).await.1;
                assert_eq!(promised[0], identity["acr"]);
            }
            "subject_types_supported" => assert_eq!(promised, &json!(["public"])),
            "id_token_signing_alg_values_supported" => assert_eq!(promised, &json!(["RS256"])),
            name => self.check_proofs(name, &texts(promised), document).await,
        }
    }

    async fn check_keys(&self, path: &str) {
        let keys = self.app.get(path).await.json()["keys"].clone();
        let token = self.ask("/oauth/token", "client_secret_basic", "").await;
        let header = token.member("access_token");
        let header = URL_SAFE_NO_PAD.decode(header.split('.').next().unwrap());
        let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
        let mut keys = keys.as_array().unwrap().iter();
        assert!(keys.any(|key| key["kid"] == header["kid"] && key["alg"] == header["alg"]));
    }

    async fn check_grants(&self, path: &str, promised: &[String]) {
        let granted = self.grants().await;
        // The tests of sign-in by redirect and of devices redeem their codes.
        let device_code = "urn:ietf:params:oauth:grant-type:device_code";
        assert_eq!(promised[..2], ["authorization_code", device_code]);
        assert_eq!(
            promised[2..],
            granted.each_ref().map(|(grant, _, _)| (*grant).to_owned())
        );
        for (grant, client, rest) in &granted {
            let answer = client
                .ask(&self.app, path, &format!("grant_type={grant}{rest}"))
                .await;
            assert_eq!(answer.status, 200, "{grant}: {}", answer.text);
        }
        for grant in ["password", "implicit"] {
            let refused = self
                .secret
                .ask(&self.app, path, &format!("grant_type={grant}"))
                .await;
            assert_eq!(
                refused.oauth_error(),
                (400, "unsupported_grant_type".to_owned())
            );
        }
    }

    /// Each grant, who uses it here, and with what.
    async fn grants(&self) -> [(&'static str, &Program, String); 3] {
        let signed_in = sign_in_again(&self.app).await;
        let subject = signed_in.member("access_token");
        let token_type = "urn:ietf:params:oauth:token-type:access_token";
        let refresh = format!("&refresh_token={}", signed_in.member("refresh_token"));
        let exchange = format!("&subject_token={subject}&subject_token_type={token_type}");
        [
            ("client_credentials", &self.secret, String::new()),
            ("refresh_token", &self.public, refresh),
            (
                "urn:ietf:params:oauth:grant-type:token-exchange",
                &self.secret,
                exchange,
            ),
        ]
    }

    /// Ways to prove who one is, or algorithms of assertions, at one of the endpoints.
    async fn check_proofs(&self, name: &str, promised: &[String], document: &Value) {
        let (endpoint, what) = name.split_once("_endpoint_auth_").unwrap_or_else(|| {
            unreachable!("{name} is announced and never asked for");
        });
        let path = path_of(&document[format!("{endpoint}_endpoint")]);
        let algorithms = ["RS256", "ES256"];
        match what {
            "methods_supported" => {
                for method in METHODS {
                    let answer = self.ask(&path, method, "ES256").await;
                    let works = answer.status == 200;
                    let is_promised = promised.iter().any(|it| it == method);
                    assert_eq!(works, is_promised, "{method} at {path}: {}", answer.text);
                }
            }
            "signing_alg_values_supported" => {
                assert_eq!(promised, algorithms);
                for algorithm in algorithms {
                    let answer = self.ask(&path, "private_key_jwt", algorithm).await;
                    assert_eq!(answer.status, 200, "{algorithm} at {path}: {}", answer.text);
                }
            }
            other => unreachable!("{other} is announced and never asked for"),
        }
    }

    /// Asks an endpoint for what it is there for, proving who is asking in this way.
    async fn ask(&self, path: &str, method: &str, algorithm: &str) -> Answer {
        let mut form = match (path, method) {
            ("/oauth/token", "none") => {
                let signed_in = sign_in_again(&self.app).await;
                format!(
                    "grant_type=refresh_token&refresh_token={}",
                    signed_in.member("refresh_token")
                )
            }
            ("/oauth/token", _) => "grant_type=client_credentials".to_owned(),
            _ => "token=garbage".to_owned(),
        };
        let basic = self.secret.basic();
        let mut headers = vec![FORM];
        match method {
            "client_secret_basic" => headers.push(("authorization", &basic)),
            "client_secret_post" => {
                let secret = self.secret.secret.as_deref().unwrap();
                form = format!("{form}&client_id=orders&client_secret={secret}");
            }
            "private_key_jwt" => form += &self.assertion(algorithm),
            _ => form += "&client_id=app",
        }
        self.app.send(request("POST", path, &headers, &form)).await
    }

    fn assertion(&self, algorithm: &str) -> String {
        let jti = self.assertions.get().to_string();
        self.assertions.set(self.assertions.get() + 1);
        let assertion = match algorithm {
            "ES256" => self.elliptic.assertion("elliptic", &jti),
            _ => assertion_by_rsa(&self.rsa, &jti),
        };
        format!(
            "&client_assertion={assertion}\
             &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        )
    }

    /// The claims of an access token and of an ID token that a client got by redirect.
    async fn by_redirect(&self, scope: &str) -> (Value, Value) {
        let number = self.assertions.get();
        self.assertions.set(number + 1);
        let fields = json!({"first_party": true, "scopes": ["account"]});
        let web = Web::register(&self.app, &format!("web{number}"), &fields).await;
        let name = format!("redirect{number}");
        sign_in_by_default(&self.app, &name).await;
        let mut browser = Browser::default();
        let page = browser
            .visit(&self.app, &web.authorize(&[("scope", scope)]))
            .await;
        let email = format!("{name}@example.com");
        let sent = browser
            .sign_in(&self.app, &page, &email)
            .await
            .to_client(CALLBACK);
        let tokens = web.redeem(&self.app, &sent["code"]).await;
        let claims = |name| redirect::claims(&tokens.member(name));
        (claims("access_token"), claims("id_token"))
    }

    async fn userinfo(&self, path: &str) -> Answer {
        let signed_in = sign_in_by_default(&self.app, "userinfo").await;
        let bearer = format!("Bearer {}", signed_in.member("access_token"));
        let headers = [("authorization", bearer.as_str())];
        self.app.send(request("GET", path, &headers, "")).await
    }
}

const ALL_SCOPES: &str = "account openid profile email offline_access";
const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];
const METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];
const PASSWORD: &str = "engine no. 9 steams";

/// Signs in with the server's own client; the account is made if it is not there.
async fn sign_in_by_default(app: &TestApp, name: &str) -> Answer {
    let body = json!({
        "email": format!("{name}@example.com"), "password": PASSWORD, "name": name,
        "token_delivery": "body",
    });
    let registered = app.post("/auth/register", &body.to_string()).await;
    if registered.status == 201 {
        return registered;
    }
    app.post("/auth/login", &body.to_string()).await
}

/// Signs in with the public client, to an account that is there or not.
async fn sign_in_again(app: &TestApp) -> Answer {
    let registered = sign_in(app, "app").await;
    if registered.status == 201 {
        return registered;
    }
    let body = json!({
        "email": "app@example.com", "password": PASSWORD, "client_id": "app",
        "token_delivery": "body",
    });
    app.post("/auth/login", &body.to_string()).await
}

/// A client with an RSA key.
async fn register_rsa(app: &TestApp) -> RsaKeyPair {
    let pem = include_str!("../../../../core/tests/keys/0.private.pem");
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let public = pair.public_key();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwks = json!({"keys": [{
        "kty": "RSA",
        "n": number(public.modulus().big_endian_without_leading_zero()),
        "e": number(public.exponent().big_endian_without_leading_zero()),
    }]});
    let permissions = Permissions {
        grants: vec![GrantType::ClientCredentials],
        audiences: parsed("orders"),
        ..Permissions::default()
    };
    let keys = ClientKeys::from_jwks(&jwks.to_string()).unwrap();
    store(app, "rsa", permissions, Authentication::PrivateKey(keys)).await;
    pair
}

fn assertion_by_rsa(pair: &RsaKeyPair, jti: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": "rsa", "sub": "rsa", "aud": ISSUER, "jti": jti, "exp": 1_800_000_060,
    });
    let signed = format!("{}.{}", part(json!({"alg": "RS256"})), part(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn path_of(url: &Value) -> String {
    url.as_str()
        .unwrap()
        .strip_prefix(ISSUER)
        .unwrap()
        .to_owned()
}

fn texts(values: &Value) -> Vec<String> {
    let values = values.as_array().unwrap().iter();
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

fn sorted(values: &Value) -> Vec<String> {
    let mut texts = texts(values);
    texts.sort();
    texts
}
