//! Posts logout tokens to clients, over TLS or to a program on this machine.
//!
//! One attempt has a deadline and follows no redirect. This module must not know when another attempt
//! is made, nor what a token says.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use signet_core::secret::SecretText;
use signet_flows::logout_sender::{LogoutError, LogoutSender};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use url::{Position, Url};

/// A client that trusts the public certificate authorities.
pub(crate) struct LogoutClient {
    tls: Option<Arc<ClientConfig>>,
}

impl LogoutClient {
    pub(crate) fn new() -> Self {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().ok();
        let config = config.map(|config| config.with_root_certificates(roots));
        Self {
            tls: config.map(|config| Arc::new(config.with_no_client_auth())),
        }
    }

    async fn post(&self, uri: &str, token: &SecretText) -> io::Result<StatusCode> {
        let url = Url::parse(uri).map_err(io::Error::other)?;
        let host = url.host_str().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let port = url.port_or_known_default().unwrap_or_default();
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect((host.as_str(), port))).await??;
        let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::BeforePath])
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(CACHE_CONTROL, "no-store")
            .header(USER_AGENT, "signet")
            // A token is base64url with dots, which a form need not encode.
            .body(Body::from(format!("logout_token={}", token.expose())))
            .map_err(io::Error::other)?;
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let tls = self.tls.clone().ok_or_else(|| io::Error::other("no TLS"))?;
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        exchange(
            TlsConnector::from(tls).connect(name, stream).await?,
            request,
        )
        .await
    }
}

async fn exchange<S>(stream: S, request: Request<Body>) -> io::Result<StatusCode>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let answer = sender.send_request(request);
    tokio::pin!(connection, answer);
    tokio::select! {
        answer = &mut answer => Ok(answer.map_err(io::Error::other)?.status()),
        ended = &mut connection => {
            ended.map_err(io::Error::other)?;
            Ok(answer.await.map_err(io::Error::other)?.status())
        }
    }
}

#[async_trait]
impl LogoutSender for LogoutClient {
    async fn send(&self, uri: &str, token: &SecretText) -> Result<(), LogoutError> {
        match timeout(TOTAL_TIMEOUT, self.post(uri, token)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            // Back-Channel Logout 1.0 section 2.8: the token itself is refused.
            Ok(Ok(StatusCode::BAD_REQUEST)) => Err(LogoutError::Refused(400)),
            Ok(Ok(status)) => Err(LogoutError::Later(status.as_u16())),
            Ok(Err(_)) | Err(_) => Err(LogoutError::Unreachable),
        }
    }
}

/// Silent, because there is nothing to show.
impl fmt::Debug for LogoutClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutClient")
    }
}

/// A server that needs longer to accept a connection is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// For an attempt as a whole: far less than the lease of the worker.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
