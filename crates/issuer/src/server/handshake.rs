//! The start of a connection: its first byte, and the TLS handshake if the listener has a
//! certificate. All of it must happen within 10 s.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncBufRead as _, AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::server::TlsStream;

use super::header_timer::{CountedStream, LargeHeaders};
use crate::tls::{HTTP_2, Tls};

/// A connection that has begun.
pub(super) enum Begun {
    /// HTTP/1 without TLS.
    Plain(TcpStream),
    /// HTTP/1 behind TLS.
    Http1(Box<SecureStream>),
    /// HTTP/2 behind TLS.
    Http2(Box<SecureStream>),
}

/// TLS above the counted bytes of the socket.
pub(super) type SecureStream = TlsStream<CountedStream<TcpStream>>;

/// Waits for the first byte of a request. None if it does not come in time, if the handshake fails,
/// or if the server stops.
pub(super) async fn begin(
    stream: TcpStream,
    tls: Option<&Tls>,
    large_headers: LargeHeaders,
    mut stopped: watch::Receiver<bool>,
) -> Option<Begun> {
    let deadline = Instant::now() + BEGIN_WITHIN;
    let begun = async {
        // A connection has no buffers before its first byte.
        stream.peek(&mut [0]).await.ok()?;
        match tls {
            None => Some(Begun::Plain(stream)),
            Some(tls) => shake_hands(stream, tls, large_headers).await,
        }
    };
    tokio::select! {
        begun = timeout_at(deadline, begun) => begun.ok().flatten(),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    }
}

/// The bytes of a handshake are bounded like those of a header.
async fn shake_hands(stream: TcpStream, tls: &Tls, large_headers: LargeHeaders) -> Option<Begun> {
    let (stream, reads) = CountedStream::new(stream, large_headers);
    let mut stream = match tls.acceptor().accept(stream).await {
        Ok(stream) => Box::new(stream),
        Err(error) => {
            tracing::debug!(%error, "a TLS handshake failed");
            metrics::counter!("signet_tls_handshakes_failed_total").increment(1);
            return None;
        }
    };
    // From here on HTTP counts the bytes of headers.
    reads.set_serving(true);
    has_first_byte(&mut stream).await.then_some(())?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
    Some(if is_http2 {
        Begun::Http2(stream)
    } else {
        Begun::Http1(stream)
    })
}

async fn has_first_byte<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut TlsStream<S>) -> bool {
    let first = poll_fn(|cx| Pin::new(&mut *stream).poll_fill_buf(cx).map_ok(<[u8]>::len));
    first.await.is_ok_and(|bytes| bytes > 0)
}

/// How long a new connection may take to its first byte: browsers open some in advance.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
