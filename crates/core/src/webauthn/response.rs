//! The answers of browsers in the JSON of WebAuthn section 5.1: `RegistrationResponseJSON` and
//! `AuthenticationResponseJSON`.
//!
//! Members that the ceremonies do not use are not read and may hold anything.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The answer to a request for a new passkey. Nothing of it has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttestationResponse {
    pub(super) credential_id: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation_object: Vec<u8>,
}

/// The answer to a request for a proof. Nothing of it has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssertionResponse {
    pub(super) credential_id: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
}

impl AttestationResponse {
    /// Reads the JSON of a registration.
    ///
    /// # Errors
    ///
    /// [`InvalidCredential`] if the text is not such JSON.
    pub fn read(text: &str) -> Result<Self, InvalidCredential> {
        let (credential_id, response) = read::<RegistrationMembers>(text)?;
        Ok(Self {
            credential_id,
            client_data: bytes(&response.client_data)?,
            attestation_object: bytes(&response.attestation_object)?,
        })
    }
}

impl AssertionResponse {
    /// Reads the JSON of a proof.
    ///
    /// # Errors
    ///
    /// [`InvalidCredential`] if the text is not such JSON.
    pub fn read(text: &str) -> Result<Self, InvalidCredential> {
        let (credential_id, response) = read::<AssertionMembers>(text)?;
        let user_handle = response.user_handle.as_deref().map(bytes);
        Ok(Self {
            credential_id,
            client_data: bytes(&response.client_data)?,
            authenticator_data: bytes(&response.authenticator_data)?,
            signature: bytes(&response.signature)?,
            user_handle: user_handle.transpose()?,
        })
    }

    /// The id of the credential that the answer names.
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// Whether the answer names an account, as the answer of a discoverable credential does.
    pub fn has_user_handle(&self) -> bool {
        self.user_handle.is_some()
    }
}

/// The text is not a credential in the JSON of WebAuthn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a public key credential in the JSON form of WebAuthn")]
pub struct InvalidCredential;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<R> {
    id: String,
    raw_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    response: R,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationMembers {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionMembers {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

fn read<'a, R: Deserialize<'a>>(text: &'a str) -> Result<(Vec<u8>, R), InvalidCredential> {
    let members: Members<R> = serde_json::from_str(text).map_err(|_| InvalidCredential)?;
    let has_one_id = members.raw_id.is_none_or(|raw_id| raw_id == members.id);
    if members.kind != "public-key" || !has_one_id {
        return Err(InvalidCredential);
    }
    Ok((bytes(&members.id)?, members.response))
}

fn bytes(text: impl AsRef<str>) -> Result<Vec<u8>, InvalidCredential> {
    let decoded = URL_SAFE_NO_PAD.decode(text.as_ref());
    decoded.map_err(|_| InvalidCredential)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRATION: &str = r#"{"id":"AQ","rawId":"AQ","type":"public-key","more":[1],
        "response":{"clientDataJSON":"Ag","attestationObject":"Aw","transports":["usb"]}}"#;
    const ASSERTION: &str = r#"{"id":"AQ","type":"public-key","response":
        {"clientDataJSON":"Ag","authenticatorData":"Aw","signature":"BA","userHandle":null}}"#;

    #[test]
    fn the_json_of_browsers_is_read() {
        let registration = AttestationResponse::read(REGISTRATION).unwrap();
        assert_eq!(registration.credential_id, [1]);
        assert_eq!(registration.client_data, [2]);
        assert_eq!(registration.attestation_object, [3]);
        let assertion = AssertionResponse::read(ASSERTION).unwrap();
        assert_eq!(assertion.credential_id(), [1]);
        assert_eq!(assertion.authenticator_data, [3]);
        assert_eq!(assertion.signature, [4]);
        assert_eq!(assertion.user_handle, None);
    }

    #[test]
    fn anything_else_is_no_credential() {
        for (from, to) in [
            ("\"AQ\",\"rawId\"", "\"BQ\",\"rawId\""),
            ("public-key", "password"),
            ("\"Ag\"", "\"A+\""),
            ("\"Ag\"", "\"Ag==\""),
            ("\"Ag\"", "2"),
            ("\"attestationObject\":\"Aw\",", ""),
            ("\"type\"", "\"type\":\"public-key\",\"type\""),
        ] {
            let text = REGISTRATION.replacen(from, to, 1);
            assert_ne!(text, REGISTRATION);
            assert_eq!(
                AttestationResponse::read(&text),
                Err(InvalidCredential),
                "{text}"
            );
        }
        for text in ["", "[]", "null", REGISTRATION] {
            assert_eq!(
                AssertionResponse::read(text),
                Err(InvalidCredential),
                "{text}"
            );
        }
    }
}
