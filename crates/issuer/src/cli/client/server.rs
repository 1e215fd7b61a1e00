//! The clients of a running server, changed through its administration API.
//!
//! This module must not know stores.

use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use signet_core::names::ClientId;
use signet_core::secret::SecretText;
use signet_flows::clients::ManageError;
use tokio::net::TcpStream;

use crate::http_client::{Answer, send};

/// A server that answers at its operations listener.
pub(super) struct Server {
    address: SocketAddr,
    token: SecretText,
}

impl Server {
    /// Whether anything listens at `address`.
    pub(super) async fn listens(address: SocketAddr) -> bool {
        TcpStream::connect(address).await.is_ok()
    }

    /// The server at `address`, if it accepts this token.
    ///
    /// # Errors
    ///
    /// Fails if no server answers there or if it refuses the token.
    pub(super) async fn at(address: SocketAddr, token: SecretText) -> Result<Self, Box<dyn Error>> {
        let server = Self { address, token };
        server
            .ask(Method::GET, "/admin/clients?limit=1", None)
            .await?;
        Ok(server)
    }

    /// Every client.
    pub(super) async fn list(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut clients = Vec::new();
        let mut path = "/admin/clients?limit=100".to_owned();
        loop {
            let page = self.ask(Method::GET, &path, None).await?;
            if let Some(Value::Array(found)) = page.get("clients") {
                clients.extend(found.iter().cloned());
            }
            match page.get("next").and_then(Value::as_str) {
                Some(next) => path = format!("/admin/clients?limit=100&after={}", encoded(next)),
                None => return Ok(clients),
            }
        }
    }

    /// Registers a client.
    pub(super) async fn add(&self, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, "/admin/clients", Some(body)).await
    }

    /// Shows a client.
    pub(super) async fn show(&self, id: &ClientId) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::GET, &path(id, ""), None).await
    }

    /// Rotates the secret of a client.
    pub(super) async fn rotate(
        &self,
        id: &ClientId,
        body: &Value,
    ) -> Result<Value, Box<dyn Error>> {
        let path = path(id, "/rotate-secret");
        self.ask(Method::POST, &path, Some(body)).await
    }

    /// Disables or enables a client.
    pub(super) async fn switch(&self, id: &ClientId, to: &str) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, &path(id, to), None).await
    }

    /// Removes a client.
    pub(super) async fn delete(&self, id: &ClientId) -> Result<(), Box<dyn Error>> {
        let gone = self.ask(Method::DELETE, &path(id, ""), None).await?;
        drop(gone);
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Box<dyn Error>> {
        let answer = self.accepted(self.send(method, path, body).await?)?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_str(&answer.body)?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        let bearer = format!("Bearer {}", self.token.expose());
        request = request.header(AUTHORIZATION, bearer);
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).map_err(std::io::Error::other)?;
        let answer = tokio::time::timeout(DEADLINE, send(self.address, request)).await;
        answer.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Returns the answer, or an error that says what to do.
    fn accepted(&self, answer: Answer) -> Result<Answer, String> {
        if answer.status.is_success() {
            return Ok(answer);
        }
        let problem: Option<Value> = serde_json::from_str(&answer.body).ok();
        let text = |name: &str| problem.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let address = self.address;
        match (answer.status, text("detail")) {
            (StatusCode::UNAUTHORIZED, Some(detail)) => Err(format!(
                "the server at http://{address} refuses the token of the configured keys folder: \
                 {detail}; use the configuration of that server, or --offline for the store"
            )),
            (StatusCode::NOT_FOUND, Some(_)) if text("code").as_deref() == Some("not_found") => {
                Err(ManageError::Unknown.to_string())
            }
            (_, Some(detail)) => Err(format!("{}{detail}", fields(problem.as_ref()))),
            (status, None) => Err(format!(
                "http://{address} answers {status} and is no operations listener of Signet; set \
                 ops_listen or --endpoint, or use --offline for the store"
            )),
        }
    }
}

/// The invalid fields of a problem, with their messages.
fn fields(problem: Option<&Value>) -> String {
    let errors = problem.and_then(|problem| problem.get("errors")?.as_array());
    let named = errors.into_iter().flatten().filter_map(|error| {
        let field = error.get("field")?.as_str()?;
        Some(format!("{field} {}: ", error.get("message")?.as_str()?))
    });
    named.collect()
}

fn path(id: &ClientId, rest: &str) -> String {
    format!("/admin/clients/{}{rest}", encoded(id.as_str()))
}

/// Of the characters of a client id only these two need encoding in a URL.
fn encoded(id: &str) -> String {
    id.replace('/', "%2F").replace(':', "%3A")
}

/// Longer than the deadline of any request of the administration API.
const DEADLINE: Duration = Duration::from_secs(30);
