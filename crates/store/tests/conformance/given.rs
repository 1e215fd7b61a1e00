//! What cases are given: a fresh place to store things, and things to store.

use std::any::Any;
use std::path::Path;
use std::time::Duration;

use signet_core::account::{
    Account, AccountClaims, AccountStatus, Epoch, EpochStep, KeptSession, MfaPolicy, SecondFactors,
    Standing,
};
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::Role;
use signet_core::password::PasswordHash;
use signet_core::session::{Grant, SeenFrom, Session, SessionPolicy};
use signet_store::{
    Created, Credentials, EndingChange, PendingEnding, RedisOptions, StoreUrls, Stores, TokenFacts,
    open,
};
use signet_test_servers::{Postgres, Redis, acl_user};
use signet_verifier::Timestamp;
use tempfile::TempDir;

/// A fresh place with two handles on it.
pub(crate) struct Place {
    pub(crate) first: Stores,
    pub(crate) second: Stores,
    _folder: TempDir,
    pub(crate) redis: Option<Redis>,
    _others: Option<Box<dyn Any + Send + Sync>>,
}

impl Place {
    /// Opens a fresh place twice; the server is kept until the case is over.
    pub(crate) async fn open(redis: Option<Redis>) -> Self {
        Self::open_with(redis, RedisOptions::default()).await
    }

    /// The same, with Redis used in another way.
    pub(crate) async fn open_with(redis: Option<Redis>, options: RedisOptions) -> Self {
        Self::open_on(redis, None, (None, None, options)).await
    }

    /// The same, with everything that lasts in PostgreSQL.
    pub(crate) async fn open_shared() -> Self {
        let postgres = Postgres::start();
        let urls = (Some(postgres.url()), None, RedisOptions::default());
        Self::open_on(Some(Redis::start()), Some(Box::new(postgres)), urls).await
    }

    /// The same, with Redis at `url`, and the servers that it leads to.
    pub(crate) async fn open_at(url: String, servers: impl Any + Send + Sync) -> Self {
        let urls = (None, Some(url), RedisOptions::default());
        Self::open_on(None, Some(Box::new(servers)), urls).await
    }

    async fn open_on(
        redis: Option<Redis>,
        others: Option<Box<dyn Any + Send + Sync>>,
        (database_url, redis_url, options): (Option<String>, Option<String>, RedisOptions),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/signet.db");
        let sqlite = format!("sqlite://{}", file.display());
        let urls = StoreUrls {
            database_url: database_url.unwrap_or(sqlite),
            redis_url: redis_url.or_else(|| redis.as_ref().map(Redis::url)),
            redis: options,
            migration: signet_store::Migration::Automatic,
        };
        Self {
            first: open(&urls, NOW).await.unwrap(),
            second: open(&urls, NOW).await.unwrap(),
            _folder: folder,
            redis,
            _others: others,
        }
    }

    /// The one or the other handle, in turn.
    pub(crate) fn handle(&self, turn: usize) -> Stores {
        if turn.is_multiple_of(2) {
            self.first.clone()
        } else {
            self.second.clone()
        }
    }

    /// Registers account 1, at epoch 0.
    pub(crate) async fn register(&self) -> Credentials {
        let ada = credentials(1, "ada@example.com");
        assert_eq!(
            self.first.accounts.create(&ada).await.unwrap(),
            Created::Added
        );
        ada
    }

    /// Stores `session`, with room for many.
    pub(crate) async fn begin(&self, session: &Session) {
        let sessions = &self.first.sessions;
        sessions.create(session, MANY, DENIED_UNTIL).await.unwrap();
    }

    /// The session of account 1 with this number, as the second handle sees it at `now`.
    pub(crate) async fn find_at(&self, number: u8, now: Timestamp) -> Option<Session> {
        let sessions = &self.second.sessions;
        sessions
            .find(account_id(1), session_id(number), now)
            .await
            .unwrap()
    }

    /// The same at [`NOW`].
    pub(crate) async fn find(&self, number: u8) -> Option<Session> {
        self.find_at(number, NOW).await
    }

    /// The numbers of the sessions of account 1, the newest first.
    pub(crate) async fn list(&self) -> Vec<u8> {
        self.list_at(NOW).await
    }

    /// The same as it is at `now`.
    pub(crate) async fn list_at(&self, now: Timestamp) -> Vec<u8> {
        let listed = self.second.sessions.list(account_id(1), now).await.unwrap();
        listed
            .iter()
            .map(|session| session.id.as_bytes()[0])
            .collect()
    }

    /// Whether an access token of `session` is refused at [`NOW`].
    pub(crate) async fn is_denied(&self, session: &Session) -> bool {
        let deny_list = &self.second.deny_list;
        deny_list.is_denied(token_of(session), NOW).await.unwrap()
    }
}

/// When every case begins.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Until when ended sessions are denied.
pub(crate) const DENIED_UNTIL: Timestamp = Timestamp::from_seconds(1_800_001_000);

/// More sessions than a case has.
pub(crate) const MANY: usize = 200;

/// The user that docs/stores.md makes in the section with this heading, with `password`, as
/// `ACL SETUSER` takes it.
pub(crate) fn documented_user(heading: &str, password: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/stores.md");
    acl_user(&page, heading, password)
}

/// `seconds` after [`NOW`].
pub(crate) fn after(seconds: u64) -> Timestamp {
    NOW.saturating_add(Duration::from_secs(seconds))
}

pub(crate) fn account_id(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

pub(crate) fn session_id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

/// A registered account, active and at epoch 0.
pub(crate) fn credentials(number: u8, email: &str) -> Credentials {
    Credentials {
        account: Account {
            id: account_id(number),
            email: email.parse().unwrap(),
            email_verified_at: Some(NOW),
            name: Some("Ada Lovelace".parse().unwrap()),
            roles: vec![role("admin"), role("orders:read")],
            issue_from: Timestamp::default(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
                kept: None,
            },
            claims: AccountClaims::default(),
            mfa: MfaPolicy::Required,
            second_factors: SecondFactors::default(),
            version: 0,
            created_at: NOW,
        },
        password_hash: Some(hash("a")),
    }
}

fn role(name: &str) -> Role {
    name.parse().unwrap()
}

/// Something of the shape of a password hash; other letters, other hashes.
pub(crate) fn hash(letter: &str) -> PasswordHash {
    let digest = letter.repeat(42);
    format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A")
        .parse()
        .unwrap()
}

/// The step from this epoch to the next number.
pub(crate) fn step(from: u32) -> EpochStep {
    Epoch::from_number(from).step(Timestamp::from_seconds(0))
}

/// A change to a password with the hash of this letter.
pub(crate) fn new_password(letter: &str, kept: KeptSession) -> EndingChange {
    let hash = hash(letter);
    EndingChange::Password {
        hash,
        kept: Some(kept),
    }
}

/// Session `number` as the one that is kept from epoch `since` on.
pub(crate) fn keeping(number: u8, since: u32) -> KeptSession {
    KeptSession {
        id: session_id(number),
        since: Epoch::from_number(since),
    }
}

/// The ending of what account 1 had before `epoch`.
pub(crate) fn ending_before(epoch: Epoch, kept: Option<KeptSession>) -> PendingEnding {
    PendingEnding {
        account_id: account_id(1),
        before: epoch,
        kept,
    }
}

/// A session of account 1 at epoch 0 that begins `seconds` after [`NOW`].
pub(crate) fn session(number: u8, seconds: u64) -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let policy = SessionPolicy::default();
    let (id, account_id) = (session_id(number), account_id(1));
    Session::begin(id, account_id, grant, after(seconds), &policy)
        .seen_from(SeenFrom::new("curl/8.7.1", None))
}

/// The same session at another epoch.
pub(crate) fn at_epoch(mut session: Session, number: u32) -> Session {
    session.grant.epoch = Epoch::from_number(number);
    session
}

/// The record that a refresh at `seconds` after [`NOW`] would swap in.
pub(crate) fn successor(session: &Session, seconds: u64) -> Session {
    let mut next = session.clone();
    next.version += 1;
    next.rotation.accepted = next.rotation.generation;
    next.rotation.generation = next.rotation.generation.next().unwrap();
    next.rotation.rotated_at = after(seconds);
    next
}

/// An access token of `session`, issued at [`NOW`].
pub(crate) fn token_of(session: &Session) -> TokenFacts<'_> {
    TokenFacts {
        account_id: Some(session.account_id),
        session_id: Some(session.id),
        clients: std::slice::from_ref(&session.grant.client_id),
        id: TokenId::from_bytes([9; 16]),
        issued_at: NOW,
    }
}
