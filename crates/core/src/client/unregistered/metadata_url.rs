//! Client ids that are the URL of a metadata document
//! (draft-ietf-oauth-client-id-metadata-document section 3).

use url::Url;

use crate::names::ClientId;

/// A client id that is the URL of the document about its client: https with a path, in the spelling
/// of browsers. So it has no account, dot segment, fragment, default port or upper-case host. The
/// rule for client ids leaves out queries too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataUrl {
    id: ClientId,
    url: Url,
}

impl MetadataUrl {
    /// Returns the URL, if the id is one.
    pub(crate) fn of(id: &ClientId) -> Option<Self> {
        let url = Url::parse(id.as_str()).ok()?;
        let is_plain = url.scheme() == "https" && url.as_str() == id.as_str();
        let id = id.clone();
        is_plain.then_some(Self { id, url })
    }

    /// Returns the URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the client id.
    pub fn client_id(&self) -> &ClientId {
        &self.id
    }

    /// Returns the host.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_url(text: &str) -> bool {
        let id = text.parse::<ClientId>().ok();
        id.is_some_and(|id| MetadataUrl::of(&id).is_some())
    }

    #[test]
    fn a_client_id_is_a_url_only_in_the_spelling_of_browsers() {
        for text in [
            "https://app.example/client.json",
            "https://app.example:8443/a/b",
            "https://app.example/",
            "https://192.0.2.1/client",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "wiki",
            "http://app.example/client",
            "https://app.example",
            "HTTPS://app.example/client",
            "https://App.example/client",
            "https://app.example:443/client",
            "https://app.example/a/../client",
            "https://app.example/./client",
            "https://app.example/%2e%2e/client",
            "https://user@app.example/client",
            "https://user:secret@app.example/client",
            "https://app.example/client#part",
            "https://app.example/client?a=b",
            "https:/app.example/client",
            "https:///app.example/client",
            "https://0x7f000001/client",
            "https://127.1/client",
            "https://2130706433/client",
        ] {
            assert!(!is_url(text), "{text}");
        }
    }
}
