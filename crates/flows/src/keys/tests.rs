//! What is remembered of our own tokens, which changes no answer.

use signet_core::access_token::{self, AccessTokenClaims, Subject, Validity};
use signet_core::ids::{AccountId, TokenId};
use signet_core::names::Audience;
use signet_store::keys_folder::ChangeOptions;
use signet_store::{InitOptions, KeysFolder};
use signet_verifier::ManualClock;
use tempfile::TempDir;

use super::*;
use crate::random::system_rng;

struct Keyed {
    _parent: TempDir,
    folder: KeysFolder,
    keys: LiveKeys,
    clock: Arc<ManualClock>,
}

impl Keyed {
    fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        let folder = KeysFolder::at(parent.path().join("keys"));
        let options = InitOptions::default();
        folder.init(&options, NOW, &mut system_rng()).unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let keys = LiveKeys::new(folder.load(NOW).unwrap(), ISSUER, shared).unwrap();
        Self {
            _parent: parent,
            folder,
            keys,
            clock,
        }
    }

    /// A token for `orders` that is valid for ten minutes.
    fn token(&self) -> String {
        let audience: [Audience; 1] = ["orders".parse().unwrap()];
        let claims = AccessTokenClaims {
            issuer: ISSUER,
            subject: Subject::Account(AccountId::from_bytes([1; 16])),
            audience: &audience,
            client_id: &"signet".parse().unwrap(),
            session: None,
            scope: &[],
            roles: &[],
            actors: &[],
            extra: &[],
            status: None,
        };
        let validity = Validity::starting(NOW, Duration::from_mins(10));
        let keys = self.keys.current();
        let key = keys.signing.active_at(NOW);
        let token = access_token::issue(&claims, validity, TokenId::from_bytes([2; 16]), key);
        token.unwrap().text.expose().to_owned()
    }

    fn outcome(&self, token: &str) -> &'static str {
        reason(self.keys.verify(token, self.clock.now()))
    }

    fn outcome_by(&self, token: &str, policy: &Policy) -> &'static str {
        reason(self.keys.verify_by(token, policy, self.clock.now()))
    }
}

#[test]
fn a_known_token_is_refused_as_soon_as_its_key_is_revoked() {
    let keyed = Keyed::new();
    let token = keyed.token();
    assert_eq!(keyed.outcome(&token), "accepted");
    assert_eq!(keyed.outcome(&token), "accepted");
    let options = ChangeOptions {
        now: NOW,
        size: None,
    };
    let revoke = |ring: &KeyRing| Ok(ring.revoke_all(NOW));
    let changed = keyed.folder.change(options, &mut system_rng(), revoke);
    changed.unwrap();
    keyed
        .keys
        .take_up(keyed.folder.load(NOW).unwrap(), NOW)
        .unwrap();
    assert_eq!(keyed.outcome(&token), "unknown_key");
    assert_eq!(keyed.outcome_by(&token, &orders()), "unknown_key");
    assert_eq!(keyed.outcome(&keyed.token()), "accepted");
}

#[test]
fn a_known_token_ends_when_it_ends() {
    let keyed = Keyed::new();
    let token = keyed.token();
    assert_eq!(keyed.outcome(&token), "accepted");
    keyed.clock.advance(Duration::from_mins(10));
    assert_eq!(keyed.outcome(&token), "accepted");
    assert_eq!(keyed.outcome_by(&token, &orders()), "expired");
    keyed.clock.advance(LEEWAY);
    assert_eq!(keyed.outcome(&token), "expired");
}

#[test]
fn each_policy_decides_anew_about_a_known_token() {
    let keyed = Keyed::new();
    let token = keyed.token();
    let billing = Policy::new(ISSUER, "billing");
    let strict = orders().require_scope("admin");
    for _ in 0..2 {
        assert_eq!(keyed.outcome_by(&token, &orders()), "accepted");
        assert_eq!(keyed.outcome_by(&token, &billing), "audience_mismatch");
        assert_eq!(keyed.outcome_by(&token, &strict), "scope_missing");
        assert_eq!(keyed.outcome(&token), "accepted");
    }
}

#[test]
fn almost_a_known_token_is_refused() {
    let keyed = Keyed::new();
    let token = keyed.token();
    assert_eq!(keyed.outcome(&token), "accepted");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    assert_eq!(keyed.outcome(&forged), "signature_invalid");
    assert_eq!(keyed.outcome(&forged), "signature_invalid");
    assert_eq!(keyed.outcome(&token), "accepted");
}

fn orders() -> Policy {
    Policy::new(ISSUER, "orders").leeway(Duration::ZERO)
}

fn reason(outcome: Result<Claims<CustomClaims>, Error>) -> &'static str {
    outcome.map_or_else(|error| error.reason(), |_| "accepted")
}

const ISSUER: &str = "https://auth.example.com";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
