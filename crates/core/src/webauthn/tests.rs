//! The ceremonies by example: good ones of every algorithm, and one hostile one for each refusal.

use signet_verifier::Timestamp;

use super::fixtures::*;
use super::*;
use crate::authenticators::Passkey;

fn registered(answer: &Answer) -> Result<Passkey, CeremonyRefusal> {
    let party = party();
    let new = register(&answer.registered(), ceremony(&party))?;
    Ok(new.stored(None, at(1)))
}

fn proved(answer: &Answer, passkey: &Passkey) -> Result<PasskeyUse, CeremonyRefusal> {
    let party = party();
    prove(&answer.asserted(), ceremony(&party), passkey, OWNER)
}

/// The passkey of `key`, which counts from 5.
fn passkey_of(key: &Key) -> Passkey {
    Passkey {
        credential_id: vec![1; 16],
        public_key: key.cose(),
        counter: 5,
        backup_eligible: false,
        backed_up: false,
        name: None,
        created_at: at(1),
        last_used_at: None,
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

#[test]
fn a_passkey_of_each_algorithm_is_registered_and_proves_its_holder() {
    for key in [Key::es256, Key::ed_dsa, Key::rs256] {
        let answer = Answer::registration(key()).with(|answer| answer.counter = 5);
        let mut passkey = registered(&answer).unwrap();
        assert_eq!(passkey, passkey_of(&answer.key));
        let proof = Answer::assertion(answer.key).with(|answer| answer.counter = 6);
        let used = proved(&proof, &passkey).unwrap();
        assert_eq!(used.note(&mut passkey, at(2)), Ok(()));
        assert_eq!((passkey.counter, passkey.last_used_at), (6, Some(at(2))));
    }
}

#[test]
fn a_synced_passkey_keeps_its_eligibility_and_may_change_its_state() {
    let answer =
        Answer::registration(Key::es256()).with(|answer| answer.flags |= ELIGIBLE | BACKED_UP);
    let mut passkey = registered(&answer).unwrap();
    assert!(passkey.backup_eligible && passkey.backed_up);
    let proof = Answer::assertion(answer.key).with(|answer| answer.flags |= ELIGIBLE);
    let used = proved(&proof, &passkey).unwrap();
    used.note(&mut passkey, at(2)).unwrap();
    assert!(passkey.backup_eligible && !passkey.backed_up);
}

#[test]
fn extensions_of_the_authenticator_are_skipped() {
    let answer = Answer::registration(Key::es256()).with(|answer| {
        answer.flags |= EXTENSIONS;
        answer.tail = [vec![0xa1], text("credProtect"), int(2)].concat();
    });
    assert!(registered(&answer).is_ok());
    let tail = answer.tail.clone();
    let proof = Answer::assertion(answer.key).with(|answer| {
        answer.flags |= EXTENSIONS;
        answer.tail = tail;
    });
    assert!(proved(&proof, &passkey_of(&proof.key)).is_ok());
}

#[test]
fn a_counter_must_grow_unless_the_authenticator_does_not_count() {
    let key = Key::es256();
    let mut passkey = passkey_of(&key);
    let mut proof = Answer::assertion(key);
    for (before, counter, expected) in [
        (0, 0, Ok(())),
        (0, 1, Ok(())),
        (5, 6, Ok(())),
        (5, 5, Err(CeremonyRefusal::Counter)),
        (5, 4, Err(CeremonyRefusal::Counter)),
        (5, 0, Err(CeremonyRefusal::Counter)),
    ] {
        passkey.counter = before;
        proof.counter = counter;
        let used = proved(&proof, &passkey).unwrap();
        assert_eq!(
            used.note(&mut passkey, at(2)),
            expected,
            "{before} {counter}"
        );
    }
}

/// A change that makes an answer hostile.
type Change = fn(&mut Answer);

/// What both ceremonies refuse.
const HOSTILE: &[(Change, CeremonyRefusal)] = &[
    (|it| it.client_data = 7.into(), CeremonyRefusal::ClientData),
    (
        |it| it.client_data["crossOrigin"] = "false".into(),
        CeremonyRefusal::ClientData,
    ),
    (
        |it| it.client_data["type"] = "payment.get".into(),
        CeremonyRefusal::Type,
    ),
    (
        |it| it.client_data["challenge"] = "CQkJ".into(),
        CeremonyRefusal::Challenge,
    ),
    (
        |it| it.client_data["origin"] = "https://app.example.com.evil.example".into(),
        CeremonyRefusal::Origin,
    ),
    (
        |it| it.client_data["origin"] = "http://app.example.com".into(),
        CeremonyRefusal::Origin,
    ),
    (
        |it| it.client_data["origin"] = "https://other.example.com".into(),
        CeremonyRefusal::Origin,
    ),
    (
        |it| it.client_data["crossOrigin"] = true.into(),
        CeremonyRefusal::CrossOrigin,
    ),
    (
        |it| it.client_data["topOrigin"] = "https://evil.example".into(),
        CeremonyRefusal::CrossOrigin,
    ),
    (
        |it| it.rp_id = "app.example.com",
        CeremonyRefusal::RelyingPartyId,
    ),
    (
        |it| it.rp_id = "evil.example",
        CeremonyRefusal::RelyingPartyId,
    ),
    (|it| it.flags &= !PRESENT, CeremonyRefusal::UserPresence),
    (
        |it| it.flags &= !VERIFIED,
        CeremonyRefusal::UserVerification,
    ),
    (|it| it.flags |= BACKED_UP, CeremonyRefusal::BackupFlags),
    (
        |it| it.flags |= EXTENSIONS,
        CeremonyRefusal::AuthenticatorData,
    ),
    (|it| it.tail = vec![0], CeremonyRefusal::AuthenticatorData),
    (
        |it| {
            it.flags |= EXTENSIONS;
            it.tail = vec![0xf6];
        },
        CeremonyRefusal::AuthenticatorData,
    ),
    (
        |it| {
            it.flags |= EXTENSIONS;
            it.tail = vec![0xa0, 0xa0];
        },
        CeremonyRefusal::AuthenticatorData,
    ),
];

#[test]
fn hostile_answers_are_refused_in_both_ceremonies() {
    for (number, (change, refusal)) in HOSTILE.iter().enumerate() {
        let answer = Answer::registration(Key::es256()).with(change);
        assert_eq!(registered(&answer), Err(*refusal), "registration {number}");
        let answer = Answer::assertion(Key::es256()).with(change);
        let passkey = passkey_of(&answer.key);
        assert_eq!(proved(&answer, &passkey), Err(*refusal), "proof {number}");
    }
}

#[test]
fn hostile_registrations_are_refused() {
    let cases: &[(Change, CeremonyRefusal)] = &[
        (
            |it| it.client_data["type"] = "webauthn.get".into(),
            CeremonyRefusal::Type,
        ),
        (
            |it| it.flags &= !ATTESTED,
            CeremonyRefusal::AuthenticatorData,
        ),
        (
            |it| it.signed_id = Some(vec![2; 16]),
            CeremonyRefusal::CredentialId,
        ),
        (|it| it.id = Vec::new(), CeremonyRefusal::CredentialId),
        (|it| it.id = vec![1; 1_024], CeremonyRefusal::CredentialId),
        (
            |it| it.cose = Some(Vec::new()),
            CeremonyRefusal::AuthenticatorData,
        ),
        (|it| it.cose = Some(vec![0xa0]), CeremonyRefusal::Key),
        (
            |it| it.cose = Some(es256_cose(&[1; 32], &[1; 32])),
            CeremonyRefusal::Key,
        ),
        (
            |it| it.cose = Some(es256_cose(&[1; 31], &[1; 33])),
            CeremonyRefusal::Key,
        ),
        (
            |it| {
                it.cose = Some(map(&[
                    (1, int(3)),
                    (3, int(-257)),
                    (-1, bytes(&[255; 128])),
                    (-2, bytes(&[1, 0, 1])),
                ]));
            },
            CeremonyRefusal::Key,
        ),
        (
            |it| {
                it.cose = Some(map(&[
                    (1, int(1)),
                    (3, int(-7)),
                    (-1, int(6)),
                    (-2, bytes(&[1; 32])),
                ]));
            },
            CeremonyRefusal::Key,
        ),
    ];
    for (number, (change, refusal)) in cases.iter().enumerate() {
        let answer = Answer::registration(Key::es256()).with(change);
        assert_eq!(registered(&answer), Err(*refusal), "{number}");
    }
}

#[test]
fn a_key_that_names_a_label_twice_is_refused() {
    let key = Key::es256();
    let mut cose = key.cose();
    cose[0] += 1;
    cose.extend([int(3), int(-7)].concat());
    let answer = Answer::registration(key).with(|answer| answer.cose = Some(cose));
    assert_eq!(registered(&answer), Err(CeremonyRefusal::Key));
}

#[test]
fn an_attestation_object_is_one_map_with_the_data_once() {
    let party = party();
    let answer = Answer::registration(Key::es256());
    let good = answer.attestation_object();
    let mut twice = good.clone();
    twice[0] += 1;
    twice.extend([text("authData"), bytes(&[1])].concat());
    let cases = [
        Vec::new(),
        vec![0xa0],
        vec![0x80],
        [good.as_slice(), &[0]].concat(),
        good[..good.len() - 1].to_vec(),
        twice,
        [vec![0xa1], text("authData"), text("x")].concat(),
    ];
    for (number, attestation_object) in cases.into_iter().enumerate() {
        let registration = AttestationResponse {
            attestation_object,
            ..answer.registered()
        };
        let refused = register(&registration, ceremony(&party));
        assert_eq!(refused, Err(CeremonyRefusal::AttestationObject), "{number}");
    }
}

#[test]
fn hostile_proofs_are_refused() {
    let cases: &[(Change, CeremonyRefusal)] = &[
        (
            |it| it.client_data["type"] = "webauthn.create".into(),
            CeremonyRefusal::Type,
        ),
        (|it| it.id = vec![2; 16], CeremonyRefusal::CredentialId),
        (
            |it| it.flags |= ATTESTED,
            CeremonyRefusal::AuthenticatorData,
        ),
        (
            |it| it.flags |= ELIGIBLE,
            CeremonyRefusal::BackupEligibility,
        ),
        (
            |it| it.user_handle = Some(vec![8; 16]),
            CeremonyRefusal::UserHandle,
        ),
        (
            |it| it.user_handle = Some(Vec::new()),
            CeremonyRefusal::UserHandle,
        ),
        (|it| it.broken_signature = true, CeremonyRefusal::Signature),
        (|it| it.key = Key::es256(), CeremonyRefusal::Signature),
        (|it| it.key = Key::ed_dsa(), CeremonyRefusal::Signature),
    ];
    for (number, (change, refusal)) in cases.iter().enumerate() {
        let key = Key::es256();
        let passkey = passkey_of(&key);
        let answer = Answer::assertion(key).with(change);
        assert_eq!(proved(&answer, &passkey), Err(*refusal), "{number}");
    }
}

#[test]
fn a_signature_is_of_this_client_data_and_no_other() {
    let party = party();
    let answer = Answer::assertion(Key::es256());
    let passkey = passkey_of(&answer.key);
    let mut assertion = answer.asserted();
    assertion.client_data.push(b' ');
    let refused = prove(&assertion, ceremony(&party), &passkey, OWNER);
    assert_eq!(refused, Err(CeremonyRefusal::Signature));
}

#[test]
fn each_truncation_of_an_answer_is_refused() {
    let party = party();
    let answer = Answer::registration(Key::rs256());
    let whole = answer.registered();
    for length in 0..whole.attestation_object.len() {
        let cut = AttestationResponse {
            attestation_object: whole.attestation_object[..length].to_vec(),
            ..whole.clone()
        };
        assert!(register(&cut, ceremony(&party)).is_err(), "{length}");
    }
}

#[test]
fn an_rp_id_covers_its_own_host_and_those_below() {
    for (id, host, expected) in [
        ("example.com", "example.com", true),
        ("example.com", "auth.example.com", true),
        ("example.com", "badexample.com", false),
        ("auth.example.com", "example.com", false),
        ("localhost", "localhost", true),
    ] {
        assert_eq!(RelyingParty::covers(id, host), expected, "{id} {host}");
    }
}

#[test]
fn codes_are_unique() {
    let mut codes = CeremonyRefusal::ALL.map(CeremonyRefusal::code);
    codes.sort_unstable();
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
}
