//! Issuing access tokens: the one place that signs them.

use signet_core::access_token::{self, AccessToken, AccessTokenClaims, Validity};
use signet_core::ids::TokenId;
use signet_core::keys::signing_key::SigningError;
use signet_verifier::Timestamp;

use crate::flows::Flows;
use crate::random::system_rng;

impl Flows {
    /// Signs an access token with the key that is active at `now`.
    pub(crate) fn sign(
        &self,
        claims: &AccessTokenClaims<'_>,
        validity: Validity,
        now: Timestamp,
    ) -> Result<AccessToken, SigningError> {
        let keys = self.keys();
        let id = TokenId::random(&mut system_rng());
        access_token::issue(claims, validity, id, keys.signing.active_at(now))
    }
}
