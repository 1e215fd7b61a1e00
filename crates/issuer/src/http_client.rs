//! A small HTTP client for servers of this machine: one request, one answer.
//!
//! This module must not know what requests mean.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::tls::{TlsError, TlsFiles, any_server, own_server};

/// A listener of this machine, and how it is reached.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// A listener with the certificate of these files, or of plain HTTP if there are none.
    ///
    /// # Errors
    ///
    /// [`TlsError`] if the files cannot be used.
    pub(crate) fn own(address: SocketAddr, files: Option<&TlsFiles>) -> Result<Self, TlsError> {
        let tls = files.map(own_server).transpose()?;
        Ok(Self { address, tls })
    }

    /// A listener with any certificate. Requests to it must hold no secret.
    ///
    /// # Errors
    ///
    /// Fails if the library cannot use TLS.
    pub(crate) fn any(address: SocketAddr, is_tls: bool) -> io::Result<Self> {
        let tls = is_tls.then(any_server).transpose();
        let tls = tls.map_err(io::Error::other)?;
        Ok(Self { address, tls })
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.address)
    }
}

/// The answer of a server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

/// Requests a path with `GET`.
///
/// # Errors
///
/// Fails if the server does not answer in HTTP.
pub(crate) async fn get(target: &Target, path: &str) -> io::Result<Answer> {
    let request = Request::get(path).body(Body::empty());
    send(target, request.map_err(io::Error::other)?).await
}

/// Sends a request, and returns the response as soon as it begins. The bodies of both are sent at
/// the same time.
///
/// # Errors
///
/// Fails if the server does not answer in HTTP.
pub(crate) async fn open(target: &Target, request: Request<Body>) -> io::Result<Response<Body>> {
    let (mut sender, connection) = connect(target).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
    let request = addressed(target.address, request)?;
    let response = sender.send_request(request).await;
    Ok(response.map_err(io::Error::other)?.map(Body::new))
}

/// Sends a request. The caller limits the time.
///
/// # Errors
///
/// Fails if the server does not answer in HTTP, or if the answer is longer than any of Signet.
pub(crate) async fn send(target: &Target, request: Request<Body>) -> io::Result<Answer> {
    let request = addressed(target.address, request)?;
    let (mut sender, connection) = connect(target).await?;
    let exchange = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect();
        let body = body.await.map_err(io::Error::other)?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, body })
    };
    tokio::pin!(connection);
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => return answer,
        ended = &mut connection => ended.map_err(io::Error::other)?,
    }
    // The connection ended without an error, so the answer is complete.
    exchange.await
}

async fn connect(
    target: &Target,
) -> io::Result<(
    SendRequest<Body>,
    Connection<TokioIo<Box<dyn Stream>>, Body>,
)> {
    let stream = TcpStream::connect(target.address).await?;
    let stream: Box<dyn Stream> = match &target.tls {
        None => Box::new(stream),
        Some(config) => {
            let name = ServerName::from(target.address.ip());
            let connector = TlsConnector::from(Arc::clone(config));
            Box::new(connector.connect(name, stream).await?)
        }
    };
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    handshake.map_err(io::Error::other)
}

/// A connection, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The request with the headers that every request has.
fn addressed(address: SocketAddr, mut request: Request<Body>) -> io::Result<Request<Body>> {
    let host = HeaderValue::try_from(address.to_string()).map_err(io::Error::other)?;
    request.headers_mut().insert(HOST, host);
    let close = HeaderValue::from_static("close");
    request.headers_mut().insert(CONNECTION, close);
    Ok(request)
}

/// Returns the address of a listener as seen from this machine: a listener on every address is also
/// on loopback.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The longest page of a list is shorter.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_asked_on_loopback() {
        let asked = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("192.0.2.1:8080"), "192.0.2.1:8080");
    }
}
