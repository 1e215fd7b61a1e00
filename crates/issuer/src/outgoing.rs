//! Requests to servers on other machines: one attempt, no redirect.
//!
//! The caller limits the time of an attempt. This module must not know what is sent.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use url::{Position, Url};

/// How servers are reached, and which certificate authorities are trusted.
pub(crate) struct Outgoing {
    tls: Option<Arc<ClientConfig>>,
}

/// A request.
pub(crate) struct Post<'a> {
    /// Where to; https, or http for a server that is reached without TLS.
    pub(crate) url: &'a str,
    /// The type of the body.
    pub(crate) content_type: &'static str,
    /// What is sent.
    pub(crate) body: Vec<u8>,
}

/// An answer whose body is not read yet. The connection ends with it.
pub(crate) struct OutgoingAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    _connection: JoinSet<()>,
}

/// Silent, because there is nothing to show.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outgoing")
    }
}

impl Outgoing {
    /// Trusts the public certificate authorities.
    pub(crate) fn trusting_public() -> Self {
        Self::with(RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        })
    }

    /// Trusts the certificate authorities of a PEM file and no other.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or holds no certificate authority.
    pub(crate) fn trusting(file: &Path) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
            let certificate = certificate.map_err(io::Error::other)?;
            roots.add(certificate).map_err(io::Error::other)?;
        }
        if roots.is_empty() {
            return Err(io::Error::other("the file holds no certificate"));
        }
        Ok(Self::with(roots))
    }

    fn with(roots: RootCertStore) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().ok();
        let config = config.map(|config| config.with_root_certificates(roots));
        Self {
            tls: config.map(|config| Arc::new(config.with_no_client_auth())),
        }
    }

    /// Sends a request, and returns the status of the answer.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer in HTTP.
    pub(crate) async fn post(&self, post: Post<'_>) -> io::Result<StatusCode> {
        Ok(self.ask(post).await?.status)
    }

    /// Sends a request, and returns the answer as soon as it begins.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer in HTTP.
    pub(crate) async fn ask(&self, post: Post<'_>) -> io::Result<OutgoingAnswer> {
        let url = Url::parse(post.url).map_err(io::Error::other)?;
        let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
            .header(CONTENT_TYPE, post.content_type)
            .header(CACHE_CONTROL, "no-store")
            .body(Body::from(post.body))
            .map_err(io::Error::other)?;
        self.send(&url, request).await
    }

    /// Requests a URL with `GET` and one header, and returns the answer as soon as it begins.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer in HTTP.
    pub(crate) async fn get(
        &self,
        url: &Url,
        header: (HeaderName, HeaderValue),
    ) -> io::Result<OutgoingAnswer> {
        self.send(url, get_request(url, header)?).await
    }

    /// Sends a GET request to the first of these addresses that accepts a connection. The name of the
    /// host is not resolved again.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer in HTTP.
    pub(crate) async fn get_at(
        &self,
        addresses: &[SocketAddr],
        url: &Url,
        header: (HeaderName, HeaderValue),
    ) -> io::Result<OutgoingAnswer> {
        let request = get_request(url, header)?;
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses)).await??;
        self.send_over(stream, url, request).await
    }

    async fn send(&self, url: &Url, request: Request<Body>) -> io::Result<OutgoingAnswer> {
        let place = (host(url), url.port_or_known_default().unwrap_or_default());
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(place)).await??;
        self.send_over(stream, url, request).await
    }

    async fn send_over(
        &self,
        stream: TcpStream,
        url: &Url,
        mut request: Request<Body>,
    ) -> io::Result<OutgoingAnswer> {
        let authority = &url[Position::BeforeHost..Position::BeforePath];
        let authority = HeaderValue::try_from(authority).map_err(io::Error::other)?;
        request.headers_mut().insert(HOST, authority);
        let program = HeaderValue::from_static("signet");
        request.headers_mut().insert(USER_AGENT, program);
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let tls = self.tls.clone().ok_or_else(|| io::Error::other("no TLS"))?;
        let name = ServerName::try_from(host(url).to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(tls).connect(name, stream).await?;
        exchange(stream, request).await
    }
}

impl OutgoingAnswer {
    /// Reads the body; `None` if it has more than `at_most` bytes.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub(crate) async fn text(self, at_most: usize) -> io::Result<Option<String>> {
        match Limited::new(self.body, at_most).collect().await {
            Ok(body) => Ok(Some(String::from_utf8_lossy(&body.to_bytes()).into_owned())),
            Err(error) if error.is::<LengthLimitError>() => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

fn get_request(url: &Url, (name, value): (HeaderName, HeaderValue)) -> io::Result<Request<Body>> {
    Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(name, value)
        .body(Body::empty())
        .map_err(io::Error::other)
}

/// Returns the URL of a service: http or https, without account, query and fragment. `None` if the
/// text is another URL.
pub(crate) fn service_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && is_plain).then_some(url)
}

/// The host of a URL as names and addresses are written elsewhere.
pub(crate) fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}

async fn exchange<S>(stream: S, request: Request<Body>) -> io::Result<OutgoingAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to another server ended early");
        }
    });
    let response = sender.send_request(request).await;
    let (parts, body) = response.map_err(io::Error::other)?.into_parts();
    Ok(OutgoingAnswer {
        status: parts.status,
        headers: parts.headers,
        body,
        _connection: driver,
    })
}

/// The type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// A server that needs longer to accept a connection is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::tls::Tls;
    use crate::tls::tests::certificate;

    #[tokio::test]
    async fn a_server_is_reached_over_tls_if_its_authority_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let files = certificate(folder.path());
        let acceptor = Tls::load(&files).unwrap().acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/v1/traces", listener.local_addr().unwrap());
        tokio::spawn(accept_everything(listener, acceptor));
        let post = || Post {
            url: &url,
            content_type: "text/plain",
            body: b"spans".to_vec(),
        };
        let refused = Outgoing::trusting_public().post(post()).await;
        assert!(refused.unwrap_err().to_string().contains("certificate"));
        let trusting = Outgoing::trusting(&files.cert_file).unwrap();
        let answered = trusting.post(post()).await.unwrap();
        assert_eq!(answered, StatusCode::NO_CONTENT);
    }

    /// Answers 204 on every connection whose handshake succeeds.
    async fn accept_everything(listener: TcpListener, acceptor: TlsAcceptor) {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = vec![0; 1_024];
                let _length = stream.read(&mut request).await.unwrap();
                let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        }
    }
}
