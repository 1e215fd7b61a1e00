//! An invitation that is accepted again, because the answer to the first request was lost or 503.
//!
//! It signs in to the account that the first request set up. It proves more than a sign-in: the token
//! and the password, which is verified and counted in the same way. Another password, another address
//! or a later time get the answer of a used invitation.

use signet_core::account::Email;
use signet_core::ids::AccountId;
use signet_core::invitation::Invitation;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, ChallengePayload, Credentials, StoreError};

use super::accept_invitation::InvitedPerson;
use super::repeated_registration::REPEATABLE;
use super::{PasswordAttempt, PasswordSignIn, RegisterError};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::origin::RequestOrigin;

impl Flows {
    /// Notes which account an invitation is about to set up. If the store that sessions need is
    /// unavailable, this fails, and the invitation stays.
    pub(super) async fn note_acceptance(&self, invitation: &Invitation) -> Result<(), StoreError> {
        let now = self.clock.now();
        let owner = invitation.account_to_set_up().as_bytes().to_vec();
        let noted = Challenge {
            purpose: OneTimePurpose::AcceptedInvitation,
            id: invitation.digest,
            payload: ChallengePayload::try_from(owner).unwrap_or_default(),
            until: now.saturating_add(REPEATABLE),
        };
        self.stores.challenges.put(&noted, now).await
    }

    /// Continues the sign-in to the account that an earlier request has set up with this token, if
    /// the password is the same.
    pub(super) async fn accept_again(
        &self,
        token: &OneTimeToken,
        person: InvitedPerson<'_>,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, RegisterError> {
        let found = self.set_up_before(token).await?;
        let found = found.ok_or(RegisterError::InvalidInvitation)?;
        let lookup_key = found.account.email.lookup_key();
        let typed = person.email.as_ref().map(Email::lookup_key);
        if typed.is_some_and(|typed| typed != lookup_key) {
            return Err(RegisterError::InvalidInvitation);
        }
        let attempt = PasswordAttempt {
            class: HashClass::Registration,
            counted: origin.counted_for(&lookup_key),
        };
        let checked = self.check_password(Some(found), person.password, attempt);
        let account = checked
            .await
            .map_err(|error| RegisterError::of_repeated(error, RegisterError::InvalidInvitation))?;
        self.sign_in_invited(account.account, person.client).await
    }

    /// The account that was set up with this token less than ten minutes ago.
    async fn set_up_before(&self, token: &OneTimeToken) -> Result<Option<Credentials>, StoreError> {
        let (purpose, now) = (OneTimePurpose::AcceptedInvitation, self.clock.now());
        let challenges = &self.stores.challenges;
        let noted = challenges.attempt(purpose, token.digest(), now).await?;
        let owner = noted.and_then(|noted| <[u8; 16]>::try_from(noted.payload.as_bytes()).ok());
        match owner {
            Some(owner) => {
                self.stores
                    .accounts
                    .by_id(AccountId::from_bytes(owner))
                    .await
            }
            None => Ok(None),
        }
    }
}
