//! Enrolling the first second factor in a sign-in that requires one.
//!
//! The recovery codes are computed from the token of the sign-in. If an account has exactly these
//! codes, the same sign-in has enrolled its factor before. So a request whose answer was lost can be
//! sent again, and the person sees the codes. Another sign-in has other codes and is refused.

use super::{AuthenticatorProblem, AuthenticatorSet, Passkey, TotpEnrolment};
use crate::second_factor::{RecoveryCodeDigest, TotpStep};

impl AuthenticatorSet {
    /// Confirms an app as the first second factor by the code of `step`, and makes these the recovery
    /// codes. If this sign-in has done so before, the same code or a later one is accepted again.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app, [`AuthenticatorProblem::Exists`] if the
    /// account has got a second factor elsewhere. [`AuthenticatorProblem::Used`] if a later code was
    /// accepted before.
    pub fn confirm_first_totp(
        self,
        step: TotpStep,
        codes: Vec<RecoveryCodeDigest>,
    ) -> Result<Self, AuthenticatorProblem> {
        if !self.needs_second_factor() {
            return self.confirm_totp(step, codes);
        }
        match self.totp {
            Some(TotpEnrolment {
                last_step: Some(last),
                ..
            }) if self.was_enrolled_with(&codes) => {
                if step == last {
                    Ok(self)
                } else {
                    self.accept_totp(step)
                }
            }
            _ => Err(AuthenticatorProblem::Exists),
        }
    }

    /// Adds a passkey as the first second factor, and makes these the recovery codes. If this sign-in
    /// has done so before, the record stays as it is.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Exists`] if the account has another second factor.
    pub fn enrol_passkey(
        self,
        passkey: Passkey,
        codes: Vec<RecoveryCodeDigest>,
    ) -> Result<Self, AuthenticatorProblem> {
        if self.needs_second_factor() {
            let known = self.passkey(&passkey.credential_id);
            let is_same = known.is_some_and(|known| known.public_key == passkey.public_key);
            return if is_same && self.was_enrolled_with(&codes) {
                Ok(self)
            } else {
                Err(AuthenticatorProblem::Exists)
            };
        }
        let mut next = self.add_passkey(passkey)?;
        next.recovery_codes = codes;
        Ok(next)
    }

    fn was_enrolled_with(&self, codes: &[RecoveryCodeDigest]) -> bool {
        !codes.is_empty() && self.recovery_codes == codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use signet_verifier::Timestamp;

    fn empty() -> AuthenticatorSet {
        AuthenticatorSet::none(AccountId::from_bytes([1; 16]), true)
    }

    fn passkey(number: u8) -> Passkey {
        Passkey {
            credential_id: vec![number],
            public_key: vec![number],
            counter: 0,
            backup_eligible: false,
            backed_up: false,
            name: None,
            created_at: Timestamp::default(),
            last_used_at: None,
        }
    }

    fn codes(number: u8) -> Vec<RecoveryCodeDigest> {
        vec![RecoveryCodeDigest::from_bytes([number; 32])]
    }

    #[test]
    fn enrolling_a_passkey_is_one_change_and_only_the_first_second_factor() {
        let enrolled = empty().enrol_passkey(passkey(1), codes(1)).unwrap();
        assert_eq!(enrolled.version, 1);
        assert_eq!(enrolled.recovery_codes, codes(1));
        let with_app = empty().enrol_totp(vec![1]).unwrap();
        let with_app = with_app.confirm_totp(100, codes(1)).unwrap();
        for codes in [codes(1), codes(2)] {
            let beside = with_app.clone().enrol_passkey(passkey(1), codes);
            assert_eq!(beside, Err(AuthenticatorProblem::Exists));
        }
    }

    #[test]
    fn the_same_sign_in_enrols_the_same_passkey_again() {
        let enrolled = empty().enrol_passkey(passkey(1), codes(1)).unwrap();
        let again = enrolled.clone().enrol_passkey(passkey(1), codes(1));
        assert_eq!(again, Ok(enrolled.clone()));
        let mut forged = passkey(1);
        forged.public_key = vec![2];
        for (passkey, codes) in [
            (passkey(2), codes(1)),
            (forged, codes(1)),
            (passkey(1), codes(2)),
            (passkey(1), Vec::new()),
        ] {
            let refused = enrolled.clone().enrol_passkey(passkey, codes);
            assert_eq!(refused, Err(AuthenticatorProblem::Exists));
        }
        let pending = enrolled.enrol_totp(vec![1]).unwrap();
        let beside = pending.confirm_first_totp(7, codes(1));
        assert_eq!(beside, Err(AuthenticatorProblem::Exists));
    }

    #[test]
    fn the_same_sign_in_confirms_an_app_again_by_this_code_or_a_later_one() {
        let pending = empty().enrol_totp(vec![1]).unwrap();
        let active = pending.confirm_first_totp(7, codes(1)).unwrap();
        let confirm = |step, codes| active.clone().confirm_first_totp(step, codes);
        assert_eq!(confirm(7, codes(1)), Ok(active.clone()));
        let later = confirm(8, codes(1)).unwrap();
        assert_eq!(later.totp.unwrap().last_step, Some(8));
        assert_eq!(later.recovery_codes, codes(1));
        assert_eq!(confirm(6, codes(1)), Err(AuthenticatorProblem::Used));
        for other in [codes(2), Vec::new()] {
            assert_eq!(confirm(8, other), Err(AuthenticatorProblem::Exists));
        }
        // Without codes, nothing shows which sign-in has enrolled it.
        let bare = empty().enrol_totp(vec![1]).unwrap();
        let bare = bare.confirm_totp(7, Vec::new()).unwrap();
        let again = bare.confirm_first_totp(8, Vec::new());
        assert_eq!(again, Err(AuthenticatorProblem::Exists));
    }

    #[test]
    fn an_app_that_was_not_offered_is_not_confirmed() {
        let refused = empty().confirm_first_totp(7, codes(1));
        assert_eq!(refused, Err(AuthenticatorProblem::Unknown));
    }
}
