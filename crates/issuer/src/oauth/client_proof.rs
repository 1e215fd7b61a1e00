//! The proof of a client, as requests under `/oauth` carry it.
//!
//! A client sends one proof: a secret in the header or in the body (RFC 6749 section 2.3.1), or a
//! signed assertion (RFC 7523 section 2.2). A public client sends its id alone. This module must
//! not know whether a proof is valid.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signet_core::client::Assertion;
use signet_core::names::ClientId;
use signet_core::secret::SecretText;
use signet_flows::authenticate_client::{ClientCredentials, ClientProof};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::{OAuthError, OAuthResult, ProtocolError};
use crate::extract::Form;

/// Parses the client id and the proof of the request.
///
/// # Errors
///
/// `invalid_client` if it names no client, `invalid_request` if it has more than one proof.
pub(super) fn credentials(headers: &HeaderMap, form: &Form) -> OAuthResult<ClientCredentials> {
    let shown = Shown::read(headers, form)?;
    let id = shown.client_id.parse::<ClientId>();
    Ok(ClientCredentials {
        client_id: id.map_err(|_| OAuthError::invalid_client())?,
        proof: shown.proof,
    })
}

/// The client id and the proof, as sent.
struct Shown {
    client_id: String,
    proof: ClientProof,
}

impl Shown {
    fn read(headers: &HeaderMap, form: &Form) -> OAuthResult<Self> {
        let mut headers = headers.get_all(AUTHORIZATION).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err(ProtocolError::InvalidRequest.because("more than one Authorization header"));
        }
        let client_id = form.get("client_id");
        let secret = form.secret("client_secret");
        if let Some(assertion) = form.secret("client_assertion") {
            if header.is_some() || secret.is_some() {
                return Err(several_proofs());
            }
            return Self::assertion(assertion, form);
        }
        match (header, client_id, secret) {
            (Some(header), client_id, None) => {
                let shown =
                    Self::basic(header.as_bytes()).ok_or_else(OAuthError::invalid_client)?;
                if client_id.is_some_and(|id| id != shown.client_id) {
                    return Err(OAuthError::invalid_client());
                }
                Ok(shown)
            }
            (Some(_), _, Some(_)) => Err(several_proofs()),
            (None, Some(client_id), secret) => Ok(Self {
                client_id: client_id.to_owned(),
                proof: secret.map_or(ClientProof::Nothing, ClientProof::Secret),
            }),
            (None, None, _) => Err(OAuthError::invalid_client()),
        }
    }

    /// RFC 7521 section 4.2: the assertion names the client; `client_id` may repeat that name.
    fn assertion(text: SecretText, form: &Form) -> OAuthResult<Self> {
        let assertion = Assertion::read(text.expose()).map_err(|_| OAuthError::invalid_client())?;
        let client_id = assertion.client_id.to_string();
        let is_other = form.get("client_id").is_some_and(|id| id != client_id);
        if is_other || form.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(OAuthError::invalid_client());
        }
        Ok(Self {
            client_id,
            proof: ClientProof::Assertion(text),
        })
    }

    /// `Basic` with id and secret, each form-encoded before they were joined. An empty secret is the
    /// same as none (RFC 6749 section 2.3.1).
    fn basic(header: &[u8]) -> Option<Self> {
        let (scheme, encoded) = header.split_at_checked(BASIC.len())?;
        if !scheme.eq_ignore_ascii_case(BASIC) {
            return None;
        }
        let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_ascii()).ok()?);
        let colon = decoded.iter().position(|&byte| byte == b':')?;
        let (id, secret) = decoded.split_at(colon);
        let proof = match secret.get(1..)? {
            [] => ClientProof::Nothing,
            secret => ClientProof::Secret(SecretText::new(form_decoded(secret)?)),
        };
        Some(Self {
            client_id: form_decoded(id)?,
            proof,
        })
    }
}

fn several_proofs() -> OAuthError {
    ProtocolError::InvalidRequest
        .because("the client authenticates in more than one way; send one proof")
}

/// Decodes one value of `application/x-www-form-urlencoded`. Some clients do not encode separators,
/// so a separator stands for itself.
fn form_decoded(bytes: &[u8]) -> Option<String> {
    let mut escaped = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
    escaped.push(b'=');
    for &byte in bytes {
        match byte {
            b'&' => escaped.extend_from_slice(b"%26"),
            _ => escaped.push(byte),
        }
    }
    let (_, value) = form_urlencoded::parse(&escaped).next()?;
    Some(value.into_owned())
}

/// RFC 7523 section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const BASIC: &[u8] = b"Basic ";

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(credentials: &str) -> Option<(String, String)> {
        let header = format!("basic {}", STANDARD.encode(credentials));
        let shown = Shown::basic(header.as_bytes())?;
        let secret = match shown.proof {
            ClientProof::Secret(secret) => secret.expose().to_owned(),
            ClientProof::Nothing => "none".to_owned(),
            ClientProof::Assertion(_) => return None,
        };
        Some((shown.client_id, secret))
    }

    #[test]
    fn id_and_secret_are_form_decoded() {
        let decoded = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(basic("a:b"), decoded("a", "b"));
        assert_eq!(basic("a%3Ab:c%2Bd+e"), decoded("a:b", "c+d e"));
        assert_eq!(basic("a:b:c=d&e"), decoded("a", "b:c=d&e"));
        assert_eq!(basic("a:"), decoded("a", "none"));
    }

    #[test]
    fn what_is_not_basic_is_nothing() {
        assert!(basic("no colon").is_none());
        for header in ["", "Basic", "Basic !", "Bearer YTpi", "BasicYTpi"] {
            assert!(Shown::basic(header.as_bytes()).is_none(), "{header}");
        }
    }
}
