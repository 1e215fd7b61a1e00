//! Issuing codes. Two records keep a code: its grant for one minute, and its owner for ten minutes.
//! With the second record, a second use of the code ends the session that the first use made.

use std::time::Duration;

use signet_core::authorization::{CodeGrant, RedirectReply, SignInGrant};
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_store::{Challenge, ChallengePayload, StoreError};

use super::pending::payload;
use crate::flows::Flows;
use crate::random::system_rng;

impl Flows {
    pub(super) async fn issue_code(
        &self,
        grant: SignInGrant,
        reply: RedirectReply,
    ) -> Result<SecretText, StoreError> {
        let owner = grant.account_id().as_bytes().to_vec();
        let owner = ChallengePayload::try_from(owner).unwrap_or_default();
        let grant = CodeGrant::new(grant, reply);
        let code = OneTimeToken::random(OneTimePurpose::AuthorizationCode, &mut system_rng());
        let uses = (OneTimePurpose::AuthorizationCodeUses, owner, USES_KEPT);
        let grant = (code.purpose(), payload(&grant)?, CODE_TTL);
        let now = self.clock.now();
        for (purpose, payload, ttl) in [uses, grant] {
            let challenge = Challenge {
                purpose,
                id: code.digest(),
                payload,
                until: now.saturating_add(ttl),
            };
            self.stores.challenges.put(&challenge, now).await?;
        }
        Ok(code.into_text())
    }
}

/// RFC 6749 section 4.1.2 recommends ten minutes at most; servers redeem a code in seconds.
const CODE_TTL: Duration = Duration::from_mins(1);
/// A stolen code is used soon, or never.
const USES_KEPT: Duration = Duration::from_mins(10);
