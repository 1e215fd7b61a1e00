//! An acceptance of an invitation that is sent again, because the answer to the first request was
//! lost or 503.
//!
//! The first request notes which account it sets up before it uses the invitation up. With the same
//! token and password the account is signed in to. Another password, a later time or any change of
//! the account lead to the error of a used invitation.

use signet_core::account::{Account, AccountStatus};
use signet_core::ids::AccountId;
use signet_core::invitation::Invitation;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_store::{Challenge, ChallengePayload, Credentials, StoreError};

use super::accept_invitation::InvitedPerson;
use super::password::PasswordAttempt;
use super::repeated_registration::REPEATABLE;
use super::{PasswordSignIn, RegisterError, SignInError};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::origin::RequestOrigin;

impl Flows {
    /// Notes what the acceptance of an invitation makes of its account.
    pub(super) async fn note_acceptance(
        &self,
        invitation: &Invitation,
        account: &Account,
    ) -> Result<(), StoreError> {
        let Ok(payload) = ChallengePayload::try_from(written(account)) else {
            // A note has 24 bytes.
            return Ok(());
        };
        let now = self.clock.now();
        let note = Challenge {
            purpose: OneTimePurpose::Invitation,
            id: invitation.digest,
            payload,
            until: now.saturating_add(REPEATABLE),
        };
        self.stores.challenges.put(&note, now).await
    }

    /// Signs in to the account that an earlier request with this token and password has set up.
    pub(super) async fn accept_again(
        &self,
        digest: OneTimeDigest,
        person: InvitedPerson<'_>,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, RegisterError> {
        let found = self.accepted_before(digest).await?;
        let found = found.filter(|found| {
            let email = person.email.as_ref();
            email.is_none_or(|email| email.lookup_key() == found.account.email.lookup_key())
        });
        let found = found.ok_or(RegisterError::InvalidInvitation)?;
        person.admitted_with(&found.account.roles)?;
        let lookup_key = found.account.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::Registration,
            counted: origin.counted_for(&lookup_key),
        };
        let checked = self.check_password(Some(found), person.password, attempt);
        let credentials = checked.await.map_err(|error| match error {
            SignInError::WrongCredentials => RegisterError::InvalidInvitation,
            SignInError::TooMany(refused) => refused.into(),
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
        })?;
        self.sign_in_invited(credentials.account, person.client)
            .await
    }

    /// The account that was set up with the token of this digest, if it was not changed since.
    async fn accepted_before(
        &self,
        digest: OneTimeDigest,
    ) -> Result<Option<Credentials>, StoreError> {
        let (purpose, now) = (OneTimePurpose::Invitation, self.clock.now());
        let noted = self.stores.challenges.attempt(purpose, digest, now).await?;
        let Some(noted) = noted else {
            return Ok(None);
        };
        let Some((id, _)) = noted.payload.as_bytes().split_first_chunk() else {
            return Ok(None);
        };
        let id = AccountId::from_bytes(*id);
        let found = self.stores.accounts.by_id(id).await?;
        Ok(found.filter(|found| {
            let account = &found.account;
            let is_active = account.standing.status == AccountStatus::Active;
            is_active && written(account) == noted.payload.as_bytes()
        }))
    }
}

/// The id and the version of an account.
fn written(account: &Account) -> Vec<u8> {
    let version = account.version.to_be_bytes();
    [account.id.as_bytes().as_slice(), &version].concat()
}
