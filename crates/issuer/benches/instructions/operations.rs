//! The counted operations. It must not know how they are counted.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use signet_core::access_token::{self, AccessToken, AccessTokenClaims, Validity};
use signet_core::account::{AccountStatus, Epoch, Standing};
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::keys::SigningKey;
use signet_core::keys::secret_file::read_signing_key;
use signet_core::secret::SecretBytes;
use signet_core::session::{
    Decision, Generation, Grant, MacKey, MacKeys, RefreshToken, Session, SessionHandle,
    SessionPolicy, decide,
};
use signet_verifier::{Keys, ManualClock, Policy, Timestamp, Verifier};

use crate::served;

/// Something to do again and again.
pub(crate) type Operation = Box<dyn FnMut()>;

/// Prepares an operation. The folder has what [`served::prepare`] made.
type Prepare = fn(&Path) -> Operation;

/// Every operation with its name. Cheap ones are repeated more often, so that what the process does
/// besides does not show.
pub(crate) const OPERATIONS: [(&str, u32, Prepare); 7] = [
    ("issue an access token", 200, issue),
    ("verify an access token", 1_000, verify),
    ("decide about a refresh", 1_000, decide_refresh),
    ("read a refresh token", 1_000, read_refresh_token),
    ("write a refresh token", 1_000, write_refresh_token),
    ("answer forward auth", 1_000, served::forward_auth),
    ("answer a refresh, SQLite", 200, served::refresh),
];

/// Performs an operation this many times.
pub(crate) fn perform(name: &str, times: u32, folder: &Path) {
    let found = OPERATIONS.iter().find(|(known, ..)| *known == name);
    let (.., prepare) = found.unwrap();
    let mut operation = prepare(folder);
    for _ in 0..times {
        operation();
    }
}

fn issue(_: &Path) -> Operation {
    let (key, session) = (signing_key(), session());
    Box::new(move || drop(black_box(issued(black_box(&key), &session))))
}

fn verify(_: &Path) -> Operation {
    let key = signing_key();
    let token = issued(&key, &session()).text;
    let keys = Keys::from_pem(PUBLIC_KEY).unwrap();
    let clock = Arc::new(ManualClock::new(NOW));
    let verifier = Verifier::with_clock(Policy::new(ISSUER, "api"), keys, clock);
    Box::new(move || drop(verifier.verify(black_box(token.expose())).unwrap()))
}

fn decide_refresh(_: &Path) -> Operation {
    let (session, policy) = (session(), SessionPolicy::default());
    let standing = Standing {
        status: AccountStatus::Active,
        epoch: Epoch::default(),
        kept: None,
    };
    Box::new(move || {
        let session = black_box(&session);
        let decision = decide(session, Generation::FIRST, Some(standing), NOW, &policy);
        assert!(matches!(decision, Decision::Rotate(_)));
    })
}

fn read_refresh_token(_: &Path) -> Operation {
    let keys = mac_keys();
    let text = refresh_token().write(&keys, NOW);
    Box::new(move || {
        drop(RefreshToken::read(black_box(text.expose()), &keys).unwrap());
    })
}

fn write_refresh_token(_: &Path) -> Operation {
    let (keys, token) = (mac_keys(), refresh_token());
    Box::new(move || drop(black_box(black_box(&token).write(&keys, NOW))))
}

fn issued(key: &SigningKey, session: &Session) -> AccessToken {
    let claims = AccessTokenClaims::of_session(ISSUER, session, &[]);
    let validity = Validity::starting(NOW, Duration::from_mins(10));
    access_token::issue(&claims, validity, TokenId::from_bytes([3; 16]), key).unwrap()
}

fn signing_key() -> SigningKey {
    read_signing_key(PRIVATE_KEY, None).unwrap()
}

fn session() -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let policy = SessionPolicy::default();
    Session::begin(session_id(), account_id(), grant, NOW, &policy)
}

fn refresh_token() -> RefreshToken {
    RefreshToken {
        account_id: account_id(),
        handle: SessionHandle::random(&mut signet_flows::random::system_rng()),
        generation: Generation::FIRST,
    }
}

fn mac_keys() -> MacKeys {
    MacKeys::new(vec![MacKey::new(1, NOW, &SecretBytes::new([1; 32]))]).unwrap()
}

fn account_id() -> AccountId {
    AccountId::from_bytes([1; 16])
}

fn session_id() -> SessionId {
    SessionId::from_bytes([2; 16])
}

/// The time of all operations.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const ISSUER: &str = "https://auth.example.com";
const PRIVATE_KEY: &str = include_str!("../../../verifier/tests/keys/signer.private.pem");
const PUBLIC_KEY: &str = include_str!("../../../verifier/tests/keys/signer.public.pem");
