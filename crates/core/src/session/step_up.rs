//! Step-up: how fresh the sign-in of a session is, and what a new proof changes in its record.
//!
//! This module must not know how a proof is checked.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::record::Session;

/// How long a proof counts for changes of the password, the address or an authenticator, and for
/// the deletion of the account.
pub const STEP_UP_AGE: Duration = Duration::from_mins(5);

/// RFC 8176: authentication with more than one factor.
pub const MULTI_FACTOR: &str = "mfa";

impl Session {
    /// Whether the latest proof of the session is at most [`STEP_UP_AGE`] old and of the strongest
    /// kind: with `multi_factor`, more than a password.
    pub fn is_fresh(&self, multi_factor: bool, now: Timestamp) -> bool {
        let age = now.saturating_since(self.lifetime.authenticated_at);
        let mut methods = self.grant.amr.iter();
        age <= STEP_UP_AGE && (!multi_factor || methods.any(|method| method == MULTI_FACTOR))
    }

    /// The session after its person has shown these methods once more, one version later.
    ///
    /// A second factor is added to what the session has. A password alone replaces it, because an
    /// account steps up by its password only if it has no second factor.
    #[must_use]
    pub fn stepped_up(mut self, shown: &[&'static str], now: Timestamp) -> Self {
        if !shown.contains(&MULTI_FACTOR) {
            self.grant.amr.clear();
        }
        for method in shown {
            if !self.grant.amr.iter().any(|known| known == method) {
                self.grant.amr.push((*method).to_owned());
            }
        }
        self.lifetime.authenticated_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::ClientId;
    use crate::session::fixture;

    fn session(amr: &[&str]) -> Session {
        let mut session = fixture::session(ClientId::built_in(), 1, at(1_000));
        session.grant.amr = amr.iter().map(|&method| method.to_owned()).collect();
        session
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_proof_counts_for_five_minutes() {
        let session = session(&["pwd"]);
        assert!(session.is_fresh(false, at(1_300)));
        assert!(!session.is_fresh(false, at(1_301)));
    }

    #[test]
    fn a_password_does_not_count_where_there_is_a_second_factor() {
        assert!(!session(&["pwd"]).is_fresh(true, at(1_000)));
        assert!(session(&["pwd", "otp", "mfa"]).is_fresh(true, at(1_000)));
        assert!(!session(&["pwd", "otp", "mfa"]).is_fresh(true, at(1_301)));
    }

    #[test]
    fn stepping_up_moves_the_time_and_the_methods() {
        let stepped = session(&["pwd"]).stepped_up(&["otp", "mfa"], at(2_000));
        assert_eq!(stepped.grant.amr, ["pwd", "otp", "mfa"]);
        assert_eq!(stepped.lifetime.authenticated_at, at(2_000));
        assert_eq!(stepped.lifetime.created_at, at(1_000));
        assert_eq!(stepped.version, 2);
        let again = stepped.stepped_up(&["otp", "mfa"], at(3_000));
        assert_eq!(again.grant.amr, ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn a_password_alone_replaces_the_methods() {
        let stepped = session(&["pwd", "otp", "mfa"]).stepped_up(&["pwd"], at(2_000));
        assert_eq!(stepped.grant.amr, ["pwd"]);
    }
}
