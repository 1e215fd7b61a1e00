//! The host rule: if the name of a foreign web page resolves to this machine, the page must not
//! reach the operations listener through an operator's browser (DNS rebinding).

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Host;

use crate::app::App;
use crate::error::{ApiError, Code};

/// Refuses requests to a name that is not configured. An address and `localhost` are always
/// accepted: no foreign page can have them as its name.
pub(crate) async fn expected_host(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    if has_expected_host(&app, request.headers()) {
        return next.run(request).await;
    }
    ApiError::from(Code::Forbidden)
        .detail("the Host header is not expected here: use an IP address or localhost, or add the host to \
             ops_hosts")
        .into_response()
}

/// Whether a request names a host that is expected.
pub(crate) fn has_expected_host(app: &App, headers: &HeaderMap) -> bool {
    is_expected(headers, &app.settings.ops_hosts)
}

fn is_expected(headers: &HeaderMap, configured: &[Host]) -> bool {
    let mut values = headers.get_all(HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let authority = value.to_str().ok().and_then(|text| text.parse().ok());
    let host = authority.and_then(|authority: Authority| Host::parse(authority.host()).ok());
    match host {
        Some(Host::Domain(name)) if name == "localhost" => true,
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(host) => configured.contains(&host),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HOST, value.parse().unwrap());
        }
        is_expected(&headers, &[Host::parse("signet.internal").unwrap()])
    }

    #[test]
    fn addresses_localhost_and_configured_names_are_expected() {
        for host in [
            "127.0.0.1:9090",
            "10.1.2.3",
            "[::1]:9090",
            "localhost:9090",
            "LOCALHOST",
            "signet.internal:9090",
            "Signet.Internal",
        ] {
            assert!(accepts(&[host]), "{host}");
        }
    }

    #[test]
    fn every_other_name_is_refused() {
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "signet.internal.",
            "127.0.0.1.evil.example",
            "a b",
        ] {
            assert!(!accepts(&[host]), "{host}");
        }
        assert!(!accepts(&[]));
        assert!(!accepts(&["localhost", "localhost"]));
    }
}
