//! An answer, read as the contract wants it.

use http::HeaderMap;
use serde_json::Value;

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.expect("a complete body").to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    /// The same reply, if its status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header that is there at most once.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(
            values.len() <= 1,
            "{name} is there more than once: {values:?}"
        );
        values
            .first()
            .map(|value| value.to_str().expect("a printable header"))
    }

    /// Every cookie that is set.
    pub fn set_cookies(&self) -> Vec<SetCookie> {
        let values = self.headers.get_all("set-cookie").iter();
        values
            .map(|value| SetCookie::read(value.to_str().expect("a printable cookie")))
            .collect()
    }

    /// The one cookie that is set, beside the one of the known device.
    #[track_caller]
    pub fn set_cookie(&self) -> SetCookie {
        let mut cookies = self.set_cookies();
        cookies.retain(|cookie| !cookie.name.ends_with("signet_device"));
        assert_eq!(cookies.len(), 1, "one cookie: {cookies:?}");
        cookies.remove(0)
    }

    /// The problem document of RFC 9457, if it is one in every respect and has this code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["type", "title", "detail"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "a problem has a {member}: {problem}");
        }
        assert!(
            self.header("x-request-id").is_some(),
            "every answer has a request id"
        );
        if matches!(status, 429 | 503) {
            let seconds = self.header("retry-after").expect("when to come back");
            assert!(
                seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0),
                "{seconds}"
            );
        }
        problem
    }

    /// The `WWW-Authenticate` challenge of a 401 for bearers (RFC 6750 section 3).
    #[track_caller]
    pub fn challenge(&self) -> &str {
        let challenge = self.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        challenge
    }

    /// What a token response holds under this name.
    #[track_caller]
    pub fn member(&self, name: &str) -> String {
        let json = self.json();
        let text = json[name].as_str();
        text.unwrap_or_else(|| panic!("no {name} in {json}"))
            .to_owned()
    }
}

/// One `Set-Cookie` header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The attributes as they were written, in alphabetical order.
    pub attributes: Vec<String>,
}

impl SetCookie {
    fn read(header: &str) -> Self {
        let mut parts = header.split("; ");
        let pair = parts.next().expect("a name and a value");
        let (name, value) = pair.split_once('=').expect("a name and a value");
        let mut attributes: Vec<_> = parts.map(str::to_owned).collect();
        attributes.sort();
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes,
        }
    }

    /// As a browser sends it back.
    pub fn sent(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}
