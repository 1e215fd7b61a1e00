//! The rules for using and removing authenticators, by example.

use super::*;
use crate::account::{MfaPolicy, SecondFactors};
use crate::one_time_token::OneTimeDigest;

fn empty(has_password: bool) -> AuthenticatorSet {
    AuthenticatorSet::none(AccountId::from_bytes([1; 16]), has_password)
}

fn passkey(number: u8) -> Passkey {
    Passkey {
        credential_id: vec![number; 16],
        public_key: vec![1, 2, 3],
        counter: 0,
        backup_eligible: true,
        backed_up: true,
        name: None,
        created_at: Timestamp::from_seconds(1_800_000_000),
        last_used_at: None,
    }
}

fn code(number: u8) -> RecoveryCodeDigest {
    RecoveryCodeDigest::from_bytes([number; 32])
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the digest of a sign-in is optional"
)]
fn sign_in(number: u8) -> Option<OneTimeDigest> {
    Some(OneTimeDigest::from_bytes([number; 32]))
}

#[test]
fn the_first_code_confirms_an_app_and_each_is_accepted_once() {
    let pending = empty(true).enrol_totp(vec![1]).unwrap();
    assert!(!pending.needs_second_factor());
    let active = pending.accept_totp(100).unwrap();
    assert!(active.needs_second_factor());
    for step in [99, 100] {
        let again = active.clone().accept_totp(step);
        assert_eq!(again, Err(AuthenticatorProblem::Used));
    }
    let later = active.accept_totp(101).unwrap();
    assert_eq!(later.version, 3);
    let other = later.enrol_totp(vec![2]);
    assert_eq!(other, Err(AuthenticatorProblem::Exists));
    let without = empty(true).accept_totp(1);
    assert_eq!(without, Err(AuthenticatorProblem::Unknown));
}

#[test]
fn a_pending_app_is_replaced() {
    let pending = empty(true).enrol_totp(vec![1]).unwrap();
    let replaced = pending.enrol_totp(vec![2]).unwrap();
    assert_eq!(replaced.totp.unwrap().sealed_secret, [2]);
}

#[test]
fn a_recovery_code_is_used_once() {
    let none = empty(true).replace_recovery_codes(vec![code(1)]);
    assert_eq!(none, Err(AuthenticatorProblem::NoSecondFactor));
    let enrolled = empty(true).add_passkey(passkey(1)).unwrap();
    let codes = enrolled.replace_recovery_codes(vec![code(1), code(2)]);
    let codes = codes.unwrap();
    let used = codes.use_recovery_code(code(1)).unwrap();
    assert_eq!(used.recovery_codes, [code(2)]);
    let again = used.use_recovery_code(code(1));
    assert_eq!(again, Err(AuthenticatorProblem::Unknown));
}

#[test]
fn a_recovery_code_is_used_again_by_the_same_sign_in_until_something_changes() {
    let enrolled = empty(true).add_passkey(passkey(1)).unwrap();
    let codes = enrolled.replace_recovery_codes(vec![code(1), code(2)]);
    let codes = codes.unwrap();
    let recovery = OneTimeCode::Recovery(code(1));
    let used = codes.clone().use_code(recovery, sign_in(1)).unwrap();
    assert_eq!(used.recovery_codes, [code(2)]);
    let again = used.clone().use_code(recovery, sign_in(1));
    assert_eq!(again, Ok(used.clone()));
    for other in [sign_in(2), None] {
        let refused = used.clone().use_code(recovery, other);
        assert_eq!(refused, Err(AuthenticatorProblem::Unknown), "{other:?}");
    }
    let replaced = used.replace_recovery_codes(vec![code(3)]).unwrap();
    let void = replaced.use_code(recovery, sign_in(1));
    assert_eq!(void, Err(AuthenticatorProblem::Unknown));

    let once = codes.use_code(recovery, None).unwrap();
    for other in [sign_in(1), None] {
        let again = once.clone().use_code(recovery, other);
        assert_eq!(again, Err(AuthenticatorProblem::Unknown), "{other:?}");
    }
}

#[test]
fn the_code_of_an_app_is_used_again_by_the_same_sign_in() {
    let active = empty(true).enrol_totp(vec![1]).unwrap();
    let active = active.confirm_totp(7, vec![]).unwrap();
    let totp = OneTimeCode::Totp;
    let used = active.use_code(totp(8), sign_in(1)).unwrap();
    let again = used.clone().use_code(totp(8), sign_in(1));
    assert_eq!(again, Ok(used.clone()));
    for (step, other) in [(8, sign_in(2)), (8, None), (7, sign_in(1))] {
        let refused = used.clone().use_code(totp(step), other);
        assert_eq!(refused, Err(AuthenticatorProblem::Used));
    }
    let later = used.use_code(totp(9), sign_in(1)).unwrap();
    let earlier = later.use_code(totp(8), sign_in(1));
    assert_eq!(earlier, Err(AuthenticatorProblem::Used));
}

#[test]
fn removing_the_app_removes_the_recovery_codes() {
    let active = empty(true).enrol_totp(vec![1]).unwrap();
    let active = active.accept_totp(1).unwrap();
    let active = active.replace_recovery_codes(vec![code(1)]).unwrap();
    let with_passkey = active.clone().add_passkey(passkey(1)).unwrap();
    let kept = with_passkey.remove_totp().unwrap();
    assert_eq!(kept.recovery_codes, [code(1)]);
    let removed = active.remove_totp().unwrap();
    assert_eq!((&removed.totp, removed.recovery_codes.len()), (&None, 0));
    let again = removed.remove_totp();
    assert_eq!(again, Err(AuthenticatorProblem::Unknown));
}

#[test]
fn an_account_has_at_most_ten_passkeys_with_different_ids() {
    let mut full = empty(false);
    for number in 0..10 {
        full = full.add_passkey(passkey(number)).unwrap();
    }
    let more = full.clone().add_passkey(passkey(10));
    assert_eq!(more, Err(AuthenticatorProblem::TooMany));
    let again = full.add_passkey(passkey(3));
    assert_eq!(again, Err(AuthenticatorProblem::Exists));
}

#[test]
fn the_last_way_to_sign_in_stays() {
    let alone = empty(true).remove_password();
    assert_eq!(alone, Err(AuthenticatorProblem::Last));
    let both = empty(true).add_passkey(passkey(1)).unwrap();
    let only_passkey = both.clone().remove_password().unwrap();
    assert!(!only_passkey.has_password);
    let none = only_passkey.remove_passkey(&[1; 16]);
    assert_eq!(none, Err(AuthenticatorProblem::Last));
    let only_password = both.remove_passkey(&[1; 16]).unwrap();
    assert!(only_password.passkeys.is_empty());
    // An app is no way to sign in alone.
    let app = only_password.enrol_totp(vec![1]).unwrap();
    let app = app.accept_totp(1).unwrap();
    assert_eq!(app.remove_password(), Err(AuthenticatorProblem::Last));
}

#[test]
fn a_passkey_that_is_unknown_is_neither_changed_nor_removed() {
    let changed = empty(true).change_passkey(&[9], |passkey| passkey.counter = 1);
    assert_eq!(changed, Err(AuthenticatorProblem::Unknown));
    let removed = empty(true).remove_passkey(&[9]);
    assert_eq!(removed, Err(AuthenticatorProblem::Unknown));
}

#[test]
fn confirming_an_app_is_one_change_that_brings_the_recovery_codes() {
    let pending = empty(true).enrol_totp(vec![1]).unwrap();
    let active = pending.clone().confirm_totp(7, vec![code(1)]).unwrap();
    assert_eq!(active.version, pending.version + 1);
    assert_eq!(active.recovery_codes, [code(1)]);
    let again = active.confirm_totp(8, vec![code(2)]);
    assert_eq!(again, Err(AuthenticatorProblem::Exists));
    let without = empty(true).confirm_totp(7, Vec::new());
    assert_eq!(without, Err(AuthenticatorProblem::Unknown));
}

#[test]
fn the_strongest_methods_are_the_second_factors_if_there_are_any() {
    use ProofMethod::{Passkey, Password, RecoveryCode, Totp};
    let pending = empty(true).enrol_totp(vec![1]).unwrap();
    assert_eq!(pending.strongest_methods(), [Password]);
    assert_eq!(pending.second_factors(), SecondFactors::default());
    let active = pending.confirm_totp(7, vec![code(1)]).unwrap();
    assert_eq!(active.strongest_methods(), [Totp, RecoveryCode]);
    let both = active.add_passkey(passkey(1)).unwrap();
    assert_eq!(both.strongest_methods(), [Totp, Passkey, RecoveryCode]);
    assert_eq!(both.second_factors().number(), 3);
    let used = both.use_recovery_code(code(1)).unwrap();
    assert_eq!(used.strongest_methods(), [Totp, Passkey]);
}

#[test]
fn an_account_that_must_have_a_second_factor_keeps_one() {
    let (required, refused) = (
        MfaPolicy::Required,
        Err(AuthenticatorProblem::FactorRequired),
    );
    let app = empty(true).enrol_totp(vec![1]).unwrap();
    let app = app.confirm_totp(7, vec![code(1)]).unwrap();
    let alone = app.clone().losing(required, AuthenticatorSet::remove_totp);
    assert_eq!(alone, refused);
    let optional = app
        .clone()
        .losing(MfaPolicy::Optional, AuthenticatorSet::remove_totp);
    assert!(!optional.unwrap().needs_second_factor());
    let both = app.add_passkey(passkey(1)).unwrap();
    let passkey_left = both.clone().losing(required, AuthenticatorSet::remove_totp);
    let passkey_left = passkey_left.unwrap();
    let remove_passkey = |found: AuthenticatorSet| found.remove_passkey(&[1; 16]);
    assert_eq!(passkey_left.losing(required, remove_passkey), refused);
    let app_left = both.losing(required, remove_passkey).unwrap();
    assert!(app_left.needs_second_factor());
    // An app that waits for its first code is no second factor.
    let pending = empty(true).enrol_totp(vec![1]).unwrap();
    let none = pending.losing(required, AuthenticatorSet::remove_totp);
    assert_eq!(none.unwrap().totp, None);
}
