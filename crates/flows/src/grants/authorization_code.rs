//! Redeeming a code: a client gets the first tokens of a session (RFC 6749 section 4.1.3).
//!
//! The session id is derived from the code, so a second use of a code ends the session that the
//! first use made, at any replica.

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
        let Some(taken) = taken else {
            let caller = Caller::client(&client.id, origin);
            self.end_session_of_code(&code, caller).await?;
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
        let is_first_use = async {
            let is_first = matches!(self.count_use(&code).await?, Some((1, _)));
            is_first.then_some(()).ok_or(InvalidOneTimeToken.into())
        };
        let tokens = self.tokens_of_sign_in(client, granted, origin, is_first_use);
        let tokens = tokens.await?;
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

    /// A code that is not there any more: if it was used, the session of that use ends, because one
    /// of the two has stolen the code (RFC 6749 section 4.1.2).
    async fn end_session_of_code(
        &self,
        code: &OneTimeToken,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let Some((_, account_id)) = self.count_use(code).await? else {
            return Ok(());
        };
        let session = (account_id, SessionHandle::of_code(code).session_id());
        self.end_session(session, SessionEnd::CodeReused, caller)
            .await
    }

    /// Counts one more use of a code that was issued within ten minutes. Of two uses, each sees
    /// the other or is seen by it.
    async fn count_use(&self, code: &OneTimeToken) -> Result<Option<(u64, AccountId)>, StoreError> {
        let purpose = OneTimePurpose::AuthorizationCodeUses;
        let challenges = &self.stores.challenges;
        let counted = challenges.attempt(purpose, code.digest(), self.clock.now());
        let Some(counted) = counted.await? else {
            return Ok(None);
        };
        let owner = <[u8; 16]>::try_from(counted.payload.as_bytes());
        Ok(owner
            .ok()
            .map(|owner| (counted.number, AccountId::from_bytes(owner))))
    }
}
