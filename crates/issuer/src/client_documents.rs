//! Fetches the metadata documents of unregistered clients.
//!
//! Anybody chooses these URLs, so a request goes only to addresses that were checked, and an answer
//! is short. This module must not know what a document says.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::{ACCEPT, AGE, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use signet_core::client::{MAX_DOCUMENT_BYTES, MetadataUrl, document_lifetime, is_public};
use signet_flows::client_documents::{
    DocumentFetchError, DocumentFetcher, DocumentSettings, FetchedDocument,
};
use tokio::net::lookup_host;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::ClientDocumentSettings;
use crate::outgoing::{Outgoing, host};

/// Fetches documents.
#[derive(Debug)]
struct DocumentClient {
    outgoing: Arc<Outgoing>,
    allowed_networks: Vec<IpNet>,
    places: Semaphore,
}

/// Returns which clients are admitted, and what fetches their documents.
pub(crate) fn fetching(settings: &ClientDocumentSettings) -> DocumentSettings {
    DocumentSettings {
        rules: settings.rules.clone(),
        fetcher: Arc::new(DocumentClient {
            outgoing: Arc::clone(&settings.outgoing),
            allowed_networks: settings.allowed_networks.clone(),
            places: Semaphore::new(MAX_REQUESTS),
        }),
    }
}

impl DocumentClient {
    async fn request(&self, url: &MetadataUrl) -> Result<FetchedDocument, DocumentFetchError> {
        let unreachable = |_: io::Error| DocumentFetchError::Unreachable;
        let place = self.places.acquire().await;
        let _place = place.map_err(|_| DocumentFetchError::Unreachable)?;
        let url = url.url();
        let port = url.port_or_known_default().unwrap_or_default();
        let found = lookup_host((host(url), port)).await.map_err(unreachable)?;
        let addresses = checked(found.collect(), &self.allowed_networks)?;
        let accept = (ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.outgoing.get_at(&addresses, url, accept).await;
        let answer = answer.map_err(unreachable)?;
        if answer.status.as_u16() != 200 {
            return Err(DocumentFetchError::Status(answer.status.as_u16()));
        }
        if !is_json(text(&answer.headers, &CONTENT_TYPE)) {
            return Err(DocumentFetchError::ContentType);
        }
        let keep = document_lifetime(
            text(&answer.headers, &CACHE_CONTROL),
            text(&answer.headers, &AGE),
        );
        let text = answer.text(MAX_DOCUMENT_BYTES).await.map_err(unreachable)?;
        Ok(FetchedDocument {
            text: text.ok_or(DocumentFetchError::TooLong)?,
            keep,
        })
    }
}

#[async_trait]
impl DocumentFetcher for DocumentClient {
    async fn fetch(&self, url: &MetadataUrl) -> Result<FetchedDocument, DocumentFetchError> {
        let fetched = timeout(DEADLINE, self.request(url)).await;
        fetched.unwrap_or(Err(DocumentFetchError::Unreachable))
    }
}

/// Returns the addresses if each one may be called. A name that leads to a public address and to
/// another one is refused, because its owner chooses which is used when.
fn checked(
    found: Vec<SocketAddr>,
    allowed: &[IpNet],
) -> Result<Vec<SocketAddr>, DocumentFetchError> {
    let may_be_called = |address: &SocketAddr| {
        let is_allowed = allowed
            .iter()
            .any(|network| network.contains(&address.ip()));
        is_allowed || (address.port() == HTTPS_PORT && is_public(address.ip()))
    };
    if found.is_empty() {
        Err(DocumentFetchError::Unreachable)
    } else if found.iter().all(may_be_called) {
        Ok(found)
    } else {
        Err(DocumentFetchError::Forbidden)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Whether a media type is `application/json` or `application/...+json`.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let subtype = media_type.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

const HTTPS_PORT: u16 = 443;
/// A person waits for the page.
const DEADLINE: Duration = Duration::from_secs(2);
/// So many requests run at the same time; others wait until their deadline.
const MAX_REQUESTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addresses: &[&str], allowed: &[&str]) -> Result<usize, DocumentFetchError> {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let allowed: Vec<IpNet> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        checked(addresses, &allowed).map(|addresses| addresses.len())
    }

    #[test]
    fn a_name_is_refused_if_one_of_its_addresses_is() {
        assert_eq!(check(&["1.1.1.1:443", "[2606:4700::1111]:443"], &[]), Ok(2));
        for addresses in [
            &["127.0.0.1:443"][..],
            &["1.1.1.1:443", "127.0.0.1:443"],
            &["10.0.0.1:443", "1.1.1.1:443"],
            &["[::ffff:10.0.0.1]:443"],
            &["169.254.169.254:443"],
            &["1.1.1.1:8443"],
            &["1.1.1.1:22"],
        ] {
            assert_eq!(
                check(addresses, &[]),
                Err(DocumentFetchError::Forbidden),
                "{addresses:?}"
            );
        }
        assert_eq!(check(&[], &[]), Err(DocumentFetchError::Unreachable));
    }

    #[test]
    fn an_allowed_network_is_called_at_any_port() {
        let allowed = ["10.1.0.0/16"];
        assert_eq!(check(&["10.1.2.3:8443", "1.1.1.1:443"], &allowed), Ok(2));
        let refused = check(&["10.1.2.3:8443", "10.2.0.1:8443"], &allowed);
        assert_eq!(refused, Err(DocumentFetchError::Forbidden));
    }

    #[test]
    fn documents_are_json() {
        for (content_type, is) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/cimd+json", true),
            ("text/json", false),
            ("text/html", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            assert_eq!(is_json(content_type), is, "{content_type}");
        }
    }
}
