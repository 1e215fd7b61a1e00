//! One GET request over TLS, with limits of time and size and without redirects. Must not know
//! keys.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AGE, CACHE_CONTROL, ETAG, HOST, IF_NONE_MATCH, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

use super::endpoint::Endpoint;
use super::freshness::fresh_for;
use crate::fetching::FetchError;

impl From<hyper::Error> for FetchError {
    fn from(_: hyper::Error) -> Self {
        Self::Http
    }
}

/// A kind of document, and its limit.
pub(super) struct Wanted {
    accept: &'static str,
    max_bytes: usize,
}

/// A key set, or the metadata of an issuer.
pub(super) const KEY_SET: Wanted = Wanted {
    accept: "application/json, application/jwk-set+json",
    max_bytes: 64 * 1_024,
};

/// A status list in JWT form. Base64url is applied twice to at most 64 KiB of compressed bits.
#[cfg(feature = "status")]
pub(super) const STATUS_LIST: Wanted = Wanted {
    accept: "application/statuslist+jwt",
    max_bytes: 120 * 1_024,
};

/// A server's response.
pub(super) struct Document {
    /// `None` if the document with the `etag` of the request has not changed.
    pub(super) body: Option<Vec<u8>>,
    pub(super) etag: Option<HeaderValue>,
    pub(super) fresh_for: Duration,
}

/// Returns settings that trust the public certificate authorities and `more_roots`.
pub(super) fn tls_config(more_roots: Vec<CertificateDer<'static>>) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for root in more_roots {
        roots.add(root).ok()?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().ok()?;
    let config = config.with_root_certificates(roots);
    Some(Arc::new(config.with_no_client_auth()))
}

/// Fetches a document. With an `etag`, the server sends it only if it has changed.
pub(super) async fn get(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    wanted: &Wanted,
    etag: Option<&HeaderValue>,
) -> Result<Document, FetchError> {
    let attempt = async {
        let request = request(endpoint, wanted, etag).ok_or(FetchError::Http)?;
        let Ok(Ok(stream)) = timeout(CONNECT_TIMEOUT, connect(endpoint, tls)).await else {
            return Err(FetchError::Connect);
        };
        exchange(stream, request, wanted).await
    };
    let outcome = timeout(TOTAL_TIMEOUT, attempt).await;
    outcome.unwrap_or(Err(FetchError::Timeout))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn connect(endpoint: &Endpoint, tls: &Arc<ClientConfig>) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port())).await?;
    if !endpoint.is_secure {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
    let tls = TlsConnector::from(Arc::clone(tls));
    Ok(Box::new(tls.connect(name, stream).await?))
}

fn request(
    endpoint: &Endpoint,
    wanted: &Wanted,
    etag: Option<&HeaderValue>,
) -> Option<Request<String>> {
    let uri = &endpoint.uri;
    let mut request = Request::get(uri.path_and_query().map_or("/", PathAndQuery::as_str))
        .header(HOST, uri.authority()?.as_str())
        .header(ACCEPT, wanted.accept)
        .header(USER_AGENT, "signet-verifier");
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    request.body(String::new()).ok()
}

async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<String>,
    wanted: &Wanted,
) -> Result<Document, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let is_conditional = request.headers().contains_key(IF_NONE_MATCH);
    // Transfers the bytes until this function returns.
    let mut mover = JoinSet::new();
    mover.spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = match parts.status {
        StatusCode::OK => Some(read_body(body, wanted.max_bytes).await?),
        StatusCode::NOT_MODIFIED if is_conditional => None,
        status => return Err(FetchError::Status(status.as_u16())),
    };
    let age = text(&parts.headers, AGE).and_then(|age| age.parse().ok());
    Ok(Document {
        body,
        etag: parts.headers.get(ETAG).cloned(),
        fresh_for: fresh_for(max_age_seconds(&parts.headers), age.unwrap_or(0)),
    })
}

async fn read_body(mut body: Incoming, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        bytes.extend(frame?.into_data().unwrap_or_default());
        if bytes.len() > max_bytes {
            return Err(FetchError::TooLong);
        }
    }
    Ok(bytes)
}

/// Returns `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1).
fn max_age_seconds(headers: &HeaderMap) -> Option<u64> {
    let directives = text(headers, CACHE_CONTROL)?.split(',');
    let mut pairs = directives.filter_map(|directive| directive.trim().split_once('='));
    let (_, seconds) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("max-age"))?;
    seconds.trim_matches('"').parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A host that needs longer to accept a connection is considered down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The first requests of a new service wait no longer than this.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(3);
