//! Requests without TLS, each on a connection of its own.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use openidconnect::http::{HeaderName, HeaderValue, StatusCode};
use openidconnect::{HttpRequest, HttpResponse};

/// Sends a request, and reads the response until the server closes the connection.
pub fn send(request: HttpRequest) -> io::Result<HttpResponse> {
    let (uri, body) = (request.uri(), request.body());
    let authority = uri.authority().ok_or_else(broken)?.as_str();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut stream = TcpStream::connect(authority)?;
    let mut sent = format!(
        "{} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: {}\r\n",
        request.method(),
        body.len()
    );
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| broken())?;
        sent.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{sent}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    read(&received)
}

fn read(received: &[u8]) -> io::Result<HttpResponse> {
    let end = received
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .ok_or_else(broken)?;
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or_else(broken)?;
    let mut response = HttpResponse::new(received[end + 4..].to_vec());
    *response.status_mut() = StatusCode::from_bytes(status.as_bytes()).map_err(|_| broken())?;
    for header in lines {
        let (name, value) = header.split_once(':').ok_or_else(broken)?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| broken())?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

fn broken() -> io::Error {
    io::Error::other("not a message of HTTP/1.1")
}
