//! The packed record comes back as it went in, never changes its bytes, and refuses nonsense.

use std::net::IpAddr;

use signet_core::session::SessionPolicy;
use signet_core::status_list::ListId;

use super::*;

const ACCOUNT: [u8; 16] = [0xaa; 16];
const ID: [u8; 16] = [0x5d; 16];

fn session() -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::from_number(3),
        cnf: None,
    };
    let mut session = Session::begin(
        SessionId::from_bytes(ID),
        AccountId::from_bytes(ACCOUNT),
        grant,
        Timestamp::from_millis(1_763_800_000_000),
        &SessionPolicy::default(),
    )
    .seen_from(SeenFrom::new(
        "curl/8.7.1",
        Some(IpAddr::from([203, 0, 113, 9])),
    ));
    session.refreshed_from = SeenFrom::new("curl/8.8.1", None);
    session.version = 300;
    session.rotation = Rotation {
        generation: Generation::from_number(299),
        accepted: Generation::from_number(298),
        floor: Generation::from_number(297),
        previous_floor: Generation::from_number(296),
        burst_at: Timestamp::from_millis(1_763_800_000_500),
        rotated_at: Timestamp::from_millis(1_763_800_000_600),
        recovered_at: Timestamp::default(),
    };
    session
}

fn unpacked(bytes: &[u8]) -> Result<Session, ImpossibleRow> {
    unpack(
        AccountId::from_bytes(ACCOUNT),
        SessionId::from_bytes(ID),
        bytes,
    )
}

#[test]
fn format_2_is_these_bytes() {
    let bytes = pack(&session()).unwrap();
    let (first, body) = GOLDEN.split_first().unwrap();
    assert_eq!((*first, bytes[0]), (1, 2));
    assert_eq!(bytes[1..], [body, LAST_SEEN.as_slice()].concat());
    assert_eq!(unpacked(&bytes).unwrap(), session());
}

#[test]
fn format_3_adds_the_browser() {
    let mut session = session();
    session.browser = Some(SessionId::from_bytes([7; 16]));
    let bytes = pack(&session).unwrap();
    let (_, body) = GOLDEN.split_first().unwrap();
    assert_eq!(bytes[0], 3);
    assert_eq!(bytes[1..], [body, LAST_SEEN.as_slice(), &[7; 16]].concat());
    assert_eq!(unpacked(&bytes).unwrap(), session);
}

#[test]
fn format_1_is_read_as_last_seen_at_the_sign_in() {
    let mut session = session();
    session.refreshed_from = session.begun_from.clone();
    assert_eq!(unpacked(&GOLDEN).unwrap(), session);
}

#[test]
fn a_shortened_user_agent_of_format_1_is_left_out() {
    let mut bytes = GOLDEN;
    let user_agent = GOLDEN.len() - 16;
    bytes[user_agent] = 0xc0;
    assert_eq!(
        unpacked(&bytes).unwrap().begun_from,
        SeenFrom::new("", session().begun_from.ip)
    );
}

#[test]
fn another_format_or_length_is_refused() {
    let good = pack(&session()).unwrap();
    let mut newer = good.clone();
    newer[0] = 4;
    let longer = [good.as_slice(), &[0]].concat();
    for bytes in [&[], &newer[..], &longer[..], &good[..good.len() - 1]] {
        assert!(unpacked(bytes).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn impossible_records_are_refused() {
    type Damage = fn(&mut Session);
    let damages: [(&str, Damage); 10] = [
        ("version", |s| s.version = 0),
        ("generation 0", |s| s.rotation.generation = Generation::NONE),
        ("accepted", |s| s.rotation.accepted = s.rotation.generation),
        ("floor", |s| {
            s.rotation.floor = Generation::from_number(300);
        }),
        ("floor 0", |s| s.rotation.floor = Generation::NONE),
        ("previous floor", |s| {
            s.rotation.previous_floor = Generation::from_number(298);
        }),
        ("previous floor 0", |s| {
            s.rotation.previous_floor = Generation::NONE;
        }),
        ("idle end", |s| {
            s.lifetime.idle_expires_at = Timestamp::from_millis(u64::MAX);
        }),
        ("user agent", |s| {
            s.begun_from.user_agent = "a".repeat(MAX_USER_AGENT_LENGTH + 1);
        }),
        ("last user agent", |s| {
            s.refreshed_from.user_agent = "a".repeat(MAX_USER_AGENT_LENGTH + 1);
        }),
    ];
    for (what, damage) in damages {
        let mut session = session();
        damage(&mut session);
        assert!(unpacked(&pack(&session).unwrap()).is_err(), "{what}");
    }
}

#[test]
fn a_usual_record_is_small() {
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                  Chrome/142.0.0.0 Safari/537.36";
    let session = session().seen_from(SeenFrom::new(chrome, session().begun_from.ip));
    assert_eq!(pack(&session).unwrap().len(), 127);
}

mod any {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn time() -> impl Strategy<Value = Timestamp> {
        any::<u64>().prop_map(Timestamp::from_millis)
    }

    fn rotation() -> impl Strategy<Value = Rotation> {
        let counters = vec(1..u32::MAX, 4);
        (counters, time(), time(), time()).prop_map(|(mut counters, burst_at, rotated_at, last)| {
            counters.sort_unstable();
            Rotation {
                generation: Generation::from_number(counters[3]),
                accepted: Generation::from_number(counters[2] - 1),
                floor: Generation::from_number(counters[1]),
                previous_floor: Generation::from_number(counters[0]),
                burst_at,
                rotated_at,
                recovered_at: last,
            }
        })
    }

    fn lifetime() -> impl Strategy<Value = Lifetime> {
        (time(), time(), time(), time()).prop_map(|(a, b, c, authenticated_at)| {
            let [created_at, idle_expires_at, absolute_expires_at] = {
                let mut times = [a, b, c];
                times.sort();
                times
            };
            Lifetime {
                created_at,
                authenticated_at,
                idle_expires_at,
                absolute_expires_at,
            }
        })
    }

    fn grant() -> impl Strategy<Value = Grant> {
        (
            "[a-z]{1,8}",
            vec("[!#-\\[\\]-~]{1,12}", 0..4),
            vec("[A-Za-z0-9._:/]{1,12}", 0..4),
            vec("\\PC{0,5}", 0..3),
            any::<u32>(),
            option::of("\\PC{0,5}"),
        )
            .prop_map(|(client, scope, audience, amr, epoch, cnf)| Grant {
                client_id: client.parse().unwrap(),
                scope: scope.iter().map(|text| text.parse().unwrap()).collect(),
                audience: audience.iter().map(|text| text.parse().unwrap()).collect(),
                amr,
                epoch: Epoch::from_number(epoch),
                cnf,
            })
    }

    fn status_index() -> impl Strategy<Value = StatusIndex> {
        let list = any::<[u8; 8]>().prop_map(ListId::from_bytes);
        (list, any::<u32>(), time()).prop_map(|(list, index, expires_at)| StatusIndex {
            list,
            index,
            expires_at,
        })
    }

    fn seen_from() -> impl Strategy<Value = SeenFrom> {
        ("(Chrome/1)?\\PC{0,12}( Safari)?", any::<Option<IpAddr>>())
            .prop_map(|(user_agent, ip)| SeenFrom { user_agent, ip })
    }

    proptest! {
        #[test]
        fn session_comes_back_as_it_went_in(
            version in 1..u64::MAX,
            rotation in rotation(),
            lifetime in lifetime(),
            grant in grant(),
            browser in any::<Option<[u8; 16]>>(),
            begun_from in seen_from(),
            refreshed_from in seen_from(),
            status in vec(status_index(), 0..9),
        ) {
            let (id, account_id) = (SessionId::from_bytes(ID), AccountId::from_bytes(ACCOUNT));
            let session = Session {
                id, account_id, version, rotation, lifetime, grant,
                browser: browser.map(SessionId::from_bytes),
                begun_from, refreshed_from, status: status.clone(),
            };
            let bytes = pack(&session).unwrap();
            prop_assert_eq!(unpacked(&bytes), Ok(session));
            prop_assert_eq!(status_of(&bytes), Ok(status));
        }

        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _outcome = unpacked(&[&[FORMAT_1], bytes.as_slice()].concat());
            let _outcome = unpacked(&[&[FORMAT_2], bytes.as_slice()].concat());
            let _outcome = unpacked(&[&[FORMAT_3], bytes.as_slice()].concat());
            let format_4 = [&[FORMAT_4], bytes.as_slice()].concat();
            let _outcome = (unpacked(&format_4), status_of(&format_4));
        }
    }
}

/// No address, the same 7 and 2 bytes, between them "8".
const LAST_SEEN: [u8; 5] = [1, 7, 2, 1, b'8'];

#[rustfmt::skip]
const GOLDEN: [u8; 83] = [
    1, // format
    0xac, 0x02, // version
    0xab, 0x02, 0xaa, 0x02, 0xa9, 0x02, 0xa8, 0x02, // generation, accepted, floors
    0x80, 0xcc, 0xb0, 0xd5, 0xaa, 0x33, // created at
    0xe8, 0x07, 0xb0, 0x09, 0xff, 0x97, 0xe1, 0xaa, 0xd5, 0x66, // burst, rotated, recovered
    0x00, 0x80, 0xa0, 0xc8, 0x81, 0x09, 0x80, 0xe0, 0xe2, 0xf7, 0x39, // authenticated, ends
    6, b's', b'i', b'g', b'n', b'e', b't', // client
    1, 7, b'a', b'c', b'c', b'o', b'u', b'n', b't', // scope
    1, 3, b'a', b'p', b'i', // audience
    1, 3, b'p', b'w', b'd', // amr
    3, // epoch
    0, // cnf
    10, b'c', b'u', b'r', b'l', b'/', b'8', b'.', b'7', b'.', b'1', // user agent
    1, 0, 203, 0, 113, 9, // ip
];
