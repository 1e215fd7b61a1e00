//! A client of the HTTP interface that does nothing by itself: no cookies, no redirects, no
//! second tries.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Method;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::reply::Reply;

/// The password of every account that a test has made, unless it says something else.
pub const PASSWORD: &str = "engine no. 9 steams";

/// Talks to one issuer.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    address: SocketAddr,
    client: Client,
}

impl Api {
    /// Talks to the issuer at this address.
    pub fn at(address: SocketAddr) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WITHIN)
            .build()
            .expect("a client");
        Self {
            base: format!("http://{address}"),
            address,
            client,
        }
    }

    /// Where it is, for tests that write their own bytes.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is, as the beginning of a URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be completed by the test and sent with [`send`](Self::send).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request; there must be an answer.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        Reply::read(request.send().await.expect("an answer")).await
    }

    /// Sends a request; the issuer may die meanwhile.
    pub async fn try_send(&self, request: RequestBuilder) -> Option<Reply> {
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.ok()?.to_vec();
        Some(Reply {
            status,
            headers,
            body,
        })
    }

    /// `GET path` without anything else.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `GET path` with an access token.
    pub async fn get_as(&self, path: &str, access_token: &str) -> Reply {
        self.send(self.request(Method::GET, path).bearer_auth(access_token))
            .await
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// `POST path` with an access token and a JSON body.
    pub async fn post_as(&self, path: &str, access_token: &str, body: &Value) -> Reply {
        self.send(
            self.request(Method::POST, path)
                .bearer_auth(access_token)
                .json(body),
        )
        .await
    }

    /// `PATCH path` with an access token and a JSON body.
    pub async fn patch_as(&self, path: &str, access_token: &str, body: &Value) -> Reply {
        let request = self.request(Method::PATCH, path);
        self.send(request.bearer_auth(access_token).json(body))
            .await
    }

    /// `POST path` with a form.
    pub async fn post_form(&self, path: &str, form: &str) -> Reply {
        let request = self.request(Method::POST, path);
        self.send(with_form(request, form)).await
    }

    /// `POST path` with a form, and with the id and the secret of a client in the header.
    pub async fn post_form_as(&self, path: &str, client: (&str, &str), form: &str) -> Reply {
        let request = self.request(Method::POST, path);
        let request = request.basic_auth(client.0, Some(client.1));
        self.send(with_form(request, form)).await
    }

    /// `DELETE path` with an access token.
    pub async fn delete_as(&self, path: &str, access_token: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).bearer_auth(access_token))
            .await
    }

    /// `POST path` with the refresh cookie and nothing else.
    pub async fn post_with_cookie(&self, path: &str, cookie: &str) -> Reply {
        self.send(self.request(Method::POST, path).header("cookie", cookie))
            .await
    }

    /// Registers a new account, the refresh token delivered in the body.
    pub async fn register(&self) -> Account {
        let email = fresh_email();
        let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
        let reply = self.post("/auth/register", &body).await.expect(201);
        Account::read(email, &reply)
    }

    /// Signs in to an account: another session.
    pub async fn login(&self, email: &str) -> Account {
        let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
        let reply = self.post("/auth/login", &body).await.expect(200);
        Account::read(email.to_owned(), &reply)
    }

    /// Refreshes with a token in the body.
    pub async fn refresh(&self, refresh_token: &str) -> Reply {
        self.post("/auth/refresh", &json!({"refresh_token": refresh_token}))
            .await
    }

    /// Refreshes, which must work, and gives the next refresh token.
    #[track_caller]
    pub fn next_token(&self, refresh_token: &str) -> impl Future<Output = String> {
        let refreshed = self.refresh(refresh_token);
        async { refreshed.await.expect(200).member("refresh_token") }
    }

    /// An answer that raced with the end of its session: a refusal with this code, or tokens that
    /// are invalid now.
    pub async fn assert_over(&self, answer: &Reply, code: &str) {
        if answer.status != 200 {
            answer.problem(401, code);
            return;
        }
        let refreshed = self.refresh(&answer.member("refresh_token")).await;
        refreshed.problem(401, "session_ended");
        self.me(&answer.member("access_token"))
            .await
            .problem(401, "session_ended");
    }

    /// `GET /auth/me`.
    pub async fn me(&self, access_token: &str) -> Reply {
        self.get_as("/auth/me", access_token).await
    }
}

fn with_form(request: RequestBuilder, form: &str) -> RequestBuilder {
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(form.to_owned())
}

/// An account and one of its sessions.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its email address.
    pub email: String,
    /// The access token of the session.
    pub access_token: String,
    /// The first refresh token of the session.
    pub refresh_token: String,
    /// The id of the session.
    pub session_id: String,
}

impl Account {
    fn read(email: String, reply: &Reply) -> Self {
        let json = reply.json();
        Self {
            id: json["account"]["id"].as_str().expect("an id").to_owned(),
            email,
            access_token: reply.member("access_token"),
            refresh_token: reply.member("refresh_token"),
            session_id: reply.member("session_id"),
        }
    }
}

/// An address that no other test has used.
pub fn fresh_email() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    format!(
        "person-{}@example.com",
        MADE.fetch_add(1, Ordering::Relaxed)
    )
}

/// The value of an `Authorization` header.
pub fn bearer(access_token: &str) -> String {
    format!("Bearer {access_token}")
}

/// No answer takes longer than this, however busy the machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
