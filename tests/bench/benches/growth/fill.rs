//! Accounts and sessions as if many people had signed in, put into the stores directly, because so
//! many sign-ins would take hours. It must not know what is measured with them.

use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::{StreamExt as _, stream};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signet_core::account::{
    Account, AccountClaims, AccountStatus, Epoch, MfaPolicy, SecondFactors, Standing,
};
use signet_core::ids::AccountId;
use signet_core::session::{
    Generation, Grant, MacKeys, RefreshToken, SeenFrom, Session, SessionHandle, SessionPolicy,
};
use signet_store::{Credentials, KeysFolder, Migration, RedisOptions, StoreUrls, Stores, open};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use crate::tasks;

/// Puts accounts with a session each into stores.
pub struct Filler {
    urls: StoreUrls,
    keys: MacKeys,
    rng: StdRng,
    filled: u32,
}

impl Filler {
    /// For the stores of an issuer whose keys are in this folder.
    pub fn new(keys: &Path, database_url: String, redis_url: Option<String>) -> Self {
        let loaded = KeysFolder::at(keys).load(SystemClock::new().now());
        Self {
            urls: StoreUrls {
                database_url,
                redis_url,
                redis: RedisOptions::default(),
                migration: Migration::Automatic,
            },
            keys: loaded.expect("readable keys").mac,
            rng: StdRng::seed_from_u64(0),
            filled: 0,
        }
    }

    /// Fills up to this many accounts. Returns sessions from all over the new ones.
    pub fn fill(&mut self, total: u32) -> Vec<tasks::Session> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let now = SystemClock::new().now();
        let step = ((total - self.filled) / SAMPLES).max(1);
        let mut samples = Vec::new();
        let numbers = self.filled..total;
        let people: Vec<_> = numbers
            .clone()
            .map(|number| self.person(number, now))
            .collect();
        for person in people.iter().step_by(step as usize) {
            let token = person.token.write(&self.keys, now);
            samples.push(Arc::new(Mutex::new(token.expose().to_owned())));
        }
        runtime.expect("a runtime").block_on(async {
            let stores = open(&self.urls, now).await.expect("stores");
            stream::iter(&people)
                .for_each_concurrent(AT_ONCE, |person| person.store(&stores, now))
                .await;
            stores.close().await.expect("closed stores");
        });
        self.filled = total;
        samples
    }

    fn person(&mut self, number: u32, now: Timestamp) -> Person {
        let account_id = AccountId::random(&mut self.rng);
        let handle = SessionHandle::random(&mut self.rng);
        let address = std::net::IpAddr::from([203, 0, 113, 9]);
        let policy = SessionPolicy::default();
        let session = Session::begin(handle.session_id(), account_id, grant(), now, &policy);
        Person {
            credentials: credentials(number, account_id, now),
            session: session.seen_from(SeenFrom::new(BROWSER, Some(address))),
            token: RefreshToken {
                account_id,
                handle,
                generation: Generation::FIRST,
            },
        }
    }
}

/// An account that is signed in once.
struct Person {
    credentials: Credentials,
    session: Session,
    token: RefreshToken,
}

impl Person {
    async fn store(&self, stores: &Stores, now: Timestamp) {
        let created = stores.accounts.create(&self.credentials).await;
        created.expect("a new account");
        let created = stores.sessions.create(&self.session, 100, now).await;
        created.expect("a new session");
    }
}

fn credentials(number: u32, id: AccountId, now: Timestamp) -> Credentials {
    let digest = "a".repeat(42);
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A");
    Credentials {
        account: Account {
            id,
            email: format!("filled-{number}@example.com")
                .parse()
                .expect("an address"),
            email_verified_at: None,
            name: None,
            roles: Vec::new(),
            issue_from: Timestamp::default(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
                kept: None,
            },
            claims: AccountClaims::default(),
            mfa: MfaPolicy::Optional,
            second_factors: SecondFactors::default(),
            version: 0,
            created_at: now,
        },
        password_hash: Some(hash.parse().expect("a hash")),
    }
}

fn grant() -> Grant {
    Grant {
        client_id: "signet".parse().expect("a client"),
        scope: vec!["account".parse().expect("a scope")],
        audience: vec!["api".parse().expect("an audience")],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    }
}

const AT_ONCE: usize = 256;
/// As many as the largest number of connections needs.
const SAMPLES: u32 = 5_000;
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";
