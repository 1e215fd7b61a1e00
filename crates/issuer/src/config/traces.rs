//! The settings of traces.

use std::path::PathBuf;

use url::Url;

use super::reader::Reader;

/// Where traces are sent, and how many.
#[derive(Clone, PartialEq, Debug)]
pub struct TraceSettings {
    endpoint: Url,
    /// Certificate authorities to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// One request out of this number is sampled.
    pub one_in: u32,
}

impl TraceSettings {
    /// Returns the URL that takes traces, as OTLP over HTTP names it.
    pub fn traces_url(&self) -> String {
        let base = self.endpoint.as_str().trim_end_matches('/');
        format!("{base}/v1/traces")
    }
}

/// Reads the settings of traces. The inner `None` says that no traces are sent.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(reader: &mut Reader) -> Option<Option<TraceSettings>> {
    let endpoint = reader.optional("otlp.endpoint", |text| endpoint(text).ok_or(UNUSABLE));
    let ca_file = reader.optional("otlp.ca_file", str::parse::<PathBuf>);
    let one_in = reader.number("otlp.sample_one_in", 1, FEWEST);
    let (endpoint, ca_file, one_in) = (endpoint?, ca_file?, one_in?);
    match (endpoint, ca_file) {
        (None, None) => Some(None),
        (None, Some(_)) => reader.refuse("otlp.ca_file", "has no effect without otlp.endpoint"),
        (Some(endpoint), ca_file) => Some(Some(TraceSettings {
            endpoint,
            ca_file,
            one_in,
        })),
    }
}

fn endpoint(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain).then_some(url)
}

const UNUSABLE: &str = "must be the http or https URL of a collector, such as \
                        http://127.0.0.1:4318, without a user and a query";
/// Fewer would be none.
const FEWEST: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_plain_url() {
        for text in ["http://127.0.0.1:4318", "https://collector.example/base"] {
            assert!(endpoint(text).is_some(), "{text}");
        }
        for text in [
            "",
            "127.0.0.1:4318",
            "grpc://a",
            "http://a:b@c",
            "http://a?b",
        ] {
            assert!(endpoint(text).is_none(), "{text}");
        }
    }
}
