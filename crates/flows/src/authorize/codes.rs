//! Issuing codes. Two records keep a code: its grant for one minute, and its owner for ten minutes.
//! With the second record, a second use of the code ends the session that the first use made.

use std::time::Duration;

use signet_core::authorization::CodeGrant;
use signet_core::authorization::Refusal;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, ChallengePayload, StoreError};

use super::pending::{Pending, payload};
use super::progress::{Progress, ReturnAddress};
use crate::browser::BrowserSession;
use crate::flows::Flows;
use crate::random::system_rng;

impl Flows {
    pub(super) async fn issue_code(
        &self,
        pending: Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        let to = ReturnAddress::of(&pending.request);
        let Some(browser) = browser else {
            return Ok(Progress::Refused(to, Refusal::LoginRequired));
        };
        let account = (browser.account().id, browser.epoch());
        let signed_in = (
            browser.browser(),
            browser.authenticated_at(),
            browser.amr().to_vec(),
        );
        let grant = CodeGrant::of(pending.request, &pending.client, account, signed_in);
        let code = OneTimeToken::random(OneTimePurpose::AuthorizationCode, &mut system_rng());
        let owner = ChallengePayload::try_from(account.0.as_bytes().to_vec());
        let owner = owner.unwrap_or_default();
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
        Ok(Progress::Issued(to, code.into_text()))
    }
}

/// RFC 6749 section 4.1.2 recommends ten minutes at most; servers redeem a code in seconds.
const CODE_TTL: Duration = Duration::from_mins(1);
/// A stolen code is used soon, or never.
const USES_KEPT: Duration = Duration::from_mins(10);
