//! One GET with every limit it needs: time, size, no redirects, TLS. Knows nothing of keys.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AGE, CACHE_CONTROL, ETAG, HOST, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

use super::endpoint::Endpoint;
use crate::keys::KeysError;

/// Why a fetch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The host was not found or did not answer within 1 s, or TLS failed.
    Connect,
    /// It took more than 3 s in all.
    Timeout,
    /// The answer was no HTTP, or broke off.
    Http,
    /// The status was something else than 200 or 304. Redirects are not followed.
    Status(u16),
    /// The document is longer than 64 KiB.
    TooLong,
    /// The document is no key set, or has no usable key.
    Keys(KeysError),
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => formatter.write_str("cannot connect"),
            Self::Timeout => formatter.write_str("no answer within 3 s"),
            Self::Http => formatter.write_str("the answer broke off or is no HTTP"),
            Self::Status(status) => write!(formatter, "status {status}"),
            Self::TooLong => formatter.write_str("the document is longer than 64 KiB"),
            Self::Keys(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for FetchError {}

/// What a server answered.
pub(super) struct Document {
    /// `None` if it has not changed.
    pub(super) body: Option<Vec<u8>>,
    pub(super) etag: Option<HeaderValue>,
    pub(super) max_age_seconds: Option<u64>,
    pub(super) age_seconds: u64,
}

/// Trusts the web's certificate authorities and `more_roots`.
pub(super) fn tls_config(more_roots: Vec<CertificateDer<'static>>) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for root in more_roots {
        roots.add(root).ok()?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Some(Arc::new(
        versions
            .ok()?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    ))
}

/// Fetches a document, unless the server says that it still is the one of `etag`.
pub(super) async fn get(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    etag: Option<&HeaderValue>,
) -> Result<Document, FetchError> {
    let attempt = async {
        let connected = timeout(CONNECT_TIMEOUT, connect(endpoint, tls)).await;
        let stream = connected.ok().flatten().ok_or(FetchError::Connect)?;
        exchange(stream, request(endpoint, etag)?).await
    };
    timeout(TOTAL_TIMEOUT, attempt)
        .await
        .unwrap_or(Err(FetchError::Timeout))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn connect(endpoint: &Endpoint, tls: &Arc<ClientConfig>) -> Option<Box<dyn Stream>> {
    let tcp = TcpStream::connect((endpoint.host.as_str(), endpoint.port))
        .await
        .ok()?;
    if !endpoint.is_secure {
        return Some(Box::new(tcp));
    }
    let name = ServerName::try_from(endpoint.host.clone()).ok()?;
    let stream = TlsConnector::from(Arc::clone(tls))
        .connect(name, tcp)
        .await
        .ok()?;
    Some(Box::new(stream))
}

fn request(endpoint: &Endpoint, etag: Option<&HeaderValue>) -> Result<Request<String>, FetchError> {
    let mut request = Request::get(&endpoint.path_and_query)
        .header(HOST, &endpoint.authority)
        .header(ACCEPT, "application/json, application/jwk-set+json")
        .header(
            USER_AGENT,
            concat!("signet-verifier/", env!("CARGO_PKG_VERSION")),
        );
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    request.body(String::new()).map_err(|_| FetchError::Http)
}

async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<String>,
) -> Result<Document, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| FetchError::Http)?;
    let mut answer = pin!(async {
        read(
            sender
                .send_request(request)
                .await
                .map_err(|_| FetchError::Http)?,
        )
        .await
    });
    // The connection moves the bytes; what it has read when it ends is still to be had.
    tokio::select! {
        document = &mut answer => document,
        _ = connection => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Result<Document, FetchError> {
    let (parts, body) = response.into_parts();
    let body = match parts.status {
        StatusCode::OK => Some(read_body(body).await?),
        StatusCode::NOT_MODIFIED => None,
        status => return Err(FetchError::Status(status.as_u16())),
    };
    Ok(Document {
        body,
        etag: parts.headers.get(ETAG).cloned(),
        max_age_seconds: max_age_seconds(&parts.headers),
        age_seconds: text(&parts.headers, AGE)
            .and_then(|age| age.parse().ok())
            .unwrap_or(0),
    })
}

async fn read_body(mut body: Incoming) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data = frame
            .map_err(|_| FetchError::Http)?
            .into_data()
            .unwrap_or_default();
        if bytes.len() + data.len() > DOCUMENT_MAX_BYTES {
            return Err(FetchError::TooLong);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// RFC 9111 section 5.2.2.1.
fn max_age_seconds(headers: &HeaderMap) -> Option<u64> {
    text(headers, CACHE_CONTROL)?
        .split(',')
        .find_map(|directive| {
            let (name, value) = directive.split_once('=')?;
            let is_max_age = name.trim().eq_ignore_ascii_case("max-age");
            if is_max_age {
                value.trim().trim_matches('"').parse().ok()
            } else {
                None
            }
        })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A host that does not accept within this is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A cold service keeps its first callers waiting no longer.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(3);
/// As long as a key set may be.
const DOCUMENT_MAX_BYTES: usize = 64 * 1_024;
