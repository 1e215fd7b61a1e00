//! A server as commands ask it: through its administration API, over its operations listener or in
//! this process.
//!
//! This module must not know what is asked.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;
use signet_core::secret::SecretText;
use tokio::net::TcpStream;
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::error::Code;
use crate::http_client::{Answer, Target, open, send};
use crate::middleware::service::ListenerService;

/// A server that accepts the token of this machine's keys folder.
pub(super) struct Server {
    reached: Reached,
    token: SecretText,
    /// What is said when a path leads to nothing.
    unknown: String,
}

/// How a server is reached.
enum Reached {
    /// It listens here.
    At(Target),
    /// No server runs, and this process does what one would do.
    Here(ListenerService),
}

/// An administration API has refused something.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refused {
    /// The stable code, if it answered with one.
    pub(super) code: Option<String>,
    message: String,
}

impl Server {
    /// Whether anything listens at `address`.
    pub(super) async fn listens(address: SocketAddr) -> bool {
        TcpStream::connect(address).await.is_ok()
    }

    /// The server at `target`, which is asked with this token. `unknown` is what is said when it
    /// does not find something.
    ///
    /// # Errors
    ///
    /// When it is no server that accepts the token.
    pub(super) async fn at(
        target: Target,
        token: SecretText,
        unknown: &dyn Display,
    ) -> Result<Self, Box<dyn Error>> {
        let server = Self {
            reached: Reached::At(target),
            token,
            unknown: unknown.to_string(),
        };
        let asked = server.ask(Method::GET, "/admin/clients?limit=1", None);
        let elsewhere = format!("{} {NAME_ANOTHER}", server.reached);
        let asked = asked.await.map_err(|error| not_found_as(&elsewhere, error));
        asked.map(|_| server)
    }

    /// What a server would be in this process.
    pub(super) fn here(
        operations: ListenerService,
        token: SecretText,
        unknown: &dyn Display,
    ) -> Self {
        Self {
            reached: Reached::Here(operations),
            token,
            unknown: unknown.to_string(),
        }
    }

    /// What is said when something that is looked for in a list is not there.
    pub(super) fn not_found(&self) -> Refused {
        Refused {
            code: Some("not_found".to_owned()),
            message: self.unknown.clone(),
        }
    }

    /// Every element of the list at `path`, page by page. The path has a query already.
    pub(super) async fn all(&self, path: &str, member: &str) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut all = Vec::new();
        let mut next = path.to_owned();
        loop {
            let page = self.ask(Method::GET, &next, None).await?;
            if let Some(Value::Array(found)) = page.get(member) {
                all.extend(found.iter().cloned());
            }
            match page.get("next").and_then(Value::as_str) {
                Some(after) => next = format!("{path}&after={}", encoded(after)),
                None => return Ok(all),
            }
        }
    }

    /// Asks for something, with a body of JSON if there is one. An answer without a body is null.
    ///
    /// # Errors
    ///
    /// [`Refused`], or that the server does not answer.
    pub(super) async fn ask(
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

    /// Sends a request and returns the body of the response as it arrives.
    ///
    /// # Errors
    ///
    /// [`Refused`], or that the server does not answer.
    pub(super) async fn stream(
        &self,
        (method, path): (Method, &str),
        content: Option<(&'static str, Body)>,
    ) -> Result<Body, Box<dyn Error>> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(AUTHORIZATION, format!("Bearer {}", self.token.expose()));
        let mut body = Body::empty();
        if let Some((content_type, content)) = content {
            request = request.header(CONTENT_TYPE, content_type);
            body = content;
        }
        let response = self.reached.open(request.body(body)?).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.into_body());
        }
        let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await?;
        let body = String::from_utf8_lossy(&body).into_owned();
        self.accepted(Answer { status, body })?;
        Ok(Body::empty())
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
        let answer = tokio::time::timeout(DEADLINE, self.reached.send(request)).await;
        answer.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Returns the answer, or an error that says what to do.
    fn accepted(&self, answer: Answer) -> Result<Answer, Refused> {
        if answer.status.is_success() {
            return Ok(answer);
        }
        let problem: Option<Value> = serde_json::from_str(&answer.body).ok();
        let text = |name: &str| problem.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let code = text("code");
        let place = &self.reached;
        let message = match (answer.status, text("detail")) {
            // Such a token has no session: all of its client were denied until now.
            (StatusCode::UNAUTHORIZED, Some(_)) if code.as_deref() == Some("session_ended") => {
                format!(
                    "the server at {place} denies the tokens that the command line has made until \
                     now, as after `signet client delete` or a restore; run the command again in 3 \
                     seconds"
                )
            }
            (StatusCode::UNAUTHORIZED, Some(detail)) => format!(
                "the server at {place} refuses the token of the configured keys folder: {detail}; \
                 use the configuration of that server, or --offline for the store"
            ),
            // The usual detail is about a path, which people do not see.
            (StatusCode::NOT_FOUND, Some(detail)) if detail == Code::NotFound.detail() => {
                self.unknown.clone()
            }
            (_, Some(detail)) => format!("{detail}{}", fields(problem.as_ref())),
            (status, None) => format!("{place} answers {status} and {NAME_ANOTHER}"),
        };
        Err(Refused { code, message })
    }
}

impl Reached {
    /// Sends a request and returns the response as soon as it begins.
    async fn open(&self, mut request: Request<Body>) -> std::io::Result<Response<Body>> {
        let service = match self {
            Self::At(target) => return open(target, request).await,
            Self::Here(service) => service.clone(),
        };
        let host = HeaderValue::from_static("localhost");
        request.headers_mut().insert(HOST, host);
        let Ok(response) = service.oneshot(request).await;
        Ok(response)
    }

    async fn send(&self, request: Request<Body>) -> std::io::Result<Answer> {
        if let Self::At(target) = self {
            return send(target, request).await;
        }
        let response = self.open(request).await?;
        let status = response.status();
        let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await;
        let body = body.map_err(std::io::Error::other)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, body })
    }
}

impl Display for Reached {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(target) => target.fmt(f),
            Self::Here(_) => f.write_str("this process"),
        }
    }
}

/// Says `sentence` instead, if the error is that something was not found.
pub(super) fn not_found_as(sentence: &str, error: Box<dyn Error>) -> Box<dyn Error> {
    match error.downcast::<Refused>() {
        Ok(refused) if refused.code.as_deref() == Some("not_found") => Refused {
            message: sentence.to_owned(),
            ..*refused
        }
        .into(),
        Ok(refused) => refused,
        Err(error) => error,
    }
}

/// What stands between `/` and `/`, or behind `=`, in a URL.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// The invalid fields of a problem, with their messages, as the end of a sentence.
fn fields(problem: Option<&Value>) -> String {
    let errors = problem.and_then(|problem| problem.get("errors")?.as_array());
    let named = errors.into_iter().flatten().filter_map(|error| {
        let field = error.get("field")?.as_str()?;
        Some(format!(": {field}: {}", error.get("message")?.as_str()?))
    });
    named.collect()
}

/// What is said of an address where no operations listener answers.
const NAME_ANOTHER: &str = "is no operations listener of Signet; name its address with --endpoint, \
                            SIGNET_OPS_LISTEN or ops_listen, or use --offline for the store";
/// Longer than the deadline of any request of the administration API.
const DEADLINE: Duration = Duration::from_secs(30);
/// A page of the longest list has less.
const MAX_BODY_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refused_token_says_what_denied_it() {
        let target = Target::own("127.0.0.1:9090".parse().unwrap(), None).unwrap();
        let server = Server {
            reached: Reached::At(target),
            token: SecretText::new("token".to_owned()),
            unknown: String::new(),
        };
        let said = |code: &str, detail: &str| {
            let status = StatusCode::UNAUTHORIZED;
            let body = json!({"code": code, "detail": detail}).to_string();
            let refused = server.accepted(Answer { status, body }).unwrap_err();
            refused.to_string()
        };
        assert_eq!(
            said("session_ended", "the session has ended; sign in again"),
            "the server at http://127.0.0.1:9090 denies the tokens that the command line has made \
             until now, as after `signet client delete` or a restore; run the command again in 3 \
             seconds"
        );
        assert_eq!(
            said("invalid_token", "the token is invalid"),
            "the server at http://127.0.0.1:9090 refuses the token of the configured keys folder: \
             the token is invalid; use the configuration of that server, or --offline for the store"
        );
    }
}
