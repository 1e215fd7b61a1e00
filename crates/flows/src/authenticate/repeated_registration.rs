//! A registration that is sent again, because the first request made the account and was answered by
//! 503.
//!
//! It signs in to that account. It proves as much as a sign-in: the password is verified and counted
//! in the same way. It reveals nothing more: other fields, another password, a later time or any
//! change of the account lead to `email_taken`. The first tokens that the account gets count as a
//! change, so a registration that was answered by 201 cannot be repeated.

use std::time::Duration;

use signet_core::account::Account;
use signet_store::{Credentials, StoreError};
use signet_verifier::Timestamp;

use super::PasswordSignIn;
use super::password::PasswordAttempt;
use super::register::{NewAccount, RegisterError};
use crate::flows::Flows;

impl Flows {
    /// Returns the account that an earlier request with the same fields may have made.
    pub(super) async fn registered_before(
        &self,
        new: &NewAccount<'_>,
    ) -> Result<Option<Credentials>, StoreError> {
        let now = self.clock.now();
        let found = self.stores.accounts.by_email(&new.email).await?;
        Ok(found.filter(|found| may_be_repeated(&found.account, new, now)))
    }

    /// Notes that an account has its first tokens. If that fails, its registration can be repeated for
    /// a while, which harms nothing.
    pub(crate) async fn note_first_tokens(&self, account: &Account) {
        if account.version > 0 {
            return;
        }
        let noted = account.clone().changed(|_| {});
        if let Err(error) = self.stores.profiles.update(account, &noted).await {
            tracing::warn!(%error, "the first tokens of an account could not be noted");
        }
    }

    /// Continues the sign-in to the account that the earlier request made, if the password is the same.
    pub(super) async fn register_again(
        &self,
        found: Credentials,
        new: NewAccount<'_>,
        attempt: PasswordAttempt<'_>,
    ) -> Result<PasswordSignIn, RegisterError> {
        let checked = self.check_counted(Some(found), new.password, attempt);
        let credentials = checked
            .await
            .map_err(|error| RegisterError::of_repeated(error, RegisterError::EmailTaken))?;
        let signs_in_with = (&new.client.id, new.client.sign_in.mfa);
        let continued = self.after_password(credentials.account, signs_in_with);
        Ok(continued.await?)
    }
}

/// Whether the account is recent and exactly what a registration with these fields makes.
fn may_be_repeated(account: &Account, new: &NewAccount<'_>, now: Timestamp) -> bool {
    let (email, name) = (new.email.clone(), new.name.clone());
    let untouched = Account::new(account.id, email, name, account.created_at);
    let after = |pause| account.created_at.saturating_add(pause);
    (after(FIRST_REQUEST)..=after(REPEATABLE)).contains(&now) && *account == untouched
}

/// After this time the first request is over. Clients repeat it later, because a 503 names 5 seconds;
/// and one of several parallel requests registers.
const FIRST_REQUEST: Duration = Duration::from_secs(3);

/// How long a registration can be sent again: longer than a client repeats a request, and than most
/// outages of a store.
pub(super) const REPEATABLE: Duration = Duration::from_mins(10);
