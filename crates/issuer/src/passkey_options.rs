//! Requests for passkeys in the JSON of WebAuthn level 3 section 5.1, as browsers take them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use signet_core::webauthn::ALGORITHMS;
use signet_flows::passkeys::{CEREMONY_TTL, PasskeyCreation, PasskeyRequest};
use utoipa::ToSchema;

/// A request for a proof by a passkey: `{challenge_id, public_key}`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PasskeyRequest)]
pub(crate) struct PasskeyRequestView {
    /// Goes back with the credential. It is valid for 5 minutes and one answer.
    pub(crate) challenge_id: String,
    pub(crate) public_key: RequestOptions,
}

/// A request for a new passkey: `{challenge_id, public_key}`
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyCreation)]
pub(crate) struct PasskeyCreationView {
    /// Goes back with the credential. It is valid for 5 minutes and one answer.
    challenge_id: String,
    public_key: CreationOptions,
}

/// `PublicKeyCredentialRequestOptionsJSON` of WebAuthn level 3.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicKeyCredentialRequestOptions)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    challenge: String,
    /// Milliseconds.
    timeout: u64,
    rp_id: String,
    /// Empty if the person chooses among all passkeys of this site.
    allow_credentials: Vec<Credential>,
    /// `required`
    user_verification: &'static str,
}

/// `PublicKeyCredentialCreationOptionsJSON` of WebAuthn level 3.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicKeyCredentialCreationOptions)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions {
    rp: Site,
    user: User,
    challenge: String,
    pub_key_cred_params: Vec<Parameters>,
    /// Milliseconds.
    timeout: u64,
    exclude_credentials: Vec<Credential>,
    authenticator_selection: Selection,
    /// `none`
    attestation: &'static str,
}

/// The site that a passkey belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeySite)]
struct Site {
    id: String,
    name: String,
}

/// The person that a passkey belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyUser)]
#[serde(rename_all = "camelCase")]
struct User {
    /// The bytes of the account id in base64url.
    id: String,
    /// The email address.
    name: String,
    display_name: String,
}

/// An algorithm that is accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyParameters)]
struct Parameters {
    /// `public-key`
    r#type: &'static str,
    /// The number of the algorithm in COSE.
    alg: i64,
}

/// A credential that exists.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PasskeyCredential)]
struct Credential {
    /// `public-key`
    r#type: &'static str,
    /// Its id in base64url.
    id: String,
}

/// What the authenticator must be able to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeySelection)]
#[serde(rename_all = "camelCase")]
struct Selection {
    /// `required`
    resident_key: &'static str,
    require_resident_key: bool,
    /// `required`
    user_verification: &'static str,
}

impl From<PasskeyRequest> for PasskeyRequestView {
    fn from(request: PasskeyRequest) -> Self {
        Self {
            challenge_id: request.challenge_id.expose().to_owned(),
            public_key: RequestOptions {
                challenge: URL_SAFE_NO_PAD.encode(request.challenge.as_bytes()),
                timeout: timeout(),
                rp_id: request.rp_id,
                allow_credentials: credentials(&request.allowed),
                user_verification: REQUIRED,
            },
        }
    }
}

impl From<PasskeyCreation> for PasskeyCreationView {
    fn from(creation: PasskeyCreation) -> Self {
        let account = creation.account;
        let email = account.email.as_str();
        let name = account.name.as_ref().map(|name| name.as_str().to_owned());
        let parameters = ALGORITHMS.map(|alg| Parameters {
            r#type: PUBLIC_KEY,
            alg,
        });
        Self {
            challenge_id: creation.challenge_id.expose().to_owned(),
            public_key: CreationOptions {
                rp: Site {
                    id: creation.rp_id,
                    name: creation.rp_name,
                },
                user: User {
                    id: URL_SAFE_NO_PAD.encode(account.id.as_bytes()),
                    name: email.to_owned(),
                    display_name: name.unwrap_or_else(|| email.to_owned()),
                },
                challenge: URL_SAFE_NO_PAD.encode(creation.challenge.as_bytes()),
                pub_key_cred_params: parameters.into(),
                timeout: timeout(),
                exclude_credentials: credentials(&creation.excluded),
                authenticator_selection: Selection {
                    resident_key: REQUIRED,
                    require_resident_key: true,
                    user_verification: REQUIRED,
                },
                attestation: "none",
            },
        }
    }
}

fn credentials(ids: &[Vec<u8>]) -> Vec<Credential> {
    let ids = ids.iter().map(|id| Credential {
        r#type: PUBLIC_KEY,
        id: URL_SAFE_NO_PAD.encode(id),
    });
    ids.collect()
}

fn timeout() -> u64 {
    CEREMONY_TTL.as_secs().saturating_mul(1_000)
}

const PUBLIC_KEY: &str = "public-key";
const REQUIRED: &str = "required";
