//! The document about an unregistered client: what is read from it, and what is refused
//! (draft-ietf-oauth-client-id-metadata-document section 4).
//!
//! Unknown members are ignored, as RFC 7591 says. The picture of the client is ignored too: browsers
//! would tell its server which people sign in here.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::MetadataUrl;
use crate::account::DisplayName;
use crate::client::registration::MAX_REDIRECT_URIS;
use crate::client::{GrantType, RedirectUri};

/// What a document says of its client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataDocument {
    /// Where browsers may be sent with a code; never empty.
    pub redirect_uris: Vec<RedirectUri>,
    /// The name that the client gives itself.
    pub name: Option<DisplayName>,
}

/// The reasons why a document is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentProblem {
    /// It is no JSON object, or a member has another type.
    #[error("it is no JSON object with the members of RFC 7591")]
    Json,
    /// It is about another client.
    #[error("its client_id is not the URL that it was fetched from")]
    ClientId,
    /// There is no redirect URI, or one is invalid.
    #[error("redirect_uris must have 1 to 20 URIs that a registered client could have")]
    RedirectUris,
    /// The client would authenticate.
    #[error("token_endpoint_auth_method must be none, and there must be no client_secret")]
    Authentication,
    /// The client does not use sign-in by redirect.
    #[error("grant_types must have authorization_code, and response_types must have code")]
    Grants,
}

#[derive(Deserialize)]
struct Written {
    client_id: String,
    redirect_uris: Vec<String>,
    client_name: Option<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    client_secret: Option<IgnoredAny>,
    client_secret_expires_at: Option<IgnoredAny>,
}

impl MetadataDocument {
    /// Reads a document that was fetched from `url`.
    ///
    /// # Errors
    ///
    /// [`DocumentProblem`]
    pub fn read(text: &str, url: &MetadataUrl) -> Result<Self, DocumentProblem> {
        let written: Written = serde_json::from_str(text).map_err(|_| DocumentProblem::Json)?;
        if written.client_id != url.client_id().as_str() {
            return Err(DocumentProblem::ClientId);
        }
        let method = written.token_endpoint_auth_method.as_deref();
        let has_secret =
            written.client_secret.is_some() || written.client_secret_expires_at.is_some();
        if has_secret || method.unwrap_or(NO_AUTHENTICATION) != NO_AUTHENTICATION {
            return Err(DocumentProblem::Authentication);
        }
        let grant = GrantType::AuthorizationCode.as_str();
        if !names(written.grant_types.as_deref(), grant)
            || !names(written.response_types.as_deref(), "code")
        {
            return Err(DocumentProblem::Grants);
        }
        let uris = written.redirect_uris.iter().map(|uri| uri.parse());
        let redirect_uris: Vec<RedirectUri> = uris
            .collect::<Result<_, _>>()
            .map_err(|_| DocumentProblem::RedirectUris)?;
        if !(1..=MAX_REDIRECT_URIS).contains(&redirect_uris.len()) {
            return Err(DocumentProblem::RedirectUris);
        }
        Ok(Self {
            redirect_uris,
            name: written.client_name.and_then(|name| name.parse().ok()),
        })
    }
}

/// Whether a list has a name. Without a list, the default of RFC 7591 has it.
fn names(list: Option<&[String]>, name: &str) -> bool {
    list.is_none_or(|list| list.iter().any(|listed| listed == name))
}

/// The longest document (draft-ietf-oauth-client-id-metadata-document section 6.6).
pub const MAX_DOCUMENT_BYTES: usize = 5 * 1024;
const NO_AUTHENTICATION: &str = "none";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const URL: &str = "https://app.example/client";

    fn read(changes: &Value) -> Result<MetadataDocument, DocumentProblem> {
        let mut document = json!({
            "client_id": URL,
            "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
            "client_name": "App",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "logo_uri": "https://app.example/logo.png",
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        let url = MetadataUrl::of(&URL.parse().unwrap()).unwrap();
        MetadataDocument::read(&document.to_string(), &url)
    }

    #[test]
    fn a_document_names_redirect_uris_and_the_client() {
        let document = read(&json!({})).unwrap();
        let uris: Vec<_> = document
            .redirect_uris
            .iter()
            .map(RedirectUri::as_str)
            .collect();
        assert_eq!(uris, ["https://app.example/cb", "http://127.0.0.1/cb"]);
        assert_eq!(document.name.unwrap().as_str(), "App");
    }

    #[test]
    fn a_name_that_cannot_be_shown_is_left_out() {
        for name in ["", "a\u{202e}b", "a\u{7}b", "a\u{200b}b"] {
            let document = read(&json!({"client_name": name})).unwrap();
            assert_eq!(document.name, None, "{name:?}");
        }
    }

    #[test]
    fn other_documents_are_refused() {
        let many: Vec<_> = (0..21).map(|number| format!("{URL}/{number}")).collect();
        for (changes, problem) in [
            (
                json!({"client_id": "https://app.example/other"}),
                DocumentProblem::ClientId,
            ),
            (
                json!({"client_id": "https://app.example/client/"}),
                DocumentProblem::ClientId,
            ),
            (json!({"client_id": 1}), DocumentProblem::Json),
            (
                json!({"redirect_uris": "https://app.example/cb"}),
                DocumentProblem::Json,
            ),
            (json!({"redirect_uris": []}), DocumentProblem::RedirectUris),
            (
                json!({"redirect_uris": many}),
                DocumentProblem::RedirectUris,
            ),
            (
                json!({"redirect_uris": ["http://app.example/cb"]}),
                DocumentProblem::RedirectUris,
            ),
            (
                json!({"redirect_uris": ["javascript:alert(1)"]}),
                DocumentProblem::RedirectUris,
            ),
            (
                json!({"token_endpoint_auth_method": "client_secret_basic"}),
                DocumentProblem::Authentication,
            ),
            (
                json!({"token_endpoint_auth_method": "private_key_jwt"}),
                DocumentProblem::Authentication,
            ),
            (
                json!({"client_secret": "x"}),
                DocumentProblem::Authentication,
            ),
            (
                json!({"client_secret_expires_at": 0}),
                DocumentProblem::Authentication,
            ),
            (
                json!({"grant_types": ["client_credentials"]}),
                DocumentProblem::Grants,
            ),
            (
                json!({"response_types": ["token"]}),
                DocumentProblem::Grants,
            ),
        ] {
            assert_eq!(read(&changes), Err(problem), "{changes}");
        }
        let url = MetadataUrl::of(&URL.parse().unwrap()).unwrap();
        for text in ["", "[]", "{", "null", "<html>"] {
            let found = MetadataDocument::read(text, &url);
            assert_eq!(found, Err(DocumentProblem::Json), "{text}");
        }
    }
}
