//! A registration that is sent again, because the answer to the first request was lost or 503.
//!
//! It signs in to the account that the first request made. It proves as much as a sign-in: the
//! password is verified and counted in the same way. It reveals nothing more: other fields, another
//! password, a later time or any change of the account lead to `email_taken`.

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
    now <= account.created_at.saturating_add(REPEATABLE) && *account == untouched
}

/// How long a registration can be sent again: longer than a client repeats a request, and than most
/// outages of a store.
pub(super) const REPEATABLE: Duration = Duration::from_mins(10);
