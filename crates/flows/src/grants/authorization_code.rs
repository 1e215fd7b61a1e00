//! Redeeming a code: a client gets the first tokens of a session (RFC 6749 section 4.1.3).
//!
//! The session id is derived from the code, so a second use of a code ends the session that the
//! first use made, at any replica. The first use gets its tokens in any case. It counts itself after
//! it has stored the session, and another use counts itself before it ends the session. So the use
//! that counts second finds the session, and ends it.

use signet_core::authorization::CodeGrant;
use signet_core::ids::AccountId;
use signet_core::one_time_token::{InvalidOneTimeToken, OneTimePurpose, OneTimeToken};
use signet_core::session::SessionHandle;
use signet_store::StoreError;

use super::TokenRequest;
use super::sign_in_tokens::{CodeTokens, RedeemError, SignInTokens};
use crate::authenticate_client::AuthenticatedClient;
use crate::authorize::read_payload;
use crate::events::SessionEnd;
use crate::flows::Flows;
use crate::issue::GrantKind;
use crate::origin::{Caller, RequestOrigin};
use crate::session_tokens::Extent;

/// A code and the proof that the request for it came from the same client.
#[derive(Clone, Copy, Debug)]
pub struct ShownCode<'a> {
    /// The code.
    pub code: &'a str,
    /// The redirect URI of the request.
    pub redirect_uri: &'a str,
    /// The secret of the code challenge.
    pub verifier: &'a str,
}

impl Flows {
    /// Exchanges a code for the first tokens of a session. `request` narrows the access token; the
    /// session has all that the person allowed.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]
    pub async fn redeem_code(
        &self,
        client: &AuthenticatedClient,
        shown: ShownCode<'_>,
        request: TokenRequest<'_>,
        origin: &RequestOrigin,
    ) -> Result<CodeTokens, RedeemError> {
        let code = OneTimeToken::read(OneTimePurpose::AuthorizationCode, shown.code)?;
        self.check_request(client, (&code, shown), request).await?;
        let now = self.clock.now();
        let challenges = &self.stores.challenges;
        let taken = challenges.take(code.purpose(), code.digest(), now).await?;
        let caller = Caller::client(&client.id, origin);
        let Some(taken) = taken else {
            if let Some(uses) = self.count_use(&code).await? {
                self.end_session_of_code(&code, uses, caller).await?;
            }
            return Err(InvalidOneTimeToken.into());
        };
        let grant = read_payload::<CodeGrant>(&taken).ok_or(InvalidOneTimeToken)?;
        grant.check(client, shown.redirect_uri, shown.verifier)?;
        let granted = SignInTokens {
            grant: &grant.sign_in,
            request,
            handle: SessionHandle::of_code(&code),
            browser: Some(grant.sign_in.browser()),
        };
        let counted = async {
            let uses = self.count_use(&code).await?;
            uses.ok_or(InvalidOneTimeToken.into())
        };
        let made = self.tokens_of_sign_in(client, granted, origin, counted);
        let (tokens, uses) = made.await?;
        if uses.number > 1 {
            self.end_session_of_code(&code, uses, caller).await?;
        }
        GrantKind::AuthorizationCode.count();
        Ok(tokens)
    }

    /// Refuses a request for more than the code allows before the code is used, so that the client
    /// can correct it. Others than the client of the code learn nothing: they are refused later.
    async fn check_request(
        &self,
        client: &AuthenticatedClient,
        (code, shown): (&OneTimeToken, ShownCode<'_>),
        request: TokenRequest<'_>,
    ) -> Result<(), RedeemError> {
        if request.is_for_all() {
            return Ok(());
        }
        let (challenges, now) = (&self.stores.challenges, self.clock.now());
        let found = challenges.attempt(code.purpose(), code.digest(), now);
        let found = found.await?;
        let grant = found.and_then(|found| read_payload::<CodeGrant>(&found.payload));
        let is_own = |grant: &CodeGrant| {
            let checked = grant.check(client, shown.redirect_uri, shown.verifier);
            checked.is_ok()
        };
        if let Some(grant) = grant.filter(is_own) {
            let asked = (request.scope, request.targets);
            Extent::narrowed(&grant.sign_in.of_session(client), client, asked)?;
        }
        Ok(())
    }

    /// Ends the session that the first use of a code has made, because one of those who have shown
    /// it has stolen it (RFC 6749 section 4.1.2).
    async fn end_session_of_code(
        &self,
        code: &OneTimeToken,
        uses: CodeUses,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let session = (uses.owner, SessionHandle::of_code(code).session_id());
        self.end_session(session, SessionEnd::CodeReused, caller)
            .await
    }

    /// Counts one more use of a code; `None` if none was issued within ten minutes.
    async fn count_use(&self, code: &OneTimeToken) -> Result<Option<CodeUses>, StoreError> {
        let purpose = OneTimePurpose::AuthorizationCodeUses;
        let challenges = &self.stores.challenges;
        let counted = challenges.attempt(purpose, code.digest(), self.clock.now());
        let Some(counted) = counted.await? else {
            return Ok(None);
        };
        let owner = <[u8; 16]>::try_from(counted.payload.as_bytes());
        Ok(owner.ok().map(|owner| CodeUses {
            number: counted.number,
            owner: AccountId::from_bytes(owner),
        }))
    }
}

/// The uses of a code so far, this one included.
#[derive(Clone, Copy, Debug)]
struct CodeUses {
    number: u64,
    /// The account that the code is for.
    owner: AccountId,
}
