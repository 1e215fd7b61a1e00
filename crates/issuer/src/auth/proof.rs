//! The proof in a request: `password`, `code`, `recovery_code` or `passkey`, as fields of the body or of its
//! member `proof`.

use signet_core::password::Password;
use signet_core::secret::SecretText;
use signet_flows::step_up::Proof;
use utoipa::ToSchema;

use super::fields::factor;
use super::passkey_answer::{PasskeyAnswerFields, one_factor, passkey_proof};
use crate::extract::{Fields, FromFields, Invalid};
use crate::openapi::shapes;

/// A proof of who the caller is. It can be left out while the latest proof of the session is fresh.
#[derive(ToSchema)]
#[schema(as = Proof)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct ProofFields {
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<String>,
    /// A code of the authenticator app.
    code: Option<String>,
    /// A recovery code, instead of `code`.
    recovery_code: Option<String>,
    /// The answer to the request of `/auth/step-up/options`, instead of `code`.
    passkey: Option<PasskeyAnswerFields>,
}

/// The body of a request that is a proof and nothing else.
#[derive(Debug, Default)]
pub(crate) struct ProofRequest(pub(super) Proof);

impl FromFields for ProofRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        proof(fields, "password").map(Self)
    }
}

/// Takes the proof of a request; `password` is what this request calls the password.
pub(super) fn proof(fields: &mut Fields<'_>, password: &'static str) -> Option<Proof> {
    let inner = fields.json("proof", |text| {
        let read = Fields::read(text).and_then(Fields::parse::<InnerProof>);
        read.map_err(|_| Invalid::new("invalid", "must be an object with one valid proof"))
    });
    let outer = flat_proof(fields, password);
    match (inner?, outer?) {
        (None, outer) => Some(outer),
        (Some(InnerProof(inner)), outer) if is_empty(&outer) => Some(inner),
        (Some(_), _) => {
            let both = Invalid::new("conflict", "cannot be combined with a proof beside it");
            fields.reject("proof", both)
        }
    }
}

/// The value of the member `proof`.
struct InnerProof(Proof);

impl FromFields for InnerProof {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        flat_proof(fields, "password").map(Self)
    }
}

fn flat_proof(fields: &mut Fields<'_>, password: &'static str) -> Option<Proof> {
    let password = fields.optional(password, |text| {
        Password::typed(&SecretText::new(text.to_owned()))
    });
    let (code, passkey) = (factor(fields), passkey_proof(fields));
    let factor = one_factor(fields, "passkey", code?, passkey?)?;
    Some(Proof {
        password: password?,
        factor,
    })
}

fn is_empty(proof: &Proof) -> bool {
    proof.password.is_none() && proof.factor.is_none()
}
