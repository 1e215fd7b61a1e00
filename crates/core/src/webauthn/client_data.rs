//! The client data: what the browser says of the page and the ceremony (WebAuthn section 5.8.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Ceremony, CeremonyRefusal};

/// The type of a registration.
pub(super) const CREATE: &str = "webauthn.create";
/// The type of a proof.
pub(super) const GET: &str = "webauthn.get";

/// Checks that the client data is of this ceremony.
pub(super) fn check(
    bytes: &[u8],
    kind: &str,
    ceremony: Ceremony<'_>,
) -> Result<(), CeremonyRefusal> {
    let data: ClientData =
        serde_json::from_slice(bytes).map_err(|_| CeremonyRefusal::ClientData)?;
    if data.kind != kind {
        return Err(CeremonyRefusal::Type);
    }
    if data.challenge != URL_SAFE_NO_PAD.encode(ceremony.challenge.as_bytes()) {
        return Err(CeremonyRefusal::Challenge);
    }
    if !ceremony.relying_party.has_origin(&data.origin) {
        return Err(CeremonyRefusal::Origin);
    }
    if data.cross_origin || data.top_origin.is_some() {
        return Err(CeremonyRefusal::CrossOrigin);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<IgnoredAny>,
}
