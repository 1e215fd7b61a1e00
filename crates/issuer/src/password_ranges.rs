//! Fetches ranges of breached passwords from the service at `password.range_url`.
//!
//! The service has the range API of Have I Been Pwned: `GET {url}/{5 digits of SHA-1}`. This module
//! must not know what a range says.

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderName, HeaderValue};
use signet_flows::password_ranges::{PasswordRanges, RangeError};
use url::Url;

use crate::bounded_client::BoundedClient;
use crate::outgoing::service_url;

/// The URL of a service of ranges, without the prefix at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeUrl(Url);

impl FromStr for RangeUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        service_url(text).map(Self).ok_or(INVALID)
    }
}

impl RangeUrl {
    /// The URL of one range.
    fn range(&self, prefix: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{prefix}", url.path().trim_end_matches('/')));
        url
    }
}

/// Fetches ranges.
#[derive(Debug)]
pub(crate) struct RangeClient {
    url: RangeUrl,
    client: BoundedClient,
}

impl RangeClient {
    pub(crate) fn new(url: &RangeUrl) -> Self {
        Self {
            url: url.clone(),
            client: BoundedClient::new(DEADLINE),
        }
    }
}

#[async_trait]
impl PasswordRanges for RangeClient {
    async fn range(&self, prefix: &str) -> Result<String, RangeError> {
        let url = self.url.range(prefix);
        // Without padding, the length of the encrypted answer would tell which range it is.
        let padding = (ADD_PADDING, HeaderValue::from_static("true"));
        let fetched = self.client.outgoing.get(&url, padding);
        let text = self.client.text_of(fetched, MAX_RANGE_BYTES).await?;
        text.ok_or(RangeError::TooLong)
    }
}

const INVALID: &str = "must be an http or https URL without account, query and fragment, such as \
                       https://ranges.example.com/range";
const ADD_PADDING: HeaderName = HeaderName::from_static("add-padding");
/// A person waits for the answer.
const DEADLINE: Duration = Duration::from_secs(1);
/// A range of the largest known list has about 1,300 lines of 40 bytes.
const MAX_RANGE_BYTES: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_the_last_part_of_the_path() {
        for text in [
            "https://ranges.example.com/range",
            "https://ranges.example.com/range/",
        ] {
            let url: RangeUrl = text.parse().unwrap();
            let range = url.range("A9993");
            assert_eq!(range.as_str(), "https://ranges.example.com/range/A9993");
        }
        let at_root: RangeUrl = "http://127.0.0.1:8000".parse().unwrap();
        assert_eq!(
            at_root.range("A9993").as_str(),
            "http://127.0.0.1:8000/A9993"
        );
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "",
            "ranges.example.com",
            "ftp://ranges.example.com",
            "https://me:secret@ranges.example.com",
            "https://ranges.example.com/?a=b",
            "https://ranges.example.com/#a",
        ] {
            assert_eq!(text.parse::<RangeUrl>(), Err(INVALID), "{text}");
        }
    }
}
