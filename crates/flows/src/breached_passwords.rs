//! Refusing new passwords that others have lost in a breach, if a service of ranges is configured.
//!
//! The service learns 5 digits of a digest and no account. If it cannot answer, the password is
//! accepted, and operators are told.

use signet_core::password::{BreachQuery, Password, PasswordProblem};

use crate::events::{self, Event, LimitEvent};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::password_ranges::RangeError;

impl Flows {
    /// Checks that a new password is not in the list of the service, if there is a service.
    ///
    /// # Errors
    ///
    /// [`PasswordProblem::Breached`]
    pub(crate) async fn refuse_breached(&self, password: &Password) -> Result<(), PasswordProblem> {
        let Some(service) = &self.breached_passwords.service else {
            return Ok(());
        };
        let query = BreachQuery::of(password);
        let range = service.range(query.prefix()).await;
        let is_found = range.and_then(|range| Ok(query.is_in(&range)?));
        let (outcome, checked) = match is_found {
            Ok(false) => ("not_found", Ok(())),
            Ok(true) => ("found", Err(PasswordProblem::Breached)),
            Err(error) => {
                self.tell_of_missing_ranges(error);
                ("unavailable", Ok(()))
            }
        };
        metrics::counter!("signet_password_lookups_total", "outcome" => outcome).increment(1);
        checked
    }

    fn tell_of_missing_ranges(&self, error: RangeError) {
        if self
            .breached_passwords
            .outage
            .is_due(self.clock.monotonic())
        {
            tracing::warn!(%error, "the service at password.range_url gives no ranges");
            events::emit(Event::Limits(LimitEvent::RangesUnavailable), Caller::SYSTEM);
        }
    }
}
