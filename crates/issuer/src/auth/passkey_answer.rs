//! The proof by a passkey in a request: `challenge_id` and `credential`.

use signet_core::webauthn::AssertionResponse;
use signet_flows::passkeys::PasskeyAnswer;
use signet_flows::second_factor::GivenFactor;
use utoipa::ToSchema;

use crate::extract::{Fields, FromFields, Invalid, secret};
use crate::openapi::shapes;

/// The answer to a request for a passkey.
#[derive(ToSchema)]
#[schema(as = PasskeyAnswer)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct PasskeyAnswerFields {
    /// The id of the challenge.
    challenge_id: String,
    credential: shapes::AuthenticationCredential,
}

/// Takes `challenge_id` and `credential`, which belong together. The outer `None` says that
/// something was wrong.
#[expect(
    clippy::option_option,
    reason = "as for every optional field: wrong, left out, or there"
)]
pub(super) fn passkey_answer(fields: &mut Fields<'_>) -> Option<Option<PasskeyAnswer>> {
    let challenge_id = fields.optional("challenge_id", secret);
    let credential = fields.json("credential", AssertionResponse::read);
    match (challenge_id?, credential?) {
        (None, None) => Some(None),
        (Some(challenge_id), Some(credential)) => Some(Some(PasskeyAnswer {
            challenge_id,
            credential,
        })),
        (None, Some(_)) => fields.reject("challenge_id", required()),
        (Some(_), None) => fields.reject("credential", required()),
    }
}

/// Takes `passkey`, an object of `challenge_id` and `credential`.
#[expect(
    clippy::option_option,
    reason = "as for every optional field: wrong, left out, or there"
)]
pub(super) fn passkey_proof(fields: &mut Fields<'_>) -> Option<Option<PasskeyAnswer>> {
    let answer = fields.json("passkey", |text| {
        let read = Fields::read(text).and_then(Fields::parse::<Required>);
        read.map_err(|_| {
            Invalid::new(
                "invalid",
                "must be an object with a challenge_id and a credential",
            )
        })
    });
    Some(answer?.map(|Required(answer)| answer))
}

/// One of a code and a passkey, not both.
#[expect(
    clippy::option_option,
    reason = "as for every optional field: wrong, left out, or there"
)]
pub(super) fn one_factor(
    fields: &mut Fields<'_>,
    name: &'static str,
    code: Option<GivenFactor>,
    passkey: Option<PasskeyAnswer>,
) -> Option<Option<GivenFactor>> {
    match (code, passkey) {
        (Some(_), Some(_)) => {
            let both = Invalid::new("conflict", "cannot be combined with a code");
            fields.reject(name, both)
        }
        (code, passkey) => Some(code.or(passkey.map(GivenFactor::Passkey))),
    }
}

/// An answer that must be there.
struct Required(PasskeyAnswer);

impl FromFields for Required {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let answer = passkey_answer(fields)?;
        let answer = answer.or_else(|| fields.reject("challenge_id", required()));
        answer.map(Self)
    }
}

fn required() -> Invalid {
    Invalid::new("required", "is required")
}
